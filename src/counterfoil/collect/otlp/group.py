"""Records of one kind and one layout, column by column, whichever decoder made them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Attributes = Mapping[str, str | int | float | bool]
ABSENT, WRONG = -1, -2
"""Stand for a count that is not stated, and for one that is no count."""
MOST = 2**53
LONGEST = 200
Ints = NDArray[np.int64]
Text: TypeAlias = "pa.StringArray | str"
"""A text for each record; or the one that all have."""


class Column:
    """One attribute of every record of a group; each value is in one of four arrays, by its type.

    The arrays are those of all records, and of them the group's places: what nobody looks at is not taken.

    Shape: each array (n,), or None where no value is of that type.
    """

    __slots__ = ("_parts", "_places")

    def __init__(self, parts: Mapping[str, pa.Array], places: pa.Int64Array | None = None) -> None:
        """Of some arrays, by what they hold, the values at some places; or all."""
        self._parts = parts
        self._places = places

    @property
    def strings(self) -> pa.StringArray | None:
        """The values that are text."""
        return self._taken("strings")

    @property
    def ints(self) -> pa.Int64Array | None:
        """The values that are whole numbers."""
        return self._taken("ints")

    @property
    def doubles(self) -> pa.DoubleArray | None:
        """The values that are floating numbers."""
        return self._taken("doubles")

    @property
    def bools(self) -> pa.BooleanArray | None:
        """The values that are switches."""
        return self._taken("bools")

    @property
    def name(self) -> pa.StringArray | None:
        """The values, where it is known already that each is text and short."""
        return None

    @property
    def whole(self) -> Ints | None:
        """The values, where it is known already that each is a count."""
        return None

    def at(self, places: Ints) -> "Column":
        """The values at some of its places."""
        mine = pa.array(places)
        return Column(self._parts, mine if self._places is None else self._places.take(mine))

    def _taken(self, kind: str) -> Any:
        part = self._parts.get(kind)
        if part is None or self._places is None:
            return part
        found = part.take(self._places)
        return None if found.null_count == len(found) else found


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Records with one name and the same attributes in the same order.

    Shape: `at`, `resource`, `request` and `place` (n,).
    """

    name: str
    """The event's name; for spans nothing."""
    at: Ints
    """Unit: microseconds since 1970."""
    resource: Ints
    """Whose record it is, by its place in `resources`."""
    request: Ints
    """Which of the requests that were decoded together brought it."""
    place: Ints
    """Where it stood among all records of its kind."""
    resources: Sequence[Attributes]
    columns: Mapping[str, Column]
    ids: Mapping[str, pa.StringArray] = field(default_factory=dict)
    """Of spans: `trace` and `span` in hex."""

    def __len__(self) -> int:
        return len(self.at)

    def __contains__(self, key: str) -> bool:
        return key in self.columns

    def text(self, *keys: str) -> pa.StringArray:
        """The first of some attributes that is stated, as text; else that of the resource; else nothing."""
        found: pa.StringArray | None = None
        for key in keys:
            if key in self.columns:
                mine = _text(self.columns[key], len(self))
                found = mine if found is None else pc.if_else(_stated(found), found, mine)
                if found.null_count == 0:
                    return found
        shared = self._shared(keys)
        if shared is None:
            return pa.repeat(pa.scalar(""), len(self)) if found is None else pc.fill_null(found, "")
        return shared if found is None else pc.if_else(_stated(found), found, shared)

    def word(self, *keys: str) -> Text:
        """The same; as one text where all records have the same because nobody states it but the resource."""
        if any(key in self.columns for key in keys):
            return self.text(*keys)
        words = {_word(resource, keys) for resource in self.resources}
        if len(words) > 1:
            return self.text(*keys)
        return words.pop() if words else ""

    def count(self, *keys: str) -> Ints:
        """The first of some attributes that is stated, as a count; ABSENT where none is, WRONG for no count.

        Shape: (n,).
        """
        found: Ints | None = None
        for key in keys:
            if key in self.columns:
                mine = _count(self.columns[key], len(self))
                found = mine if found is None else np.where(found == ABSENT, mine, found)
        return np.full(len(self), ABSENT, np.int64) if found is None else found

    def micro_usd(self, whole: str, dollars: str) -> Ints:
        """A cost in millionths of a dollar: as it is stated, or from dollars; ABSENT where it is not."""
        found = self.count(whole)
        if dollars in self.columns and (found < 0).any():
            found = np.where(found < 0, _micro(self.columns[dollars], len(self)), found)
        return np.where(found < 0, ABSENT, found)

    def where(self, chosen: NDArray[np.bool_]) -> "Group":
        """Those of its records that are chosen."""
        if chosen.all():
            return self
        places = np.flatnonzero(chosen)
        return Group(
            name=self.name,
            at=self.at[chosen],
            resource=self.resource[chosen],
            request=self.request[chosen],
            place=self.place[chosen],
            resources=self.resources,
            columns={key: column.at(places) for key, column in self.columns.items()},
            ids={name: ids.take(pa.array(places)) for name, ids in self.ids.items()},
        )

    def _shared(self, keys: Sequence[str]) -> pa.StringArray | None:
        """What the resources state, record by record; None where they state none of it."""
        words = [_word(resource, keys) for resource in self.resources]
        if not any(words):
            return None
        if len(words) == 1:
            return pa.repeat(pa.scalar(words[0]), len(self))
        return pa.array(words, pa.string()).take(pa.array(self.resource))


def _word(attributes: Attributes, keys: Sequence[str]) -> str:
    for key in keys:
        if key in attributes and isinstance(value := attributes[key], str) and len(value) <= LONGEST:
            return value
    return ""


def _stated(texts: pa.StringArray) -> pa.BooleanArray:
    return pc.fill_null(pc.not_equal(texts, ""), False)


def spread(text: Text, length: int) -> pa.StringArray:
    """A text for each of so many records."""
    return pa.repeat(pa.scalar(text), length) if isinstance(text, str) else text


def sizes(texts: pa.StringArray) -> Ints:
    """How many bytes each of some texts has, of which none is absent."""
    offsets = np.frombuffer(texts.buffers()[1], np.int32, len(texts) + 1, texts.offset * 4)
    found: Ints = (offsets[1:] - offsets[:-1]).astype(np.int64)
    return found


def _text(column: Column, length: int) -> pa.StringArray:
    """Texts as they are, counts and switches as they are written; nothing for what is no name."""
    if (name := column.name) is not None:
        return name
    found = column.strings
    for kind in ("bools", "ints"):
        if found is not None and not found.null_count:
            break
        other = getattr(column, kind)
        if other is not None:
            written = pc.cast(other, pa.string())
            found = written if found is None else pc.coalesce(found, written)
    if found is None:
        return pa.nulls(length, pa.string())
    # A name is short: one look at the largest spares a look at each.
    if len(found.buffers()[2] or b"") > LONGEST and (pc.max(pc.binary_length(found)).as_py() or 0) > LONGEST:
        found = pc.if_else(pc.less_equal(pc.binary_length(found), LONGEST), found, "")
    return found


def _count(column: Column, length: int) -> Ints:
    whole = column.whole
    if whole is not None:
        return whole
    found: pa.Int64Array | None = column.ints
    if (found is None or found.null_count) and (strings := column.strings) is not None:
        found = _all(found, _parsed(strings))
    if (found is None or found.null_count) and (doubles := column.doubles) is not None:
        found = _all(found, _whole(doubles))
    if (bools := column.bools) is not None:
        # A switch is no count; what has parts was not read at all.
        switches = pc.if_else(pc.is_valid(bools), WRONG, pa.scalar(None, pa.int64()))
        found = _all(found, switches)
    if found is None:
        return np.full(length, ABSENT, np.int64)
    values: Ints = pc.fill_null(found, ABSENT).to_numpy(zero_copy_only=False)
    if len(values) and (values.min() < 0 or values.max() > MOST):
        values = np.where((values < ABSENT) | (values > MOST), WRONG, values)
        stated = pc.is_valid(found).to_numpy(zero_copy_only=False)
        values = np.where((values == ABSENT) & stated, WRONG, values)
    return values


def _all(one: Any, other: Any) -> Any:
    return other if one is None else pc.coalesce(one, other)


def _parsed(texts: pa.StringArray) -> pa.Int64Array:
    """Counts that were sent as text; what is none is WRONG."""
    try:
        return pc.cast(texts, pa.int64())
    except pa.ArrowInvalid:
        return pa.array([None if text is None else _digits(text) for text in texts.to_pylist()], pa.int64())


def _digits(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 16 else WRONG


def _whole(doubles: pa.DoubleArray) -> pa.Int64Array:
    """Whole numbers that were sent as floating ones; what is none is WRONG."""
    values = pc.fill_null(doubles, 0.0).to_numpy(zero_copy_only=False)
    sound = np.isfinite(values) & (values >= 0) & (values <= MOST) & (values == np.floor(values))
    counts = np.where(sound, values, WRONG).astype(np.int64)
    return pc.if_else(pc.is_valid(doubles), pa.array(counts), pa.scalar(None, pa.int64()))


def _micro(column: Column, length: int) -> Ints:
    dollars = np.full(length, np.nan)
    if (doubles := column.doubles) is not None:
        dollars = pc.fill_null(doubles, np.nan).to_numpy(zero_copy_only=False)
    if (strings := column.strings) is not None:
        texts = _floating(strings)
        dollars = np.where(np.isnan(dollars), texts, dollars)
    sound = np.isfinite(dollars) & (dollars >= 0) & (dollars <= MOST / 1e6)
    return np.where(sound, np.rint(np.where(sound, dollars, 0) * 1e6), ABSENT).astype(np.int64)


def _floating(texts: pa.StringArray) -> NDArray[np.float64]:
    """Numbers that were sent as text; what is none is no number."""
    try:
        found: NDArray[np.float64] = pc.fill_null(pc.cast(texts, pa.float64()), np.nan).to_numpy()
    except pa.ArrowInvalid:
        return np.array([_dollars(text) for text in texts.to_pylist()])
    return found


def _dollars(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return float("nan")
