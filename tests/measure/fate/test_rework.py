"""Shares of lines that ended early, who ended them, and how long lines last."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest

from counterfoil.measure.fate.changes import changes_of
from counterfoil.measure.fate.ends import CAUSES
from counterfoil.measure.fate.rework import (
    ai_lines,
    lifetimes,
    other_lines,
    replacements,
    rework_counts,
    rework_shares,
    rewriters,
)
from counterfoil.measure.survival import kaplan_meier
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.history import Cause, Says
from counterfoil.terms.work import Rewriter

if TYPE_CHECKING:
    from measure.conftest import Story

Stories = Callable[[], "Story"]
Clock = Callable[[float], int]
FIX = Says(cause=Cause.CORRECTIVE)
PLANNED = Says(cause=Cause.ADAPTIVE)


def reworked(s: "Story") -> None:
    """Twelve changes of ten AI lines; a fix ends 12 of them, a plan 6, silence 3; 9 more are too young."""
    firsts = [s.change(0, evidence=2) for _ in range(12)]
    fix, plan, silent = s.change(5, FIX), s.change(6, PLANNED), s.change(7, author=9)
    for n, first in enumerate(firsts):
        s.write(1, first, fix, evidence=2)
        s.write(n % 2, first, plan, evidence=4)
        s.write(int(n < 3), first, silent, evidence=2)
        s.write(9 - n % 2 - int(n < 3), first, evidence=2)
    late = s.change(80, FIX)
    s.write(9, plan, late, evidence=2)
    s.write(9, s.change(99), evidence=2)


def test_rework_is_a_share_of_lines_followed_for_30_days(story: Stories, on_day: Clock) -> None:
    s = story()
    reworked(s)
    fates = s.fates()
    changes = changes_of(fates, now=on_day(100))
    shares = rework_shares([rework_counts(fates, changes, ai_lines(fates))])
    found = {cause: e.value * e.n for cause, e in shares.items() if isinstance(e, Estimate)}
    assert found == pytest.approx({Cause.CORRECTIVE: 12, Cause.ADAPTIVE: 6, Cause.UNKNOWN: 3})
    for estimate in shares.values():
        assert isinstance(estimate, Estimate)
        assert estimate.n == 129
        assert estimate.coverage == 129 / 138
        assert isinstance(estimate.low, float) and isinstance(estimate.high, float)
        assert estimate.low < estimate.value < estimate.high
    assert set(map(type, rework_shares([rework_counts(fates, changes, other_lines(fates))]).values())) == {
        Unknown
    }


def test_replacements_say_who_ended_whose_lines(story: Stories, on_day: Clock) -> None:
    s = story()
    first, second = s.change(0), s.change(1)
    fix = s.change(2, branch=[FIX, PLANNED])
    s.write(3, first, fix, by_part=0, evidence=2)
    s.write(2, first, fix, by_part=1)
    s.write(1, second, fix, by_part=0)
    fates = s.fates()
    changes = changes_of(fates, now=on_day(100))
    pairs = replacements(changes)
    rows = zip(pairs.landed, pairs.ended, (CAUSES[c] for c in pairs.cause), pairs.lines, strict=True)
    assert list(rows) == [
        (first, fix, Cause.CORRECTIVE, 3),
        (first, fix, Cause.ADAPTIVE, 2),
        (second, fix, Cause.CORRECTIVE, 1),
    ]
    assert replacements(changes, ai_lines(fates)).lines.tolist() == [3]


def test_rewriters_are_classes(story: Stories, on_day: Clock) -> None:
    s = story()
    first = s.change(0, author=1)
    ends = [
        s.change(1, author=1),
        s.change(2, author=2),
        s.change(3, author=1, evidence=2),
        s.change(4, author=1),
    ]
    s.write(1, ends[3], evidence=4)
    s.write(1, ends[0], evidence=1)
    for n, end in enumerate(ends, start=1):
        s.write(n, first, end, evidence=2)
    s.write(7, first, ends[1])
    s.write(5, first, s.change(40, author=2))
    fates = s.fates()
    assert rewriters(fates, changes_of(fates, now=on_day(100)), fates.counted) == {
        "ai": {Rewriter.SAME_PERSON: 1, Rewriter.OTHER: 2, Rewriter.AGENT: 7},
        "other": {Rewriter.SAME_PERSON: 0, Rewriter.OTHER: 7, Rewriter.AGENT: 0},
    }


def test_a_line_is_followed_to_the_last_main_line_commit(story: Stories) -> None:
    s = story()
    first, second = s.change(0), s.change(1.5)
    s.write(1, first, second)
    s.write(1, first)
    s.write(1, second)
    s.write(1, second, counted=False)
    s.change(10)
    lives = lifetimes(s.fates(), np.ones(4, np.bool_))
    assert lives.days.tolist() == [2, 10, 9]
    assert lives.ended.tolist() == [True, False, False]
    assert lives.followed.tolist() == [10, 10, 9]
    assert lives.cluster.tolist() == [first, first, second]


def test_survival_at_30_days_agrees_with_rework_where_all_were_followed(
    story: Stories, on_day: Clock
) -> None:
    s = story()
    reworked(s)
    fates = s.fates()
    early = fates.landed < 12
    alive = kaplan_meier(lifetimes(fates, early)).at(30)
    shares = rework_shares([rework_counts(fates, changes_of(fates, now=on_day(100)), early)])
    assert isinstance(alive, Estimate)
    assert alive.value == pytest.approx(
        1 - sum(e.value for e in shares.values() if isinstance(e, Estimate)), abs=1e-12
    )
