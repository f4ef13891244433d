"""A figure that one or two people make is held back, and none is exact."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.guard.dominance import (
    BANDS,
    banded_share,
    may_show_sum,
    middle_mean,
    rounded,
    rounded_count,
)
from counterfoil.terms.release import Permit, Withheld

values = st.lists(st.floats(0, 1e9), min_size=0, max_size=40)


@pytest.mark.parametrize(
    ("contributions", "cap", "shown"),
    [
        ([10, 11, 9, 10, 12, 8], 1e9, True),
        ([10, 10, 10, 10, 10, 10], 1e9, False),
        ([10, 11, 12, 13], 5, False),
        ([100, 1, 1, 1, 1, 1], 1e9, False),
        ([100, 1, 1, 1, 1, 1], 2, True),
        ([50, 50, 3, 3, 3, 3], 1e9, False),
        ([10, 10], 1e9, False),
        ([0, 0, 0, 0], 1e9, False),
        ([], 1e9, False),
    ],
)
def test_who_dominates_a_sum(contributions: list[float], cap: float, shown: bool) -> None:
    verdict = may_show_sum(np.array(contributions, np.float64), cap=cap)
    assert isinstance(verdict, Permit if shown else Withheld)


@given(values, st.floats(1e-3, 1e9))
def test_in_a_sum_that_is_shown_nobody_can_work_another_out(contributions: list[float], cap: float) -> None:
    """The second largest, who knows their own, is off by at least a fifth of the largest."""
    held = np.array(contributions, np.float64)
    if isinstance(may_show_sum(held, cap=cap), Permit):
        capped = np.sort(np.minimum(held, cap))[::-1]
        assert capped.sum() - capped[1] - capped[0] >= 0.199 * capped[0]
        assert capped[0] + capped[1] <= 0.851 * capped.sum()


@given(st.lists(st.floats(0, 1e9), min_size=8, max_size=40), st.randoms())
def test_the_order_of_people_changes_nothing(contributions: list[float], random: object) -> None:
    held = np.array(contributions)
    assert may_show_sum(held, cap=1e8) == may_show_sum(held[::-1].copy(), cap=1e8)
    assert middle_mean(held) == pytest.approx(middle_mean(held[::-1].copy()))


def test_one_person_moves_a_middle_mean_little() -> None:
    """As a sum never would."""
    usual = np.linspace(9, 11, 20)
    extreme = usual.copy()
    extreme[-1] = 1e12
    assert middle_mean(extreme) == pytest.approx(middle_mean(usual))
    with pytest.raises(ValueError, match="is a person"):
        middle_mean(np.array([1.0, 2.0, 3.0, 4.0]))


@given(st.integers(1, 400), st.data())
def test_a_share_is_a_band_and_says_nothing_of_the_last_person(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    said = banded_share(part, whole)
    if part <= 1 or whole - part <= 1:
        assert said in {"low", "high"}
    else:
        assert said in {words for _, words in BANDS}
    with pytest.raises(ValueError, match="share"):
        banded_share(whole + 1, whole)


@given(st.integers(0, 10**6), st.floats(1e-9, 1e12))
def test_what_is_shown_is_near_and_not_exact(count: int, value: float) -> None:
    assert abs(rounded_count(count) - count) <= 2.5
    assert rounded_count(count) % 5 == 0
    assert rounded(value) == pytest.approx(value, rel=0.051)
    assert rounded(rounded(value)) == pytest.approx(rounded(value))


def test_what_can_not_be_is_told() -> None:
    with pytest.raises(ValueError, match="below zero"):
        may_show_sum(np.array([1.0, -1.0, 2.0]), cap=1)
    with pytest.raises(ValueError, match="cap"):
        may_show_sum(np.array([1.0, 1.0, 2.0]), cap=0)
    with pytest.raises(ValueError, match="share"):
        banded_share(0, 0)
    assert rounded(float("inf")) == float("inf")
