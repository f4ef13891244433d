"""Builds export requests as exporters write them, in protobuf and in the protocol's own JSON."""

import base64
import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from google.protobuf import json_format
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from counterfoil.collect.otlp.read import Arrived

NOW = 1_795_600_000_000_000_000
"""2026-11-25, in nanoseconds."""
Attributes = Mapping[str, Any]


def put(into: Any, attributes: Attributes) -> None:
    for key, value in attributes.items():
        added = into.add(key=key)
        if isinstance(value, bool):
            added.value.bool_value = value
        elif isinstance(value, int):
            added.value.int_value = value
        elif isinstance(value, float):
            added.value.double_value = value
        elif isinstance(value, str):
            added.value.string_value = value
        elif isinstance(value, list):
            added.value.array_value.values.add().string_value = "a part"


def logs(*records: tuple[str, Attributes], resource: Attributes | None = None, at: int = NOW) -> Any:
    """A request with log records: the event's name and its attributes."""
    request = ExportLogsServiceRequest()
    part = request.resource_logs.add()
    put(part.resource.attributes, resource or {})
    scope = part.scope_logs.add()
    for number, (name, attributes) in enumerate(records):
        record = scope.log_records.add(time_unix_nano=at + number * 1_000_000)
        record.body.string_value = name
        put(record.attributes, attributes)
    return request


def spans(*records: tuple[str, str, Attributes], resource: Attributes | None = None, at: int = NOW) -> Any:
    """A request with spans: trace and span in hex, and the attributes."""
    request = ExportTraceServiceRequest()
    part = request.resource_spans.add()
    put(part.resource.attributes, resource or {})
    scope = part.scope_spans.add()
    for trace, span, attributes in records:
        record = scope.spans.add(
            trace_id=bytes.fromhex(trace), span_id=bytes.fromhex(span), start_time_unix_nano=at, name="a name"
        )
        put(record.attributes, attributes)
    return request


def counter(
    name: str,
    *points: tuple[float, Attributes],
    resource: Attributes | None = None,
    temporality: int = 1,
    since: int = NOW - 60_000_000_000,
    until: int = NOW,
) -> Any:
    """A request with one running or fresh sum."""
    request = ExportMetricsServiceRequest()
    part = request.resource_metrics.add()
    put(part.resource.attributes, resource or {})
    metric = part.scope_metrics.add().metrics.add(name=name)
    metric.sum.aggregation_temporality = temporality
    for value, attributes in points:
        point = metric.sum.data_points.add(start_time_unix_nano=since, time_unix_nano=until, as_double=value)
        put(point.attributes, attributes)
    return request


def histogram(name: str, *points: tuple[int, float, Attributes], resource: Attributes | None = None) -> Any:
    """A request with one fresh histogram."""
    request = ExportMetricsServiceRequest()
    part = request.resource_metrics.add()
    put(part.resource.attributes, resource or {})
    metric = part.scope_metrics.add().metrics.add(name=name)
    metric.histogram.aggregation_temporality = 1
    for count, whole, attributes in points:
        point = metric.histogram.data_points.add(
            start_time_unix_nano=NOW - 60_000_000_000, time_unix_nano=NOW, count=count, sum=whole
        )
        put(point.attributes, attributes)
    return request


def packed(*requests: Any) -> list[bytes]:
    return [request.SerializeToString() for request in requests]


def plain(request: Any) -> bytes:
    """The same request in OTLP's JSON, whose ids are in hex."""
    told = json_format.MessageToDict(request)
    for record in _records(told):
        for name in ("traceId", "spanId"):
            if name in record:
                record[name] = base64.b64decode(record[name]).hex()
    return json.dumps(told).encode()


def _records(told: Any) -> Iterable[dict[str, Any]]:
    for part in told.get("resourceSpans", []):
        for scope in part["scopeSpans"]:
            yield from scope.get("spans", [])


def listed(arrived: Arrived) -> list[dict[str, Any]]:
    """Every row that was read."""
    found = []
    for part in arrived.parts:
        columns = {
            name: whole if isinstance(whole, pa.Array) else np.broadcast_to(whole, len(part))
            for name, whole in part.columns.items()
        }
        listed = {name: column.tolist() for name, column in columns.items()}
        found += [dict(zip(listed, values, strict=True)) for values in zip(*listed.values(), strict=True)]
    return found
