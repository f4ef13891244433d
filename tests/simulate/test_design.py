"""A programme is read as the people it covers would feel it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from counterfoil.programme.load import load, loaded
from counterfoil.programme.rules import RULES
from counterfoil.programme.template import template
from counterfoil.simulate.company.cases import AMAZON, DISNEY, META
from counterfoil.simulate.company.design import Design, design_of, levers

TODAY = date(2026, 11, 25)
CASES = Path(__file__).parents[2] / "examples" / "programmes"


def designed(text: str) -> Design:
    return design_of(loaded(text, name="test", today=TODAY, rules=RULES).programme)


@pytest.mark.parametrize(
    ("name", "design"), [("amazon-2026", AMAZON), ("meta-claudeonomics", META), ("disney-2026", DISNEY)]
)
def test_the_reported_programmes_are_what_their_files_say(name: str, design: Design) -> None:
    programme = load(CASES / f"{name}.toml", today=TODAY, rules=RULES).programme
    assert design_of(programme) == design


def test_the_template_leaves_nothing_to_game() -> None:
    design = designed(template(TODAY))
    assert (design.target, design.ranked, design.review_link) == (0, 0, 0)
    assert design.visibility < 0.1
    assert design.credibility > 0.8


@pytest.mark.parametrize(
    ("line", "lever", "worse"),
    [
        ("strategy", "clarity", -1),
        ("own_report_demanded = true", "managers_look", 1),
        ('manager_goal = "team-number"', "managers_look", 1),
        ("blocked_in_code = false", "credibility", -1),
        ('log = "none"', "credibility", -1),
        ('log = "internal"', "transparency", -1),
        ('tells = ["what"]', "transparency", -1),
        ('raw_readers = ["self", "everyone"]', "visibility", 1),
        ('raw_readers = ["self", "line-managers"]', "managers_look", 1),
        ("raw_readers", "managers_look", 1),
        ("raw_readers", "visibility", 1),
    ],
)
def test_each_change_moves_its_lever(line: str, lever: str, worse: int) -> None:
    """A line takes the place of the template's; a bare name takes it away."""
    key, _, value = line.partition(" = ")
    old = template(TODAY).splitlines()
    new = [(line if value else "") if text.startswith(f"{key} =") else text for text in old]
    moved = getattr(designed("\n".join(new)), lever) - getattr(designed(template(TODAY)), lever)
    assert (moved > 0) - (moved < 0) == worse


def test_volume_that_counts_in_reviews_is_a_link() -> None:
    text = template(TODAY).replace('use = "none"', 'use = "informs"\nmetrics = ["tokens"]', 1)
    told = designed(text.replace("blocked_in_code = true", "blocked_in_code = false"))
    assert told.review_link > 0.5
    outcome = text.replace('metrics = ["tokens"]\nstat', 'metrics = ["kept"]\nstat')
    assert designed(outcome.replace("blocked_in_code = true", "blocked_in_code = false")).review_link == 0


def test_silence_on_reviews_is_neither_a_promise_nor_a_threat() -> None:
    silent = designed(template(TODAY).replace('use = "none"', "", 1))
    assert 0 < silent.review_link < 0.5
    assert silent.credibility == 0.5


@pytest.mark.parametrize(
    ("threshold", "window", "uses"),
    [("0.8", "1 week", 1), ("0.8", "4 weeks", 0.25), ("25", "1 day", 175), ("10", "2 weeks", 5)],
)
def test_a_target_asks_uses_of_each_person(threshold: str, window: str, uses: float) -> None:
    text = template(TODAY).replace('metric = "kept"', 'metric = "tokens"').replace('"tokens"', '"prompts"')
    text = text.replace("threshold = 0.8", f"threshold = {threshold}").replace('"4 weeks"', f'"{window}"')
    assert designed(text).target == pytest.approx(uses)


def test_a_target_in_tokens_asks_as_many_uses_as_tasks_have_them() -> None:
    text = template(TODAY).replace('metric = "kept"', 'metric = "tokens"').replace('"4 weeks"', '"1 week"')
    asked = [designed(text.replace("threshold = 0.8", f"threshold = {t}")).target for t in ("1000.0", "21e6")]
    assert asked == [1, pytest.approx(10)]


def test_a_target_on_an_outcome_asks_no_use() -> None:
    assert designed(template(TODAY)).target == 0


def test_each_lever_says_what_led_to_it(amazon: Callable[[], Any]) -> None:
    said = levers(amazon())
    assert {lever.name for lever in said} >= {"target", "visibility", "credibility", "managers-look"}
    assert all(lever.says for lever in said)


@pytest.fixture
def amazon() -> Callable[[], Any]:
    return lambda: load(CASES / "amazon-2026.toml", today=TODAY, rules=RULES).programme
