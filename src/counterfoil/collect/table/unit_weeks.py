"""Reads a table of units by week: figures of groups, and of nobody in them.

Written against docs/reference/unit-weeks.md; RFC 4180, read 2026-11-23.
"""

import csv
import math
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from counterfoil.terms.absent import SkipReason, Unknown
from counterfoil.terms.cause import NO_LICENCE, NOT_IN_TABLE, UnitFacts, UnitTable, UnitWeek
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import UnitId
from counterfoil.terms.period import Period, Span

NEEDED = ("unit", "week")
OF_PEOPLE = re.compile(
    r"person|who|e-?mail|user|login|name|author|committer|employee|pseudonym", re.IGNORECASE
)
EMPTY = Unknown("the table has nothing here")
LONGEST = 200
MOST_ROWS = 2_000_000
HINT = "write a CSV with unit, week and the outcome's columns (docs/reference/unit-weeks.md)"


@dataclass(slots=True)
class UnitReading:
    """What a table of units by week said: records = kept + again + skipped."""

    records: int = 0
    kept: int = 0
    again: int = 0
    """Rows of a unit and week that a later row is of as well; the later one holds."""
    skipped: Counter[SkipReason] = field(default_factory=Counter)


@dataclass(slots=True)
class _Facts:
    department: str | Unknown = NOT_IN_TABLE
    licensed: date | Unknown = NO_LICENCE
    is_pilot: bool = False


def read_unit_weeks(path: Path, figures: Collection[str], reading: UnitReading) -> UnitTable:
    """A table of units by week, with the named figures; what can't be read is counted, row by row.

    Raises: SourceError where the file can't be read, lacks a column, or has a column that names people.
    """
    weeks: dict[tuple[str, date], UnitWeek] = {}
    facts: dict[str, _Facts] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True, restkey="")
            has_licences = "licence" in _checked(rows.fieldnames or [], figures, path)
            for row in rows:
                reading.records += 1
                if reading.records > MOST_ROWS:
                    raise _unreadable(path, f"has more than {MOST_ROWS:,} rows")
                _take(row, figures, reading, weeks, facts)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, "can't be read as a table") from error
    return UnitTable(
        weeks=[weeks[place] for place in sorted(weeks)], units=_units(facts), has_licences=has_licences
    )


def read_unit_facts(path: Path) -> Mapping[str, UnitFacts]:
    """What is known of units in every week: a table with unit, and licence, department or pilot.

    Raises: SourceError where it can't be read, a row is no such thing, or a column names people.
    """
    facts: dict[str, _Facts] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True, restkey="")
            _checked(rows.fieldnames or [], (), path, needed=("unit",))
            for row in rows:
                _note(facts.setdefault(_word(row["unit"]), _Facts()), row)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, "can't be read as a table") from error
    except (ValueError, TypeError) as error:
        raise _unreadable(path, "has a row that is no unit with a licence, a department or pilot") from error
    return {one.unit: one for one in _units(facts)}


def _units(facts: Mapping[str, _Facts]) -> list[UnitFacts]:
    return [
        UnitFacts(unit=UnitId(u), department=f.department, licensed=f.licensed, is_pilot=f.is_pilot)
        for u, f in sorted(facts.items())
    ]


def _checked(
    head: Collection[str], figures: Collection[str], path: Path, *, needed: Collection[str] = NEEDED
) -> Collection[str]:
    if strange := [name for name in head if OF_PEOPLE.search(name)]:
        hint = "leave out columns that name people, and add their figures up by unit and week"
        raise SourceError("table-of-people", f"{path} has a column {strange[0]}", hint=hint)
    if missing := [name for name in (*needed, *figures) if name not in head]:
        raise SourceError("table-columns", f"{path} has no column {missing[0]}", hint=HINT)
    return head


def _unreadable(path: Path, says: str) -> SourceError:
    return SourceError("table-unreadable", f"{path} {says}", hint=HINT)


def _take(
    row: Mapping[str, str],
    figures: Collection[str],
    reading: UnitReading,
    weeks: dict[tuple[str, date], UnitWeek],
    facts: dict[str, _Facts],
) -> None:
    if "" in row or None in row.values():
        reading.skipped[SkipReason.WRONG_SHAPE] += 1
        return
    try:
        unit, week = _word(row["unit"]), _monday(row["week"])
        taken = UnitWeek(
            unit=UnitId(unit),
            week=week,
            figures={name: _number(row[name]) for name in figures},
            people=_people(row.get("people", "")),
            exposure=_share(row.get("exposure", "")),
        )
        known = facts.get(unit, _Facts())
        _note(known, row)
    except ValueError:
        reading.skipped[SkipReason.WRONG_SHAPE] += 1
        return
    if (unit, week) in weeks:
        reading.again += 1
        reading.kept -= 1
    reading.kept += 1
    weeks[unit, week] = taken
    facts[unit] = known


def _note(known: _Facts, row: Mapping[str, str]) -> None:
    """Take what a row says of its unit; of one that changed, what it was first holds.

    Raises: ValueError where it is no such thing; then nothing of the row is taken.
    """
    department, licence = row.get("department", ""), row.get("licence", "")
    licensed = date.fromisoformat(licence) if licence else NO_LICENCE
    is_pilot, department = _yes(row.get("pilot", "")), _word(department) if department else ""
    known.is_pilot = known.is_pilot or is_pilot
    if department and isinstance(known.department, Unknown):
        known.department = department
    if isinstance(licensed, date):
        known.licensed = licensed if isinstance(known.licensed, Unknown) else min(known.licensed, licensed)


def _word(text: str) -> str:
    if not text.strip() or len(text) > LONGEST or not text.isprintable():
        raise ValueError("no word")
    return text


def _monday(text: str) -> date:
    period = Period.parse(text)
    if period.span not in {Span.WEEK, Span.DAY}:
        raise ValueError("no week")
    return period.since - timedelta(days=period.since.weekday())


def _number(text: str) -> float | Unknown:
    if not text:
        return EMPTY
    value = float(text)
    if not math.isfinite(value) or abs(value) > 1e15:
        raise ValueError("no number")
    return value


def _share(text: str) -> float | Unknown:
    value = _number(text)
    if isinstance(value, float) and not 0 <= value <= 1:
        raise ValueError("no share")
    return value


def _people(text: str) -> int | Unknown:
    return int(text) if text else NOT_IN_TABLE


def _yes(text: str) -> bool:
    if text.lower() not in {"", "0", "1", "no", "yes", "false", "true"}:
        raise ValueError("neither yes nor no")
    return text.lower() in {"1", "yes", "true"}
