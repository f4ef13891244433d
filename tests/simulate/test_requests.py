"""Requests come to their person-days to the token, and each tactic and workload leaves its own trace."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from counterfoil.simulate.company.cases import AMAZON
from counterfoil.simulate.company.days import Days, person_days
from counterfoil.simulate.company.people import People, Workload, invent
from counterfoil.simulate.company.requests import (
    CHUNK,
    EVENING,
    MORNING,
    Credential,
    Requests,
    Trigger,
    requests_of,
)
from counterfoil.simulate.company.tactics import TACTICS

DAYS = 7


@pytest.fixture(scope="module")
def people() -> People:
    return invent(12_000, seed=3, weeks=1)


@pytest.fixture(scope="module")
def days(people: People) -> Days:
    return person_days(people, AMAZON, days=DAYS, seed=3)


@pytest.fixture(scope="module")
def batches(people: People, days: Days) -> list[Requests]:
    return [batch for day in range(DAYS) for batch in requests_of(people, days, day, seed=3)]


def column(batches: list[Requests], name: str) -> NDArray[Any]:
    return np.concatenate([getattr(batch, name) for batch in batches])


def test_every_token_of_a_person_day_is_in_its_requests(people: People, days: Days) -> None:
    for day in (0, 4):
        sums = np.zeros(len(people), np.int64)
        for b in requests_of(people, days, day, seed=3):
            billed = b.input_uncached.astype(np.int64) + b.cache_read + b.cache_write + b.output
            np.add.at(sums, b.person, billed)
        assert sums.tolist() == np.rint(days.tokens[:, day].astype(np.float64)).astype(np.int64).tolist()


def test_no_bucket_is_below_zero_and_no_batch_too_large(batches: list[Requests]) -> None:
    for b in batches:
        assert all(getattr(b, f.name).min() >= 0 for f in fields(b) if f.name not in {"day", "tactic"})
        assert len(b) <= CHUNK or len(set(b.person.tolist())) <= 2
        assert b.second.max() < 86_400


def test_the_same_seed_gives_the_same_requests(people: People, days: Days) -> None:
    some = np.arange(0, 400, dtype=np.int32)
    one, two, other = (next(iter(requests_of(people, days, 1, seed=seed, who=some))) for seed in (1, 1, 2))
    assert all(np.array_equal(getattr(one, f.name), getattr(two, f.name)) for f in fields(one))
    assert not np.array_equal(one.second, other.second)
    assert set(one.person.tolist()) <= set(some.tolist())


@pytest.mark.parametrize("place", [p for p, t in enumerate(TACTICS) if t.way != "resist"])
def test_each_tactic_leaves_its_trace(batches: list[Requests], place: int) -> None:
    tactic = TACTICS[place]
    mine = column(batches, "tactic") == place
    tokens = sum(
        column(batches, n)[mine].astype(np.int64)
        for n in ("input_uncached", "cache_read", "cache_write", "output")
    )
    if tactic.way == "burn":
        assert np.median(tokens) == pytest.approx(tactic.request_tokens, rel=0.2)
    output = column(batches, "output")[mine].sum() / tokens.sum()
    assert output == pytest.approx(tactic.output_share, abs=0.01)
    for name, share in (("repeated", tactic.repeat), ("human_turns", tactic.human_turns)):
        assert column(batches, name)[mine].mean() == pytest.approx(share, abs=0.06)
    assert column(batches, "gamed")[mine].all()


def test_a_burner_comes_like_a_clock_and_honest_work_does_not(
    batches: list[Requests], people: People
) -> None:
    def variation(mine: NDArray[np.bool_]) -> float:
        person, second = column(batches[:40], "person")[mine], column(batches[:40], "second")[mine]
        busiest = np.bincount(person).argmax()
        gaps = np.diff(np.sort(second[person == busiest]))
        return float(gaps.std() / gaps.mean())

    tactic = column(batches[:40], "tactic")
    places = [p for p, t in enumerate(TACTICS) if t.metronomic and t.way == "burn"]
    honest = (tactic < 0) & (column(batches[:40], "workload") == Workload.ORDINARY)
    assert variation(np.isin(tactic, places)) < 0.5 < 0.6 * variation(honest) + 0.3


def test_honest_work_that_looks_odd_is_told_apart_by_what_was_declared(batches: list[Requests]) -> None:
    workload, honest = column(batches, "workload"), ~column(batches, "gamed")
    pipeline = honest & (workload == Workload.PIPELINE)
    evaluation = honest & (workload == Workload.EVALUATION)
    assert set(column(batches, "trigger")[pipeline].tolist()) == {Trigger.EVENT}
    assert set(column(batches, "trigger")[evaluation].tolist()) == {Trigger.SCHEDULE}
    assert column(batches, "repeated")[evaluation].mean() == pytest.approx(0.75, abs=0.03)
    assert Credential.SERVICE in set(column(batches, "credential")[pipeline | evaluation].tolist())
    assert Credential.SERVICE not in set(column(batches, "credential")[~honest].tolist())


def test_nothing_is_declared_where_there_is_no_register(people: People, days: Days) -> None:
    for batch in requests_of(people, days, 0, seed=3, declared=False):
        assert not batch.workload.any()


def test_nights_are_quiet_for_ordinary_people_in_their_own_time(
    batches: list[Requests], people: People
) -> None:
    ordinary = (column(batches, "tactic") < 0) & (column(batches, "trigger") == Trigger.HUMAN)
    zone = people.zone[column(batches, "person")[ordinary]].astype(np.int64)
    local = (column(batches, "second")[ordinary].astype(np.int64) + 3_600 * zone) % 86_400
    assert ((local >= EVENING) | (local < MORNING)).mean() == pytest.approx(0.04, abs=0.02)


def test_the_price_is_that_of_the_buckets(batches: list[Requests]) -> None:
    total = sum(int(b.micro_usd.sum(dtype=np.int64)) for b in batches)
    tokens = sum(
        int(b.cache_read.sum(dtype=np.int64) + b.input_uncached.sum(dtype=np.int64)) for b in batches
    )
    assert 0.1 < total / tokens < 5
