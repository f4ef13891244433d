"""Reads the plan of a rollout from TOML, and says what of it can't be read.

Written against docs/reference/rollout.md; TOML 1.0.0, read 2026-11-26.
"""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from counterfoil.terms.cause import Outcome
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import UnitId
from counterfoil.terms.period import Period, Span
from counterfoil.terms.rollout import NOTHING_GIVEN, DealtUnit, Rollout, Wave

LONGEST = 300
PLAN = ("name", "says", "outcome", "begins", "ends", "pilots", "drawn_from", "drawn_on", "wave", "unit")
HINT = "see docs/reference/rollout.md for a plan to begin with"


def read_rollout(path: Path) -> Rollout:
    """A plan from its file.

    Raises: SourceError where it can't be read, or a field is missing, unknown or no such thing.
    """
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError("rollout-unreadable", f"{path} can't be read as TOML", hint=HINT) from error
    try:
        return _rollout(told)
    except ValueError as error:
        raise SourceError("rollout-wrong", f"{path}: {error}", hint=HINT) from error


def _rollout(told: Mapping[str, Any]) -> Rollout:
    _only(told, PLAN, "")
    return Rollout(
        name=_word(told, "name"),
        says=_word(told, "says"),
        outcome=Outcome.parse(_word(told, "outcome")),
        begins=_monday(told, "begins"),
        ends=_monday(told, "ends"),
        waves=[_wave(one) for one in _tables(told, "wave")],
        units=[_unit(one) for one in _tables(told, "unit")],
        pilots=[_checked(one, "pilots") for one in _listed(told, "pilots")],
        drawn_from=_word(told, "drawn_from"),
        drawn_on=_day(told, "drawn_on"),
    )


def _wave(told: Mapping[str, Any]) -> Wave:
    _only(told, ("name", "starts"), "wave.")
    starts = _monday(told, "starts") if "starts" in told else NOTHING_GIVEN
    return Wave(name=_word(told, "name"), starts=starts)


def _unit(told: Mapping[str, Any]) -> DealtUnit:
    _only(told, ("unit", "stratum", "people"), "unit.")
    people = told.get("people")
    if not isinstance(people, int) or isinstance(people, bool) or not 0 < people < 1_000_000:
        raise ValueError("unit.people is how many people a unit has")
    return DealtUnit(unit=UnitId(_word(told, "unit")), stratum=_word(told, "stratum"), people=people)


def _only(told: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    if strange := sorted(set(told) - set(known)):
        raise ValueError(f"{where}{strange[0]} means nothing here")


def _word(told: Mapping[str, Any], name: str) -> str:
    return _checked(told.get(name), name)


def _checked(value: object, name: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST or not value.isprintable():
        raise ValueError(f"{name} is a text of one line")
    return value


def _listed(told: Mapping[str, Any], name: str) -> Sequence[object]:
    found = told.get(name, [])
    if not isinstance(found, list):
        raise ValueError(f"{name} is a list")  # noqa: TRY004 (said to whoever wrote the file)
    return found


def _tables(told: Mapping[str, Any], name: str) -> Sequence[Mapping[str, Any]]:
    found = [one for one in _listed(told, name) if isinstance(one, dict)]
    if not found or len(found) != len(_listed(told, name)):
        raise ValueError(f"there is no [[{name}]]")
    return found


def _monday(told: Mapping[str, Any], name: str) -> date:
    period = Period.parse(_word(told, name))
    if period.span is not Span.WEEK:
        raise ValueError(f"{name} is a week, such as 2026-W40")
    return period.since - timedelta(days=period.since.weekday())


def _day(told: Mapping[str, Any], name: str) -> date:
    value = told.get(name)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError(f"{name} is a day, such as 2026-12-01")  # noqa: TRY004 (as above)
    return value
