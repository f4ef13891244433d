"""How requests are read from a connection: in order, in parts, within limits, and never for ever."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from counterfoil.app.intake import asked, http
from counterfoil.app.intake.http import Receiver
from counterfoil.app.intake.senders import Sender
from counterfoil.app.intake.taking import Export, Taken, Told
from counterfoil.terms.error import StoreError

HEAD = b"POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-protobuf\r\n"


@dataclass
class Slow:
    """An intake that answers when it is told to, the last request first."""

    senders: Any = field(default_factory=lambda: Anybody())
    taken: list[tuple[Export, Told]] = field(default_factory=list)

    def offer(self, export: Export, told: Told) -> None:
        self.taken.append((export, told))

    def tell(self, *outcomes: Any) -> None:
        for (_, told), outcome in reversed(list(zip(self.taken, outcomes, strict=True))):
            told(outcome)


class Anybody:
    """Whoever comes may send, but for one."""

    def of(self, authorization: str) -> Sender | None:
        if authorization == "broken":
            raise StoreError("registry-unusable", "it can't be read", hint="look at it")
        return None if authorization == "nobody" else Sender()


Talk = Callable[[Receiver, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def talked(talk: Talk) -> Receiver:
    """Talk to a receiver over one connection."""

    async def run() -> Receiver:
        receiver = Receiver(Slow())  # type: ignore[arg-type]
        server = await asyncio.get_running_loop().create_server(receiver.connection, "127.0.0.1", 0)
        watching = asyncio.create_task(receiver.watch())
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        await asyncio.wait_for(talk(receiver, reader, writer), 20)
        writer.close()
        await receiver.close()
        server.close()
        watching.cancel()
        await asyncio.sleep(0.05)
        return receiver

    # A browser that another test keeps open has a loop in this thread.
    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(lambda: asyncio.run(run())).result()


async def answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.partition(b"content-length: ")[2].split(b"\r\n")[0])
    return int(head.split()[1]), await reader.readexactly(length)


async def came(receiver: Receiver, count: int) -> Sequence[tuple[Export, Told]]:
    taken: list[tuple[Export, Told]] = receiver.intake.taken  # type: ignore[attr-defined]
    while len(taken) < count:
        await asyncio.sleep(0.005)
    return taken


def test_answers_come_in_the_order_of_the_requests_whichever_is_done_first() -> None:
    async def talk(receiver: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"".join(HEAD + b"content-length: 1\r\n\r\n%d" % n for n in range(3)))
        taken = await came(receiver, 3)
        assert [export.body for export, _ in taken] == [b"0", b"1", b"2"]
        assert receiver.room.held == 3
        error = StoreError("batches-unusable", "the disk is full", hint="make room")
        receiver.intake.tell(Taken(), error, Taken(1, "one was wrong"))  # type: ignore[attr-defined]
        statuses = [await answer(reader) for _ in range(3)]
        assert [status for status, _ in statuses] == [200, 503, 200]
        assert b"one was wrong" in statuses[2][1]

    assert talked(talk).room.held == 0


def test_a_body_comes_in_parts_and_is_asked_for_where_the_sender_waits() -> None:
    async def talk(receiver: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = zlib.compress(b"abc")
        head = (
            HEAD + b"content-encoding: deflate\r\nexpect: 100-continue\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        for at in range(0, len(head), 7):
            writer.write(head[at : at + 7])
            await writer.drain()
            await asyncio.sleep(0)
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n")
        ((export, told),) = await came(receiver, 1)
        assert export.body == b"abc"
        told(Taken())
        assert await answer(reader) == (200, b"")

    talked(talk)


REFUSED = {
    "nobody": (HEAD + b"authorization: nobody\r\ncontent-length: 3\r\n\r\nabc", 401, True),
    "broken": (HEAD + b"authorization: broken\r\ncontent-length: 3\r\n\r\nabc", 503, True),
    "claimed": (HEAD + b"content-length: 99999999999\r\n\r\nabc", 413, False),
    "method": (b"PUT /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nab", 405, True),
    "garbage": (b"what is this\r\n\r\n", 400, False),
    "head": (HEAD + b"x: " + b"x" * 70_000 + b"\r\n\r\n", 431, False),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_told_so_and_the_connection_goes_on_where_it_can(name: str) -> None:
    sent, status, goes_on = REFUSED[name]

    async def talk(receiver: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        assert (await answer(reader))[0] == status
        if not goes_on:
            assert await reader.read() == b""
            return
        writer.write(HEAD + b"content-length: 0\r\n\r\n")
        ((_, told),) = await came(receiver, 1)
        told(Taken())
        assert (await answer(reader))[0] == 200

    assert talked(talk).room.held == 0


def test_when_much_is_held_more_is_sent_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "MOST_WAITING", 10)
    monkeypatch.setattr(asked, "MOST_BODY", 30)

    async def talk(receiver: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        packed = zlib.compress(b"a" * 25)
        assert len(packed) < 12
        head = HEAD + b"content-encoding: deflate\r\ncontent-length: "
        writer.write(head + b"%d\r\n\r\n" % len(packed) + packed)
        status, body = await answer(reader)
        assert (status, b"waiting" in body) == (503, True)

    assert talked(talk).room.held == 0


def test_who_takes_too_long_is_told_so_and_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "SECONDS_TO_SEND", 0.1)
    monkeypatch.setattr(http, "SECONDS_TO_END", 0.1)

    async def talk(receiver: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"content-length: 100\r\n\r\nabc")
        assert (await answer(reader))[0] == 408
        assert await reader.read() == b""
        while receiver.connections:
            await asyncio.sleep(0.05)

    assert talked(talk).room.held == 0


def test_who_leaves_before_the_end_holds_nothing() -> None:
    async def talk(receiver: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"content-length: 100\r\n\r\nabc")
        while receiver.room.held < 3:
            await asyncio.sleep(0.005)
        writer.transport.abort()
        while receiver.connections:
            await asyncio.sleep(0.005)

    assert talked(talk).room.held == 0


def test_beyond_so_many_connections_another_is_sent_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MOST_CONNECTIONS", 0)

    async def talk(receiver: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert (await answer(reader))[0] == 503

    talked(talk)


def test_an_error_that_nobody_thought_of_is_an_answer_too(capsys: pytest.CaptureFixture[str]) -> None:
    async def talk(receiver: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"content-length: 0\r\nconnection: close\r\n\r\n")
        ((_, told),) = await came(receiver, 1)
        told(KeyError("unheard of"))
        assert (await answer(reader))[0] == 500
        assert await reader.read() == b""

    talked(talk)
    assert "unheard of" in capsys.readouterr().err
