"""Figures over several repositories: counts are pooled, a cluster never spans two of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from counterfoil.measure.fate.changes import FATES, Changes
from counterfoil.measure.fate.lines import Flags, LineFates
from counterfoil.measure.fate.rework import (
    ai_lines,
    lifetimes,
    other_lines,
    rework_counts,
    rework_shares,
    rewriters,
)
from counterfoil.measure.interval import share_of_units
from counterfoil.measure.survival import Lifetimes, Survival, kaplan_meier
from counterfoil.terms.absent import Unknown
from counterfoil.terms.report import Figure
from counterfoil.terms.work import FateKind

KINDS = {"ai": ai_lines, "other": other_lines}
DAYS = {"d7": 7, "d30": 30, "d90": 90}
TIERS = 6


@dataclass(frozen=True, slots=True)
class Followed:
    """One repository's lines and changes, with those of them that landed in the period."""

    fates: LineFates
    changes: Changes
    first: int
    """Index into the main line of the first change of the period."""

    @property
    def lines(self) -> Flags:
        """Shape: (n,): lines that landed in the period."""
        return np.greater_equal(self.fates.landed, self.first)

    @property
    def rows(self) -> Flags:
        """Shape: (r,): changes that landed in the period."""
        return np.greater_equal(self.changes.change, self.first)


def followed(fates: LineFates, changes: Changes, since: int) -> Followed:
    """A repository's history with the start of the period found on its main line.

    Unit: since in seconds since 1970.
    """
    return Followed(fates, changes, int(np.searchsorted(fates.landed_at, since)))


def survivals(repos: Sequence[Followed]) -> dict[str, Survival]:
    """Survival of AI lines and of others, over every repository."""
    return {
        kind: kaplan_meier(_pooled(lifetimes(r.fates, of(r.fates) & r.lines) for r in repos))
        for kind, of in KINDS.items()
    }


def _pooled(lives: Iterable[Lifetimes]) -> Lifetimes:
    parts, offset = [], 0
    for life in lives:
        parts.append((life, life.cluster + offset))
        offset += int(life.cluster.max(initial=-1)) + 1
    if not parts:
        none = np.zeros(0, np.int64)
        return Lifetimes(days=none, ended=np.zeros(0, np.bool_), followed=none, cluster=none)
    return Lifetimes(
        days=np.concatenate([p.days for p, _ in parts]),
        ended=np.concatenate([p.ended for p, _ in parts]),
        followed=np.concatenate([p.followed for p, _ in parts]),
        cluster=np.concatenate([c for _, c in parts]),
    )


def rework(repos: Sequence[Followed]) -> dict[str, Figure]:
    """Share of landed AI lines that ended within 30 days, by cause."""
    counted = [rework_counts(r.fates, r.changes, ai_lines(r.fates) & r.lines) for r in repos]
    return {cause.value: share for cause, share in rework_shares(counted).items()}


def corrected(repos: Sequence[Followed]) -> dict[str, Figure]:
    """Share of changes corrected or reverted within 30 days: AI changes and others."""
    shares: dict[str, Figure] = {}
    for kind in KINDS:
        hits = old = every = 0
        for r in repos:
            of = (r.changes.ai if kind == "ai" else ~r.changes.ai) & r.rows
            judged = of & r.changes.old_enough
            every += int(of.sum())
            old += int(judged.sum())
            hits += int((judged & (r.changes.corrected_30d | r.changes.reverted_30d)).sum())
        coverage = old / every if every else Unknown("no such change")
        shares[kind] = share_of_units(hits, old, coverage=coverage, method="corrected")
    return shares


def by_fate(repos: Sequence[Followed]) -> dict[str, int]:
    """AI changes of the period by fate."""
    sums = dict.fromkeys((f.value for f in FATES), 0)
    for r in repos:
        for fate, n in r.changes.by_fate(r.changes.ai & r.rows).items():
            sums[fate.value] += n
    return sums


def standing_since(repos: Sequence[Followed], first: int) -> int:
    """AI changes of the period that landed since a moment and stand.

    Unit: first in seconds since 1970.
    """
    standing = FATES.index(FateKind.STANDING)
    return sum(
        int((r.changes.ai & r.rows & (r.changes.landed_at >= first) & (r.changes.kind == standing)).sum())
        for r in repos
    )


def rewritten_by(repos: Sequence[Followed]) -> dict[str, dict[str, int]]:
    """Lines of the period that ended within 30 days, by class of who ended them."""
    sums: dict[str, dict[str, int]] = {kind: {} for kind in KINDS}
    for r in repos:
        for kind, classes in rewriters(r.fates, r.changes, r.lines).items():
            for who, n in classes.items():
                sums[kind][who.value] = sums[kind].get(who.value, 0) + n
    return sums


def by_tier(r: Followed) -> dict[str, int]:
    """Counted lines that landed in the period, by evidence tier."""
    counts = np.bincount(r.fates.evidence[r.fates.counted & r.lines], minlength=TIERS)
    return {str(tier): int(n) for tier, n in enumerate(counts.tolist())}


def of_mine(r: Followed) -> int:
    """Counted lines of the period written by the person running the report."""
    mine = np.array([commit.mine for commit in r.fates.commits], np.bool_)
    return int(mine[r.fates.origin[r.fates.counted & r.lines]].sum())


def others(r: Followed) -> int:
    """How many other people wrote commits."""
    return len({commit.author for commit in r.fates.commits if not commit.mine})


def figures(curves: Mapping[str, Survival]) -> dict[str, dict[str, Figure]]:
    """Survival at 7, 30 and 90 days."""
    return {kind: {name: curve.at(day) for name, day in DAYS.items()} for kind, curve in curves.items()}
