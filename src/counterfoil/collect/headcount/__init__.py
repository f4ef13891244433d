"""Reads a list of people and their units, and keeps nothing of it but the sizes of the units.

Written against no vendor's format: a CSV with the columns `person` and `unit`, as directories export it.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

from counterfoil.terms.error import SourceError
from counterfoil.terms.programme import Headcount

PERSON = ("person", "person id", "person_id", "id")
UNIT = ("unit", "team", "department")
_HINT = "write a CSV with a first line of person,unit and a line for each person"


def read_headcount(path: Path) -> Headcount:
    """How large each unit of a list is; who is in it is forgotten at once.

    Raises: SourceError where the list can't be read or lacks a column.
    """
    members: dict[str, set[str]] = {}
    skipped = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            rows = csv.reader(file, delimiter=max(",;\t", key=first.count))
            person, unit = _columns(first, path)
            for row in rows:
                if len(row) > max(person, unit) and row[person].strip() and row[unit].strip():
                    members.setdefault(row[unit].strip(), set()).add(row[person].strip())
                else:
                    skipped += bool(row)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SourceError("headcount-unreadable", f"can't read {path} as CSV", hint=_HINT) from error
    if not members:
        raise SourceError("headcount-empty", f"{path} names no person with a unit", hint=_HINT)
    return Headcount(
        people=len(set().union(*members.values())),
        sizes=tuple(sorted(len(people) for people in members.values())),
        skipped=skipped,
    )


def _columns(first: str, path: Path) -> tuple[int, int]:
    delimiter = max(",;\t", key=first.count)
    names = [name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter), [])]
    return _column(names, PERSON, path), _column(names, UNIT, path)


def _column(names: Sequence[str], wanted: Sequence[str], path: Path) -> int:
    for name in wanted:
        if name in names:
            return names.index(name)
    raise SourceError("headcount-lacks-column", f"{path} has no column {wanted[0]}", hint=_HINT)
