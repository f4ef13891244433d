"""What an exporter is answered, in the encoding in which it asked."""

import json
from dataclasses import dataclass

from counterfoil.app.intake.taking import Taken
from counterfoil.collect.otlp.read import Signal

JSON, PROTOBUF = "application/json", "application/x-protobuf"
REJECTED = {
    Signal.LOGS: "rejectedLogRecords",
    Signal.TRACES: "rejectedSpans",
    Signal.METRICS: "rejectedDataPoints",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer."""

    status: int
    body: bytes
    kind: str
    retry_after: int = 0


def success(signal: Signal, taken: Taken, kind: str) -> Answer:
    """It was taken; a partial success says what was not, and what the sender should know."""
    if kind == JSON:
        told = {REJECTED[signal]: str(taken.rejected), "errorMessage": taken.says}
        return Answer(200, json.dumps({"partialSuccess": told} if taken.says else {}).encode(), kind)
    return Answer(200, response(taken), kind)


def response(taken: Taken) -> bytes:
    """The message that all three services answer with: their fields have the same numbers.

    Source: opentelemetry-proto, Export*ServiceResponse: partial_success = 1 {rejected = 1, message = 2}.
    """
    if not taken.says:
        return b""
    partial = (b"\x08" + _varint(taken.rejected) if taken.rejected else b"") + _text(2, taken.says)
    return b"\x0a" + _varint(len(partial)) + partial


def failure(status: int, says: str, kind: str, *, retry_after: int = 0) -> Answer:
    """It was not taken, and why.

    Source: OTLP 1.9, failures: the body is a google.rpc.Status; its code says nothing to a sender.
    """
    body = json.dumps({"message": says}).encode() if kind == JSON else _text(2, says)
    return Answer(status, body, kind, retry_after)


def _text(number: int, text: str) -> bytes:
    data = text.encode()
    return bytes([number << 3 | 2]) + _varint(len(data)) + data


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)
