"""Connections to the servers: one for each session, so that none sees what another left there."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.upstream.connected import Connected, connect
from counterfoil.agents.upstream.line import Lost, unreachable
from counterfoil.agents.upstream.server import Server
from counterfoil.terms.error import ToolError

LIST_AGAIN_SECONDS = 60.0
"""How old a list of tools may be when one of them is called."""
TRY_AGAIN_SECONDS = 3.0
IDLE_SECONDS = 900.0
MOST_CONNECTIONS = 64
SHARED = ""


@dataclass(slots=True)
class _Slot:
    """One connection, made, failed, or under way."""

    busy: asyncio.Lock = field(default_factory=asyncio.Lock)
    made: Connected | None = None
    listed: float = 0.0
    used: float = 0.0
    failed: float = -TRY_AGAIN_SECONDS
    why: ToolError | None = None
    making: asyncio.Task[Connected] | None = None
    gone: bool = False
    """Whether it was hung up while somebody waited for it."""

    async def hang_up(self) -> None:
        """Let go of it, also where it is still being made."""
        self.gone = True
        if self.making is not None:
            # It may be long in coming, and closes what it has begun.
            self.making.cancel()
            await asyncio.wait([self.making])
        if self.made is not None:
            await self.made.close()


class Pool:
    """Every connection of the gateway."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._slots: dict[tuple[str, str], _Slot] = {}

    async def connected(
        self, server: Server, session: str, env: Mapping[str, str] | None = None
    ) -> Connected:
        """The connection of a session, with a list of tools that is not old; in an environment of its own.

        Raises: NotDone or Lost where there is none; nothing was called then.
        """
        at = time.monotonic()
        key = (server.id, SHARED if server.shared else session)
        slot = self._slots.get(key)
        if slot is None:
            await self._make_room(at)
            slot = self._slots.setdefault(key, _Slot())
        slot.used = at
        if slot.made is not None and _fresh(slot, slot.made, at):
            return slot.made
        async with slot.busy:
            if slot.made is not None and _fresh(slot, slot.made, at):
                return slot.made
            if slot.gone:
                raise unreachable("it was disconnected")
            if slot.why is not None and at - slot.failed < TRY_AGAIN_SECONDS:
                raise slot.why
            slot.making = asyncio.create_task(self._renewed(server, slot, self._env if env is None else env))
            try:
                return await slot.making
            except asyncio.CancelledError:
                if not slot.gone:
                    raise
                raise unreachable("it was disconnected") from None
            finally:
                slot.making = None

    @property
    def is_open(self) -> bool:
        """Whether anything is connected, or was and will be again."""
        return bool(self._slots)

    async def drop(self, server: Server, session: str) -> None:
        """Hang up where one session is."""
        slot = self._slots.pop((server.id, session), None)
        if slot is not None:
            await slot.hang_up()

    async def close(self) -> None:
        """Hang up everywhere."""
        slots, self._slots = list(self._slots.values()), {}
        await asyncio.gather(*(slot.hang_up() for slot in slots))

    async def _renewed(self, server: Server, slot: _Slot, env: Mapping[str, str]) -> Connected:
        try:
            if slot.made is not None and slot.made.alive:
                await slot.made.list_tools()
            else:
                if slot.made is not None:
                    await slot.made.close()
                    slot.made = None
                slot.made = await connect(server, env)
        except (NotDone, Lost) as error:
            slot.failed, slot.why = time.monotonic(), error
            raise
        slot.listed, slot.why = time.monotonic(), None
        return slot.made

    async def _make_room(self, at: float) -> None:
        """Hang up where nobody asked for long; and where too many are open, on the one asked longest ago."""
        rested = [key for key, slot in self._slots.items() if at - slot.used > IDLE_SECONDS]
        if len(self._slots) - len(rested) >= MOST_CONNECTIONS:
            rested.append(min(self._slots, key=lambda key: self._slots[key].used))
        for slot in [self._slots.pop(key) for key in set(rested)]:
            await slot.hang_up()


def _fresh(slot: _Slot, made: Connected, at: float) -> bool:
    return made.alive and not made.stale and at - slot.listed < LIST_AGAIN_SECONDS
