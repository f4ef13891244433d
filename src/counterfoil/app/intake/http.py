"""OTLP over HTTP: requests are read from a connection, and answered in the order in which they came."""

import asyncio
import sys
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import httptools

from counterfoil.app.intake.answers import PROTOBUF, Answer, failure
from counterfoil.app.intake.asked import BUSY, MOST_HEAD, RETRY, Asked, Held, Refused, Room
from counterfoil.app.intake.taking import Intake, Outcome
from counterfoil.terms.error import CounterfoilError

SECONDS_TO_SEND = 30.0
SECONDS_IDLE = 120.0
"""How long a connection may be silent between two requests: exporters send every minute or more often."""
SECONDS_TO_END = 5.0
MOST_CONNECTIONS = 512
MOST_PIPELINED = 16
SMALL = 2**20
"""Bytes of a body that is read to its end though its request was refused, so that the connection stays."""


@dataclass(slots=True)
class Receiver:
    """The address that exporters send to."""

    intake: Intake
    room: Room = field(default_factory=Room)
    connections: "set[Connection]" = field(default_factory=set)
    date: str = ""
    """The time of answers, as HTTP has it."""

    def connection(self) -> asyncio.Protocol:
        """What reads one connection."""
        return Connection(self)

    async def watch(self) -> None:
        """Look at every connection, second by second: whoever takes too long is told so, or let go of."""
        while True:
            self.date = formatdate(usegmt=True)
            now = asyncio.get_running_loop().time()
            for connection in tuple(self.connections):
                connection.look(now)
            await asyncio.sleep(1)

    async def close(self) -> None:
        """Answer what has come in, and let every connection go."""
        until = asyncio.get_running_loop().time() + 3
        while any(connection.waits for connection in self.connections):
            if asyncio.get_running_loop().time() > until:
                break
            await asyncio.sleep(0.02)
        for connection in tuple(self.connections):
            connection.end()


class Connection(asyncio.Protocol):
    """One connection: its requests, oldest first."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._transport: Any = None
        self._asked: deque[Asked] = deque()
        self._since = self._loop.time()
        self._coming = Asked(self._since, Held(receiver.room), is_whole=True)
        self._is_ending = False

    @property
    def waits(self) -> bool:
        """Whether somebody waits for an answer."""
        return any(asked.is_whole for asked in self._asked)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody came."""
        self._transport = transport
        self._receiver.connections.add(self)
        if len(self._receiver.connections) > MOST_CONNECTIONS:
            self._last(failure(503, BUSY, PROTOBUF, retry_after=RETRY))

    def connection_lost(self, _: Exception | None) -> None:
        """They left; what has come in whole is taken all the same."""
        self._receiver.connections.discard(self)
        self._is_ending = True
        if not self._coming.is_whole:
            self._coming.held.release()

    def data_received(self, data: bytes) -> None:
        """More of a request."""
        if self._is_ending:
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            refused = error.__context__
            if isinstance(refused, Refused):
                self._last(refused.answer)
            else:
                self._last(failure(400, "that is no request", PROTOBUF))

    def pause_writing(self) -> None:
        """Who does not read answers is not read from."""
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """They read again."""
        self._transport.resume_reading()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._coming = Asked(self._loop.time(), Held(self._receiver.room))
        self._asked.append(self._coming)

    def on_url(self, url: bytes) -> None:
        """Its path, or a part of it."""
        self._grown(len(url)).path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One of its headers."""
        self._grown(len(name) + len(value)).headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        """Its head is there."""
        asked = self._coming
        try:
            asked.may_come(self._parser.get_method(), self._receiver.intake.senders)
        except Refused as refused:
            self._refuse(asked, refused.answer)
        except CounterfoilError as error:
            self._refuse(asked, failure(503, error.message, asked.kind, retry_after=RETRY))
        if asked.refused is None and asked.headers.get(b"expect", b"").lower() == b"100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, part: bytes) -> None:
        """A part of its body."""
        asked = self._coming
        if asked.refused is None:
            asked.more(part)

    def on_message_complete(self) -> None:
        """It is whole."""
        asked = self._coming
        asked.is_whole = True
        self._since = self._loop.time()
        asked.keeps = self._parser.should_keep_alive()
        if len(self._asked) > MOST_PIPELINED:
            self._transport.pause_reading()
        if asked.refused is not None:
            self._answer(asked, asked.refused)
            return
        try:
            export = asked.export()
        except Refused as refused:
            self._answer(asked, refused.answer)
        else:
            self._receiver.intake.offer(export, self._teller(asked))

    def look(self, now: float) -> None:
        """Whoever takes too long is told so, or let go of."""
        if self._is_ending or self._transport.is_closing():
            if now - self._since > SECONDS_TO_END:
                self._transport.abort()
        elif not self._coming.is_whole and now - self._coming.since > SECONDS_TO_SEND:
            self._last(failure(408, "the body did not come in time", self._coming.kind))
        elif not self._asked and now - self._since > SECONDS_IDLE:
            self._transport.close()

    def end(self) -> None:
        """Let it go."""
        self._is_ending = True
        self._transport.close()

    def _grown(self, size: int) -> Asked:
        asked = self._coming
        asked.head += size
        if asked.head > MOST_HEAD:
            raise Refused(failure(431, "the head of the request is too large", PROTOBUF))
        return asked

    def _refuse(self, asked: Asked, answer: Answer) -> None:
        """What is small is read to its end first: the connection goes on."""
        asked.refused = answer
        length = asked.length
        is_small = length is not None and length <= SMALL and b"transfer-encoding" not in asked.headers
        if not is_small and (length or b"transfer-encoding" in asked.headers):
            raise Refused(answer)

    def _teller(self, asked: Asked) -> Callable[[Outcome], None]:
        def told(outcome: Outcome) -> None:
            if isinstance(outcome, Exception) and not isinstance(outcome, CounterfoilError):
                traceback.print_exception(outcome, file=sys.stderr)
            self._answer(asked, asked.answered(outcome))

        return told

    def _answer(self, asked: Asked, answer: Answer) -> None:
        """Answer it, once those before it are answered."""
        asked.held.release()
        asked.answer = answer
        while self._asked and not self._is_ending and (first := self._asked[0].answer) is not None:
            keeps = self._asked.popleft().keeps
            self._transport.write(_written(first, self._receiver.date, keeps=keeps))
            if not keeps:
                self.end()
        if len(self._asked) == MOST_PIPELINED:
            self._transport.resume_reading()

    def _last(self, answer: Answer) -> None:
        """Answer and read no further; what still comes is passed over for a while: they have time to read."""
        if not self._coming.is_whole:
            self._coming.held.release()
        self._is_ending, self._since = True, self._loop.time()
        self._transport.write(_written(answer, self._receiver.date, keeps=False))
        if self._transport.can_write_eof():
            self._transport.write_eof()


@lru_cache(maxsize=64)
def _head(status: int, kind: str, retry_after: int, date: str, *, keeps: bool) -> bytes:
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"date: {date}", f"content-type: {kind}"]
    lines += [f"retry-after: {retry_after}"] if retry_after else []
    lines += [] if keeps else ["connection: close"]
    return ("\r\n".join(lines) + "\r\ncontent-length: ").encode()


def _written(answer: Answer, date: str, *, keeps: bool) -> bytes:
    head = _head(answer.status, answer.kind, answer.retry_after, date, keeps=keeps)
    return b"%b%d\r\n\r\n%b" % (head, len(answer.body), answer.body)
