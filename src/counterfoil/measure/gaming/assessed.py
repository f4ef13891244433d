"""What assessors' answers come to: rates of strata some of which went unanswered, agreement, an excess."""

from math import sqrt

import numpy as np

from counterfoil.measure.gaming.sample import audited_rate
from counterfoil.measure.interval import Counts, Floats, Z
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

FEWEST_PAIRS = 10


def picked_by(order: Floats, stratum: Counts, sampled: Counts) -> Counts:
    """The works that come first in an order of chance, so many of each stratum.

    Shape: order and stratum (works,), sampled (strata,); the result holds places in `order`, by stratum.
    Source: Cochran (1977), 2.1 and 5: without replacement, by stratum.
    Example:
        >>> picked_by(np.array([.9, .1, .5]), np.array([0, 0, 1]), np.array([1, 1])).tolist()
        [1, 2]
    """
    by_chance = np.lexsort((order, stratum))
    ends = np.searchsorted(stratum[by_chance], np.arange(len(sampled)))
    return np.concatenate([by_chance[at : at + n] for at, n in zip(ends, sampled, strict=True)])


def rate_of_answered(hits: Counts, looked: Counts, frame: Counts) -> Estimate | Unknown:
    """The rate of an outcome where some strata were answered too little: these are taken together.

    Shape: (strata,) each: works with the outcome, works that were judged, works there are.
    Source: Cochran (1977), 5A.12 (collapsed strata); the rate as in `sample.audited_rate`.
    """
    few = looked < 2
    if few.any():
        # One thin stratum alone would stay as thin, so it goes together with the smallest other.
        if few.sum() == 1 and (~few).any():
            few[int(np.argmin(np.where(few, np.iinfo(np.int64).max, frame)))] = True
        hits, looked, frame = (np.append(part[~few], part[few].sum()) for part in (hits, looked, frame))
    return audited_rate(hits, looked, frame)


def excess_of(rate: Estimate, other: Estimate) -> Estimate:
    """How much larger one rate is than another that is independent of it.

    Source: Newcombe (1998), Statistics in Medicine 17, 873-890, method 10, from each rate's own interval.
    """
    value = rate.value - other.value
    down = sqrt((rate.value - _end(rate.low)) ** 2 + (_end(other.high) - other.value) ** 2)
    up = sqrt((_end(rate.high) - rate.value) ** 2 + (other.value - _end(other.low)) ** 2)
    return Estimate(
        value=value,
        low=value - down,
        high=value + up,
        n=rate.n + other.n,
        coverage=rate.coverage,
        method="outcome-sample-excess",
    )


def kappa_of(first: Counts, second: Counts) -> Estimate | Unknown:
    """How far two assessors agree beyond chance; 1 is always, 0 as often as chance alone.

    Shape: (works,) each: the number of the answer that each gave to the same work.
    Source: Cohen (1960), Educational and Psychological Measurement 20, 37-46; standard error of Fleiss,
    Cohen and Everitt (1969), Psychological Bulletin 72, 323-327.
    """
    n = len(first)
    if n < FEWEST_PAIRS:
        return Unknown(f"agreement takes at least {FEWEST_PAIRS} works that two assessors judged")
    size = int(max(first.max(), second.max())) + 1
    share = np.zeros((size, size))
    np.add.at(share, (first, second), 1 / n)
    row, column, alike = share.sum(axis=1), share.sum(axis=0), float(np.trace(share))
    chance = float(row @ column)
    if chance >= 1 - 1e-12:
        return Unknown("both said the same of every work, so chance can't be told from agreement")
    kappa = (alike - chance) / (1 - chance)
    crossed = column[:, None] + row[None, :]
    same = np.diag(share) @ (1 - np.diag(crossed) * (1 - kappa)) ** 2
    off = (1 - kappa) ** 2 * ((share * crossed**2).sum() - np.diag(share) @ np.diag(crossed) ** 2)
    variance = float(same + off - (kappa - chance * (1 - kappa)) ** 2) / (n * (1 - chance) ** 2)
    reach = Z * sqrt(max(variance, 0.0))
    return Estimate(
        value=kappa,
        low=max(kappa - reach, -1.0),
        high=min(kappa + reach, 1.0),
        n=n,
        coverage=1.0,
        method="outcome-sample-kappa",
    )


def _end(bound: float | Unknown) -> float:
    """A bound of an interval that is always there."""
    if isinstance(bound, Unknown):
        raise ValueError(bound.why)  # noqa: TRY004 (a rate of a sample has an interval)
    return bound
