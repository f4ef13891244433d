"""Which questions a page asks: of figures that the programme measures, of periods that are over."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import islice

from counterfoil.guard.page import FIGURES, sayable
from counterfoil.guard.shown import shown
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Ask, Role
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Kind, Level
from counterfoil.terms.period import Block, Period
from counterfoil.terms.programme import Programme

WORTH = ("list-cost", "landed", "kept", "corrected")
SPEND = (
    "cost-per-standing-change",
    *("spend-standing", "spend-undone", "spend-not-landed", "spend-too-young", "spend-not-examined"),
    *("spend-unknown", "spend-joined", "spend-by-path"),
)
PATHS = ("event", "span", "shared", "mark")
USAGE = ("tokens", "list-cost", "weekly-use")
SEATS = ("seats", "seats-used")
UNITS = ("kept", "corrected", "landed", "tokens", "list-cost", "weekly-use")
FATES = ("landed", "kept", "corrected")
WORKS = ("change", "deployment", "draft", "ticket")
MOST_WEEKS, MOST_BLOCKS = 8, 6
WHOLE = "value_reporting"
"""What the whole company's figures are for; everybody may see those."""
USE = ("capacity_planning", "cost_control")
OUTCOME = ("value_reporting", "enablement")


def purpose(programme: Programme, metric: MetricId) -> str:
    """What a figure of units is read for: the first of what it may be for that the programme names."""
    wanted = USE if FIGURES[metric].kind in {Kind.ACTIVITY, Kind.COST} else OUTCOME
    named = [name for name in wanted if name in programme.about.purposes]
    return (*named, *wanted)[0]


def whole(metric: MetricId, period: Period, **filters: str) -> Ask:
    """A figure of the whole company."""
    return Ask(metric=metric, by=Level.COMPANY, period=period, purpose=WHOLE, filters=filters)


def of_spend(names: Sequence[MetricId], chosen: Period, periods: Sequence[Period]) -> Iterator[Ask]:
    """What became of the spend of a period, and what a change that stands cost in all of them."""
    for name in names:
        if name == "spend-by-path":
            yield from (whole(name, chosen, path=path) for path in PATHS)
        else:
            yield from (whole(name, one) for one in (periods if name == SPEND[0] else [chosen]))


def each_unit(programme: Programme, metric: MetricId, period: Period) -> Ask:
    """A figure of each unit."""
    return Ask(metric=metric, by=Level.UNIT, period=period, purpose=purpose(programme, metric))


def is_shown(programme: Programme, metric: MetricId, role: Role) -> bool:
    """Whether the programme shows a figure of units to a role."""
    return shown(programme, each_unit(programme, metric, Period.parse("2026-B01")), role)


def blocks(programme: Programme, metric: MetricId, today: date) -> Sequence[Period]:
    """The last blocks of which a figure can be said, oldest first."""
    return _over(programme, metric, today, _blocks_before(today), MOST_BLOCKS)


def weeks(programme: Programme, metric: MetricId, today: date) -> Sequence[Period]:
    """The last weeks of which a figure can be said, oldest first."""
    return _over(programme, metric, today, _weeks_before(today), MOST_WEEKS)


def days(week: Period) -> Sequence[Period]:
    """The days of a week."""
    return [Period.parse(str(week.since + timedelta(days=n))) for n in range(7)]


def _over(
    programme: Programme, metric: MetricId, today: date, periods: Iterator[Period], most: int
) -> Sequence[Period]:
    begins = programme.about.begins
    since = date.min if isinstance(begins, Unknown) else begins
    found = (p for p in islice(periods, most + 4) if p.since >= since and sayable(metric, p, today))
    return list(islice(found, most))[::-1]


def _blocks_before(today: date) -> Iterator[Period]:
    block = Block.of(today)
    while True:
        block = block.previous
        yield Period.parse(str(block))


def _weeks_before(today: date) -> Iterator[Period]:
    monday = today - timedelta(days=today.weekday())
    while True:
        monday -= timedelta(weeks=1)
        year, week, _ = monday.isocalendar()
        yield Period.parse(f"{year}-W{week:02d}")
