"""How long things last when some are still there: Kaplan-Meier from counts by day."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.interval import (
    DRAWS,
    FEWEST_CLUSTERS,
    Counts,
    Floats,
    cells_of,
    effective_clusters,
    percentiles,
    resamples,
    too_few_clusters,
    wilson,
)
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

Flags = NDArray[np.bool_]

SAFE_SHARE = 0.75
"""Nothing is said past this share of the longest follow-up: too few are left there to say it of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """How long each unit lasted, or has lasted so far.

    Shape: every column (n,).
    Unit: whole days, begun days counted.
    """

    days: Counts
    """Days until it ended or, while it stands, until the last look."""
    ended: Flags
    followed: Counts
    """Days from its beginning to the last look, ended or not."""
    cluster: Counts
    """What it came in; units of one cluster share their luck."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survival:
    """The share still there, day by day, with what it rests on.

    Shape: `share`, `low`, `high`, `greenwood`, `followed` (horizon + 1,), one per day from day 0.
    """

    share: Floats
    low: Floats
    """NaN throughout where there are too few clusters for an interval."""
    high: Floats
    greenwood: Floats
    """Standard error if units were independent: a check, too small where they came in clusters."""
    followed: Floats
    """Share of units that began at least so many days before the last look."""
    units: int
    clusters: int
    follow_up_days: int
    """The longest time that any unit was followed."""

    @property
    def horizon(self) -> int:
        """The last day of which anything is said."""
        return len(self.share) - 1

    def at(self, day: int) -> Estimate | Unknown:
        """The share still there after so many days."""
        if not self.units:
            return Unknown("nothing to count")
        if day > self.horizon:
            return Unknown(
                f"nothing is said past three quarters of the follow-up, {self.follow_up_days} days"
            )
        few = self.clusters < FEWEST_CLUSTERS
        return Estimate(
            value=float(self.share[day]),
            low=too_few_clusters(self.clusters) if few else float(self.low[day]),
            high=too_few_clusters(self.clusters) if few else float(self.high[day]),
            n=self.units,
            coverage=float(self.followed[day]),
            method="survival",
        )

    def steps(self) -> list[tuple[float, float, float, float]]:
        """Day, share, low and high of day 0, of each step and of the last day; none without an interval."""
        if not self.units or self.clusters < FEWEST_CLUSTERS:
            return []
        moves = np.flatnonzero(np.diff(self.share)) + 1
        days = np.unique(np.concatenate(([0], moves, [self.horizon])))
        columns = (days.astype(np.float64), self.share[days], self.low[days], self.high[days])
        return [(d, s, lo, hi) for d, s, lo, hi in zip(*(c.tolist() for c in columns), strict=True)]


def kaplan_meier(lives: Lifetimes, *, draws: int = DRAWS) -> Survival:
    """Estimate the share still there on each day up to three quarters of the follow-up.

    A unit that still stands counts as at risk through its last day and then leaves without a verdict.
    The band comes from resampling whole clusters.
    Source: Kaplan and Meier (1958), Journal of the American Statistical Association 53, 457-481.
    """
    follow_up = int(lives.followed.max(initial=0))
    horizon = int(SAFE_SHARE * follow_up)
    size = horizon + 2
    day = np.minimum(lives.days, horizon + 1)
    names, cluster = np.unique(lives.cluster, return_inverse=True)
    deaths = np.bincount(day[lives.ended], minlength=size)
    exits = np.bincount(day, minlength=size)
    share = _product_limit(deaths, exits)[:-1]
    followed = np.bincount(np.minimum(lives.followed, horizon + 1), minlength=size)[::-1].cumsum()[::-1][:-1]
    if len(names) < FEWEST_CLUSTERS:
        low = high = np.full(horizon + 1, np.nan)
    else:
        low, high = _band(day, lives.ended, cluster, share, draws)
    return Survival(
        share=share,
        low=low,
        high=high,
        greenwood=share * np.sqrt(_greenwood(deaths, exits)[:-1]),
        followed=followed / max(len(day), 1),
        units=len(day),
        clusters=len(names),
        follow_up_days=follow_up,
    )


def at_risk(exits: NDArray[Any]) -> Floats:
    """Units still there as each day begins.

    Shape: (..., days) both: exits are those that ended or left on each day.
    """
    return np.asarray(exits[..., ::-1].cumsum(axis=-1)[..., ::-1], dtype=np.float64)


def _product_limit(deaths: NDArray[Any], exits: NDArray[Any]) -> Floats:
    """Shape: (days,) both: how many ended, and how many ended or left, on each day."""
    risk = at_risk(exits)
    hazard = np.divide(deaths, risk, out=np.zeros_like(risk), where=risk > 0)
    return np.asarray(np.cumprod(1.0 - hazard))


def _greenwood(deaths: Counts, exits: Counts) -> Floats:
    """Relative variance of the share.

    Shape: (days,) both.
    Source: Greenwood (1926), Reports on Public Health and Medical Subjects 33.
    """
    risk = at_risk(exits)
    left = risk * (risk - deaths)
    return np.asarray(np.cumsum(np.divide(deaths, left, out=np.zeros_like(risk), where=left > 0)))


def _band(
    day: Counts, ended: Flags, cluster: NDArray[np.intp], share: Floats, draws: int
) -> tuple[Floats, Floats]:
    size = len(share) + 1
    sizes = np.bincount(cluster)
    weight = effective_clusters(sizes)
    death, stop = (cells_of(cluster[of], day[of]) for of in (ended, ~ended))
    drawn = np.empty((draws, size - 1))
    for row, times in enumerate(resamples(len(sizes), draws=draws)):
        deaths = death.drawn(times, size)
        exits = deaths + stop.drawn(times, size)
        drawn[row] = _product_limit(deaths, exits)[:-1]
    low, high = percentiles(drawn, share, weight)
    low[1:][share[1:] == 1.0] = wilson(weight, weight)[0]
    high[share == 0.0] = wilson(0, weight)[1]
    return low, high
