"""Whether a target is met rather than lived: units just at a share, use on the last day."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.gaming.fit import above
from counterfoil.measure.interval import Counts, Floats, Z, t_quantile, wilson
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

Flags = NDArray[np.bool_]
FEWEST_UNITS = 10
"""Units that have to stand at the target or one person short of it."""
FEWEST_WEEKS = 6
"""Weeks on either side of a launch that a comparison of deadlines takes."""
FEWEST_USES = 100
DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Heap:
    """How often the last step to a target was just made."""

    share: Estimate
    """Of units at the target or one person short of it, those that are at it."""
    expected: float
    """That share if units were what they usually are."""
    p: float
    """How often chance alone makes so many, exactly."""


def heap_at_share(met: Counts, members: Counts, target: float) -> Heap | Unknown:
    """Compare units that just meet a share with those that are one person short of it.

    Shape: met and members (units, weeks): people who count and all people, 0 <= met <= members. What a unit
    usually is, is taken from all its weeks and drawn towards all units.
    Source: Clopper and Pearson (1934), Biometrika 26, 404-413, for the exact binomial; for units with odds of
    their own the sum is convolved, Hong (2013), Computational Statistics & Data Analysis 59, 41-51.
    """
    needed = np.ceil(target * members - 1e-9).astype(np.int64)
    near: Flags = np.asarray((members > 1) & (needed >= 1) & (np.abs(2 * (met - needed) + 1) == 1))
    if near.any(axis=1).sum() < FEWEST_UNITS:
        return Unknown("too few units are near the target")
    odds = _usual_odds(met, members)
    steps = (members - needed + 1) / np.maximum(needed, 1) * odds[:, None]
    chance = (steps / (1 + steps))[near]
    at = int((met == needed)[near].sum())
    low, high = wilson(at, len(chance))
    return Heap(
        share=Estimate(
            value=at / len(chance),
            low=low,
            high=high,
            n=len(chance),
            coverage=len(chance) / max(int((members > 0).sum()), 1),
            method="heap-at-share",
        ),
        expected=float(chance.mean()),
        p=_at_least(at, chance),
    )


def _usual_odds(met: Counts, members: Counts) -> Floats:
    """Each unit's odds of a person counting, from all its weeks: a heap itself only makes them larger."""
    yes, of = met.sum(axis=1), members.sum(axis=1)
    share = (yes + 10 * float(yes.sum() / max(of.sum(), 1))) / (of + 10)
    odds: Floats = share / np.maximum(1 - share, 1e-6)
    return odds


def _at_least(hits: int, chance: Floats) -> float:
    """How often so many of these happen, or more."""
    ways = np.zeros(len(chance) + 1)
    ways[0] = 1.0
    for one in chance:
        ways[1:] = ways[1:] * (1 - one) + ways[:-1] * one
        ways[0] *= 1 - one
    return float(min(ways[hits:].sum(), 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDay:
    """How much of a window's use falls on its last day."""

    share: Estimate
    """Of all use in the weeks since the launch."""
    against_even: float
    """The share less a seventh (or less one over the window's days)."""
    rise: Estimate | Unknown
    """The share less that of the weeks before; honest Friday batches were there before as well."""
    p: float | Unknown
    """How often chance alone makes such a rise."""


def last_day_mass(after: Counts, before: Counts) -> LastDay | Unknown:
    """How much use falls on the last day of a window, against an even week and against the weeks before.

    Shape: uses by week and day of the window, (weeks, days) each; a cohort's sums; empty weeks are left out.
    Source: Mason et al. (2012), Annals of Emergency Medicine 60, 699-706 (mass just before a deadline against
    earlier years); Welch (1947), Biometrika 34, 28-35, over weeks.
    """
    after, before = after[after.sum(axis=1) > 0], before[before.sum(axis=1) > 0]
    if len(after) < FEWEST_WEEKS or after.sum() < FEWEST_USES:
        return Unknown(f"a deadline takes at least {FEWEST_WEEKS} weeks with use")
    value, spread, freedom = _share(after)
    reach = t_quantile(freedom) * spread
    rise, p = _rise((value, spread, freedom), before)
    return LastDay(
        share=Estimate(
            value=value,
            low=max(value - reach, 0.0),
            high=min(value + reach, 1.0),
            n=int(after.sum()),
            coverage=1.0,
            method="last-day",
        ),
        against_even=value - 1 / after.shape[1],
        rise=rise,
        p=p,
    )


def _share(uses: Counts) -> tuple[float, float, float]:
    """The last day's share, its error with weeks as clusters, and the degrees of freedom."""
    last, whole = uses[:, -1].astype(np.float64), uses.sum(axis=1).astype(np.float64)
    share = float(last.sum() / whole.sum())
    off = last - share * whole
    weeks = len(uses)
    return share, sqrt(float(off @ off) * weeks / (weeks - 1)) / float(whole.sum()), weeks - 1.0


def _rise(now: tuple[float, float, float], before: Counts) -> tuple[Estimate | Unknown, float | Unknown]:
    if len(before) < FEWEST_WEEKS or before.sum() < FEWEST_USES:
        return (short := Unknown("there are too few weeks before the launch")), short
    was = _share(before)
    value, error = now[0] - was[0], max(sqrt(now[1] ** 2 + was[1] ** 2), 1e-12)
    freedom = error**4 / max(now[1] ** 4 / now[2] + was[1] ** 4 / was[2], 1e-300)
    reach = t_quantile(max(freedom, 3.0))
    return (
        Estimate(
            value=value,
            low=value - reach * error,
            high=value + reach * error,
            n=int(before.sum()),
            coverage=1.0,
            method="last-day-rise",
        ),
        above(value / error * Z / reach),
    )
