"""A forecast holds its value within its interval, names the direction, and says what it is not."""

from datetime import date
from pathlib import Path

import pytest

from counterfoil.programme.load import load, loaded
from counterfoil.programme.repair import repair
from counterfoil.programme.rules import RULES
from counterfoil.programme.template import template
from counterfoil.simulate.forecast import MEASURES, forecast
from counterfoil.terms.forecast import Forecast, Foreseen
from counterfoil.terms.programme import Programme

TODAY = date(2026, 11, 25)
CASES = Path(__file__).parents[2] / "examples" / "programmes"


def case(name: str) -> Programme:
    return load(CASES / f"{name}.toml", today=TODAY, rules=RULES).programme


def passing() -> Programme:
    return loaded(template(TODAY), name="template", today=TODAY, rules=RULES).programme


@pytest.fixture(scope="module")
def amazon() -> Forecast:
    programme = case("amazon-2026")
    return forecast(programme, repair(programme, day=date(2026, 6, 15)).programme)


def named(f: Forecast, name: str) -> Foreseen:
    return next(foreseen for foreseen in f.foreseen if foreseen.name == name)


def test_each_value_lies_within_its_interval(amazon: Forecast) -> None:
    assert [foreseen.name for foreseen in amazon.foreseen] == [m.name for m in MEASURES]
    for foreseen in amazon.foreseen:
        for e in (foreseen.programme, foreseen.passing, foreseen.gap):
            assert e.low <= e.value <= e.high
        assert foreseen.gap.value == pytest.approx(foreseen.passing.value - foreseen.programme.value)


def test_the_interval_is_not_empty(amazon: Forecast) -> None:
    """Parameters were drawn: a figure without any doubt would be false."""
    for name in ("padding", "tokenmaxxing", "gamed-tokens", "cost"):
        e = named(amazon, name).programme
        assert e.high > 1.2 * e.low


@pytest.mark.parametrize(
    ("name", "sign"),
    [("honest-use", 1), ("padding", -1), ("tokenmaxxing", -1), ("gamed-tokens", -1), ("cost", -1)],
)
def test_the_passing_programme_is_better_in_the_whole_interval(
    amazon: Forecast, name: str, sign: int
) -> None:
    gap = named(amazon, name).gap
    assert sign * gap.low > 0
    assert sign * gap.high > 0


def test_a_passing_programme_is_its_own_nearest() -> None:
    f = forecast(passing(), repair(passing(), day=TODAY).programme)
    assert f.passes
    assert all(foreseen.gap.low == foreseen.gap.high == 0 for foreseen in f.foreseen)


def test_the_same_seed_gives_the_same_forecast(amazon: Forecast) -> None:
    programme = case("amazon-2026")
    again = forecast(programme, repair(programme, day=date(2026, 6, 15)).programme)
    assert again == amazon


def test_another_seed_gives_nearly_the_same(amazon: Forecast) -> None:
    programme = case("amazon-2026")
    other = forecast(programme, passing(), seed=77)
    for name in ("padding", "tokenmaxxing", "honest-use", "weekly-active"):
        assert named(other, name).programme.value == pytest.approx(
            named(amazon, name).programme.value, abs=0.02
        )


def test_it_says_what_it_does_not_know(amazon: Forecast) -> None:
    assert any("model is wrong" in note for note in amazon.notes)
    assert any("Not in the model" in note for note in amazon.notes)
    assert all(moment.source and moment.gap for moment in amazon.moments)
    nhs = case("nhs-4h")
    assert any("as if it were one on use" in note for note in forecast(nhs, nhs).notes)


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    forecast(passing(), passing(), progress=lambda done, whole: told.append((done, whole)))
    assert told[-1][0] == told[-1][1] == len(told)
