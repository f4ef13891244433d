"""A total over people, with the interval of a total over such people."""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.interval import Z
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

Counts = NDArray[np.int64]


def total(values: Counts, *, coverage: float | Unknown) -> Estimate | Unknown:
    """What people come to together; its interval is what as many other such people would come to.

    Shape: `values` (people,), those without any row as zero.
    Source: Cochran (1977), Sampling Techniques, 2: the standard error of a total, no population correction.
    """
    people = len(values)
    if people < 2:
        return Unknown("a total takes at least two people")
    value = float(values.sum())
    reach = Z * sqrt(people * float(values.var(ddof=1)))
    return Estimate(
        value=value,
        low=max(value - reach, 0.0),
        high=value + reach,
        n=people,
        coverage=coverage,
        method="cohort-total",
    )
