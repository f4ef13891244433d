"""Says what a page of Copilot seats claims: who has one since when, and when it was last used."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from counterfoil.terms.absent import Place, Skipped, SkipReason, Unknown
from counterfoil.terms.organisation import NEVER_USED
from counterfoil.terms.usage import NOT_STATED

PAGE = Place("copilot/billing/seats", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One way in which somebody was given a seat, still under their login; several ways are one seat."""

    login: str
    assigned: date
    last_active: date | Unknown
    activated: date | Unknown
    """First day on which it is known to have been used, or signed in to."""


def parse(content: bytes) -> Iterator[Grant | Skipped]:
    """The grants of one page; each that can't be read is left out by itself."""
    try:
        told = json.loads(content)
        seats = told["seats"]
    except (ValueError, RecursionError, TypeError, KeyError):
        yield Skipped(PAGE, SkipReason.NOT_JSON)
        return
    if not isinstance(seats, list):
        yield Skipped(PAGE, SkipReason.WRONG_SHAPE)
        return
    for seat in seats:
        yield _grant(seat)


def merged(grants: Iterable[Grant]) -> Mapping[str, Grant]:
    """One seat for each login: from the first grant, last used when any was."""
    found: dict[str, Grant] = {}
    for grant in grants:
        key = grant.login.casefold()
        before = found.get(key, grant)
        found[key] = Grant(
            login=before.login,
            assigned=min(before.assigned, grant.assigned),
            last_active=max(_known(before.last_active, grant.last_active), default=NEVER_USED),
            activated=min(_known(before.activated, grant.activated), default=NOT_STATED),
        )
    return found


def _grant(seat: Any) -> Grant | Skipped:
    assignee = seat.get("assignee") if isinstance(seat, dict) else None
    login = assignee.get("login") if isinstance(assignee, dict) else None
    if not isinstance(login, str) or not login.strip():
        return Skipped(PAGE, SkipReason.WRONG_SHAPE)
    try:
        assigned = _day(seat.get("created_at"))
        active, signed_in = (_day(seat.get(name)) for name in ("last_activity_at", "last_authenticated_at"))
    except ValueError:
        return Skipped(PAGE, SkipReason.NO_TIME)
    if assigned is None:
        return Skipped(PAGE, SkipReason.NO_TIME)
    return Grant(
        login=login.strip(),
        assigned=assigned,
        last_active=active or NEVER_USED,
        activated=min((day for day in (active, signed_in) if day is not None), default=NOT_STATED),
    )


def _day(told: object) -> date | None:
    """The day of a time; None where it is none."""
    if told is None:
        return None
    if not isinstance(told, str):
        raise ValueError("no time")  # noqa: TRY004 - a value of a foreign record, and no misuse
    day = date.fromisoformat(told[:10])
    if not 1990 <= day.year <= 2100:
        raise ValueError("no day")
    return day


def _known(*days: date | Unknown) -> Iterator[date]:
    return (day for day in days if not isinstance(day, Unknown))
