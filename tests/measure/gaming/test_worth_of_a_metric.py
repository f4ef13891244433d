"""Alignment, events, outcome samples and lists: planted answers and their intervals."""

import numpy as np
import pytest

from counterfoil.measure.gaming.alignment import alignment, health, partial_rank
from counterfoil.measure.gaming.event import MEASURES, Effect, effect, event
from counterfoil.measure.gaming.listed import list_reach, list_share
from counterfoil.measure.gaming.sample import audited_rate, designed, drawn
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate


def given(found: object) -> Estimate:
    assert isinstance(found, Estimate) and isinstance(found.low, float) and isinstance(found.high, float)
    assert found.low <= found.value <= found.high
    return found


def test_alignment_is_the_cosine_of_what_is_rewarded_and_what_has_worth() -> None:
    chance = np.random.default_rng(1)
    tasks = chance.normal(0, 1, (400, 3))
    noise = chance.normal(0, 0.2, 400)
    same = given(alignment(tasks, tasks @ [1.0, 1, 0] + noise, tasks @ [2.0, 2, 0]))
    half = given(alignment(tasks, tasks @ [1.0, 1, 0] + noise, tasks @ [1.0, 0, 0] + noise))
    none = given(alignment(tasks, tasks @ [1.0, 0, 0] + noise, tasks @ [0.0, 0, 1] + noise[::-1]))
    assert same.value > 0.99 and none.low <= 0 <= none.high  # type: ignore[operator]
    assert half.value == pytest.approx(np.sqrt(0.5), abs=0.05)
    assert isinstance(alignment(tasks[:9], tasks[:9, 0], tasks[:9, 1]), Unknown)
    assert alignment(tasks, np.ones(400), tasks[:, 0]) == Unknown("the metric or an activity never moved")
    assert alignment(tasks, tasks[:, 0], np.ones(400)) == Unknown("worth never moved")


def test_partial_rank_holds_size_still_as_the_textbook_formula_does() -> None:
    from scipy.stats import spearmanr

    chance = np.random.default_rng(2)
    size = chance.lognormal(0, 1, 500)
    metric, worth = size * chance.lognormal(0, 0.3, 500), size * chance.lognormal(0, 0.3, 500)
    raw, still = given(partial_rank(metric, worth)), given(partial_rank(metric, worth, size[:, None]))
    ab, ac, bc = (spearmanr(*pair).statistic for pair in ((metric, worth), (metric, size), (worth, size)))
    assert raw.value == pytest.approx(ab)
    assert still.value == pytest.approx((ab - ac * bc) / np.sqrt((1 - ac**2) * (1 - bc**2)))
    assert still.low <= 0 <= still.high and raw.value > 0.8  # type: ignore[operator]
    assert isinstance(partial_rank(metric[:8], worth[:8]), Unknown)
    assert partial_rank(np.ones(50), worth[:50]) == Unknown("the metric never moved")
    assert partial_rank(metric[:50], np.ones(50)) == Unknown("worth never moved")


def test_the_interval_of_a_rank_correlation_covers() -> None:
    chance, held = np.random.default_rng(3), 0
    true = 6 / np.pi * np.arcsin(0.5 / 2)
    for _ in range(200):
        x = chance.normal(0, 1, 60)
        found = given(partial_rank(x, 0.5 * x + np.sqrt(0.75) * chance.normal(0, 1, 60)))
        held += found.low <= true <= found.high
    assert held / 200 >= 0.9


def test_health_falls_where_the_metric_is_noise() -> None:
    chance = np.random.default_rng(4)
    worth = chance.lognormal(0, 1, (80, 20))
    metric = worth * chance.lognormal(0, 0.2, (80, 20))
    metric[:, 10:] = chance.lognormal(0, 1, (80, 10))
    metric[0, 0] = np.nan
    found = [given(one).value for one in health(metric, worth)]
    assert len(found) == 17 and min(found[:6]) > 0.8 and max(found[-5:]) < 0.5


def panel(chance: np.random.Generator, by: float, units: int = 40) -> tuple[np.ndarray, np.ndarray]:
    touched = np.arange(units) < units // 2
    rate = chance.normal(0.2, 0.03, (units, 1)) + chance.normal(0, 0.03, (units, 16))
    rate[:, 8:] += 0.05
    rate[touched, 8:] += by
    return rate, touched


def test_an_event_is_told_from_what_happened_everywhere() -> None:
    chance = np.random.default_rng(5)
    held = false = 0
    for _ in range(40):
        none, some = effect(*panel(chance, 0.0), 8), effect(*panel(chance, 0.06), 8)
        assert isinstance(none, Effect) and isinstance(some, Effect)
        held += given(some.change).low <= 0.06 <= some.change.high  # type: ignore[operator]
        false += none.p < 0.05
    assert held >= 35 and false <= 5 and isinstance(some, Effect) and some.p < 0.01
    assert isinstance(some.relative, float) and some.relative == pytest.approx(0.3, abs=0.15)


def test_an_event_needs_weeks_and_units_and_says_what_is_not_measured() -> None:
    rate, touched = panel(np.random.default_rng(6), 0.1)
    told = event({"rework": rate}, touched, 8)
    assert list(told) == list(MEASURES) and told["spend"] == Unknown("it is not measured")
    assert isinstance(told["rework"], Effect)
    assert isinstance(effect(rate, touched, 2), Unknown)
    assert isinstance(effect(rate[:6], touched[:6], 8), Unknown)
    assert effect(np.ones_like(rate), touched, 8) == Unknown("it never moved")
    rate[3, 8:] = np.nan
    assert isinstance(effect(rate, touched, 8), Effect)


def test_a_sample_is_shared_out_by_size_and_drawn_by_chance() -> None:
    frame = np.array([1_000, 500, 20])
    design = designed(frame, 200)
    assert design.sampled.sum() == 200 and design.controls == 30 and design.sampled.min() >= 2
    assert design.sampled[0] == pytest.approx(200 * 1000 / 1520, abs=1)
    assert designed(frame, 200, spread=np.array([0.1, 0.5, 0.1])).sampled[1] > 100
    assert designed(np.array([3, 3]), 99).sampled.tolist() == [3, 3]
    strata = np.repeat([0, 1, 2], frame)
    places = drawn(strata, design, seed=7)
    assert len(set(places.tolist())) == 200
    assert np.bincount(strata[places]).tolist() == design.sampled.tolist()
    assert drawn(strata, design, seed=7).tolist() == places.tolist()
    for bad in ((np.array([5, 0]), 9), (np.array([50, 50]), 3)):
        with pytest.raises(ValueError, match=r"stratum|looks"):
            designed(*bad)


def test_the_rate_of_a_sample_covers_with_and_without_the_auditors_errors() -> None:
    chance, frame, rates = np.random.default_rng(8), np.array([3_000, 1_000, 200]), np.array([0.1, 0.4, 0.8])
    sampled, true = designed(frame, 200).sampled, float(frame @ rates / frame.sum())
    plain = judged = 0
    for _ in range(300):
        hits = chance.binomial(sampled, rates)
        found = given(audited_rate(hits, sampled, frame))
        plain += found.low <= true <= found.high  # type: ignore[operator]
        told = chance.binomial(hits, 0.9) + chance.binomial(sampled - hits, 0.05)
        controls = int(chance.binomial(40, 0.9)), 40, int(chance.binomial(40, 0.05)), 40
        found = given(audited_rate(told, sampled, frame, controls=controls))
        judged += found.low <= true <= found.high  # type: ignore[operator]
    assert plain / 300 >= 0.92 and judged / 300 >= 0.92


def test_a_sample_abstains() -> None:
    frame = np.array([100, 100])
    assert isinstance(audited_rate(np.array([1, 0]), np.array([9, 0]), frame), Unknown)
    assert isinstance(audited_rate(np.array([1, 0]), np.array([9, 9]), frame), Unknown)
    half = np.array([20, 20]), np.array([40, 40]), frame
    assert isinstance(audited_rate(*half, controls=(5, 10, 5, 10)), Unknown)
    assert isinstance(audited_rate(*half, controls=(0, 0, 5, 10)), Unknown)
    census = given(audited_rate(np.array([50, 20]), frame, frame))
    assert census.low == census.value == census.high == 0.35


def test_a_list_tells_what_nobody_said_of_themselves() -> None:
    chance, held = np.random.default_rng(9), 0
    for _ in range(200):
        others, hidden = chance.binomial(4, 0.4, 2_000), chance.random(1_000) < 0.16
        found = given(
            list_share((others[:1_000] + hidden).astype(float), others[1_000:].astype(float), asked=4_000)
        )
        held += found.low <= 0.16 <= found.high  # type: ignore[operator]
    assert held >= 180 and found.coverage == 0.5
    assert found.high - found.low == pytest.approx(2 * list_reach(2_000), rel=0.15)  # type: ignore[operator]
    assert list_share(np.ones(100), np.ones(100), asked=300) == Unknown("a list tells of 500 answers or more")
    assert list_share(np.ones(300), np.ones(300), asked=600) == Unknown("everybody answered alike")
