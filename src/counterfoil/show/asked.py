"""Shows what came of a question: figures with interval and coverage, or the clause of a refusal."""

import textwrap
from collections.abc import Iterator, Sequence

from counterfoil.show.exported import written
from counterfoil.show.paint import BOLD, DIM, encodable, painter
from counterfoil.show.words import safe
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Answer, Answered, Figure
from counterfoil.terms.release import Refuse, Released

MOST_NAMED = 24


def answers(answered: Answered, *, width: int, color: bool, unicode: bool) -> str:
    """The answer to a question, a line for each group, by name; refusals of one clause together."""
    paint = painter(color)
    ask = answered.ask
    cut = "".join(f", {name} {value}" for name, value in sorted(ask.filters.items()))
    lines = [paint(safe(f"{ask.metric} by {ask.by}, {ask.period.name}{cut}, for {ask.purpose}"), BOLD)]
    lines += [safe(line) for line in _shown(answered)]
    for clause, (why, groups) in _refused(answered).items():
        lines += textwrap.wrap(safe(f"refused ({clause}): {_named(groups)}"), width, subsequent_indent="  ")
        lines += textwrap.wrap(safe(why), width, initial_indent="  ", subsequent_indent="  ")
    lines += [line for note in answered.notes for line in textwrap.wrap(note, width)]
    lines.append(paint(f"entry {answered.entry} of the log", DIM))
    return encodable("\n".join(lines) + "\n", unicode)


def answers_json(answered: Answered) -> str:
    """The answer to a question as JSON: each group with its verdict, and the figure or the clause."""
    ask = answered.ask
    told = {
        "metric": ask.metric,
        "by": ask.by,
        "period": ask.period.name,
        "purpose": ask.purpose,
        "filters": dict(ask.filters),
        "entry": answered.entry,
        "notes": list(answered.notes),
        "answers": [_verdict(answer) for answer in answered.answers],
    }
    return written(told)


def _verdict(answer: Answer) -> dict[str, object]:
    match answer.verdict:
        case Released(figure, clause):
            return {"group": answer.group, "verdict": "released", "clause": clause, "figure": figure}
        case Refuse(clause, why):
            return {"group": answer.group, "verdict": "refused", "clause": clause, "why": why}
    return {"group": answer.group, "verdict": "withheld"}


def _named(groups: Sequence[str]) -> str:
    more = f" and {len(groups) - MOST_NAMED} more" if len(groups) > MOST_NAMED else ""
    return ", ".join(groups[:MOST_NAMED]) + more


def _shown(answered: Answered) -> Iterator[str]:
    told = [answer for answer in answered.answers if not isinstance(answer.verdict, Refuse)]
    if not told:
        return
    rows = [("", "value", "95 % interval", "people", "coverage")]
    rows += [(answer.group, *_cells(answer)) for answer in told]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(size) for cell, size in zip(row, widths, strict=True)).rstrip()


def _cells(answer: Answer) -> tuple[str, str, str, str]:
    if not isinstance(answer.verdict, Released):
        return "withheld", "", "", ""
    figure: Figure = answer.verdict.answer
    return figure.says, figure.between, f"about {figure.people}", _share(figure.coverage)


def _share(share: float | Unknown) -> str:
    return "unknown" if isinstance(share, Unknown) else f"{share * 100:.0f} %"


def _refused(answered: Answered) -> dict[str, tuple[str, list[str]]]:
    """Refused groups by their clause."""
    found: dict[str, tuple[str, list[str]]] = {}
    for answer in answered.answers:
        if isinstance(answer.verdict, Refuse):
            found.setdefault(answer.verdict.clause, (answer.verdict.why, []))[1].append(answer.group)
    return found
