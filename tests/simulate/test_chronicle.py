"""The company of the story: reported, repaired, and the same people before and after."""

from datetime import date

import pytest

from counterfoil.programme.lint import fails, judged
from counterfoil.programme.load import loaded
from counterfoil.programme.repair import repair
from counterfoil.programme.rule import Case
from counterfoil.programme.rules import RULES
from counterfoil.programme.template import template
from counterfoil.programme.written import written
from counterfoil.simulate.board import historical_board
from counterfoil.simulate.chronicle import HALF_A_YEAR, chronicle
from counterfoil.simulate.company.days import person_days
from counterfoil.simulate.company.design import design_of
from counterfoil.simulate.company.people import invent
from counterfoil.simulate.reported import PEOPLE, STEPS, TASK_TOKENS, TITLES, reported
from counterfoil.terms.chronicle import Chronicle
from counterfoil.terms.programme import Programme

TODAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def launched() -> Programme:
    return reported(loaded(template(TODAY), name="t", today=TODAY, rules=RULES).programme, today=TODAY)


@pytest.fixture(scope="module")
def lived(launched: Programme) -> Chronicle:
    repaired = repair(launched, day=TODAY).programme
    people = invent(8_000, seed=1)
    return chronicle(people, design_of(launched), design_of(repaired), seed=1)


def test_the_reported_programme_is_a_sound_file_with_a_target_a_board_and_a_denial(
    launched: Programme,
) -> None:
    assert loaded(written(launched), name="t", today=TODAY, rules=RULES).programme == launched
    (target,) = launched.targets
    assert target.threshold == 0.8
    board = launched.displays[0]
    assert (board.ranked, board.rewards, board.tiers) == (True, TITLES, STEPS)
    assert launched.about.people == PEOPLE
    assert "not used" in str(launched.review.statement)


def test_it_breaks_what_its_two_models_break(launched: Programme) -> None:
    found = {f.id for f in judged(Case(programme=launched, day=TODAY, people=PEOPLE)) if fails([f])}
    assert {
        "AP101", "AP102", "AP103", "AP106", "AP202", "AP203", "AP206", "AP301", "AP302", "AP303", "AP304",
        "AP306", "AP403", "AP601", "AP604",
    } <= found  # fmt: skip


def test_the_board_of_the_story_has_the_reported_size(launched: Programme) -> None:
    people = invent(PEOPLE, seed=1, weeks=0, median_task_tokens=TASK_TOKENS)
    board = historical_board(person_days(people, design_of(launched), days=30, seed=1))
    assert board.tokens == pytest.approx(60e12, rel=0.01)


def test_each_week_counts_everybody_once(lived: Chronicle) -> None:
    assert [week.week for week in lived.weeks] == list(range(2 * HALF_A_YEAR))
    for week in lived.weeks:
        assert week.honest + week.padded + week.burned + week.resisted <= week.present
        assert week.honest <= week.active <= week.present


def test_a_repair_takes_the_gaming_away_and_leaves_the_hours(lived: Chronicle) -> None:
    early, late = lived.weeks[HALF_A_YEAR - 1], lived.weeks[-1]
    assert early.active / early.present > 0.8 > late.padded / late.present
    assert late.padded + late.burned < 0.1 * (early.padded + early.burned)
    assert late.other_tokens < 0.01 * early.other_tokens
    assert late.net_hours / late.present == pytest.approx(early.net_hours / early.present, rel=0.08)
