"""Lines to MCP servers that stay open between calls: they live in one thread, which ends with the last."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from threading import Lock, Thread
from typing import Any, TypeVar

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.upstream.connected import Connected, Result, whole_environment
from counterfoil.agents.upstream.line import unreachable
from counterfoil.agents.upstream.listed import Listed
from counterfoil.agents.upstream.pool import Pool
from counterfoil.agents.upstream.server import Server

Got = TypeVar("Got")
MOMENT = 0.01
NO_MORE: Mapping[str, Any] = {}


@dataclass(slots=True)
class Session:
    """A server as one owner has it: with their token, and a process of its own."""

    server: Server
    name: str
    """One of its kind, also where the same owner connects again."""
    token: str = field(repr=False)
    is_over: bool = False


class _Loop:
    """A thread in which lines live."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.pool = Pool({})
        self.busy = 0
        self._thread = Thread(target=self._run, name="mcp", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.loop.run_forever()
            # What was closed says so to the loop a moment later.
            self.loop.run_until_complete(asyncio.sleep(MOMENT))
            self.loop.run_until_complete(self.loop.shutdown_default_executor())
        finally:
            self.loop.close()

    def end(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()


class Lines:
    """All lines of this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._loop: _Loop | None = None

    def listed(self, session: Session) -> Mapping[str, Listed]:
        """What its server says of its tools now.

        Raises: NotDone or Lost where it says nothing.
        """

        async def look(pool: Pool) -> Mapping[str, Listed]:
            return (await _connected(pool, session)).tools

        return self._through(look)

    def call(self, session: Session, tool: str, arguments: Mapping[str, Any], digest: str) -> Result:
        """Call a tool once, where it is still described as it was when it was judged.

        Raises: NotDone where surely nothing happened; Lost where that is open.
        """

        async def make(pool: Pool) -> Result:
            connected = await _connected(pool, session)
            now = connected.tools.get(tool)
            if now is None or now.digest != digest:
                raise NotDone(
                    "mcp-changed", "Its server says other things of it by now.", hint="Grant it anew."
                )
            return await connected.call(tool, arguments, NO_MORE)

        return self._through(make)

    def drop(self, session: Session) -> None:
        """Hang up for good; a process that was started for it ends, with everything that it started."""
        session.is_over = True
        with self._lock:
            if self._loop is None:
                return

        async def hang_up(pool: Pool) -> None:
            await pool.drop(session.server, session.name)

        self._through(hang_up)

    def _through(self, deed: Callable[[Pool], Coroutine[Any, Any, Got]]) -> Got:
        with self._lock:
            if self._loop is None:
                self._loop = _Loop()
            loop = self._loop
            loop.busy += 1
        try:
            return asyncio.run_coroutine_threadsafe(deed(loop.pool), loop.loop).result()
        finally:
            with self._lock:
                loop.busy -= 1
                if not loop.busy and not loop.pool.is_open:
                    self._loop = None
                    loop.end()


async def _connected(pool: Pool, session: Session) -> Connected:
    """The line of a session that is not over.

    Raises: NotDone or Lost where there is none; nothing was called then.
    """
    found: Connected | None = None
    if not session.is_over:
        found = await pool.connected(session.server, session.name, _environment(session))
    if session.is_over or found is None:
        await pool.drop(session.server, session.name)
        raise unreachable("it was disconnected")
    return found


def _environment(session: Session) -> Mapping[str, str]:
    """What the server may be given of the environment, with the token of this owner and of nobody else."""
    whole = dict(whole_environment())
    whole.pop(session.server.secret, None)
    return {**whole, session.server.secret: session.token} if session.server.secret else whole
