"""What launching or removing a target did, against units without it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.interval import (
    DRAWS,
    FEWEST_CLUSTERS,
    SEED,
    Floats,
    effective_clusters,
    percentiles,
)
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

Flags = NDArray[np.bool_]
FEWEST_WEEKS = 4
PERMUTATIONS = 999
MILLION = 1e6
MEASURES = ("rework", "errors", "needless effects", "spend")
"""What an event is judged by, where it is measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What an event did to one measure."""

    change: Estimate
    """Change in units with the target less change in units without it, in the measure's own unit."""
    relative: float | Unknown
    """The change over the level before, in units with the target."""
    p: float
    """How often a random split of the units changes so much."""


def of_units(sums: Mapping[str, Floats]) -> Mapping[str, Floats]:
    """What an event is judged by, from what units came to; of deployments only where there are any.

    Shape: sums (units, weeks) each; the results too, nan where there is nothing to divide by.
    """
    found = {
        "rework": 1 - _rate(sums["kept"], sums["landed"]),
        "errors": _rate(sums["reverted"], sums["merged"]),
        "spend": _rate(sums["capped"], sums["heads"]) / MILLION,
    }
    if np.nansum(sums["deployed"]) > 0:
        found["failures"] = _rate(sums["failed"], sums["deployed"])
        found["needless effects"] = _rate(sums["needless"], sums["deployed"])
    return found


def of_use(own: Floats, outcomes: Floats, heads: Floats) -> Mapping[str, Floats]:
    """Use a head and an outcome, in millions, and outcomes a head.

    Shape: each (units, weeks).
    """
    return {
        "tokens": _rate(own, heads) / MILLION,
        "tokens a change": _rate(own, outcomes) / MILLION,
        "changes": _rate(outcomes, heads),
    }


def _rate(part: Floats, whole: Floats) -> Floats:
    rate: Floats = part / np.where(whole > 0, whole, np.nan)
    return rate


def effect(measure: Floats, touched: Flags, at: int) -> Effect | Unknown:
    """Compare how a measure changed where a target came or went with how it changed elsewhere.

    Shape: measure (units, weeks), a rate per head or work, nan where it was not seen; touched (units,); `at`
    is the first week after the event.
    Source: Card and Krueger (1994), American Economic Review 84, 772-793 (difference in differences); units
    resampled whole, Bertrand, Duflo and Mullainathan (2004), QJE 119, 249-275; permutation p after Fisher
    (1935).
    """
    if not FEWEST_WEEKS <= at <= measure.shape[1] - FEWEST_WEEKS:
        return Unknown(f"an event takes {FEWEST_WEEKS} weeks before and after it")
    before, after = measure[:, :at], measure[:, at:]
    seen = (np.isfinite(before).sum(axis=1) >= FEWEST_WEEKS) & (
        np.isfinite(after).sum(axis=1) >= FEWEST_WEEKS
    )
    with_it, without = seen & touched, seen & ~touched
    if min(with_it.sum(), without.sum()) < FEWEST_CLUSTERS:
        return Unknown(f"it takes {FEWEST_CLUSTERS} units with the target and as many without it")
    was = np.nanmean(np.where(seen[:, None], before, 0.0), axis=1)
    change = np.nanmean(np.where(seen[:, None], after, 0.0), axis=1) - was
    if not np.ptp(measure[seen][np.isfinite(measure[seen])]) > 0:
        return Unknown("it never moved")
    value = float(change[with_it].mean() - change[without].mean())
    level = float(was[with_it].mean())
    return Effect(
        change=_estimate(value, change[with_it], change[without], coverage=float(seen.mean())),
        relative=value / level if level > 0 else Unknown("there was none before"),
        p=_permuted(change[seen], touched[seen], value),
    )


def _estimate(value: float, ours: Floats, theirs: Floats, *, coverage: float) -> Estimate:
    chance = np.random.default_rng(SEED)
    drawn = chance.choice(ours, (DRAWS, len(ours))).mean(axis=1) - chance.choice(
        theirs, (DRAWS, len(theirs))
    ).mean(axis=1)
    fewer = np.ones(min(len(ours), len(theirs)), dtype=np.int64)
    low, high = percentiles(drawn[:, None], np.array([value]), effective_clusters(fewer))
    return Estimate(
        value=value,
        low=float(low[0]),
        high=float(high[0]),
        n=len(ours) + len(theirs),
        coverage=coverage,
        method="event",
    )


def _permuted(change: Floats, touched: Flags, value: float) -> float:
    """How often a random split into groups of the same sizes differs as much."""
    chance = np.random.default_rng(SEED)
    n, ours = len(change), int(touched.sum())
    total = change.sum()
    order = chance.permuted(np.tile(np.arange(n), (PERMUTATIONS, 1)), axis=1)
    part = change[order[:, :ours]].sum(axis=1)
    as_much = np.abs(part / ours - (total - part) / (n - ours)) >= abs(value) - 1e-12
    return (int(as_much.sum()) + 1) / (PERMUTATIONS + 1)


def event(measures: Mapping[str, Floats], touched: Flags, at: int) -> dict[str, Effect | Unknown]:
    """What an event did to each measure; one that nobody measured says so.

    Shape: as in `effect`, for each of `MEASURES` and whatever else is there.
    Source: as in `effect`.
    """
    names = dict.fromkeys([*MEASURES, *measures])
    return {
        name: effect(measures[name], touched, at) if name in measures else Unknown("it is not measured")
        for name in names
    }
