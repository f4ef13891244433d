"""The form of a pulse, and what it came to: leaders beside people, since the gap is a measure."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from counterfoil.show.exported import written
from counterfoil.terms.absent import Unknown
from counterfoil.terms.pulse import REMAINS, STANDARD, WORKED_OUT, Pulse, Standing
from counterfoil.terms.release import Refuse, Released

WIDTH = 78


def form_text(pulse: Pulse, *, with_statement: bool) -> str:
    """What whoever answers reads first: the questions, and what remains of who they are."""
    blocks = [
        f"Pulse {pulse.id}, until {pulse.closes}. It is confidential: one person, one answer.",
        REMAINS,
    ]
    for question in STANDARD:
        items = question.items if with_statement else question.items[:-1]
        blocks.append("\n".join([question.asks, *(f"  - {item}" for item in items)]))
    return "\n\n".join(textwrap.fill(b, WIDTH) if "\n" not in b else b for b in blocks) + "\n"


def told_pulse(told: Mapping[str, Sequence[object]], *, as_json: bool) -> str:
    """Each question with what leaders and people said."""
    if as_json:
        both = {
            name: [_told(verdict, s) for s, verdict in zip(Standing, verdicts, strict=True)]
            for name, verdicts in told.items()
        }
        return written(both)
    return "\n".join(_lines(told)) + "\n"


def _lines(told: Mapping[str, Sequence[object]]) -> Iterator[str]:
    shares = [v.answer.coverage for verdicts in told.values() for v in verdicts if isinstance(v, Released)]
    if shares and not isinstance(shares[0], Unknown):
        yield f"about {shares[0] * 100:.0f} % of those who may answer did"
    asked = {question.id: question.asks for question in STANDARD}
    for name, says in {**asked, **WORKED_OUT}.items():
        yield says
        for standing, verdict in zip(Standing, told[name], strict=True):
            yield f"  {standing:8} {_words(verdict)}"


def _words(verdict: object) -> str:
    match verdict:
        case Released(answer):
            between = f" ({answer.between})" if answer.between else ""
            return f"{answer.says}{between}, of about {answer.answers}"
        case Refuse(clause, why):
            return f"refused ({clause}): {why}"
    return "withheld"


def _told(verdict: object, standing: Standing) -> dict[str, object]:
    match verdict:
        case Released(answer):
            return {"standing": standing, "verdict": "released", "figure": answer}
        case Refuse(clause, why):
            return {"standing": standing, "verdict": "refused", "clause": clause, "why": why}
    return {"standing": standing, "verdict": "withheld"}
