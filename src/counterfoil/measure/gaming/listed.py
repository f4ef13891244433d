"""The list experiment: how many run AI for the number, without anybody saying so of themselves."""

from math import sqrt

from counterfoil.measure.cohort.pulse import behind_a_list
from counterfoil.measure.interval import Floats, Z
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

FLOOR = 500
"""Answers below which nothing is told."""
SPREAD = 1.0
"""How much counts on a list of four or five vary from person to person."""


def list_share(with_it: Floats, without: Floats, *, asked: int) -> Estimate | Unknown:
    """The share for whom a hidden statement is true, from counts of true statements on two forms of a list.

    Shape: counts on forms with the statement and on forms without it, (people,) each.
    Source: Miller (1984); Blair and Imai (2012), Political Analysis 20, 47-77 (difference in means; `pulse`
    tells it in the same way).
    """
    answered = len(with_it) + len(without)
    if answered < FLOOR:
        return Unknown(f"a list tells of {FLOOR} answers or more")
    if max(len(with_it), len(without)) > 0 and float(with_it.std() + without.std()) == 0:
        return Unknown("everybody answered alike")
    return behind_a_list(with_it, without, coverage=min(answered / max(asked, 1), 1.0))


def list_reach(answers: int, *, spread: float = SPREAD) -> float:
    """Half the width of the interval that so many answers give, told before anybody is asked.

    Source: Blair and Imai (2012), as above: two halves, independent.
    Example:
        >>> round(list_reach(1500), 2)
        0.1
    """
    return Z * spread * sqrt(4 / answers)
