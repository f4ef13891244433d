"""A definition says what is wrong with it, where, and what to do; what follows from a sound one is exact."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.agents.definition.cron import last_due
from counterfoil.agents.definition.derived import (
    budget_of,
    digest_of,
    grants_of,
    place_of,
)
from counterfoil.agents.definition.load import check, checked, definition_of
from counterfoil.agents.runtime.names import MOST, meant, spoken
from counterfoil.terms.error import SourceError
from counterfoil.terms.tool import EffectClass
from guard.acting.calls import tool

GOOD = """
name = "triage"
purpose = "Sorts."
instructions = "Sort."
model = "scripted:demo@local"
"""
READ = tool(EffectClass.READ, name="list")


@pytest.mark.parametrize(
    ("text", "where", "hint"),
    [
        ("", "name", "add `name"),
        (GOOD + "grant = []", "grant", "write `grants`"),
        (GOOD + "memory = 3", "memory", "see docs"),
        (GOOD + '[[grants]]\ntool = "mail"', "grants[0].tool", "mail/move"),
        (GOOD + '[[grants]]\ntool = "mail/move"\nto = ["Invoices"]', "grants[0].to", "folder:Invoices"),
        (GOOD + '[[grants]]\ntool = "mail/move"\n' * 2, "grants", "one `to`"),
        (GOOD + '[[grants]]\ntool = "mail/move"\ntil = 2027-01-01', "grants[0].til", "write `until`"),
        (GOOD + '[[triggers]]\non = "schedule"\ncron = "7 days"', "triggers[0].cron", "five fields"),
        (
            GOOD + '[[triggers]]\non = "schedule"\ncron = "0 7 * * *"\nzone = "Mars"',
            "triggers[0].zone",
            "Berlin",
        ),
        (GOOD + '[[triggers]]\non = "webhook"', "triggers[0].name", "alerts"),
        (GOOD + '[[triggers]]\non = "dream"', "triggers[0].on", "see docs"),
        (GOOD + "[budget]\nrun_usd = 0.0", "budget.run_usd", "above nothing"),
        (GOOD + "[limits]\ntool_calls = 0", "limits.tool_calls", "at least 1"),
        (GOOD + 'consolidate = "0 3 * * *"', "consolidate", "memory = true"),
        (GOOD + 'delegates = ["triage"]', "delegates", "take it out"),
        (GOOD.replace("@local", ""), "model", "the region"),
        (GOOD.replace('"Sort."', '" "'), "instructions", "one sentence"),
        (GOOD.replace("triage", "Triage!"), "name", "small letters"),
        ("name = [", "", "whole example"),
    ],
)
def test_what_is_wrong_is_said_with_one_thing_to_do(text: str, where: str, hint: str) -> None:
    wrong = checked(text).wrong
    assert wrong and (wrong[0].where, hint in wrong[0].hint) == (where, True), wrong
    with pytest.raises(SourceError):
        definition_of(text)


def test_a_file_is_named_after_its_agent(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text(GOOD)
    assert [one.where for one in check(path).wrong] == ["name"]
    path.write_bytes(b"\xff")
    assert "UTF-8" in check(path).wrong[0].says
    path.write_bytes(b"#" * 300_000)
    assert "larger" in check(path).wrong[0].says
    with pytest.raises(SourceError):
        check(tmp_path / "none.toml")


def test_grants_are_pinned_and_a_tool_that_is_not_there_is_not_granted() -> None:
    grants = '[[grants]]\ntool = "mail/list"\nuntil = 2027-01-31\n[[grants]]\ntool = "mail/gone"\n'
    made = definition_of(GOOD + 'delegates = ["helper"]\nmemory = true\n' + grants)
    found = {grant.tool: grant for grant in grants_of(made, {READ.id: READ})}
    assert (found["mail/list"].digest, found["mail/list"].until) == ("pinned", date(2027, 1, 31))
    assert found["model/complete"].to == ("model:scripted:demo@local",)
    assert found["agents/ask"].to == ("agent:helper",)
    assert "mail/gone" not in found and "memory/write" in found


def test_a_budget_is_never_more_than_was_written_and_a_model_has_its_place() -> None:
    made = definition_of(GOOD + "[budget]\nrun_usd = 0.29\n")
    assert budget_of(made).run == 290_000
    assert place_of(made) == ("scripted", "demo", "local")
    assert digest_of(made) == digest_of(definition_of("# the same\n" + GOOD + "[budget]\nrun_usd = 0.290\n"))


def _utc(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_schedules_go_by_the_hours_of_their_place() -> None:
    daily = "30 2 * * *"
    # In Berlin, 02:30 does not exist on 29 March 2026, and is there twice on 25 October.
    before = last_due(daily, "Europe/Berlin", _utc(27, 12), _utc(28, 12))
    assert before == _utc(28, 1, 30)
    in_spring = last_due(daily, "Europe/Berlin", _utc(28, 12), _utc(29, 12))
    assert in_spring is None or _utc(29, 0) < in_spring < _utc(29, 3)
    first = last_due(daily, "Europe/Berlin", _utc(24, 12, month=10), _utc(25, 12, month=10))
    assert first is not None
    # What was slept through for a week is one run.
    assert last_due(daily, "UTC", _utc(1, 0), _utc(8, 0)) == _utc(7, 2, 30)
    assert last_due(daily, "UTC", _utc(8, 0), _utc(8, 2)) is None
    assert last_due(daily, "UTC", _utc(9, 0), _utc(8, 0)) is None


@settings(max_examples=40)
@given(st.lists(st.text(min_size=1, max_size=90), unique=True, max_size=6))
def test_every_tool_has_a_name_of_its_own_that_a_provider_takes(names: list[str]) -> None:
    tools = [f"mail/{name}" for name in names]
    found = meant(tools)
    assert sorted(found.values()) == sorted(tools)
    assert all(len(name) <= MOST and name.isascii() for name in found)
    assert spoken("mail/move") == "mail__move"
