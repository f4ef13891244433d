"""The page about worth: money, what became of work, and what was redone; side by side, never one number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from counterfoil.show.server.figure import Cell, FigureShown, bare_value, called, cell, figure_of, label
from counterfoil.show.server.frame import Frame, FramedPage, Link
from counterfoil.show.server.reported import Reported, Said, not_reported, reported
from counterfoil.show.server.spend import SpendShown, spend_shown
from counterfoil.show.server.trend import Trend, trend
from counterfoil.terms.ask import Answer, Answered
from counterfoil.terms.period import Period
from counterfoil.terms.release import Refuse

KINDS: Mapping[str, str] = {
    "": "all work",
    "change": "changes merged",
    "deployment": "deployments",
    "draft": "drafts sent",
    "ticket": "tickets closed",
    "agent-change": "changes by agents",
    "agent-deployment": "deployments by agents",
    "agent-draft": "drafts by agents",
    "agent-mail": "mails by agents",
    "agent-post": "posts by agents",
    "agent-filing": "what agents filed",
}
FATES = ("landed", "kept", "corrected")
NOT_TIED = (("Spend by fate, cost per standing change", "the programme in force does not measure them"),)
"""What belongs on this page and can't be known so far, with why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FateRow:
    """What became of one kind of work."""

    kind: str
    cells: Sequence[Cell]
    """Landed, kept, corrected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthPage(FramedPage):
    """What the spend became."""

    template: ClassVar[str] = "server_worth.html.j2"
    lead: str
    spend: SpendShown | None
    """What became of the spend; None where the programme measures none of it."""
    period: str
    periods: Sequence[Link]
    figures: Sequence[FigureShown]
    fates: Sequence[FateRow]
    trends: Sequence[Trend]
    reported: Reported
    unknown: Sequence[tuple[str, str]]
    units: Sequence[Link]
    entry: int
    """Where the log has that this page was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthAsked:
    """What the page about worth is made of."""

    period: Period
    periods: Sequence[Period]
    answered: Sequence[Answered]
    spend: Sequence[Answered]
    """What became of the spend."""
    prices: str
    """Where prices come from that no source states."""
    abouts: Mapping[str, str]
    """What each figure is, by its name."""
    counters: Mapping[str, str]
    """The counter-metric of each figure."""
    unmeasured: Sequence[tuple[str, str]]
    """What the programme names and nothing measures, with why."""
    by_unit: Sequence[str]
    """Figures that are shown of units."""
    said: Said | Refuse
    """What the last pulse told, or why nothing is told of one."""


def worth_page(frame: Frame, asked: WorthAsked) -> WorthPage:
    """The page about worth in one block."""
    of = {_key(one): one.answers[0] for one in asked.answered}
    now = asked.period.name
    metrics = [m for m in asked.abouts if (m, now, "") in of]
    return WorthPage(
        frame=frame,
        title="What the spend became",
        lead=_lead(of, now),
        spend=spend_shown(
            asked.spend,
            period=asked.period,
            whole=of.get(("list-cost", now, "")),
            abouts=asked.abouts,
            counters=asked.counters,
            prices=asked.prices,
        ),
        period=called(asked.period),
        periods=[
            Link(to=f"/?period={p.name}", says=called(p), here=p == asked.period)
            for p in reversed(asked.periods)
        ],
        figures=[
            figure_of(m, asked.abouts[m], of[m, now, ""], counter=_counter(asked, of, m)) for m in metrics
        ],
        fates=list(_fates(of, now)),
        trends=[trend(m, f"{label(m)}, by block of four weeks", _over(asked.answered, m)) for m in metrics],
        reported=_reported(asked.said, {m: of[m, now, ""] for m in metrics}),
        unknown=[*asked.unmeasured, *(() if asked.spend else NOT_TIED)],
        units=[Link(to=f"/units?figure={m}", says=label(m)) for m in asked.by_unit],
        entry=min((one.entry for one in [*asked.answered, *asked.spend]), default=0),
    )


def _reported(said: Said | Refuse, measured: Mapping[str, Answer]) -> Reported:
    if isinstance(said, Refuse):
        return not_reported(said)
    return reported(closed=said.closed, figures=said.figures, measured=measured)


Found = Mapping[tuple[str, str, str], Answer]
"""Answers by figure, period and kind of work."""


def _key(one: Answered) -> tuple[str, str, str]:
    return one.ask.metric, one.ask.period.name, one.ask.filters.get("kind", "")


def _over(answered: Sequence[Answered], metric: str) -> Sequence[tuple[Period, Answer]]:
    found = [
        (one.ask.period, one.answers[0])
        for one in answered
        if one.ask.metric == metric and not one.ask.filters
    ]
    return sorted(found, key=lambda pair: pair[0].since)


def _lead(of: Found, now: str) -> str:
    """The page in one sentence: what it cost, what landed, what stood."""
    said = {
        m: cell(of[m, now, ""]) for m in ("list-cost", "landed", "kept", "corrected") if (m, now, "") in of
    }
    told = {metric: one.says for metric, one in said.items() if one.state == "released"}
    parts = []
    if "list-cost" in told:
        parts.append(f"AI cost {told['list-cost']} at list price.")
    if "landed" in told:
        parts.append(f"{told['landed'][:1].upper()}{told['landed'][1:]} landed, with AI or without it.")
    if "kept" in told and "corrected" in told:
        parts.append(f"{told['kept']} of it was not undone within 30 days; {told['corrected']} was.")
    return " ".join(parts) or "Nothing was released of this time."


def _counter(asked: WorthAsked, of: Found, metric: str) -> str:
    other = asked.counters.get(metric, "")
    if not other:
        return "none is named"
    found = of.get((other, asked.period.name, ""))
    return label(other) if found is None else f"{label(other)}: {cell(found).says}"


def _fates(of: Found, now: str) -> Sequence[FateRow]:
    rows = []
    for kind, words in KINDS.items():
        found = [of[m, now, kind] for m in FATES if (m, now, kind) in of]
        cells = [replace(cell(answer), says=bare_value(answer)) for answer in found]
        if len(cells) == len(FATES):
            rows.append(FateRow(kind=words, cells=cells))
    return rows
