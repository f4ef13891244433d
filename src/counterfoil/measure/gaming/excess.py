"""How many stand at a line who would not otherwise: the excess mass of a histogram at a threshold."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.gaming.fit import coefficients
from counterfoil.measure.interval import SEED, Counts, Floats
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

Flags = NDArray[np.bool_]
DRAWS = 200
ORDER = 4
ROUNDS_OF_CORRECTION = 500
SETTLED = 1.0
"""The correction stops when the excess moves by less than one unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """What stands at the line beyond what its neighbourhood foretells."""

    normalised: Estimate
    """The excess in bins of the height that was to be expected there."""
    moved: Estimate
    """The excess in units (people, weeks of people) of the histogram."""
    without: Floats
    """Each bin as it would be without the line.

    Shape: (bins,).
    """


@dataclass(frozen=True, slots=True)
class _Fit:
    mass: float
    height: float
    without: Floats
    fitted: Floats


@dataclass(frozen=True, slots=True)
class _Frame:
    design: Floats
    free: int
    window: Floats
    right: Floats
    corrected: bool

    def fit(self, counts: Floats) -> _Fit:
        """Fit, and raise what lies right of the line until nothing is missing any more."""
        window, right = self.window > 0, self.right > 0
        before, raised = np.inf, counts
        for _ in range(ROUNDS_OF_CORRECTION):
            found = coefficients(self.design, raised)
            without: Floats = self.design[:, : self.free] @ found[: self.free]
            mass = float((counts - without)[window].sum())
            if not self.corrected or abs(mass - before) < SETTLED:
                break
            before = mass
            raised = counts * (1 + right * mass / max(counts[right].sum(), 1.0))
        return _Fit(mass, float(without[window].mean()), without, self.design @ found)


def excess_mass(
    values: Floats,
    counts: Counts,
    threshold: float,
    *,
    below: int = 0,
    above: int = 0,
    order: int = ORDER,
    rounds: Sequence[float] = (),
    corrected: bool = True,
) -> Excess | Unknown:
    """The excess mass at a threshold, in units and in bins of the height that was to be expected.

    Shape: values (bins,), the bins' middles in equal steps, one of them the threshold; counts (bins,).
    Source: Saez (2010), AEJ: Economic Policy 2, 180-212; Chetty, Friedman, Olsen and Pistaferri (2011), QJE
    126, 749-804 (polynomial without the window, integration constraint, residual bootstrap); Kleven and
    Waseem (2013), QJE 128, 669-723 (round numbers).
    """
    step = float(values[1] - values[0]) if len(values) > 1 else 1.0
    place = np.abs(values - threshold)
    at = int(np.argmin(place)) if len(values) else 0
    if not len(values) or place[at] > step / 2 or not below <= at < len(values) - above:
        return Unknown("the threshold lies outside the data")
    offset = np.arange(len(values)) - at
    window = (offset >= -below) & (offset <= above)
    if (~window).sum() <= order + len(rounds) + 3 or not counts[~window].any():
        return Unknown("too few bins on either side of the threshold")
    frame = _frame(values, offset, window, order=order, rounds=rounds, corrected=corrected)
    given = counts.astype(np.float64)
    whole = frame.fit(given)
    if whole.height <= 0:
        return Unknown("nobody was to be expected at the threshold")
    drawn = _drawn(frame, given, whole)
    return Excess(
        normalised=_estimate(whole.mass / whole.height, drawn[:, 0], int(counts.sum())),
        moved=_estimate(whole.mass, drawn[:, 1], int(counts.sum())),
        without=whole.without,
    )


def _frame(
    values: Floats,
    offset: Counts,
    window: Flags,
    *,
    order: int,
    rounds: Sequence[float],
    corrected: bool,
) -> _Frame:
    scale = max(float(np.abs(offset).max()), 1.0)
    powers = np.vander(offset / scale, order + 1, increasing=True)
    near = [np.abs(values / r - np.round(values / r)) < 1e-9 for r in rounds]
    at_line = np.eye(len(values))[:, window]
    free = np.column_stack([powers, *near]) if near else powers
    return _Frame(
        design=np.hstack([free, at_line]),
        free=free.shape[1],
        window=window.astype(np.float64),
        right=(offset > 0).astype(np.float64),
        corrected=corrected,
    )


def _drawn(frame: _Frame, counts: Floats, whole: _Fit) -> Floats:
    """Excess and its normalised form under redrawn residuals."""
    chance = np.random.default_rng(SEED)
    outside = frame.window == 0
    left = (counts - whole.without)[outside]
    left = left - left.mean()
    freedom = len(left) / max(len(left) - frame.free, 1)
    # A count varies with its size: what stands at the line varies more than its neighbours' residuals.
    spread = np.sqrt(freedom * np.maximum(counts / np.maximum(whole.without, 1.0), 1.0))
    own = np.where(outside, counts - whole.without, 0.0)
    drawn = np.empty((DRAWS, 2))
    for n in range(DRAWS):
        again = np.maximum(counts - own + spread * chance.choice(left, size=len(counts)), 0)
        fit = frame.fit(again)
        drawn[n] = fit.mass / max(fit.height, 1e-9), fit.mass
    return drawn


def _estimate(value: float, drawn: Floats, n: int) -> Estimate:
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Estimate(
        value=value,
        low=min(float(low), value),
        high=max(float(high), value),
        n=n,
        coverage=1.0,
        method="excess-mass",
    )
