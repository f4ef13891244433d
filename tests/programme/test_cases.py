"""The ten cases: a case's stated facts, and what its rules flag, set off exactly those rules."""

import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from counterfoil.programme.lines import Places
from counterfoil.programme.template import template
from counterfoil.terms.finding import Finding, Severity

EXPECTED = {
    "amazon-2026": "101 102 103 106 202 203 206 301 302 303 304 306 403 601 604",
    "meta-claudeonomics": "101 102 103 106 206 301 302 303 304 402 601",
    "microsoft-memo-2025": "101 102 103 104 202 401",
    "disney-2026": "101 102 103 206 301 302 303 306 403 601",
    "wells-2011-16": "101 102 103 109 201 203 401 404 603",
    "nhs-4h": "103 109 203 205",
    "va-2014": "102 109 201 401 404",
    "regents-pre-2011": "109 201",
    "dora-team-outcome": "",
    "template": "",
}
WHY_MORE = {
    ("disney-2026", "403"): "follows from 306 wherever review use is none, which is the safe value",
}
"""Ids that a case's stated facts imply by definition, beyond those that its facts were chosen to show."""
WHY_NOT = {
    ("amazon-2026", "401"): "use is denied; the remark in one review is evidence for 403",
    ("amazon-2026", "402"): "use = none with a statement",
    ("meta-claudeonomics", "403"): "nothing was said about reviews, so nothing was denied",
    ("nhs-4h", "110"): "time to leave is what a department does (output), so the rules of outputs hold: 103",
    ("nhs-4h", "401"): "a trust was held to it, no person's review",
    ("regents-pre-2011", "110"): "nothing is stated on what stood beside the mark, so the safe value holds",
}
SINGLE = ("floors", "review", "workforce", "notice", "assessments", "data", "gaming", "spending", "agents")


@pytest.mark.parametrize("case", EXPECTED)
def test_golden_case(case: str, cases: Path, find_file: Callable[[Path], list[Finding]]) -> None:
    found = [f for f in find_file(cases / f"{case}.toml") if f.severity is not Severity.INFO]
    assert sorted({f.id for f in found}) == [f"AP{number}" for number in EXPECTED[case].split()]


def test_every_case_is_in_the_table(cases: Path) -> None:
    assert {path.stem for path in cases.glob("*.toml")} == set(EXPECTED)
    assert all(number in EXPECTED[case] for case, number in WHY_MORE)
    assert not [pair for pair in WHY_NOT if pair[1] in EXPECTED[pair[0]]]


def test_the_waiting_time_case_says_what_to_expect_and_not_that_it_is_harmful(
    cases: Path, find_file: Callable[[Path], list[Finding]]
) -> None:
    found = find_file(cases / "nhs-4h.toml")
    assert any("just before the deadline" in f.message for f in found if f.id == "AP203")
    assert {f.severity for f in found if f.id in {"AP203", "AP205"}} == {Severity.WARNING}
    assert not [f for f in found if "harm" in f.message.lower()]


@pytest.mark.parametrize("case", EXPECTED)
def test_what_is_neither_stated_nor_flagged_has_the_safe_value(case: str, cases: Path) -> None:
    """Each line that differs from the template says why it does."""
    text = (cases / f"{case}.toml").read_text("utf-8")
    table = tomllib.loads(text)
    safe = tomllib.loads(template(table["about"]["judged_on"]))
    lines, places = text.split("\n"), Places(text, {})
    for section in SINGLE:
        for name, value in table[section].items():
            if value != safe[section].get(name):
                place = places.line(f"{section}.{name}")
                assert place is not None
                assert "# stated" in lines[place - 1] or "# flagged: AP" in lines[place - 1], (section, name)
        for name in set(safe[section]) - set(table[section]):
            assert f"# {name} is missing" in text, (section, name)


def test_the_template_among_the_cases_is_the_template(cases: Path, today: date) -> None:
    text = (cases / "template.toml").read_text("utf-8")
    assert text.replace(f"judged_on = {today}\n", "") == template(today)


def test_cases_are_judged_on_their_own_day(cases: Path) -> None:
    days: list[Any] = [
        tomllib.loads(path.read_text("utf-8"))["about"]["judged_on"] for path in cases.glob("*.toml")
    ]
    assert all(isinstance(day, date) for day in days)
