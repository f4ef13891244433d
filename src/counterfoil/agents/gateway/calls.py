"""One call of one tool: looked up, held against its pin, asked of the gate, made at most once, finished."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any, TypeVar

import msgspec

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.gate import Cleared, Held
from counterfoil.agents.gateway import told
from counterfoil.agents.gateway.asking import Gate
from counterfoil.agents.gateway.manifest import Manifest, said_name
from counterfoil.agents.gateway.pins import Pins
from counterfoil.agents.gateway.session import Session
from counterfoil.agents.gateway.state import States
from counterfoil.agents.upstream.connected import Connected, Result
from counterfoil.agents.upstream.line import Lost
from counterfoil.agents.upstream.listed import changes, stricter
from counterfoil.agents.upstream.normal import is_strange, small
from counterfoil.agents.upstream.pool import Pool
from counterfoil.agents.upstream.server import Asked, Server
from counterfoil.terms.agent import Cause
from counterfoil.terms.effect import Call, EffectState
from counterfoil.terms.error import StoreError
from counterfoil.terms.release import Refuse
from counterfoil.terms.tool import Tool

Got = TypeVar("Got")
LOOK_AGAIN_SECONDS = 0.5
AT_ONCE = 8
"""Calls that the gate records with one sync."""
UNKNOWN = Refuse("unknown-tool", "No tool is called so here, and an unknown one is never used.")
UNPINNED = Refuse("unpinned-tool", "Nobody has looked at this tool and pinned it yet.")
GONE = Refuse("gone-tool", "Its server no longer has this tool.")
STRANGE = Refuse("strange-destination", "A destination in it is not plainly one name.")
BAD_STATE = Refuse("request-state", "The state it came back with is not ours, or not of this call.")
STANDS = frozenset({"denied"})
"""Refusals of a person, which the same call meets again; after others it is a new call."""
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder(order="deterministic").encode


class Calls:
    """All calls that go through the gateway."""

    def __init__(self, manifest: Manifest, pins: Pins, gate: Gate, pool: Pool) -> None:
        self._gate = gate
        self._pins = pins
        self._pool = pool
        self._states = States()
        self._under_way = 0
        self._judging = ThreadPoolExecutor(AT_ONCE, "gate")
        self.known: Mapping[str, tuple[Server, Tool]] = {
            said_name(tool): (server, tool)
            for server in manifest.servers.values()
            for tool in server.tools.values()
        }

    async def made(
        self, session: Session, params: Mapping[str, Any], cause: Cause, *, modern: bool
    ) -> Mapping[str, Any]:
        """What a client is told of a call it asks for."""
        self._under_way += 1
        try:
            return await self._made(session, params, cause, modern=modern)
        finally:
            self._under_way -= 1

    async def _made(
        self, session: Session, params: Mapping[str, Any], cause: Cause, *, modern: bool
    ) -> Mapping[str, Any]:
        found = self.known.get(params["name"])
        if found is None:
            return told.refused(UNKNOWN)
        server, tool = found
        try:
            connected = await self._pool.connected(server, session.id)
        except (NotDone, Lost) as error:
            return told.not_done(server.id, error)
        current = self._current(tool, connected)
        if isinstance(current, Refuse):
            return told.refused(current)
        arguments = small(current, params.get("arguments") or {})
        mark = sha256(b"\0".join([current.id.encode(), _encode(arguments)])).hexdigest()
        more = self._more(session, params, mark) if modern else {}
        if more is None:
            return told.refused(BAD_STATE)
        if is_strange(current, arguments):
            return told.refused(STRANGE)
        answer = await self._asked(session, current, arguments, mark, cause)
        if isinstance(answer, Held):
            return told.held(answer.approval)
        if isinstance(answer, Cleared) or answer.clause not in STANDS:
            session.let_go(mark)
        if isinstance(answer, Refuse):
            return told.refused(answer)
        return await self._done(session, connected, answer, more, mark, modern=modern)

    async def close(self) -> None:
        """Wait for what is being recorded, and hang up."""
        await self._pool.close()
        await asyncio.to_thread(self._judging.shutdown)

    def _current(self, tool: Tool, connected: Connected) -> Tool | Refuse:
        """The tool as its server describes it now, where that is what was pinned."""
        pin, now = self._pins.tools.get(tool.id), connected.tools.get(tool.name)
        if pin is None:
            return UNPINNED
        if now is None:
            return GONE
        if now.digest != pin.digest:
            parts = ", ".join(changes(pin, now))
            why = f"Its server says other things of it than when it was pinned ({parts}): grant it anew."
            return Refuse("changed-tool", why)
        return stricter(tool, now)

    async def _asked(
        self, session: Session, tool: Tool, arguments: Mapping[str, Any], mark: str, cause: Cause
    ) -> Cleared | Held | Refuse:
        """What the gate says; a held call may wait a while for a person before it is answered."""
        number = session.number_of(mark)
        call = Call(
            run=session.run,
            number=number,
            agent=session.client.agent,
            owner=session.owner,
            tool=tool,
            arguments=session.trace.arguments(tool, arguments),
            cause=cause,
            run_label=session.trace.label,
        )
        answer = await self._apart(lambda: self._gate.begin(call))
        if not isinstance(answer, Held):
            return answer
        session.hold(mark, number)
        until = asyncio.get_running_loop().time() + session.client.wait_seconds
        while isinstance(answer, Held) and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            answer = await self._apart(lambda: self._gate.begin(call))
        return answer

    async def _done(
        self,
        session: Session,
        connected: Connected,
        cleared: Cleared,
        more: Mapping[str, Any],
        mark: str,
        *,
        modern: bool,
    ) -> Mapping[str, Any]:
        """Make a cleared call and say what became of it; it is never made a second time."""
        tool = cleared.call.tool
        arguments = {one.name: _decode(one.json) for one in cleared.call.arguments}
        server = connected.server
        state, why = EffectState.UNCONFIRMED, "it was interrupted"
        try:
            result = await connected.call(tool.name, arguments, more)
            state, why = _state_of(tool, result)
        except NotDone as error:
            state, why = EffectState.FAILED, error.code
            return told.not_done(server.id, error)
        except Lost as error:
            why = error.code
            session.trace.answered(tool, arguments, None)
            if not tool.effect.has_effect:
                state = EffectState.FAILED
                return told.not_done(server.id, error)
            return told.unconfirmed(server.id, error)
        finally:
            await self._finished(cleared, state, why)
        session.trace.answered(tool, arguments, None)
        if result.resultType == "input_required":
            return self._input(session, server, result, mark, modern=modern)
        answer: dict[str, Any] = {"content": result.content, "isError": result.isError}
        if result.structuredContent is not msgspec.UNSET:
            answer["structuredContent"] = result.structuredContent
        return answer

    async def _finished(self, cleared: Cleared, state: EffectState, why: str) -> None:
        """Record what became of a call: of what is done nobody waits for it, of all else its client does."""
        if not cleared.recorded:
            return
        # What can't be recorded stays intended, which is what a person is shown.
        with contextlib.suppress(StoreError):
            if state is EffectState.DONE:
                self._gate.finish(cleared, state=state, why=why, wait=False)
            else:
                await asyncio.shield(self._apart(lambda: self._gate.finish(cleared, state=state, why=why)))

    def _input(
        self, session: Session, server: Server, result: Result, mark: str, *, modern: bool
    ) -> Mapping[str, Any]:
        """What a server wants to know first, where it may ask a client that; its state goes along signed."""
        asked = [str(one.get("method")) for one in result.inputRequests.values()]
        if not modern or any(method not in server.asks for method in asked):
            kinds = ", ".join(sorted(set(asked) & set(Asked))) or "something"
            why = f"Its server asked for {kinds} instead of answering, and that is not passed on."
            return told.refused(Refuse("asks-back", why))
        passed: dict[str, Any] = {"resultType": "input_required", "inputRequests": result.inputRequests}
        state = "" if result.requestState is msgspec.UNSET else result.requestState
        at = asyncio.get_running_loop().time()
        passed["requestState"] = self._states.sealed(state, session=session.id, call=mark, at=at)
        return passed

    def _more(self, session: Session, params: Mapping[str, Any], mark: str) -> Mapping[str, Any] | None:
        """What a client hands back to a server that asked it; None where it can't be what we handed out."""
        state, responses = params.get("requestState"), params.get("inputResponses")
        if state is None and responses is None:
            return {}
        if not isinstance(state, str):
            return None
        at = asyncio.get_running_loop().time()
        opened = self._states.opened(state, session=session.id, call=mark, at=at)
        if opened is None:
            return None
        return {"inputResponses": responses or {}, **({"requestState": opened} if opened else {})}

    async def _apart(self, deed: Callable[[], Got]) -> Got:
        """Ask the gate where its disk does not hold anybody up."""
        if self._under_way == 1 and self._gate.is_near:
            # Nobody else is held up, and two threads take longer to wake each other than a disk to sync.
            return deed()
        return await asyncio.get_running_loop().run_in_executor(self._judging, deed)


def _state_of(tool: Tool, result: Result) -> tuple[EffectState, str]:
    """What is known of an effect from the answer; an error in the middle of one leaves it open."""
    if result.resultType == "input_required":
        return EffectState.FAILED, "asks-back"
    if result.resultType == "complete" and not result.isError:
        return EffectState.DONE, ""
    return (EffectState.UNCONFIRMED if tool.effect.has_effect else EffectState.FAILED), "says-error"
