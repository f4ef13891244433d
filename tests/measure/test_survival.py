"""What survival says, and what it refuses to say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.measure.interval import share_by_cluster, share_of_units, wilson
from counterfoil.measure.survival import Lifetimes, kaplan_meier
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate


def lives(days: list[int], ended: list[bool], followed: list[int], cluster: list[int]) -> Lifetimes:
    return Lifetimes(
        days=np.array(days, np.int64),
        ended=np.array(ended, np.bool_),
        followed=np.array(followed, np.int64),
        cluster=np.array(cluster, np.int64),
    )


def test_the_book_example_by_hand() -> None:
    curve = kaplan_meier(lives([1, 2, 2, 3], [True, True, False, False], [4, 4, 2, 3], [0, 1, 2, 3]))
    assert curve.share.tolist() == pytest.approx([1, 3 / 4, 1 / 2, 1 / 2])
    assert curve.followed.tolist() == [1, 1, 1, 3 / 4]


def test_nothing_is_said_past_three_quarters_of_the_follow_up() -> None:
    units = list(range(12))
    curve = kaplan_meier(lives([40] * 12, [False] * 12, [40] * 12, units))
    assert isinstance(curve.at(30), Estimate)
    assert isinstance(curve.at(31), Unknown)
    assert curve.steps()[-1][0] == 30


def test_without_units_it_is_unknown() -> None:
    curve = kaplan_meier(lives([], [], [], []))
    assert curve.at(7) == Unknown("nothing to count")
    assert curve.steps() == []


def test_few_changes_give_a_value_and_no_interval() -> None:
    curve = kaplan_meier(lives([5, 40] * 9, [True, False] * 9, [40] * 18, [n // 2 for n in range(18)]))
    found = curve.at(7)
    assert isinstance(found, Estimate)
    assert (found.value, found.n) == (0.5, 18)
    assert isinstance(found.low, Unknown) and isinstance(found.high, Unknown)
    assert curve.steps() == []


@pytest.mark.parametrize(("ended", "value"), [(False, 1.0), (True, 0.0)])
def test_luck_shared_by_all_is_not_certainty(ended: bool, value: float) -> None:
    days = [1 if ended else 100] * 40
    found = kaplan_meier(lives(days, [ended] * 40, [100] * 40, [n // 2 for n in range(40)])).at(30)
    assert isinstance(found, Estimate) and isinstance(found.low, float) and isinstance(found.high, float)
    assert found.value == value
    assert found.high - found.low == pytest.approx(wilson(0, 20)[1])


def test_a_share_by_cluster_without_hits_is_as_unsure_as_its_changes_are_few() -> None:
    none, all_of = np.zeros(20, np.int64), np.full(20, 1_000)
    found = share_by_cluster(none, all_of, coverage=1.0, method="rework")
    assert isinstance(found, Estimate)
    assert (found.low, found.high) == wilson(0, 20)
    few = share_by_cluster(none[:9], all_of[:9], coverage=1.0, method="rework")
    assert isinstance(few, Estimate) and isinstance(few.low, Unknown)
    assert share_by_cluster(none, none, coverage=0.0, method="rework") == Unknown("nothing to count")


def test_a_share_of_nothing_is_unknown() -> None:
    assert isinstance(share_of_units(0, 0, coverage=1.0, method="corrected"), Unknown)
    with pytest.raises(ValueError, match="no units"):
        wilson(0, 0)


units = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60), st.integers(0, 14)), min_size=1, max_size=80
)


@given(units=units)
def test_a_curve_never_rises_and_lies_in_its_band(units: list[tuple[int, int, int]]) -> None:
    curve = kaplan_meier(
        lives(
            [min(a, b) for a, b, _ in units],
            [a <= b for a, b, _ in units],
            [b for _, b, _ in units],
            [c for *_, c in units],
        ),
        draws=40,
    )
    assert (np.diff(curve.share) <= 0).all()
    assert ((curve.share >= 0) & (curve.share <= 1)).all()
    for day, share, low, high in curve.steps():
        assert 0 <= low <= share <= high <= 1, day


@given(units=units, seed=st.integers(0, 9))
def test_the_order_of_lines_changes_nothing(units: list[tuple[int, int, int]], seed: int) -> None:
    mixed = [units[i] for i in np.random.default_rng(seed).permutation(len(units))]
    one, other = (
        kaplan_meier(
            lives(
                [min(a, b) for a, b, _ in u],
                [a <= b for a, b, _ in u],
                [b for _, b, _ in u],
                [c for *_, c in u],
            ),
            draws=40,
        )
        for u in (units, mixed)
    )
    assert one.steps() == other.steps()


@given(
    hits=st.lists(st.integers(0, 5), min_size=10, max_size=20), more=st.lists(st.integers(0, 5), min_size=20)
)
def test_a_share_lies_in_its_interval(hits: list[int], more: list[int]) -> None:
    part = np.array(hits, np.int64)
    whole = part + np.array(more[: len(hits)], np.int64)
    found = share_by_cluster(part, whole, coverage=1.0, method="rework")
    if isinstance(found, Estimate) and isinstance(found.low, float) and isinstance(found.high, float):
        assert 0 <= found.low <= found.value <= found.high <= 1
    else:
        assert (whole > 0).sum() < 10
