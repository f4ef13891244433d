"""Planted effects are found, and chance is called chance."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from counterfoil.measure.causal.aggregate import event_study, simple
from counterfoil.measure.causal.band import before_differs, chi_square_tail, estimates
from counterfoil.measure.causal.effects import group_time_effects
from counterfoil.measure.causal.exposure import first_licensed, first_used, rate_by_exposure
from counterfoil.measure.causal.panel import NEVER, Floats, Panel, panel_of
from counterfoil.measure.causal.randomised import (
    Trial,
    deals,
    dealt,
    effect_of_use,
    intention_to_treat,
    use_moved,
)
from counterfoil.measure.causal.robust import doubly_robust, logit
from counterfoil.measure.causal.simplex import simplex_weights
from counterfoil.measure.causal.synthetic import (
    Block,
    against_placebos,
    placebo_effects,
    synthetic_difference_in_differences,
)
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate


def planted(seed: int, *, effect: float, units: int = 60, steps: int = 12) -> Panel:
    """Units in departments of three, a third of them never treated, the others from one of two steps on."""
    chance = np.random.default_rng(seed)
    department = np.arange(units) // 3
    first = chance.choice([6, 8, NEVER], units)
    luck = chance.normal(size=(units // 3, steps))[department] * 0.3
    noise = chance.normal(size=(units, steps)) * 0.3
    given = np.arange(steps)[None, :] >= first[:, None]
    outcome = chance.normal(size=(units, 1)) + luck + noise + effect * given
    return panel_of(outcome, first, cluster=department)


def test_the_interval_of_departments_holds_the_planted_effect() -> None:
    held = 0
    for seed in range(80):
        found = simple(group_time_effects(planted(seed, effect=0.5), not_yet=True))
        held += abs(found.overall - 0.5) < NormalDist().inv_cdf(0.975) * found.overall_error
    assert 69 <= held <= 80  # 95 % of 80, less three standard errors and what twenty clusters cost


def test_a_missing_week_leaves_out_its_cells_and_no_more() -> None:
    panel = planted(1, effect=0.5)
    outcome = panel.outcome.copy()
    outcome[5, 7] = np.nan
    with_gap = panel_of(outcome, panel.first, cluster=panel.cluster)
    whole, gap = (group_time_effects(p, not_yet=True) for p in (panel, with_gap))
    assert gap.seen == pytest.approx(1 - 1 / panel.outcome.size)
    moved = np.flatnonzero(whole.value != gap.value)
    assert set(gap.step[moved]) <= {7, 8} and len(moved)


def test_without_anybody_to_compare_with_there_is_no_effect() -> None:
    panel = panel_of(np.zeros((4, 3)), np.array([1, 1, 1, 1]))
    with pytest.raises(ValueError, match="not treated at the time"):
        group_time_effects(panel, not_yet=True)
    first = panel_of(np.zeros((4, 3)), np.array([0, 0, NEVER, NEVER]))
    with pytest.raises(ValueError, match="not treated at the time"):
        group_time_effects(first)


def test_few_clusters_give_a_value_and_no_interval() -> None:
    study = event_study(group_time_effects(planted(2, effect=0.4, units=24), not_yet=True))
    found = estimates(study.value, study.influence, study.cluster, wide=2.0, seen=1.0, method="event-study")
    assert all(isinstance(one.low, Unknown) and isinstance(one.high, Unknown) for one in found)


def test_too_few_clusters_for_a_test_of_what_was_before() -> None:
    effects = group_time_effects(planted(2, effect=0.4, units=24), not_yet=True)
    assert isinstance(before_differs(effects), Unknown)


def test_chance_of_being_treated_is_the_likeliest() -> None:
    chance = np.random.default_rng(5)
    x = np.column_stack([np.ones(300), chance.normal(size=(300, 2))])
    d = (chance.random(300) < 1 / (1 + np.exp(-x @ [0.2, 0.7, -0.4]))).astype(np.float64)

    def surprise(beta: Floats) -> float:
        eta = x @ beta
        return float(np.logaddexp(0, eta).sum() - d @ eta)

    best = optimize.minimize(surprise, np.zeros(3), method="BFGS", options={"gtol": 1e-9}).x
    found, spread = logit(x, d)
    assert found == pytest.approx(1 / (1 + np.exp(-x @ best)), abs=1e-6)
    assert np.all(np.linalg.eigvalsh(spread) > 0)


def test_units_that_are_told_apart_exactly_can_not_be_compared() -> None:
    x = np.linspace(-1, 1, 40)[:, None]
    with pytest.raises(ValueError, match="tells exactly"):
        doubly_robust(x[:, 0], x[:, 0] > 0, x)
    with pytest.raises(ValueError, match="both treated units and others"):
        doubly_robust(x[:, 0], np.ones(40, np.bool_), x)


def test_what_confounds_is_taken_out() -> None:
    chance = np.random.default_rng(8)
    size = chance.normal(size=4_000)
    treated = chance.random(4_000) < 1 / (1 + np.exp(-size))
    change = size + 0.3 * treated + chance.normal(size=4_000)
    plain, _ = doubly_robust(change, treated, np.empty((4_000, 0)))
    value, influence = doubly_robust(change, treated, size[:, None])
    assert plain > 0.8
    assert abs(value - 0.3) < 3 * influence.std() / np.sqrt(4_000)
    assert influence.mean() == pytest.approx(0, abs=1e-8)


@given(st.floats(0.01, 200), st.integers(1, 60))
@settings(max_examples=30)
def test_the_tail_of_chi_square_is_that_of_scipy(statistic: float, freedom: int) -> None:
    assert chi_square_tail(statistic, freedom) == pytest.approx(
        float(stats.chi2.sf(statistic, freedom)), rel=1e-8, abs=1e-13
    )


@given(st.integers(0, 2**32 - 1), st.integers(2, 25), st.integers(2, 30), st.sampled_from([0.0, 0.1, 5.0]))
@settings(max_examples=25, deadline=None)
def test_no_mix_is_nearer_than_the_one_found(seed: int, n: int, k: int, ridge: float) -> None:
    chance = np.random.default_rng(seed)
    mix, target = chance.normal(size=(n, k)), chance.normal(size=n)
    weights = simplex_weights(mix, target, ridge=ridge)
    assert weights.min() >= 0 and weights.sum() == pytest.approx(1)
    slope = mix.T @ (mix @ weights - target) + ridge * weights
    # At the optimum no column would be better than the mix: the Karush-Kuhn-Tucker conditions.
    assert slope.min() >= weights @ slope - 1e-8 * max(1.0, float(np.abs(slope).max()))


def test_two_treated_units_have_placebos_of_two() -> None:
    chance = np.random.default_rng(3)
    rows = chance.normal(size=(20, 1)) + chance.normal(size=(20, 16)) * 0.2
    rows[:2, 10:] += 1.0
    block = Block(treated=rows[:2], donors=rows[2:], since=10)
    placebos = placebo_effects(block, synthetic_difference_in_differences, draws=25)
    assert len(placebos) == 25
    assert synthetic_difference_in_differences(block) == pytest.approx(1.0, abs=4 * placebos.std())


def test_too_few_donors_or_steps_say_so() -> None:
    rows = np.random.default_rng(3).normal(size=(12, 8))
    few = Block(treated=rows[:1], donors=rows[1:4], since=4)
    soon = Block(treated=rows[:1], donors=rows[1:], since=2)
    for block, words in ((few, "units were not treated"), (soon, "lie before treatment")):
        found = against_placebos(block, synthetic_difference_in_differences, method="sdid")
        assert isinstance(found, Unknown) and words in found.why
    with pytest.raises(ValueError, match="seen at every step"):
        Block(treated=np.full((1, 8), np.nan), donors=rows, since=4)


STARTS = (8, 12, 16)


def trial(seed: int, *, given_effect: float = 0.0, use_effect: float = 0.0) -> Trial:
    """24 units in 4 strata, dealt to three waves; those given it use it more or less."""
    chance = np.random.default_rng(seed)
    units, steps = 24, 20
    stratum = np.repeat(np.arange(4), 6)
    wave = dealt(chance.random(units), chance.integers(3, size=4), stratum, 3)
    given_now = np.arange(steps)[None, :] >= np.array(STARTS)[wave][:, None]
    use = given_now * chance.uniform(0.3, 0.9, size=(units, 1))
    drift = np.cumsum(chance.normal(size=(units, steps)) * 0.1, axis=1)
    outcome = chance.normal(size=(units, 1)) + drift + chance.normal(size=(units, steps)) * 0.5
    outcome = outcome + given_effect * given_now + use_effect * use
    return Trial(outcome=outcome, exposure=use, wave=wave, stratum=stratum, starts=STARTS)


def holds(found: Estimate, truth: float) -> bool:
    low = -np.inf if isinstance(found.low, Unknown) else found.low
    high = np.inf if isinstance(found.high, Unknown) else found.high
    return bool(low <= truth <= high)


def test_what_chance_dealt_says_what_it_did() -> None:
    given_held = use_held = alarms = 0
    for seed in range(40):
        given_held += holds(intention_to_treat(trial(seed, given_effect=0.5), draws=199).effect, 0.5)
        used = effect_of_use(trial(seed, use_effect=0.8), draws=199)
        assert not isinstance(used, Unknown)
        use_held += holds(used.effect, 0.8)
        alarms += intention_to_treat(trial(seed), draws=199).chance <= 0.1
    assert given_held >= 34 and use_held >= 34  # 38 of 40, less three standard errors
    assert alarms <= 10  # 4 of 40, and three standard errors
    moved = use_moved(trial(1), draws=199)
    assert 0.3 < moved.effect.value < 0.9 and moved.chance < 0.05


def test_the_interval_and_the_chance_agree() -> None:
    for seed in range(12):
        found = intention_to_treat(trial(seed, given_effect=0.25), draws=199)
        assert holds(found.effect, 0.0) == (found.chance > 0.05)


def test_where_nothing_was_given_or_nobody_is_left_there_is_no_effect() -> None:
    plain = trial(1)
    same = Trial(
        outcome=plain.outcome,
        exposure=plain.exposure,
        wave=np.arange(24),
        stratum=np.arange(24),
        starts=[8] * 24,
    )
    with pytest.raises(ValueError, match="that were not"):
        intention_to_treat(same, draws=19)
    unused = Trial(
        outcome=plain.outcome,
        exposure=np.zeros_like(plain.exposure),
        wave=plain.wave,
        stratum=plain.stratum,
        starts=STARTS,
    )
    assert isinstance(effect_of_use(unused, draws=19), Unknown)


def test_few_ways_to_deal_give_no_interval() -> None:
    chance = np.random.default_rng(1)
    outcome = chance.normal(size=(4, 6))
    small = Trial(
        outcome=outcome,
        exposure=outcome * 0 + (np.arange(6) > 2),
        wave=np.array([0, 0, 1, 1]),
        stratum=np.zeros(4, np.int64),
        starts=(3, NEVER),
    )
    assert deals(small.stratum, 2) == pytest.approx(6)
    found = intention_to_treat(small, draws=99)
    assert isinstance(found.effect.low, Unknown) and found.chance >= 1 / 6 - 0.1


@given(st.integers(0, 2**32 - 1), st.integers(2, 5), st.lists(st.integers(1, 12), min_size=1, max_size=5))
@settings(max_examples=30)
def test_each_stratum_is_dealt_evenly(seed: int, waves: int, sizes: list[int]) -> None:
    chance = np.random.default_rng(seed)
    stratum = np.repeat(np.arange(len(sizes)), sizes)
    wave = dealt(chance.random(len(stratum)), chance.integers(waves, size=len(sizes)), stratum, waves)
    for name in range(len(sizes)):
        counts = np.bincount(wave[stratum == name], minlength=waves)
        assert counts.max() - counts.min() <= 1


def test_treated_is_the_first_week_of_half_or_the_day_of_the_licence() -> None:
    active = np.array([[0.1, 0.5, 0.2], [0.4, 0.49, 0.3], [np.nan, np.nan, 0.9]])
    assert first_used(active).tolist() == [1, NEVER, 2]
    assert first_licensed([None, -3, 2, 9], 5).tolist() == [NEVER, 0, 2, NEVER]


def test_a_young_week_is_not_better_since_less_of_it_is_known() -> None:
    work = np.full((1, 5), 100.0)
    followed = np.array([60.0, 30.0, 24.0, 15.0, 7.0])
    events = np.array([[10.0, 10.0, 8.0, 5.0, 2.0]])
    found = rate_by_exposure(events, work, followed)
    assert found[0, :4] == pytest.approx([0.1] * 4)
    assert np.isnan(found[0, 4])
    assert np.isnan(rate_by_exposure(events, np.zeros((1, 5)), followed)).all()
