"""Figures of changes that reached production."""

from collections.abc import Sequence

from counterfoil.measure.cohort.figure import COUNTED_BY_STEP, Fact, Metric, Shape
from counterfoil.measure.cohort.ways import median_of
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Kind

FIGURES: Sequence[Metric] = (
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
        estimate=median_of("change-lead-time"),
    ),
)
