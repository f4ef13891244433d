"""OTLP in JSON: typed messages with the same names as those of protobuf, so that one walk reads both."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

Word = Annotated[str, Meta(max_length=64)]
Number = int | Word
"""Whole numbers of 64 bits come as text or as a number."""


class Value(Struct, rename="camel", frozen=True):
    """A value of an attribute."""

    string_value: str | None = None
    bool_value: bool | None = None
    int_: Number | None = field(default=None, name="intValue")
    double_: float | Word | None = field(default=None, name="doubleValue")

    @property
    def double_value(self) -> float:
        """The floating number; those that are no number come as text."""
        return float(self.double_ or 0)

    @property
    def int_value(self) -> int:
        """The whole number."""
        return whole(self.int_)

    def WhichOneof(self, _: str) -> str:
        """Which of its forms it has."""
        if self.string_value is not None:
            return "string_value"
        if self.bool_value is not None:
            return "bool_value"
        if self.int_ is not None:
            return "int_value"
        return "double_value" if self.double_ is not None else ""


class Attribute(Struct, frozen=True):
    """One attribute."""

    key: str = ""
    value: Value = Value()


class Resource(Struct, frozen=True):
    """Who exports."""

    attributes: list[Attribute] = []


class Log(Struct, rename="camel", frozen=True):
    """One log record."""

    time_: Number = field(default=0, name="timeUnixNano")
    observed_: Number = field(default=0, name="observedTimeUnixNano")
    body: Value | None = None
    attributes: list[Attribute] = []
    event_name: str = ""

    @property
    def time_unix_nano(self) -> int:
        """When it was."""
        return whole(self.time_)

    @property
    def observed_time_unix_nano(self) -> int:
        """When it was seen."""
        return whole(self.observed_)


class Span(Struct, rename="camel", frozen=True):
    """One span."""

    trace_id: str = ""
    span_id: str = ""
    start_: Number = field(default=0, name="startTimeUnixNano")
    attributes: list[Attribute] = []

    @property
    def start_time_unix_nano(self) -> int:
        """When it began."""
        return whole(self.start_)


class Point(Struct, rename="camel", frozen=True):
    """One point of a sum or a histogram."""

    attributes: list[Attribute] = []
    start_: Number = field(default=0, name="startTimeUnixNano")
    time_: Number = field(default=0, name="timeUnixNano")
    as_double: float | None = None
    int_: Number | None = field(default=None, name="asInt")
    count_: Number = field(default=0, name="count")
    sum: float = 0.0

    @property
    def start_time_unix_nano(self) -> int:
        """Since when it counts."""
        return whole(self.start_)

    @property
    def time_unix_nano(self) -> int:
        """Until when it counts."""
        return whole(self.time_)

    @property
    def as_int(self) -> int:
        """Its value, where that is whole."""
        return whole(self.int_)

    @property
    def count(self) -> int:
        """How many values a histogram has."""
        return whole(self.count_)

    def WhichOneof(self, _: str) -> str:
        """Which of its forms its value has."""
        return "as_double" if self.as_double is not None else "as_int"


class Points(Struct, rename="camel", frozen=True):
    """The points of a metric."""

    data_points: list[Point] = []
    aggregation_temporality: int = 0


class Metric(Struct, rename="camel", frozen=True):
    """One metric."""

    name: str = ""
    sum: Points | None = None
    histogram: Points | None = None
    exponential_histogram: Points | None = None

    def WhichOneof(self, _: str) -> str:
        """Which kind of metric it is."""
        kinds = ("sum", "histogram", "exponential_histogram")
        return next((kind for kind in kinds if getattr(self, kind) is not None), "")


class ScopeLogs(Struct, rename="camel", frozen=True):
    """Log records of one scope."""

    log_records: list[Log] = []


class ScopeSpans(Struct, frozen=True):
    """Spans of one scope."""

    spans: list[Span] = []


class ScopeMetrics(Struct, frozen=True):
    """Metrics of one scope."""

    metrics: list[Metric] = []


class ResourceLogs(Struct, rename="camel", frozen=True):
    """Log records of one resource."""

    resource: Resource = Resource()
    scope_logs: list[ScopeLogs] = []


class ResourceSpans(Struct, rename="camel", frozen=True):
    """Spans of one resource."""

    resource: Resource = Resource()
    scope_spans: list[ScopeSpans] = []


class ResourceMetrics(Struct, rename="camel", frozen=True):
    """Metrics of one resource."""

    resource: Resource = Resource()
    scope_metrics: list[ScopeMetrics] = []


class Logs(Struct, rename="camel", frozen=True):
    """A request with log records."""

    resource_logs: list[ResourceLogs] = []


class Spans(Struct, rename="camel", frozen=True):
    """A request with spans."""

    resource_spans: list[ResourceSpans] = []


class Metrics(Struct, rename="camel", frozen=True):
    """A request with metrics."""

    resource_metrics: list[ResourceMetrics] = []


_LOGS, _SPANS, _METRICS = (msgspec.json.Decoder(kind) for kind in (Logs, Spans, Metrics))


def logs_in(body: bytes) -> Any:
    """The message of a request with log records."""
    return _LOGS.decode(body)


def spans_in(body: bytes) -> Any:
    """The message of a request with spans."""
    return _SPANS.decode(body)


def metrics_in(body: bytes) -> Any:
    """The message of a request with metrics."""
    return _METRICS.decode(body)


def whole(number: Number | None) -> int:
    """A whole number of 64 bits.

    Raises: ValueError where it is none.
    """
    value = int(number or 0)
    if not -(2**63) <= value < 2**64:
        raise ValueError("no whole number of 64 bits")
    return value
