"""The gateway for clients that start a program: each message is carried to the gateway that runs."""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any, BinaryIO

import msgspec
from mcp.shared.inbound import NAME_BEARING_METHODS, encode_header_value

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.gateway.serving import INVALID, PARSE, VERSION_KEY, failed
from counterfoil.agents.upstream.exchange import Exchange, head_of, place_of
from counterfoil.agents.upstream.line import Lost

MOST_BYTES = 4 << 20
LONGEST_SECONDS = 900.0
_decode = msgspec.json.Decoder().decode


class Relay:
    """Carries messages to a gateway, and its answers back."""

    def __init__(self, url: str, token: str, cause: str) -> None:
        self._place = place_of(url)
        self._headers = {
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
            "authorization": f"Bearer {token}",
            **({"counterfoil-cause": cause} if cause else {}),
        }
        self._resting: list[Exchange] = []

    async def speak(self, source: BinaryIO, sink: BinaryIO) -> None:
        """Carry one message a line until there are no more; calls run beside each other."""
        reader = asyncio.StreamReader(limit=MOST_BYTES)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), source)
        under_way: set[asyncio.Task[None]] = set()
        with contextlib.suppress(ValueError):
            while text := await reader.readline():
                if text.strip():
                    task = asyncio.create_task(self._carry(text, sink))
                    under_way.add(task)
                    task.add_done_callback(under_way.discard)
        if under_way:
            await asyncio.wait(under_way)
        for exchange in self._resting:
            exchange.close()

    async def _carry(self, text: bytes, sink: BinaryIO) -> None:
        body = await self._answer(text)
        if body:
            sink.write(body + b"\n")
            sink.flush()

    async def _answer(self, text: bytes) -> bytes:
        try:
            message = _decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return failed(None, PARSE, "this is no JSON").body
        id = message.get("id") if isinstance(message, dict) else None
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                return await self._sent(text.strip(), _routing(message))
        except (NotDone, Lost, TimeoutError) as error:
            if id is None:
                return b""
            why = error.message if isinstance(error, NotDone | Lost) else "it did not answer"
            return failed(id, INVALID, f"the gateway: {why}").body

    async def _sent(self, body: bytes, routing: Mapping[str, str]) -> bytes:
        resting = [exchange for exchange in self._resting if exchange.usable]
        self._resting = resting[1:]
        exchange = resting[0] if resting else await Exchange.open(self._place)
        head = head_of("POST", self._place, {**self._headers, **routing}, len(body))
        coming = await exchange.ask(head, body, lambda _: False)
        self._resting.append(exchange)
        return b"".join(coming.body)


def _routing(message: Any) -> dict[str, str]:
    """The headers that the stateless revision wants, which on this side are in the message alone."""
    params = message.get("params") if isinstance(message, dict) else None
    if not isinstance(params, dict):
        return {}
    meta = params.get("_meta")
    if not isinstance(meta, dict) or not isinstance(meta.get(VERSION_KEY), str):
        return {}
    method = str(message.get("method"))
    name = params.get(NAME_BEARING_METHODS.get(method, ""))
    named = {"mcp-name": encode_header_value(name)} if isinstance(name, str) else {}
    return {"mcp-protocol-version": meta[VERSION_KEY], "mcp-method": encode_header_value(method), **named}
