"""What is remembered as a reading again, and the join of a reading with it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from functools import cache
from typing import Any

from counterfoil.store.memory import (
    ABSENT,
    COUNTS,
    NAMES,
    Memory,
    at_minute,
    committed_row,
    joined_usage,
    key_number,
    remembered_key,
    written_row,
)
from counterfoil.terms.batch import MAX_ROWS, Batch
from counterfoil.terms.ids import LineKey, SessionId, SourceId
from counterfoil.terms.mark import Committed, Written
from counterfoil.terms.reading import Reading
from counterfoil.terms.usage import LOCAL_WHO, NOT_STATED, Session, Usage


def merge_remembered(reading: Reading, remembered: Reading) -> tuple[Reading, int]:
    """The reading with what only memory has left, and how many requests that is; its own counts stay its own.

    Example:
        >>> nothing = Reading(source=SourceId("table"), usage=())
        >>> merge_remembered(nothing, nothing)[1]
        0
    """
    if not (remembered.usage or remembered.sessions or remembered.written or remembered.committed):
        return reading, 0
    keys = {key_number(key) for batch in reading.usage for key in batch.columns["key"]}
    gone = [left for batch in remembered.usage if len(left := _left(batch, keys))]
    sessions = {s.id for s in reading.sessions}
    written = {written_row(w) for w in reading.written}
    committed = {committed_row(c) for c in reading.committed}
    merged = replace(
        reading,
        usage=(*reading.usage, *gone),
        sessions=(*reading.sessions, *(s for s in remembered.sessions if s.id not in sessions)),
        written=(*reading.written, *(w for w in remembered.written if written_row(w) not in written)),
        committed=(
            *reading.committed,
            *(c for c in remembered.committed if committed_row(c) not in committed),
        ),
    )
    return merged, sum(len(batch) for batch in gone)


def _left(batch: Batch[Usage], keys: set[int]) -> Batch[Usage]:
    rows = [i for i, key in enumerate(batch.columns["key"]) if key_number(key) not in keys]
    if len(rows) == len(batch):
        return batch
    return Batch(Usage, {name: [column[i] for i in rows] for name, column in batch.columns.items()})


def reading_of(source: SourceId, memories: Mapping[SessionId, Memory]) -> Reading:
    """Memories as a reading: times to the minute, and each request under a key made of its hash.

    A request that two sessions' logs repeat belongs to the session that began first.
    """
    in_time = sorted(memories.items(), key=lambda item: (item[1].span(), item[0]))
    usage: dict[int, tuple[SessionId, tuple[Any, ...]]] = {}
    written: dict[Any, Written] = {}
    committed: dict[Any, Committed] = {}
    for id, memory in in_time:
        for key, row in memory.usage.items():
            first = usage.setdefault(key, (id, row))
            if first[1] is not row:
                usage[key] = first[0], joined_usage(first[1], row)
        for call in memory.written:
            written.setdefault(call, _written(call, source, id))
        for commit in memory.committed:
            committed.setdefault(commit, _committed(commit, source, id))
    return Reading(
        source=source,
        usage=tuple(_batches(source, usage, {id: m.facts for id, m in in_time})),
        sessions=tuple(_session(m.facts, source, id) for id, m in in_time if m.facts is not None),
        written=tuple(written.values()),
        committed=tuple(committed.values()),
    )


def _batches(
    source: SourceId,
    usage: Mapping[int, tuple[SessionId, tuple[Any, ...]]],
    facts: Mapping[SessionId, Mapping[str, Any] | None],
) -> Iterator[Batch[Usage]]:
    moment = cache(at_minute)
    parents = {id: NOT_STATED if f is None or f["parent"] is None else f["parent"] for id, f in facts.items()}
    keys, places = list(usage), list(usage.values())
    for start in range(0, len(keys), MAX_ROWS):
        block = places[start : start + MAX_ROWS]
        minutes, *stated = zip(*(row for _, row in block), strict=True)
        columns: dict[str, Sequence[Any]] = {
            f.name: [LOCAL_WHO if f.name == "who" else NOT_STATED] * len(block) for f in fields(Usage)
        }
        columns["source"] = [source] * len(block)
        columns["key"] = [remembered_key(key) for key in keys[start : start + MAX_ROWS]]
        columns["at"] = [moment(at) for at in minutes]
        columns["session"] = [id for id, _ in block]
        columns["parent_session"] = [parents[id] for id, _ in block]
        for name, column in zip((*COUNTS, *NAMES), stated, strict=True):
            columns[name] = [NOT_STATED if v is None or v == ABSENT else v for v in column]
        yield Batch(Usage, columns)


def _session(facts: Mapping[str, Any], source: SourceId, id: SessionId) -> Session:
    values: dict[str, Any] = {
        k: NOT_STATED if v is None else tuple(v) if isinstance(v, list) else v for k, v in facts.items()
    }
    values |= {"began": at_minute(facts["began"]), "ended": at_minute(facts["ended"])}
    return Session(source=source, id=id, **values)


def _written(row: tuple[Any, ...], source: SourceId, id: SessionId) -> Written:
    at, path, directory, added, removed = row
    return Written(
        source=source,
        session=id,
        at=at_minute(at),
        path=path,
        directory=directory,
        added=[LineKey(k) for k in added],
        removed=[LineKey(k) for k in removed],
    )


def _committed(row: tuple[Any, ...], source: SourceId, id: SessionId) -> Committed:
    return Committed(source=source, session=id, at=at_minute(row[0]), directory=row[1], commit=row[2])
