"""The tables of the lake: which noun each holds, what names a row, and how it is parted by time."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cache
from types import UnionType
from typing import Any, NewType, get_args, get_type_hints

from counterfoil.terms.absent import Unknown
from counterfoil.terms.arrived import Joined, KeptUsage, SessionCost
from counterfoil.terms.delivered import CheckRun, Delivery, Deployment, Incident, Landing, PushedMark, Review
from counterfoil.terms.organisation import Exempt, Membership, Person, Seat, Unit, UsageDay, WorkFate
from counterfoil.terms.period import Block, Span
from counterfoil.terms.spend import Spend

SETTLED_AFTER = timedelta(days=28)
"""From the end of a part until rows come too late for it: their names alone would tell which are new."""
CHANGES = "+"
"""The part of a table without days that has its last changes: its rows hold instead of those of the whole."""
TYPES = {str: "VARCHAR", int: "BIGINT", date: "DATE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table: two rows with one key are one row, and the later one holds."""

    name: str
    noun: type[Any]
    key: tuple[str, ...]
    people: str = "who"
    """The column that names a person; empty where none does."""
    day: str = ""
    """The column by whose day it is parted; empty where it is one part."""
    parts: Span = Span.BLOCK
    """How long a part is: a block of four weeks, or a day where rows are many and go early."""
    order: tuple[str, ...] = ()
    """How rows lie in a file, where another order than that of the key makes it smaller."""
    serial: str = ""
    """A column of the key that only names a row; once a part is settled, rows have numbers instead.

    Such a name is half of a hash, and takes as much room as all the rest of a row.
    """

    def part_of(self, day: date) -> str:
        """The part that rows of a day are in, as the registry names it."""
        if not self.day:
            return ""
        return str(day if self.parts is Span.DAY else Block.of(day))

    def is_now(self, block: str) -> bool:
        """Whether a part has rows that hold, and is not the copy of a block that a table without days has."""
        return bool(self.day) or block in {"", CHANGES}

    @cache  # noqa: B019 tables are few, and stay
    def columns(self) -> Mapping[str, str]:
        """Each column with its type."""
        hints = get_type_hints(self.noun)
        return {field.name: TYPES[_plain(hints[field.name])] for field in fields(self.noun)}

    @cache  # noqa: B019
    def defaults(self) -> Mapping[str, str | int]:
        """What a column that came later says of rows before it; a column without one says nothing of them.

        What may be unknown has none: of rows before it, it is unknown.
        """
        hints = get_type_hints(self.noun)
        return {
            field.name: field.default
            for field in fields(self.noun)
            if isinstance(field.default, str | int) and Unknown not in get_args(hints[field.name])
        }


def _plain(kind: Any) -> type:
    """The type behind an id, and behind what may be unknown."""
    if isinstance(kind, UnionType) or get_args(kind):
        (kind,) = (option for option in get_args(kind) if option is not Unknown)
    while isinstance(kind, NewType):
        kind = kind.__supertype__
    plain: type = kind
    return plain


TABLES = {
    table.noun: table
    for table in (
        Table(name="person", noun=Person, key=("who",)),
        Table(name="membership", noun=Membership, key=("who", "since")),
        Table(name="exempt", noun=Exempt, key=("who", "since")),
        Table(name="unit", noun=Unit, key=("unit",), people="lead"),
        Table(
            name="usage_day",
            noun=UsageDay,
            key=("day", "who", "tool", "model", "trigger", "credential", "workload"),
            day="day",
        ),
        Table(name="seat", noun=Seat, key=("who", "tool")),
        Table(name="work_fate", noun=WorkFate, key=("kind", "work"), day="landed"),
        Table(
            name="usage",
            noun=KeptUsage,
            key=("day", "key"),
            day="day",
            parts=Span.DAY,
            order=("who", "tool", "model", "session", "cache_read"),
            serial="key",
        ),
        Table(name="session_cost", noun=SessionCost, key=("day", "who", "tool", "session"), day="day"),
        Table(name="spend", noun=Spend, key=("day", "who", "path"), day="day"),
        Table(name="joined", noun=Joined, key=("day", "session", "repository", "commit"), day="day"),
        Table(
            name="pushed_mark",
            noun=PushedMark,
            key=("day", "who", "tool", "repository", "commit", "session"),
            day="day",
        ),
        Table(name="delivery", noun=Delivery, key=("work",), day="day"),
        Table(name="deployment", noun=Deployment, key=("work",), day="day"),
        Table(name="review", noun=Review, key=("work", "who"), day="day"),
        Table(name="landing", noun=Landing, key=("repository", "commit"), people="", day="day"),
        Table(name="check_run", noun=CheckRun, key=("work", "commit"), people="", day="day"),
        Table(name="incident", noun=Incident, key=("incident",), people="", day="day"),
    )
}
BY_NAME = {table.name: table for table in TABLES.values()}
