"""How far chance goes: bands that hold at all steps and outcomes at once, and a test of what lay before."""

from collections.abc import Sequence
from math import exp, lgamma, log, sqrt
from statistics import NormalDist

import numpy as np

from counterfoil.measure.causal.aggregate import drift_before
from counterfoil.measure.causal.effects import Effects, by_cluster, standard_error
from counterfoil.measure.causal.panel import Counts, Floats
from counterfoil.measure.interval import SEED, Z, t_quantile
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

DRAWS = 999
FEWEST_CLUSTERS = 10
"""With fewer, what they have in common can't be told from chance, and no interval is given."""
GOLDEN = (1 + sqrt(5)) / 2
QUARTILES = 2 * NormalDist().inv_cdf(0.75)


def simultaneous(influence: Floats, cluster: Counts, *, draws: int = DRAWS, seed: int = SEED) -> float:
    """How many standard errors a band is wide that holds for all of some effects at once, 95 times in 100.

    Whole clusters are given weights of mean 0 and variance 1; never narrower than an interval for one effect.

    Shape: influence (units, k), cluster (units,).
    Source: Callaway and Sant'Anna (2021), algorithm 1; weights of Mammen (1993), Ann. Stat. 21.
    """
    drawn, scale = _drawn(influence, cluster, draws, seed)
    if not scale.size:
        return Z
    return max(Z, float(np.quantile(np.abs(drawn / scale).max(axis=1), 0.95, method="weibull")))


def drifted(effects: Effects) -> float | Unknown:
    """How likely a drift as fast as that before treatment is, if there were none: a Wald test of one value.

    Over many steps the test of all placebos at once takes many more clusters than there are, and sees little
    of a slow drift. The reference is Student's t for few clusters.

    Source: Wald (1943); Wallace (1959), Annals of Mathematical Statistics 30 (t by a normal).
    """
    clusters = len(np.unique(effects.cluster))
    if clusters < FEWEST_CLUSTERS:
        return Unknown(f"there are {clusters} clusters of units; a test takes at least {FEWEST_CLUSTERS}")
    found = drift_before(effects)
    if found is None:
        return Unknown("there are no weeks before treatment to look at")
    slope, influence = found
    error = standard_error(influence[:, None], effects.cluster)[0] * sqrt(clusters / (clusters - 1))
    if not error > 0:
        return Unknown("the figure did not move before treatment")
    freedom = clusters - 1
    z = sqrt(freedom * log(1 + (slope / error) ** 2 / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    return 2 * (1 - NormalDist().cdf(z))


def _drawn(influence: Floats, cluster: Counts, draws: int, seed: int) -> tuple[Floats, Floats]:
    """What chance makes of each effect, times the units, and its scale by the middle half.

    Shape: (draws, k) and (k,), k those that chance moves at all.
    """
    summed = by_cluster(influence[:, np.abs(influence).max(axis=0) > 0], cluster)
    if not summed.size:
        return np.empty((draws, 0)), np.empty(0)
    chance = np.random.default_rng(seed)
    first = chance.random((draws, len(summed))) < GOLDEN / sqrt(5)
    drawn = np.where(first, 1 - GOLDEN, GOLDEN) @ summed
    low, high = np.quantile(drawn, [0.25, 0.75], axis=0)
    return drawn, np.asarray((high - low) / QUARTILES)


def largest_share(influence: Floats, cluster: Counts) -> float:
    """The share of an effect's variance that is of one cluster, the largest.

    Shape: influence (units,), cluster (units,).
    Source: Carter, Schnepel and Steigerwald (2017), Review of Economics and Statistics 99, 698-709: what
    counts is how many clusters matter, and not how many there are.
    """
    squares = np.square(by_cluster(influence[:, None], cluster)[:, 0])
    total = float(squares.sum())
    return float(squares.max()) / total if total > 0 else 1.0


def wider_for_few(clusters: int) -> float:
    """How many times wider an interval has to be since the spread itself is learnt from few clusters.

    Source: Cameron, Gelbach and Miller (2008), Review of Economics and Statistics 90, 414-427, section II:
    the factor C / (C - 1) of the variance, and Student's t with C - 1 degrees of freedom.
    Example:
        >>> round(wider_for_few(12), 2), round(wider_for_few(1000), 2)
        (1.17, 1.0)
    """
    return sqrt(clusters / (clusters - 1)) * t_quantile(clusters - 1) / Z


def estimates(
    value: Floats, influence: Floats, cluster: Counts, *, wide: float, seen: float, method: str
) -> Sequence[Estimate]:
    """Effects with their band; without one where there are too few clusters.

    Shape: value (k,), influence (units, k), cluster (units,); `wide` is in standard errors.
    Source: Callaway and Sant'Anna (2021), corollary 1.
    """
    clusters = len(np.unique(cluster))
    few = Unknown(f"there are {clusters} clusters of units; an interval takes at least {FEWEST_CLUSTERS}")
    reach = wide * standard_error(influence, cluster)
    return [
        Estimate(
            value=float(v),
            low=few if clusters < FEWEST_CLUSTERS else float(v - r),
            high=few if clusters < FEWEST_CLUSTERS else float(v + r),
            n=len(cluster),
            coverage=seen,
            method=method,
        )
        for v, r in zip(value, reach, strict=True)
    ]


def before_differs(effects: Effects) -> float | Unknown:
    """How likely differences as large as those before treatment are, if there were none (a Wald test).

    Source: Callaway and Sant'Anna (2021), remark on pre-trends; Wald (1943).
    """
    before = effects.is_before
    q = int(before.sum())
    if not q:
        return Unknown("there are no steps before treatment to look at")
    summed = by_cluster(effects.influence[:, before], effects.cluster)
    if len(summed) <= q:
        return Unknown(f"{q} steps before treatment are looked at, in only {len(summed)} clusters")
    spread = summed.T @ summed / len(effects.first) ** 2
    if np.linalg.cond(spread) > 1e12:
        return Unknown("the steps before treatment tell the same thing more than once")
    value = effects.value[before]
    return chi_square_tail(float(value @ np.linalg.solve(spread, value)), q)


def chi_square_tail(statistic: float, freedom: int) -> float:
    """How likely a chi-square variable is above a value.

    Source: Abramowitz and Stegun (1964), 6.5.29 (series) and 6.5.31 (continued fraction), 26.4.19.
    Example:
        >>> round(chi_square_tail(3.841459, 1), 4), round(chi_square_tail(20.0, 4), 6)
        (0.05, 0.000499)
    """
    a, x = freedom / 2, statistic / 2
    if x <= 0:
        return 1.0
    scale = exp(a * log(x) - x - lgamma(a))
    if x < a + 1:
        term = total = 1 / a
        n = a
        while term > total * 1e-16:
            n += 1
            term *= x / n
            total += term
        return 1 - scale * total
    b = x + 1 - a
    c, d = 1e300, 1 / b
    h = d
    for i in range(1, 500):
        step = -i * (i - a)
        b += 2
        d = 1 / (step * d + b)
        c = b + step / c
        h *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return scale * h
