"""How far a metric points where worth is: its angle, its correlation, its health by week."""

from math import atanh, sqrt, tanh

import numpy as np

from counterfoil.measure.gaming.fit import coefficients, correlation, ranks
from counterfoil.measure.interval import Floats, Z, percentiles, resamples
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

FEWEST_UNITS = 20
"""Units that an angle or a correlation takes."""


def alignment(activities: Floats, metric: Floats, worth: Floats) -> Estimate | Unknown:
    """The cosine between what a metric rewards and what worth comes of.

    One where more of any activity moves both alike, zero where the metric rewards what has no worth, below
    zero where it rewards what harms.
    Shape: activities (units, k), metric and worth (units,).
    Source: Baker (2002), Journal of Human Resources 37, 728-751 (distortion as the angle between marginal
    effects); whole units resampled, Efron and Tibshirani (1993).
    """
    whole = np.isfinite(activities).all(axis=1) & np.isfinite(metric) & np.isfinite(worth)
    x, m, w = activities[whole], metric[whole], worth[whole]
    if len(x) < max(FEWEST_UNITS, 5 * x.shape[1]):
        return Unknown("too few units for an angle")
    if (x.std(axis=0) == 0).any() or m.std() == 0:
        return Unknown("the metric or an activity never moved")
    if w.std() == 0:
        return Unknown("worth never moved")
    x, m, w = ((v - v.mean(axis=0)) / v.std(axis=0) for v in (x, m, w))
    value = _cosine(x, m, w)
    drawn = []
    for times in resamples(len(x)):
        again = np.repeat(np.arange(len(x)), times)
        drawn.append(_cosine(x[again], m[again], w[again]))
    low, high = percentiles(np.array(drawn)[:, None], np.array([value]), len(x))
    return Estimate(
        value=value,
        low=max(float(low[0]), -1.0),
        high=min(float(high[0]), 1.0),
        n=len(x),
        coverage=float(whole.mean()),
        method="alignment",
    )


def _cosine(x: Floats, metric: Floats, worth: Floats) -> float:
    design = np.column_stack([np.ones(len(x)), x])
    f, g = coefficients(design, metric)[1:], coefficients(design, worth)[1:]
    length = sqrt(float(f @ f) * float(g @ g))
    return float(f @ g) / length if length > 0 else 0.0


def partial_rank(metric: Floats, worth: Floats, beside: Floats | None = None) -> Estimate | Unknown:
    """The rank correlation of a metric and worth, with other things (size, kind of work) held still.

    Shape: metric and worth (units,), beside (units, k).
    Source: Spearman (1904); Kendall and Stuart (1973), chapter 27, for the partial form; Fieller, Hartley and
    Pearson (1957), Biometrika 44, 470-481, for the variance 1.06 / (n - 3 - k) of its inverse hyperbolic
    tangent.
    """
    others = np.empty((len(metric), 0)) if beside is None else beside
    whole = np.isfinite(metric) & np.isfinite(worth) & np.isfinite(others).all(axis=1)
    n, k = int(whole.sum()), others.shape[1]
    if n < FEWEST_UNITS + k:
        return Unknown("too few units for a correlation")
    a, b = ranks(metric[whole]), ranks(worth[whole])
    if a.std() == 0 or b.std() == 0:
        return Unknown("the metric never moved" if a.std() == 0 else "worth never moved")
    design = np.column_stack([np.ones(n), *(ranks(column) for column in others[whole].T)])
    value = correlation(a - design @ coefficients(design, a), b - design @ coefficients(design, b))
    z, reach = atanh(min(max(value, -0.999999), 0.999999)), Z * sqrt(1.06 / (n - 3 - k))
    return Estimate(
        value=value,
        low=min(tanh(z - reach), value),
        high=max(tanh(z + reach), value),
        n=n,
        coverage=n / len(metric),
        method="partial-rank",
    )


def health(metric: Floats, worth: Floats, *, weeks: int = 4) -> tuple[Estimate | Unknown, ...]:
    """How well a metric goes with worth across units, for each week with the weeks before it.

    Shape: metric and worth (units, weeks); one answer for each week from the `weeks`-th on.
    Source: Spearman (1904), as in `partial_rank`, over means of the last weeks.
    """
    found: list[Estimate | Unknown] = []
    for until in range(weeks, metric.shape[1] + 1):
        part, of = metric[:, until - weeks : until], worth[:, until - weeks : until]
        whole = np.isfinite(part).all(axis=1) & np.isfinite(of).all(axis=1)
        seen = np.where(whole, 1.0, np.nan)
        found.append(partial_rank(part.sum(axis=1) * seen, of.sum(axis=1) * seen))
    return tuple(found)
