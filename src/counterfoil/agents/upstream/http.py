"""A server that is reached by streamable HTTP, over connections that are kept."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec

from counterfoil.agents.connectors.connector import REFUSED, NotDone
from counterfoil.agents.upstream import line
from counterfoil.agents.upstream.exchange import Coming, Exchange, head_of, place_of
from counterfoil.agents.upstream.line import Request, Said

MOST_CONNECTIONS = 32
CONNECT_SECONDS = 10.0
NONE: Mapping[str, str] = MappingProxyType({})


class Reached:
    """A line to a server that somebody runs."""

    def __init__(self, url: str, secret: str) -> None:
        self._place = place_of(url)
        self._headers = {
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
            **({"authorization": f"Bearer {secret}"} if secret else {}),
        }
        self._secret = secret.encode()
        self._resting: list[Exchange] = []
        self._room = asyncio.Semaphore(MOST_CONNECTIONS)
        self.stale = False
        self._alive = True
        self._refusing: set[asyncio.Task[None]] = set()

    @property
    def alive(self) -> bool:
        """Whether it can still be asked: its session is not forgotten."""
        return self._alive

    def speaks(self, version: str, *, modern: bool) -> None:
        """From now on each request says this revision."""
        self._headers["mcp-protocol-version"] = version

    async def ask(self, request: Request, *, seconds: float) -> msgspec.Raw:
        """The result of one request.

        Raises: NotDone where surely nothing happened; Lost where that is open.
        """
        found: list[Said] = []

        def event(data: bytes) -> bool:
            return self._heard(data, request.id, found)

        coming = await self._send(request.written(), request.headers, event, seconds)
        if session := coming.headers.get("mcp-session-id"):
            self._headers.setdefault("mcp-session-id", session)
        if not found and coming.body:
            self._check(coming)
            said = line.heard(self._masked(b"".join(coming.body)))
            if said.id == request.id or said.id is None:
                found.append(said)
        if not found:
            self._check(coming)
            raise line.garbage() if coming.status != 200 or coming.body else line.ended()
        if coming.status in REFUSED and found[0].error is not None:
            number = found[0].error.get("code")
            raise line.Answered(
                number if isinstance(number, int) else coming.status, found[0].error.get("data")
            )
        return line.result_of(found[0])

    async def tell(self, method: str) -> None:
        """Tell it something that has no answer."""
        await self._send(line.encode({"jsonrpc": "2.0", "method": method}), NONE, _none, CONNECT_SECONDS)

    async def close(self) -> None:
        """Hang up; a session that it keeps for us is ended."""
        if self._alive and "mcp-session-id" in self._headers:
            with contextlib.suppress(NotDone, line.Lost):
                await self._send(b"", NONE, _none, 1.0, method="DELETE")
        self._alive = False
        for task in self._refusing:
            task.cancel()
        for exchange in self._resting:
            exchange.close()

    async def _send(
        self,
        body: bytes,
        more: Mapping[str, str],
        event: Callable[[bytes], bool],
        seconds: float,
        *,
        method: str = "POST",
    ) -> Coming:
        head = head_of(method, self._place, {**self._headers, **more}, len(body))
        exchange: Exchange | None = None
        try:
            async with asyncio.timeout(seconds), self._room:
                exchange = await self._exchange(seconds)
                return await exchange.ask(head, body, event)
        except TimeoutError as error:
            if exchange is None:
                raise line.unreachable("nobody answers there") from error
            exchange.close()
            raise line.hung(seconds) from error
        finally:
            if exchange is not None:
                self._resting.append(exchange)

    async def _exchange(self, seconds: float) -> Exchange:
        kept, found = [], None
        for exchange in self._resting:
            if not exchange.usable:
                exchange.close()
            elif found is None:
                found = exchange
            else:
                kept.append(exchange)
        self._resting = kept
        if found is not None:
            return found
        try:
            async with asyncio.timeout(min(seconds, CONNECT_SECONDS)):
                return await Exchange.open(self._place)
        except TimeoutError as error:
            raise line.unreachable("nobody answers there") from error

    def _heard(self, data: bytes, id: int, found: list[Said]) -> bool:
        said = line.heard(self._masked(data))
        if said.method is None:
            if said.id == id:
                found.append(said)
                return True
        elif said.id is not None:
            task = asyncio.create_task(self._refuse(said.id))
            self._refusing.add(task)
            task.add_done_callback(self._refusing.discard)
        elif said.method == line.LIST_CHANGED:
            self.stale = True
        return False

    async def _refuse(self, to: int | str) -> None:
        with contextlib.suppress(NotDone, line.Lost):
            await self._send(line.refusal(to), NONE, _none, CONNECT_SECONDS)

    def _masked(self, text: bytes) -> bytes:
        """Without our own secret, should it be said back to us."""
        return text.replace(self._secret, b"[secret]") if self._secret else text

    def _check(self, coming: Coming) -> None:
        """Raises: what a status says, where there is no message that says it."""
        status = coming.status
        if status in {401, 403}:
            raise line.unreachable(f"it does not let us in (HTTP {status})")
        if status == 404 and "mcp-session-id" in self._headers:
            self._alive = False
            raise line.unreachable("it forgot our session; asked again, it begins anew")
        if status in {307, 308}:
            raise line.unreachable("it sends us elsewhere, and we do not go")
        if status == 429:
            raise line.unreachable("it is asked too often")
        if status >= 300 and status not in REFUSED:
            raise line.Lost("server-failed", f"it answered HTTP {status}", hint="look there first")
        if status == 202:
            raise line.garbage()
        is_json = coming.headers.get("content-type", "").startswith("application/json")
        if status >= 400 and not is_json:
            raise line.Answered(status)


def _none(data: bytes) -> bool:
    return True
