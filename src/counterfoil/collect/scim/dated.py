"""Dates what a directory says now: a change ends what was on its day, and begins what is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from counterfoil.terms.absent import Unknown
from counterfoil.terms.directory import Placed
from counterfoil.terms.ids import Pseudonym, UnitId
from counterfoil.terms.organisation import STILL_THERE, Membership, Person


def person(now: Person | None, placed: Placed, *, who: Pseudonym, day: date) -> Person | None:
    """The row of somebody as of a day; None where it is as it was, or they were never there."""
    if now is None:
        return Person(who=who, role=placed.role, joined=day) if placed.active else None
    gone = not isinstance(now.left, Unknown) and now.left <= day
    left = STILL_THERE if placed.active else now.left if gone else day
    then = replace(now, role=placed.role or now.role, left=left)
    return None if then == now else then


def memberships(
    now: Sequence[Membership], unit: UnitId | Unknown, *, who: Pseudonym, day: date
) -> list[Membership]:
    """The rows that change so that somebody is in one unit from a day on, or in none.

    Two changes on one day are one: the unit that was set last is theirs on that day.
    """
    running = [m for m in now if m.since <= day and (isinstance(m.until, Unknown) or m.until > day)]
    latest = max(running, key=lambda m: m.since, default=None)
    if latest is not None and latest.unit == unit:
        return []
    ended = [replace(m, until=day) for m in running]
    if isinstance(unit, Unknown):
        return ended
    begun = Membership(who=who, unit=unit, since=day)
    return [*(m for m in ended if m.since != day), begun]
