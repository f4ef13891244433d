"""A figure of a group of people in words: its value, interval and coverage, or why there is none."""

from collections.abc import Mapping
from dataclasses import dataclass

from counterfoil.show.words import percent
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Answer, Figure
from counterfoil.terms.ids import MetricId
from counterfoil.terms.period import Period, Span
from counterfoil.terms.release import Refuse, Released, Withheld

LABELS: Mapping[str, str] = {
    "tokens": "Tokens",
    "list-cost": "Cost at list price",
    "weekly-use": "People who use AI",
    "kept": "Work kept",
    "corrected": "Work corrected",
    "landed": "Work that landed",
    "seats": "Licences",
    "seats-used": "Licences used",
    "incidents": "Incidents",
    "reverts": "Changes taken back",
    "review-load": "Review load",
    "change-lead-time": "Change lead time",
    "deployment-frequency": "Deployment frequency",
    "change-fail-rate": "Change fail rate",
    "deployment-rework-rate": "Deployment rework rate",
    "failed-deployment-recovery-time": "Failed deployment recovery time",
    "hours-saved": "Hours reported",
    "cost-per-standing-change": "Cost per standing change",
    "spend-standing": "Spend on changes that stand",
    "spend-undone": "Spend on changes that were undone",
    "spend-not-landed": "Spend of which nothing landed",
    "spend-too-young": "Spend that is too young to tell",
    "spend-not-examined": "Spend that was not examined",
    "spend-unknown": "Spend of which no commit is known",
    "spend-joined": "Spend joined to commits",
    "spend-by-path": "Spend joined to commits, by how",
    "outcome-sample": "An outcome sample",
}
COUNTERS: Mapping[str, str] = {
    "tokens": "corrected",
    "list-cost": "kept",
    "weekly-use": "corrected",
    "kept": "landed",
    "corrected": "landed",
    "landed": "corrected",
    "seats": "seats-used",
    "seats-used": "corrected",
    "cost-per-standing-change": "corrected",
    "spend-standing": "spend-unknown",
    "spend-undone": "spend-unknown",
    "spend-not-landed": "spend-unknown",
    "spend-too-young": "spend-unknown",
    "spend-not-examined": "spend-unknown",
    "spend-unknown": "spend-joined",
    "spend-joined": "spend-not-landed",
    "spend-by-path": "spend-joined",
}
"""What gets worse when a figure is made up, where the programme names nothing."""
SIZES = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
MOST_PLAIN = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What came of a question for one group, in words."""

    state: str
    """released, withheld, refused or unknown."""
    says: str
    between: str = ""
    """The 95 % interval; empty where there is none."""
    people: str = ""
    coverage: str = ""
    why: str = ""
    """Why there is no value."""
    clause: str = ""
    """The rule that refused it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureShown:
    """A figure with what has to be read beside it."""

    id: str
    label: str
    about: str
    """What it is, in one sentence."""
    cell: Cell
    counter: str
    """What gets worse when it is made up: its name and value."""
    method: str
    """Where its method is described."""


def label(metric: str) -> str:
    """What a figure is called."""
    return LABELS.get(metric, metric)


def cell(answer: Answer) -> Cell:
    """What came of a question for one group."""
    match answer.verdict:
        case Released(figure, _):
            return _told(figure)
        case Refuse(clause, why):
            return Cell(state="refused", says="refused", why=why, clause=clause)
        case Withheld():
            return Cell(state="withheld", says="withheld")


def unknown_cell(why: str) -> Cell:
    """A number that can't be known."""
    return Cell(state="unknown", says="unknown", why=why)


def _told(figure: Figure) -> Cell:
    low, high = figure.low, figure.high
    between = ""
    if not isinstance(low, Unknown) and not isinstance(high, Unknown):
        between = span(low, high, figure.unit)
    return Cell(
        state="released",
        says=figure.says if isinstance(figure.value, Unknown) else amount(figure.value, figure.unit),
        between=between,
        people=f"about {figure.people:,} people",
        coverage=covered(figure.coverage),
        why=low.why if isinstance(low, Unknown) else "",
    )


def covered(share: float | Unknown) -> str:
    """How much of a period has data."""
    return f"unknown: {share.why}" if isinstance(share, Unknown) else percent(share)


def amount(value: float, unit: str) -> str:
    """A value with its unit, as people say it.

    Example:
    >>> amount(2.5e11, "tokens"), amount(0.89, "share of work"), amount(84_000, "US dollars")
    ('250 billion tokens', '89 %', '$84,000')
    """
    if unit.startswith("share"):
        return f"{value * 100:.0f} %"
    if unit == "US dollars":
        return f"${_large(value)}"
    return f"{_large(value)} {unit}"


def bare(value: float, unit: str) -> str:
    """A value whose unit is said elsewhere.

    Example:
    >>> bare(2.5e11, "tokens"), bare(0.89, "share of work"), bare(84_000, "US dollars")
    ('250 billion', '89 %', '$84,000')
    """
    return amount(value, unit).removesuffix(f" {unit}")


def bare_value(answer: Answer) -> str:
    """The value of a figure whose unit is said elsewhere; what else came of it, as it is."""
    told = cell(answer)
    figure = answer.verdict.answer if isinstance(answer.verdict, Released) else None
    return told.says if figure is None else told.says.removesuffix(f" {figure.unit}")


def span(low: float, high: float, unit: str) -> str:
    """Two bounds, with the unit once.

    Example:
    >>> span(2.1e11, 2.9e11, "tokens"), span(0.88, 0.9, "share of work"), span(9e5, 1.1e6, "US dollars")
    ('210 to 290 billion', '88 to 90 %', '$900,000 to $1.1 million')
    """
    below, above = amount(low, unit), amount(high, unit)
    if unit.startswith("share"):
        return f"{below.removesuffix(' %')} to {above}"
    below, above = (words.removesuffix(f" {unit}") for words in (below, above))
    size = next((f" {name}" for _, name in SIZES if above.endswith(name)), "")
    return f"{below.removesuffix(size) if size else below} to {above}"


def _large(value: float) -> str:
    size, name = next(((size, f" {name}") for size, name in SIZES if value >= size), (1.0, ""))
    number = value / size
    return f"{number:,.0f}{name}" if number >= 10 else f"{number:,.2g}{name}"


def figure_of(
    metric: str,
    about: str,
    answer: Answer,
    *,
    counter: str,
) -> FigureShown:
    """A figure with its counter-metric, in words."""
    return FigureShown(
        id=metric,
        label=label(metric),
        about=about,
        cell=cell(answer),
        counter=counter,
        method=f"/methods/{metric}",
    )


def called(period: Period) -> str:
    """A period as people read it.

    Example:
    >>> called(Period.parse("2026-B10")), called(Period.parse("2026-W40")), called(Period.parse("2026-10-01"))
    ('7 Sep to 4 Oct 2026', '28 Sep to 4 Oct 2026', '1 Oct 2026')
    """
    last = period.until.fromordinal(period.until.toordinal() - 1)
    if period.span is Span.DAY:
        return f"{last.day} {last:%b %Y}"
    return f"{period.since.day} {period.since:%b} to {last.day} {last:%b %Y}"


def short(period: Period) -> str:
    """The day on which a period begins, short enough for an axis.

    Example:
    >>> short(Period.parse("2026-B10"))
    '7 Sep'
    """
    return f"{period.since.day} {period.since:%b}"


def counter_of(metric: MetricId, stated: Mapping[str, str]) -> str:
    """The counter-metric of a figure: as the programme names it, else as its method does."""
    return stated.get(metric, COUNTERS.get(metric, ""))
