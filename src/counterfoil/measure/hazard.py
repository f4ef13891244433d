"""How fast one group ends against another of the same stratum."""

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
)
from counterfoil.measure.survival import Flags, Lifetimes, at_risk
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate


def hazard_ratio(
    lives: Lifetimes, treated: Flags, stratum: Counts, *, days: int = 90, draws: int = DRAWS
) -> Estimate | Unknown:
    """How fast treated units end in their first days, against the others of their stratum; 1 is alike.

    One step from no difference: good near one, too close to one far from it. Whole clusters are resampled.
    Shape: treated and stratum (n,), as in lives.
    Source: Yusuf, Peto and others (1985), Progress in Cardiovascular Diseases 27, 335-371: exp((O - E) / V).
    """
    names, stratum = np.unique(stratum, return_inverse=True)
    shape = (2, len(names), days + 2)
    day = np.minimum(lives.days, days + 1)
    slot = (treated * shape[1] + stratum) * shape[2] + day
    dead = lives.ended & (lives.days <= days)
    clusters, cluster = np.unique(lives.cluster, return_inverse=True)
    death, stop = (cells_of(cluster[of], slot[of]) for of in (dead, ~dead))

    def log_ratio(times: Counts) -> float:
        deaths = death.drawn(times, int(np.prod(shape))).reshape(shape)
        exits = deaths + stop.drawn(times, int(np.prod(shape))).reshape(shape)
        return _one_step(deaths, at_risk(exits))

    value = log_ratio(np.ones(len(clusters), np.int64))
    if np.isnan(value):
        return Unknown("no month and kind of code holds both groups and an end")
    compared = _in_both(treated, stratum)
    low: float | Unknown = too_few_clusters(len(clusters))
    high = low
    if len(clusters) >= FEWEST_CLUSTERS:
        drawn = np.array([log_ratio(times) for times in resamples(len(clusters), draws=draws)])
        bounds = percentiles(
            drawn[~np.isnan(drawn), None], np.array([value]), effective_clusters(np.bincount(cluster))
        )
        low, high = (float(np.exp(bound[0])) for bound in bounds)
    return Estimate(
        value=float(np.exp(value)),
        low=low,
        high=high,
        n=int(compared.sum()),
        coverage=float(compared.mean()),
        method="survival",
    )


def _one_step(deaths: Floats, risk: Floats) -> float:
    """Shape: (2, strata, days) both: others, then treated. NaN where nothing can be compared."""
    ends, there = deaths.sum(axis=0), risk.sum(axis=0)
    share = np.divide(risk[1], there, out=np.zeros_like(there), where=there > 0)
    spread = np.divide(there - ends, there - 1, out=np.zeros_like(there), where=there > 1)
    variance = float((ends * share * (1 - share) * spread).sum())
    return float((deaths[1] - ends * share).sum()) / variance if variance > 0 else np.nan


def _in_both(treated: Flags, stratum: NDArray[np.intp]) -> Flags:
    """Shape: (n,): units of strata that hold both groups."""
    both = (np.bincount(stratum, treated) > 0) & (np.bincount(stratum, ~treated) > 0)
    return np.asarray(both[stratum], np.bool_)
