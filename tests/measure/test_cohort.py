"""Figures of groups agree with published formulas, and their intervals hold what they promise."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from counterfoil.measure.cohort.flow import OPEN_ENDED, median_of_steps, rate_by_cluster
from counterfoil.measure.cohort.metric import COUNTED_BY_STEP, METRICS
from counterfoil.measure.cohort.pulse import behind_a_list, mean_of, share_of
from counterfoil.measure.cohort.total import total
from counterfoil.terms.absent import Unknown
from counterfoil.terms.delivered import STEPS, step_of
from counterfoil.terms.estimate import Estimate

ROUNDS = 600


def numbers(found: Estimate | Unknown) -> tuple[float, float, float]:
    assert isinstance(found, Estimate)
    assert isinstance(found.low, float)
    assert isinstance(found.high, float)
    return found.value, found.low, found.high


def test_a_total_has_the_interval_of_a_total() -> None:
    values = np.array([3, 5, 9, 11, 2, 0, 7])
    value, low, high = numbers(total(values, coverage=1.0))
    reach = stats.norm.ppf(0.975) * len(values) * stats.sem(values)
    assert (value, low, high) == pytest.approx((37, 37 - reach, 37 + reach))
    assert isinstance(total(np.array([3]), coverage=1.0), Unknown)
    assert numbers(total(np.array([0, 100]), coverage=1.0))[1] == 0


def test_the_interval_of_a_total_covers_what_such_people_come_to() -> None:
    chance = np.random.default_rng(5)
    mean, size = float(np.exp(2 + 0.5)), 120
    inside = 0
    for _ in range(ROUNDS):
        _, low, high = numbers(
            total(np.round(np.exp(chance.normal(2, 1, size)) * 100).astype(np.int64), coverage=1.0)
        )
        inside += low <= mean * size * 100 <= high
    assert 0.90 < inside / ROUNDS < 0.98


def test_a_mean_of_the_middle_is_no_persons_value_and_covers() -> None:
    chance = np.random.default_rng(6)
    inside = 0
    for _ in range(ROUNDS):
        _, low, high = numbers(mean_of(chance.normal(5, 2, 80), coverage=1.0))
        inside += low <= 5 <= high
    assert 0.92 < inside / ROUNDS < 0.975
    values = np.arange(12.0)
    assert numbers(mean_of(values, coverage=1.0))[0] == pytest.approx(stats.trim_mean(values, 0.25))
    assert isinstance(mean_of(np.arange(2.0), coverage=1.0), Unknown)


def test_a_share_is_wilsons() -> None:
    value, low, high = numbers(share_of(np.array([1.0] * 7 + [0.0] * 13), coverage=1.0))
    wanted = stats.binomtest(7, 20).proportion_ci(method="wilson")
    assert (value, low, high) == pytest.approx((0.35, wanted.low, wanted.high))
    assert isinstance(share_of(np.zeros(0), coverage=1.0), Unknown)


def test_a_list_finds_the_share_that_nobody_stated() -> None:
    chance = np.random.default_rng(7)
    inside = 0
    for _ in range(ROUNDS):
        base = chance.binomial(4, 0.5, 1_000).astype(np.float64)
        long = chance.random(1_000) < 0.5
        said = base + long * (chance.random(1_000) < 0.4)
        _, low, high = numbers(behind_a_list(said[long], said[~long], coverage=1.0))
        inside += low <= 0.4 <= high
    assert 0.93 < inside / ROUNDS < 0.975
    assert isinstance(behind_a_list(np.ones(1), np.ones(9), coverage=1.0), Unknown)


def test_every_figure_says_how_it_breaks_and_is_computed() -> None:
    sums = {name: np.arange(1, 21) for name in ("tokens", "cost", "landed", "seats")}
    sums |= {"kept": np.arange(1, 21) // 2, "used": np.arange(1, 21) // 2, "active": np.array([1, 0] * 10)}
    wholes, parts = (
        ("merged", "reviewed", "deployed", "delivered", "recovered"),
        ("reverted", "failed", "unplanned"),
    )
    sums |= {name: np.arange(1, 21) for name in wholes} | {name: np.arange(1, 21) // 2 for name in parts}
    sums |= {"looks": np.arange(1, 21) * 3, "joined": np.arange(1, 21) // 2}
    spent = (
        "standing",
        "undone",
        "not_landed",
        "too_young",
        "not_examined",
        "unknown",
        "examined",
        "changes",
        "wanted",
        "needless",
    )
    sums |= {name: np.arange(1, 21) for name in spent}
    sums |= {name: np.arange(1, 21) * (n in {2, 5}) for n, name in enumerate(COUNTED_BY_STEP)}
    for metric in METRICS.values():
        assert set(metric.counters) <= set(METRICS)
        assert metric.breaks_when
        assert metric.says
        found = metric.estimate({name: sums[name] for name in metric.sums}, 1.0)
        value, low, high = numbers(found)
        assert low <= value <= high


def counted(minutes: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """How many durations of each person are of each step.

    Shape: `minutes` (people, durations).
    """
    counts = np.zeros((len(minutes), len(STEPS)), np.int64)
    for person, mine in enumerate(minutes):
        for one in mine:
            counts[person, STEPS.index(step_of(float(one)))] += 1
    return counts


def test_a_median_is_in_the_step_of_the_true_one() -> None:
    chance = np.random.default_rng(8)
    for seed in range(40):
        minutes = np.exp(chance.normal(3 + seed / 8, 1.2, (60, 7)))
        value, low, high = numbers(median_of_steps(counted(minutes), coverage=1.0, method="m"))
        assert step_of(value) == step_of(float(np.median(minutes)))
        assert low <= np.median(minutes) <= high
    even = np.zeros((12, len(STEPS)), np.int64)
    even[:, STEPS.index(60)] = 3
    assert numbers(median_of_steps(even, coverage=1.0, method="m")) == (90, 60, 120)
    assert isinstance(median_of_steps(np.zeros((3, len(STEPS)), np.int64), coverage=1.0, method="m"), Unknown)
    few = median_of_steps(even[:9], coverage=1.0, method="m")
    assert isinstance(few, Estimate)
    assert isinstance(few.low, Unknown)
    long = median_of_steps(np.roll(even, len(STEPS) - 1 - STEPS.index(60), axis=1), coverage=1.0, method="m")
    assert isinstance(long, Estimate)
    assert (long.value, long.high) == (STEPS[-1], OPEN_ENDED)


def test_the_interval_of_a_median_covers_where_people_share_their_luck() -> None:
    chance = np.random.default_rng(9)
    inside = plain = 0
    for _ in range(ROUNDS):
        own = chance.normal(0, 1, (40, 1))
        minutes = np.exp(5.5 + own + chance.normal(0, 0.7, (40, 6)))
        _, low, high = numbers(median_of_steps(counted(minutes), coverage=1.0, method="m"))
        inside += low <= float(np.exp(5.5)) <= high
        # As if all were independent: the order statistics of a binomial.
        ends = stats.binom.ppf([0.025, 0.975], minutes.size, 0.5).astype(int)
        below, above = np.sort(minutes.ravel())[ends]
        plain += below <= float(np.exp(5.5)) <= above
    assert inside / ROUNDS > 0.95
    assert plain / ROUNDS < 0.85


def test_a_rate_is_a_ratio_of_sums_and_covers() -> None:
    chance = np.random.default_rng(10)
    inside = 0
    for _ in range(ROUNDS // 3):
        whole = chance.poisson(6, 60)
        part = chance.poisson(whole * np.exp(chance.normal(np.log(2) - 0.08, 0.4, 60)))
        value, low, high = numbers(rate_by_cluster(part, whole, coverage=1.0, method="r"))
        assert value == pytest.approx(part.sum() / whole.sum())
        inside += low <= 2 <= high
    assert 0.90 < inside / (ROUNDS // 3) < 0.99
    assert isinstance(rate_by_cluster(np.zeros(3, int), np.zeros(3, int), coverage=1.0, method="r"), Unknown)
    few = rate_by_cluster(np.array([2, 3]), np.array([1, 1]), coverage=1.0, method="r")
    assert isinstance(few, Estimate)
    assert (few.value, isinstance(few.low, Unknown)) == (2.5, True)
