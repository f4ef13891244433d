"""Figures of licences, which are a stock."""

from collections.abc import Sequence

from counterfoil.measure.cohort.figure import Fact, Metric, Shape
from counterfoil.measure.cohort.ways import share_of, total_of
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Kind

FIGURES: Sequence[Metric] = (
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
        estimate=total_of("seats"),
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
        estimate=share_of("used", "seats", method="seats-used"),
    ),
)
