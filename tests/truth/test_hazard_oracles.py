"""The matched hazard ratio against lifelines and a planted answer that the raw comparison gets wrong."""

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pytest
from lifelines import CoxPHFitter
from lifelines.datasets import load_waltons
from lifelines.statistics import logrank_test

from counterfoil.measure.hazard import hazard_ratio
from counterfoil.measure.survival import Lifetimes, kaplan_meier
from counterfoil.terms.estimate import Estimate


def bounds(found: object) -> tuple[float, float, float]:
    assert isinstance(found, Estimate) and isinstance(found.low, float) and isinstance(found.high, float)
    return found.low, found.value, found.high


def confounded(
    chance: np.random.Generator, ratio: float, changes: int = 120
) -> tuple[Lifetimes, np.ndarray, np.ndarray]:
    """Early months die fast and have little AI, late months slowly and much; the ratio within each is one."""
    month = chance.integers(0, 3, changes)
    ai = chance.random(changes) < np.array([0.2, 0.5, 0.8])[month]
    hazard = np.array([1 / 20, 1 / 60, 1 / 180])[month] * np.where(ai, ratio, 1)
    hazard *= chance.gamma(4, 1 / 4, changes)
    change = np.repeat(np.arange(changes), chance.integers(1, 20, changes))
    days = np.ceil(chance.exponential(1, len(change)) / hazard[change]).astype(np.int64)
    followed = chance.integers(60, 200, changes)[change]
    lives = Lifetimes(
        days=np.minimum(days, followed), ended=days <= followed, followed=followed, cluster=change
    )
    return lives, ai[change], month[change]


def test_it_is_the_log_rank_test_of_lifelines() -> None:
    table = load_waltons()
    days, ended = table["T"].to_numpy().astype(np.int64), table["E"].to_numpy() == 1
    treated = table["group"].to_numpy() == "miR-137"
    lives = Lifetimes(days=days, ended=ended, followed=days, cluster=np.arange(len(days)))
    _, value, _ = bounds(hazard_ratio(lives, treated, np.zeros(len(days), np.int64), days=100))
    test = logrank_test(days[treated], days[~treated], ended[treated], ended[~treated])
    at = np.unique(days[ended])
    expected = sum(
        (days[ended] == t).sum() * (days[treated] >= t).sum() / (days >= t).sum() for t in at.tolist()
    )
    assert np.log(value) * (ended[treated].sum() - expected) == pytest.approx(test.test_statistic, rel=1e-9)


def test_it_is_near_a_stratified_cox_regression() -> None:
    lives, ai, month = confounded(np.random.default_rng(3), 1.3, changes=2_000)
    _, value, _ = bounds(hazard_ratio(lives, ai, month, draws=20))
    table = pd.DataFrame(
        {"days": np.minimum(lives.days, 90), "ended": lives.ended & (lives.days <= 90), "ai": ai, "m": month}
    )
    cox = CoxPHFitter().fit(table, "days", "ended", strata=["m"])
    assert value == pytest.approx(float(cox.hazard_ratios_["ai"]), rel=0.02)


def test_the_raw_comparison_gets_the_sign_wrong_and_the_matched_one_does_not() -> None:
    lives, ai, month = confounded(np.random.default_rng(4), 1.5, changes=2_000)
    low, _, _ = bounds(hazard_ratio(lives, ai, month))
    assert low > 1
    raw = [
        kaplan_meier(
            Lifetimes(
                days=lives.days[of],
                ended=lives.ended[of],
                followed=lives.followed[of],
                cluster=lives.cluster[of],
            )
        ).share[30]
        for of in (ai, ~ai)
    ]
    assert raw[0] > raw[1]


def test_95_of_100_intervals_hold_no_difference_where_there_is_none() -> None:
    chance = np.random.default_rng(6)
    held, repeats = 0, 600
    for _ in range(repeats):
        low, _, high = bounds(hazard_ratio(*confounded(chance, 1.0), draws=200))
        held += low <= 1 <= high
    assert 0.93 <= held / repeats <= 0.97
