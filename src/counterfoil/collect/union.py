"""Requests of many files in one set of columns: copies of a request become one row, whatever their order."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby
from operator import attrgetter
from typing import Any

from counterfoil.collect.reading import A_DAY, NONE, Rows, Setting, numbers

_NUMBERS = ("input_uncached", "cache_read", "cache_write", "output", "reasoning", "cache_write_1h", "cost")
_COLUMNS = ("key", "setting", "at", *_NUMBERS)
Columns = dict[str, Any]
"""A list of keys, and numbers."""
_first, _path = attrgetter("first"), attrgetter("path")


class _Part:
    """The rows that one file was the first to come with, numbered across all files."""

    __slots__ = ("columns", "first", "path", "shared", "told")

    def __init__(self, path: str, first: int, columns: Columns) -> None:
        self.path = path
        self.first = first
        self.columns = columns
        self.told: Sequence[int] = range(first, first + len(columns["key"]))
        """Every row that the file tells of."""
        self.shared = False
        """True where several files may tell of these rows."""

    def share(self) -> None:
        """Make ready to be changed by what other files tell of the same rows."""
        if not self.shared:
            self.shared = True
            self.columns = {name: column[:] for name, column in self.columns.items()}


class Union:
    """Columns of requests, one row per key; settings are numbered across all files."""

    __slots__ = ("_number_of", "_parts", "_row_of", "_settings")

    def __init__(self) -> None:
        self._parts: list[_Part] = []
        self._row_of: dict[str, int] = {}
        self._settings: list[tuple[Any, ...]] = []
        """Each by what decides whose is kept: rank, whether it names no model, its words; and its day."""
        self._number_of: dict[tuple[Any, ...], int] = {}

    def __len__(self) -> int:
        return len(self._row_of)

    def take(self, path: str, rows: Rows) -> None:
        """Unite the rows of one file with what is there."""
        columns = {name: getattr(rows, name) for name in _COLUMNS}
        settings = [self._number(_stated(setting, rows.texts)) for setting in rows.settings]
        columns["setting"] = numbers([settings[number] for number in rows.setting])
        known, first = self._row_of, len(self._row_of)
        part = _Part(path, first, columns)
        self._parts.append(part)
        if known.keys().isdisjoint(rows.key):
            known.update(zip(rows.key, part.told, strict=True))
            if len(known) == first + len(rows):
                return
            for key in rows.key:
                known.pop(key, None)
        part.columns = _empty()
        part.shared = True
        part.told = [self._row(part, *row) for row in zip(*columns.values(), strict=True)]

    def _number(self, stated: tuple[Any, ...]) -> int:
        """The number of a setting among those of all files."""
        number = self._number_of.setdefault(stated, len(self._settings))
        if number == len(self._settings):
            self._settings.append(stated)
        return number

    def _row(self, part: _Part, key: str, setting: int, at: int, *counts: int) -> int:
        """The row of a request that may be a copy.

        Every rule here is a largest, a smallest or a first in order, so that sequence can't matter.
        """
        row = self._row_of.setdefault(key, len(self._row_of))
        if row == part.first + len(part.columns["key"]):
            for name, value in zip(_COLUMNS, (key, setting, at, *counts), strict=True):
                part.columns[name].append(value)
            return row
        owner = self._owner(row)
        owner.share()
        there, place = owner.columns, row - owner.first
        for name, count in zip(_NUMBERS, counts, strict=True):
            there[name][place] = max(there[name][place], count)
        first = there["at"][place] = min(there["at"][place], at)
        *words, _ = min(self._settings[setting], self._settings[there["setting"][place]])
        there["setting"][place] = self._number((*words, first // A_DAY))
        return row

    def _owner(self, row: int) -> _Part:
        """The part that has a row."""
        return self._parts[bisect_right(self._parts, row, key=_first) - 1]

    def _runs(self, rows: Sequence[int]) -> Iterator[Columns]:
        """The columns of rows that follow each other, cut where the next part begins."""
        start, stop = rows[0], rows[-1] + 1
        while start < stop:
            owner = self._owner(start)
            end = min(stop, owner.first + len(owner.columns["key"]))
            yield {
                name: column[start - owner.first : end - owner.first]
                for name, column in owner.columns.items()
            }
            start = end

    def settings(self) -> Iterable[tuple[Any, ...]]:
        """Each word of every setting, in the order of `Setting`, empty where none is stated; then its day."""
        return zip(*(stated for _, _, *stated in self._settings), strict=True)

    def in_order(self) -> Columns:
        """The columns as if the files had come by name: a request stands where the first of them has it."""
        runs: list[Columns] = []
        done: set[int] = set()
        for part in sorted(self._parts, key=_path):
            if not part.shared:
                runs.append(part.columns)
                continue
            rows = [row for row in dict.fromkeys(part.told) if row not in done]
            done.update(rows)
            for _, stretch in groupby(enumerate(rows), key=_offset):
                runs += self._runs([row for _, row in stretch])
        joined: Columns = {name: numbers(b"".join([run[name] for run in runs])) for name in _COLUMNS[1:]}
        joined["key"] = list(chain.from_iterable([run["key"] for run in runs]))
        return joined


def _stated(setting: Setting, texts: Sequence[str]) -> tuple[Any, ...]:
    """A setting without numbers of its own file, in order of precedence."""
    *words, rank, day = setting
    return rank, setting.model == NONE, *("" if word == NONE else texts[word] for word in words), day


def _offset(place: tuple[int, int]) -> int:
    """The same for all rows that follow each other."""
    return place[1] - place[0]


def _empty() -> Columns:
    return {name: [] if name == "key" else numbers() for name in _COLUMNS}
