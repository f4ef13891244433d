"""A company that is drawn week by week comes to what is expected of it, and is the same for the same seed."""

from dataclasses import replace

import numpy as np
import pytest

from counterfoil.simulate.company.behave import adopters
from counterfoil.simulate.company.cases import AMAZON, EXPECTED, META, NOTHING
from counterfoil.simulate.company.days import Days, person_days
from counterfoil.simulate.company.design import Design
from counterfoil.simulate.company.live import Behaviour, Week, live
from counterfoil.simulate.company.parameters import FITTED
from counterfoil.simulate.company.people import NEVER, People, invent
from counterfoil.simulate.company.settled import settle
from counterfoil.simulate.company.tactics import TACTICS, Way


def share(week: Week, behaviour: Behaviour) -> float:
    there = week.behaviour != Behaviour.ABSENT
    return float((week.behaviour == behaviour).sum() / there.sum())


@pytest.mark.parametrize("design", [AMAZON, META, EXPECTED, NOTHING])
def test_what_is_drawn_comes_to_what_is_expected(crowd: People, design: Design) -> None:
    weeks = list(live(crowd, design, FITTED, weeks=12, seed=2, began=30))[4:]
    expected = settle(crowd, design, FITTED, adopted=adopters(36, FITTED))
    for behaviour, value in (
        (Behaviour.PAD, expected.padding),
        (Behaviour.MAXIMISE, expected.tokenmaxxing),
        (Behaviour.RESIST, expected.quiet_resistance),
    ):
        assert np.mean([share(week, behaviour) for week in weeks]) == pytest.approx(value, abs=0.008)


def test_nobody_calls_more_than_once_a_second_whatever_is_asked() -> None:
    people = invent(300, seed=1)
    for week in live(people, replace(AMAZON, target=1e12), FITTED, weeks=2, seed=1):
        assert (week.pads <= 7 * 86_400).all()
        assert (week.burned >= 0).all()


def test_the_same_seed_gives_the_same_company() -> None:
    one, two, other = (
        list(live(invent(500, seed=seed), AMAZON, FITTED, weeks=5, seed=seed)) for seed in (1, 1, 2)
    )
    for a, b in zip(one, two, strict=True):
        assert (a.tokens == b.tokens).all()
        assert (a.tactic == b.tactic).all()
    assert any((a.tokens[:500] != b.tokens[:500]).any() for a, b in zip(one, other, strict=True))


def test_nobody_works_before_joining_on_leave_or_after_leaving() -> None:
    people = invent(3_000, seed=8, weeks=52)
    assert len(people) > 3_000
    for week in live(people, AMAZON, FITTED, weeks=52, seed=1):
        away = ~people.present(week.number)
        assert (week.behaviour[away] == Behaviour.ABSENT).all()
        assert not week.tokens[away].any()
        assert not week.burned[away].any()
        assert not week.pads[away].any()


def test_a_company_keeps_its_size() -> None:
    people = invent(5_000, seed=2, weeks=52)
    employed = [int(((people.joins <= w) & (w < people.leaves)).sum()) for w in range(52)]
    assert min(employed) > 4_850
    assert max(employed) <= 5_000


def test_reorganised_people_are_in_their_new_team() -> None:
    people = invent(3_000, seed=2, weeks=52)
    assert (people.team_in(0) == people.team).all()
    late = people.team_in(52)
    moved = people.moves < NEVER
    assert moved.any()
    assert (late[moved] == people.next_team[moved]).all()
    assert set(people.next_team[moved].tolist()).isdisjoint(people.team[moved].tolist())


def test_only_those_who_game_or_resist_have_a_tactic(crowd: People) -> None:
    ways = {Behaviour.PAD: Way.PAD, Behaviour.MAXIMISE: Way.BURN, Behaviour.RESIST: Way.RESIST}
    for week in live(crowd, AMAZON, FITTED, weeks=3, seed=1, began=20):
        for behaviour in Behaviour:
            tactics = {TACTICS[t].way for t in week.tactic[week.behaviour == behaviour].tolist() if t >= 0}
            assert tactics == ({ways[behaviour]} if behaviour in ways else set())


def test_every_way_of_gaming_and_all_tactics_occur(crowd: People) -> None:
    seen = set()
    for week in live(crowd, AMAZON, FITTED, weeks=8, seed=1, began=20):
        seen |= set(week.tactic.tolist())
    assert seen == {-1, *range(len(TACTICS))}


@pytest.fixture(scope="module")
def month(crowd: People) -> Days:
    return person_days(crowd, AMAZON, days=28, seed=1)


def test_days_come_to_their_weeks(crowd: People, month: Days) -> None:
    weeks = list(live(crowd, AMAZON, FITTED, weeks=4, seed=1, began=26))
    for week in weeks:
        span = slice(7 * week.number, 7 * week.number + 7)
        assert (month.tasks[:, span].sum(axis=1) == week.tasks).all()
        extra = (month.tokens - month.needed)[:, span].sum(axis=1, dtype=np.float64)
        assert extra == pytest.approx(week.burned, rel=1e-3, abs=4_000)


def test_padding_heaps_before_the_deadline(month: Days) -> None:
    padded = (month.tokens - month.needed > 100) & (month.tokens - month.needed < 20_000)
    by_day = padded.reshape(len(padded), 4, 7).sum(axis=(0, 1))
    assert by_day[4] == by_day.max()
    assert by_day[4] > 1.8 * by_day[3]


def test_a_streak_is_kept_every_day(month: Days) -> None:
    streak = next(place for place, tactic in enumerate(TACTICS) if tactic.name == "streak")
    kept = month.weeks[0].tactic == streak
    assert kept.sum() > 100
    assert ((month.tokens - month.needed)[kept, :7] > 0).all()


def test_what_was_needed_is_no_more_than_there_is(month: Days) -> None:
    assert (month.needed <= month.tokens).all()
    assert (month.cache_read <= month.tokens).all()
    assert ((month.models > 0) == (month.tokens > 0)).all()
    assert month.longest.max() == 24
