"""The page about the log: who asked for what, what came of it, and which rules changed, newest first."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, ClassVar

from counterfoil.show.server.figure import called, label
from counterfoil.show.server.frame import ROLES, Frame, FramedPage, Link
from counterfoil.show.words import counted
from counterfoil.terms.ask import Role
from counterfoil.terms.audited import PURPOSE
from counterfoil.terms.period import Period

Entry = tuple[int, Mapping[str, Any] | None]
"""The place of an entry, and what it says; None where it is sealed."""
SAME = ("at", "role", "purpose", "metric", "by")
"""Entries that agree in these are one deed, and one line."""
EACH = {"team": "each team", "unit": "each unit", "company": "the company"}
PLAIN = {
    "incidents": "how incidents of {period} were linked to deployments",
    "pulse-shown": "what the pulse {pulse} came to",
}
"""What is asked by its name alone."""
SCOPES = {
    "ingest": "to send telemetry",
    "scim": "to provision people",
    "roles": "to provision roles that watch over the rest",
    "read": "to ask guarded questions",
    "metrics": "to read how the server is doing",
}
SAMPLED = {
    "planned": "was planned",
    "drawing": "was begun to be drawn",
    "drawn": "was drawn by chance",
    "handed-out": "was handed out once more",
    "entered": "got answers",
    "refused": "was not drawn",
    "untold": "was not told",
    "forgotten": "was not told in time, and its list of works is gone",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One or more entries of one deed, in words."""

    at: str
    says: str
    entries: str
    """Their places in the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage(FramedPage):
    """The log in words."""

    template: ClassVar[str] = "server_log.html.j2"
    size: str
    lines: Sequence[LogLine]
    pages: Sequence[Link]
    checkpoint: str
    cosigned: Sequence[str]
    """Who cosigned it, each with up to which entry and when."""
    key: str
    """The verifier key of the log."""


def log_page(
    frame: Frame,
    *,
    size: int,
    entries: Sequence[Entry],
    pages: Sequence[Link],
    checkpoint: str,
    cosigned: Sequence[str],
    key: str,
) -> LogPage:
    """The page about some entries, newest first."""
    return LogPage(
        frame=frame,
        title="The log",
        size=counted(size, "entry", "entries"),
        lines=list(_lines(entries)),
        pages=pages,
        checkpoint=checkpoint,
        cosigned=cosigned,
        key=key,
    )


def _lines(entries: Sequence[Entry]) -> Iterator[LogLine]:
    """One line for the entries of one question."""
    for _, group in groupby(entries, _question):
        some = list(group)
        first, last = some[-1][0], some[0][0]
        told = some[0][1]
        yield LogLine(
            at="" if told is None else when(str(told.get("at", ""))),
            says=_says([body for _, body in some if body is not None]),
            entries=f"{first}" if first == last else f"{first} to {last}",
        )


def _question(entry: Entry) -> tuple[object, ...]:
    place, body = entry
    if body is None:
        return ("sealed",)
    return tuple(body.get(name) for name in SAME) if "metric" in body else (place,)


def _says(some: Sequence[Mapping[str, Any]]) -> str:
    if not some:
        return "Rows about one person were read, or acted on. Only that person's secret opens the entry."
    told = some[0]
    if "metric" in told:
        return _asked(some)
    if "withheld" in told:
        of = counted(int(told["of"]), "figure")
        return f"Of {of}, {told['withheld']} were held back because of their values."
    if "rule" in told:
        return _rule(told)
    if told.get("verdict") in PLAIN:
        return _shown(told)
    if told.get("verdict") == "pulse":
        return f"The pulse {told.get('pulse')} was told, once."
    if told.get("verdict") == "analysed":
        return f"The rollout {told.get('rollout')} was looked at, for the time number {told.get('look')}."
    if told.get("verdict") == "seats":
        return f"Seats were counted by tool, in the week of {told.get('week')}."
    return f"A figure that is out elsewhere was registered: {_rest(told)}."


def _shown(told: Mapping[str, Any]) -> str:
    period = span_of([str(told["period"])]) if "period" in told else ""
    what = PLAIN[str(told["verdict"])].format(pulse=told.get("pulse", ""), period=period)
    came = "allowed" if told.get("came") == "permitted" else f"refused ({told.get('clause')})"
    purpose = str(told.get("purpose")).replace("_", " ")
    return f"{_role(str(told['role']))} asked {what}, for {purpose}; {came}."


def _asked(some: Sequence[Mapping[str, Any]]) -> str:
    told = some[0]
    if told["purpose"] == PURPOSE:
        what = f"{label(str(told['metric']))} of {told['group']}"
        return (
            f"{_role(str(told['role']))} asked whether {what[:1].lower()}{what[1:]} is still true; "
            f"{_came(some)}."
        )
    by = str(told["by"])
    cut = cut_of([str(body.get("filters") or "") for body in some])
    what = f"{label(str(told['metric']))} of {EACH.get(by, by)}"
    return (
        f"{_role(str(told['role']))} asked for {what[:1].lower()}{what[1:]}, "
        f"for {str(told['purpose']).replace('_', ' ')}: {span_of([str(body['period']) for body in some])}"
        f"{cut}; {_came(some)}."
    )


def span_of(names: Sequence[str]) -> str:
    """Periods in words: the one, or how many and from when to when.

    Example:
    >>> span_of(["2026-W40"]), span_of(["2026-W40", "2026-W41", "2026-W41"])
    ('28 Sep to 4 Oct 2026', '2 periods from 28 Sep to 11 Oct 2026')
    """
    periods = sorted({Period.parse(name) for name in names}, key=lambda period: period.since)
    if len(periods) == 1:
        return called(periods[0])
    first, last = called(periods[0]).split(" to ")[0], called(periods[-1]).split(" to ")[-1]
    return f"{len(periods)} periods from {first} to {last}"


def cut_of(filters: Sequence[str]) -> str:
    """How a question was cut, where it was.

    Example:
    >>> cut_of(["", '{"kind": "draft"}', '{"kind": "change"}'])
    ', by kind: change, draft'
    """
    cuts: dict[str, set[str]] = {}
    for one in filters:
        for name, value in (json.loads(one) if one else {}).items():
            cuts.setdefault(name, set()).add(value)
    return "".join(f", by {name}: {', '.join(sorted(values))}" for name, values in cuts.items())


def _came(some: Sequence[Mapping[str, Any]]) -> str:
    allowed = sum(body.get("verdict") == "permitted" for body in some)
    clauses: dict[str, int] = {}
    for body in some:
        if body.get("verdict") == "refused":
            clauses[str(body.get("clause"))] = clauses.get(str(body.get("clause")), 0) + 1
    refused = [f"{number} refused ({clause})" for clause, number in clauses.items()]
    if len(some) == 1:
        return "allowed" if allowed else f"refused ({next(iter(clauses), '')})"
    return ", ".join([*([f"{allowed} allowed"] if allowed else []), *refused])


def _rule(told: Mapping[str, Any]) -> str:
    match told["rule"]:
        case "programme":
            state = "came into force" if told.get("state") == "in-force" else "was proposed"
            return f"A programme {state}: {str(told.get('sha256'))[:12]}, agreed by {_parties(told)}."
        case "token":
            whose = f"called {told['name']}" if told.get("name") else "of a person's own"
            return f"A token {SCOPES.get(str(told.get('scope')), '')}, {whose}, was {told.get('did')}."
        case "role":
            return f"The role of {_role(str(told.get('role'))).lower()} was {told.get('did')}."
        case "acknowledged":
            return "Somebody said that they have read the programme in force."
        case "retired":
            block = told.get("block")
            if told.get("pulse"):
                return f"What the pulse {told['pulse']} came to was removed: its time is over."
            what = told.get("fact") or told.get("table")
            return f"Rows of {what} of the block {block} were removed: their time is over."
        case "seat":
            return f"Somebody answered about a seat of {told.get('tool')} that was not used."
        case "pulse":
            return f"The pulse {told.get('pulse')} was opened until {told.get('closes')}."
        case "workload":
            return f"The workload {told.get('name')} was {told.get('did')}: {told.get('says')}."
        case "suspended":
            return f"{label(str(told.get('of')))} was suspended, as the programme says: {told.get('why')}"
        case "unit-week":
            return f"Sums of units were kept of {told.get('fact')} in the week from {told.get('week')} on."
        case "rollout":
            dealt = told.get("state") == "assigned"
            return f"The rollout {told.get('name')} was {'dealt by chance' if dealt else 'planned'}."
        case "sample":
            return f"The outcome sample {told.get('name')} {SAMPLED.get(str(told.get('state')), 'changed')}."
    return f"A rule changed: {_rest(told)}."


def _parties(told: Mapping[str, Any]) -> str:
    return ", ".join(part.partition("=")[0] for part in str(told.get("parties", "")).split()) or "nobody"


def _role(role: str) -> str:
    words = ROLES[Role(role)] if role in set(Role) else role
    return words[:1].upper() + words[1:]


def _rest(told: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in told.items() if name != "at")


def when(at: str) -> str:
    """A minute as people read it.

    Example:
    >>> when("2026-11-26T01:12Z")
    '2026-11-26 01:12'
    """
    return at.replace("T", " ").removesuffix("Z")
