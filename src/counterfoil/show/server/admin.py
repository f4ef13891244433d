"""The page of those who keep the server up: sources, tokens, seats as counts; no list of people."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from counterfoil.show.server.figure import FigureShown
from counterfoil.show.server.frame import FramedPage
from counterfoil.show.table import Table
from counterfoil.terms.absent import Unknown
from counterfoil.terms.release import Released
from counterfoil.terms.seat import SeatCounts

COUNTS = {
    "assigned": "assigned",
    "used": "used",
    "asked": "idle, and asked about",
    "keep": "kept",
    "give_back": "may be returned",
    "on_leave": "on leave",
    "returned": "returned",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineToken:
    """A token of a program."""

    id: str
    """The start of its hash."""
    name: str
    scope: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdminPage(FramedPage):
    """What the server takes in, and who may send it."""

    template: ClassVar[str] = "server_admin.html.j2"
    done: str
    token: str
    """A new token, shown this once; empty where none was made."""
    sources: Table
    sent: Sequence[tuple[str, str]]
    """What came in from outside, by source; empty where nothing counts it."""
    coverage: Sequence[tuple[str, str]]
    seats: Sequence[FigureShown]
    seats_of: str
    seat_counts: Table | None
    """Seats by tool, and what holders of idle ones answered, as counts; None where they can't be told."""
    counted_on: str
    tokens: Sequence[MachineToken]
    own_tokens: str
    """How many tokens people have of their own, in words."""
    scopes: Sequence[tuple[str, str]]
    """What a token can be for, in words."""
    roles: Sequence[tuple[str, str]]
    """In which roles a token can ask."""


def seat_table(counts: Released[SeatCounts]) -> Table | None:
    """Seats by tool, in the order of their names."""
    rows = [(tool.tool, *(_told(getattr(tool, name)) for name in COUNTS)) for tool in counts.answer.tools]
    return (
        Table(title="Seats by tool", columns=("tool", *COUNTS.values()), rows=tuple(rows)) if rows else None
    )


def _told(count: int | Unknown) -> str:
    return count.why if isinstance(count, Unknown) else f"about {count:,}"
