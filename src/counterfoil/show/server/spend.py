"""The part of the page about worth that says what became of the spend: its parts, and how they are known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from counterfoil.show.chart import Segment, bar
from counterfoil.show.server.figure import Cell, FigureShown, amount, called, cell, figure_of, label
from counterfoil.show.server.trend import Trend, trend
from counterfoil.show.words import PARTS as WORDS
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Answer, Answered
from counterfoil.terms.period import Period
from counterfoil.terms.release import Released

PARTS: Mapping[str, tuple[str, str]] = {
    "spend-standing": (
        WORDS["standing"],
        "Made a change that was not undone within 30 days of its landing.",
    ),
    "spend-undone": (
        "corrected or reverted",
        "Made a change that was corrected or taken back within 30 days.",
    ),
    "spend-not-landed": ("nothing landed", "Made commits of which nothing landed; trying is not waste."),
    "spend-too-young": (WORDS["too_young"], "Made a change that landed less than 30 days ago."),
    "spend-not-examined": (WORDS["not_examined"], "Made commits in a repository of which no forge tells."),
    "spend-unknown": (WORDS["unknown"], "No commit is known of it; use that is no code is part of it."),
}
"""Each part of the spend: what it is called, and what it means."""
PATHS: Mapping[str, str] = {
    "event": "the tool says which commit it made",
    "span": "an attribute of a request says it",
    "shared": "its owner sent it, after seeing each byte",
    "mark": "a commit bears the tool's mark, and one session alone can have made it",
}
"""How it is known which commits a session made."""
COST = "cost-per-standing-change"
Found = Mapping[tuple[str, str, str], Answer]
"""Answers by figure, period and path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartShown:
    """One part of the spend, as a row."""

    number: int | None
    """Its place in the drawing; None where it is not drawn."""
    name: str
    cell: Cell
    means: str
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendShown:
    """What became of the spend of one period."""

    lead: str
    cost: FigureShown | None
    """What a change that stands cost."""
    segments: Sequence[Segment]
    parts: Sequence[PartShown]
    joined: FigureShown | None
    """How much of the spend is joined to commits."""
    paths: Sequence[tuple[str, Cell]]
    """How, and what each way joins."""
    prices: str
    """Where prices come from that no source states."""
    trend: Trend | None


def spend_shown(
    answered: Sequence[Answered],
    *,
    period: Period,
    whole: Answer | None,
    abouts: Mapping[str, str],
    counters: Mapping[str, str],
    prices: str,
) -> SpendShown | None:
    """What became of the spend; None where the programme measures none of it."""
    of = {_key(one): one.answers[0] for one in answered}
    now = period.name
    told = [(name, of[name, now, ""]) for name in PARTS if (name, now, "") in of]
    if not told:
        return None
    segments = bar([drawn for name, answer in told if (drawn := _drawn(name, answer)) is not None])
    numbers = {segment.key: segment.number for segment in segments}
    over = [(one.ask.period, one.answers[0]) for one in answered if one.ask.metric == COST]

    def figure(name: str) -> FigureShown | None:
        answer = of.get((name, now, ""))
        counter = label(counters.get(name, "")) or "none is named"
        return None if answer is None else figure_of(name, abouts[name], answer, counter=counter)

    return SpendShown(
        lead=_lead(of, now, whole),
        cost=figure(COST),
        segments=segments,
        parts=[
            PartShown(
                number=numbers.get(_class(name)),
                name=PARTS[name][0],
                cell=cell(answer),
                means=PARTS[name][1],
                method=f"/methods/{name}",
            )
            for name, answer in told
        ],
        joined=figure("spend-joined"),
        paths=[
            (words, cell(of["spend-by-path", now, path]))
            for path, words in PATHS.items()
            if ("spend-by-path", now, path) in of
        ],
        prices=prices,
        trend=trend(COST, f"{label(COST)}, by block of four weeks", sorted(over, key=_since))
        if over
        else None,
    )


def _key(one: Answered) -> tuple[str, str, str]:
    return one.ask.metric, one.ask.period.name, one.ask.filters.get("path", "")


def _since(pair: tuple[Period, Answer]) -> date:
    return pair[0].since


def _class(name: str) -> str:
    return name.removeprefix("spend-")


def _drawn(name: str, answer: Answer) -> tuple[str, float, str, str] | None:
    """A part as a piece of the bar; None where it was not told, or is nothing."""
    if not isinstance(answer.verdict, Released):
        return None
    figure = answer.verdict.answer
    if isinstance(figure.value, Unknown) or figure.value <= 0:
        return None
    return _class(name), figure.value, PARTS[name][0], amount(figure.value, figure.unit)


def _lead(of: Found, now: str, whole: Answer | None) -> str:
    """The headline: what a change that stands cost, and what became of the rest."""
    names = (COST, "spend-standing", "spend-undone", "spend-unknown")
    cells = {name: cell(of[name, now, ""]) for name in names if (name, now, "") in of}
    said = {name: one.says for name, one in cells.items() if one.state == "released"}
    parts = []
    if COST in said:
        parts.append(f"A change that still stands cost {said[COST]} at list price.")
    cost = None if whole is None else cell(whole)
    of_what = f"Of {cost.says}" if cost is not None and cost.state == "released" else "Of the spend"
    pieces = [
        f"{said[name]} {words}"
        for name, words in (
            ("spend-standing", "made changes that still stand"),
            ("spend-undone", "made changes that were undone"),
        )
        if name in said
    ]
    if "spend-unknown" in said:
        pieces.append(f"of {said['spend-unknown']} no commit is known")
    if pieces:
        parts.append(f"{of_what}, {', '.join(pieces[:-1])}{' and ' if pieces[1:] else ''}{pieces[-1]}.")
    return " ".join(parts) or f"Nothing of it was released of {called(Period.parse(now))}."
