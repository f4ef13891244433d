"""Work done again: the share of landed lines that ended within 30 days, why, and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from counterfoil.measure.fate.changes import Changes
from counterfoil.measure.fate.ends import AI_TIER, CAUSES
from counterfoil.measure.fate.lines import JOINED, NONE, Bytes, Flags, Ints, LineFates
from counterfoil.measure.fate.reverts import DAY
from counterfoil.measure.interval import Counts, share_by_cluster
from counterfoil.measure.survival import Lifetimes
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.history import Cause
from counterfoil.terms.work import Rewriter


def ai_lines(fates: LineFates) -> Flags:
    """Shape: (n,): counted lines with evidence of tier 2 or more."""
    return np.logical_and(fates.counted, fates.evidence >= AI_TIER)


def other_lines(fates: LineFates) -> Flags:
    """Shape: (n,): counted lines without such evidence, which doesn't make them human."""
    return np.logical_and(fates.counted, fates.evidence < AI_TIER)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReworkCounts:
    """Lines of one history that ended within 30 days, by the change that landed them.

    Shape: parts (causes, m), whole (m,).
    """

    parts: Counts
    """Lines that ended within 30 days, by cause in the order of `CAUSES`."""
    whole: Counts
    """Lines of changes that are at least 30 days old."""
    selected: int
    """Lines asked about, whatever their age."""


def rework_counts(fates: LineFates, changes: Changes, select: Flags) -> ReworkCounts:
    """Count the selected lines of changes at least 30 days old, and those that ended within 30 days.

    Shape: select (n,), counted lines.
    """
    row = changes.row[fates.landed]
    chosen = select & fates.counted
    judged = chosen & (row != NONE)
    judged[judged] = changes.old_enough[row[judged]]
    size = len(fates.mainline)
    ends = changes.ends
    counts = judged[ends.line]
    parts = [np.bincount(ends.landed[counts & (ends.cause == n)], minlength=size) for n in range(len(CAUSES))]
    whole = np.bincount(fates.landed[judged], minlength=size)
    return ReworkCounts(parts=np.stack(parts), whole=whole, selected=int(chosen.sum()))


def rework_shares(counted: Sequence[ReworkCounts]) -> dict[Cause, Estimate | Unknown]:
    """Share of lines that ended within 30 days by cause, over every history that was counted.

    Source: docs/methods/rework.md; ratio estimator with whole changes resampled, Cochran (1977).
    """
    if not counted:
        return dict.fromkeys(CAUSES, Unknown("no repository was examined"))
    parts = np.concatenate([c.parts for c in counted], axis=1)
    whole = np.concatenate([c.whole for c in counted])
    coverage = float(whole.sum() / max(sum(c.selected for c in counted), 1))
    return {
        cause: share_by_cluster(parts[number], whole, coverage=coverage, method="rework")
        for number, cause in enumerate(CAUSES)
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacements:
    """Which change ended the lines of which within 30 days, and why.

    Shape: every column (p,), one row per pair and cause, ordered by landed, ended and cause.
    """

    landed: Ints
    """Index into the main line of the change whose lines ended."""
    ended: Ints
    """Index into the main line of the change that ended them."""
    cause: Bytes
    """Index into `CAUSES`."""
    lines: Counts


def replacements(changes: Changes, select: Flags | None = None) -> Replacements:
    """Count the lines that each change ended of each other one: what the redo is priced by.

    Shape: select (n,), lines to look at; all counted lines where it is left out.
    """
    ends = changes.ends
    chosen = slice(None) if select is None else select[ends.line]
    columns = np.stack([ends.landed[chosen], ends.ended[chosen], ends.cause[chosen].astype(np.int32)])
    pairs, lines = np.unique(columns, axis=1, return_counts=True)
    return Replacements(landed=pairs[0], ended=pairs[1], cause=pairs[2].astype(np.uint8), lines=lines)


def rewriters(fates: LineFates, changes: Changes, select: Flags) -> dict[str, dict[Rewriter, int]]:
    """Selected lines that ended within 30 days by the class of who ended them: AI lines and others.

    A killing commit with evidence of tier 2 or more is an agent's, whoever committed it.
    """
    line = changes.ends.line[select[changes.ends.line]]
    killer = fates.killer[line]
    author = np.array([commit.author for commit in fates.commits], np.int64)
    agent = _agents(fates)[killer]
    same = ~agent & (author[killer] == author[fates.origin[line]])
    classes = {Rewriter.SAME_PERSON: same, Rewriter.OTHER: ~agent & ~same, Rewriter.AGENT: agent}
    groups = {"ai": ai_lines(fates)[line], "other": other_lines(fates)[line]}
    return {
        name: {who: int((of & group).sum()) for who, of in classes.items()} for name, group in groups.items()
    }


def _agents(fates: LineFates) -> Flags:
    """Shape: (c,): commits that are marked at tier 2 or more, or at least half of whose lines carry that."""
    size = len(fates.commits)
    lines = np.bincount(fates.origin[fates.counted], minlength=size)
    ai = np.bincount(fates.origin[ai_lines(fates)], minlength=size)
    marked = np.array([commit.claimed()[0] >= AI_TIER for commit in fates.commits], np.bool_)
    return np.asarray(marked | ((lines > 0) & (ai * 2 >= lines)))


def lifetimes(fates: LineFates, select: Flags) -> Lifetimes:
    """How long the selected counted lines lasted, up to the last main-line commit; a cluster is a change.

    Shape: select (n,).
    """
    line = np.flatnonzero(select & fates.counted)
    landed, ended = fates.landed[line], fates.ended[line]
    began = fates.landed_at[landed]
    last = fates.landed_at[-1] if len(fates.landed_at) else 0
    stopped = np.where(ended == NONE, last, fates.landed_at[ended])
    return Lifetimes(
        days=-((began - stopped) // DAY),
        ended=(ended != NONE) & (fates.how[line] != JOINED),
        followed=-((began - last) // DAY),
        cluster=landed.astype(np.int64),
    )
