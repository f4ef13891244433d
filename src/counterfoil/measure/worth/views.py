"""Folded usage seen by source, day, model, repository and session."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from counterfoil.measure.worth.usage import Spent, totals
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import RepoPath, SessionId
from counterfoil.terms.own import OwnSources
from counterfoil.terms.reading import Reading
from counterfoil.terms.report import SourceRow, UsagePart, UsageRow

NO_MODEL = "(no model named)"
NO_DIRECTORY = "(no directory named)"


def usage_part(rows: Sequence[Spent], sources: OwnSources, roots: Mapping[SessionId, SessionId]) -> UsagePart:
    """Every view of the folded rows; each sums to the same totals."""
    return UsagePart(
        totals=totals(rows),
        by_source=[_source_row(reading, rows, sources) for reading in sources.readings],
        by_day=_by(rows, lambda row: row.day),
        by_model=_by(rows, lambda row: NO_MODEL if isinstance(row.model, Unknown) else row.model),
        by_repo=_by(rows, lambda row: repository(row.directory, sources.places)),
        by_session=_by(rows, lambda row: roots.get(row.session, row.session)),
    )


def roots_of(readings: Iterable[Reading]) -> dict[SessionId, SessionId]:
    """Each session that another started, with the one a person began; a circle ends where it began."""
    parents = {
        session.id: session.parent
        for reading in readings
        for session in reading.sessions
        if not isinstance(session.parent, Unknown)
    }
    roots = {}
    for session in parents:
        seen, at = {session}, parents[session]
        while at in parents and at not in seen:
            seen.add(at)
            at = parents[at]
        roots[session] = at
    return roots


def repository(directory: str | Unknown, places: Mapping[str, RepoPath | Unknown]) -> str:
    """The repository of a directory; the directory itself where it has none."""
    if isinstance(directory, Unknown):
        return NO_DIRECTORY
    place = places.get(directory)
    return directory if place is None or isinstance(place, Unknown) else place


def _by(rows: Sequence[Spent], name: Callable[[Spent], str]) -> list[UsageRow]:
    groups: dict[str, list[Spent]] = {}
    for row in rows:
        groups.setdefault(name(row), []).append(row)
    return [UsageRow(name=key, totals=totals(groups[key])) for key in sorted(groups)]


def _source_row(reading: Reading, rows: Sequence[Spent], sources: OwnSources) -> SourceRow:
    counts = reading.counts
    return SourceRow(
        source=reading.source,
        files=counts.files,
        records=counts.records,
        kept=counts.kept,
        merged=counts.merged,
        skipped=counts.skipped_total,
        other=counts.other,
        skipped_why={why.value: n for why, n in sorted(counts.skipped.items()) if n},
        totals=totals(row for row in rows if row.source == reading.source),
        looked=tuple(reading.looked),
        retention_days=reading.retention_days,
        remembered=sources.remembered.get(reading.source, 0),
    )
