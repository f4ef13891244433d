"""What people report of hours saved and redone, as a pulse told it, beside what is measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from counterfoil.show.server.figure import Cell, cell, label
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Answer
from counterfoil.terms.pulse import Standing
from counterfoil.terms.release import Refuse, Released

ROWS: Mapping[str, str] = {
    "saved": "Hours that AI saved, a week",
    "fixing-mine": "Hours spent putting right what AI did for oneself",
    "fixing-others": "Hours spent putting right what AI did for others",
    "net-hours": "Net hours: saved, less all that was spent putting right",
    "redone": "Redone: hours spent putting right, of all that were saved",
    "believed": "Believe that it stays out of reviews",
}
MEASURED = ("corrected", "kept")
"""What is measured of rework, beside what is said of it."""


class Said(Protocol):
    """A pulse as it was told."""

    @property
    def closed(self) -> date:
        """Its last day."""

    @property
    def figures(self) -> Mapping[str, Sequence[object]]:
        """Verdicts by question: of those who lead, and of the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidRow:
    """What came to one question."""

    words: str
    cells: Sequence[Cell]
    """Of those who lead no one, and of those who lead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What people report, or why nothing is told of it."""

    why: str
    """Why nothing is told; empty where something is."""
    clause: str
    when: str
    response: str
    """The share of those who may answer that did."""
    rows: Sequence[SaidRow]
    measured: Sequence[tuple[str, str]]
    """Each figure of rework that is measured, with its interval and coverage."""


def reported(
    *, closed: date, figures: Mapping[str, Sequence[object]], measured: Mapping[str, Answer]
) -> Reported:
    """What a pulse told, beside what is measured in the block that is looked at."""
    rows = [
        SaidRow(
            words=words,
            cells=[_cell(some[list(Standing).index(s)]) for s in (Standing.PEOPLE, Standing.LEADERS)],
        )
        for name, words in ROWS.items()
        if (some := figures.get(name))
    ]
    return Reported(
        why="",
        clause="",
        when=f"{closed.day} {closed:%b %Y}",
        response=_response(figures),
        rows=rows,
        measured=[(label(m), _in_words(cell(measured[m]))) for m in MEASURED if m in measured],
    )


def not_reported(refused: Refuse) -> Reported:
    """Why nothing is told of what people report."""
    return Reported(why=refused.why, clause=refused.clause, when="", response="", rows=(), measured=())


def _cell(verdict: object) -> Cell:
    match verdict:
        case Released(answer):
            return Cell(
                state="released",
                says=answer.says,
                between=answer.between,
                people=f"of about {answer.answers:,}",
            )
        case Refuse(clause, why):
            return Cell(state="refused", says="refused", why=why, clause=clause)
    return Cell(state="withheld", says="withheld")


def _response(figures: Mapping[str, Sequence[object]]) -> str:
    shares = [v.answer.coverage for some in figures.values() for v in some if isinstance(v, Released)]
    if not shares or isinstance(shares[0], Unknown):
        return "unknown"
    return f"about {shares[0] * 100:.0f} %"


def _in_words(told: Cell) -> str:
    if told.state != "released":
        return told.says
    between = f", 95 % interval {told.between}" if told.between else ""
    return f"{told.says}{between}; coverage {told.coverage}"
