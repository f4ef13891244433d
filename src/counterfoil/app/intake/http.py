"""OTLP over HTTP: reads a body within its limits, and answers as the protocol has it."""

import asyncio
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

from counterfoil.app.intake.answers import JSON, PROTOBUF, Answer, failure, success
from counterfoil.app.intake.taking import Export, Intake
from counterfoil.collect.otlp.decoded import Malformed
from counterfoil.collect.otlp.read import Signal, TooLarge, unpacked
from counterfoil.terms.error import CounterfoilError

MOST_BODY = 20 * 2**20
"""Bytes of a body, packed or not."""
MOST_WAITING = 96 * 2**20
"""Bytes of all bodies that are read or wait: more is sent back to be tried again."""
SECONDS_TO_SEND = 30.0
RETRY = 5
PATHS = {f"/v1/{signal}": signal for signal in Signal}
BUSY = "too much is waiting; try again"


class _Refused(Exception):
    """A request that gets no further; its answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


@dataclass(slots=True)
class Receiver:
    """The address that exporters send to."""

    intake: Intake
    _waiting: int = 0

    def app(self) -> ASGIApp:
        """The receiver as a server runs it."""
        return self._answer

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        content = headers.get("content-type", "").partition(";")[0].strip().lower()
        kind = content if content in {JSON, PROTOBUF} else PROTOBUF
        held = [0]
        try:
            answer = await self._taken(scope, headers, content, receive, held)
        except _Refused as refused:
            answer = refused.answer
        except TooLarge:
            answer = failure(413, f"the body is larger than {MOST_BODY} bytes", kind)
        except Malformed as error:
            answer = failure(400, error.message, kind)
        except CounterfoilError as error:
            answer = failure(503, error.message, kind, retry_after=RETRY)
        finally:
            self._waiting -= held[0]
        await _sent(send, answer)

    async def _taken(
        self, scope: Scope, headers: dict[str, str], content: str, receive: Receive, held: list[int]
    ) -> Answer:
        signal = PATHS.get(scope["path"])
        kind = content if content in {JSON, PROTOBUF} else PROTOBUF
        if signal is None:
            raise _Refused(failure(404, "there is /v1/logs, /v1/traces and /v1/metrics", kind))
        if scope["method"] != "POST":
            raise _Refused(failure(405, "telemetry is posted", kind))
        if content not in {JSON, PROTOBUF}:
            raise _Refused(failure(415, f"send {PROTOBUF} or {JSON}", kind))
        sender = self.intake.senders.of(headers.get("authorization", ""))
        if sender is None:
            raise _Refused(failure(401, "no token of that name may send; My record makes one", kind))
        if int(headers.get("content-length", "0") or 0) > MOST_BODY:
            raise TooLarge
        try:
            packed = await asyncio.wait_for(self._body(receive, kind, held), SECONDS_TO_SEND)
        except TimeoutError as error:
            raise _Refused(failure(408, "the body did not come in time", kind)) from error
        body = unpacked(packed, headers.get("content-encoding", "").strip().lower(), most=MOST_BODY)
        self._hold(held, len(body) - len(packed), kind)
        taken = await self.intake.take(Export(signal, kind == JSON, body, sender))
        return success(signal, taken, kind)

    async def _body(self, receive: Receive, kind: str, held: list[int]) -> bytes:
        """The body, chunked or not, as it comes.

        Raises: TooLarge beyond the limit.
        """
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise _Refused(failure(400, "the body ended early", kind))
            part = message.get("body", b"")
            size += len(part)
            if size > MOST_BODY:
                raise TooLarge
            self._hold(held, len(part), kind)
            parts.append(part)
            if not message.get("more_body", False):
                return parts[0] if len(parts) == 1 else b"".join(parts)

    def _hold(self, held: list[int], size: int, kind: str) -> None:
        """Count bytes that are held for a request; beyond what all may hold it is sent back."""
        if self._waiting + size > MOST_WAITING:
            raise _Refused(failure(503, BUSY, kind, retry_after=RETRY))
        self._waiting += size
        held[0] += size


async def _sent(send: Send, answer: Answer) -> None:
    headers = [
        (b"content-type", answer.kind.encode()),
        (b"content-length", str(len(answer.body)).encode()),
    ]
    if answer.retry_after:
        headers.append((b"retry-after", str(answer.retry_after).encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
