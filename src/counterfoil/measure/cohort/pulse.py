"""What answers of many people come to: means of hours, shares of a yes, and the share behind a list."""

from math import inf, sqrt

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.interval import Z, wilson
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

Floats = NDArray[np.float64]


def mean_of(values: Floats, *, coverage: float | Unknown) -> Estimate | Unknown:
    """The mean of the middle half, with the interval of a mean that leaves a quarter out on either side.

    Shape: `values` (people,).
    Source: Tukey and McLaughlin (1963), Sankhya A 25: the variance of a trimmed mean from winsorised values.
    """
    return _middle(values, least=0.0, coverage=coverage, method="pulse-middle-mean")


def net_mean(saved: Floats, redone: Floats, *, coverage: float | Unknown) -> Estimate | Unknown:
    """The mean of the middle half of what is left of hours saved, which may be less than nothing.

    Shape: `saved` and `redone` (people,), of those who said both.
    Source: as in `mean_of`.
    """
    return _middle(saved - redone, least=-inf, coverage=coverage, method="pulse-net-hours")


def _middle(values: Floats, *, least: float, coverage: float | Unknown, method: str) -> Estimate | Unknown:
    people = len(values)
    low, high = people // 4, people - people // 4
    if high - low < 3:
        return Unknown("the middle of so few is a person")
    ordered = np.sort(values)
    middle = float(ordered[low:high].mean())
    winsorised = np.clip(ordered, ordered[low], ordered[high - 1])
    reach = Z * float(winsorised.std(ddof=1)) / (0.5 * sqrt(people))
    return Estimate(
        value=middle,
        low=max(middle - reach, least),
        high=middle + reach,
        n=people,
        coverage=coverage,
        method=method,
    )


def redone_share(saved: Floats, redone: Floats, *, coverage: float | Unknown) -> Estimate | Unknown:
    """Hours spent putting right, of all that were saved; more than all where putting right took longer.

    Shape: `saved` and `redone` (people,), of those who said both.
    Source: Workday (2026) for the form; Cochran (1977), Sampling Techniques, 6: the variance of a ratio.
    """
    people, whole = len(saved), float(saved.sum())
    if people < 2 or not whole:
        return Unknown("nothing was saved")
    value = float(redone.sum()) / whole
    spread = float(np.square(redone - value * saved).sum())
    reach = Z * sqrt(people / (people - 1) * spread) / whole
    return Estimate(
        value=value,
        low=max(value - reach, 0.0),
        high=value + reach,
        n=people,
        coverage=coverage,
        method="pulse-redone-share",
    )


def share_of(values: Floats, *, coverage: float | Unknown) -> Estimate | Unknown:
    """The share of a yes.

    Shape: `values` (people,), each 0 or 1.
    Source: Wilson (1927), as in `interval.wilson`.
    """
    if not len(values):
        return Unknown("nobody answered")
    yes = float(values.sum())
    low, high = wilson(yes, len(values))
    return Estimate(
        value=yes / len(values), low=low, high=high, n=len(values), coverage=coverage, method="pulse-share"
    )


def behind_a_list(with_it: Floats, without: Floats, *, coverage: float | Unknown) -> Estimate | Unknown:
    """The share for whom the last statement of a list is true, which nobody said of themselves.

    Shape: how many were true, of forms with the statement and of those without it, (people,) each.
    Source: Miller (1984); Blair and Imai (2012), Political Analysis 20: the difference in means.
    """
    if min(len(with_it), len(without)) < 2:
        return Unknown("too few forms of one kind")
    value = float(with_it.mean() - without.mean())
    reach = Z * sqrt(with_it.var(ddof=1) / len(with_it) + without.var(ddof=1) / len(without))
    return Estimate(
        value=min(max(value, 0.0), 1.0),
        low=min(max(value - reach, 0.0), 1.0),
        high=min(max(value + reach, 0.0), 1.0),
        n=len(with_it) + len(without),
        coverage=coverage,
        method="pulse-list",
    )
