"""Rows as they travel between rooms: the columns of one noun."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, overload

MAX_ROWS = 65_536
"""A batch never holds more rows, so that memory stays bounded."""

Noun = TypeVar("Noun")
_A_DAY = 86_400_000
"""Unit: milliseconds."""


class Moments(Sequence[datetime]):
    """A column of times, each made only when it is looked at.

    Shape: milliseconds (n,).
    Unit: milliseconds since 1970, UTC.
    """

    __slots__ = ("_days", "milliseconds")

    def __init__(self, milliseconds: Sequence[int], days: Sequence[int] | None = None) -> None:
        self.milliseconds = milliseconds
        self._days = days

    def __len__(self) -> int:
        return len(self.milliseconds)

    def __iter__(self) -> Iterator[datetime]:
        return map(moment, self.milliseconds)

    def days(self) -> Sequence[int]:
        """Whole days since 1970, UTC, of each time.

        Shape: (n,).
        """
        if self._days is None:
            self._days = [milliseconds // _A_DAY for milliseconds in self.milliseconds]
        return self._days

    @overload
    def __getitem__(self, index: int) -> datetime: ...
    @overload
    def __getitem__(self, index: slice) -> "Moments": ...
    def __getitem__(self, index: int | slice) -> "datetime | Moments":
        """One time, or a stretch of the column."""
        if isinstance(index, slice):
            return Moments(self.milliseconds[index], None if self._days is None else self._days[index])
        return moment(self.milliseconds[index])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


class Named(Sequence[Any]):
    """A column of few different values, each named by its number and made only when it is looked at.

    Shape: numbers (n,), each an index of `values`.
    """

    __slots__ = ("numbers", "values")

    def __init__(self, values: Sequence[Any], numbers: Sequence[int]) -> None:
        self.values = values
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __iter__(self) -> Iterator[Any]:
        return map(self.values.__getitem__, self.numbers)

    def __getitem__(self, index: int | slice) -> Any:
        """One value, or a stretch of the column."""
        if isinstance(index, slice):
            return Named(self.values, self.numbers[index])
        return self.values[self.numbers[index]]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]


def distinct(column: Sequence[Any]) -> set[Any]:
    """The values that a column has, each once."""
    return {value for (value,) in together(column)}


def together(*columns: Sequence[Any]) -> set[tuple[Any, ...]]:
    """The values that columns have side by side, each combination once.

    Example:
        >>> together(["a", "a", "b"], Named([7, 8], [0, 0, 1])) == {("a", 7), ("b", 8)}
        True
    """
    named = [column for column in columns if isinstance(column, Named)]
    if len(named) == len(columns) and len({id(column.numbers) for column in named}) == 1:
        return {tuple([column.values[n] for column in named]) for n in set(named[0].numbers)}
    return set(zip(*columns, strict=True))


def moment(milliseconds: int) -> datetime:
    """The aware time so many milliseconds after the start of 1970."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


@dataclass(frozen=True, slots=True)
class Batch(Generic[Noun]):
    """Columns of one noun, all of one length, at most MAX_ROWS.

    Shape: every column (n,).
    Raises: ValueError when a column is missing, unknown or of another length.
    """

    noun: type[Noun]
    columns: Mapping[str, Sequence[Any]]

    def __post_init__(self) -> None:
        names = {f.name for f in fields(self.noun)}  # type: ignore[arg-type]
        if set(self.columns) != names:
            raise ValueError(f"columns of {self.noun.__name__} differ: {sorted(names ^ set(self.columns))}")
        lengths = {len(c) for c in self.columns.values()}
        if len(lengths) > 1:
            raise ValueError(f"columns of {self.noun.__name__} have lengths {sorted(lengths)}")
        if len(self) > MAX_ROWS:
            raise ValueError(f"a batch of {len(self)} rows is over {MAX_ROWS}")

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def rows(self) -> Iterator[Noun]:
        """Every row as a value of the noun."""
        names = tuple(self.columns)
        for values in zip(*self.columns.values(), strict=True):
            yield self.noun(**dict(zip(names, values, strict=True)))


def batches(noun: type[Noun], rows: Iterable[Noun]) -> Iterator[Batch[Noun]]:
    """Rows cut into batches, in their order."""
    names = [f.name for f in fields(noun)]  # type: ignore[arg-type]
    block: list[Noun] = []
    for row in rows:
        block.append(row)
        if len(block) == MAX_ROWS:
            yield _batch(noun, names, block)
            block = []
    if block:
        yield _batch(noun, names, block)


def _batch(noun: type[Noun], names: Sequence[str], block: Sequence[Noun]) -> Batch[Noun]:
    return Batch(noun, {name: [getattr(row, name) for row in block] for name in names})
