"""Medians of durations that were cut to steps, and how much there is of one thing for each of another."""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.interval import (
    FEWEST_CLUSTERS,
    effective_clusters,
    percentiles,
    resamples,
    t_quantile,
    too_few_clusters,
)
from counterfoil.terms.absent import Unknown
from counterfoil.terms.delivered import STEPS
from counterfoil.terms.estimate import Estimate

Counts = NDArray[np.int64]
OPEN_ENDED = Unknown("the last step has no upper end")
HALF = 0.5


def median_step(counts: Counts) -> int:
    """The place of the step that half of all durations reach at most.

    Shape: `counts` (people, steps).
    Raises: ValueError where there are none.
    """
    steps = counts.sum(axis=0)
    if not steps.sum():
        raise ValueError("a median of nothing")
    return int(np.searchsorted(np.cumsum(steps), HALF * steps.sum()))


def median_of_steps(counts: Counts, *, coverage: float | Unknown, method: str) -> Estimate | Unknown:
    """The median of durations of which only the step is known, each person's durations sharing their luck.

    Inside of a step durations are taken to be spread evenly; the interval ends where steps do, so that it
    holds whatever they are.

    Shape: `counts` (people, steps), how many durations of each person are of each step.
    Unit: minutes.
    Source: Woodruff (1952), Journal of the American Statistical Association 47, 635-646; the variance of the
    share below it as in Cochran (1977), Sampling Techniques, 6 (people are drawn whole).
    """
    counts = counts[counts.sum(axis=1) > 0]
    if not counts.size:
        return Unknown("nothing to count")
    of_each, steps = counts.sum(axis=1), counts.sum(axis=0)
    place = median_step(counts)
    inside = (HALF * steps.sum() - steps[:place].sum()) / steps[place]
    open_ended = place == len(STEPS) - 1
    value = float(STEPS[place] if open_ended else STEPS[place] + inside * (STEPS[place + 1] - STEPS[place]))
    people = len(of_each)
    low: float | Unknown = too_few_clusters(people)
    high = low
    if people >= FEWEST_CLUSTERS:
        below = counts[:, :place].sum(axis=1) + inside * counts[:, place] - HALF * of_each
        error = sqrt(people / (people - 1) * float(np.square(below).sum())) / float(steps.sum())
        reach = t_quantile(max(effective_clusters(of_each) - 1.0, 3.0)) * error
        shares = np.cumsum(steps) / steps.sum()
        first = int(np.searchsorted(shares, max(HALF - reach, 1e-12)))
        last = int(np.searchsorted(shares, min(HALF + reach, 1 - 1e-12)))
        low = float(STEPS[first])
        high = OPEN_ENDED if last == len(STEPS) - 1 else float(STEPS[last + 1])
    return Estimate(value=value, low=low, high=high, n=int(steps.sum()), coverage=coverage, method=method)


def rate_by_cluster(part: Counts, whole: Counts, *, coverage: float, method: str) -> Estimate | Unknown:
    """How much there is of one thing for each of another, those of one person sharing their luck.

    Whoever has of the one and nothing of the other counts as well: it was spent for nothing.

    Shape: part and whole (people,), neither below zero.
    Source: Cochran (1977), Sampling Techniques, 6 (ratio estimator); people resampled as in `resamples`.
    """
    seen = (whole > 0) | (part > 0)
    part, whole = part[seen], whole[seen]
    if not whole.sum():
        return Unknown("nothing to count")
    value = float(part.sum() / whole.sum())
    low: float | Unknown = too_few_clusters(whole.size)
    high = low
    if whole.size >= FEWEST_CLUSTERS:
        sums = [(times @ part, times @ whole) for times in resamples(whole.size)]
        drawn = np.array([some / all_of_it for some, all_of_it in sums if all_of_it])
        lows, highs = percentiles(drawn[:, None], np.array([value]), effective_clusters(whole))
        low, high = float(lows[0]), float(highs[0])
    return Estimate(value=value, low=low, high=high, n=int(whole.sum()), coverage=coverage, method=method)
