"""The matched comparison of AI and other lines, by hand."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest

from counterfoil.measure.fate.matched import are_tests, matched_hazard_ratio
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

if TYPE_CHECKING:
    from measure.conftest import Story

Stories = Callable[[], "Story"]


def test_one_month_by_hand(story: Stories) -> None:
    s = story()
    first, end = s.change(0), s.change(3)
    s.write(1, first, end, evidence=2)
    s.write(1, first, evidence=2)
    s.write(2, first)
    s.change(10)
    found = matched_hazard_ratio(s.fates())
    assert isinstance(found, Estimate)
    # One end among four lines, two of them AI: O 1, E 1/2, V 1/4.
    assert found.value == pytest.approx(np.exp(2))
    assert (found.n, found.coverage) == (4, 1.0)
    assert isinstance(found.low, Unknown)


def test_other_months_and_other_kinds_of_code_are_not_compared(story: Stories) -> None:
    s = story()
    first = s.change(0)
    late = s.change(70)
    end = s.change(71)
    s.write(5, first, end, evidence=2)
    s.write(5, late, end)
    s.write(5, late, end, evidence=2, path="tests/test_a.py")
    s.change(90)
    assert isinstance(matched_hazard_ratio(s.fates()), Unknown)


def test_bulk_commits_are_left_out(story: Stories) -> None:
    s = story()
    first, end = s.change(0), s.change(3)
    s.write(5, first, end, evidence=2)
    s.write(5, first)
    fates = s.fates()
    fates.bulk[fates.origin[0]] = True
    assert matched_hazard_ratio(fates) == Unknown("nothing to count")


@pytest.mark.parametrize(
    ("path", "is_test"),
    [
        ("a/__tests__/b.js", True),
        ("spec/models/a.rb", True),
        ("lib/test_b.py", True),
        ("contest/a.py", False),
        ("src/attest.py", False),
        ("src/testing/x.go", True),
    ],
)
def test_tests_are_known_by_their_path(path: str, is_test: bool) -> None:
    assert are_tests([path]).tolist() == [is_test]
