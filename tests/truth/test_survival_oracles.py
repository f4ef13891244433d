"""Survival against scipy and lifelines, and intervals against planted answers."""

import warnings

import numpy as np
import pytest
from lifelines import KaplanMeierFitter
from lifelines.datasets import load_larynx, load_lung, load_rossi, load_waltons
from scipy import stats

from counterfoil.measure.interval import share_by_cluster, wilson
from counterfoil.measure.survival import Lifetimes, kaplan_meier
from counterfoil.terms.estimate import Estimate

DATA = {
    "waltons": lambda: load_waltons()[["T", "E"]],
    "lung": lambda: load_lung()[["time", "status"]],
    "rossi": lambda: load_rossi()[["week", "arrest"]],
    "larynx": lambda: (load_larynx()[["time", "death"]] * [10, 1]).round(),
}


def alone(days: np.ndarray, ended: np.ndarray) -> Lifetimes:
    """Each unit its own cluster, followed as long as the longest."""
    size = len(days)
    return Lifetimes(
        days=days, ended=ended, followed=np.full(size, days.max()), cluster=np.arange(size, dtype=np.int64)
    )


@pytest.mark.parametrize("name", DATA)
def test_the_curve_and_its_error_are_those_of_lifelines_and_scipy(name: str) -> None:
    table = DATA[name]().to_numpy().astype(np.int64)
    days, ended = table[:, 0], table[:, 1] == table[:, 1].max()
    ours = kaplan_meier(alone(days, ended), draws=20)
    at = np.arange(ours.horizon + 1)
    theirs = KaplanMeierFitter().fit(days, ended).survival_function_at_times(at).to_numpy()
    np.testing.assert_allclose(ours.share, theirs, rtol=1e-12)

    sf = stats.ecdf(stats.CensoredData.right_censored(days, ~ended)).sf
    np.testing.assert_allclose(ours.share, sf.evaluate(at), rtol=1e-12)
    with warnings.catch_warnings(action="ignore", category=RuntimeWarning):
        low = sf.confidence_interval(method="linear").low
    used = np.flatnonzero((low.quantiles <= ours.horizon) & (low.probabilities > 0))
    greenwood = (sf.probabilities - low.probabilities)[used] / stats.norm.ppf(0.975)
    np.testing.assert_allclose(
        ours.greenwood[sf.quantiles[used].astype(int)], greenwood, rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize(("hits", "n"), [(0, 7), (1, 7), (5, 9), (300, 1000), (9, 9)])
def test_wilson_is_scipy_s(hits: int, n: int) -> None:
    theirs = stats.binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits, n) == pytest.approx((theirs.low, theirs.high), rel=1e-9, abs=1e-12)


def test_where_lines_are_alone_the_band_is_as_wide_as_greenwood_s() -> None:
    chance = np.random.default_rng(5)
    days = chance.integers(1, 200, 2_000)
    ours = kaplan_meier(alone(days, days < 150), draws=1_000)
    half = (ours.high - ours.low)[[30, 60, 90]] / 2
    np.testing.assert_allclose(half, 1.96 * ours.greenwood[[30, 60, 90]], rtol=0.1)


def clustered(chance: np.random.Generator, clusters: int) -> tuple[Lifetimes, np.ndarray]:
    """Changes of unlike size and hazard, landed over 80 days; and when each line will have ended."""
    sizes = 1 + chance.geometric(0.05, clusters)
    cluster = np.repeat(np.arange(clusters), sizes)
    hazard = chance.gamma(0.5, 1 / 30, clusters)[cluster]
    days = np.ceil(chance.exponential(1, len(cluster)) / hazard).clip(1, 10_000).astype(np.int64)
    followed = chance.integers(1, 81, clusters)[cluster]
    return (
        Lifetimes(
            days=np.minimum(days, followed), ended=days <= followed, followed=followed, cluster=cluster
        ),
        days,
    )


TRUE_30 = (1 + 30 / 30) ** -0.5
"""The Laplace transform of a gamma(0.5) hazard of mean 1/60 at 30 days."""


def test_95_of_100_survival_intervals_hold_the_planted_answer() -> None:
    chance = np.random.default_rng(11)
    held, naive, repeats = 0, 0, 1_500
    for _ in range(repeats):
        curve = kaplan_meier(clustered(chance, 80)[0], draws=200)
        found = curve.at(30)
        assert isinstance(found, Estimate) and isinstance(found.low, float) and isinstance(found.high, float)
        held += found.low <= TRUE_30 <= found.high
        naive += abs(found.value - TRUE_30) <= 1.96 * curve.greenwood[30]
    assert 0.93 <= held / repeats <= 0.97
    assert naive / repeats < 0.8


def test_95_of_100_intervals_of_a_share_hold_the_planted_answer() -> None:
    chance = np.random.default_rng(12)
    held, repeats = 0, 1_500
    for _ in range(repeats):
        lives, days = clustered(chance, 80)
        whole = np.bincount(lives.cluster)
        part = np.bincount(lives.cluster[days > 30], minlength=80)
        found = share_by_cluster(part, whole, coverage=1.0, method="rework")
        assert isinstance(found, Estimate) and isinstance(found.low, float) and isinstance(found.high, float)
        held += found.low <= TRUE_30 <= found.high
    assert 0.93 <= held / repeats <= 0.97
