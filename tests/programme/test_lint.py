"""What stands beside the rules: acceptance, unknown keys, the day, units that a floor hides."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from counterfoil.programme.lint import fails, lint
from counterfoil.programme.load import Loaded
from counterfoil.programme.rules import RULES, rule_named
from counterfoil.terms.error import SourceError
from counterfoil.terms.finding import Severity
from counterfoil.terms.programme import Headcount

Table = dict[str, Any]
Load = Callable[[Table], Loaded]


@pytest.fixture
def unregistered(passing: Table) -> Table:
    """A programme with one finding."""
    passing["gaming"]["workload_register"] = False
    return passing


def accepted(table: Table, until: date, **more: str) -> Table:
    return {**table, "suppress": [{"rule": "AP604", "reason": "Built by spring.", "until": until, **more}]}


def test_what_is_accepted_is_a_note_with_its_reason(
    unregistered: Table, load_table: Load, today: date
) -> None:
    (found,) = lint(load_table(accepted(unregistered, today)))
    assert (found.id, found.severity) == ("AP604", Severity.INFO)
    assert found.message.startswith(f"Accepted until {today} (Built by spring.): ")
    assert not fails([found])


def test_what_is_accepted_elsewhere_is_not_accepted_here(
    unregistered: Table, load_table: Load, today: date
) -> None:
    found = lint(load_table(accepted(unregistered, today, where="gaming.checks")))
    assert [(f.id, f.severity) for f in found] == [("AP003", Severity.INFO), ("AP604", Severity.WARNING)]
    (found_here,) = lint(load_table(accepted(unregistered, today, where="gaming.workload_register")))
    assert found_here.severity is Severity.INFO


def test_an_acceptance_that_is_over_hides_nothing(unregistered: Table, load_table: Load, today: date) -> None:
    found = lint(load_table(accepted(unregistered, today - timedelta(days=1))))
    assert [(f.id, f.severity) for f in found] == [("AP003", Severity.INFO), ("AP604", Severity.WARNING)]
    assert "no longer" in found[0].message


def test_an_acceptance_of_nothing_is_told(passing: Table, load_table: Load, today: date) -> None:
    (found,) = lint(load_table(accepted(passing, today)))
    assert (found.id, found.where) == ("AP003", "suppress.AP604")
    assert "finds nothing" in found.message


def test_an_unknown_key_is_a_note_with_the_nearest_name(passing: Table, load_table: Load) -> None:
    passing["targets"][0]["thresholds"] = 0.9
    passing["wellbeing"] = {"yoga": True}
    loaded = load_table(passing)
    found = lint(loaded)
    assert [(f.id, f.severity, f.where) for f in found] == [
        ("AP001", Severity.INFO, "targets.kept-work.thresholds"),
        ("AP001", Severity.INFO, "wellbeing"),
    ]
    assert found[0].message.endswith("Did you mean threshold?")
    assert "mean" not in found[1].message.partition(".")[2]
    assert loaded.places.line(found[0].where) is not None


def test_a_file_judged_on_another_day_says_so(passing: Table, load_table: Load, today: date) -> None:
    passing["about"]["judged_on"] = today - timedelta(days=1)
    assert [f.id for f in lint(load_table(passing))] == ["AP004"]


def test_how_many_units_each_floor_hides(passing: Table, load_table: Load) -> None:
    headcount = Headcount(people=125, sizes=(4, 10, 11, 50, 50), skipped=3)
    found = {f.where: f.message for f in lint(load_table(passing), headcount)}
    assert set(found) == {
        "floors.activity",
        "floors.outcome",
        "floors.comments",
        "displays.units.floor",
        "displays.capacity.floor",
    }
    assert (
        "3 of 5 units are hidden from people outside them, 5 from their own members"
        in found["floors.activity"]
    )
    assert (
        "1 of 5 units are hidden from people outside them, 2 from their own members. "
        "3 lines of the list name no person or no unit." in found["floors.outcome"]
    )


def test_a_list_of_people_counts_where_the_programme_does_not_say_how_many(
    passing: Table, load_table: Load
) -> None:
    del passing["about"]["people"]
    for people, ids in ((1_999, ["AP605"]), (2_000, [])):
        found = lint(load_table(passing), Headcount(people=people, sizes=(people,)))
        assert [f.id for f in found if f.severity is not Severity.INFO] == ids


def test_every_rule_says_what_why_how_and_on_what_it_rests() -> None:
    for name, rule in RULES.items():
        text = rule.text
        assert name == text.id
        assert all(len(words) > 12 and words.endswith(".") for words in (text.flags, text.why, text.source))
        assert text.fix and len(text.name.split()) == 1
        if text.id.startswith("AP5") or "GDPR" in text.source:
            assert text.source.endswith("Not legal advice.")
    assert list(RULES) == sorted(RULES)


@pytest.mark.parametrize(("asked", "hint"), [("AP309", "did you mean AP30"), ("zzz", "list them with")])
def test_a_rule_that_there_is_not(asked: str, hint: str) -> None:
    with pytest.raises(SourceError) as told:
        rule_named(asked)
    assert told.value.hint.startswith(hint)
