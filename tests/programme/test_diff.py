"""What gets weaker or stronger between two versions, and for whom."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import fields
from datetime import date
from typing import Any

import pytest

from counterfoil.programme.diff import diff
from counterfoil.programme.facets import FACETS, WHOM, Scale
from counterfoil.programme.load import Loaded
from counterfoil.terms.aim import Display, Target
from counterfoil.terms.finding import Direction
from counterfoil.terms.metric import ProgrammeMetric
from counterfoil.terms.programme import About, Party, Programme, Suppression
from counterfoil.terms.promise import (
    Agents,
    Assessments,
    Data,
    Floors,
    Gaming,
    Notice,
    Review,
    Spending,
    Workforce,
)

Table = dict[str, Any]
Load = Callable[[Table], Loaded]
GONE = object()
NOUNS = {
    "about": About,
    "parties": Party,
    "metrics": ProgrammeMetric,
    "targets": Target,
    "displays": Display,
    "floors": Floors,
    "review": Review,
    "workforce": Workforce,
    "notice": Notice,
    "assessments": Assessments,
    "data": Data,
    "gaming": Gaming,
    "spending": Spending,
    "agents": Agents,
    "suppress": Suppression,
}


@pytest.mark.parametrize(
    ("section", "field", "value", "way", "whom"),
    [
        ("floors", "outcome", 20, "stronger", "everyone in a small unit"),
        ("floors", "activity", GONE, "weaker", "everyone in a small unit"),
        ("data", "keep_raw", "7 days", "stronger", "everyone who is measured"),
        ("data", "keep_raw", GONE, "weaker", "everyone who is measured"),
        ("data", "raw_readers", ["self"], "stronger", "everyone who is measured"),
        ("data", "raw_readers", ["self", "leaders"], "weaker", "everyone who is measured"),
        ("data", "step", "week", "stronger", "everyone who is measured"),
        ("notice", "tells", ["what"], "weaker", "everyone who is to be told"),
        ("gaming", "on_break", "tell", "weaker", "everyone in a cohort that is checked"),
        ("gaming", "checks", ["bunching", "decoupling", "prevalence"], "stronger", "cohort"),
        ("review", "log", "internal", "weaker", "everyone who is reviewed"),
        ("agents", "start_with", "open", "weaker", "those whom agents reach"),
        ("about", "purposes", ["own_insight"], "stronger", "everyone whom the programme covers"),
        ("about", "ends", date(2028, 1, 1), "weaker", "everyone whom the programme covers"),
        ("review", "statement", "Nothing counts.", "other", "everyone who is reviewed"),
        ("about", "people", 3000, "other", "everyone whom the programme covers"),
    ],
)
def test_a_field_that_changed(
    section: str, field: str, value: object, way: str, whom: str, passing: Table, load_table: Load
) -> None:
    changed = deepcopy(passing)
    if value is GONE:
        del changed[section][field]
    else:
        changed[section][field] = value
    found = [
        c
        for c in diff(load_table(passing), load_table(changed))
        if c.where == f"{section}.{field}" and not c.says.startswith("AP")
    ]
    assert [c.direction for c in found] == [way]
    assert whom in found[0].whom


def test_the_other_way_round_the_direction_turns(passing: Table, load_table: Load) -> None:
    changed = deepcopy(passing)
    changed["displays"][1] |= {"floor": 5, "ranked": True, "audience": ["everyone", "parties"]}
    changed["targets"][0] |= {"cliff": True, "exempt": ["leave"], "tiers": ["gold"], "level": "person"}
    there = diff(load_table(passing), load_table(changed))
    back = diff(load_table(changed), load_table(passing))
    assert {c.direction for c in there} == {Direction.WEAKER}
    assert {c.direction for c in back} == {Direction.STRONGER}
    assert sorted(c.where for c in there) == sorted(c.where for c in back)
    assert any(c.says.startswith("AP301") or c.says.startswith("AP307 is found") for c in there)
    assert any(c.says.startswith("AP307 is no longer found") for c in back)


def test_entries_that_come_and_go(passing: Table, load_table: Load, today: date) -> None:
    changed = deepcopy(passing)
    del changed["parties"][2], changed["displays"][0]
    changed["targets"].append(changed["targets"][0] | {"id": "second"})
    changed["displays"].append(
        {"id": "desk", "metrics": ["kept"], "level": "person", "audience": ["line-managers"]}
    )
    changed["suppress"] = [{"rule": "AP306", "where": "x", "reason": "For now.", "until": today}]
    ways = {
        c.where: c.direction
        for c in diff(load_table(passing), load_table(changed))
        if not c.says.startswith("AP")
    }
    assert ways == dict.fromkeys(
        (
            "parties.data-protection",
            "displays.my-usage",
            "displays.desk",
            "targets.second",
            "suppress.AP306.x",
        ),
        Direction.WEAKER,
    )


def test_the_order_of_tables_and_lists_is_no_difference(passing: Table, load_table: Load) -> None:
    changed = dict(reversed(deepcopy(passing).items()))
    for value in changed.values():
        if isinstance(value, list):
            value.reverse()
    changed["displays"][0]["audience"].reverse()
    assert not diff(load_table(passing), load_table(changed))


def test_every_section_says_whom_it_concerns_and_every_facet_is_a_field() -> None:
    sections = {field.name for field in fields(Programme)}
    assert set(WHOM) == sections == set(NOUNS)
    names = {f"{section}.{field.name}" for section, noun in NOUNS.items() for field in fields(noun)}
    assert not set(FACETS) - names


def test_a_scale_has_every_word_of_its_field() -> None:
    for path, facet in FACETS.items():
        if isinstance(facet, Scale) and not isinstance(facet.steps[0], bool):
            assert set(facet.steps) == set(type(facet.steps[0])), path  # type: ignore[call-overload]
