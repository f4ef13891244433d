"""The gateway over its own input and output, for clients that start it themselves."""

import asyncio
import sys
from typing import BinaryIO

import msgspec

from counterfoil.agents.gateway.serving import INVALID, PARSE, Reply, Serving, failed
from counterfoil.agents.gateway.session import Session

MOST_BYTES = 4 << 20
_decode = msgspec.json.Decoder().decode


async def speak(serving: Serving, session: Session, source: BinaryIO, sink: BinaryIO) -> None:
    """Answer one message a line until there are no more; calls run beside each other."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=MOST_BYTES)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), source)
    under_way: set[asyncio.Task[None]] = set()
    while True:
        try:
            text = await reader.readline()
        except ValueError:
            _write(sink, failed(None, INVALID, f"longer than {MOST_BYTES >> 20} MB"))
            break
        if not text:
            break
        if text.strip():
            task = asyncio.create_task(_answered(serving, session, text, sink))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            if _greets(text):
                await task
    if under_way:
        await asyncio.wait(under_way)


async def over_own(serving: Serving, session: Session) -> None:
    """Speak over the input and output of this process."""
    await speak(serving, session, sys.stdin.buffer, sys.stdout.buffer)


def _greets(text: bytes) -> bool:
    return b'"initialize"' in text


async def _answered(serving: Serving, session: Session, text: bytes, sink: BinaryIO) -> None:
    try:
        message = _decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        _write(sink, failed(None, PARSE, "this is no JSON"))
        return
    if not session.rate.takes(asyncio.get_running_loop().time()):
        id = message.get("id") if isinstance(message, dict) else None
        _write(sink, failed(id, INVALID, "asked too often; wait a little"))
        return
    _write(sink, await serving.answer(session, message, None))


def _write(sink: BinaryIO, reply: Reply) -> None:
    if reply.body:
        sink.write(reply.body + b"\n")
        sink.flush()
