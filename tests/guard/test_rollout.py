"""A rollout is planned, then dealt by what nobody could choose, and only then is there anything to see."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from counterfoil.guard.guarded import Guarded
from counterfoil.guard.rollout import (
    KIND,
    assign_rollout,
    assignment_of,
    looked_over,
    plan_rollout,
)
from counterfoil.guard.rollout_found import analyse_rollout
from counterfoil.ledger.entry import EntryKind, open_entry, read_entry
from counterfoil.terms.absent import Unknown
from counterfoil.terms.cause import Judgement, Outcome, UnitFacts, UnitTable, UnitWeek
from counterfoil.terms.error import LedgerBroken
from counterfoil.terms.ids import UnitId
from counterfoil.terms.release import Refuse, Released
from counterfoil.terms.rollout import Assignment, DealtUnit, Planned, Rollout, RolloutFound, Wave
from guard.organisation import NOW, gate

MONDAY = date(2026, 11, 23)
DRAWN = "b1946ac92492d2347c6235b4d2611184"


@pytest.fixture(autouse=True)
def same_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is dealt is the same each time: chance alone finds something in one of twenty."""
    monkeypatch.setattr("counterfoil.guard.sealed.new_seed", lambda: "5e" * 32)


def week(number: int) -> date:
    return MONDAY + timedelta(weeks=number)


PLAN = Rollout(
    name="assistants",
    says="An assistant for every team, in three waves",
    outcome=Outcome.parse("kept"),
    begins=week(-8),
    ends=week(16),
    waves=[
        Wave(name="first", starts=week(4)),
        Wave(name="second", starts=week(9)),
        Wave(name="later"),
    ],
    units=[
        DealtUnit(unit=UnitId(f"team-{n:02d}"), stratum=f"department-{n // 6}", people=9) for n in range(24)
    ],
    pilots=["team-99"],
    drawn_from="the root of a public log on 2 December 2026, in hex",
    drawn_on=date(2026, 12, 2),
)


@pytest.fixture
def g(tmp_path: Path) -> Iterator[Guarded]:
    with gate(tmp_path) as opened:
        yield opened


def at(g: Guarded, day: date) -> Guarded:
    return replace(g, now=datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def test_a_plan_has_the_name_of_nobody(g: Guarded) -> None:
    size = len(g.log)
    refused = plan_rollout(g, replace(PLAN, name="for anna.smith@example.com"))
    assert isinstance(refused, Refuse) and refused.clause == "names-a-person"
    assert len(g.log) == size


def dealt(g: Guarded, plan: Rollout = PLAN) -> Assignment:
    assert isinstance(plan_rollout(g, plan), Planned)
    done = assign_rollout(at(g, PLAN.drawn_on), "assistants", DRAWN)
    assert isinstance(done, Assignment), done
    return done


def lived(assignment: Assignment, *, effect: float, without: Sequence[str] = (), seed: int = 1) -> UnitTable:
    """Units by week, in which being given it moves the outcome."""
    chance = np.random.default_rng(seed)
    plan = assignment.plan
    starts = {wave.name: wave.starts for wave in plan.waves}
    rows = []
    for unit in plan.units:
        level = chance.normal() * 0.1
        start = starts[assignment.wave[unit.unit]]
        for n in range(-8, 17):
            given = not isinstance(start, Unknown) and week(n) >= start
            value = float(0.7 + level + chance.normal() * 0.03 + effect * given)
            row = UnitWeek(
                unit=unit.unit, week=week(n), figures={"kept": value}, exposure=0.6 if given else 0.05
            )
            if unit.unit not in without:
                rows.append(row)
    units = [UnitFacts(unit=unit.unit) for unit in plan.units if unit.unit not in without]
    return UnitTable(weeks=rows, units=units)


def analysed(g: Guarded, table: UnitTable) -> RolloutFound:
    told = analyse_rollout(g, "assistants", table, seen_until=week(30), draws=199)
    assert isinstance(told, Released), told
    return told.answer


def test_what_was_planted_is_found_and_every_look_is_logged(g: Guarded) -> None:
    assignment = dealt(g)
    later = at(g, week(17))
    found = analysed(later, lived(assignment, effect=0.1))
    assert found.judgement is Judgement.ROSE and found.look == 1
    assert not isinstance(found.given, Unknown) and not isinstance(found.used, Unknown)
    assert abs(found.given.effect.value - 0.1) < 0.03
    assert abs(found.used.effect.value - 0.1 / 0.55) < 0.06
    again = analysed(later, lived(assignment, effect=0.0))
    assert again.judgement is Judgement.NO_SIGN and again.look == 2
    last = read_entry(g.log.entry(len(g.log) - 1))[1]
    assert (last[KIND], last["verdict"], last["look"]) == ("assistants", "analysed", 2)


def test_each_wave_has_as_many_units_of_each_stratum_and_the_same_draw_deals_the_same(g: Guarded) -> None:
    assignment = dealt(g)
    for department in range(4):
        mine = [assignment.wave[UnitId(f"team-{n:02d}")] for n in range(department * 6, department * 6 + 6)]
        assert sorted(mine) == ["first", "first", "later", "later", "second", "second"]
    assert assignment_of(at(g, week(6)), "assistants") == assignment
    assert "team-99" not in assignment.wave


def test_the_seed_is_shown_only_once_units_are_dealt(g: Guarded) -> None:
    planned = plan_rollout(g, PLAN)
    assert isinstance(planned, Planned)
    told = read_entry(g.log.entry(planned.entry))[1]
    assert told["seed_sha256"] == planned.seed_sha256 and "seed" not in told
    done = assign_rollout(at(g, PLAN.drawn_on), "assistants", DRAWN)
    assert isinstance(done, Assignment)
    assert read_entry(g.log.entry(done.entry))[1]["seed"] == done.seed


def test_nobody_can_shop_for_a_draw(g: Guarded) -> None:
    assert assign_rollout(g, "assistants", DRAWN) == Refuse(
        "no-rollout", "No rollout of this name is planned."
    )
    assert isinstance(plan_rollout(g, PLAN), Planned)
    clauses = [
        answer.clause
        for answer in (
            assign_rollout(g, "assistants", DRAWN),
            assign_rollout(at(g, PLAN.first_start), "assistants", DRAWN),
        )
        if isinstance(answer, Refuse)
    ]
    assert clauses == ["rollout-early", "rollout-late"]
    assert isinstance(assign_rollout(at(g, PLAN.drawn_on), "assistants", DRAWN), Assignment)
    for second in (assign_rollout(at(g, PLAN.drawn_on), "assistants", "x"), plan_rollout(g, PLAN)):
        assert isinstance(second, Refuse) and second.clause == "rollout-dealt"


def test_what_was_not_dealt_before_is_not_analysed(g: Guarded) -> None:
    table = UnitTable(weeks=[], units=[])
    nothing = analyse_rollout(g, "assistants", table, seen_until=week(30))
    assert isinstance(plan_rollout(g, PLAN), Planned)
    undealt = analyse_rollout(g, "assistants", table, seen_until=week(30))
    assert [answer.clause for answer in (nothing, undealt) if isinstance(answer, Refuse)] == [
        "no-rollout",
        "not-dealt",
    ]


def test_a_plan_that_was_altered_behind_the_log_ends_it(g: Guarded) -> None:
    dealt(g)
    kept = g.lake.registry.kept(KIND, "assistants")
    assert kept is not None
    with g.lake.registry.change() as change:
        change.keep(KIND, "assistants", kept.replace(b"team-00", b"team-77"))
    with pytest.raises(LedgerBroken, match="not the one that the log has"):
        assignment_of(g, "assistants")


def test_a_crash_between_log_and_registry_says_what_to_do(g: Guarded) -> None:
    assert isinstance(plan_rollout(g, PLAN), Planned)
    kept = g.lake.registry.kept(KIND, "assistants")
    assert kept is not None
    assert isinstance(plan_rollout(g, replace(PLAN, says="Anew")), Planned)
    with g.lake.registry.change() as change:
        change.keep(KIND, "assistants", kept)
    refused = assign_rollout(at(g, PLAN.drawn_on), "assistants", DRAWN)
    assert isinstance(refused, Refuse) and refused.clause == "not-kept"


def test_units_that_are_gone_and_weeks_with_gaps(g: Guarded) -> None:
    assignment = dealt(g)
    later = at(g, week(17))
    short = lived(assignment, effect=0.1, without=["team-04"])
    refused = analyse_rollout(later, "assistants", short, seen_until=week(30), draws=19)
    assert isinstance(refused, Refuse) and refused.clause == "units-missing"
    whole = lived(assignment, effect=0.1)
    gaps = [row for row in whole.weeks if not (row.unit == "team-04" and row.week in {week(6), week(7)})]
    found = analysed(later, replace(whole, weeks=gaps))
    assert (found.left_out, found.weeks, found.judgement) == (2, 23, Judgement.ROSE)
    early = [row for row in whole.weeks if row.week < week(4)]
    nothing = analysed(later, replace(whole, weeks=early))
    assert nothing.judgement is Judgement.CANT_TELL and "no weeks both before and after" in nothing.says
    still = [replace(row, figures={"kept": 0.5}) for row in whole.weeks]
    assert "never moved" in analysed(later, replace(whole, weeks=still)).says
    bare = [replace(row, exposure=Unknown("not there")) for row in whole.weeks]
    unused = analysed(later, replace(whole, weeks=bare))
    assert isinstance(unused.used, Unknown) and unused.judgement is Judgement.ROSE


def test_few_units_have_no_interval_and_weeks_without_a_contrast_no_effect(g: Guarded) -> None:
    few = replace(PLAN, waves=PLAN.waves[:2], units=PLAN.units[:6])
    assignment = dealt(g, few)
    table = lived(assignment, effect=0.1)
    found = analysed(at(g, week(17)), table)
    # One dealing in ten is the true one or its mirror.
    assert found.judgement is Judgement.CANT_TELL and "too few units" in found.says
    gaps = [row for row in table.weeks if not week(4) <= row.week < week(9)]
    nothing = analysed(at(g, week(17)), replace(table, weeks=gaps))
    assert nothing.judgement is Judgement.CANT_TELL and "that were not" in nothing.says


def test_an_empty_table_and_an_unsound_plan(g: Guarded) -> None:
    unsound = plan_rollout(g, replace(PLAN, waves=PLAN.waves[:1]))
    assert isinstance(unsound, Refuse) and len(g.log) == 0
    dealt(g)
    empty = analyse_rollout(g, "assistants", UnitTable(weeks=[], units=[]), seen_until=week(30))
    assert isinstance(empty, Refuse) and empty.clause == "no-table"


def log_dealing(g: Guarded, **changed: str) -> None:
    """Another dealing in the log, as a hand that writes it could leave one."""
    first = read_entry(g.log.entry(len(g.log) - 1))[1]
    g.log.append([open_entry(EntryKind.RULE, {**first, **changed})])


def test_a_dealing_that_does_not_follow_from_the_seed_ends_it(g: Guarded) -> None:
    dealt(g)
    log_dealing(g, sha256="0" * 64)
    with pytest.raises(LedgerBroken, match="not the one that the log has"):
        assignment_of(g, "assistants")


def test_a_dealing_from_after_the_first_wave_is_none(g: Guarded) -> None:
    dealt(g)
    log_dealing(g, at=f"{PLAN.first_start}T00:00Z")
    late = assignment_of(g, "assistants")
    assert isinstance(late, Refuse) and late.clause == "rollout-late"


UNSOUND = [
    ({"waves": PLAN.waves[:1]}, "rollout-waves"),
    ({"waves": [PLAN.waves[0], replace(PLAN.waves[1], starts=week(4))]}, "rollout-waves"),
    ({"waves": [PLAN.waves[0], replace(PLAN.waves[1], name="first")]}, "rollout-waves"),
    ({"waves": [replace(PLAN.waves[0], starts=week(0)), PLAN.waves[1]]}, "rollout-late"),
    ({"drawn_on": NOW.date()}, "rollout-drawn"),
    ({"drawn_on": week(4)}, "rollout-drawn"),
    ({"begins": week(1)}, "rollout-weeks"),
    ({"ends": week(5)}, "rollout-weeks"),
    ({"pilots": ["team-03"]}, "rollout-units"),
    ({"units": [replace(PLAN.units[0], people=4), *PLAN.units[1:]]}, "floor"),
    ({"units": PLAN.units[:2]}, "rollout-few"),
]


@pytest.mark.parametrize(("change", "clause"), UNSOUND)
def test_a_plan_that_could_tell_nothing_is_refused(change: dict[str, object], clause: str) -> None:
    refused = looked_over(replace(PLAN, **change), NOW.date())  # type: ignore[arg-type]
    assert isinstance(refused, Refuse) and refused.clause == clause


def test_a_plan_is_the_same_after_it_was_written() -> None:
    assert Rollout.read(PLAN.written()) == PLAN
