"""The numbers that were published for two data sets that everybody knows, to the last digit printed."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
import pytest

from counterfoil.measure.causal.aggregate import Aggregate, by_calendar, by_cohort, event_study, simple
from counterfoil.measure.causal.band import before_differs, simultaneous
from counterfoil.measure.causal.effects import Effects, group_time_effects
from counterfoil.measure.causal.honest import Honest, honest
from counterfoil.measure.causal.panel import panel_of
from counterfoil.measure.causal.synthetic import (
    Block,
    Design,
    Placebos,
    against_placebos,
    difference_in_differences,
    donor_weights,
    synthetic_control,
    synthetic_difference_in_differences,
)

Fit = Callable[..., Effects]


@pytest.fixture(scope="module")
def fit(counties: Mapping[str, Any]) -> Fit:
    @cache
    def fitted(*, population: bool = False, not_yet: bool = False, anticipation: int = 0) -> Effects:
        panel = panel_of(
            counties["outcome"],
            counties["first"],
            covariates=counties["population"] if population else None,
        )
        return group_time_effects(panel, not_yet=not_yet, anticipation=anticipation)

    return fitted


def test_every_effect_and_error_against_the_never_treated(fit: Fit) -> None:
    effects = fit()
    assert effects.cohort.tolist() == [1] * 4 + [3] * 4 + [4] * 4
    assert effects.step.tolist() == [1, 2, 3, 4] * 3
    published = [
        *(-0.0105, -0.0704, -0.1373, -0.1008),
        *(0.0065, -0.0028, -0.0046, -0.0412),
        *(0.0305, -0.0027, -0.0311, -0.0261),
    ]
    errors = [
        *(0.0233, 0.0310, 0.0364, 0.0344),
        *(0.0233, 0.0196, 0.0178, 0.0202),
        *(0.0150, 0.0164, 0.0179, 0.0167),
    ]
    assert effects.value.round(4).tolist() == published
    assert effects.error.round(4).tolist() == errors
    chance = before_differs(effects)
    assert isinstance(chance, float) and round(chance, 5) == 0.16812


def test_every_effect_given_population_doubly_robust(fit: Fit) -> None:
    published = [
        *(-0.0145, -0.0764, -0.1404, -0.1069),
        *(-0.0005, -0.0062, 0.0010, -0.0413),
        *(0.0267, -0.0046, -0.0284, -0.0288),
    ]
    assert fit(population=True).value.round(4).tolist() == published


def test_every_effect_against_the_not_yet_treated(fit: Fit) -> None:
    published = [
        *(-0.0194, -0.0783, -0.1363, -0.1008),
        *(-0.0026, -0.0019, 0.0047, -0.0412),
        *(0.0298, -0.0024, -0.0311, -0.0261),
    ]
    assert fit(not_yet=True).value.round(4).tolist() == published


OVERALL = [
    ({}, simple, -0.0400, 0.0120),
    ({}, event_study, -0.0772, 0.0200),
    ({}, by_cohort, -0.0310, 0.0124),
    ({}, by_calendar, -0.0417, 0.0160),
    ({"population": True}, simple, -0.0418, 0.0115),
    ({"population": True}, event_study, -0.0804, 0.0190),
    ({"not_yet": True}, simple, -0.0398, 0.0121),
]


@pytest.mark.parametrize(("how", "together", "value", "error"), OVERALL)
def test_overall_effects(
    fit: Fit, how: Mapping[str, bool], together: Callable[[Effects], Aggregate], value: float, error: float
) -> None:
    found = together(fit(**how))
    assert (round(found.overall, 4), round(found.overall_error, 4)) == (value, error)


PARTS = [
    (event_study, [-3, -2, -1, 0, 1, 2, 3], [0.0305, -0.0006, -0.0245, -0.0199, -0.0510, -0.1373, -0.1008]),
    (by_cohort, [1, 3, 4], [-0.0797, -0.0229, -0.0261]),
    (by_calendar, [1, 2, 3, 4], [-0.0105, -0.0704, -0.0488, -0.0371]),
]


@pytest.mark.parametrize(("together", "at", "values"), PARTS)
def test_effects_taken_together(
    fit: Fit, together: Callable[[Effects], Aggregate], at: list[int], values: list[float]
) -> None:
    found = together(fit())
    assert found.at.tolist() == at
    assert found.value.round(4).tolist() == values


def test_a_band_of_all_effects_is_wider_than_each_and_narrower_than_a_bonferroni_one(fit: Fit) -> None:
    effects = fit()
    wide = simultaneous(effects.influence, effects.cluster, draws=499)
    assert 2.5 < wide < 3.1  # Bonferroni of 12: 2.87, give or take what 499 draws know of a tail
    assert simultaneous(effects.influence, effects.cluster, draws=499) == wide


def test_what_is_left_where_trends_were_not_parallel(fit: Fit) -> None:
    found = honest(event_study(fit()), draws=199)
    assert isinstance(found, Honest)
    bounds = [found.bounds(times) for times in (0.0, 0.5, 1.0)]
    assert bounds[0][1] < 0  # the effect of the paper, were trends parallel
    assert bounds[0][0] > bounds[1][0] > bounds[2][0]
    assert 0 < found.undone_at < 0.5
    assert found.bounds(found.undone_at)[1] == pytest.approx(0, abs=1e-12)


CALIFORNIA = [
    (difference_in_differences, -27.349),
    (synthetic_control, -19.514),
    (synthetic_difference_in_differences, -15.605),
]


@pytest.mark.parametrize(("design", "value"), CALIFORNIA)
def test_what_a_tax_did_to_smoking_in_california(california: Block, design: Design, value: float) -> None:
    assert round(design(california), 3) == value


def test_california_among_states_that_nothing_happened_to(california: Block) -> None:
    found = against_placebos(california, synthetic_difference_in_differences, method="sdid")
    assert isinstance(found, Placebos)
    # The paper prints a standard error of 8.4, from random sets of placebos.
    assert 7.5 < found.error < 10
    assert found.chance == pytest.approx(2 / 39)
    weights = donor_weights(california)
    assert weights.min() >= 0 and weights.sum() == pytest.approx(1)
    assert (weights > 0.001).sum() == 6


def test_anticipation_moves_the_base_and_what_counts_as_before(fit: Fit, counties: Mapping[str, Any]) -> None:
    effects = fit(anticipation=1)
    last = (effects.cohort == 4) & (effects.step == 4)
    outcome, first = counties["outcome"], counties["first"]
    change = outcome[:, 4] - outcome[:, 2]
    assert effects.value[last][0] == pytest.approx(change[first == 4].mean() - change[first > 4].mean())
    assert not (effects.is_before & (effects.step >= effects.cohort - 1)).any()
    # The first cohort would need a step before the first.
    assert 1 not in np.unique(effects.cohort)
