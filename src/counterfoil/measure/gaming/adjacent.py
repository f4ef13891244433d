"""Whether some who belong just below a line stand on it, where a small whole number is measured."""

from dataclasses import dataclass
from math import exp, sqrt

import numpy as np

from counterfoil.measure.gaming.fit import above, count_model
from counterfoil.measure.interval import Counts, Z
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

REACH = 3
"""Bins that are looked at on either side of the line."""
FEWEST = 30
"""Units that these bins have to hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """The bin at the line against the one just below it, beyond what their neighbourhood foretells."""

    ratio: Estimate
    """How many times as many stand at the line as just below it, over what was to be expected."""
    p: float
    """How often chance alone moves so many up."""


def adjacent_contrast(counts: Counts, at: int) -> Contrast | Unknown:
    """Compare the bin at a line with the bin below it in a smooth model of their neighbourhood.

    Shape: counts (bins,), units by whole number; `at` is the place of the first that meets the target.
    Source: McCullagh and Nelder (1989), Generalized Linear Models, 6.2 (log-linear Poisson model;
    overdispersion 4.5); the contrast of two neighbours under a smooth trend after McCrary (2008), Journal of
    Econometrics 142, 698-714, for counts.
    """
    low = at - REACH
    if low < 0 or at + REACH > len(counts):
        low = max(low, 0)
    near = counts[low : at + REACH + 1]
    place = np.arange(low, low + len(near)) - at
    if not 0 < at < len(counts) or len(near) < 6 or not (place > 0).any():
        return Unknown("the threshold lies outside the data")
    if near.sum() < FEWEST or min(near[place == -1].sum(), near[place == 0].sum()) == 0:
        return Unknown("too few units near the threshold")
    middle = place + 0.5
    contrast = np.where(place == 0, 0.5, np.where(place == -1, -0.5, 0.0))
    design = np.column_stack([np.ones(len(near)), middle, middle**2, contrast])
    try:
        model = count_model(design, near)
    except ValueError as why:
        return Unknown(str(why))
    error = sqrt(model.covariance[3, 3] * max(model.dispersion, 1.0))
    log_ratio = float(model.value[3])
    return Contrast(
        ratio=Estimate(
            value=exp(log_ratio),
            low=exp(log_ratio - Z * error),
            high=exp(log_ratio + Z * error),
            n=int(near.sum()),
            coverage=float(near.sum() / counts.sum()),
            method="adjacent-bins",
        ),
        p=above(log_ratio / error),
    )
