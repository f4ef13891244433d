"""What became of each change: reverted, corrected, replaced, standing or too young to tell."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.fate.ends import AI_TIER, CAUSES, CORRECTIVE, EarlyEnds, early_ends
from counterfoil.measure.fate.lines import NONE, Bytes, Flags, Ints, LineFates
from counterfoil.measure.fate.reverts import WINDOW, Reverts, reverts_of
from counterfoil.measure.interval import Counts, Floats, share_of_units
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.work import FateKind

FATES = tuple(FateKind)
"""What a number in `Changes.kind` means."""
ONE_IN = 5
"""A change that lost one line in five no longer stands as it was."""
NOT_MATCHED = (
    "AI and other changes are not alike in age, size or place, so these two shares must not be compared; "
    "matching by month and by test or other code has turned such comparisons around."
)
"""Stands beside every pair of shares for AI and other work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Every change on the main line that landed or ended counted lines.

    Shape: every column (r,), oldest first, except `row` (m,) and `died` (r, causes).
    """

    change: Ints
    """Index into the main line."""
    row: Ints
    """The row of each main-line commit; -1 for one that counts nothing."""
    landed_at: NDArray[np.int64]
    """Unit: seconds since 1970, non-decreasing."""
    request: NDArray[np.int64]
    """The pull or merge request that landed it; -1 where none is stated."""
    lines: Counts
    """Counted lines that landed with it."""
    lines_tier_2: Counts
    """Of these, lines with evidence of tier 2 or more."""
    lines_tier_3: Counts
    lines_tier_4: Counts
    removed: Counts
    """Counted lines that its commits removed."""
    ai: Flags
    """At least half of its lines are AI lines; for a deletion: a commit of it is marked at tier 2 or more."""
    mine: Flags
    """At least half of its commits, merges aside, are by the person running the report."""
    old_enough: Flags
    """At least 30 days had passed by `now`."""
    died: Counts
    """Lines that ended within 30 days, by cause, in the order of `CAUSES`."""
    kind: Bytes
    """Index into `FATES`."""
    reverted_by: Ints
    """Index into the main line of the change that took it back, at whatever age; -1 for none."""
    corrected_30d: Flags
    """Corrected by what happened within 30 days."""
    reverted_30d: Flags
    """Reverted within 30 days."""
    ends: EarlyEnds
    """The lines behind `died`."""
    left_out: int
    """Main-line commits that neither landed nor removed a counted line."""

    def __len__(self) -> int:
        return len(self.change)

    def fate(self, row: int) -> FateKind:
        """What became of one change."""
        return FATES[int(self.kind[row])]

    def by_fate(self, chosen: Flags) -> dict[FateKind, int]:
        """How many of the chosen changes met each fate.

        Shape: chosen (r,).
        """
        counts = np.bincount(self.kind[chosen], minlength=len(FATES)).tolist()
        return dict(zip(FATES, counts, strict=True))

    def died_share(self) -> Floats:
        """Share of each change's lines that ended within 30 days, by cause; 0 for a deletion.

        Shape: (r, causes).
        """
        return self.died / np.maximum(self.lines, 1)[:, None]


def changes_of(fates: LineFates, *, now: int) -> Changes:
    """The fate of every change, judged from the history as known at `now`.

    Unit: now in seconds since 1970.
    """
    reverts = reverts_of(fates)
    ends = early_ends(fates, reverts)
    size = len(fates.mainline)
    removed = _removed(fates)
    lines = _lines_of(fates, 0)
    change = np.flatnonzero((lines > 0) | _deletions(fates, reverts, removed)).astype(np.int32)
    row = np.full(size, NONE, np.int32)
    row[change] = np.arange(len(change), dtype=np.int32)
    died = np.bincount(
        ends.landed.astype(np.int64) * len(CAUSES) + ends.cause, minlength=size * len(CAUSES)
    ).reshape(size, len(CAUSES))[change]
    marked, mine = _by_commits(fates)
    tier_2 = _lines_of(fates, AI_TIER)
    old_enough = (now - fates.landed_at >= WINDOW)[change]
    return Changes(
        change=change,
        row=row,
        landed_at=fates.landed_at[change],
        request=_requests(fates)[change],
        lines=lines[change],
        lines_tier_2=tier_2[change],
        lines_tier_3=_lines_of(fates, 3)[change],
        lines_tier_4=_lines_of(fates, 4)[change],
        removed=removed[change],
        ai=np.where(lines > 0, tier_2 * 2 >= lines, marked)[change],
        mine=mine[change],
        old_enough=old_enough,
        died=died,
        kind=_kinds(reverts, change, died, lines[change], old_enough),
        reverted_by=reverts.by[change],
        corrected_30d=_lost(died[:, CORRECTIVE], lines[change]) | _within(fates, reverts.named)[change],
        reverted_30d=_within(fates, reverts.by)[change],
        ends=ends,
        left_out=size - len(change),
    )


def corrected_30d(changes: Changes) -> dict[str, Estimate | Unknown]:
    """Share of AI and of other changes corrected or reverted within 30 days, of those at least 30 days old.

    A change is one unit, whatever its size. `NOT_MATCHED` belongs beside the pair.
    Source: definition in docs/methods/corrected.md; interval after Wilson (1927).
    """
    hit = changes.corrected_30d | changes.reverted_30d
    return {name: _share(hit, of, changes.old_enough) for name, of in _origins(changes)}


def _origins(changes: Changes) -> tuple[tuple[str, Flags], ...]:
    return ("ai", changes.ai), ("other", ~changes.ai)


def _share(hit: Flags, of: Flags, old_enough: Flags) -> Estimate | Unknown:
    judged = of & old_enough
    if not judged.any():
        return Unknown("no such change is 30 days old")
    coverage = float(judged.sum() / of.sum())
    return share_of_units(int(hit[judged].sum()), int(judged.sum()), coverage=coverage, method="corrected")


def _kinds(reverts: Reverts, change: Ints, died: Counts, lines: Counts, old_enough: Flags) -> Bytes:
    first_that_applies = [
        reverts.taken_back[change],
        _lost(died[:, CORRECTIVE], lines) | (reverts.named[change] != NONE),
        _lost(died.sum(axis=1), lines),
        old_enough,
    ]
    return np.select(first_that_applies, range(4), default=4).astype(np.uint8)


def _lost(died: Counts, lines: Counts) -> Flags:
    return (lines > 0) & (died * ONE_IN >= lines)


def _within(fates: LineFates, by: Ints) -> Flags:
    """Shape: by (m,): whoever acted on each change; -1 for none."""
    return np.not_equal(by, NONE) & (fates.landed_at[by] - fates.landed_at <= WINDOW)


def _lines_of(fates: LineFates, tier: int) -> Counts:
    """Shape: (m,): counted lines that landed with evidence of at least that tier."""
    chosen = fates.counted & (fates.evidence >= tier)
    return np.bincount(fates.landed[chosen], minlength=len(fates.mainline))


def _deletions(fates: LineFates, reverts: Reverts, removed: Counts) -> Flags:
    """Changes that ended lines of the main line, or did until they were taken back.

    A branch that removes only what it wrote itself deletes nothing.
    """
    ended = fates.ended[fates.counted & (fates.ended != NONE)]
    ends_some = np.bincount(ended, minlength=len(fates.mainline)) > 0
    return np.asarray(ends_some | ((removed > 0) & reverts.taken_back))


def _removed(fates: LineFates) -> Counts:
    landed = fates.landed_in != NONE
    sums = np.bincount(
        fates.landed_in[landed], weights=fates.removed_counted[landed], minlength=len(fates.mainline)
    )
    return sums.astype(np.int64)


def _requests(fates: LineFates) -> NDArray[np.int64]:
    stated = (fates.commits[position].says.request for position in fates.mainline.tolist())
    return np.array([NONE if number is None else number for number in stated], np.int64)


def _by_commits(fates: LineFates) -> tuple[Flags, Flags]:
    """Which changes hold a commit marked as AI work, and which are by the person running the report.

    Shape: (m,) both.
    """
    size = len(fates.mainline)
    marked = np.zeros(size, np.bool_)
    mine, all_of = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for commit, change in zip(fates.commits, fates.landed_in.tolist(), strict=True):
        if change == NONE:
            continue
        marked[change] |= commit.claimed()[0] >= AI_TIER
        if len(commit.parents) < 2:
            mine[change] += commit.mine
            all_of[change] += 1
    return marked, (all_of > 0) & (mine * 2 >= all_of)
