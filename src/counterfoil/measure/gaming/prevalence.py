"""How much of a number is padding, at least: a share corrected for what a screen misses and wrongly picks."""

from math import sqrt
from typing import NamedTuple

from counterfoil.measure.interval import Z
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

FLOOR = 500
"""Below so many people the interval is wider than any answer."""
METHOD = "prevalence-lower-bound"


class Proven(NamedTuple):
    """How a screen did where the answer was known."""

    hits: int
    of: int


def prevalence(picked: int, of: int, *, sensitivity: Proven, specificity: Proven) -> Estimate | Unknown:
    """The share that is padding, with its interval; a lower bound, since new tactics are missed more often.

    `picked` of a cohort's units of work were picked by the screen. Sensitivity: picked where padding was
    planted or found by a blind audit; specificity: left alone where work was honest, above all honest
    automation.
    Source: Rogan and Gladen (1978), American Journal of Epidemiology 107, 71-76; interval of Lang and
    Reiczigel (2014), Preventive Veterinary Medicine 113, 13-22, which counts that both were estimated.
    Example:
        >>> found = prevalence(80, 1000, sensitivity=Proven(90, 100), specificity=Proven(970, 1000))
        >>> round(found.value, 3)
        0.057
    """
    if of < FLOOR:
        return Unknown(f"a share of padding takes a cohort of {FLOOR} or more")
    if min(sensitivity.of, specificity.of) < 1:
        return Unknown("nobody knows how good the screen is")
    youden = sensitivity.hits / sensitivity.of + specificity.hits / specificity.of - 1
    if youden <= 0.05:
        return Unknown("the screen picks the honest as often as the padded")
    value = (picked / of + specificity.hits / specificity.of - 1) / youden
    middle, reach = _interval(picked, of, sensitivity, specificity)
    value = min(max(value, 0.0), 1.0)
    return Estimate(
        value=value,
        low=min(max(middle - reach, 0.0), value),
        high=max(min(middle + reach, 1.0), value),
        n=of,
        coverage=1.0,
        method=METHOD,
    )


def _interval(picked: int, of: int, sensitivity: Proven, specificity: Proven) -> tuple[float, float]:
    """The middle and half the width of the interval."""
    n, n_yes, n_no = of + Z * Z, sensitivity.of + 2, specificity.of + 2
    share = (picked + Z * Z / 2) / n
    yes, no = (sensitivity.hits + 1) / n_yes, (specificity.hits + 1) / n_no
    youden = yes + no - 1
    raw = (share + no - 1) / youden
    v_yes, v_no = yes * (1 - yes) / n_yes, no * (1 - no) / n_no
    shift = 2 * Z * Z * (raw * v_yes - (1 - raw) * v_no)
    error = sqrt(share * (1 - share) / n + raw**2 * v_yes + (1 - raw) ** 2 * v_no) / youden
    return raw + shift, Z * error
