"""Which changes were taken back, or named as wrong, by a later change."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from counterfoil.measure.fate.lines import NONE, Flags, Ints, LineFates
from counterfoil.terms.history import Says

DAY = 86_400
WINDOW = 30 * DAY
"""Unit: seconds. A fate is judged on what happens within 30 days of landing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reverts:
    """Who took back or named whom, as indices into the main line.

    Shape: every column (m,).
    """

    by: Ints
    """The first standing change that took this one back; -1 where it was not, or was restored since."""
    named: Ints
    """The first change that names this one as wrong, by `Fixes:` or by reverting a part; -1 for none."""

    @property
    def taken_back(self) -> Flags:
        """Shape: (m,): changes that were taken back and not restored since."""
        return np.not_equal(self.by, NONE)


def reverts_of(fates: LineFates) -> Reverts:
    """Resolve who reverted whom: by commit name, then request, then subject, then by the state of the tree.

    A revert that was itself reverted takes nothing back. A revert inside the change that it names is
    work before landing and counts for nothing.
    """
    names = _Names(fates)
    takes, mentions = _stated(fates, names)
    for change, undoer in enumerate(fates.undone.tolist()):
        if undoer > change:
            takes[change].add(undoer)
    by = np.full(len(fates.mainline), NONE, np.int32)
    # Whoever reverts lands later, so the newest is settled first.
    for change in sorted(takes, reverse=True):
        by[change] = min((r for r in takes[change] if by[r] == NONE), default=NONE)
    named = np.full(len(fates.mainline), NONE, np.int32)
    for change, namers in mentions.items():
        named[change] = min((r for r in namers if by[r] == NONE), default=NONE)
    return Reverts(by=by, named=named)


Links = dict[int, set[int]]


def _stated(fates: LineFates, names: "_Names") -> tuple[Links, Links]:
    """For each change: those that say they take it back, and those that name it as wrong."""
    takes, mentions = defaultdict[int, set[int]](set), defaultdict[int, set[int]](set)
    partly: Links = defaultdict(set)
    for commit, by in zip(fates.commits, fates.landed_in.tolist(), strict=True):
        if by == NONE:
            continue
        for position in map(names.commit, commit.says.fixes):
            if (change := names.landed(position, by)) != NONE:
                mentions[change].add(by)
        for position in names.reverted(commit.says, by):
            if (change := names.landed(position, by)) != NONE:
                whole = position == fates.mainline[change]
                (takes if whole else partly)[change].add(by)
    _settle_parts(fates, partly, takes, mentions)
    return takes, mentions


def _settle_parts(fates: LineFates, partly: Links, takes: Links, mentions: Links) -> None:
    """A revert of one commit takes back the whole change where half of its lines ended with it."""
    if not partly:
        return
    ended = fates.counted & (fates.ended != NONE)
    size = len(fates.mainline)
    pairs = fates.landed[ended].astype(np.int64) * size + fates.ended[ended]
    pair, lines = np.unique(pairs, return_counts=True)
    killed = dict(zip(pair.tolist(), lines.tolist(), strict=True))
    landed = np.bincount(fates.landed[fates.counted], minlength=size)
    for change, namers in partly.items():
        for by in namers:
            most = killed.get(change * size + by, 0) * 2 >= landed[change]
            (takes if most else mentions)[change].add(by)


class _Names:
    """Finds commits by what messages call them."""

    def __init__(self, fates: LineFates) -> None:
        self._landed_in: Sequence[int] = fates.landed_in.tolist()
        self._order = sorted(range(len(fates.commits)), key=lambda c: fates.commits[c].id)
        self._ids = [fates.commits[c].id for c in self._order]
        self._requests: Mapping[int, list[int]] = defaultdict(list)
        self._subjects: Mapping[int, list[int]] = defaultdict(list)
        for position, commit in enumerate(fates.commits):
            if self._landed_in[position] != NONE and commit.says.request is not None:
                self._requests[commit.says.request].append(position)
            if self._landed_in[position] != NONE and commit.says.subject:
                self._subjects[commit.says.subject].append(position)

    def commit(self, name: str) -> int:
        """Position of the only commit whose name begins so; -1 for none or several."""
        name = name.lower()
        at = bisect_left(self._ids, name)
        fits = [i for i in range(at, min(at + 2, len(self._ids))) if self._ids[i].startswith(name)]
        return self._order[fits[0]] if len(fits) == 1 and name else NONE

    def landed(self, position: int, by: int) -> int:
        """The change that landed a commit, where it landed before `by`; else -1."""
        change = NONE if position == NONE else self._landed_in[position]
        return change if change < by else NONE

    def reverted(self, says: Says, by: int) -> set[int]:
        """Positions a message takes back: by name; where no name is known, by request; else by subject."""
        found = {p for p in map(self.commit, says.reverts) if p != NONE and self._landed_in[p] != NONE}
        if not found:
            found = {self._last(self._requests.get(r, ()), by) for r in says.reverts_requests} - {NONE}
        if not found and says.reverts_subject:
            found = {self._last(self._subjects.get(says.reverts_subject, ()), by)} - {NONE}
        return found

    def _last(self, positions: Sequence[int], by: int) -> int:
        """The one of these that landed last before `by`; the main line's own commit before its parts."""
        return max((p for p in positions if self._landed_in[p] < by), key=self._rank, default=NONE)

    def _rank(self, position: int) -> tuple[int, int]:
        return self._landed_in[position], position
