"""Ties each session to the changes it made: by content, else by its own commits, else by time."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from counterfoil.measure.fate.lines import NONE, Flags, Ints, LineFates
from counterfoil.measure.fate.match import Matcher
from counterfoil.terms.mark import Evidence
from counterfoil.terms.usage import Session

GRACE = 2 * 3_600
"""A commit so long after a session did something can still be its work. Unit: seconds."""
CONTENT, COMMIT, TIME, NOTHING = "content", "commit", "time", "none"


@dataclass(frozen=True, slots=True)
class Join:
    """Which session made which change, with what weight.

    Shape: session, change and weight (p,), ordered by session and change.
    """

    session: Ints
    """Number of the session."""
    change: Ints
    """Index into the main line."""
    weight: Ints
    """Matched lines, or removed ones for a deletion; at least 1."""
    by: Sequence[str]
    """For each session how it was joined: content, commit, time or none."""


def join(
    fates: LineFates, matcher: Matcher, sessions: Sequence[Session], asked: Mapping[int, Sequence[int]]
) -> Join:
    """Join every session with its changes; weaker evidence is asked only where stronger says nothing.

    `asked` has for each session when it asked a model for something here, in seconds since 1970.
    Source: docs/methods/join.md.
    """
    matched = _pairs(fates, fates.evidence >= Evidence.CONTENT)
    deleted = _deletions(fates, matcher)
    stated = _pairs(fates, fates.evidence < Evidence.CONTENT)
    for commit, change in zip(fates.commits, fates.landed_in.tolist(), strict=True):
        committer = matcher.committer_of(commit)
        if NONE not in (committer, change):
            stated[committer].setdefault(change, 1)
    claimed = {change for of in (matched, deleted, stated) for weights in of.values() for change in weights}
    found: dict[int, tuple[str, Mapping[int, int]]] = {}
    for number in range(len(sessions)):
        if content := {**deleted.get(number, {}), **matched.get(number, {})}:
            found[number] = CONTENT, content
        elif number in stated:
            found[number] = COMMIT, stated[number]
    active = {
        number: _active(wrote, asked.get(number, ()))
        for number, wrote in matcher.wrote.items()
        if number not in found
    }
    for number, weights in _by_time(fates, active, sessions, claimed).items():
        found[number] = TIME, weights
    by = [found[number][0] if number in found else NOTHING for number in range(len(sessions))]
    rows = [
        (number, change, weight)
        for number, (_, weights) in sorted(found.items())
        for change, weight in sorted(weights.items())
    ]
    columns = np.array(rows, np.int32).reshape(len(rows), 3)
    return Join(columns[:, 0], columns[:, 1], columns[:, 2], by)


def _pairs(fates: LineFates, of: Flags) -> defaultdict[int, dict[int, int]]:
    """For each session its changes with the number of lines in them; counted lines where it has any."""
    chosen = of & (fates.session != NONE)
    weights: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for lines in (chosen & ~fates.counted, chosen & fates.counted):
        pairs, n = np.unique(
            np.stack([fates.session[lines], fates.landed[lines]]), axis=1, return_counts=True
        )
        fresh: defaultdict[int, dict[int, int]] = defaultdict(dict)
        for session, change, lines_in in zip(pairs[0].tolist(), pairs[1].tolist(), n.tolist(), strict=True):
            fresh[session][change] = lines_in
        weights |= fresh
    return weights


def _deletions(fates: LineFates, matcher: Matcher) -> dict[int, dict[int, int]]:
    """For each session the changes that only delete, with the removed lines that its edits account for."""
    lands = np.bincount(fates.landed[fates.counted], minlength=len(fates.mainline))
    weights: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for commit, removed in matcher.removed_lines.items():
        change = _change_of(fates, commit)
        if change != NONE and not lands[change]:
            for session, n in removed.items():
                weights[session][change] = weights[session].get(change, 0) + n
    return dict(weights)


def _active(wrote: Sequence[int], asked: Sequence[int]) -> list[int]:
    """When a session did something, from the time on that it first wrote, in order."""
    return sorted([*wrote, *(at for at in asked if at >= wrote[0])])


def _by_time(
    fates: LineFates, active: Mapping[int, Sequence[int]], sessions: Sequence[Session], claimed: Set[int]
) -> dict[int, dict[int, int]]:
    """The runner's own commits soon after a session did something, of changes that nobody claims.

    Each commit goes to the session that was the last to do something before it; of equals to the first by id.
    """
    by_id = sorted(active, key=lambda number: sessions[number].id, reverse=True)
    moments = sorted(((at, number) for number in by_id for at in active[number]), key=itemgetter(0))
    weights: defaultdict[int, dict[int, int]] = defaultdict(dict)
    for position, commit in enumerate(fates.commits):
        change = int(fates.landed_in[position])
        if not commit.mine or len(commit.parents) > 1 or change == NONE or change in claimed:
            continue
        last = bisect_right(moments, commit.authored_at, key=itemgetter(0)) - 1
        if last >= 0 and commit.authored_at - moments[last][0] <= GRACE:
            of = weights[moments[last][1]]
            of[change] = of.get(change, 0) + 1
    return weights


def _change_of(fates: LineFates, commit: str) -> int:
    position = fates.position_of(commit)
    return NONE if position == NONE else int(fates.landed_in[position])
