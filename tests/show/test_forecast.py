"""A forecast on a terminal: bars with their doubt, both programmes, and no claim to have measured."""

from dataclasses import replace

import pytest

from counterfoil.show.forecast import ASCII_GLYPHS, BAR, forecast_page, headline
from counterfoil.terms.forecast import Expected, Forecast, Foreseen, Lever, Moment, Standing


def foreseen(name: str, unit: str = "share") -> Foreseen:
    return Foreseen(
        name=name,
        says=f"people in {name}",
        unit=unit,
        programme=Expected(value=0.5, low=0.25, high=0.75),
        passing=Expected(value=0.004, low=0.001, high=0.03),
        gap=Expected(value=-0.496, low=-0.7, high=-0.2),
    )


@pytest.fixture
def forecast() -> Forecast:
    levers = [Lever(name="visibility", value=1.0, says="a display shows what single people did " * 3)]
    moment = Moment(
        id="C1",
        says="the largest user",
        target="398",
        model="537",
        standing=Standing.NOT_FITTED,
        gap="1.3 times it",
        source="press",
        arithmetic="",
    )
    return Forecast(
        name="A programme\x1b[31m",
        levers=levers,
        passing_levers=[replace(levers[0], value=0.0, says="nothing is shown")],
        passes=False,
        foreseen=[foreseen(n) for n in ("padding", "tokenmaxxing", "gamed-tokens")],
        moments=[moment],
        people=10,
        draws=5,
        notes=["Not in the model: much."],
    )


def test_it_begins_by_saying_what_it_is_not(forecast: Forecast) -> None:
    assert forecast_page(forecast).splitlines()[0] == "A model, not a measurement."


def test_a_bar_shows_the_interval(forecast: Forecast) -> None:
    page = forecast_page(forecast)
    quarter = BAR // 4
    assert f"{'█' * quarter}{'▓' * quarter}{'░' * quarter}{'·' * quarter}" in page
    assert "50 %  (25 to 75 %)" in page
    assert "<1 %  (<1 to 3 %)" in page


def test_it_says_the_same_in_ascii_and_never_carries_a_control_character(forecast: Forecast) -> None:
    page = forecast_page(forecast, unicode=False)
    assert page.isascii()
    assert "\x1b" not in page
    assert ASCII_GLYPHS[0] * 6 in page


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(forecast: Forecast, width: int) -> None:
    assert max(map(len, forecast_page(forecast, width=width).splitlines())) <= width


def test_a_passing_programme_stands_alone(forecast: Forecast) -> None:
    page = forecast_page(replace(forecast, passes=True))
    assert "nearest passing" not in page
    assert "No rule finds" in headline(replace(forecast, passes=True))


def test_the_headline_has_both_programmes(forecast: Forecast) -> None:
    assert headline(forecast).count("50 % (25 to 75 %)") == 3
    assert "<1 % (<1 to 3 %)" in headline(forecast)


def test_colour_is_only_paint(forecast: Forecast) -> None:
    painted = forecast_page(replace(forecast, name="A programme"), color=True)
    plain = forecast_page(replace(forecast, name="A programme"))
    assert painted.replace("\x1b[1m", "").replace("\x1b[2m", "").replace("\x1b[0m", "") == plain
