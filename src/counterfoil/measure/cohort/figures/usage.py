"""Figures of what goes in: tokens, cost and who used them."""

from collections.abc import Sequence

from counterfoil.measure.cohort.figure import Fact, Metric, Shape
from counterfoil.measure.cohort.ways import people_with, total_of
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Kind

ROWS_OF_USAGE = ("tool", "model", "trigger")
FIGURES: Sequence[Metric] = (
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
        estimate=total_of("tokens"),
    ),
    Metric(
        id=MetricId("list-cost"),
        says="cost at the price that the source states, else at list price, which is not money paid",
        unit="US dollars",
        kind=Kind.COST,
        fact=Fact.USAGE,
        shape=Shape.TOTAL,
        sums=("cost",),
        is_priced=True,
        scale=1e6,
        filters=ROWS_OF_USAGE,
        breaks_when=("the source's prices are not those of the contract",),
        estimate=total_of("cost"),
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
        estimate=people_with("active", method="weekly-use"),
    ),
)
