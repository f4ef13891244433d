"""Agreement, differences and strata come out as published, and the interval holds a planted truth."""

import numpy as np
import pytest

from counterfoil.measure.gaming.assessed import excess_of, kappa_of, picked_by, rate_of_answered
from counterfoil.measure.gaming.sample import designed
from counterfoil.measure.interval import Counts, wilson
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate


def pairs(table: list[list[int]]) -> tuple[Counts, Counts]:
    found = [(i, j) for i, row in enumerate(table) for j, many in enumerate(row) for _ in range(many)]
    first, second = np.array(found, np.int64).T
    return first, second


def share(hits: int, of: int) -> Estimate:
    low, high = wilson(hits, of)
    return Estimate(value=hits / of, low=low, high=high, n=of, coverage=1.0, method="share")


def test_kappa_is_that_of_the_psychologists() -> None:
    """Source: Fleiss (1981), Statistical Methods for Rates and Proportions, table 13.1: 0.68, 0.087."""
    kappa = kappa_of(*pairs([[75, 1, 4], [5, 4, 1], [0, 0, 10]]))
    assert isinstance(kappa, Estimate) and isinstance(kappa.high, float) and isinstance(kappa.low, float)
    assert kappa.value == pytest.approx(0.676, abs=5e-4)
    assert (kappa.high - kappa.low) / 2 / 1.96 == pytest.approx(0.0877, abs=1e-4)


def test_chance_alone_agrees_as_often_as_chance() -> None:
    kappa = kappa_of(*pairs([[25, 25], [25, 25]]))
    assert isinstance(kappa, Estimate) and kappa.value == pytest.approx(0)


@pytest.mark.parametrize("table", [[[5, 1], [1, 2]], [[60, 0], [0, 0]]])
def test_agreement_that_nobody_can_tell_is_unknown(table: list[list[int]]) -> None:
    assert isinstance(kappa_of(*pairs(table)), Unknown)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 10), 0.6075, 1),
    ],
)
def test_a_difference_of_shares_is_newcombes(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    """Source: Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10."""
    found = excess_of(share(*one), share(*other))
    assert found.low == pytest.approx(low, abs=5e-5) and found.high == pytest.approx(high, abs=5e-5)


def test_thin_strata_are_taken_together() -> None:
    hits, looked, frame = (np.array(x) for x in ([20, 0, 1], [40, 0, 1], [400, 30, 20]))
    found = rate_of_answered(hits, looked, frame)
    assert isinstance(found, Estimate) and found.n == 41
    alone = rate_of_answered(np.array([20, 5, 0]), np.array([40, 10, 1]), np.array([400, 60, 40]))
    # The thin one went together with the stratum of sixty, of which four in ten had it before.
    assert isinstance(alone, Estimate) and alone.value == pytest.approx(0.8 * 0.5 + 0.2 * 5 / 11)
    assert isinstance(rate_of_answered(np.array([3]), np.array([29]), np.array([99])), Unknown)


def test_a_planted_excess_is_in_its_interval() -> None:
    chance = np.random.default_rng(11)
    stratum = np.repeat([0, 1, 2], [300, 900, 200])
    frame = np.bincount(stratum)
    held = 0
    for _ in range(200):
        rates = []
        for truth in (np.array([0.3, 0.2, 0.5]), np.array([0.1, 0.1, 0.2])):
            has = chance.random(len(stratum)) < truth[stratum]
            picked = picked_by(chance.random(len(stratum)), stratum, designed(frame, 120).sampled)
            looked = np.bincount(stratum[picked], minlength=3)
            hits = np.bincount(stratum[picked][has[picked]], minlength=3)
            rate = rate_of_answered(hits, looked, frame)
            assert isinstance(rate, Estimate)
            rates.append((rate, float(has.mean())))
        (one, true), (other, truly) = rates
        found = excess_of(one, other)
        assert isinstance(found.low, float) and isinstance(found.high, float)
        held += found.low <= true - truly <= found.high
    assert held >= 180


def test_chance_picks_each_work_as_often() -> None:
    chance = np.random.default_rng(2)
    stratum = np.array([1, 0, 1, 0, 1, 1])
    often = np.zeros(6)
    for _ in range(2_000):
        picked = picked_by(chance.random(6), stratum, np.array([1, 2]))
        assert sorted(stratum[picked]) == [0, 1, 1]
        often[picked] += 1
    assert np.abs(often / 2_000 - 0.5).max() < 0.04
