"""The pages of one's own: everything that is held about whoever asks, who read it, and one's tools."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from counterfoil.show.record import TABLES
from counterfoil.show.server.figure import label
from counterfoil.show.server.frame import ROLES, Frame, FramedPage
from counterfoil.show.server.log import cut_of, span_of, when
from counterfoil.show.table import Table
from counterfoil.show.words import counted
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Role
from counterfoil.terms.record import OwnRecord, PartOf
from counterfoil.terms.release import Released
from counterfoil.terms.seat import OwnSeats, SeatAnswer

MOST_ROWS, MOST_TOLD = 10, 15
NEWEST = {
    "usage_day": "day",
    "usage": "day",
    "joined": "day",
    "pushed_mark": "day",
    "spend": "day",
    "work_fate": "landed",
    "seat": "assigned",
    "membership": "since",
    "exempt": "since",
}
"""By which column the newest row is found."""
COLUMNS = {
    "usage_day": ("day", "tool", "model", "trigger", "requests", "output", "cost"),
    "work_fate": ("landed", "kind", "work", "undone"),
    "usage": ("day", "tool", "model", "trigger", "requests", "output", "cost"),
    "joined": ("day", "repository", "commit", "tool"),
    "pushed_mark": ("day", "repository", "commit", "tool"),
    "spend": ("day", "path", "cost", "standing", "undone", "unknown"),
}
"""What is shown of long rows; the file has every column."""
PARTS = ("standing", "undone", "not_landed", "too_young", "not_examined", "unknown")
"""Parts of what was spent, in a table of spend: money, as `cost` is everywhere."""
SAID = {
    SeatAnswer.KEEP: "You said that you keep it.",
    SeatAnswer.RETURN: "You said that it may be returned.",
    SeatAnswer.LEAVE: "You said that you are on leave.",
}
BLANK = {
    "undone": "stands so far",
    "trigger": "not known",
    "left": "still there",
    "until": "still there",
    "last_active": "not used",
    "path": "not joined",
}
"""What a column says where it is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTable:
    """One table of rows about whoever asks."""

    id: str
    count: str
    shown: Table
    more: int
    """Rows that only the file has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line about the past."""

    at: str
    says: str
    entry: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedSeat:
    """A seat that is idle, about which its holder is asked."""

    tool: str
    says: str
    """Since when it was not used."""
    said: str
    """What was answered; empty where nothing was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MinePage(FramedPage):
    """Everything held about whoever asks."""

    template: ClassVar[str] = "server_mine.html.j2"
    done: str
    """What was just done, in words; empty where nothing was."""
    tables: Sequence[OwnTable]
    hints: Sequence[str]
    reads: Sequence[Event]
    reads_more: int
    missing: int
    part_of: Sequence[Event]
    part_of_more: int
    objected: bool
    corrections: Sequence[str]
    checkpoint: str
    asked_back: Sequence[AskedSeat]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoRecordPage(FramedPage):
    """Why there is no record to show."""

    template: ClassVar[str] = "server_no_record.html.j2"
    why: str
    is_person: bool
    done: str
    asked_back: Sequence[AskedSeat]


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasePage(FramedPage):
    """What erasing does, before it is done."""

    template: ClassVar[str] = "server_erase.html.j2"
    wrong: bool
    """Whether it was asked for without the word that confirms it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedPage:
    """What was erased; nobody is signed in any more."""

    template: ClassVar[str] = "server_trouble.html.j2"
    title: str
    says: str
    hint: str


def mine_page(
    frame: Frame, released: Released[OwnRecord], *, done: str = "", seats: Released[OwnSeats] | None = None
) -> MinePage:
    """The page about everything held about whoever asks."""
    own = released.answer
    reads = [
        Event(
            at=when(r.at), says=f"{_role(r.role)} {r.did}, for {r.purpose.replace('_', ' ')}", entry=r.entry
        )
        for r in reversed(own.reads)
    ]
    part_of = list(_parts(own.part_of))
    return MinePage(
        frame=frame,
        title="My record",
        done=done,
        tables=[_table(name, own.rows[name]) for name in sorted(own.rows, key=_place) if own.rows[name]],
        hints=own.hints,
        reads=reads[:MOST_TOLD],
        reads_more=own.reads_before + max(len(reads) - MOST_TOLD, 0),
        missing=own.missing,
        part_of=part_of[:MOST_TOLD],
        part_of_more=own.part_of_before + max(len(part_of) - MOST_TOLD, 0),
        objected=own.objected,
        corrections=own.corrections,
        checkpoint=own.checkpoint,
        asked_back=asked_seats(seats),
    )


def no_record_page(
    frame: Frame, why: str, *, is_person: bool, done: str = "", seats: Released[OwnSeats] | None = None
) -> NoRecordPage:
    """The page on why there is no record; whoever has an idle seat is asked about it all the same."""
    return NoRecordPage(
        frame=frame,
        title="My record",
        why=why,
        is_person=is_person,
        done=done,
        asked_back=asked_seats(seats),
    )


def asked_seats(seats: Released[OwnSeats] | None) -> Sequence[AskedSeat]:
    """The idle ones of somebody's own seats, in words."""
    if seats is None:
        return ()
    return [
        AskedSeat(
            tool=seat.tool,
            says=f"It was not used since you got it on {seat.assigned}."
            if isinstance(seat.last_active, Unknown)
            else f"It was used last on {seat.last_active}.",
            said="" if isinstance(seat.answer, Unknown) else SAID[seat.answer],
        )
        for seat in seats.answer.seats
        if seat.is_idle
    ]


def _place(table: str) -> tuple[int, str]:
    """Where a table stands on the page; one that has no words yet comes last."""
    known = list(TABLES)
    return (known.index(table) if table in known else len(known), table)


def _table(name: str, rows: Sequence[Mapping[str, str]]) -> OwnTable:
    newest = sorted(rows, key=lambda row: row.get(NEWEST.get(name, ""), ""), reverse=True)
    columns = COLUMNS.get(name) or tuple(column for column in newest[0] if column != "who")
    words = TABLES.get(name, name)
    return OwnTable(
        id=name,
        count=counted(len(rows), "row"),
        shown=Table(
            title=words[:1].upper() + words[1:],
            columns=tuple(column.replace("_", " ") for column in columns),
            rows=tuple(tuple(_worded(name, c, row[c]) for c in columns) for row in newest[:MOST_ROWS]),
        ),
        more=max(len(rows) - MOST_ROWS, 0),
    )


def _worded(table: str, column: str, value: str) -> str:
    """A value as a person reads it; what is not there is said."""
    if column == "cost" or (table == "spend" and column in PARTS):
        return f"${int(value) / 1_000_000:,.2f}" if value else "not stated"
    if column in BLANK and not value:
        return "still so" if table == "exempt" else BLANK[column]
    return f"{int(value):,}" if value.isdigit() and column in {"requests", "output"} else value


def _role(role: str) -> str:
    if role == "self":
        return "You"
    return (ROLES[Role(role)] if role in set(Role) else role).capitalize()


def _parts(figures: Sequence[PartOf]) -> Iterator[Event]:
    """Figures of many, newest first; those of one question, its periods and its cuts, together."""

    def deed(p: PartOf) -> tuple[str, ...]:
        return p.at, p.role, p.purpose, p.metric, p.group

    for _, group in groupby(reversed(figures), deed):
        some = list(group)
        p = some[0]
        cut = cut_of([one.filters for one in some])
        yield Event(
            at=when(p.at),
            says=f"{label(p.metric)} of {p.group}, {span_of([one.period for one in some])}{cut}; "
            f"asked by {ROLES[Role(p.role)]}, for {p.purpose.replace('_', ' ')}",
            entry=some[-1].entry,
        )
