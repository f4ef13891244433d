"""Figures of what became of the spend: its parts, what a change that stands cost, and how much is known."""

from collections.abc import Iterator, Sequence

from counterfoil.measure.cohort.figure import FOLLOWED, Fact, Metric, Shape
from counterfoil.measure.cohort.ways import rate_of, share_of, total_of
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Kind

PARTS = {
    "standing": (
        "spend of sessions whose changes stood 30 days after they landed",
        ("corrections wait for day 31", "commits are made for the join and not for the work"),
    ),
    "undone": (
        "spend of sessions whose changes were corrected or taken back within 30 days",
        ("corrections wait for day 31", "corrections are called improvements"),
    ),
    "not_landed": (
        "spend of sessions that made commits of which nothing landed; trying is not waste",
        ("work that will not land is never committed", "everything is merged unread"),
    ),
    "too_young": (
        "spend of sessions whose changes are younger than 30 days, and not undone so far",
        ("changes wait a long time before they land",),
    ),
    "not_examined": (
        "spend of sessions that made commits in repositories of which no forge tells",
        ("work moves to repositories that nobody connected",),
    ),
    "unknown": (
        "spend of sessions of which no commit is known, among them all use that is no code",
        ("joins are switched off where work fails",),
    ),
}
"""Each part of the spend: what it is, and when it breaks. They are all of it."""
MICRO_USD = 1e6


JOINED = tuple(column for column in PARTS if column != "unknown")
HALVES = ("joined", "unknown")


def _part(column: str, says: str, breaks_when: Sequence[str]) -> Metric:
    return Metric(
        id=MetricId(f"spend-{column.replace('_', '-')}"),
        says=says,
        unit="US dollars",
        kind=Kind.COST,
        fact=Fact.SPEND,
        shape=Shape.TOTAL,
        sums=(column,),
        parts=HALVES if column == "unknown" else JOINED,
        filters=(),
        follow_up=FOLLOWED,
        is_priced=True,
        counters=("spend-unknown",) if column != "unknown" else ("spend-joined",),
        scale=MICRO_USD,
        breaks_when=breaks_when,
        estimate=total_of(column),
    )


def _figures() -> Iterator[Metric]:
    yield Metric(
        id=MetricId("cost-per-standing-change"),
        says="spend whose fate is known, for each change that stood 30 days after it landed",
        unit="US dollars",
        kind=Kind.COST,
        fact=Fact.SPEND,
        shape=Shape.RATE,
        sums=("changes", "examined"),
        filters=(),
        follow_up=FOLLOWED,
        is_priced=True,
        told_of=("examined", "cost"),
        counters=("corrected", "reverts"),
        scale=MICRO_USD,
        breaks_when=("changes are cut into smaller ones", "spend goes where nothing joins it"),
        estimate=rate_of("examined", "changes", method="cost-per-standing-change"),
    )
    for column, (says, breaks_when) in PARTS.items():
        yield _part(column, says, breaks_when)
    yield Metric(
        id=MetricId("spend-joined"),
        says="spend of sessions of which a commit is known, of all",
        unit="share of spend",
        kind=Kind.COST,
        fact=Fact.SPEND,
        shape=Shape.RATIO,
        sums=("cost", "joined"),
        parts=HALVES,
        filters=(),
        follow_up=FOLLOWED,
        is_priced=True,
        counters=("spend-not-landed",),
        breaks_when=("sessions name commits that they did not make",),
        estimate=share_of("joined", "cost", method="spend-joined"),
    )
    yield Metric(
        id=MetricId("spend-by-path"),
        says="spend of sessions of which a commit is known, by how it is known",
        unit="US dollars",
        kind=Kind.COST,
        fact=Fact.SPEND,
        shape=Shape.TOTAL,
        sums=("joined",),
        filters=("path",),
        follow_up=FOLLOWED,
        is_priced=True,
        counters=("spend-joined",),
        scale=MICRO_USD,
        breaks_when=("a tool stops naming the commits that it makes",),
        estimate=total_of("joined"),
    )


FIGURES: Sequence[Metric] = tuple(_figures())
