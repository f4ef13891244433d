"""The figures that can be asked about groups of people, each as its page in docs/methods has it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.cohort.flow import median_of_steps, rate_by_cluster
from counterfoil.measure.cohort.total import total
from counterfoil.measure.interval import share_by_cluster, share_of_units
from counterfoil.terms.absent import Unknown
from counterfoil.terms.delivered import STEPS
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Kind

Sums = Mapping[str, NDArray[np.int64]]
"""Columns of a fact for a group, one row for each person in it; zero where there is none.

Shape: each (people,).
"""
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

    @property
    def parted_as(self) -> "Fact":
        """The fact whose atoms it shares.

        A change that landed is told of again when it is deployed, and a deployment is a piece of work as
        well: were each table parted on its own, two partitions of the same numbers could be laid together.
        """
        return Fact.WORK if self in {Fact.DELIVERY, Fact.DEPLOYMENT} else self


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
    sums: Sequence[str]
    """The columns of the fact that it is made of; its parts are looked at for dominance."""
    filters: Sequence[str]
    """By what rows can be chosen; people can be chosen by unit and role."""
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


def _reverts(sums: Sums, coverage: float | Unknown) -> Estimate | Unknown:
    return _share(sums["reverted"], sums["merged"], coverage, "reverts")


def _change_fail_rate(sums: Sums, coverage: float | Unknown) -> Estimate | Unknown:
    return _share(sums["failed"], sums["deployed"], coverage, "change-fail-rate")


def _rework_rate(sums: Sums, coverage: float | Unknown) -> Estimate | Unknown:
    return _share(sums["unplanned"], sums["deployed"], coverage, "deployment-rework-rate")


def _review_load(sums: Sums, coverage: float | Unknown) -> Estimate | Unknown:
    covered = 0.0 if isinstance(coverage, Unknown) else coverage
    return rate_by_cluster(sums["looks"], sums["reviewed"], coverage=covered, method="review-load")


def _median_of(name: str) -> Callable[[Sums, float | Unknown], Estimate | Unknown]:
    def estimate(sums: Sums, coverage: float | Unknown) -> Estimate | Unknown:
        counts = np.stack([sums[step] for step in COUNTED_BY_STEP], axis=1)
        return median_of_steps(counts, coverage=coverage, method=name)

    return estimate


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
        Metric(
            id=MetricId("reverts"),
            says="changes that were taken back as a whole within 30 days, of all that were merged",
            unit="share of changes",
            kind=Kind.OUTCOME,
            fact=Fact.WORK,
            shape=Shape.RATIO,
            sums=("merged", "reverted"),
            filters=(),
            follow_up=FOLLOWED,
            counters=("corrected", "change-fail-rate"),
            breaks_when=("mistakes are fixed forward instead", "reverts do not say what they take back"),
            estimate=_reverts,
        ),
        Metric(
            id=MetricId("review-load"),
            says="reviews and comments of people that it takes to land a change",
            unit="reviews and comments",
            kind=Kind.OUTCOME,
            fact=Fact.WORK,
            shape=Shape.RATE,
            sums=("reviewed", "looks"),
            filters=(),
            told_of=("reviewed", "merged"),
            follow_up=FOLLOWED,
            counters=("reverts", "corrected"),
            breaks_when=("changes are approved unread", "talk moves to where nobody counts it"),
            estimate=_review_load,
        ),
        Metric(
            id=MetricId("change-lead-time"),
            says="the time from a change's proposal until it is in production, the median",
            unit="hours",
            kind=Kind.OUTCOME,
            fact=Fact.DELIVERY,
            shape=Shape.MEDIAN,
            sums=("delivered", *COUNTED_BY_STEP),
            filters=(),
            scale=60,
            counters=("change-fail-rate", "reverts"),
            breaks_when=("changes are proposed only when they are done", "deployments do not name a commit"),
            estimate=_median_of("change-lead-time"),
        ),
        Metric(
            id=MetricId("deployment-frequency"),
            says="deployments to production that succeeded",
            unit="deployments",
            kind=Kind.OUTPUT,
            fact=Fact.DEPLOYMENT,
            shape=Shape.TOTAL,
            sums=("deployed",),
            filters=(),
            follow_up=FOLLOWED,
            counters=("change-fail-rate", "deployment-rework-rate"),
            breaks_when=("it is made a target", "empty deployments are made"),
            estimate=_total_of("deployed"),
        ),
        Metric(
            id=MetricId("change-fail-rate"),
            says="deployments that needed an immediate intervention, of all to production",
            unit="share of deployments",
            kind=Kind.OUTCOME,
            fact=Fact.DEPLOYMENT,
            shape=Shape.RATIO,
            sums=("deployed", "failed"),
            filters=(),
            follow_up=FOLLOWED,
            counters=("deployment-rework-rate", "corrected"),
            breaks_when=("incidents are not declared", "many small deployments water it down"),
            estimate=_change_fail_rate,
        ),
        Metric(
            id=MetricId("deployment-rework-rate"),
            says="deployments that were made because something was wrong, of all to production",
            unit="share of deployments",
            kind=Kind.OUTCOME,
            fact=Fact.DEPLOYMENT,
            shape=Shape.RATIO,
            sums=("deployed", "unplanned"),
            filters=(),
            follow_up=FOLLOWED,
            counters=("change-fail-rate", "reverts"),
            breaks_when=("fixes wait for the next planned deployment", "hotfixes are not called so"),
            estimate=_rework_rate,
        ),
        Metric(
            id=MetricId("failed-deployment-recovery-time"),
            says="the time from a deployment that failed until it was put right, the median",
            unit="hours",
            kind=Kind.OUTCOME,
            fact=Fact.DEPLOYMENT,
            shape=Shape.MEDIAN,
            sums=("recovered", *COUNTED_BY_STEP),
            filters=(),
            follow_up=FOLLOWED,
            told_of=("recovered", "failed"),
            scale=60,
            counters=("change-fail-rate", "deployment-rework-rate"),
            breaks_when=("incidents are declared late, or closed early", "what was never put right is many"),
            estimate=_median_of("failed-deployment-recovery-time"),
        ),
    )
}
