"""Arithmetic that several tests of this room share: ranks, least squares, counts, the normal distribution."""

from math import sqrt
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.interval import Floats

NORMAL = NormalDist()


def above(z: float) -> float:
    """How rarely chance alone goes so far up.

    Source: the upper tail of the normal distribution.
    """
    return NORMAL.cdf(-z)


def ranks(values: NDArray[Any]) -> Floats:
    """Places in the order of size, ties sharing the middle one. They order weeks, bins and units' numbers.

    Shape: (n,).
    Source: Spearman (1904), American Journal of Psychology 15, 72-101.
    Example:
        >>> ranks(np.array([3.0, 1.0, 3.0])).tolist()
        [2.5, 1.0, 2.5]
    """
    _, place, times = np.unique(values, return_inverse=True, return_counts=True)
    middle = np.cumsum(times) - (times - 1) / 2
    return np.asarray(middle[place], dtype=np.float64)


def correlation(x: Floats, y: Floats) -> float:
    """Pearson's correlation, zero where one of the two does not vary.

    Shape: (n,) both.
    Source: Pearson (1895), Proceedings of the Royal Society 58, 240-242.
    """
    x, y = x - x.mean(), y - y.mean()
    scale = sqrt(float(x @ x) * float(y @ y))
    return float(x @ y) / scale if scale > 0 else 0.0


def coefficients(design: Floats, values: Floats) -> Floats:
    """Ordinary least squares.

    Shape: design (n, k), values (n,); the result (k,).
    Source: Gauss (1809); solved by singular values.
    """
    return np.asarray(np.linalg.lstsq(design, values, rcond=None)[0], dtype=np.float64)


class CountModel(NamedTuple):
    """A log-linear model of counts.

    Shape: value (k,), covariance (k, k).
    """

    value: Floats
    covariance: Floats
    dispersion: float
    """Pearson's chi-squared over its degrees of freedom; one where counts are Poisson."""


def count_model(design: Floats, counts: NDArray[Any]) -> CountModel:
    """Fit counts by Poisson maximum likelihood.

    Shape: design (n, k), counts (n,).
    Raises: ValueError when the model can't be fitted.
    Source: McCullagh and Nelder (1989), Generalized Linear Models, 2.5 and 6.2 (reweighted least squares).
    """
    y = counts.astype(np.float64)
    eta = np.log(y + 0.5)
    value: Floats = np.zeros(design.shape[1])
    for _ in range(50):
        mean = np.exp(np.clip(eta, -30, 30))
        information = design.T @ (design * mean[:, None])
        try:
            new = np.linalg.solve(information, design.T @ (mean * eta + y - mean))
        except np.linalg.LinAlgError as why:
            raise ValueError("the counts say too little") from why
        done = bool(np.max(np.abs(new - value)) < 1e-10)
        value = np.asarray(new, dtype=np.float64)
        eta = design @ value
        if done:
            break
    mean = np.exp(np.clip(design @ value, -30, 30))
    covariance = np.asarray(np.linalg.inv(design.T @ (design * mean[:, None])), dtype=np.float64)
    freedom = max(len(y) - design.shape[1], 1)
    return CountModel(value, covariance, float(np.sum((y - mean) ** 2 / mean)) / freedom)
