"""Reads the plan of a rollout from TOML, and says what of it can't be read.

Written against docs/reference/rollout.md; TOML 1.0.0, read 2026-11-26.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from counterfoil.collect.plans import checked, day, only, read_plan, word
from counterfoil.terms.cause import Outcome
from counterfoil.terms.ids import UnitId
from counterfoil.terms.period import Period, Span
from counterfoil.terms.rollout import NOTHING_GIVEN, DealtUnit, Rollout, Wave

PLAN = ("name", "says", "outcome", "begins", "ends", "pilots", "drawn_from", "drawn_on", "wave", "unit")


def read_rollout(path: Path) -> Rollout:
    """A plan from its file.

    Raises: SourceError where it can't be read, or a field is missing, unknown or no such thing.
    """
    return read_plan(path, "rollout", _rollout)


def _rollout(told: Mapping[str, Any]) -> Rollout:
    only(told, PLAN, "")
    return Rollout(
        name=word(told, "name"),
        says=word(told, "says"),
        outcome=Outcome.parse(word(told, "outcome")),
        begins=_monday(told, "begins"),
        ends=_monday(told, "ends"),
        waves=[_wave(one) for one in _tables(told, "wave")],
        units=[_unit(one) for one in _tables(told, "unit")],
        pilots=[checked(one, "pilots") for one in _listed(told, "pilots")],
        drawn_from=word(told, "drawn_from"),
        drawn_on=day(told, "drawn_on"),
    )


def _wave(told: Mapping[str, Any]) -> Wave:
    only(told, ("name", "starts"), "wave.")
    starts = _monday(told, "starts") if "starts" in told else NOTHING_GIVEN
    return Wave(name=word(told, "name"), starts=starts)


def _unit(told: Mapping[str, Any]) -> DealtUnit:
    only(told, ("unit", "stratum", "people"), "unit.")
    people = told.get("people")
    if not isinstance(people, int) or isinstance(people, bool) or not 0 < people < 1_000_000:
        raise ValueError("unit.people is how many people a unit has")
    return DealtUnit(unit=UnitId(word(told, "unit")), stratum=word(told, "stratum"), people=people)


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
    period = Period.parse(word(told, name))
    if period.span is not Span.WEEK:
        raise ValueError(f"{name} is a week, such as 2026-W40")
    return period.since - timedelta(days=period.since.weekday())
