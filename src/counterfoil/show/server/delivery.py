"""The page about delivery: how changes reach users, how that is put right, and what reading them takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from counterfoil.show.server.figure import FigureShown, called, cell, figure_of, label
from counterfoil.show.server.frame import Frame, FramedPage, Link
from counterfoil.show.server.trend import Trend, trend
from counterfoil.show.table import Table
from counterfoil.terms.ask import Answer, Answered
from counterfoil.terms.period import Period

KEYS = (
    "deployment-frequency",
    "change-lead-time",
    "change-fail-rate",
    "failed-deployment-recovery-time",
    "deployment-rework-rate",
)
"""DORA's five."""
BESIDE = ("review-load", "reverts")
LINKS: Mapping[str, tuple[str, str]] = {
    "sha": ("by commit", "the incident names the commit that was deployed"),
    "rollback": ("by rollback", "a deployment was rolled back while the incident was open"),
    "nearest": ("as the nearest", "the deployment before it, within seven days: a guess"),
    "": ("not linked", "nothing was deployed there in the seven days before"),
}
"""How an incident's deployment is known, the surest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksShown:
    """How incidents of a block were linked."""

    says: str
    table: Table | None
    """None where nothing is told of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryPage(FramedPage):
    """How changes reach users."""

    template: ClassVar[str] = "server_delivery.html.j2"
    lead: str
    period: str
    periods: Sequence[Link]
    keys: Sequence[FigureShown]
    beside: Sequence[FigureShown]
    links: LinksShown
    trends: Sequence[Trend]
    missing: Sequence[str]
    """Figures that the programme does not measure, or shows to nobody."""
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryAsked:
    """What the page about delivery is made of."""

    period: Period | None
    """None where no block of it is over."""
    periods: Sequence[Period]
    answered: Sequence[Answered]
    """Of the block that is looked at."""
    over: Sequence[Answered]
    """Of each week."""
    abouts: Mapping[str, str]
    counters: Mapping[str, str]
    incidents: int
    """To the nearest five."""
    linked: Mapping[str, int | None]
    """How many incidents were linked in which way; None for too few to be told, and nothing where none is."""
    unlinked: str
    """Why nothing is told of links; empty where something is."""


def delivery_page(frame: Frame, asked: DeliveryAsked) -> DeliveryPage:
    """The page about delivery in one block."""
    of: Mapping[str, Answer] = {one.ask.metric: one.answers[0] for one in asked.answered}
    return DeliveryPage(
        frame=frame,
        title="How changes reach users",
        lead=_lead(of),
        period="no block yet" if asked.period is None else called(asked.period),
        periods=[
            Link(to=f"/delivery?period={p.name}", says=called(p), here=p == asked.period)
            for p in reversed(asked.periods)
        ],
        keys=_figures(asked, of, KEYS),
        beside=_figures(asked, of, BESIDE),
        links=_links(asked),
        trends=[
            trend(m, f"{label(m)}, by week", weeks)
            for m in (*KEYS, *BESIDE)
            if (weeks := [(one.ask.period, one.answers[0]) for one in asked.over if one.ask.metric == m])
        ],
        missing=[label(m) for m in (*KEYS, *BESIDE) if m not in asked.abouts],
        entry=min((one.entry for one in [*asked.answered, *asked.over]), default=0),
    )


def _figures(asked: DeliveryAsked, of: Mapping[str, Answer], names: Sequence[str]) -> Sequence[FigureShown]:
    return [
        figure_of(m, asked.abouts[m], of[m], counter=_counter(asked.counters.get(m, ""), of))
        for m in names
        if m in of
    ]


def _counter(other: str, of: Mapping[str, Answer]) -> str:
    if not other:
        return "none is named"
    return f"{label(other)}: {cell(of[other]).says}" if other in of else label(other)


def _lead(of: Mapping[str, Answer]) -> str:
    """The page in one sentence or two: how often, how fast, and how much of it was rework."""
    said = {metric: cell(answer) for metric, answer in of.items()}
    told = {metric: one.says for metric, one in said.items() if one.state == "released"}
    parts = []
    if "deployment-frequency" in told and "change-fail-rate" in told:
        failed = told["change-fail-rate"]
        parts.append(f"{told['deployment-frequency']} reached production; {failed} needed to be put right.")
    if "deployment-rework-rate" in told:
        parts.append(f"{told['deployment-rework-rate']} of all were made to put something right.")
    return " ".join(parts) or "Nothing was released of this time."


def _links(asked: DeliveryAsked) -> LinksShown:
    if asked.unlinked or asked.period is None:
        return LinksShown(says=asked.unlinked, table=None)
    rows = tuple(
        (words, "fewer than seven" if (count := asked.linked[name]) is None else f"about {count:,}", how)
        for name, (words, how) in LINKS.items()
    )
    return LinksShown(
        says=f"About {asked.incidents:,} incidents began in this time.",
        table=Table(
            title=f"Incidents by how their deployment is known, {called(asked.period)}",
            columns=("", "incidents", "how it is known"),
            rows=rows,
        ),
    )
