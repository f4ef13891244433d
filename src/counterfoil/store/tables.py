"""The tables of the lake: which noun each holds, what names a row, and how it is parted by time."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from types import UnionType
from typing import Any, NewType, get_args, get_type_hints

from counterfoil.terms.absent import Unknown
from counterfoil.terms.arrived import Joined, KeptUsage, SessionCost
from counterfoil.terms.organisation import Membership, Person, Seat, Unit, UsageDay, WorkFate

TYPES = {str: "VARCHAR", int: "BIGINT", date: "DATE"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table: two rows with one key are one row, and the later one holds."""

    name: str
    noun: type[Any]
    key: tuple[str, ...]
    people: str = "who"
    """The column that names a person."""
    day: str = ""
    """The column by whose day it is parted into blocks of four weeks; empty where it is one part."""

    def columns(self) -> Mapping[str, str]:
        """Each column with its type."""
        hints = get_type_hints(self.noun)
        return {field.name: TYPES[_plain(hints[field.name])] for field in fields(self.noun)}


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
        Table(name="unit", noun=Unit, key=("unit",), people="lead"),
        Table(
            name="usage_day",
            noun=UsageDay,
            key=("day", "who", "tool", "model", "trigger", "credential", "workload"),
            day="day",
        ),
        Table(name="seat", noun=Seat, key=("who", "tool")),
        Table(name="work_fate", noun=WorkFate, key=("kind", "work"), day="landed"),
        Table(name="usage", noun=KeptUsage, key=("day", "key"), day="day"),
        Table(name="session_cost", noun=SessionCost, key=("day", "who", "tool", "session"), day="day"),
        Table(name="joined", noun=Joined, key=("day", "session", "repository", "commit"), day="day"),
    )
}
BY_NAME = {table.name: table for table in TABLES.values()}
