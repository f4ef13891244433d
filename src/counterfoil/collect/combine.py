"""Unites what the files of one source said; copies of a request become one, whatever their order."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from counterfoil.collect.reading import NONE, FileReading, Rows, SessionFact, in_order
from counterfoil.terms.absent import Place, Skipped, SkipReason, Unknown
from counterfoil.terms.batch import MAX_ROWS, Batch, Moments, moment
from counterfoil.terms.ids import LineKey, SessionId, SourceId
from counterfoil.terms.mark import Committed, Written
from counterfoil.terms.reading import Counts, Reading
from counterfoil.terms.usage import LOCAL_WHO, NOT_STATED, Session, Usage

MAX_SKIPPED = 20
"""How many left-out records are handed on with their place."""
NO_MODEL = Unknown("the log names no model")
NO_TURNS = Unknown("human turns were not asked for")

_NUMBERS = ("input_uncached", "cache_read", "cache_write", "output", "reasoning", "cache_write_1h", "cost")
_WORDS: Mapping[str, str | Unknown] = {
    "session": "",
    "parent": NOT_STATED,
    "model": NO_MODEL,
    "tool": "",
    "directory": NOT_STATED,
    "repository": NOT_STATED,
    "branch": NOT_STATED,
}
"""The columns of words, each with what stands for none."""
_COLUMNS = ("key", "at", "rank", *_NUMBERS, *_WORDS)


def combined(
    source: SourceId,
    readings: Iterable[FileReading],
    *,
    looked: Sequence[str] = (),
    notes: Mapping[str, str] | None = None,
) -> Reading:
    """One reading of all files: for each key the largest counts, the first time, the best copy's place.

    `notes` turns a source's note words into sentences with `{n}` for their number.
    """
    read = list(readings)
    united = _Union()
    for reading in read:
        united.take(reading.rows)
    said: Counter[str] = Counter()
    for reading in read:
        said.update(reading.notes)
    return Reading(
        source=source,
        usage=tuple(_batches(source, united.columns)),
        sessions=_sessions(source, read),
        written=_written(source, read),
        committed=_committed(source, read),
        counts=_counts(read, kept=len(united.columns["key"])),
        skipped=_skipped(read),
        looked=tuple(looked),
        caveats=tuple(says.format(n=said[word]) for word, says in (notes or {}).items() if said[word]),
    )


class _Union:
    """Columns of requests, one row per key."""

    __slots__ = ("_row_of", "_word", "columns")

    def __init__(self) -> None:
        self.columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
        self._row_of: dict[str, int] = {}
        self._word: dict[str, str] = {}

    def take(self, rows: Rows) -> None:
        """Unite the rows of one file with what is there."""
        words = [self._word.setdefault(word, word) for word in rows.texts]
        columns = {name: getattr(rows, name) for name in _COLUMNS}
        for name, absent in _WORDS.items():
            columns[name] = _named(columns[name], [*words, absent])
        first = len(self._row_of)
        new = dict(zip(rows.key, range(first, first + len(rows)), strict=True))
        if len(new) < len(rows) or not self._row_of.keys().isdisjoint(new):
            columns = self._united(columns)
            new = dict(zip(columns["key"], range(first, first + len(columns["key"])), strict=True))
        self._row_of.update(new)
        for name, column in columns.items():
            self.columns[name] += column

    def _united(self, columns: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
        """Unite the copies of what is there; the rows that are new, each once."""
        new: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
        row_of: dict[str, int] = {}
        for row, key in enumerate(columns["key"]):
            known = self._row_of.get(key)
            if known is not None:
                _unite(self.columns, known, columns, row)
            elif key in row_of:
                _unite(new, row_of[key], columns, row)
            else:
                row_of[key] = len(row_of)
                for name, column in new.items():
                    column.append(columns[name][row])
        return new


def _named(indices: list[int], words: list[Any]) -> list[Any]:
    """The words of a column, which is nearly always one word; the last of them where NONE is stated."""
    if indices and indices.count(indices[0]) == len(indices):
        return [words[indices[0]]] * len(indices)
    return [words[index] for index in indices]


def _unite(there: Mapping[str, list[Any]], row: int, copies: Mapping[str, list[Any]], copy: int) -> None:
    """Every rule here is a largest, a smallest or a first in order, so that sequence can't matter."""
    for name in _NUMBERS:
        there[name][row] = max(there[name][row], copies[name][copy])
    there["at"][row] = min(there["at"][row], copies["at"][copy])
    if _precedence(copies, copy) < _precedence(there, row):
        for name in ("rank", *_WORDS):
            there[name][row] = copies[name][copy]


def _precedence(columns: Mapping[str, list[Any]], row: int) -> tuple[Any, ...]:
    """Which copy names session, model and place: the lowest; a known model before none."""
    words = [word if isinstance(word := columns[name][row], str) else "" for name in _WORDS]
    return (columns["rank"][row], isinstance(columns["model"][row], Unknown), *words)


def _batches(source: SourceId, columns: Mapping[str, list[Any]]) -> Iterator[Batch[Usage]]:
    for start in range(0, len(columns["key"]), MAX_ROWS):
        yield _batch(source, {name: column[start : start + MAX_ROWS] for name, column in columns.items()})


def _batch(source: SourceId, part: Mapping[str, list[Any]]) -> Batch[Usage]:
    n = len(part["key"])
    return Batch(
        Usage,
        {
            "source": [source] * n,
            "key": part["key"],
            "at": Moments(part["at"]),
            "session": part["session"],
            "model": part["model"],
            "input_uncached": part["input_uncached"],
            "cache_read": part["cache_read"],
            "cache_write": part["cache_write"],
            "output": part["output"],
            "reasoning": _numbers(part["reasoning"]),
            "cache_write_1h": _numbers(part["cache_write_1h"]),
            "tool": part["tool"],
            "who": [LOCAL_WHO] * n,
            "cost": _numbers(part["cost"]),
            "parent_session": part["parent"],
            "trigger": [NOT_STATED] * n,
            "credential": [NOT_STATED] * n,
            "directory": part["directory"],
            "repository": part["repository"],
            "branch": part["branch"],
        },
    )


def _numbers(column: list[int]) -> Sequence[int | Unknown]:
    return [NOT_STATED if number == NONE else number for number in column] if NONE in column else column


def _sessions(source: SourceId, readings: Sequence[FileReading]) -> tuple[Session, ...]:
    facts: dict[str, list[SessionFact]] = {}
    for reading in readings:
        for fact in reading.sessions:
            facts.setdefault(fact.id, []).append(fact)
    return tuple(_session(source, facts[name]) for name in sorted(facts))


def _session(source: SourceId, facts: list[SessionFact]) -> Session:
    facts.sort(key=lambda f: (f.began, f.ended, f.directories, f.branches, f.client, f.parent, f.repository))
    turns = [fact.turns for fact in facts if fact.turns is not None]
    return Session(
        source=source,
        id=SessionId(facts[0].id),
        parent=next((SessionId(f.parent) for f in facts if f.parent), NOT_STATED),
        began=moment(facts[0].began),
        ended=moment(max(fact.ended for fact in facts)),
        directories=in_order([word for fact in facts for word in fact.directories]),
        branches=in_order([word for fact in facts for word in fact.branches]),
        repository=next((f.repository for f in facts if f.repository), NOT_STATED),
        human_turns=len(set().union(*turns)) if turns else NO_TURNS,
        client=next((f.client for f in facts if f.client), ""),
    )


def _written(source: SourceId, readings: Sequence[FileReading]) -> tuple[Written, ...]:
    failed = {call for reading in readings for call in reading.failed}
    facts = sorted((f for r in readings for f in r.written), key=lambda f: (f.at, f.call, f.session, f.path))
    once = {(fact.call, fact.path): fact for fact in reversed(facts) if fact.call not in failed}
    return tuple(
        Written(
            source=source,
            session=SessionId(fact.session),
            at=moment(fact.at),
            path=fact.path,
            directory=fact.directory,
            added=tuple(map(LineKey, fact.added)),
            removed=tuple(map(LineKey, fact.removed)),
        )
        for fact in reversed(once.values())
    )


def _committed(source: SourceId, readings: Sequence[FileReading]) -> tuple[Committed, ...]:
    facts = sorted((f.at, f.session, f.commit, f.directory) for r in readings for f in r.committed)
    once = {(session, commit): (at, directory) for at, session, commit, directory in reversed(facts)}
    return tuple(
        Committed(
            source=source, session=SessionId(session), at=moment(at), directory=directory, commit=commit
        )
        for (session, commit), (at, directory) in reversed(once.items())
    )


def _counts(readings: Sequence[FileReading], *, kept: int) -> Counts:
    skipped: Counter[SkipReason] = Counter()
    for reading in readings:
        skipped.update(reading.skipped)
    records = sum(reading.records for reading in readings)
    return Counts(
        files=len(readings),
        records=records,
        kept=kept,
        merged=records - kept - skipped.total(),
        skipped=dict(sorted(skipped.items())),
        other=sum(reading.other for reading in readings),
    )


def _skipped(readings: Sequence[FileReading]) -> tuple[Skipped, ...]:
    places = (
        Skipped(where=Place(file=reading.path, line=line), why=why)
        for reading in readings
        for line, why in reading.places
    )
    return tuple(skipped for skipped, _ in zip(places, range(MAX_SKIPPED), strict=False))
