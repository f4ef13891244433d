"""One connection to an HTTP server: a request, and its answer as it comes. No redirect is followed."""

import asyncio
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import cast
from urllib.parse import urlsplit

import httptools

from counterfoil.agents.upstream import line

FRESH_SECONDS = 3.0
"""How long a connection may have rested; servers hang up after five."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is."""

    host: str
    port: int
    path: str
    tls: bool

    @property
    def authority(self) -> str:
        """As the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


def place_of(url: str) -> Place:
    """The place that an address names."""
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(parts.hostname or "", parts.port or (443 if tls else 80), path, tls)


@dataclass(slots=True)
class Coming:
    """An answer as far as it has come."""

    over: asyncio.Future[None]
    event: Callable[[bytes], bool]
    """Takes one event; true where no other is waited for."""
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 0
    body: list[bytes] = field(default_factory=list)
    length: int = 0
    rest: bytes = b""

    def end(self, why: Exception | None = None) -> None:
        """Nothing more is waited for."""
        if not self.over.done():
            self.over.set_result(None) if why is None else self.over.set_exception(why)


class Exchange(asyncio.Protocol):
    """A connection that answers one request at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport | None = None
        self._coming = self._nobody = Coming(loop.create_future(), lambda _: True)
        self._parser = httptools.HttpResponseParser(self)
        self._rested = loop.time()
        self.free = True

    @classmethod
    async def open(cls, place: Place) -> "Exchange":
        """A new connection.

        Raises: NotDone where nobody answers there.
        """
        loop = asyncio.get_running_loop()
        try:
            _, made = await loop.create_connection(
                lambda: cls(loop), place.host, place.port, ssl=_trust() if place.tls else None
            )
        except OSError as error:
            raise line.unreachable(error.strerror or "nobody answers there") from error
        return made

    @property
    def usable(self) -> bool:
        """Whether another request can go over it."""
        gone = self._transport is None or self._transport.is_closing()
        return self.free and not gone and self._loop.time() - self._rested < FRESH_SECONDS

    async def ask(self, head: bytes, body: bytes, event: Callable[[bytes], bool]) -> Coming:
        """Send one request and wait for all of its answer, or for the event that is enough."""
        if self._transport is None:
            raise line.unreachable("it hung up")
        self.free = False
        coming = self._coming = Coming(self._loop.create_future(), event)
        self._transport.write(head + body)
        await coming.over
        return coming

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side is gone."""
        self._transport = None
        if self._coming is not self._nobody:
            self._coming.end(line.ended())

    def data_received(self, data: bytes) -> None:
        """Some of an answer came."""
        if self._coming is self._nobody:
            self.close()
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, line.Lost) as error:
            lost = error.__context__ if isinstance(error.__context__, line.Lost) else error
            self._coming.end(lost if isinstance(lost, line.Lost) else line.garbage())
            self.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._coming.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The status is known."""
        self._coming.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        """Some of the body."""
        coming = self._coming
        coming.length += len(body)
        if coming.length > line.MOST_ANSWER_BYTES:
            raise line.too_long()
        if not coming.headers.get("content-type", "").startswith("text/event-stream"):
            coming.body.append(body)
            return
        text = (coming.rest + body).replace(b"\r\n", b"\n")
        *events, coming.rest = text.split(b"\n\n")
        for event in events:
            if not coming.over.done() and (data := _data(event)) and coming.event(data):
                coming.end()

    def on_message_complete(self) -> None:
        """The answer is whole."""
        if not self._parser.should_keep_alive():
            self.close()
        self._coming.end()
        self._parser = httptools.HttpResponseParser(self)
        self._coming, self._rested, self.free = self._nobody, self._loop.time(), True


def head_of(method: str, place: Place, headers: Mapping[str, str], length: int) -> bytes:
    """The lines above a body; a header can't bring a line of its own."""
    lines = [
        f"{method} {place.path} HTTP/1.1",
        f"host: {place.authority}",
        f"content-length: {length}",
        *(f"{name}: {value}" for name, value in headers.items() if "\n" not in value and "\r" not in value),
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


def _data(event: bytes) -> bytes:
    rows = [row[5:].removeprefix(b" ") for row in event.split(b"\n") if row.startswith(b"data:")]
    return b"\n".join(rows)


@cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()
