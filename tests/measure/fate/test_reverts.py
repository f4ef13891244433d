"""Every way in which a change is taken back, and comes back."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from counterfoil.measure.fate.changes import changes_of
from counterfoil.measure.fate.ends import CAUSES
from counterfoil.measure.fate.reverts import reverts_of
from counterfoil.terms.history import Cause, Says
from counterfoil.terms.work import FateKind

if TYPE_CHECKING:
    from measure.conftest import Story

Stories = Callable[[], "Story"]
Clock = Callable[[float], int]
LOST = "0123456789abcdef0123456789abcdef01234567"
"""Name of a commit that a squash or rebase has taken out of history."""


@pytest.mark.parametrize(
    ("landed", "says"),
    [
        (Says(request=7), Says(reverts_requests=(7,))),
        (Says(request=7), Says(reverts=(LOST,), reverts_requests=(7,))),
        (Says(subject=99), Says(reverts=(LOST,), reverts_subject=99)),
        (Says(subject=99, request=7), Says(reverts=(LOST,), reverts_requests=(8,), reverts_subject=99)),
    ],
)
def test_a_revert_is_resolved_by_request_then_subject(
    story: Stories, on_day: Clock, landed: Says, says: Says
) -> None:
    s = story()
    s.write(3, s.change(0, landed))
    s.write(1, s.change(400, says))
    changes = changes_of(s.fates(), now=on_day(500))
    assert [changes.fate(0), changes.fate(1)] == [FateKind.REVERTED, FateKind.STANDING]
    assert changes.reverted_by.tolist() == [1, -1]
    assert changes.reverted_30d.tolist() == [False, False]


@pytest.mark.parametrize("digits", [7, 40])
def test_a_revert_names_the_change_s_own_commit(story: Stories, digits: int) -> None:
    s = story()
    s.change(0)
    first = s.change(1, Says(subject=5))
    s.change(2, Says(subject=5))
    back = s.change(3, Says(reverts=(s.name_of(first)[:digits].upper(),), reverts_subject=5))
    assert reverts_of(s.fates()).by.tolist() == [-1, back, -1, -1]


def test_a_name_that_fits_two_commits_names_none(story: Stories) -> None:
    s = story()
    for day in range(40):
        s.change(day)
    s.change(50, Says(reverts=("1",)))
    assert (reverts_of(s.fates()).by == -1).all()


def test_the_latest_change_with_a_subject_is_meant(story: Stories) -> None:
    s = story()
    s.change(0, Says(subject=5))
    s.change(1, Says(subject=5))
    s.change(2, Says(reverts_subject=5))
    s.change(3, Says(subject=5))
    assert reverts_of(s.fates()).by.tolist() == [-1, 2, -1, -1]


def test_a_revert_within_the_change_it_names_is_work_before_landing(story: Stories) -> None:
    s = story()
    s.change(0, branch=[Says(subject=5), Says(reverts_subject=5), Says(reverts=(s.name(0),))])
    assert reverts_of(s.fates()).by.tolist() == [-1]


@pytest.mark.parametrize(("ended", "fate"), [(50, FateKind.REVERTED), (49, FateKind.CORRECTED)])
def test_taking_back_one_commit_takes_back_the_change_where_half_of_it_goes(
    story: Stories, on_day: Clock, ended: int, fate: FateKind
) -> None:
    s = story()
    first = s.change(0, branch=[Says(), Says()])
    back = s.change(90, Says(cause=Cause.CORRECTIVE, reverts=(s.name_of(first, 1),)))
    s.write(ended, first, back, part=1)
    s.write(100 - ended, first, part=0)
    s.write(1, back)
    assert changes_of(s.fates(), now=on_day(200)).fate(0) is fate


def test_the_state_of_the_tree_shows_a_revert_without_words(story: Stories, on_day: Clock) -> None:
    s = story()
    first, back = s.change(0), s.change(3, removed=4)
    s.write(4, first, back)
    s.undone[first] = back
    changes = changes_of(s.fates(), now=on_day(90))
    assert [changes.fate(0), changes.fate(1)] == [FateKind.REVERTED, FateKind.STANDING]
    assert changes.reverted_30d.tolist() == [True, False]
    assert CAUSES[changes.ends.cause[0]] is Cause.CORRECTIVE


@pytest.mark.parametrize(
    ("times", "fates"),
    [
        (1, "reverted standing"),
        (2, "standing reverted standing"),
        (3, "reverted standing reverted standing"),
    ],
)
def test_a_revert_of_a_revert_restores(story: Stories, on_day: Clock, times: int, fates: str) -> None:
    s = story()
    s.change(0)
    for day in range(1, times + 1):
        s.change(day, Says(cause=Cause.CORRECTIVE, reverts=(s.name_of(day - 1),)))
    for day in range(times + 1):
        s.write(4, day, day + 1 if day < times else -1)
    changes = changes_of(s.fates(), now=on_day(90))
    assert [changes.fate(row).value for row in range(times + 1)] == fates.split()


def test_a_deletion_that_was_taken_back_is_a_reverted_change(story: Stories, on_day: Clock) -> None:
    s = story()
    s.write(4, s.change(0))
    gone = s.change(1, removed=4)
    s.write(1, s.change(2, Says(reverts=(s.name_of(gone),))))
    changes = changes_of(s.fates(), now=on_day(90))
    assert [changes.fate(row) for row in range(3)] == [
        FateKind.STANDING,
        FateKind.REVERTED,
        FateKind.STANDING,
    ]
