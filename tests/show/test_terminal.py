import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from counterfoil.show.terminal import screen, usage_screen
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import MicroUsd
from counterfoil.terms.release import Released
from counterfoil.terms.report import Report

Make = Callable[..., Released[Report]]
KINDS = ("full", "empty", "bare")

GOLDENS = Path(__file__).parents[1] / "goldens" / "show"
COLOUR = re.compile(r"\x1b\[\d+m")


def check_golden(name: str, text: str) -> None:
    path = GOLDENS / name
    if os.environ.get("COUNTERFOIL_GOLDENS") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_golden_first_screen(make: Make, kind: str) -> None:
    check_golden(f"first-{kind}.txt", screen(make(kind)))


@pytest.mark.parametrize("kind", KINDS)
def test_golden_everything(make: Make, kind: str) -> None:
    check_golden(f"more-{kind}.txt", screen(make(kind), more=True))


def test_golden_usage(make: Make) -> None:
    check_golden("usage.txt", usage_screen(make()))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("example", [True, False])
def test_the_first_screen_fits_a_terminal_with_room_for_the_prompt(
    make: Make, kind: str, example: bool
) -> None:
    lines = screen(make(kind, example=example)).splitlines()
    assert len(lines) <= 23
    assert max(map(len, lines)) <= 80


def test_thirty_days_of_logs_give_six_known_figures_tools_and_retention(make: Make) -> None:
    text = screen(make())
    rows = [line for line in text.splitlines() if re.match(r"[A-Z][a-zA-Z0-9 ]{3,20}  ", line)]
    assert sum("unknown:" not in row for row in rows) >= 8
    assert "claude-code $" in text
    assert "claude-code after 30 days" in text


def test_huge_figures_stay_on_the_screen(make: Make) -> None:
    worth = make().answer.worth
    huge = {part: MicroUsd(10**16 + i) for i, part in enumerate(worth.spend_by_fate)}
    text = screen(make(worth=replace(worth, spend_by_fate=huge)))
    assert "$10,000,000,000.00" in text
    assert len(text.splitlines()) <= 23


def test_what_is_unknown_gives_way_first_and_is_counted(make: Make) -> None:
    text = screen(make(cost=replace(make().answer.cost, paid_usd=Unknown("no plan was given"))), height=20)
    assert "no plan was given" not in text
    assert re.search(r"--more \(\d lines?, ", text)
    assert "Really paid           unknown: no plan was given" in screen(
        make(cost=replace(make().answer.cost, paid_usd=Unknown("no plan was given"))), more=True
    )


def test_an_example_is_marked_at_the_top_and_at_the_bottom(make: Make) -> None:
    lines = screen(make(example=True)).splitlines()
    assert lines[0].startswith("EXAMPLE")
    assert lines[-1].startswith("EXAMPLE")
    assert "EXAMPLE" not in screen(make())
    assert usage_screen(make(example=True)).startswith("EXAMPLE")


def test_colour_changes_no_word(make: Make) -> None:
    plain = screen(make(), more=True)
    assert "\x1b" not in plain
    assert COLOUR.sub("", screen(make(), more=True, color=True)) == plain


def test_a_stream_without_unicode_gets_ascii(make: Make) -> None:
    text = screen(make(), unicode=False)
    assert text.isascii()
    assert "#####" in text


def test_names_from_outside_steer_no_terminal(make: Make) -> None:
    report = make().answer
    row = replace(report.work.repos[0], path="/x/\x1b[2J\udcff\r", caveats=("a\x07b",))
    text = screen(make(work=replace(report.work, repos=(row,))), more=True)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)
    text.encode("utf-8")


def test_without_logs_it_says_where_it_looked_and_goes_on_with_git(make: Make) -> None:
    text = screen(make("empty"))
    assert "/home/ada/.codex/sessions" in text
    assert "Corrected in 30 days  AI 6.1 %" in text
    assert "$0.00" not in text
    assert "/home/ada/.codex/sessions" in usage_screen(make("empty"))


def test_unknown_is_never_shown_as_zero(make: Make) -> None:
    text = screen(make("bare"), more=True)
    assert not re.search(r"(?<![\d.,])0(\.0)? %|\$0\.00", text)
