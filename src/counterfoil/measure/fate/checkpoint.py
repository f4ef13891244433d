"""Keeps what a replay noted at a few moments, so that the next one begins where nothing has changed since."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from counterfoil.measure.fate.mainline import Event
from counterfoil.measure.fate.noted import Noted, State
from counterfoil.terms.history import Commit, MergeStyle, Past

DAY = 86_400
AGES = (365, 30, 3, 0)
"""How long before the last commit a replay is kept. Unit: days.

The last needs no new commit to be of use; those before it serve once a branch cut earlier has landed,
the last commit was amended, or sessions of the last days have written more.
"""
WORTH_KEEPING = 1_000
"""A replay of fewer commits is quicker done again than kept. Unit: commits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """How far everything was before one commit was replayed."""

    commits: int
    """All commits before this position were replayed."""
    changes: int
    """How many of them are on the main line."""
    moved_lines: int
    formatting_lines: int
    paths: int
    tools: int
    lengths: Sequence[int]
    """Of each column of `Noted`."""
    states: dict[int, State]
    recent: Sequence[Event]


class Points:
    """The moments of one replay that are worth keeping."""

    def __init__(self, noted: Noted, start: int) -> None:
        self._noted = noted
        self._start = start
        self._wanted = [p for p in _positions(noted) if p >= start]
        self.taken: list[Point] = []

    def reach(self, position: int) -> None:
        """Take the point if one is wanted before this commit."""
        while self._wanted and self._wanted[0] <= position:
            self.taken.append(_point(self._noted, self._wanted.pop(0)))

    def all(self) -> Sequence[Point]:
        """Every point, once all commits were replayed; none where keeping them is not worth its time."""
        whole = len(self._noted.commits)
        self.reach(whole)
        return self.taken if whole - self._start >= WORTH_KEEPING else ()


def _positions(noted: Noted) -> list[int]:
    """Where on the main line each age begins; the last is behind the last commit."""
    at = noted.mainline.landed_at().tolist()
    if not at:
        return []
    positions = [*noted.mainline.positions, len(noted.commits)]
    return sorted({positions[bisect_left(at, at[-1] - days * DAY) if days else len(at)] for days in AGES})


def _point(noted: Noted, commits: int) -> Point:
    return Point(
        commits=commits,
        changes=bisect_left(noted.mainline.positions, commits),
        moved_lines=noted.moved_lines,
        formatting_lines=noted.formatting_lines,
        paths=len(noted.placed.paths),
        tools=len(noted.placed.tools),
        lengths=[len(column) for column in noted.columns().values()],
        states={position: dict(state) for position, state in noted.states.items()},
        recent=list(noted.mainline.recent),
    )


def children_from(start: int, past: Past, mainline: Sequence[int]) -> list[int]:
    """For each commit how many of its children are at or after a position.

    Shape: (commits,).
    """
    commits = past.commits()
    first_parent = past.style is MergeStyle.FIRST_PARENT
    children = [0] * len(commits)
    for position in mainline if first_parent else range(start, len(commits)):
        if position >= start:
            for parent in commits[position].parents[:1] if first_parent else commits[position].parents:
                children[parent] += 1
    return children


def names_of(commits: Sequence[Commit]) -> bytes:
    """A digest of which commits these are, in which order."""
    return blake2b("".join(commit.id for commit in commits).encode(), digest_size=16).digest()
