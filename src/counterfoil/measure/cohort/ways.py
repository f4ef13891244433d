"""The ways in which sums of people become a figure of them."""

import numpy as np

from counterfoil.measure.cohort.figure import COUNTED_BY_STEP, Estimator, Sums
from counterfoil.measure.cohort.flow import median_of_steps, rate_by_cluster
from counterfoil.measure.cohort.total import total
from counterfoil.measure.interval import share_by_cluster, share_of_units
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate


def total_of(name: str) -> Estimator:
    """What people come to together."""

    def estimate(sums: Sums, coverage: float | Unknown) -> Estimate | Unknown:
        return total(sums[name], coverage=coverage)

    return estimate


def people_with(name: str, *, method: str) -> Estimator:
    """Share of people who have any.

    Source: Wilson (1927), as in `interval.wilson`.
    """

    def estimate(sums: Sums, coverage: float | Unknown) -> Estimate | Unknown:
        some = sums[name]
        return share_of_units(int(some.sum()), len(some), coverage=coverage, method=method)

    return estimate


def share_of(part: str, whole: str, *, method: str, rest: bool = False) -> Estimator:
    """Share of one thing in another, or of the rest of it; what people have shares their luck.

    Source: Cochran (1977), Sampling Techniques, 6; people are drawn whole, as in `interval.resamples`.
    """

    def estimate(sums: Sums, coverage: float | Unknown) -> Estimate | Unknown:
        counted = sums[whole] - sums[part] if rest else sums[part]
        return share_by_cluster(counted, sums[whole], coverage=_known(coverage), method=method)

    return estimate


def rate_of(part: str, whole: str, *, method: str) -> Estimator:
    """How much there is of one thing for each of another.

    Source: Cochran (1977), Sampling Techniques, 6 (ratio estimator).
    """

    def estimate(sums: Sums, coverage: float | Unknown) -> Estimate | Unknown:
        return rate_by_cluster(sums[part], sums[whole], coverage=_known(coverage), method=method)

    return estimate


def median_of(method: str) -> Estimator:
    """The median of durations that are counted by step.

    Source: Woodruff (1952), as in `flow.median_of_steps`.
    """

    def estimate(sums: Sums, coverage: float | Unknown) -> Estimate | Unknown:
        counts = np.stack([sums[step] for step in COUNTED_BY_STEP], axis=1)
        return median_of_steps(counts, coverage=coverage, method=method)

    return estimate


def _known(coverage: float | Unknown) -> float:
    return 0.0 if isinstance(coverage, Unknown) else coverage
