"""Each line of a revision with its origin, its evidence and when it landed."""

from collections.abc import Sequence
from datetime import UTC, datetime

from counterfoil.measure.fate.match import Matcher
from counterfoil.measure.fate.replay import Origins, origins
from counterfoil.terms.absent import Unknown
from counterfoil.terms.error import SourceError
from counterfoil.terms.history import Past
from counterfoil.terms.ids import SessionId
from counterfoil.terms.mark import Committed, Written
from counterfoil.terms.trace import TracedFile, TracedLine

NO_TOOL = Unknown("no evidence names a tool")
NOT_LANDED = "unknown"


def traced(
    past: Past,
    written: Sequence[Written],
    committed: Sequence[Committed],
    *,
    roots: Sequence[str],
    file: str | None,
) -> list[TracedFile]:
    """Every file, or one, line by line.

    Raises: SourceError where the file is not in that revision.
    """
    sessions = dict.fromkeys([w.session for w in written] + [c.session for c in committed])
    number: dict[SessionId, int] = {session: n for n, session in enumerate(sessions)}
    found = origins(past, evidence=Matcher(written, committed, number=number, roots=roots))
    if file is not None and file not in found.files:
        raise SourceError(
            "no-such-file",
            f"{file} is not in that revision, or has no lines",
            hint="name a file as git ls-files does",
        )
    paths = sorted(found.files) if file is None else [file]
    return [TracedFile(path=path, lines=_lines(past, found, path)) for path in paths]


def _lines(past: Past, found: Origins, path: str) -> list[TracedLine]:
    commits = past.commits()
    known: dict[int, TracedLine] = {}
    for line in set(found.files[path]):
        commit, first = found.origin[line], found.first[line]
        at = found.landed.get(commit)
        known[line] = TracedLine(
            commit=commits[commit].id,
            moved_from=None if first == commit else commits[first].id,
            evidence=found.evidence[line],
            tool=found.tool[line] or NO_TOOL,
            landed_at=NOT_LANDED
            if at is None
            else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
    return [known[line] for line in found.files[path]]
