"""What a programme tells an employee."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from counterfoil.programme.lint import case_of
from counterfoil.programme.load import Loaded
from counterfoil.programme.says import says

Table = dict[str, Any]
Told = Callable[[Table], list[str]]


@pytest.fixture
def told(load_table: Callable[[Table], Loaded]) -> Told:
    return lambda table: [saying.says for saying in says(case_of(load_table(table)))]


@pytest.fixture
def told_of(cases: Path, load_text: Callable[[str], Loaded]) -> Callable[[str], list[str]]:
    def told(case: str) -> list[str]:
        loaded = load_text((cases / f"{case}.toml").read_text("utf-8"))
        return [saying.says for saying in says(case_of(loaded))]

    return told


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("amazon-2026", "You are ranked by tokens, and everyone sees your place."),
        ("amazon-2026", "Your line manager sees your tokens, by name."),
        ("amazon-2026", "You may not believe that."),
        ("amazon-2026", "Use as much as you can: nobody answers for what it costs."),
        ("meta-claudeonomics", "There is something to win by tokens: Token Legend"),
        (
            "meta-claudeonomics",
            "You are not told whether any of this counts in your review. Assume that it does.",
        ),
        ("microsoft-memo-2025", "What informs your review, pay, promotion or exit: use of AI."),
        ("microsoft-memo-2025", "a goal to reach for use of AI: more, with no line stated"),
        (
            "wells-2011-16",
            "You have a goal to reach for products sold: more, with no line stated, counted over 1 day.",
        ),
        ("wells-2011-16", "What decides your review, pay, promotion or exit: products sold."),
        ("wells-2011-16", "Your manager is judged by your team's number, and will ask you for it."),
        (
            "nhs-4h",
            "Your unit has a goal to reach for visits that end within four hours: 98 %, counted over",
        ),
        ("regents-pre-2011", "You are valued for examination score: what comes of the work."),
        ("dora-team-outcome", "No number decides anything about you."),
        ("dora-team-outcome", "You alone see your own lead time for changes."),
        ("template", "You can check who looked at your numbers, and why."),
        ("template", "Nobody may ask you for the report from your own machine."),
    ],
)
def test_each_rule_of_a_case_is_put_in_plain_words(
    case: str, words: str, told_of: Callable[[str], list[str]]
) -> None:
    assert any(words in line for line in told_of(case))


def test_what_people_are_valued_for_comes_first(told_of: Callable[[str], list[str]]) -> None:
    assert told_of("disney-2026")[0] == (
        "You are valued for tokens: how much you use, whether or not anything comes of it."
    )


@pytest.mark.parametrize(
    ("section", "values", "words"),
    [
        ("workforce", {"use": "informs"}, "This can be a reason to replace you or to reduce jobs."),
        ("workforce", {"use": "determines"}, "This decides whether you are replaced"),
        ("data", {"collects": ["prompt-text"]}, "What you write to an AI, or what it answers, is kept."),
        ("data", {"own_report_demanded": True}, "You can be asked for the report from your own machine."),
        ("data", {"raw_readers": []}, "Rows about you alone can be reached by: nobody."),
        ("gaming", {"individual_action": "auto-flag"}, "A machine can accuse you of gaming."),
        ("gaming", {"on_break": "suspend"}, "its target is suspended; nobody is accused."),
    ],
)
def test_each_promise_is_put_in_plain_words(
    section: str, values: Table, words: str, passing: Table, told: Told
) -> None:
    passing[section] |= values
    assert any(words in line for line in told(passing))


def test_silence_is_told_too(passing: Table, told: Told) -> None:
    del passing["workforce"], passing["data"]["raw_readers"], passing["review"]["manager_goal"]
    passing["targets"][0] |= {"exempt": [], "tiers": ["gold"]}
    lines = told(passing)
    assert "You are not told whether any of this can cost your job." in lines
    assert "You are not told who can reach rows about you alone." in lines
    assert "Leave, part-time work and disability count against you." in lines
    assert "You stand on a step: gold." in lines


def test_units_in_an_order_and_in_none(passing: Table, told: Told) -> None:
    passing["displays"][1]["ranked"] = True
    lines = told(passing)
    assert any(line.startswith("Your unit is ranked by work still standing") for line in lines)
    assert "Leaders and finance see tokens of your unit, in no order." in lines
