"""Causes are told of units above the floor, from a table or from released figures, and of nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from counterfoil.guard.cause import RELEASED, release_cause
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.unit_weeks import Wanted, released_table
from counterfoil.ledger.entry import told_of
from counterfoil.measure.causal.panel import NEVER
from counterfoil.terms.absent import Unknown
from counterfoil.terms.cause import (
    NO_LICENCE,
    CauseFound,
    Judgement,
    Outcome,
    TreatedBy,
    UnitFacts,
    UnitTable,
    UnitWeek,
)
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.ids import MetricId, Pseudonym, UnitId
from counterfoil.terms.metric import Level
from counterfoil.terms.organisation import Membership, Person, Unit, WorkFate
from counterfoil.terms.release import Refuse, Released
from guard.organisation import LONG_AGO, gate, programme, put, put_in_force, usage, viewer

FIRST = date(2026, 3, 2)
UNITS, WEEKS, DEPARTMENTS = 48, 24, 12
SEEN = FIRST + timedelta(weeks=WEEKS + 5)
KEPT = Outcome.parse("kept")


def table(
    *,
    effect: float = 0.0,
    drift: float = 0.0,
    units: int = UNITS,
    weeks: int = WEEKS,
    first: Sequence[int] | None = None,
    people: int = 12,
    seed: int = 3,
    departments: int = DEPARTMENTS,
    noise: float = 0.03,
) -> UnitTable:
    """Units by week; those treated use it, and their outcome is moved by what is planted."""
    chance = np.random.default_rng(seed)
    since = np.array(first) if first is not None else chance.choice([8, 10, 14, NEVER], units)
    rows = []
    level = 0.7 + chance.normal(size=units) * 0.05
    luck = chance.normal(size=(departments, weeks)) * noise / 3
    for unit in range(units):
        for week in range(weeks):
            treated = week >= since[unit]
            value = level[unit] + luck[unit % departments, week] + chance.normal() * noise
            value += effect * treated + drift * week * (since[unit] < NEVER)
            rows.append(
                UnitWeek(
                    unit=UnitId(f"team-{unit:02d}"),
                    week=FIRST + timedelta(weeks=week),
                    figures={"kept": float(value)},
                    people=people,
                    exposure=0.7 if treated else 0.1,
                )
            )
    facts = [
        UnitFacts(
            unit=UnitId(f"team-{unit:02d}"),
            department=f"department-{unit % departments}",
            licensed=NO_LICENCE if since[unit] == NEVER else FIRST + timedelta(weeks=int(since[unit])),
        )
        for unit in range(units)
    ]
    return UnitTable(weeks=rows, units=facts, has_licences=True)


def found(of: UnitTable, *, outcome: Outcome = KEPT) -> Mapping[TreatedBy, CauseFound]:
    told = release_cause(of, [outcome], seen_until=SEEN)
    assert isinstance(told, Released), told
    return {one.treated_by: one for one in told.answer}


def says(of: UnitTable) -> str:
    (one,) = found(of)[TreatedBy.USE].outcomes
    assert one.judgement is Judgement.CANT_TELL
    return one.says


def test_a_planted_effect_is_found_by_both_definitions() -> None:
    told = found(table(effect=0.12))
    assert set(told) == set(TreatedBy)
    for one in told.values():
        (outcome,) = one.outcomes
        assert outcome.judgement is Judgement.ROSE
        assert isinstance(outcome.effect, Estimate)
        assert isinstance(outcome.effect.low, float) and isinstance(outcome.effect.high, float)
        assert outcome.effect.low < 0.12 < outcome.effect.high
        assert (one.units, one.departments, one.weeks, one.seen) == (UNITS, DEPARTMENTS, WEEKS, 1.0)
        assert isinstance(outcome.undone_at, float) and outcome.undone_at > 0


def test_a_slow_drift_is_not_called_an_effect() -> None:
    """A drift of a tenth of the noise a week, which no test before treatment sees well."""
    judged = [found(table(drift=0.003, seed=seed))[TreatedBy.USE].outcomes[0] for seed in range(8)]
    moved = [one for one in judged if one.judgement in {Judgement.ROSE, Judgement.MAY_BE_DRIFT}]
    assert len(moved) > 2
    assert sum(one.judgement is Judgement.ROSE for one in judged) <= 1
    assert all("A steady drift" in one.says for one in moved if one.judgement is not Judgement.ROSE)


def test_where_nothing_was_planted_there_is_no_sign() -> None:
    (outcome,) = found(table(seed=5))[TreatedBy.USE].outcomes
    assert outcome.judgement is Judgement.NO_SIGN and "No sign" in outcome.says


def test_units_that_moved_apart_before_are_no_evidence() -> None:
    assert "moving apart" in says(table(drift=0.02))


def test_pilots_and_units_below_the_floor_are_left_out_and_counted() -> None:
    plain = table(effect=0.08)
    pilots = {"team-00", "team-01", "team-02"}
    facts = [replace(unit, is_pilot=unit.unit in pilots) for unit in plain.units]
    rows = [replace(row, people=4) if row.unit in {"team-02", "team-03"} else row for row in plain.weeks]
    told = found(replace(plain, units=facts, weeks=rows))[TreatedBy.USE]
    assert (told.units, told.pilots, told.small) == (UNITS - 4, 3, 1)
    refused = release_cause(table(people=4), [KEPT], seen_until=SEEN)
    assert refused == Refuse("floor", "Every unit has fewer than 5 people.")


@pytest.mark.parametrize(
    ("of", "words"),
    [
        ({"units": 3, "first": [8, NEVER, NEVER]}, "there are 3 units"),
        ({"first": [NEVER] * UNITS}, "no unit was treated"),
        ({"first": [8] * UNITS}, "nobody to compare with"),
        ({"first": [0] * 24 + [NEVER] * 24}, "treated unit was so from the start"),
        ({"departments": 4}, "too few departments"),
    ],
)
def test_it_abstains_in_words(of: Mapping[str, Any], words: str) -> None:
    assert words in says(table(**of))


def test_a_figure_that_never_moved_and_missing_weeks_are_said() -> None:
    plain = table()
    still = [replace(row, figures={"kept": 0.5}) for row in plain.weeks]
    assert "never moved" in says(replace(plain, weeks=still))
    gaps = [row for n, row in enumerate(plain.weeks) if n % 3 or row.week == FIRST]
    assert "% of units and weeks are missing" in says(replace(plain, weeks=gaps))


def test_one_unit_is_held_against_a_mix() -> None:
    told = found(table(first=[14, *[NEVER] * (UNITS - 1)], effect=0.2))[TreatedBy.USE]
    (outcome,) = told.outcomes
    assert told.design == "cause-synthetic"
    assert outcome.judgement is Judgement.ROSE and "p = 0.02" in outcome.says
    few = found(table(first=[3, *[NEVER] * (UNITS - 1)], effect=0.2))[TreatedBy.USE]
    assert "a mix takes at least 4 weeks before" in few.outcomes[0].says


def test_one_huge_unit_is_no_evidence() -> None:
    plain = table(effect=0.08)
    huge = [
        replace(row, figures={"kept": 400.0 * float(row.figures["kept"])}) if row.unit == "team-05" else row
        for row in plain.weeks
        if isinstance(row.figures["kept"], float)
    ]
    assert "one department" in says(replace(plain, weeks=huge))


def test_two_outcomes_share_a_wider_interval() -> None:
    plain = table(effect=0.08)
    chance = np.random.default_rng(9)
    both = [replace(row, figures={**row.figures, "noise": float(chance.normal())}) for row in plain.weeks]
    told = release_cause(replace(plain, weeks=both), [KEPT, Outcome.parse("noise")], seen_until=SEEN)
    assert isinstance(told, Released)
    alone, together = found(plain)[TreatedBy.USE].outcomes[0], told.answer[0].outcomes[0]
    assert isinstance(alone.effect, Estimate) and isinstance(together.effect, Estimate)
    assert alone.effect.value == together.effect.value
    assert isinstance(alone.effect.high, float) and isinstance(together.effect.high, float)
    assert together.effect.high > alone.effect.high


def test_a_young_rate_is_of_what_was_followed() -> None:
    plain = table()
    counts = [replace(row, figures={"undone": 3.0, "landed": 30.0}) for row in plain.weeks]
    young = release_cause(
        replace(plain, weeks=counts),
        [Outcome.parse("undone/landed")],
        seen_until=FIRST + timedelta(weeks=WEEKS, days=-2),
    )
    assert isinstance(young, Released)
    # The last two weeks have been followed for less than fifteen days: they are left out, and no gap.
    assert (young.answer[0].weeks, young.answer[0].seen) == (WEEKS - 3, 1.0)
    assert any("30 days" in note for note in young.answer[0].notes)


def test_nothing_is_told_of_an_empty_table_or_without_a_treatment() -> None:
    assert isinstance(release_cause(UnitTable(weeks=[], units=[]), [KEPT], seen_until=SEEN), Refuse)
    plain = table()
    old = [replace(plain.weeks[0], week=date(2001, 1, 1)), *plain.weeks]
    assert isinstance(release_cause(replace(plain, weeks=old), [KEPT], seen_until=SEEN), Refuse)
    unsized = [replace(row, people=Unknown("no")) for row in plain.weeks]
    told = release_cause(replace(plain, weeks=unsized), [KEPT], seen_until=SEEN)
    assert isinstance(told, Released) and "how many people" in told.answer[0].notes[0]
    assert any("fewer than 10 people" in note for note in found(table(people=9))[TreatedBy.USE].notes)
    bare = [replace(row, exposure=Unknown("no")) for row in plain.weeks]
    refused = release_cause(replace(plain, weeks=bare, has_licences=False), [KEPT], seen_until=SEEN)
    assert isinstance(refused, Refuse) and refused.clause == "no-treatment"


MEASURED = (
    ("begins = 2026-08-31", "begins = 2026-06-01"),
    ('"30 days"', '"999 days"'),
    ('id = "tokens"\nname = "tokens"', 'id = "weekly-use"\nname = "use"'),
    ('metrics = ["tokens"]', 'metrics = ["weekly-use"]'),
    ('audience = ["leaders", "finance"]', 'audience = ["everyone"]'),
)  # fmt: skip


def company(g: Guarded, *, units: int, size: int, monday: date, weeks: int) -> Pseudonym:
    """Units of which the first half uses it from the middle on; somebody of the last one."""
    chance = np.random.default_rng(2)
    names = [f"unit-{n:02d}" for n in range(units) for _ in range(size)]
    who = g.keys.pseudonyms([f"p{n}" for n in range(len(names))])
    rows: list[Any] = [
        Unit(unit=UnitId(f"{unit}-team"), parent=UnitId(unit)) for unit in dict.fromkeys(names)
    ]
    for n, (person, unit) in enumerate(zip(who, names, strict=True)):
        rows.append(Person(who=person, role="office", joined=LONG_AGO))
        rows.append(Membership(who=person, unit=UnitId(f"{unit}-team"), since=LONG_AGO))
        for week in range(weeks):
            day = monday + timedelta(weeks=week, days=n % 5)
            adopted = n < 5 * size and week >= weeks // 2
            if chance.random() < (0.95 if adopted else 0.1):
                rows.append(usage(person, day=day, output=10))
            work = WorkFate(who=person, kind="change", work=f"{n}-{week}", landed=day)
            is_undone = chance.random() < 0.1
            rows.append(replace(work, undone=day + timedelta(days=3)) if is_undone else work)
    put(g, *rows)
    return who[-1]


def test_of_a_data_directory_only_released_figures_are_used(tmp_path: Path) -> None:
    monday, weeks = date(2026, 6, 15), 4
    with gate(tmp_path) as g:
        staff = company(g, units=11, size=56, monday=monday, weeks=weeks)
        put_in_force(g, programme(*MEASURED))
        wanted = Wanted(
            outcomes=[MetricId("corrected")],
            by=Level.UNIT,
            since=monday,
            until=monday + timedelta(weeks=weeks - 1),
            purpose="value_reporting",
        )
        stated = {"unit-01": UnitFacts(unit=UnitId("unit-01"), licensed=monday)}
        told = released_table(g, wanted, viewer(staff), stated)
        nothing = released_table(g, replace(wanted, purpose="performance_review"), viewer(staff), {})
        logged = [t for n in range(len(g.log)) for t in told_of(g.log.entry(n))[1] if t.get("group")]
    assert isinstance(nothing, Refuse)
    assert isinstance(told, UnitTable), told
    assert len(told.units) == 11 and len(logged) > 2 * 11 * weeks
    cause = release_cause(told, [Outcome.parse("corrected")], seen_until=SEEN, clause=RELEASED)
    assert isinstance(cause, Released) and cause.clause == RELEASED
    use, licence = cause.answer
    assert (use.treated_by, use.units, use.treated, use.weeks) == (TreatedBy.USE, 11, 5, weeks)
    # The use of one's own team is not shown to oneself.
    assert any("9 % of units and weeks do not say how many were active" in note for note in use.notes)
    assert (licence.treated_by, licence.treated) == (TreatedBy.LICENCE, 1)
