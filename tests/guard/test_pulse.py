"""A pulse is told once, of a dozen people or more, leaders beside people, and never of anybody."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from counterfoil.guard.errors import ErrorKind, Kinds, file_report, kinds_of_errors
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.pulse import (
    Sheet,
    close_pulse,
    eligible,
    has_statement,
    list_outlook,
    open_pulse,
    sound,
)
from counterfoil.guard.pulses import NONE_TOLD, LastPulse, last_pulse, let_pulses_go
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.pulse import STANDARD, Pulse, Standing
from counterfoil.terms.release import Refuse, Released, Withheld
from guard.organisation import NOW, gate, people_rows, programme, put_in_force, viewer

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


HOURS = ("saved", "fixing-mine", "fixing-others")


def hours(people: int) -> list[Sheet]:
    """Forms of people who state all three, half of them short of what they saved."""
    made = []
    for n in range(people):
        said = (4.0, 1.0, 0.5) if n % 2 else (1.0, 1.5, 0.5)
        made.append(Sheet(Standing.PEOPLE, False, dict(zip(HOURS, said, strict=True))))
    return made


def test_net_hours_and_what_was_redone_are_worked_out_of_all_three(g: Guarded) -> None:
    told = close_pulse(g, PULSE, hours(400))
    # Of 5 hours saved by two people, 3.5 were spent on putting right.
    assert said(told, "redone") == ["floor", "70 %"]
    assert said(told, "net-hours") == ["floor", "0.75 hours"]
    assert isinstance(told, dict) and isinstance(told["net-hours"][1], Released)
    low, high = (float(x) for x in told["net-hours"][1].answer.between.split(" to "))
    assert low < 0.75 < high
    assert told["net-hours"][1].answer.coverage == 0.4


def test_one_person_who_makes_most_of_the_hours_keeps_the_share_back(g: Guarded) -> None:
    lone = Sheet(Standing.PEOPLE, False, {"saved": 80.0, "fixing-mine": 0.0, "fixing-others": 0.0})
    few = [Sheet(Standing.PEOPLE, False, dict.fromkeys(HOURS, 0.0)) for _ in range(20)]
    told = close_pulse(g, PULSE, [*few, lone])
    assert isinstance(told, dict) and told["redone"][1] == Withheld()


def test_what_was_told_is_kept_and_shown_to_those_to_whom_the_programme_shows_it(g: Guarded) -> None:
    who = people_rows(g, 120)
    assert isinstance(last_pulse(g, "value_reporting", viewer(who[0])), Refuse)
    put_in_force(g, programme())
    assert last_pulse(g, "value_reporting", viewer(who[0])) == NONE_TOLD
    told = close_pulse(g, PULSE, [*sheets(40, 700), *hours(400)])
    size = len(g.log)
    shown = last_pulse(g, "value_reporting", viewer(who[0]))
    assert isinstance(shown, LastPulse) and (shown.closed, shown.entry) == (PULSE.closes, size)
    assert shown.figures == told
    refusals = {
        "not-allowed": last_pulse(g, "enablement", viewer(who[0])),
        "only-what-the-programme-says": last_pulse(g, "performance_review", viewer(who[0])),
        "role-not-held": last_pulse(g, "value_reporting", viewer(Pseudonym("nobody"))),
    }
    assert {name: one.clause for name, one in refusals.items() if isinstance(one, Refuse)} == {
        name: name for name in refusals
    }
    kept = b"".join(g.lake.registry.all_kept("pulse").values())
    assert not any(one.encode() in kept for one in who)


def test_a_floor_that_was_raised_holds_for_what_was_told_before(g: Guarded) -> None:
    who = people_rows(g, 120)
    put_in_force(g, programme(("outcome = 10", "outcome = 50")))
    close_pulse(g, PULSE, [*sheets(20, 20), *hours(400)])
    shown = last_pulse(g, "value_reporting", viewer(who[0]))
    assert isinstance(shown, LastPulse)
    assert [isinstance(one, Refuse) for one in shown.figures["believed"]] == [True, True]
    assert isinstance(shown.figures["saved"][1], Released)


def test_once_the_programme_is_over_only_that_it_was_told_is_kept(g: Guarded) -> None:
    people_rows(g, 120)
    put_in_force(g, programme())
    close_pulse(g, PULSE, hours(40))
    assert let_pulses_go(g) == 0
    late = replace(g, now=NOW + timedelta(days=3_000))
    assert let_pulses_go(late) == 1 and let_pulses_go(late) == 0
    assert dict(late.lake.registry.all_kept("pulse")) == {PULSE.id: b"1"}
    again = close_pulse(late, PULSE, hours(40))
    assert isinstance(again, Refuse) and again.clause == "pulse-closed"


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


def test_how_closely_the_list_will_tell_is_said_before() -> None:
    assert list_outlook(replace(PULSE, eligible=4_000)).endswith("to within 9 points.")
    assert list_outlook(PULSE).endswith("to within 18 points.")
    assert "so hardly here" in list_outlook(replace(PULSE, eligible=900))


def test_a_list_that_everybody_answers_alike_is_held_back(g: Guarded) -> None:
    alike = [Sheet(Standing.PEOPLE, n % 2 == 0, {"for-the-number": 2.0}) for n in range(600)]
    told = close_pulse(g, PULSE, alike)
    assert isinstance(told, dict) and isinstance(told["for-the-number"][1], Withheld)


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
        assert g.lake.registry.kinds() <= {"programme", "past", "report", "report-salt", "keys"}
