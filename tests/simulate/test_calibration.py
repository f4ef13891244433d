"""The fitted parameters hit every anchor, a fit from elsewhere finds them again, and doubt moves them."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq, least_squares

from counterfoil.simulate.calibration import ANCHORS, FREE, RESPONSE, misses, parameters
from counterfoil.simulate.company.behave import adopters
from counterfoil.simulate.company.cases import UBER
from counterfoil.simulate.company.parameters import FITTED, Parameters
from counterfoil.simulate.company.people import People, invent
from counterfoil.simulate.company.settled import always_ahead, settle


def moved(values: np.ndarray) -> Parameters:
    return replace(FITTED, **dict(zip(FREE, values.tolist(), strict=True)))


def test_every_anchor_is_hit(crowd: People) -> None:
    assert np.abs(misses(crowd, FITTED)).max() < 1e-3


def test_a_fit_from_elsewhere_finds_the_same_parameters(crowd: People) -> None:
    start = np.array([-3.0, -8.0, -3.5, 10.0, 4.5])
    found = least_squares(lambda x: misses(crowd, moved(x)), start, diff_step=1e-3)
    assert found.x == pytest.approx([getattr(FITTED, name) for name in FREE], abs=5e-3)


def test_the_response_is_the_inverse_of_the_fit(crowd: People) -> None:
    at = np.array([getattr(FITTED, name) for name in FREE])
    columns = [(misses(crowd, moved(at + e)) - misses(crowd, moved(at - e))) / 0.02 for e in np.eye(5) * 0.01]
    assert pytest.approx(np.eye(5), abs=0.02) == RESPONSE @ np.array(columns).T


def test_a_draw_hits_each_anchor_within_its_doubt() -> None:
    people = invent(2_000, seed=4, weeks=0)
    off = np.array([misses(people, p) for p in parameters(people, 60, seed=2)])
    doubts = np.array([a.doubt for a in ANCHORS])
    assert np.abs(off.mean(axis=0)).max() < 3 * (doubts / np.sqrt(60)).max()
    assert off.std(axis=0) == pytest.approx(doubts, rel=0.35)


def test_the_noise_of_a_task_is_fitted_to_who_is_always_ahead(crowd: People) -> None:
    noise = brentq(lambda x: always_ahead(crowd, replace(FITTED, task_noise=x)) - 0.14, 0.1, 10)
    assert noise == pytest.approx(FITTED.task_noise, abs=2e-3)


def test_adoption_is_fitted_to_its_two_figures(crowd: People) -> None:
    for week, share in ((0.0, 0.32), (61 / 7, 0.63)):
        lived = settle(crowd, UBER, FITTED, adopted=adopters(week, FITTED))
        assert lived.weekly_active == pytest.approx(share, abs=2e-3)


def test_another_crowd_gives_nearly_the_same() -> None:
    """Five parameters were not fitted to the luck of one seed."""
    assert np.abs(misses(invent(20_000, seed=99, weeks=0), FITTED)).max() < 0.12
