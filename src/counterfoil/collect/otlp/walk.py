"""The reference decoder: walks messages one by one, of protobuf or JSON; slow, and plainly right."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from counterfoil.collect.otlp.allowed import COUNTED_EVENTS, NAME
from counterfoil.collect.otlp.decoded import WRITTEN, Decoded, Malformed, Value, Walked, allowed, grouped
from counterfoil.collect.otlp.group import Attributes

EVENTS = frozenset(COUNTED_EVENTS)
Read = Callable[[bytes], Any]


def read_logs(body: bytes) -> Any:
    """The message of a request with log records."""
    return ExportLogsServiceRequest.FromString(body)


def read_spans(body: bytes) -> Any:
    """The message of a request with spans."""
    return ExportTraceServiceRequest.FromString(body)


def read_metrics(body: bytes) -> Any:
    """The message of a request with metrics."""
    return ExportMetricsServiceRequest.FromString(body)


def messages(bodies: Sequence[bytes], read: Read) -> Sequence[Any]:
    """The message of each request.

    Raises: Malformed where one is none.
    """
    found = []
    for place, body in enumerate(bodies):
        try:
            found.append(read(body))
        except (DecodeError, ValueError) as error:
            raise Malformed(place) from error
    return found


def walk_logs(requests: Sequence[Any]) -> Decoded:
    """The log records of some requests, those that a figure is made of."""
    walk = _Walk(requests, "resource_logs")
    return walk.done(walk.logs())


def walk_spans(requests: Sequence[Any]) -> Decoded:
    """The spans of some requests."""
    walk = _Walk(requests, "resource_spans")
    return walk.done(walk.spans())


class _Walk:
    """One way through some requests."""

    def __init__(self, requests: Sequence[Any], resources: str) -> None:
        self._requests = requests
        self._name = resources
        self._resources: list[Attributes] = []
        self._counts = np.zeros(len(requests), np.int64)
        self._content: dict[int, str] = {}
        self._place = 0

    def done(self, records: Iterable[Walked]) -> Decoded:
        groups = list(grouped(records, self._resources))
        return Decoded(groups, self._counts, self._content)

    def logs(self) -> Iterator[Walked]:
        for request, part in self._parts():
            for scope in part.scope_logs:
                for log in scope.log_records:
                    pairs = self._met(request, log.attributes)
                    name = event_name(log, dict(pairs))
                    if name:
                        at = (log.time_unix_nano or log.observed_time_unix_nano) // 1_000
                        yield self._walked(request, name, at, pairs)
                    self._place += 1

    def spans(self) -> Iterator[Walked]:
        for request, part in self._parts():
            for scope in part.scope_spans:
                for span in scope.spans:
                    pairs = self._met(request, span.attributes)
                    ids = (hexed(span.trace_id), hexed(span.span_id))
                    yield self._walked(request, "", span.start_time_unix_nano // 1_000, pairs, ids)
                    self._place += 1

    def _walked(
        self,
        request: int,
        name: str,
        at: int,
        pairs: Sequence[tuple[str, Value | None]],
        ids: tuple[str, str] = ("", ""),
    ) -> Walked:
        return Walked(request, len(self._resources) - 1, self._place, name, at, allowed(pairs), ids)

    def _parts(self) -> Iterator[tuple[int, Any]]:
        for place, request in enumerate(self._requests):
            for part in getattr(request, self._name):
                self._resources.append(allowed(pairs_of(part.resource.attributes)))
                yield place, part

    def _met(self, request: int, attributes: Iterable[Any]) -> Sequence[tuple[str, Value | None]]:
        """The attributes of one record; it counts, and so does what somebody wrote."""
        self._counts[request] += 1
        pairs = list(pairs_of(attributes))
        if request not in self._content:
            written = next((key for key, _ in pairs if key in WRITTEN), None)
            if written is not None:
                self._content[request] = written
        return pairs


def event_name(log: Any, attributes: dict[str, Value | None]) -> str:
    """The name of a log record that a figure is made of; nothing for any other."""
    for name in (value_of(log.body), log.event_name, attributes.get(NAME)):
        if name in EVENTS:
            return str(name)
    return ""


def pairs_of(attributes: Iterable[Any]) -> Iterator[tuple[str, Value | None]]:
    """Each attribute with its value, where that has no parts."""
    for attribute in attributes:
        yield attribute.key, value_of(attribute.value)


def value_of(value: Any) -> Value | None:
    """A value that has no parts; None for any other."""
    if value is None:
        return None
    kind = value.WhichOneof("value")
    return (
        getattr(value, kind) if kind in {"string_value", "bool_value", "int_value", "double_value"} else None
    )


def hexed(identifier: bytes | str) -> str:
    """An identifier of a trace or span, which JSON writes in hex already."""
    return identifier.lower() if isinstance(identifier, str) else identifier.hex()
