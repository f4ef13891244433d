"""The fast decoder: protobuf straight into columns, without an object for a record or an attribute."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from google.protobuf import descriptor_pb2, descriptor_pool
from numpy.typing import NDArray

from counterfoil.collect.otlp.allowed import ALLOWED, CONTENT, COUNTED_EVENTS, NAME
from counterfoil.collect.otlp.decoded import Decoded
from counterfoil.collect.otlp.group import Attributes, Column, Group, Ints

KEYS = pa.array([*ALLOWED, *CONTENT])
"""Every key that is looked for: its place is its code."""
LOOKED_AT = len(ALLOWED)
NAME_CODE = ALLOWED.index(NAME)
EVENTS = pa.array(COUNTED_EVENTS)
KINDS = ("strings", "bools", "ints", "doubles")
"""The values of an attribute by type, in the order of AnyValue."""
_Field = descriptor_pb2.FieldDescriptorProto
_PLAIN = {
    "string": _Field.TYPE_STRING,
    "bool": _Field.TYPE_BOOL,
    "int64": _Field.TYPE_INT64,
    "double": _Field.TYPE_DOUBLE,
    "fixed64": _Field.TYPE_FIXED64,
    "bytes": _Field.TYPE_BYTES,
}
Fields = Sequence[tuple[str, int, str]]
_SHARED: dict[str, Fields] = {
    "AnyValue": (
        ("string_value", 1, "string"),
        ("bool_value", 2, "bool"),
        ("int_value", 3, "int64"),
        ("double_value", 4, "double"),
    ),
    "KeyValue": (("key", 1, "string"), ("value", 2, "AnyValue")),
    "Resource": (("attributes", 1, "*KeyValue"),),
}
_LOG: Fields = (
    ("time_unix_nano", 1, "fixed64"),
    ("observed_time_unix_nano", 11, "fixed64"),
    ("body", 5, "AnyValue"),
    ("attributes", 6, "*KeyValue"),
    ("event_name", 12, "string"),
)
_SPAN: Fields = (
    ("trace_id", 1, "bytes"),
    ("span_id", 2, "bytes"),
    ("start_time_unix_nano", 7, "fixed64"),
    ("attributes", 9, "*KeyValue"),
)
# The hash of a layout is a sum of products with these: two layouts of one sum are a chance of 1 in 2**64.
_FACTORS = np.random.default_rng(0x0C0FFEE).integers(1, 2**63, 4_096, np.int64)


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
        **_SHARED,
        "Record": fields,
        "Scope": ((record, 2, "*Record"),),
        "Part": (("resource", 1, "Resource"), ("scopes", 2, "*Scope")),
        "Request": (("parts", 1, "*Part"),),
    }
    file = descriptor_pb2.FileDescriptorProto(name=f"counterfoil_{kind}.proto", package=kind, syntax="proto3")
    for name, named in messages.items():
        message = file.message_type.add(name=name)
        if name == "AnyValue":
            message.oneof_decl.add(name="value")
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
    if message.name == "AnyValue":
        added.oneof_index = 0


@dataclass(frozen=True, slots=True)
class _Flat:
    """Nested columns, laid flat: each record with where it came from, each attribute with its code."""

    records: pa.StructArray
    request: Ints
    resource: Ints
    resources: list[Attributes]
    requests: int
    codes: Ints
    """The code of each attribute of each record, one after the other; negative where it is not looked at."""
    starts: Ints
    """Where the attributes of each record begin, and where the last ones end. Shape: (records + 1,)."""
    values: pa.StructArray

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
            codes=_codes(attributes.values.field("key")),
            starts=attributes.offsets.to_numpy().astype(np.int64),
            values=attributes.values.field("value"),
        )

    def field(self, name: str) -> NDArray[np.uint64]:
        """A number of each record."""
        found: NDArray[np.uint64] = self.records.field(name).to_numpy(zero_copy_only=False)
        return found

    def names(self) -> Ints:
        """The place of each record's name among the events that are counted; negative for any other."""
        found = _place_in(EVENTS, self.records.field("body").field("string_value"))
        if (found < 0).any():
            found = np.where(found < 0, _place_in(EVENTS, self.records.field("event_name")), found)
        if (found < 0).any():
            at = np.flatnonzero(self.codes == NAME_CODE)
            named = _place_in(EVENTS, self.values.field("string_value").take(pa.array(at)))
            stated = np.full(len(found), -1, np.int64)
            stated[np.searchsorted(self.starts, at, side="right") - 1] = named
            found = np.where(found < 0, stated, found)
        return found

    def decoded(self, at: Ints, names: Ints, words: Sequence[str]) -> Decoded:
        """Records by name and layout."""
        content: dict[int, str] = {}
        for place in np.flatnonzero(self.codes >= LOOKED_AT).tolist():
            request = int(self.request[np.searchsorted(self.starts, place, side="right") - 1])
            content.setdefault(request, CONTENT[int(self.codes[place]) - LOOKED_AT])
        counts = np.bincount(self.request, minlength=self.requests).astype(np.int64)
        return Decoded(list(self._groups(at, names, words)), counts, content)

    def _groups(self, at: Ints, names: Ints, words: Sequence[str]) -> Iterator[Group]:
        lengths = np.diff(self.starts)
        within = np.arange(len(self.codes)) - np.repeat(self.starts[:-1], lengths)
        mixed = (self.codes + 3) * _FACTORS[within % len(_FACTORS)]
        sums = np.concatenate([[0], np.cumsum(mixed)])
        hashes = (
            sums[self.starts[1:]] - sums[self.starts[:-1]] + names * _FACTORS[-1] + lengths * _FACTORS[-2]
        )
        rows, parts = np.flatnonzero(names >= 0), self._parts()
        if not len(rows):
            return
        if (hashes[rows] == hashes[rows[0]]).all():
            yield self._group(rows, at, words[int(names[rows[0]])], parts)
            return
        _, first, of = np.unique(hashes[rows], return_index=True, return_inverse=True)
        for number in np.argsort(first, kind="stable").tolist():
            mine = rows[of == number]
            yield self._group(mine, at, words[int(names[mine[0]])], parts)

    def _group(self, rows: Ints, at: Ints, name: str, parts: dict[str, pa.Array]) -> Group:
        begins = self.starts[rows]
        layout = self.codes[begins[0] : self.starts[rows[0] + 1]]
        wanted = {ALLOWED[code]: step for step, code in enumerate(layout.tolist()) if 0 <= code < LOOKED_AT}
        return Group(
            name=name,
            at=at[rows],
            resource=self.resource[rows],
            request=self.request[rows],
            place=rows,
            resources=self.resources,
            columns={key: Column(parts, pa.array(begins + step)) for key, step in wanted.items()},
            ids={
                short: pa.array(
                    [one.hex() for one in self.records.field(long).take(pa.array(rows)).to_pylist()]
                )
                for short, long in (("trace", "trace_id"), ("span", "span_id"))
                if self.records.type.get_field_index(long) >= 0
            },
        )

    def _parts(self) -> dict[str, pa.Array]:
        """The values of every attribute, by type; types that nobody sent are left out."""
        found = {kind: self.values.field(place) for place, kind in enumerate(KINDS)}
        return {kind: part for kind, part in found.items() if part.null_count < len(part)}


def _resources(attributes: pa.ListArray) -> Iterator[Attributes]:
    """What each resource states of what is looked at."""
    codes = _codes(attributes.values.field("key"))
    values = attributes.values.field("value")
    starts = attributes.offsets.to_numpy()
    for begin, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        found: dict[str, str | int | float | bool] = {}
        for place in range(begin, end):
            code = int(codes[place])
            if 0 <= code < LOOKED_AT:
                value = next((v for v in values[place].as_py().values() if v is not None), None)
                if value is not None:
                    found[ALLOWED[code]] = value
        yield found


def _codes(keys: pa.StringArray) -> Ints:
    return _place_in(KEYS, keys)


def _place_in(known: pa.StringArray, texts: pa.StringArray) -> Ints:
    """The place of each text among those that are known; -1 where it is not."""
    found: Ints = pc.fill_null(pc.index_in(texts, value_set=known), -1).to_numpy().astype(np.int64)
    return found


def _lengths(lists: pa.ListArray) -> Ints:
    found: Ints = np.diff(lists.offsets.to_numpy()).astype(np.int64)
    return found
