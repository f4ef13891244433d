"""The page about usage: what goes in, as cost and capacity, and never as what somebody achieved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from counterfoil.show.server.figure import FigureShown, called, figure_of, label
from counterfoil.show.server.frame import Frame, FramedPage, Link
from counterfoil.show.server.trend import Trend, trend
from counterfoil.show.site import SeverityShown
from counterfoil.terms.ask import Answer, Answered
from counterfoil.terms.period import Period

VIEWS = (("week", "by week"), ("block", "by block of four weeks"), ("day", "by day"))


@dataclass(frozen=True, slots=True, kw_only=True)
class UsagePage(FramedPage):
    """What goes in."""

    template: ClassVar[str] = "server_usage.html.j2"
    views: Sequence[Link]
    weeks: Sequence[Link]
    """Weeks whose days can be looked at; empty in other views."""
    trends: Sequence[Trend]
    counters: Sequence[tuple[str, str]]
    """Each figure with what gets worse when it is made up."""
    seats: Sequence[FigureShown]
    seats_of: str
    groups: Sequence[SeverityShown]
    """What the linter says of it, where the programme makes it a target."""
    units: Sequence[Link]
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageAsked:
    """What the page about usage is made of."""

    view: str
    week: Period | None
    weeks: Sequence[Period]
    answered: Sequence[Answered]
    seats: Sequence[Answered]
    abouts: Mapping[str, str]
    counters: Mapping[str, str]
    groups: Sequence[SeverityShown]
    by_unit: Sequence[str]


def usage_page(frame: Frame, asked: UsageAsked) -> UsagePage:
    """The page about usage in one view."""
    words = dict(VIEWS)[asked.view]
    seats = {one.ask.metric: one for one in asked.seats}
    return UsagePage(
        frame=frame,
        title="What goes in",
        views=[Link(to=f"/usage?by={view}", says=says, here=view == asked.view) for view, says in VIEWS],
        weeks=[
            Link(to=f"/usage?by=day&week={week.name}", says=called(week), here=week == asked.week)
            for week in reversed(asked.weeks)
        ],
        trends=[
            trend(metric, f"{label(metric)}, {words}", over)
            for metric in asked.abouts
            if (over := _over(asked.answered, metric))
        ],
        counters=[
            (label(metric), label(asked.counters[metric]))
            for metric in asked.abouts
            if asked.counters.get(metric) and _over(asked.answered, metric)
        ],
        seats=[
            figure_of(m, asked.abouts[m], one.answers[0], counter=label(asked.counters.get(m, "")))
            for m, one in seats.items()
        ],
        seats_of=next((called(one.ask.period) for one in asked.seats), ""),
        groups=asked.groups,
        units=[Link(to=f"/units?figure={m}", says=label(m)) for m in asked.by_unit],
        entry=min((one.entry for one in [*asked.answered, *asked.seats]), default=0),
    )


def _over(answered: Sequence[Answered], metric: str) -> Sequence[tuple[Period, Answer]]:
    found = [(one.ask.period, one.answers[0]) for one in answered if one.ask.metric == metric]
    return sorted(found, key=lambda pair: pair[0].since)
