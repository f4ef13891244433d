"""Follows one repository from its past and the sessions that worked there to the fate of each change."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from counterfoil.measure.fate.changes import Changes, changes_of
from counterfoil.measure.fate.lines import NONE
from counterfoil.measure.fate.match import Matcher
from counterfoil.measure.fate.replay import replay
from counterfoil.measure.worth.join import COMMIT, CONTENT, Join, join
from counterfoil.measure.worth.pooled import Followed, followed
from counterfoil.measure.worth.spend import Share
from counterfoil.terms.history import Past
from counterfoil.terms.ids import SessionId
from counterfoil.terms.own import OwnSources, Progress
from counterfoil.terms.reading import Reading
from counterfoil.terms.usage import Session
from counterfoil.terms.work import FateKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One repository, examined."""

    past: Past
    sessions: Sequence[SessionId]
    """Root sessions that worked here; the position is a session's number."""
    followed: Followed
    joined_by: Sequence[str]
    """How each session that belongs here was joined: content, commit, time or none."""
    proved: Set[SessionId]
    """Sessions of which content or a commit proves that they worked here, wherever their folder was."""
    shares: Mapping[SessionId, Sequence[Share]]
    """For each root session that reached a change: which, with what weight."""


def examine(
    past: Past,
    sources: OwnSources,
    *,
    roots: Mapping[SessionId, SessionId],
    since: int,
    progress: Progress,
) -> Examined:
    """One repository with everything that the sessions that worked there made of it."""
    repo = past.facts.path
    sure = {directory for directory, place in sources.places.items() if place == repo}
    here = sure | {directory for directory, place in sources.guesses.items() if place == repo}
    sessions = _sessions_in(here, sources, roots)
    number = {session.id: n for n, session in enumerate(sessions)}
    number |= {child: number[root] for child, root in roots.items() if root in number}
    matcher = Matcher(
        [w for r in sources.readings for w in r.written if w.session in number and w.directory in here],
        [c for r in sources.readings for c in r.committed if c.session in number and c.directory in here],
        number=number,
        roots=sources.aliases.get(repo, (repo,)),
    )
    what = f"following lines of {repo}"
    fates = replay(past, evidence=matcher, progress=lambda done, whole: progress(what, done, whole))
    changes = changes_of(fates, now=int(sources.now.timestamp()))
    joined = join(fates, matcher, sessions, _asked(sources.readings, number, here))
    belongs = {session.id for session in _sessions_in(sure, sources, roots)}
    proved = {sessions[n].id for n, how in enumerate(joined.by) if how in (CONTENT, COMMIT)}
    return Examined(
        past=past,
        sessions=[session.id for session in sessions],
        followed=followed(fates, changes, since),
        joined_by=[
            how for session, how in zip(sessions, joined.by, strict=True) if session.id in belongs | proved
        ],
        shares={
            id: shares for id, shares in _shares(joined, changes, sessions).items() if id in belongs | proved
        },
        proved=proved,
    )


def _sessions_in(
    directories: Set[str], sources: OwnSources, roots: Mapping[SessionId, SessionId]
) -> list[Session]:
    """Root sessions of which they or a session they started worked in one of the directories."""
    known = {session.id: session for reading in sources.readings for session in reading.sessions}
    here = {
        roots.get(session.id, session.id)
        for session in known.values()
        if not directories.isdisjoint(session.directories)
    }
    return [known[id] for id in sorted(here & known.keys())]


def _asked(
    readings: Iterable[Reading], number: Mapping[SessionId, int], here: Set[str]
) -> dict[int, list[int]]:
    """When each session asked a model for something in one of the directories.

    Unit: seconds since 1970.
    """
    asked: dict[int, list[int]] = {}
    for columns in (batch.columns for reading in readings for batch in reading.usage):
        for row, session in enumerate(columns["session"]):
            if session in number and columns["directory"][row] in here:
                asked.setdefault(number[session], []).append(int(columns["at"][row].timestamp()))
    return asked


def _shares(joined: Join, changes: Changes, sessions: Sequence[Session]) -> dict[SessionId, list[Share]]:
    shares: dict[SessionId, list[Share]] = {}
    for session, change, weight in zip(
        joined.session.tolist(), joined.change.tolist(), joined.weight.tolist(), strict=True
    ):
        row = int(changes.row[change])
        kind = FateKind.TOO_YOUNG if row == NONE else changes.fate(row)
        shares.setdefault(sessions[session].id, []).append(Share(change, weight, kind))
    return shares
