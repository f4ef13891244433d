"""Drawings over weeks: layers that meet, positions inside the drawing, and the same in a table."""

import re

import pytest

from counterfoil.show.weeks import HEIGHT, LEFT, WIDTH, Drawing, behaviour, dashboard, tokens
from counterfoil.terms.chronicle import Chronicle, WeekSum


def week(number: int) -> WeekSum:
    return WeekSum(
        week=number,
        present=100,
        honest=50 + number,
        padded=20 - number,
        burned=5,
        resisted=5,
        active=90,
        needed_tokens=3_000_000_000,
        other_tokens=1_000_000_000,
        net_hours=170.0,
    )


@pytest.fixture
def lived() -> Chronicle:
    return Chronicle(people=100, weeks=[week(n) for n in range(10)], repaired_in=5)


def points(path: str) -> list[tuple[float, float]]:
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", path)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def drawings(lived: Chronicle) -> list[Drawing]:
    return [behaviour(lived), dashboard(lived), tokens(lived)]


def test_everything_lies_inside_the_drawing(lived: Chronicle) -> None:
    for drawing in drawings(lived):
        for area in drawing.areas:
            assert all(LEFT <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points(area.path))


def test_layers_lie_on_each_other(lived: Chronicle) -> None:
    first, second, *_ = behaviour(lived).areas
    assert points(first.path)[:10] == list(reversed(points(second.path)[10:]))
    assert points(first.path)[10:] == [(x, HEIGHT) for x, _ in reversed(points(first.path)[:10])]


def test_the_top_of_the_stack_is_the_sum(lived: Chronicle) -> None:
    top = points(behaviour(lived).areas[-1].path)[0][1]
    assert top == pytest.approx(HEIGHT * (1 - 0.80), abs=0.1)
    assert points(tokens(lived).areas[-1].path)[0][1] == pytest.approx(0, abs=0.1)


def test_the_legend_and_the_table_say_the_same(lived: Chronicle) -> None:
    drawing = behaviour(lived)
    assert drawing.areas[1].ends == "16 % before the repair, 11 % at the end"
    assert drawing.areas[1].ends in drawing.says
    assert drawing.table.rows[0][:3] == ("1", "50 %", "20 %")
    assert [row[0] for row in drawing.table.rows] == ["1", "5", "9"]


def test_weeks_that_end_before_the_repair_have_none() -> None:
    half = Chronicle(people=100, weeks=[week(n) for n in range(5)], repaired_in=5)
    drawing = behaviour(half)
    assert drawing.repaired_at is None
    assert drawing.areas[0].ends == "54 % at the end"


def test_numbers_do_not_stand_on_each_other(lived: Chronicle) -> None:
    spots = [(area.number_x, area.number_y) for area in behaviour(lived).areas]
    assert len({x for x, _ in spots}) == len(spots)
