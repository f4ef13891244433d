"""The figures a reader meets first, worded once for the terminal and the page."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from counterfoil.show.words import (
    compact,
    counted,
    dollars,
    interval,
    known_dollars,
    percent,
    points,
    safe,
    share,
    unknown,
)
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.ids import MicroUsd
from counterfoil.terms.report import Figure, Report, SourceRow
from counterfoil.terms.work import SpendPart

SHORT_RETENTION_DAYS = 90
"""A tool that deletes its logs sooner than this gets a line of warning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One line of the summary: what it is, what it says, what to bear in mind."""

    label: str
    value: str
    about: str
    """What the figure is and what it rests on, in one or two sentences."""
    known: bool
    """False where nothing in it is known; such lines give way first."""


def key_figures(report: Report) -> Iterator[Shown]:
    """The summary, most telling first."""
    if report.usage.totals.requests:
        yield _cost_per_change(report)
    yield _corrected(report)
    yield _reworked(report)
    yield _price_of_rework(report)
    yield _lines_left(report)
    if report.usage.totals.requests:
        yield _paid(report)
        yield _seen(report)


def headline(report: Report) -> str:
    """What the spend became, in one or two sentences."""
    totals = report.usage.totals
    if not totals.requests:
        return "No AI tool logs were found, so there is no spend to follow. What git alone shows is below."
    if not report.cost.list_usd:
        return (
            f"{counted(totals.requests, 'request')}, but no price is known for them, so no spend to follow."
        )
    spend = report.worth.spend_by_fate
    stands = spend.get(SpendPart.STANDING, 0)
    redone = spend.get(SpendPart.CORRECTED, 0) + spend.get(SpendPart.REVERTED, 0)
    young = spend.get(SpendPart.TOO_YOUNG, 0)
    said = []
    if stands:
        said.append(f"{dollars(MicroUsd(stands))} made changes that still stand")
    if redone:
        said.append(f"{dollars(MicroUsd(redone))} made changes that were later fixed or taken back")
    if young and len(said) < 2:
        said.append(f"{dollars(MicroUsd(young))} made changes too young to judge")
    if not said:
        said.append("none could be followed to a change that is old enough to judge")
    return f"Of {dollars(report.cost.list_usd)} at list price, {' and '.join(said)}."


def tools(rows: Sequence[SourceRow]) -> Iterator[str]:
    """Usage of each tool that has any, in a few words."""
    for row in rows:
        t = row.totals
        if t.requests:
            tokens = t.input_uncached + t.cache_read + t.cache_write + t.output
            yield f"{safe(row.source)} {dollars(t.list_usd)}, {compact(tokens)} tokens"


def short_retention(rows: Sequence[SourceRow]) -> Iterator[str]:
    """Each tool in use that deletes its logs soon, with its days."""
    for row in rows:
        days = row.retention_days
        if row.files and not isinstance(days, Unknown) and days < SHORT_RETENTION_DAYS:
            yield f"{safe(row.source)} after {counted(days, 'day')}"


def _cost_per_change(report: Report) -> Shown:
    cost = report.worth.cost_per_standing_change_usd
    return Shown(
        label="Per standing change",
        value=known_dollars(cost),
        about="List-price spend in examined repositories over the AI changes that still stand.",
        known=not isinstance(cost, Unknown),
    )


def _corrected(report: Report) -> Shown:
    kinds = report.worth.corrected_30d
    return Shown(
        label="Corrected in 30 days",
        value=_each(kinds, "change"),
        about="Share of changes that a fix rewrote or a revert took back. "
        "'Other' has no evidence of AI, which does not make it human. The two differ in kind of work, "
        "so the gap is not the effect of AI.",
        known=_any_known(kinds.values()),
    )


def _reworked(report: Report) -> Shown:
    r = report.rework
    causes = ((r.corrective, "fixed"), (r.adaptive, "other reason"), (r.unknown, "no reason stated"))
    known = [(f, words) for f, words in causes if not isinstance(f, Unknown)]
    value = "; ".join(f"{words} {percent(f.value)}{interval(f)}" for f, words in known)
    if known:
        value += f"; {counted(known[0][0].n, 'line')}"
    elif isinstance(r.corrective, Unknown):
        value = unknown(r.corrective)
    return Shown(
        label="AI lines redone",
        value=value,
        about="Landed AI lines that were rewritten or removed within 30 days, by stated reason; "
        "only fixes count against the work.",
        known=bool(known),
    )


def _price_of_rework(report: Report) -> Shown:
    made, redo = report.rework.spend_on_replaced_usd, report.rework.cost_of_redo_usd
    if isinstance(made, Unknown) and isinstance(redo, Unknown):
        value = unknown(made)
    else:
        value = f"{known_dollars(made)} made what was fixed; redo {known_dollars(redo)}"
    return Shown(
        label="Price of rework",
        value=value,
        about="Two prices that are never added: what first made the lines that were fixed, "
        "and what the sessions that fixed them cost.",
        known=not (isinstance(made, Unknown) and isinstance(redo, Unknown)),
    )


def _lines_left(report: Report) -> Shown:
    kinds = report.detail.survival
    known = {
        _kind(kind): {day.removeprefix("d"): f.value for day, f in marks.items() if isinstance(f, Estimate)}
        for kind, marks in kinds.items()
    }
    figures = [figure for marks in kinds.values() for figure in marks.values()]
    return Shown(
        label="Lines still there",
        value=_after_days({kind: marks for kind, marks in known.items() if marks}) or _first_why(figures),
        about="Share of landed code lines still there after so many days. Lines that moved or were only "
        "reformatted live on.",
        known=any(known.values()),
    )


def _after_days(kinds: Mapping[str, Mapping[str, float]]) -> str:
    """Shares of each kind after the same days, said once."""
    days = [tuple(marks) for marks in kinds.values()]
    if len(set(days)) == 1:
        shares = (f"{kind} {', '.join(points(v) for v in marks.values())} %" for kind, marks in kinds.items())
        return f"{'; '.join(shares)} after {', '.join(days[0])} d"
    return "; ".join(
        f"{kind} {', '.join(f'{percent(v)} after {day} d' for day, v in marks.items())}"
        for kind, marks in kinds.items()
    )


def _paid(report: Report) -> Shown:
    paid = report.cost.paid_usd
    against = f", against {dollars(report.cost.list_usd)} at list price"
    return Shown(
        label="Really paid",
        value=unknown(paid) if isinstance(paid, Unknown) else dollars(paid) + against,
        about=f"List price is not money paid. Prices: {safe(report.cost.basis)}",
        known=not isinstance(paid, Unknown),
    )


def _seen(report: Report) -> Shown:
    c = report.coverage
    parts = ((c.spend_joined, "of spend followed"), (c.lines_with_evidence, "of lines have evidence"))
    known = [f"{percent(f.value)} {words}" for f, words in parts if not isinstance(f, Unknown)]
    return Shown(
        label="How much was seen",
        value=", ".join(known) or _first_why([f for f, _ in parts]),
        about="What was not seen is in no figure here.",
        known=bool(known),
    )


def landed(report: Report) -> Shown:
    """What reached the main line of the examined repositories."""
    rows = [row for row in report.work.repos if row.examined]
    lines = sum(row.landed_lines for row in rows)
    changes, made = sum(row.changes for row in rows), sum(row.ai_changes for row in rows)
    return Shown(
        label="Landed",
        value=f"{counted(changes, 'change')} ({made:,} with AI), {counted(lines, 'code line')}, "
        f"{counted(len(rows), 'repository', 'repositories')}"
        if rows
        else "unknown: no repository was examined",
        about="What reached the main line of the examined repositories in the period.",
        known=bool(rows),
    )


def _each(kinds: Mapping[str, Figure], unit: str) -> str:
    known = [
        f"{_kind(k)} {share(f)} of {counted(f.n, unit)}"
        for k, f in kinds.items()
        if not isinstance(f, Unknown)
    ]
    return "; ".join(known) or _first_why(list(kinds.values()))


def _kind(kind: str) -> str:
    return "AI" if kind == "ai" else kind


def _any_known(figures: Iterable[Figure]) -> bool:
    return any(not isinstance(f, Unknown) for f in figures)


def _first_why(figures: Sequence[Figure]) -> str:
    return next((unknown(f) for f in figures if isinstance(f, Unknown)), "unknown: nothing was read")
