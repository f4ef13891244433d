"""Licences that are not used: what their holders answer, and what is told of all together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import MicroUsd


class SeatAnswer(StrEnum):
    """What the holder of an idle seat says of it."""

    KEEP = "keep"
    RETURN = "return"
    LEAVE = "leave"
    """They are on leave, and will use it after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSeat:
    """A seat of whoever looks at it."""

    tool: str
    assigned: date
    last_active: date | Unknown
    activated: date | Unknown
    cost: MicroUsd | Unknown
    """What it costs a month."""
    is_idle: bool
    """Whether it was not used for as long as makes it idle."""
    answer: SeatAnswer | Unknown
    """What they answered; Unknown where nothing, or long ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSeats:
    """The seats of whoever looks at them."""

    seats: Sequence[OwnSeat]
    idle_days: int
    """Days without use that make a seat idle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolSeats:
    """The seats of one tool in the whole company, to the nearest five people, of at least five."""

    tool: str
    assigned: int | Unknown
    used: int | Unknown
    """Used within as many days as would make them idle; told where at least fifty have one."""
    asked: int | Unknown
    """Idle now, so that their holders are asked; told where at least fifty have one."""
    keep: int | Unknown
    give_back: int | Unknown
    """Answered that it may be returned."""
    on_leave: int | Unknown
    returned: int | Unknown
    """Ended after their holder answered so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatCounts:
    """The seats of a company by tool, in the order of their names."""

    as_of: date
    """The day on which they were counted; they stay so for the rest of its week."""
    idle_days: int
    tools: Sequence[ToolSeats]
