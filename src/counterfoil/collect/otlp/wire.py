"""Values of attributes, read from the bytes of many records at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from counterfoil.collect.otlp.group import LONGEST, Column, Ints
from counterfoil.collect.otlp.layout import WIDTHS, Layout

STRING, BOOL, INT, DOUBLE = 0x0A, 0x10, 0x18, 0x21
"""The tags of AnyValue's fields that are read."""
_KNOWN = np.zeros(256, np.bool_)
_KNOWN[[STRING, BOOL, INT, DOUBLE, 0x00, 0x2A, 0x32, 0x3A]] = True
"""These, no value, and the tags of those that have parts: they are passed over."""
SEVEN = 7
"""Bytes of a number that is a count for certain: below 2**49."""
MOST_HEAD = 3
"""Bytes of a length that are read: no body is larger than they can say."""
_KEEP = np.array([(1 << 8 * size) - 1 for size in range(9)], np.uint64)
_GOES_ON = np.array([sum(0x80 << 8 * n for n in range(size - 1)) for size in range(9)], np.uint64)
_HIGH = np.uint64(0x8080808080808080)
_FOLDS = (
    (1, np.uint64(0x007F007F007F007F), np.uint64(0x7F007F007F007F00)),
    (2, np.uint64(0x00003FFF00003FFF), np.uint64(0x3FFF00003FFF0000)),
    (4, np.uint64(0x000000000FFFFFFF), np.uint64(0x0FFFFFFF00000000)),
)
"""How groups of seven bits are laid beside each other: shift, what stays, what moves."""
_FACTORS = np.random.default_rng(0x0C0FFEE).integers(1, 2**63, 4_096, np.int64).astype(np.uint64)
Bools = NDArray[np.bool_]


class Wire:
    """The bytes of all attributes of some requests, and where each begins and ends."""

    def __init__(self, attributes: pa.BinaryArray) -> None:
        """Of attributes, each a KeyValue as it was sent."""
        _, offsets, self.data = attributes.buffers()
        bounds = np.frombuffer(offsets, np.int32, len(attributes) + 1, attributes.offset * 4)
        self.starts: Ints = bounds[:-1].astype(np.int64)
        self.ends: Ints = bounds[1:].astype(np.int64)
        size = int(bounds[-1])
        # What is looked at at once may go beyond the end.
        self.bytes = np.zeros(size + WIDTHS[-1], np.uint8)
        if size:
            self.bytes[:size] = np.frombuffer(self.data, np.uint8, size)

    def attribute(self, place: int) -> bytes:
        """One attribute."""
        return self.bytes[self.starts[place] : self.ends[place]].tobytes()

    def words(self, places: Ints, width: int) -> NDArray[np.uint64]:
        """So many bytes from each place on. Shape: (..., width / 8)."""
        windows = np.ndarray((len(self.bytes) - width + 1,), f"V{width}", self.bytes, strides=(1,))
        return windows[places].view("<u8").reshape(*places.shape, width // 8)

    def hashes(self, within: Ints) -> NDArray[np.uint64]:
        """A number for each attribute's key and its place in its record. Shape: (attributes,)."""
        sizes = self.bytes.take(self.starts + 1).astype(np.int64)
        begin = self.words(self.starts + 1, 8)[:, 0] & _KEEP.take(np.minimum(sizes + 1, 8))
        end = self.words(np.maximum(self.starts + sizes - 5, 0), 8)[:, 0]
        end = np.where(sizes >= 8, end, 0)
        place = within % len(_FACTORS)
        mixed: NDArray[np.uint64] = begin * _FACTORS.take(place) + end * _FACTORS[::-1].take(place)
        return mixed

    def fits(self, places: Ints, layout: Layout) -> bool:
        """Whether each of some records has a layout. Shape: `places` (records, attributes)."""
        if not len(layout):
            return True
        found = self.words(self.starts.take(places), layout.width)
        found &= layout.mask
        return bool((found == layout.words).all())


@dataclass(slots=True)
class Values:
    """The values of those attributes of some records that are looked at, all with one layout.

    Shape: `starts`, `ends` and `kinds` (records, keys).
    """

    wire: Wire
    keys: Mapping[str, int]
    """Each key that is looked at, with its place among them."""
    kinds: NDArray[np.uint8]
    """The tag of each value."""
    starts: Ints
    """Where each value begins, behind its tag."""
    ends: Ints
    same: Bools
    """Whether every record's value is of the same type. Shape: (keys,)."""
    _numbers: dict[int, Ints] = field(default_factory=dict)
    _texts: tuple[list[int], pa.StringArray] | None = None
    """The keys whose values are all short texts, and these texts, in turns with what lies between."""

    @classmethod
    def of(cls, wire: Wire, places: Ints, layout: Layout) -> "Values":
        """The values of records whose attributes stand at some places.

        Raises: ValueError where one is not written as every exporter writes it.
        """
        steps = list(layout.wanted.values())
        places = places.take(steps, axis=1)
        starts = wire.starts.take(places) + layout.begins.take(steps)
        ends = wire.ends.take(places)
        starts = _behind_length(wire, starts, ends)
        kinds = np.where(starts < ends, wire.bytes.take(starts), 0).astype(np.uint8)
        if not _KNOWN.take(kinds).all():
            raise ValueError(_NO_VALUE)
        same = (kinds == kinds[0]).all(axis=0)
        return cls(wire, {key: n for n, key in enumerate(layout.wanted)}, kinds, starts + 1, ends, same)

    def columns(self) -> dict[str, Column]:
        """A column for each key."""
        return {key: WireColumn(self, step) for key, step in self.keys.items()}

    def numbers(self, step: int) -> Ints | None:
        """A key's values where all are whole numbers that are counts for certain. Shape: (records,)."""
        if not self._numbers:
            steps = np.flatnonzero(self.same & (self.kinds[0] == INT))
            starts, ends = self.starts.take(steps, axis=1), self.ends.take(steps, axis=1)
            for place in np.flatnonzero((ends - starts).max(axis=0, initial=0) > SEVEN)[::-1].tolist():
                steps = np.delete(steps, place)
                starts, ends = np.delete(starts, place, 1), np.delete(ends, place, 1)
            found = short_numbers(self.wire, starts, ends)
            self._numbers = {-1: np.zeros(0, np.int64)}
            self._numbers.update(zip(steps.tolist(), np.ascontiguousarray(found.T), strict=True))
        return self._numbers.get(step)

    def names(self, step: int) -> pa.StringArray | None:
        """A key's values where all are short texts.

        Raises: ValueError where one is no text.
        """
        if self._texts is None:
            short = (self.ends - self.starts).max(axis=0) <= LONGEST
            steps = np.flatnonzero(self.same & (self.kinds[0] == STRING) & short)
            starts, ends = self.starts.take(steps, axis=1), self.ends.take(steps, axis=1)
            starts = _behind_length(self.wire, starts, ends)
            self._texts = steps.tolist(), turns(self.wire, starts.ravel(), ends.ravel())
        keys, found = self._texts
        if step not in keys:
            return None
        places = np.arange(2 * keys.index(step), len(found), 2 * len(keys))
        return taken(found, pa.array(places))


class WireColumn(Column):
    """One attribute of every record, read from its bytes when it is asked for."""

    __slots__ = ("_rows", "_step", "_values")

    def __init__(self, values: Values, step: int, rows: Ints | None = None) -> None:
        """The values of one key, of all records or some."""
        super().__init__({})
        self._values, self._step, self._rows = values, step, rows

    @property
    def name(self) -> pa.StringArray | None:
        """The values where all are short texts."""
        found = self._values.names(self._step)
        return found if found is None or self._rows is None else found.take(pa.array(self._rows))

    @property
    def whole(self) -> Ints | None:
        """The values where all are counts for certain."""
        found = self._values.numbers(self._step)
        return found if found is None or self._rows is None else found.take(self._rows)

    def at(self, places: Ints) -> Column:
        """The values at some of its places."""
        rows = places if self._rows is None else self._rows.take(places)
        return WireColumn(self._values, self._step, rows)

    def _taken(self, kind: str) -> pa.Array | None:
        tag = {"strings": STRING, "bools": BOOL, "ints": INT, "doubles": DOUBLE}[kind]
        of, rows, step = self._values, slice(None) if self._rows is None else self._rows, self._step
        kinds, starts, ends = of.kinds[rows, step], of.starts[rows, step], of.ends[rows, step]
        mine = kinds == tag
        if not mine.any():
            return None
        if tag == STRING:
            return texts(of.wire, starts, ends, mine)
        found = NUMBERS[tag](of.wire, starts[mine], ends[mine])
        if len(found) == len(mine):
            return pa.array(found)
        placed = np.zeros(len(mine), found.dtype)
        placed[mine] = found
        return pa.array(placed, mask=~mine)


def texts(wire: Wire, starts: Ints, ends: Ints, mine: Bools) -> pa.StringArray:
    """Values that are text; nothing where they are not.

    Raises: ValueError where one is none.
    """
    every = bool(mine.all())
    if every:
        begins = _behind_length(wire, starts, ends)
    else:
        begins, ends = starts.copy(), np.where(mine, ends, starts)
        begins[mine] = _behind_length(wire, starts[mine], ends[mine])
    places = np.arange(0, 2 * len(begins), 2)
    return taken(turns(wire, begins, ends), pa.array(places) if every else pa.array(places, mask=~mine))


def turns(wire: Wire, begins: Ints, ends: Ints) -> pa.StringArray:
    """Texts, each between two places, in turns with what lies between them: text number n is at 2 n."""
    if not len(begins):
        return pa.array([], pa.string())
    bounds = np.empty(2 * len(begins), np.int32)
    bounds[0::2], bounds[1::2] = begins, ends
    return pa.Array.from_buffers(pa.string(), len(bounds) - 1, [None, pa.py_buffer(bounds), wire.data])


def taken(found: pa.StringArray, places: pa.Int64Array) -> pa.StringArray:
    """Some of these texts in memory of their own, so that nothing that stood beside them goes along.

    Raises: ValueError where one is none.
    """
    mine = found.take(places)
    mine.validate(full=True)
    return mine


def short_numbers(wire: Wire, starts: Ints, ends: Ints) -> Ints:
    """Whole numbers of at most eight bytes on the wire.

    Raises: ValueError where one is none.
    """
    sizes = ends - starts
    found = wire.words(starts, 8)[..., 0] & _KEEP.take(sizes)
    if sizes.size and (sizes.min() < 1 or ((found & _HIGH) != _GOES_ON.take(sizes)).any()):
        raise ValueError(_NO_NUMBER)
    found &= ~_HIGH
    for shift, stays, moves in _FOLDS:
        found = (found & stays) | ((found & moves) >> np.uint64(shift))
    return found.view(np.int64)


def _numbers(wire: Wire, starts: Ints, ends: Ints) -> Ints:
    if (ends - starts).max() <= 8:
        return short_numbers(wire, starts, ends)
    found = [_number(wire.bytes[a:b].tolist()) for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    return np.array(found, np.uint64).view(np.int64)


def _number(parts: list[int]) -> int:
    if not 1 <= len(parts) <= 10 or parts[-1] > 0x7F or any(part < 0x80 for part in parts[:-1]):
        raise ValueError(_NO_NUMBER)
    return sum((part & 0x7F) << 7 * place for place, part in enumerate(parts)) & (1 << 64) - 1


def _switches(wire: Wire, starts: Ints, ends: Ints) -> Bools:
    found = wire.bytes.take(starts)
    if ((ends - starts) != 1).any() or (found > 1).any():
        raise ValueError(_NO_NUMBER)
    return found.astype(np.bool_)


def _doubles(wire: Wire, starts: Ints, ends: Ints) -> NDArray[np.float64]:
    if ((ends - starts) != 8).any():
        raise ValueError(_NO_NUMBER)
    return wire.words(starts, 8)[..., 0].view(np.float64)


_NO_VALUE = "a value of no type"
_NO_NUMBER = "a number that is none"
NUMBERS = {INT: _numbers, BOOL: _switches, DOUBLE: _doubles}


def _behind_length(wire: Wire, starts: Ints, ends: Ints) -> Ints:
    """Where what has a length before it begins; it ends where it should.

    Raises: ValueError where it does not.
    """
    sizes = ends - starts
    if not sizes.size:
        return starts
    if sizes.max() <= 0x80:
        if sizes.min() < 1 or (wire.bytes.take(starts) != sizes - 1).any():
            raise ValueError(_NO_LENGTH)
        return starts + 1
    heads = 1 + (sizes > 0x80) + (sizes > 0x4001)
    rest = sizes - heads
    for place in range(MOST_HEAD):
        more = np.where(place < heads - 1, 0x80, 0)
        said = (rest >> 7 * place & 0x7F) | more
        if ((place < heads) & (wire.bytes.take(starts + place) != said)).any():
            raise ValueError(_NO_LENGTH)
    if sizes.min() < 1 or (rest >> 7 * heads).any():
        raise ValueError(_NO_LENGTH)
    return starts + heads


_NO_LENGTH = "a length that is none"
