"""The gateway over streamable HTTP, on bare ASGI: who may ask at all, how much, and how often."""

import time
from collections.abc import Awaitable, Callable, Collection, Mapping, MutableMapping
from typing import Any

import msgspec
from mcp.shared.inbound import find_duplicated_routing_header

from counterfoil.agents.gateway.rate import Rate
from counterfoil.agents.gateway.serving import INVALID, PARSE, Reply, Serving, encode, failed
from counterfoil.agents.gateway.session import Session, Sessions
from counterfoil.terms.error import StoreError

PATH = "/mcp"
MOST_BYTES = 4 << 20
MOST_TOGETHER = 20
NEAR = ("127.0.0.1", "localhost", "[::1]")
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_decode = msgspec.json.Decoder().decode


class Http:
    """An ASGI application."""

    def __init__(
        self,
        serving: Serving,
        sessions: Sessions,
        close: Callable[[], Awaitable[None]],
        *,
        port: int,
        hosts: Collection[str],
        origins: Collection[str],
    ) -> None:
        self._close = close
        self._serving = serving
        self._sessions = sessions
        self._hosts = frozenset([*hosts, *(f"{name}:{port}" for name in (*NEAR, *hosts))])
        self._origins = frozenset(origins)
        self._strangers = Rate(a_second=5.0, at_once=50.0)
        """Requests without a credential, of all who have none together."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal, session = await self._judged(scope, headers)
        if session is None:
            await _sent(send, refusal)
            return
        body = await _read(receive, headers)
        reply = too_long() if body is None else await self._answer(session, body, scope, headers)
        await _sent(send, reply)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Hang up where the server ends, on the loop that everything was opened on."""
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _judged(self, scope: Scope, headers: Mapping[str, str]) -> tuple[Reply, Session | None]:
        """Whether a request is let in, and whose it is."""
        if headers.get("host", "").lower() not in self._hosts:
            return failed(None, INVALID, "the gateway is not called so", status=403), None
        if "origin" in headers and headers["origin"] not in self._origins:
            return failed(None, INVALID, "no web page may ask here", status=403), None
        kind, _, token = headers.get("authorization", "").partition(" ")
        try:
            session = await self._sessions.of(token) if kind.lower() == "bearer" and token else None
        except StoreError:
            return failed(None, INVALID, "nobody can say whose credential it is; ask again", status=503), None
        if session is None:
            if not self._strangers.takes(time.monotonic()):
                return failed(None, INVALID, "too many ask without a credential", status=429), None
            return failed(None, INVALID, "it takes a credential that has not ended", status=401), None
        if scope["path"] != PATH:
            return failed(None, INVALID, "there is nothing here", status=404), None
        if scope["method"] != "POST":
            return failed(None, INVALID, "there are no streams and no sessions here", status=405), None
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            return failed(None, INVALID, "it takes application/json", status=415), None
        if not session.rate.takes(time.monotonic()):
            return failed(None, INVALID, "asked too often; wait a little", status=429), None
        return Reply(), session

    async def _answer(self, session: Session, body: bytes, scope: Scope, headers: Mapping[str, str]) -> Reply:
        try:
            message = _decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return failed(None, PARSE, "this is no JSON", status=400)
        if isinstance(message, list):
            return await self._together(session, message, headers)
        if (twice := find_duplicated_routing_header(_names(scope))) is not None:
            return failed(None, INVALID, f"{twice} is there twice", status=400)
        return await self._serving.answer(session, message, headers)

    async def _together(self, session: Session, messages: list[Any], headers: Mapping[str, str]) -> Reply:
        """Several messages at once, as revision 2025-03-26 had them; answered one after the other."""
        if not 0 < len(messages) <= MOST_TOGETHER:
            return failed(None, INVALID, f"from 1 to {MOST_TOGETHER} messages at once", status=400)
        replies = [await self._serving.answer(session, message, headers) for message in messages]
        bodies = [msgspec.Raw(reply.body) for reply in replies if reply.body]
        return Reply(encode(bodies)) if bodies else Reply(status=202)


def too_long() -> Reply:
    """More than is taken."""
    return failed(None, INVALID, f"longer than {MOST_BYTES >> 20} MB", status=413)


def _names(scope: Scope) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]


async def _read(receive: Receive, headers: Mapping[str, str]) -> bytes | None:
    """The body; None where it is longer than is taken."""
    said = headers.get("content-length", "0")
    if not said.isdigit() or int(said) > MOST_BYTES:
        return None
    parts, length = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > MOST_BYTES:
            return None
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


async def _sent(send: Send, reply: Reply) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(reply.body)).encode())]
    headers.append((b"cache-control", b"no-store"))
    if reply.status == 401:
        headers.append((b"www-authenticate", b'Bearer realm="counterfoil-gateway"'))
    if reply.status == 405:
        headers.append((b"allow", b"POST"))
    if reply.status == 429:
        headers.append((b"retry-after", b"1"))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})
