"""Figures of what agents wanted to do."""

from collections.abc import Sequence

from counterfoil.measure.cohort.figure import FOLLOWED, Fact, Metric, Shape
from counterfoil.measure.cohort.ways import share_of
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Kind

FIGURES: Sequence[Metric] = (
    Metric(
        id=MetricId("needless-effects"),
        says="effects that agents wanted and that would have changed nothing, of all that they wanted",
        unit="share of effects",
        kind=Kind.OUTCOME,
        fact=Fact.WORK,
        shape=Shape.RATIO,
        reads="acted",
        sums=("wanted", "needless"),
        filters=(),
        follow_up=FOLLOWED,
        counters=("corrected",),
        breaks_when=(
            "a system can't say that nothing would change",
            "a change is made so that something does",
        ),
        estimate=share_of("needless", "wanted", method="needless-effects"),
    ),
)
