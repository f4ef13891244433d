"""Whether a density jumps at a line, where what is measured is continuous."""

from dataclasses import dataclass
from math import factorial, sqrt

import numpy as np
from numpy.polynomial import hermite_e

from counterfoil.measure.gaming.fit import NORMAL, above
from counterfoil.measure.interval import Floats, Z
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

ORDER = 2
"""Order of the local polynomial that chooses the bandwidth; the test takes one more, against bias."""
FEWEST = 20
"""Values that a bandwidth has to hold on either side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """A density on either side of a line, and how surely the two differ."""

    difference: Estimate
    """Density just above the line less that just below."""
    below: float
    above: float
    t: float
    p: float
    """How often chance alone makes so large a difference, in either direction."""
    bandwidth: tuple[float, float]
    """How far the test looks below and above the line."""


@dataclass(frozen=True, slots=True)
class _Side:
    """Local polynomial of the distribution function on one side of zero, over values in order."""

    values: Floats
    right: bool

    def derivative(self, width: float, order: int, which: int) -> tuple[float, float]:
        """A derivative of the distribution function at zero, and its variance, leaving out one at a time."""
        n = len(self.values)
        u = self.values / width
        near = (np.abs(u) <= 1) & ((self.values >= 0) == self.right)
        kernel = np.where(near, 1 - np.abs(u), 0) / width
        powers = np.where(near, u, 0)[:, None] ** np.arange(order + 1)
        weighted = powers * kernel[:, None]
        gram = weighted.T @ powers / n
        share = np.arange(n) / (n - 1)
        scale = factorial(which) / width**which
        row = np.linalg.solve(gram, np.eye(order + 1)[which]) * scale
        moved = np.cumsum((weighted @ row)[::-1])[::-1] / (n - 1)
        return float(row @ (weighted.T @ share)) / n, float(moved @ moved) / n**2


def density_jump(values: Floats, threshold: float = 0.0) -> Jump | Unknown:
    """Compare the density just above a line with that just below.

    Shape: values (n,), one for each unit, in any order.
    Source: Cattaneo, Jansson and Ma (2020), JASA 115, 1449-1455 (local polynomial of the distribution
    function, jackknife), and (2018), Stata Journal 18, 234-261 (the test, and the bandwidth: the middle one
    of those that are best for each side, for the difference and for the sum).
    """
    ordered = np.sort(values[np.isfinite(values)] - threshold)
    if min((ordered < 0).sum(), (ordered >= 0).sum()) < FEWEST:
        return Unknown("the threshold lies outside the data, or too near to its end")
    if len(np.unique(ordered)) < len(ordered) / 2:
        return Unknown("the values are few and repeat: compare adjacent bins instead")
    sides = _Side(ordered, False), _Side(ordered, True)
    try:
        widths = _bandwidth(sides)
        found = [side.derivative(width, ORDER + 1, 1) for side, width in zip(sides, widths, strict=True)]
    except np.linalg.LinAlgError:
        return Unknown("too few different values near the threshold")
    (below, spread), (over, wide) = found
    error = sqrt(spread + wide)
    t = (over - below) / error
    return Jump(
        difference=Estimate(
            value=over - below,
            low=over - below - Z * error,
            high=over - below + Z * error,
            n=len(ordered),
            coverage=len(ordered) / len(values),
            method="density-jump",
        ),
        below=below,
        above=over,
        t=t,
        p=2 * above(abs(t)),
        bandwidth=widths,
    )


def _bandwidth(sides: tuple[_Side, _Side]) -> tuple[float, float]:
    """How far to look on either side: the middle of three that are best for something.

    Source: Cattaneo, Jansson and Ma (2018), section 2.6; pilots from a normal density.
    """
    values, p = sides[0].values, ORDER
    n, middle, spread = len(values), float(values.mean()), float(values.std(ddof=1))
    z = -middle / spread

    def normal(k: int) -> float:
        return abs(float(hermite_e.hermeval(z, [0] * k + [1]))) * NORMAL.pdf(z) / spread ** (k + 1)

    def pilot(order: int, which: int, power: int) -> float:
        ratio = _constant(order, which) * normal(0) / max(normal(order), 1e-300) ** 2
        wide = ((2 * which - 1) / (2 * (order + 1 - which)) * ratio / n) ** (1 / power)
        return _enough(values, wide)

    near, far = pilot(p, 1, 2 * p + 1), pilot(p + 2, p + 1, 2 * p + 5)
    variance = [near * n * side.derivative(near, p, 1)[1] for side in sides]
    bias = [side.derivative(far, p + 2, p + 1)[0] * _bias(p, 1) for side in sides]

    def best(spread_of: float, bias_of: float) -> float:
        return float((spread_of / (2 * p) / max(bias_of**2, 1e-300) / n) ** (1 / (2 * p + 1)))

    both = sum(variance)
    shared = best(both, bias[1] - bias[0]), best(both, bias[1] + bias[0])
    below, over = (
        _enough(values, float(np.median([best(v, b), *shared]))) for v, b in zip(variance, bias, strict=True)
    )
    return below, over


def _enough(values: Floats, width: float) -> float:
    """A width that holds enough values on either side, and does not reach past the data."""
    low, high = np.sort(-values[values < 0]), values[values >= 0]
    fewest = float(max(low[FEWEST - 1], high[FEWEST - 1]))
    return min(max(width, fewest * 1.001), float(max(low[-1], high[-1])))


def _moments(order: int, *, triangular: bool) -> tuple[Floats, Floats, Floats, Floats]:
    """Nodes, weights, gram matrix and the moment of the next power, at the edge of a flat density."""
    t, w = np.polynomial.legendre.leggauss(40)
    t, w = (t + 1) / 2, w / 2
    weights = w * (1 - t) if triangular else w
    powers = t[:, None] ** np.arange(order + 1)
    return t, w, powers.T @ (powers * weights[:, None]), powers.T @ (weights * t ** (order + 1))


def _bias(order: int, which: int) -> float:
    """How much of the next derivative gets into an estimate at an edge, with a triangular kernel."""
    _, _, gram, following = _moments(order, triangular=True)
    return float(np.linalg.solve(gram, following)[which]) * factorial(which) / factorial(order + 1)


def _constant(order: int, which: int) -> float:
    """Variance over squared bias at an edge, with a flat kernel."""
    t, w, gram, following = _moments(order, triangular=False)
    tails = (1 - t[:, None] ** np.arange(1, order + 2)) / np.arange(1, order + 2)
    inverse = np.linalg.inv(gram)
    variance = inverse @ (tails.T @ (tails * w[:, None])) @ inverse
    bias = float((inverse @ following)[which]) / factorial(order + 1)
    return float(variance[which, which]) / bias**2
