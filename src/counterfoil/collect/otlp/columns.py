"""The fast decoder: protobuf straight into columns, without an object for a record or an attribute."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from counterfoil.collect.otlp.allowed import COUNTED_EVENTS, NAME
from counterfoil.collect.otlp.decoded import WANTED, Decoded, Value
from counterfoil.collect.otlp.group import Attributes, Group, Ints
from counterfoil.collect.otlp.layout import Layout, layout_of
from counterfoil.collect.otlp.walk import value_of
from counterfoil.collect.otlp.wire import Values, Wire

EVENTS = pa.array(COUNTED_EVENTS)
BODIES = pa.array([bytes([0x0A, len(name)]) + name.encode() for name in COUNTED_EVENTS])
"""The same as the body of a record: a value that is text."""
_NAMED = {body: place for place, body in enumerate(BODIES.to_pylist())}
_LAST: dict[int, Layout] = {}
"""By how many attributes a record has: the layout that was met last. Most often it is met again."""
_Field = descriptor_pb2.FieldDescriptorProto
_PLAIN = {
    "string": _Field.TYPE_STRING,
    "fixed64": _Field.TYPE_FIXED64,
    "bytes": _Field.TYPE_BYTES,
}
_HEX = np.frombuffer("".join(f"{number:02x}" for number in range(256)).encode(), "<u2")
MOST_REMEMBERED = 512
"""Bytes of a resource's attribute that is remembered once it was read."""
Fields = Sequence[tuple[str, int, str]]
_RESOURCE: Fields = (("attributes", 1, "*bytes"),)
_LOG: Fields = (
    ("time_unix_nano", 1, "fixed64"),
    ("observed_time_unix_nano", 11, "fixed64"),
    ("body", 5, "bytes"),
    ("attributes", 6, "*bytes"),
    ("event_name", 12, "string"),
)
_SPAN: Fields = (
    ("trace_id", 1, "bytes"),
    ("span_id", 2, "bytes"),
    ("start_time_unix_nano", 7, "fixed64"),
    ("attributes", 9, "*bytes"),
)


def decode_logs(bodies: Sequence[bytes]) -> Decoded:
    """The log records of some requests, those that a figure is made of.

    Raises: ValueError where one of them is no request; which one, it does not say.
    """
    flat = _Flat.of(_handler("logs").list_to_record_batch(list(bodies)), "log_records")
    names = flat.names()
    nanos = flat.field("time_unix_nano")
    nanos = np.where(nanos == 0, flat.field("observed_time_unix_nano"), nanos)
    return flat.decoded((nanos // 1_000).astype(np.int64), names, COUNTED_EVENTS)


def decode_spans(bodies: Sequence[bytes]) -> Decoded:
    """The spans of some requests.

    Raises: ValueError where one of them is no request; which one, it does not say.
    """
    flat = _Flat.of(_handler("spans").list_to_record_batch(list(bodies)), "spans")
    at = (flat.field("start_time_unix_nano") // 1_000).astype(np.int64)
    return flat.decoded(at, np.zeros(len(at), np.int64), ("",))


@cache
def _handler(kind: str) -> Any:
    """A decoder of messages cut to the fields that are read: the others are passed over."""
    import ptars

    record, fields = {"logs": ("log_records", _LOG), "spans": ("spans", _SPAN)}[kind]
    messages = {
        "Resource": _RESOURCE,
        "Record": fields,
        "Scope": ((record, 2, "*Record"),),
        "Part": (("resource", 1, "Resource"), ("scopes", 2, "*Scope")),
        "Request": (("parts", 1, "*Part"),),
    }
    file = descriptor_pb2.FileDescriptorProto(name=f"counterfoil_{kind}.proto", package=kind, syntax="proto3")
    for name, named in messages.items():
        message = file.message_type.add(name=name)
        for field_name, number, kind_of in named:
            _add_field(message, field_name, number, kind_of, package=kind)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = pool.FindFileByName(file.name)
    return ptars.HandlerPool([found]).get_for_message(found.message_types_by_name["Request"])


def _add_field(message: Any, name: str, number: int, kind: str, *, package: str) -> None:
    many = kind.startswith("*")
    label = _Field.LABEL_REPEATED if many else _Field.LABEL_OPTIONAL
    added = message.field.add(name=name, number=number, label=label)
    plain = kind.removeprefix("*")
    if plain in _PLAIN:
        added.type = _PLAIN[plain]
    else:
        added.type, added.type_name = _Field.TYPE_MESSAGE, f".{package}.{plain}"


@dataclass(frozen=True, slots=True)
class _Flat:
    """Nested columns, laid flat: each record with where it came from, its attributes as they were sent."""

    records: pa.StructArray
    request: Ints
    resource: Ints
    resources: list[Attributes]
    requests: int
    begins: Ints
    """Where the attributes of each record begin, and where the last ones end. Shape: (records + 1,)."""
    wire: Wire

    @classmethod
    def of(cls, batch: pa.RecordBatch, record: str) -> "_Flat":
        """The records of a batch with one row for each request."""
        parts = batch.column(0)
        scopes = parts.values.field("scopes")
        records_of = scopes.values.field(record)
        part_of_scope = np.repeat(np.arange(len(scopes)), _lengths(scopes))
        resource = np.repeat(part_of_scope, _lengths(records_of))
        request_of_part = np.repeat(np.arange(len(parts)), _lengths(parts))
        attributes = records_of.values.field("attributes")
        return cls(
            records=records_of.values,
            request=request_of_part[resource] if len(resource) else resource,
            resource=resource,
            resources=list(_resources(parts.values.field("resource").field("attributes"))),
            requests=len(parts),
            begins=attributes.offsets.to_numpy().astype(np.int64),
            wire=Wire(attributes.values),
        )

    def field(self, name: str) -> NDArray[np.uint64]:
        """A number of each record."""
        found: NDArray[np.uint64] = self.records.field(name).to_numpy(zero_copy_only=False)
        return found

    def names(self) -> Ints:
        """The place of each record's name among the events that are counted; negative for any other."""
        found = _of_bodies(self.records.field("body"))
        if (found < 0).any():
            found = np.where(found < 0, _place_in(EVENTS, self.records.field("event_name")), found)
        return found

    def decoded(self, at: Ints, names: Ints, words: Sequence[str]) -> Decoded:
        """Records by name and layout.

        Raises: ValueError where one has attributes that are not written as every exporter writes them.
        """
        counts = np.bincount(self.request, minlength=self.requests).astype(np.int64)
        groups: list[Group] = []
        content: dict[int, tuple[int, str]] = {}
        for rows, places, layout in self._layouts():
            if layout.content:
                requests, first = np.unique(self.request[rows], return_index=True)
                for request, row in zip(requests.tolist(), rows[first].tolist(), strict=True):
                    content[request] = min(content.get(request, (row, layout.content)), (row, layout.content))
            groups += self._groups(rows, places, layout, names[rows], at, words)
        return Decoded(groups, counts, {request: key for request, (_, key) in content.items()})

    def _layouts(self) -> Iterator[tuple[Ints, Ints, Layout]]:
        """Records by layout, each with the places of its attributes.

        Shape: rows (n,), places (n, attributes).
        """
        lengths = self.begins[1:] - self.begins[:-1]
        if not len(lengths):
            return
        if (lengths == lengths[0]).all():
            places = np.arange(self.begins[0], self.begins[-1]).reshape(len(lengths), int(lengths[0]))
            last = _LAST.get(places.shape[1])
            if last is None or not self.wire.fits(places, last):
                last = self._layout(places)
                if not self.wire.fits(places, last):
                    last = None
            if last is not None:
                _LAST[places.shape[1]] = last
                yield np.arange(len(lengths)), places, last
                return
        _, first, of = np.unique(self._hashes(lengths), return_index=True, return_inverse=True)
        for number in np.argsort(first, kind="stable").tolist():
            rows = np.flatnonzero(of == number)
            places = self.begins[rows][:, None] + np.arange(lengths[rows[0]])
            layout = self._layout(places)
            if not self.wire.fits(places, layout):
                says = "attributes that look alike and are not"
                raise ValueError(says)
            yield rows, places, layout

    def _layout(self, places: Ints) -> Layout:
        return layout_of([self.wire.attribute(place) for place in places[0].tolist()])

    def _hashes(self, lengths: Ints) -> NDArray[np.uint64]:
        """A number for the beginnings and ends of a record's keys. Shape: (records,)."""
        within = np.arange(len(self.wire.starts)) - np.repeat(self.begins[:-1], lengths)
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(self.wire.hashes(within))])
        found: NDArray[np.uint64] = sums[self.begins[1:]] - sums[self.begins[:-1]] + lengths.astype(np.uint64)
        return found

    def _groups(
        self, rows: Ints, places: Ints, layout: Layout, names: Ints, at: Ints, words: Sequence[str]
    ) -> Iterator[Group]:
        """The groups of one layout: one for each name that is counted."""
        if NAME in layout.wanted and (names < 0).any():
            column = Values.of(self.wire, places, layout).columns()[NAME].strings
            if column is not None:
                names = np.where(names < 0, _place_in(EVENTS, column), names)
        for name in np.unique(names[names >= 0]).tolist() if len(names) else ():
            mine = names == name
            every = bool(mine.all())
            of = rows if every else rows[mine]
            values = Values.of(self.wire, places if every else places[mine], layout)
            yield Group(
                name=words[name],
                at=at[of],
                resource=self.resource[of],
                request=self.request[of],
                place=of,
                resources=self.resources,
                columns=values.columns(),
                ids={short: _hexed(self.records.field(long), of) for short, long in self._ids()},
            )

    def _ids(self) -> Iterator[tuple[str, str]]:
        for short, long in (("trace", "trace_id"), ("span", "span_id")):
            if self.records.type.get_field_index(long) >= 0:
                yield short, long


def _resources(attributes: pa.ListArray) -> Iterator[Attributes]:
    """What each resource states of what is looked at."""
    written = attributes.values.to_pylist()
    starts = attributes.offsets.to_pylist()
    for begin, end in pairwise(starts):
        pairs = (_pair(one) if len(one) <= MOST_REMEMBERED else _read(one) for one in written[begin:end])
        yield {key: value for key, value in pairs if key in WANTED and value is not None}


def _read(attribute: bytes) -> tuple[str, Value | None]:
    try:
        read = KeyValue.FromString(attribute)
    except DecodeError as error:
        raise ValueError(str(error)) from error
    return read.key, value_of(read.value)


_pair = lru_cache(maxsize=4_096)(_read)


def _hexed(ids: pa.BinaryArray, rows: Ints) -> pa.StringArray:
    """Identifiers in hex. Shape: `rows` (n,)."""
    _, offsets, data = ids.buffers()
    bounds = np.frombuffer(offsets, np.int32, len(ids) + 1, ids.offset * 4)
    sizes = bounds[1:] - bounds[:-1]
    size = int(sizes[0]) if len(sizes) else 0
    if not size or (sizes != size).any():
        return pa.array([one.hex() for one in ids.take(pa.array(rows)).to_pylist()], pa.string())
    found = np.frombuffer(data, np.uint8, size * len(ids), int(bounds[0])).reshape(len(ids), size)
    written = _HEX.take(found if len(rows) == len(ids) else found[rows])
    every = np.arange(0, 2 * size * (len(rows) + 1), 2 * size, dtype=np.int32)
    return pa.Array.from_buffers(pa.string(), len(rows), [None, pa.py_buffer(every), pa.py_buffer(written)])


def _of_bodies(bodies: pa.BinaryArray) -> Ints:
    """The place of each body's name among the events; -1 where it is none."""
    _, offsets, data = bodies.buffers()
    bounds = np.frombuffer(offsets, np.int32, len(bodies) + 1, bodies.offset * 4)
    sizes = bounds[1:] - bounds[:-1]
    if len(sizes) and (size := int(sizes[0])) and (sizes == size).all():
        # Most often all have the same name.
        every = np.frombuffer(data, np.uint8, size * len(sizes), int(bounds[0])).reshape(len(sizes), size)
        if (every == every[0]).all():
            return np.full(len(sizes), _NAMED.get(every[0].tobytes(), -1), np.int64)
    return _place_in(BODIES, bodies)


def _place_in(known: pa.StringArray, texts: pa.StringArray) -> Ints:
    """The place of each text among those that are known; -1 where it is not."""
    found: Ints = pc.fill_null(pc.index_in(texts, value_set=known), -1).to_numpy().astype(np.int64)
    return found


def _lengths(lists: pa.ListArray) -> Ints:
    bounds = lists.offsets.to_numpy()
    found: Ints = (bounds[1:] - bounds[:-1]).astype(np.int64)
    return found
