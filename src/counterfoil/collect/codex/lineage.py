"""Takes out of forked and spawned sessions what they merely repeat of their parent."""

from collections.abc import Iterable, Sequence
from itertools import takewhile

import msgspec

from counterfoil.collect.reading import FIRST_PLACES, FileReading, Rows
from counterfoil.terms.absent import SkipReason

A_SECOND = 1_000
"""A copied history is written within a second; no own request ends within the first one.

Unit: milliseconds.
"""


class Lineage(msgspec.Struct, array_like=True):
    """Where one rollout's session came from, and its counter at each request.

    Unit: `forked_at` in milliseconds since 1970, UTC.
    """

    session: str
    parent: str = ""
    forked_at: int = 0
    copied: bool = False
    """True where the file may begin with a copy of its parent's history."""
    totals: list[tuple[int, int, int, int]] = []
    lines: list[int] = []
    """Line of each request."""


_decode = msgspec.msgpack.Decoder(Lineage).decode


def own_parts(readings: Iterable[FileReading]) -> list[FileReading]:
    """Every reading without the requests and the work that it copied from its parent.

    With the parent at hand the copy is the common beginning of both, up to the fork; it counts as merged.
    With the parent gone the copy is known by having been written all at once; it counts as left out,
    since the parent's own record of it can't be seen.
    """
    read = [(reading, _decode(reading.extra) if reading.extra else None) for reading in readings]
    by_session: dict[str, list[tuple[FileReading, Lineage]]] = {}
    for reading, lineage in read:
        if lineage is not None:
            by_session.setdefault(lineage.session, []).append((reading, lineage))
    return [
        reading
        if lineage is None or not lineage.copied
        else _own_part(reading, lineage, by_session.get(lineage.parent, []))
        for reading, lineage in read
    ]


def _own_part(
    reading: FileReading, lineage: Lineage, parents: Sequence[tuple[FileReading, Lineage]]
) -> FileReading:
    skipped, places = dict(reading.skipped), list(reading.places)
    if parents:
        copied = max(_common(lineage, parent, line) for parent, line in parents)
    else:
        copied = _at_once(reading.rows.at, lineage.forked_at)
        if copied:
            skipped[SkipReason.NO_PARENT] = skipped.get(SkipReason.NO_PARENT, 0) + copied
            places += [(line, SkipReason.NO_PARENT) for line in lineage.lines[:copied]]
    until = reading.rows.at[copied - 1] if copied else lineage.forked_at
    calls = {_call(fact.call) for parent, _ in parents for fact in parent.written}
    commits = {fact.commit for parent, _ in parents for fact in parent.committed}
    sessions = [
        msgspec.structs.replace(fact, turns=fact.turns and [at for at in fact.turns if int(at) > until])
        for fact in reading.sessions
    ]
    return msgspec.structs.replace(
        reading,
        rows=_without(reading.rows, copied),
        skipped=skipped,
        places=places[:FIRST_PLACES],
        sessions=sessions,
        written=[fact for fact in reading.written if _call(fact.call) not in calls],
        committed=[fact for fact in reading.committed if fact.commit not in commits],
    )


def _common(child: Lineage, parent: FileReading, line: Lineage) -> int:
    """How many requests both began with, those before the fork alone."""
    before = (total for total, at in zip(line.totals, parent.rows.at, strict=True) if at <= child.forked_at)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(child.totals, before, strict=False)))


def _at_once(at: Sequence[int], forked_at: int) -> int:
    """How many leading requests were written with the file itself, or several in one second."""
    early = sum(1 for _ in takewhile(lambda each: each < forked_at + A_SECOND, at))
    burst = sum(1 for _ in takewhile(lambda each: each // A_SECOND == at[0] // A_SECOND, at))
    return max(early, burst if burst > 1 else 0)


def _call(name: str) -> str:
    """A call's own name, without its session."""
    return name.partition(":")[2]


def _without(rows: Rows, leading: int) -> Rows:
    """The rows behind the first few."""
    words = ("texts", "settings")
    columns = {name: getattr(rows, name)[leading:] for name in rows.__struct_fields__ if name not in words}
    return Rows(rows.texts, rows.settings, **columns)
