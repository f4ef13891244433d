"""The programme to begin with passes whenever it is taken."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from counterfoil.programme.lint import lint
from counterfoil.programme.load import loaded
from counterfoil.programme.rules import RULES
from counterfoil.programme.template import template


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2026, 12, 31), date(2031, 6, 15)])
def test_the_template_has_no_finding_on_the_day_it_is_taken(day: date) -> None:
    text = template(day)
    assert "$" not in text
    assert not lint(loaded(text, name="p.toml", today=day, rules=RULES))


def test_the_template_passes_until_its_target_ends(today: date) -> None:
    text = template(today)
    later = today + timedelta(days=180)
    assert not lint(loaded(text, name="p.toml", today=later, rules=RULES))


def test_every_table_of_the_template_is_explained(passing_text: str) -> None:
    lines = passing_text.split("\n")
    commented = sum(line.startswith("# ") for line in lines)
    assert commented > 40
    assert max(map(len, lines)) <= 110


def test_the_commented_examples_of_the_template_hold(
    passing_text: str, load_text: Callable[[str], object]
) -> None:
    text = passing_text
    for line in ("hour_rate = 60.0", 'currency = "EUR"', "[[suppress]]", 'rule = "AP104"'):
        assert f"# {line}" in text
        text = text.replace(f"# {line}", line)
    text = text.replace("# reason =", "reason =").replace("# until =", "until =")
    load_text(text)
