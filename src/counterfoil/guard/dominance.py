"""What of a figure may be shown once it is known: nothing that one or two people make, and nothing exact."""

import math

import numpy as np
from numpy.typing import NDArray

from counterfoil.terms.release import Permit, Withheld

CLAUSE = "dominance"
OTHERS_SHARE = 0.20
"""Unit: share of the largest contribution that the others, but for the second, have to exceed."""
TWO_SHARE = 0.85
"""Share of a sum that its two largest contributions may make."""
COUNTED_IN = 5
DIGITS = 2
BANDS = (
    (0.2, "under 20 %"),
    (0.4, "20 to 40 %"),
    (0.6, "40 to 60 %"),
    (0.8, "60 to 80 %"),
    (1.0, "over 80 %"),
)
Floats = NDArray[np.floating]


def may_show_sum(values: Floats, *, cap: float, told: bool = True) -> Permit | Withheld:
    """Whether a sum may be shown, each contribution capped: nobody in it may be able to work another out.

    `told` is false for a sum that is the whole of a share, and is not told itself: it may be of equal parts.

    Shape: `values` (people,), none below zero; `cap` is the company's 95th percentile of the period before.
    Raises: ValueError for a contribution below zero, or a cap that is none.
    Source: p % rule and (n, k) rule, Handbook on Statistical Disclosure Control, chapter 4; p = 20, (2, 85).
    """
    if not cap > 0 or (values < 0).any():
        raise ValueError("contributions are not below zero, and a cap is above it")
    capped = np.sort(np.minimum(values.astype(np.float64), cap))[::-1]
    if len(capped) < 3:
        return Withheld()
    total, first, second = float(capped.sum()), float(capped[0]), float(capped[1])
    if told and first == capped[-1]:
        # A sum of equal parts, above all of nothing, tells each of them to whoever knows one.
        return Withheld()
    if total - first - second < OTHERS_SHARE * first or first + second > TWO_SHARE * total:
        return Withheld()
    return Permit(CLAUSE)


def middle_mean(values: Floats) -> float:
    """The mean of the middle half: no single person's value, as a median would be.

    Shape: `values` (people,).
    Raises: ValueError where the middle half holds fewer than three.
    Source: interquartile mean.
    """
    count = len(values)
    low, high = count // 4, count - count // 4
    if high - low < 3:
        raise ValueError("the middle of so few is a person")
    return float(np.sort(values)[low:high].mean())


def banded_share(part: int, whole: int) -> str:
    """A share in words: in bands of a fifth, and only low or high where one person would tell.

    Raises: ValueError where it is no share.

    Example:
    >>> banded_share(7, 12), banded_share(1, 12), banded_share(11, 12)
    ('40 to 60 %', 'low', 'high')
    """
    if not 0 <= part <= whole or not whole:
        raise ValueError("a share is a part of something")
    if part <= 1:
        return "low"
    if whole - part <= 1:
        return "high"
    return next(words for upto, words in BANDS if part / whole <= upto)


def rounded_count(count: int) -> int:
    """A count of people, to the nearest five.

    Example:
    >>> rounded_count(12), rounded_count(13), rounded_count(0)
    (10, 15, 0)
    """
    return COUNTED_IN * math.floor(count / COUNTED_IN + 0.5)


def rounded(value: float) -> float:
    """A value to two significant digits.

    Example:
    >>> rounded(1849.0), rounded(0.03749), rounded(0.0)
    (1800.0, 0.037, 0.0)
    """
    if not value or not math.isfinite(value):
        return value
    return round(value, DIGITS - 1 - math.floor(math.log10(abs(value))))
