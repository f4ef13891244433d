"""An outcome sample in words: its plan, the sheets for those who assess works, and what it came to."""

import csv
import io
import textwrap
from collections.abc import Iterator, Sequence

from counterfoil.show.exported import written
from counterfoil.show.words import counted, safe
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.metric import Level
from counterfoil.terms.release import Refuse, Released
from counterfoil.terms.sample import (
    Agreement,
    DrawnSample,
    EnteredSheet,
    GroupRates,
    Judged,
    Padding,
    PlannedSample,
    SampledGroup,
    SheetLine,
    ToldSample,
)

COLUMNS = ("line", "kind", "work", "repository", "commit", *Judged)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would compute."""
GOOD, FAIR = 0.6, 0.4


def planned_text(planned: PlannedSample) -> str:
    """What was planned, and what is to be done next."""
    plan = planned.plan
    whom = "the whole company" if plan.by is Level.COMPANY else "each unit"
    lines = [
        f"{safe(plan.name)}: {safe(plan.says)}",
        f"{counted(plan.works, 'work')} of {whom} that landed in {plan.first} to {plan.last}, "
        f"{plan.controls * 100:.0f} % of them controls; {plan.twice * 100:.0f} % are judged twice",
        f"for {plan.purpose.replace('_', ' ')}",
        f"drawn by {safe(plan.drawn_from)}, on {plan.drawn_on} or after",
        f"hash of the plan {planned.sha256}",
    ]
    if planned.entry >= 0:
        lines += [
            f"hash of the seed {planned.seed_sha256}",
            f"entry {planned.entry} of the log",
            f"then: counterfoil sample draw {safe(plan.name)} --drawn VALUE",
        ]
    else:
        lines += ["It was only looked at; --data logs it."]
    return "\n".join(lines) + "\n"


def planned_json(planned: PlannedSample) -> str:
    """The same for a program."""
    return written(planned)


def sheet_csv(lines: Sequence[SheetLine]) -> str:
    """A sheet to fill in: one row for each work, with a column for each question."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in lines:
        cells = (one.line, one.kind, one.work, one.repository, one.commit)
        writer.writerow([*map(_cell, cells), *("" for _ in Judged)])
    return text.getvalue()


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(FORMULA) else value


def drawn_text(drawn: DrawnSample) -> str:
    """What was drawn, and how it is to be judged."""
    lines = [
        f"{counted(len(drawn.sheet), 'work')} drawn for {safe(drawn.name)}, {len(drawn.second)} of them twice"
        + (f"; {counted(drawn.left_out, 'unit')} left out, with too few people" if drawn.left_out else ""),
        f"seed {drawn.seed}",
        f"public value {safe(drawn.drawn)}, entry {drawn.entry} of the log",
        "yes, no or unclear, for each work:",
        *(f"  {question}: {question.asks}" for question in Judged),
        "The second sheet is for somebody else. Look at the change alone: git show --format= COMMIT",
    ]
    return "\n".join(lines) + "\n"


def drawn_json(drawn: DrawnSample) -> str:
    """The same for a program, with both sheets."""
    return written(drawn)


def entered_text(entered: EnteredSheet) -> str:
    """What a sheet added."""
    return (
        f"{counted(entered.fresh, 'line')} entered, {entered.same} in before, {entered.blank} blank; "
        f"{entered.left} left\nentry {entered.entry} of the log\n"
    )


def entered_json(entered: EnteredSheet) -> str:
    """The same for a program."""
    return written(entered)


def told_text(told: ToldSample, *, width: int) -> str:
    """What a sample came to, group by group by name."""
    lines = [
        f"{safe(told.name)}: {safe(told.says)}",
        f"{told.answered * 100:.0f} % of its lines were answered",
    ]
    for group in told.groups:
        lines += ["", *_group(group, width)]
    lines += ["", "how alike two assessors judged"]
    lines += [f"  {_agreed(one)}" for one in told.agreement]
    said = (
        "Works without AI evidence are controls, and not known to be without AI: where it left no trace, the "
        f"difference is larger than it looks. The list of works is gone. Entry {told.entry} of the log."
    )
    return "\n".join([*lines, "", *textwrap.wrap(said, width)]) + "\n"


def told_json(told: ToldSample) -> str:
    """The same for a program."""
    groups = [{"group": one.group, **_verdict(one.verdict)} for one in told.groups]
    return written(
        {
            "name": told.name,
            "says": told.says,
            "groups": groups,
            "agreement": told.agreement,
            "answered": told.answered,
            "entry": told.entry,
        }
    )


def _verdict(verdict: object) -> dict[str, object]:
    match verdict:
        case Released(answer, clause):
            return {"verdict": "released", "clause": clause, "found": answer}
        case Refuse(clause, why):
            return {"verdict": "refused", "clause": clause, "why": why}
    return {"verdict": "withheld"}


def _group(group: SampledGroup, width: int) -> Iterator[str]:
    yield safe(group.group)
    match group.verdict:
        case Released(answer):
            yield from _rates(answer, width)
        case Refuse(clause, why):
            yield f"  refused ({clause}): {why}"
        case _:
            yield "  withheld"


def _rates(found: GroupRates, width: int) -> Iterator[str]:
    for one in found.rates:
        unclear = f", {one.unclear * 100:.0f} % unclear" if one.unclear else ""
        yield f"  {one.question:14} {one.arm:17} {_rate(one.rate)}{unclear}"
    said = padding_words(found.padding)
    yield from textwrap.wrap(said, width, initial_indent="  ", subsequent_indent="  ")


def padding_words(padding: Padding | Unknown) -> str:
    """How much work was needless, with the lower bound that is stated."""
    return f"padding: unknown, {padding.why}" if isinstance(padding, Unknown) else f"padding: {padding.says}"


def _rate(rate: Estimate | Unknown) -> str:
    if isinstance(rate, Unknown):
        return f"unknown, {rate.why}"
    low, high = ("?" if isinstance(x, Unknown) else f"{x * 100:.0f}" for x in (rate.low, rate.high))
    return f"{rate.value * 100:.0f} % ({low} to {high}), of about {rate.n} works"


def _agreed(one: Agreement) -> str:
    if isinstance(one.kappa, Unknown) or isinstance(one.alike, Unknown):
        why = one.kappa.why if isinstance(one.kappa, Unknown) else ""
        return f"{one.question:14} unknown, {why}"
    low, high = (x if isinstance(x, Unknown) else f"{x:.2f}" for x in (one.kappa.low, one.kappa.high))
    value = one.kappa.value
    how = "well" if value >= GOOD else "middling" if value >= FAIR else "little: read its rates with care"
    return (
        f"{one.question:14} kappa {value:.2f} ({low} to {high}), the same of {one.alike * 100:.0f} %: {how}"
    )
