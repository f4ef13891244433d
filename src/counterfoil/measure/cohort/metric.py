"""The figures that can be asked about groups of people, each as its page in docs/methods has it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.cohort.total import total
from counterfoil.measure.interval import share_by_cluster, share_of_units
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Kind

Sums = Mapping[str, NDArray[np.int64]]
"""Columns of a fact for a group, one row for each person in it; zero where there is none.

Shape: each (people,).
"""
FOLLOWED = timedelta(days=31)
"""After this, what became of work is known as far as the figure asks."""


class Fact(StrEnum):
    """What a figure is computed from: one row for each person and period."""

    USAGE = "usage"
    WORK = "work"
    SEAT = "seat"
    """A stock: what is there at the end of a block, which is mostly what was there before."""


class Shape(StrEnum):
    """What kind of number it is, and so how it may be shown."""

    TOTAL = "total"
    SHARE_OF_PEOPLE = "share-of-people"
    RATIO = "ratio"
    """Its first sum is the whole, and its second a part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A figure of a group of people."""

    id: MetricId
    says: str
    unit: str
    kind: Kind
    fact: Fact
    shape: Shape
    sums: Sequence[str]
    """The columns of the fact that it is made of; its parts are looked at for dominance."""
    filters: Sequence[str]
    """By what rows can be chosen; people can be chosen by unit and role."""
    follow_up: timedelta = timedelta()
    """How long after a period it can be said."""
    is_priced: bool = False
    """Whether what has no price is left out of it, which its coverage says."""
    scale: float = 1.0
    """What a sum is divided by to be in the unit."""
    breaks_when: Sequence[str]
    estimate: Callable[[Sums, float | Unknown], Estimate | Unknown]


def _total_of(name: str) -> Callable[[Sums, float | Unknown], Estimate | Unknown]:
    def estimate(sums: Sums, coverage: float | Unknown) -> Estimate | Unknown:
        return total(sums[name], coverage=coverage)

    return estimate


def _active(sums: Sums, coverage: float | Unknown) -> Estimate | Unknown:
    """Share of people with a day of their own.

    Source: Wilson (1927), as in `interval.wilson`.
    """
    active = sums["active"]
    return share_of_units(int(active.sum()), len(active), coverage=coverage, method="weekly-use")


def _kept(sums: Sums, coverage: float | Unknown) -> Estimate | Unknown:
    return _share(sums["kept"], sums["landed"], coverage, "kept")


def _corrected(sums: Sums, coverage: float | Unknown) -> Estimate | Unknown:
    return _share(sums["landed"] - sums["kept"], sums["landed"], coverage, "corrected")


def _seats_used(sums: Sums, coverage: float | Unknown) -> Estimate | Unknown:
    return _share(sums["used"], sums["seats"], coverage, "seats-used")


def _share(part: Any, landed: Any, coverage: float | Unknown, method: str) -> Estimate | Unknown:
    """Share of work, whose people share their luck.

    Source: Cochran (1977), Sampling Techniques, 6; people are drawn whole, as in `interval.resamples`.
    """
    covered = 0.0 if isinstance(coverage, Unknown) else coverage
    return share_by_cluster(part, landed, coverage=covered, method=method)


ROWS_OF_USAGE = ("tool", "model", "trigger")
METRICS: Mapping[MetricId, Metric] = {
    metric.id: metric
    for metric in (
        Metric(
            id=MetricId("tokens"),
            says="tokens that tools processed",
            unit="tokens",
            kind=Kind.ACTIVITY,
            fact=Fact.USAGE,
            shape=Shape.TOTAL,
            sums=("tokens",),
            filters=ROWS_OF_USAGE,
            breaks_when=("it is made a target", "agents run for nothing"),
            estimate=_total_of("tokens"),
        ),
        Metric(
            id=MetricId("list-cost"),
            says="cost at the price that the source states, which is not money paid",
            unit="US dollars",
            kind=Kind.COST,
            fact=Fact.USAGE,
            shape=Shape.TOTAL,
            sums=("cost",),
            is_priced=True,
            scale=1e6,
            filters=ROWS_OF_USAGE,
            breaks_when=("the source's prices are not those of the contract",),
            estimate=_total_of("cost"),
        ),
        Metric(
            id=MetricId("weekly-use"),
            says="people who used AI themselves, of all; a timer or an agent is no person",
            unit="share of people",
            kind=Kind.ACTIVITY,
            fact=Fact.USAGE,
            shape=Shape.SHARE_OF_PEOPLE,
            sums=("active",),
            filters=ROWS_OF_USAGE,
            breaks_when=("it is made a target", "a timer looks like a hand on the keyboard"),
            estimate=_active,
        ),
        Metric(
            id=MetricId("kept"),
            says="work that landed and was not undone within 30 days, of all that landed",
            unit="share of work",
            kind=Kind.OUTCOME,
            fact=Fact.WORK,
            shape=Shape.RATIO,
            sums=("landed", "kept"),
            filters=("kind",),
            follow_up=FOLLOWED,
            breaks_when=("corrections wait for day 31", "reverts go unlabelled"),
            estimate=_kept,
        ),
        Metric(
            id=MetricId("corrected"),
            says="work that landed and was undone within 30 days, of all that landed",
            unit="share of work",
            kind=Kind.OUTCOME,
            fact=Fact.WORK,
            shape=Shape.RATIO,
            sums=("landed", "kept"),
            filters=("kind",),
            follow_up=FOLLOWED,
            breaks_when=("corrections wait for day 31", "corrections are called improvements"),
            estimate=_corrected,
        ),
        Metric(
            id=MetricId("landed"),
            says="pieces of work that landed: merged, deployed, sent or closed",
            unit="pieces of work",
            kind=Kind.OUTPUT,
            fact=Fact.WORK,
            shape=Shape.TOTAL,
            sums=("landed",),
            filters=("kind",),
            breaks_when=("work is cut into smaller pieces",),
            estimate=_total_of("landed"),
        ),
        Metric(
            id=MetricId("seats"),
            says="licences that people have at the end of a block",
            unit="seats",
            kind=Kind.COST,
            fact=Fact.SEAT,
            shape=Shape.TOTAL,
            sums=("seats",),
            filters=("tool",),
            breaks_when=("licences are assigned to nobody in particular",),
            estimate=_total_of("seats"),
        ),
        Metric(
            id=MetricId("seats-used"),
            says="licences that were used since the first day of a block, of all",
            unit="share of seats",
            kind=Kind.ACTIVITY,
            fact=Fact.SEAT,
            shape=Shape.RATIO,
            sums=("seats", "used"),
            filters=("tool",),
            breaks_when=("it is made a target", "a timer uses a licence"),
            estimate=_seats_used,
        ),
    )
}
