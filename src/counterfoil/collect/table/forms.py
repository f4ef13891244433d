"""The tables of an organisation that can be read: their columns, and what each row of them says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from re import fullmatch
from typing import Any

from counterfoil.collect.half import half
from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Exemption
from counterfoil.terms.arrived import Joined, SessionCost
from counterfoil.terms.delivered import Landing, PushedMark
from counterfoil.terms.mark import Evidence
from counterfoil.terms.organisation import (
    NEVER_USED,
    NOBODY_LEADS,
    NOT_COUNTED,
    STILL_HELD,
    STILL_STANDS,
    STILL_THERE,
    UPPERMOST,
    Exempt,
    Membership,
    Person,
    Seat,
    Unit,
    UsageDay,
    WorkFate,
)
from counterfoil.terms.usage import NOT_STATED

LONGEST = 200
PATHS = ("event", "span", "shared")
"""How it can be known that a session made a commit."""
MOST = 2**53
Row = Mapping[str, str]
Taken = Mapping[str, Any]
"""Fields of a noun; a person is still named as the table names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One kind of table."""

    name: str
    noun: type[Any]
    needed: tuple[str, ...]
    """Columns that a table of this kind has, and no other kind has all of."""
    optional: tuple[str, ...] = ()
    people: tuple[str, ...] = ("who",)
    """Fields that name a person."""
    take: Callable[[Row], Taken | None]
    """The fields of one row; None where it says nothing yet. A ValueError is a row that can't be read."""
    word: str = ""
    """A column whose word has to be a wanted one, else its row is not kept; the word itself never is."""
    unite: Callable[[Sequence[Taken]], Sequence[Taken]] | None = None
    """What some rows say together, where several of them can have one key."""


def _word(text: str) -> str:
    if len(text) > LONGEST or not text.isprintable():
        raise ValueError("no word")
    return text


def _name(text: str) -> str:
    if not text.strip():
        raise ValueError("no name")
    return _word(text)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 16 or (count := int(text)) > MOST:
        raise ValueError("no count")
    return count


@lru_cache(maxsize=8_192)
def _day(text: str) -> date:
    """The day of a date or a time; of a time with its zone, the day in UTC is not worked out."""
    day = date.fromisoformat(text[:10])
    if not 1990 <= day.year <= 2100 or (len(text) > 10 and text[10] not in "T "):
        raise ValueError("no day")
    return day


def _day_or(text: str, absent: Unknown) -> date | Unknown:
    return _day(text) if text else absent


def _first(*days: str) -> date | Unknown:
    """The first of some days that are there."""
    return min((_day(day) for day in days if day), default=STILL_STANDS)


def _person(row: Row) -> Taken:
    return {
        "who": _name(row["person"]),
        "role": _word(row["role"]),
        "joined": _day(row["joined"]),
        "left": _day_or(row.get("left", ""), STILL_THERE),
    }


def _membership(row: Row) -> Taken:
    return {
        "who": _name(row["person"]),
        "unit": _name(row["unit"]),
        "since": _day(row["since"]),
        "until": _day_or(row.get("until", ""), STILL_THERE),
    }


def _exempt(row: Row) -> Taken:
    """When somebody is exempt; why is looked at, and not handed on."""
    Exemption(row["kind"])
    return {
        "who": _name(row["person"]),
        "since": _day(row["since"]),
        "until": _day_or(row.get("until", ""), STILL_THERE),
    }


def _longest(rows: Sequence[Taken]) -> Sequence[Taken]:
    """Of rows of one person and first day the one that lasts longest: two reasons are one exemption."""
    found: dict[tuple[str, date], Taken] = {}
    for row in rows:
        place = (row["who"], row["since"])
        if place not in found or _last(row) > _last(found[place]):
            found[place] = row
    return list(found.values())


def _last(row: Taken) -> date:
    until: date | Unknown = row["until"]
    return date.max if isinstance(until, Unknown) else until


def _unit(row: Row) -> Taken:
    return {
        "unit": _name(row["unit"]),
        "parent": _word(row["parent"]) or UPPERMOST,
        "lead": _word(row.get("lead", "")) or NOBODY_LEADS,
    }


def _seat(row: Row) -> Taken:
    cost = row.get("cost", "")
    return {
        "who": _name(row["person"]),
        "tool": _word(row["tool"]),
        "assigned": _day(row["assigned"]),
        "last_active": _day_or(row["last_active"], NEVER_USED),
        "activated": _day_or(row.get("activated", ""), NOT_STATED),
        "ended": _day_or(row.get("ended", ""), STILL_HELD),
        "cost": _count(cost) if cost else NOT_STATED,
    }


COUNTS = ("requests", "input_uncached", "cache_read", "cache_write", "output")


def _usage(row: Row) -> Taken:
    cost = row.get("cost", "")
    return {
        "who": _name(row["who"]),
        "day": _day(row["day"]),
        "tool": _word(row["tool"]),
        "model": _word(row["model"]),
        "trigger": _word(row.get("trigger", "")),
        "credential": _word(row.get("credential", "")),
        "workload": _word(row.get("workload", "")),
        **{name: _count(row[name]) for name in COUNTS},
        "cost": _count(cost) if cost else NOT_STATED,
    }


def _fate(row: Row, kind: str, landed: str, *undone: str, reverted: str = "") -> Taken | None:
    """A work that landed; one that did not is of no use to any figure, and is not kept."""
    if not landed:
        return None
    return {
        "who": _name(row["who"]),
        "kind": kind,
        "work": _name(row["work"]),
        "landed": _day(landed),
        "undone": _first(reverted, *undone),
        "reverted": _first(reverted),
        "reviews": _counted(row.get("reviews", "")),
        "comments": _counted(row.get("comments", "")),
    }


def _counted(text: str) -> int | Unknown:
    return _count(text) if text else NOT_COUNTED


def _change(row: Row) -> Taken | None:
    return _fate(row, "change", row["landed_at"], row["corrected_at"], reverted=row["reverted_at"])


def _deployment(row: Row) -> Taken | None:
    landed = row["at"] if row["result"] == "succeeded" else ""
    return _fate(row, "deployment", landed, reverted=row["rolled_back_at"])


def _draft(row: Row) -> Taken | None:
    return _fate(row, "draft", row["sent_at"])


def _ticket(row: Row) -> Taken | None:
    return _fate(row, "ticket", row["closed_at"], row["reopened_at"])


def _session(row: Row) -> Taken:
    return {
        "day": _day(row["day"]),
        "who": _name(row["who"]),
        "tool": _word(row["tool"]),
        "session": half(_name(row["session"])),
        "requests": _count(row["requests"]),
        "unpriced": _count(row.get("unpriced", "0") or "0"),
        "cost": _count(row["cost"]),
    }


def _join(row: Row) -> Taken:
    return {
        "day": _day(row["day"]),
        "who": _name(row["who"]),
        "tool": _word(row["tool"]),
        "session": half(_name(row["session"])),
        "repository": _word(row["repository"]).lower(),
        "commit": _commit(row["commit"]),
        "path": _path(row["path"]),
    }


def _landing(row: Row) -> Taken:
    return {
        "repository": _name(row["repository"]).lower(),
        "commit": _commit(row["commit"]),
        "work": _name(row["work"]),
        "day": _day(row["landed_at"]),
    }


def _mark(row: Row) -> Taken:
    evidence = Evidence(_count(row["evidence"]))
    if not Evidence.MARKED <= evidence <= Evidence.AGENT:
        raise ValueError("no mark that says more than a suggestion")
    session, commit = row.get("session", ""), _commit(row["commit"])
    return {
        "day": _day(row["day"]),
        "who": _name(row["who"]),
        "tool": _name(row["tool"]),
        "repository": _name(row["repository"]).lower(),
        "commit": commit,
        "head": _commit(row["head"]) if row.get("head", "") else commit,
        "evidence": int(evidence),
        "session": half(session) if session else 0,
    }


def _commit(text: str) -> str:
    if not fullmatch("[0-9a-f]{7,64}", text):
        raise ValueError("no commit")
    return text


def _path(text: str) -> str:
    if text not in PATHS:
        raise ValueError("no way to know a commit")
    return text


FORMS: Sequence[Form] = (
    Form(name="people", noun=Person, needed=("person", "role", "joined"), optional=("left",), take=_person),
    Form(
        name="membership",
        noun=Membership,
        needed=("person", "unit", "since"),
        optional=("until",),
        take=_membership,
    ),
    Form(
        name="exemptions",
        noun=Exempt,
        needed=("person", "kind", "since"),
        optional=("until",),
        take=_exempt,
        word="kind",
        unite=_longest,
    ),
    Form(
        name="org",
        noun=Unit,
        needed=("unit", "parent"),
        optional=("lead",),
        people=("lead",),
        take=_unit,
    ),
    Form(
        name="usage_days",
        noun=UsageDay,
        needed=("day", "who", "tool", "model", *COUNTS),
        optional=("cost", "trigger", "credential", "workload"),
        take=_usage,
    ),
    Form(
        name="changes",
        noun=WorkFate,
        needed=("work", "who", "landed_at", "reverted_at", "corrected_at"),
        optional=("reviews", "comments"),
        take=_change,
    ),
    Form(
        name="deployments",
        noun=WorkFate,
        needed=("work", "who", "at", "result", "rolled_back_at"),
        take=_deployment,
    ),
    Form(
        name="seats",
        noun=Seat,
        needed=("person", "tool", "assigned", "last_active"),
        optional=("activated", "ended", "cost"),
        take=_seat,
    ),
    Form(
        name="sessions",
        noun=SessionCost,
        needed=("day", "who", "tool", "session", "requests", "cost"),
        optional=("unpriced",),
        take=_session,
    ),
    Form(
        name="joins",
        noun=Joined,
        needed=("day", "who", "tool", "session", "repository", "commit", "path"),
        take=_join,
    ),
    Form(
        name="marks",
        noun=PushedMark,
        needed=("day", "who", "tool", "repository", "commit", "evidence"),
        optional=("head", "session"),
        take=_mark,
    ),
    Form(
        name="landings",
        noun=Landing,
        needed=("repository", "commit", "work", "landed_at"),
        people=(),
        take=_landing,
    ),
    Form(name="drafts", noun=WorkFate, needed=("work", "who", "sent_at"), take=_draft),
    Form(
        name="tickets",
        noun=WorkFate,
        needed=("work", "who", "closed_at", "reopened_at"),
        take=_ticket,
    ),
)


def form_of(columns: Sequence[str]) -> Form | None:
    """The kind of table that has these columns; None where it is none of them."""
    return next((form for form in FORMS if set(form.needed) <= set(columns)), None)
