"""A month of an invented company, as totals of each person; no place in an order is kept."""

from dataclasses import dataclass

import numpy as np

from counterfoil.simulate.company.days import Days, person_days
from counterfoil.simulate.company.design import Design
from counterfoil.simulate.company.people import Floats, invent


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """Tokens of each person.

    Shape: each (people,).
    """

    tokens: Floats
    needed: Floats

    @property
    def top(self) -> float:
        """How many times the mean the largest is."""
        return float(self.tokens.max() / self.tokens.mean())

    @property
    def sigma(self) -> float:
        """Spread between those who used anything.

        Unit: logarithms, one standard deviation.
        """
        return float(np.log(self.tokens[self.tokens > 0]).std())


def month(design: Design, people: int, days: int, seed: int) -> Month:
    """A month under a design."""
    lived = lived_days(design, people, days, seed)
    return Month(tokens=_totals(lived.tokens), needed=_totals(lived.needed))


def lived_days(design: Design, people: int, days: int, seed: int) -> Days:
    """Days of a company that has settled, without joiners and leavers."""
    return person_days(invent(people, seed=seed, weeks=0), design, days=days, seed=seed)


def _totals(values: Floats) -> Floats:
    totals: Floats = values.sum(axis=1, dtype=np.float64)
    return totals
