"""95 % intervals of shares: for units that are independent, and for lines that came in clusters."""

from collections.abc import Iterator
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

Z = NormalDist().inv_cdf(0.975)
DRAWS = 500
"""Resamples behind one interval; the seed is fixed, so that a report repeats to the last digit."""
SEED = 20_261_123
FEWEST_CLUSTERS = 10
"""With fewer, a resampled interval is far too narrow, and none is given."""


def wilson(hits: float, n: float) -> tuple[float, float]:
    """The interval of a share of n independent units.

    Raises: ValueError when there are no units; zero over zero is not zero.
    Source: Wilson (1927), Journal of the American Statistical Association 22, 209-212.
    Example:
        >>> [round(x, 4) for x in wilson(0, 10)]
        [0.0, 0.2775]
    """
    if n <= 0:
        raise ValueError("a share of no units")
    share, spread = hits / n, Z * Z / n
    middle = share + spread / 2
    reach = sqrt(spread * (share * (1 - share) + spread / 4))
    return (
        0.0 if hits == 0 else max(0.0, (middle - reach) / (1 + spread)),
        1.0 if hits == n else min(1.0, (middle + reach) / (1 + spread)),
    )


def share_of_units(hits: int, n: int, *, coverage: float | Unknown, method: str) -> Estimate | Unknown:
    """A share of independent units with its Wilson interval; Unknown when there are none.

    Source: Wilson (1927), as in `wilson`.
    """
    if n == 0:
        return Unknown("nothing to count")
    low, high = wilson(hits, n)
    value = hits / n
    return Estimate(
        value=value, low=min(low, value), high=max(high, value), n=n, coverage=coverage, method=method
    )


def share_by_cluster(part: Counts, whole: Counts, *, coverage: float, method: str) -> Estimate | Unknown:
    """Sum of parts over sum of wholes, where units of one cluster share their luck.

    Shape: part and whole (g,), one row per cluster; 0 <= part <= whole.
    Source: Cochran (1977), Sampling Techniques, 6 (ratio estimator); clusters resampled as in `resamples`.
    """
    seen = whole > 0
    part, whole = part[seen], whole[seen]
    if not whole.size:
        return Unknown("nothing to count")
    value = float(part.sum() / whole.sum())
    low, high = _bounds(part, whole, value)
    return Estimate(value=value, low=low, high=high, n=int(whole.sum()), coverage=coverage, method=method)


def _bounds(part: Counts, whole: Counts, value: float) -> tuple[float | Unknown, float | Unknown]:
    if whole.size < FEWEST_CLUSTERS:
        return (too_few := too_few_clusters(whole.size)), too_few
    if value in (0.0, 1.0):
        weight = effective_clusters(whole)
        return wilson(value * weight, weight)
    drawn = np.array([(w @ part) / (w @ whole) for w in resamples(whole.size)])
    low, high = percentiles(drawn[:, None], np.array([value]), effective_clusters(whole))
    return float(low[0]), float(high[0])


def too_few_clusters(clusters: int) -> Unknown:
    """Why an interval is not given."""
    return Unknown(f"it rests on {clusters} changes; an interval takes at least {FEWEST_CLUSTERS}")


def effective_clusters(sizes: Counts) -> float:
    """How many clusters of equal size would say as much as these.

    Shape: (g,).
    Source: Kish (1965), Survey Sampling: (sum of sizes)^2 / sum of squared sizes.
    """
    total = float(sizes.sum())
    return total * total / float(np.square(sizes, dtype=np.float64).sum())


def resamples(clusters: int, *, draws: int = DRAWS, seed: int = SEED) -> Iterator[Counts]:
    """How often each cluster is drawn, once per resample.

    Shape: each (clusters,), summing to `clusters`.
    Source: Efron and Tibshirani (1993), An Introduction to the Bootstrap; whole clusters are drawn, after
    Davison and Hinkley (1997), 3.8.
    """
    chance = np.random.default_rng(seed)
    for _ in range(draws):
        yield np.bincount(chance.integers(clusters, size=clusters), minlength=clusters)


def percentiles(drawn: Floats, value: Floats, clusters: float) -> tuple[Floats, Floats]:
    """The interval between resampled values, widened as a t quantile is for few clusters.

    Shape: drawn (draws, k); value, low and high (k,); low <= value <= high.
    Source: Hesterberg (2015), The American Statistician 69, 371-386 (expanded percentile interval).
    """
    freedom = max(clusters - 1.0, 3.0)
    t = t_quantile(freedom)
    tail = NormalDist().cdf(-t * sqrt((freedom + 1) / freedom))
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0, method="weibull")
    return np.minimum(low, value), np.maximum(high, value)


def t_quantile(freedom: float) -> float:
    """The 97.5 % quantile of Student's t.

    Source: Abramowitz and Stegun (1964), 26.7.5.
    Example:
        >>> round(t_quantile(10.0), 2)
        2.23
    """
    return Z + (Z**3 + Z) / (4 * freedom) + (5 * Z**5 + 16 * Z**3 + 3 * Z) / (96 * freedom) / freedom


class Cells(NamedTuple):
    """Units of one cluster and slot, counted once: far fewer than units.

    Shape: each (cells,).
    """

    cluster: NDArray[np.intp]
    slot: NDArray[np.intp]
    units: Floats

    def drawn(self, times: Counts, slots: int) -> Floats:
        """Units in each slot when each cluster is there so many times.

        Shape: times (clusters,); the result (slots,).
        """
        drawn: Floats = np.bincount(
            self.slot, weights=times[self.cluster] * self.units, minlength=slots
        ).astype(np.float64)
        return drawn


def cells_of(cluster: NDArray[np.intp], slot: Counts) -> Cells:
    """Count units by cluster and slot (a day, or whatever the counts are kept by).

    Shape: (n,) both.
    """
    slots = int(slot.max(initial=0)) + 1
    cells, units = np.unique(cluster * slots + slot, return_counts=True)
    return Cells(cells // slots, cells % slots, units.astype(np.float64))
