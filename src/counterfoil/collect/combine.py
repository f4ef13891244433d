"""Unites what the files of one source said; copies of a request become one, whatever their order."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter

from msgspec.structs import replace

from counterfoil.collect.reading import NONE, FileReading, Numbers, Rows, SessionFact, in_order, numbers
from counterfoil.collect.union import Columns, Union
from counterfoil.terms.absent import Place, Skipped, SkipReason, Unknown
from counterfoil.terms.batch import MAX_ROWS, Batch, Moments, Named, moment
from counterfoil.terms.ids import LineKey, SessionId, SourceId
from counterfoil.terms.mark import Committed, Written
from counterfoil.terms.reading import Counts, Reading
from counterfoil.terms.usage import LOCAL_WHO, NOT_STATED, Session, Usage

MAX_SKIPPED = 20
"""How many left-out records are handed on with their place."""
NO_MODEL = Unknown("the log names no model")
NO_TURNS = Unknown("human turns were not asked for")
NO_ROWS = Rows()

_ABSENT: Mapping[str, str | Unknown] = {
    "session": "",
    "parent": NOT_STATED,
    "model": NO_MODEL,
    "tool": "",
    "directory": NOT_STATED,
    "repository": NOT_STATED,
    "branch": NOT_STATED,
}
"""What stands for a word of a setting that is not stated."""


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
    union = Union()
    read = []
    for reading in readings:
        union.take(reading.path, reading.rows)
        read.append(replace(reading, rows=NO_ROWS))
    read.sort(key=attrgetter("path"))
    said: Counter[str] = Counter()
    for reading in read:
        said.update(reading.notes)
    return Reading(
        source=source,
        usage=tuple(_batches(source, union)),
        sessions=_sessions(source, read),
        written=_written(source, read),
        committed=_committed(source, read),
        counts=_counts(read, kept=len(union)),
        skipped=_skipped(read),
        looked=tuple(looked),
        caveats=tuple(says.format(n=said[word]) for word, says in (notes or {}).items() if said[word]),
    )


def _batches(source: SourceId, union: Union) -> Iterator[Batch[Usage]]:
    columns = union.in_order()
    settings = list(union.settings())
    words = {
        name: [word or absent for word in column]
        for (name, absent), column in zip(_ABSENT.items(), settings, strict=False)
    }
    for start in range(0, len(union), MAX_ROWS):
        part = {name: column[start : start + MAX_ROWS] for name, column in columns.items()}
        named = {name: Named(column, part["setting"]) for name, column in words.items()}
        yield _batch(source, part, Named(settings[-1], part["setting"]), named)


def _batch(source: SourceId, part: Columns, days: Named, words: Mapping[str, Named]) -> Batch[Usage]:
    n = len(part["key"])
    return Batch(
        Usage,
        {
            "source": [source] * n,
            "key": part["key"],
            "at": Moments(part["at"], days),
            "session": words["session"],
            "model": words["model"],
            "input_uncached": part["input_uncached"],
            "cache_read": part["cache_read"],
            "cache_write": part["cache_write"],
            "output": part["output"],
            "reasoning": _stated(part["reasoning"]),
            "cache_write_1h": _stated(part["cache_write_1h"]),
            "tool": words["tool"],
            "who": [LOCAL_WHO] * n,
            "cost": _stated(part["cost"]),
            "parent_session": words["parent"],
            "trigger": [NOT_STATED] * n,
            "credential": [NOT_STATED] * n,
            "directory": words["directory"],
            "repository": words["repository"],
            "branch": words["branch"],
        },
    )


def _stated(column: Numbers) -> Sequence[int | Unknown]:
    """The numbers of a column, Unknown where none is stated."""
    if column == numbers([NONE]) * len(column):
        return Named([NOT_STATED], numbers([0]) * len(column))
    return [NOT_STATED if number == NONE else number for number in column]


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
