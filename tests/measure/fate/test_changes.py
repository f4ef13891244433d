"""Each fate of a change, at its edges."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from counterfoil.measure.fate.changes import changes_of, corrected_30d
from counterfoil.measure.fate.ends import CAUSES
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.history import Cause, Says
from counterfoil.terms.work import FateKind

if TYPE_CHECKING:
    from measure.conftest import Story

Stories = Callable[[], "Story"]
Clock = Callable[[float], int]
FIX = Says(cause=Cause.CORRECTIVE)
PLANNED = Says(cause=Cause.ADAPTIVE)


@pytest.mark.parametrize(
    ("says", "killed", "day", "fate"),
    [
        (FIX, 20, 30, FateKind.CORRECTED),
        (FIX, 19, 30, FateKind.STANDING),
        (FIX, 20, 30.001, FateKind.STANDING),
        (PLANNED, 20, 1, FateKind.REPLACED),
        (Says(), 20, 1, FateKind.REPLACED),
        (Says(), 19, 1, FateKind.STANDING),
        (Says(), 100, 31, FateKind.STANDING),
    ],
)
def test_a_change_is_judged_by_a_fifth_of_its_lines_within_30_days(
    story: Stories, on_day: Clock, says: Says, killed: int, day: float, fate: FateKind
) -> None:
    s = story()
    first, second = s.change(0), s.change(day, says)
    s.write(killed, first, second)
    s.write(100 - killed, first)
    s.write(1, second)
    changes = changes_of(s.fates(), now=on_day(90))
    assert [changes.fate(0), changes.fate(1)] == [fate, FateKind.STANDING]


def test_a_fifth_is_exact_for_every_size(story: Stories, on_day: Clock) -> None:
    s = story()
    firsts = [s.change(0) for _ in range(40)]
    fix = s.change(1, FIX)
    for n, first in enumerate(firsts, start=1):
        s.write(n, first, fix)
        s.write(4 * n, first)
    assert changes_of(s.fates(), now=on_day(90)).by_fate(changes_of(s.fates(), now=on_day(90)).lines > 0) == {
        FateKind.REVERTED: 0,
        FateKind.CORRECTED: 40,
        FateKind.REPLACED: 0,
        FateKind.STANDING: 0,
        FateKind.TOO_YOUNG: 0,
    }


def test_a_change_that_lost_a_fifth_for_mixed_reasons_does_not_stand(story: Stories, on_day: Clock) -> None:
    s = story()
    first, fix, plan = s.change(0), s.change(1, FIX), s.change(2, PLANNED)
    s.write(15, first, fix)
    s.write(10, first, plan)
    s.write(75, first)
    changes = changes_of(s.fates(), now=on_day(90))
    assert changes.fate(0) is FateKind.REPLACED
    assert dict(zip(CAUSES, changes.died_share()[0].tolist(), strict=True)) == {
        Cause.CORRECTIVE: 0.15,
        Cause.ADAPTIVE: 0.1,
        Cause.UNKNOWN: 0.0,
    }


def test_a_young_change_is_too_young_until_it_is_30_days_old(story: Stories, on_day: Clock) -> None:
    s = story()
    s.write(1, s.change(0))
    assert changes_of(s.fates(), now=on_day(30) - 1).fate(0) is FateKind.TOO_YOUNG
    assert changes_of(s.fates(), now=on_day(30)).fate(0) is FateKind.STANDING


def test_a_young_change_can_be_corrected_already(story: Stories, on_day: Clock) -> None:
    s = story()
    s.write(1, s.change(0), s.change(1, FIX))
    s.write(1, 1)
    changes = changes_of(s.fates(), now=on_day(2))
    assert [changes.fate(0), changes.fate(1)] == [FateKind.CORRECTED, FateKind.TOO_YOUNG]


def test_the_killing_commit_s_words_count_before_its_request_s(story: Stories, on_day: Clock) -> None:
    s = story()
    first = s.change(0)
    silent = s.change(1, FIX, branch=[Says(), PLANNED])
    s.write(10, first, silent, by_part=0)
    s.write(10, first, silent, by_part=1)
    s.write(30, first)
    changes = changes_of(s.fates(), now=on_day(90))
    assert changes.died[0].tolist() == [10, 10, 0]
    assert changes.fate(0) is FateKind.CORRECTED


def test_a_fix_that_names_a_change_corrects_it_at_any_age(story: Stories, on_day: Clock) -> None:
    s = story()
    old, new = s.change(0, branch=[Says()]), s.change(50)
    s.write(1, old)
    s.write(1, new)
    s.write(1, s.change(60, Says(fixes=(s.name_of(old, 0)[:12], s.name_of(new), "feed"))))
    changes = changes_of(s.fates(), now=on_day(200))
    assert [changes.fate(row) for row in range(3)] == [FateKind.CORRECTED] * 2 + [FateKind.STANDING]
    assert changes.corrected_30d.tolist() == [False, True, False]


def test_a_deletion_is_a_change_and_can_stand(story: Stories, on_day: Clock) -> None:
    s = story()
    s.write(5, s.change(0), s.change(100, removed=5, evidence=2))
    changes = changes_of(s.fates(), now=on_day(200))
    assert changes.fate(1) is FateKind.STANDING
    assert changes.removed.tolist() == [0, 5]
    assert changes.ai.tolist() == [False, True]
    assert changes.died_share()[1].tolist() == [0, 0, 0]


def test_a_deletion_of_which_only_some_is_marked_is_no_ai_change(story: Stories, on_day: Clock) -> None:
    s = story()
    s.write(5, s.change(0), s.change(100, removed=5, evidence=2))
    last = s.commits[-1]
    s.commits[-1] = replace(last, marks=tuple(replace(mark, whole=False) for mark in last.marks))
    assert changes_of(s.fates(), now=on_day(200)).ai.tolist() == [False, False]


def test_what_counts_nothing_is_left_out_and_counted(story: Stories, on_day: Clock) -> None:
    s = story()
    s.write(5, s.change(0), counted=False)
    s.write(5, s.change(1))
    s.change(2, branch=[Says(), Says()], removed=7)
    changes = changes_of(s.fates(), now=on_day(200))
    assert changes.change.tolist() == [1]
    assert changes.row.tolist() == [-1, 0, -1]
    assert changes.left_out == 2


def test_half_of_its_lines_make_an_ai_change(story: Stories, on_day: Clock) -> None:
    s = story()
    for ai in (4, 5):
        change = s.change(ai, Says(request=ai), mine=ai == 5)
        s.write(ai - 2, change, evidence=2)
        s.write(1, change, evidence=3)
        s.write(1, change, evidence=5)
        s.write(10 - ai, change, evidence=1)
    changes = changes_of(s.fates(), now=on_day(9))
    assert changes.ai.tolist() == [False, True]
    assert changes.mine.tolist() == [False, True]
    assert changes.request.tolist() == [4, 5]
    assert changes.lines_tier_2.tolist() == [4, 5]
    assert changes.lines_tier_3.tolist() == [2, 2]
    assert changes.lines_tier_4.tolist() == [1, 1]


def test_corrected_30d_counts_changes_that_are_old_enough(story: Stories, on_day: Clock) -> None:
    s = story()
    for _ in range(3):
        s.write(1, s.change(0), evidence=4)
    s.write(1, s.change(0))
    s.lines[0].ended, s.lines[0].killer = (fix := s.change(1, FIX)), s.mainline[fix]
    s.write(9, fix, evidence=4)
    shares = corrected_30d(changes_of(s.fates(), now=on_day(30)))
    ai, other = shares["ai"], shares["other"]
    assert isinstance(ai, Estimate) and isinstance(other, Estimate)
    assert (ai.value, ai.n, ai.coverage) == (1 / 3, 3, 3 / 4)
    assert (other.value, other.low, other.n) == (0, 0, 1)


def test_without_old_changes_the_share_is_unknown(story: Stories, on_day: Clock) -> None:
    s = story()
    s.write(1, s.change(0))
    assert {type(v) for v in corrected_30d(changes_of(s.fates(), now=on_day(1))).values()} == {Unknown}


def test_an_empty_history_has_no_changes(story: Stories, on_day: Clock) -> None:
    changes = changes_of(story().fates(), now=on_day(0))
    assert (len(changes), changes.left_out) == (0, 0)
