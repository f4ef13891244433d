"""Reads export requests: by the fast decoder where it can, else by the reference one."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from counterfoil.collect.otlp import plain, walk
from counterfoil.collect.otlp.arrived import Rows
from counterfoil.collect.otlp.decoded import Decoded, Malformed
from counterfoil.collect.otlp.events import event_rows
from counterfoil.collect.otlp.metrics import metric_rows
from counterfoil.collect.otlp.spans import span_rows


class Signal(StrEnum):
    """What a request exports."""

    LOGS = "logs"
    TRACES = "traces"
    METRICS = "metrics"


@dataclass(frozen=True, slots=True)
class Arrived:
    """What some requests that were read together came to: records = kept + wrong + other."""

    parts: Sequence[Rows]
    records: NDArray[np.int64]
    """How many records each has. Shape: (requests,)."""
    wrong: NDArray[np.int64]
    """How many of them claim usage and can't be read. Shape: (requests,)."""
    content: Mapping[int, str]
    """Of requests that brought what somebody wrote: the attribute that did."""


class TooLarge(Exception):
    """A body that is larger than is taken, once it is unpacked."""


_WALKED: Mapping[Signal, Callable[[Sequence[object]], Decoded]] = {
    Signal.LOGS: walk.walk_logs,
    Signal.TRACES: walk.walk_spans,
}
_ROWS: Mapping[Signal, Callable[[Decoded], Sequence[Rows]]] = {
    Signal.LOGS: event_rows,
    Signal.TRACES: span_rows,
}
_READ = {
    Signal.LOGS: (walk.read_logs, plain.logs_in),
    Signal.TRACES: (walk.read_spans, plain.spans_in),
    Signal.METRICS: (walk.read_metrics, plain.metrics_in),
}


def read(signal: Signal, bodies: Sequence[bytes], *, as_json: bool) -> Arrived:
    """What some requests of one signal and one encoding claim.

    Raises: Malformed where one of them is none, with its place.
    """
    if not as_json and signal is not Signal.METRICS:
        found = read_quickly(signal, bodies)
        if found is not None:
            return found
    return read_slowly(signal, bodies, as_json=as_json)


def read_slowly(signal: Signal, bodies: Sequence[bytes], *, as_json: bool) -> Arrived:
    """The same by the reference decoder.

    Raises: Malformed where one of them is none, with its place.
    """
    requests = walk.messages(bodies, _READ[signal][as_json])
    try:
        if signal is Signal.METRICS:
            rows, points = metric_rows(requests)
            return _arrived([rows], points, {})
        decoded = _WALKED[signal](requests)
    except (ValueError, AttributeError) as error:
        # JSON that has the right shape and a number that is none: which one, only each alone can say.
        raise Malformed(_first_malformed(signal, bodies, as_json=as_json)) from error
    return _arrived(_ROWS[signal](decoded), decoded.records, decoded.content)


def _first_malformed(signal: Signal, bodies: Sequence[bytes], *, as_json: bool) -> int:
    if len(bodies) > 1:
        for place, body in enumerate(bodies):
            try:
                read_slowly(signal, [body], as_json=as_json)
            except Malformed:
                return place
    return 0


def read_quickly(signal: Signal, bodies: Sequence[bytes]) -> Arrived | None:
    """By the fast decoder, log records or spans; None where it is missing or stumbles."""
    try:
        from counterfoil.collect.otlp import columns

        decode = columns.decode_logs if signal is Signal.LOGS else columns.decode_spans
        decoded = decode(bodies)
        # Values are read where they are asked for: only now is it known that all of them can be.
        rows = _ROWS[signal](decoded)
    except (ImportError, ValueError, IndexError, TypeError, OverflowError, RuntimeError):
        return None
    return _arrived(rows, decoded.records, decoded.content)


def _arrived(parts: Sequence[Rows], records: NDArray[np.int64], content: Mapping[int, str]) -> Arrived:
    wrong = np.zeros(len(records), np.int64)
    for part in parts:
        if len(part.wrong):
            wrong += np.bincount(part.wrong, minlength=len(records))
    return Arrived([part for part in parts if len(part)], records, wrong, content)


def unpacked(body: bytes, encoding: str, *, most: int) -> bytes:
    """A body as it was before it was packed.

    Raises: TooLarge where it is larger than `most`; Malformed where it is not packed that way.
    """
    if encoding in {"", "identity"}:
        return body
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise Malformed(0)
    unpack = zlib.decompressobj(wbits=47)
    try:
        found = unpack.decompress(body, most + 1)
    except zlib.error as error:
        raise Malformed(0) from error
    if len(found) > most:
        raise TooLarge
    if not unpack.eof:
        raise Malformed(0)
    return found
