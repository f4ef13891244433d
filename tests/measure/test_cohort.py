"""Figures of groups agree with published formulas, and their intervals hold what they promise."""

import numpy as np
import pytest
from scipy import stats

from counterfoil.measure.cohort.metric import METRICS
from counterfoil.measure.cohort.pulse import behind_a_list, mean_of, share_of
from counterfoil.measure.cohort.total import total
from counterfoil.terms.absent import Unknown
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
    for metric in METRICS.values():
        assert metric.breaks_when
        assert metric.says
        found = metric.estimate({name: sums[name] for name in metric.sums}, 1.0)
        value, low, high = numbers(found)
        assert low <= value <= high
