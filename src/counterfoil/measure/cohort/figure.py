"""What a figure of a group of people is: from which fact, of which sums, and in which shape."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from counterfoil.terms.absent import Unknown
from counterfoil.terms.delivered import STEPS
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Kind

Sums = Mapping[str, NDArray[np.int64]]
"""Columns of a fact for a group, one row for each person in it; zero where there is none.

Shape: each (people,).
"""
Estimator = Callable[[Sums, float | Unknown], Estimate | Unknown]
"""A figure from the sums of a group's people and its coverage."""
FOLLOWED = timedelta(days=31)
"""After this, what became of work is known as far as the figure asks."""
COUNTED_BY_STEP = tuple(f"from_{minutes}" for minutes in STEPS)
"""The columns of a fact that count durations by the step that they were cut to."""


class Fact(StrEnum):
    """What a figure is computed from: one row for each person and period."""

    USAGE = "usage"
    WORK = "work"
    SEAT = "seat"
    """A stock: what is there at the end of a block, which is mostly what was there before."""
    DELIVERY = "delivery"
    """Changes that reached production, by whose they are."""
    DEPLOYMENT = "deployment"
    """Deployments to production, by who set them off."""
    SPEND = "spend"
    """What tools cost, by what became of it."""

    @property
    def parted_as(self) -> "Fact":
        """The fact whose atoms it shares.

        A change that landed is told of again when it is deployed, and a deployment is a piece of work as
        well: were each table parted on its own, two partitions of the same numbers could be laid together.
        What became of a cost is that cost, in parts.
        """
        return PARTED_AS.get(self, self)


PARTED_AS = {Fact.DELIVERY: Fact.WORK, Fact.DEPLOYMENT: Fact.WORK, Fact.SPEND: Fact.USAGE}


class Shape(StrEnum):
    """What kind of number it is, and so how it may be shown."""

    TOTAL = "total"
    SHARE_OF_PEOPLE = "share-of-people"
    RATIO = "ratio"
    """Its first sum is the whole, and its second a part of it."""
    RATE = "rate"
    """Its second sum, for each of its first."""
    MEDIAN = "median"
    """Its first sum is how many durations there are, and the others count them by step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A figure of a group of people."""

    id: MetricId
    says: str
    unit: str
    kind: Kind
    fact: Fact
    shape: Shape
    reads: str = ""
    """How its fact's table is reduced for it, where that is another way than for the others of its fact."""
    sums: Sequence[str]
    """The columns of the fact that it is made of; its parts are looked at for dominance."""
    filters: Sequence[str]
    """By what rows can be chosen; people can be chosen by unit and role."""
    parts: Sequence[str] = ()
    """Columns that together are all of something, the figure's last sum among them: choosing one is choosing
    rows, and takes as many people."""
    follow_up: timedelta = timedelta()
    """How long after a period it can be said."""
    is_priced: bool = False
    """Whether what has no price is left out of it, which its coverage says."""
    told_of: tuple[str, str] | None = None
    """Columns of how many pieces it is told of, and of how many there are, where some can't be; its coverage
    says so."""
    counters: Sequence[str] = ()
    """Figures that get worse where this one is gamed."""
    scale: float = 1.0
    """What a sum is divided by to be in the unit."""
    breaks_when: Sequence[str]
    estimate: Estimator

    @property
    def is_of_people(self) -> bool:
        """Whether it is a share of people, from which a programme may leave some out."""
        return self.shape is Shape.SHARE_OF_PEOPLE
