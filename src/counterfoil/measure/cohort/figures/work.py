"""Figures of work that landed, and of what became of it."""

from collections.abc import Sequence

from counterfoil.measure.cohort.figure import FOLLOWED, Fact, Metric, Shape
from counterfoil.measure.cohort.ways import rate_of, share_of, total_of
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Kind

FIGURES: Sequence[Metric] = (
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
        estimate=share_of("kept", "landed", method="kept"),
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
        estimate=share_of("kept", "landed", method="corrected", rest=True),
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
        follow_up=FOLLOWED,
        breaks_when=("work is cut into smaller pieces",),
        estimate=total_of("landed"),
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
        estimate=share_of("reverted", "merged", method="reverts"),
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
        estimate=rate_of("looks", "reviewed", method="review-load"),
    ),
)
