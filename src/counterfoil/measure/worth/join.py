"""Ties each session to the changes it made: by content, else by its own commits, else by time."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from counterfoil.measure.fate.lines import NONE, Flags, Ints, LineFates
from counterfoil.measure.fate.match import Matcher
from counterfoil.terms.mark import Evidence
from counterfoil.terms.usage import Session

GRACE = 2 * 3_600
"""A commit so long after a session's last record can still be its work. Unit: seconds."""
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


def join(fates: LineFates, matcher: Matcher, sessions: Sequence[Session]) -> Join:
    """Join every session with its changes; weaker evidence is asked only where stronger says nothing.

    Source: docs/methods/join.md.
    """
    matched = _pairs(fates, fates.evidence >= Evidence.CONTENT)
    deleted = _deletions(fates, matcher)
    stated = _pairs(fates, fates.evidence < Evidence.CONTENT)
    for commit, committer in matcher.committed.items():
        change = _change_of(fates, commit)
        if change != NONE:
            stated[committer].setdefault(change, 1)
    claimed = {change for weights in (*matched.values(), *stated.values()) for change in weights}
    rows: list[tuple[int, int, int]] = []
    by: list[str] = []
    for number, session in enumerate(sessions):
        content = {**deleted.get(number, {}), **matched.get(number, {})}
        how, weights = CONTENT, content
        if not weights:
            how, weights = COMMIT, stated.get(number, {})
        if not weights and number in matcher.writers:
            how, weights = TIME, _by_time(fates, session, claimed)
        by.append(how if weights else NOTHING)
        rows += [(number, change, weight) for change, weight in sorted(weights.items())]
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


def _by_time(fates: LineFates, session: Session, claimed: Iterable[int]) -> dict[int, int]:
    """The runner's own commits of the session's time that no session's content or log accounts for."""
    first, last = session.began.timestamp(), session.ended.timestamp() + GRACE
    taken = set(claimed)
    weights: dict[int, int] = {}
    for position, commit in enumerate(fates.commits):
        change = int(fates.landed_in[position])
        in_time = commit.mine and len(commit.parents) < 2 and first <= commit.authored_at <= last
        if in_time and change != NONE and change not in taken:
            weights[change] = weights.get(change, 0) + 1
    return weights


def _change_of(fates: LineFates, commit: str) -> int:
    position = fates.position_of(commit)
    return NONE if position == NONE else int(fates.landed_in[position])
