"""A pulse is told once, of a dozen people or more, leaders beside people, and never of anybody."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from counterfoil.guard.errors import ErrorKind, Kinds, file_report, kinds_of_errors
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.pulse import Sheet, close_pulse, eligible, has_statement, open_pulse, sound
from counterfoil.terms.pulse import STANDARD, Pulse, Standing
from counterfoil.terms.release import Refuse, Released
from guard.organisation import NOW, gate, people_rows, programme, put_in_force

PULSE = Pulse(
    id="autumn", closes=NOW.date(), keys={Standing.LEADERS: "a", Standing.PEOPLE: "b"}, eligible=1_000
)
TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Guarded]:
    with gate(tmp_path) as opened:
        open_pulse(opened, PULSE)
        yield replace(opened, now=TOMORROW)


def sheets(leaders: int, people: int, *, believe: float = 0.3, share: float = 0.4) -> list[Sheet]:
    """Forms of people of whom some believe, and for some of whom the statement is true."""
    chance = np.random.default_rng(3)
    made = []
    for n in range(leaders + people):
        standing = Standing.LEADERS if n < leaders else Standing.PEOPLE
        believes = 0.9 if n < leaders else believe
        long = bool(chance.random() < 0.5)
        made.append(
            Sheet(standing, long, {
                "saved": float(np.round(chance.gamma(4, 1), 1)),
                "believed": float(chance.random() < believes),
                "for-the-number": float(chance.binomial(4, 0.5) + (long and chance.random() < share)),
            })
        )  # fmt: skip
    return made


def said(told: object, question: str) -> list[str]:
    assert isinstance(told, dict)
    return [v.answer.says if isinstance(v, Released) else v.clause for v in told[question]]


def test_leaders_stand_beside_people_and_the_gap_shows(g: Guarded) -> None:
    told = close_pulse(g, PULSE, sheets(40, 700))
    assert said(told, "believed") == ["over 80 %", "20 to 40 %"]
    assert said(told, "for-the-number")[0] == "floor"
    assert isinstance(told, dict)
    (leaders, people) = told["for-the-number"]
    assert isinstance(leaders, Refuse) and "500" in leaders.why
    assert isinstance(people, Released)
    low, high = (int(x.removesuffix(" %")) for x in people.answer.between.split(" to "))
    assert low <= 40 <= high
    assert said(told, "saved")[1].endswith(" hours")
    assert said(told, "leaving") == ["floor", "floor"]


def test_fewer_than_a_dozen_are_not_told(g: Guarded) -> None:
    told = close_pulse(g, PULSE, sheets(11, 12))
    assert said(told, "believed")[0] == "floor"
    assert said(told, "believed")[1] != "floor"


def test_it_is_told_once_and_not_before_it_closed(g: Guarded) -> None:
    early = close_pulse(replace(g, now=NOW), PULSE, sheets(20, 20))
    assert isinstance(early, Refuse) and early.clause == "pulse-open"
    size = len(g.log)
    assert isinstance(close_pulse(g, PULSE, sheets(20, 20)), dict)
    assert len(g.log) == size + 1
    again = close_pulse(g, PULSE, sheets(20, 20))
    assert isinstance(again, Refuse) and again.clause == "pulse-closed"


def test_a_pulse_that_the_log_does_not_have_is_not_told(g: Guarded) -> None:
    for other in (
        replace(PULSE, closes=NOW.date() - timedelta(days=9)),
        replace(PULSE, keys=dict.fromkeys(Standing, "x")),
    ):
        refused = close_pulse(g, other, sheets(20, 20))
        assert isinstance(refused, Refuse) and refused.clause == "pulse-altered"


def test_those_who_lead_are_told_apart_and_everybody_may_answer(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 120)
        found = eligible(g)
        assert len(found[Standing.LEADERS]) == 10
        assert sorted([*found[Standing.LEADERS], *found[Standing.PEOPLE]]) == sorted(who)


def test_chance_puts_the_statement_on_half_of_the_forms() -> None:
    long = sum(has_statement(n.to_bytes(4, "big")) for n in range(2_000))
    assert 900 < long < 1_100


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ({"saved": 3.5, "believed": 1, "for-the-number": 5}, ""),
        ({}, "no answer"),
        ({"saved": 81}, "saved"),
        ({"saved": -1}, "saved"),
        ({"saved": float("nan")}, "saved"),
        ({"believed": 0.5}, "believed"),
        ({"for-the-number": 6}, "for-the-number"),
        ({"name": 1}, "no question"),
    ],
)
def test_what_is_no_answer_is_told(answers: dict[str, float], wrong: str) -> None:
    told = list(sound(answers, True))
    assert told == [] if not wrong else wrong in told[0]
    assert len({question.id for question in STANDARD}) == 9
    assert list(sound({"for-the-number": 5}, False))


def test_errors_are_told_as_kinds_of_blocks_that_are_over(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        put_in_force(g, programme())
        for n in range(23):
            file_report(g, artefact=f"change {n}", tool="codex", kind=ErrorKind.MADE_UP)
            file_report(g, artefact=f"change {n}", tool="codex", kind=ErrorKind.MADE_UP)
        for n in range(9):
            file_report(g, artefact=f"mail {n}", tool="codex", kind=ErrorKind.UNFAIR)
        assert kinds_of_errors(g).answer == Kinds(by={}, fewer=0)
        later = replace(g, now=NOW + timedelta(weeks=5))
        size = len(g.log)
        assert kinds_of_errors(later).answer == Kinds(by={"codex": {"made-up": 25}}, fewer=1)
        assert len(g.log) == size + 1
        assert b"change 1" not in b"".join(g.lake.registry.all_kept("report").values())
        assert g.lake.registry.kinds() <= {"programme", "report", "report-salt", "keys"}
