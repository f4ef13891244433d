"""The letter to staff that a programme's own words make: what is measured, why, who sees it, how long."""

from collections.abc import Callable, Iterable

from counterfoil.programme.change import joined
from counterfoil.programme.plain import (
    COLLECTED,
    GRAIN,
    STEPS,
    not_written_down,
    purposes_of,
    sentence,
    spoken_day,
    spoken_span,
    time_of,
)
from counterfoil.programme.rule import NOT_ADVICE, Case
from counterfoil.programme.says import SEES, says
from counterfoil.terms.absent import Unknown
from counterfoil.terms.metric import ProgrammeMetric
from counterfoil.terms.paper import Paper, Part
from counterfoil.terms.programme import Programme
from counterfoil.terms.promise import ReadLog, Use

CONTACT = "[name, telephone and e-mail of the person to ask]"


def letter(case: Case) -> Paper:
    """A letter to everyone whom the programme covers, to be given out before it begins."""
    p = case.programme
    strategy = () if isinstance(p.about.strategy, Unknown) else (sentence(p.about.strategy),)
    parts = (Part(heading=words, lines=tuple(lines(case))) for words, lines in PARTS.items())
    return Paper(
        title=p.about.name,
        opening=(
            "Dear colleagues,",
            *strategy,
            "This letter says what we measure about it, why, who sees it, for how long, and what it is "
            "never used for. You may hold us to every sentence of it.",
        ),
        parts=tuple(part for part in parts if part.lines),
        closing=("With kind regards", "[name and function]", "[place and date]"),
        mark=NOT_ADVICE,
    )


Lines = Callable[[Case], Iterable[str]]


def _measured(case: Case) -> Iterable[str]:
    for metric in case.programme.metrics:
        yield measured(metric)


def measured(metric: ProgrammeMetric) -> str:
    """What a metric is, in one or two sentences."""
    grain = "" if isinstance(metric.level, Unknown) else f", {GRAIN[metric.level]}"
    meaning = "" if isinstance(metric.definition, Unknown) else f" {sentence(metric.definition)}"
    return f"{metric.called[:1].upper()}{metric.called[1:]}{grain}.{meaning}"


def _written_down(case: Case) -> Iterable[str]:
    data = case.programme.data
    if data.collects:
        yield f"Written down about you: {joined(COLLECTED[kind] for kind in data.collects)}."
    yield from _nonempty(not_written_down(case.programme))


def _why(case: Case) -> Iterable[str]:
    purposes = purposes_of(case.programme)
    yield from (sentence(words) for words in purposes)
    if purposes:
        yield "For nothing else."
    if case.programme.notice.again_on_change is True:
        yield "Before a new purpose begins, you will be told."


def _asked(case: Case) -> Iterable[str]:
    yield from _said(case, "targets")
    if not case.programme.targets:
        yield "Nothing. There is no target for you, your team or your unit."
    yield from _said(case, "metrics")
    yield from _said(case, "review.manager_goal")


def _seen(case: Case) -> Iterable[str]:
    yield from _said(case, "displays")
    readers = case.programme.data.raw_readers
    if not isinstance(readers, Unknown):
        seen_by = joined(SEES[reader] for reader in readers) if readers else "nobody"
        yield f"Records about you alone can be reached by {seen_by}."
    yield from floors(case.programme)


def floors(p: Programme) -> Iterable[str]:
    """The fewest people behind a figure, in words."""
    named = (("use and of its cost", p.floors.activity), ("results", p.floors.outcome))
    said = [f"{floor:,} for figures of {what}" for what, floor in named if not isinstance(floor, Unknown)]
    if said:
        yield f"Behind every figure of a unit stand other people, at least {joined(said)}."


def _how_long(case: Case) -> Iterable[str]:
    p = case.programme
    if not isinstance(p.data.keep_raw, Unknown):
        kept = spoken_span(p.data.keep_raw)
        yield f"Records about you alone are kept for {kept}, and then become figures of units."
    if not isinstance(p.data.step, Unknown):
        yield f"Time is kept in {STEPS[p.data.step]}, and no finer."
    for target in p.targets:
        if not isinstance(target.expires, Unknown):
            yield f"The target on {p.metric(target.metric).called} ends on {spoken_day(target.expires)}."
    yield from _nonempty(time_of(p))


def _never(case: Case) -> Iterable[str]:
    review, workforce = case.programme.review, case.programme.workforce
    for pledge, words in ((review, "reviews, pay, promotion or exit"), (workforce, "decisions about jobs")):
        if isinstance(pledge.use, Unknown):
            continue
        if pledge.use is not Use.NONE:
            yield f"The figures are used in {words}. {_statement(pledge.statement)}".strip()
        else:
            yield _statement(pledge.statement) or f"No figure is used in {words}."
    if review.blocked_in_code is True:
        yield "The software refuses such a use, whoever asks."
    yield from _said(case, "data.own_report_demanded")
    yield from _said(case, "gaming")


def _statement(statement: str | Unknown) -> str:
    return "" if isinstance(statement, Unknown) else sentence(statement)


def _checked(case: Case) -> Iterable[str]:
    p = case.programme
    if p.review.log is ReadLog.STAFF:
        yield "You can check who looked at your numbers, and why."
    yield "The programme itself is a file of a few pages, from which this letter was made: ask for it."
    yield f"Ask {CONTACT}."
    for party in p.parties:
        name = party.id if isinstance(party.name, Unknown) else party.name
        if party.id != "employer":
            yield f"{name}: [name, telephone and e-mail]."


def _said(case: Case, prefix: str) -> Iterable[str]:
    """What the programme tells an employee under a section or a field."""
    return (s.says for s in says(case) if s.where == prefix or s.where.startswith(f"{prefix}."))


def _nonempty(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


PARTS: dict[str, Lines] = {
    "What we measure": _measured,
    "What is written down about you, and what is not": _written_down,
    "Why": _why,
    "What is asked of you": _asked,
    "Who sees it": _seen,
    "For how long": _how_long,
    "What it is used for, and what it is never used for": _never,
    "How to check it, and whom to ask": _checked,
}
"""The headings of the letter with what stands under them."""
