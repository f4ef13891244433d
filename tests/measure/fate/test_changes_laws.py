"""What holds for the fate of changes in every history."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.measure.fate.changes import Changes, changes_of
from counterfoil.measure.fate.rework import ai_lines, replacements, rework_counts, rework_shares, rewriters
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.history import Cause, Says
from counterfoil.terms.work import FateKind

if TYPE_CHECKING:
    from measure.conftest import Story

Stories = Callable[[], "Story"]
Clock = Callable[[float], int]


@dataclass(frozen=True)
class Told:
    """One change as it is told: when, what it says, and what became of its lines."""

    gap: int
    cause: Cause
    back: int
    """How many changes back lies the one that it takes back; 0 for none."""
    fixes: int
    lines: tuple[tuple[int, int, int], ...]
    """How many, after how many changes they ended (0: they stand), and their evidence."""


told = st.lists(
    st.builds(
        Told,
        gap=st.integers(0, 20),
        cause=st.sampled_from(Cause),
        back=st.sampled_from([0, 0, 0, 1, 2]),
        fixes=st.sampled_from([0, 0, 0, 1, 3]),
        lines=st.lists(
            st.tuples(st.integers(1, 6), st.integers(0, 3), st.sampled_from([0, 2, 4])), max_size=3
        ).map(tuple),
    ),
    min_size=1,
    max_size=12,
)


def tell(s: "Story", tale: list[Told], *, between: bool = False, parts: int = 0) -> "Story":
    """The tale as a history: with unrelated changes between, or each change split into parts."""
    day, at = 0, list[int]()
    for change in tale:
        day += change.gap
        said = Says(
            cause=change.cause,
            reverts=(s.name_of(at[-change.back]),) if 0 < change.back <= len(at) else (),
            fixes=(s.name_of(at[-change.fixes]),) if 0 < change.fixes <= len(at) else (),
        )
        if between:
            s.write(3, s.change(day, Says(cause=Cause.CORRECTIVE)), evidence=2)
        at.append(s.change(day, said, branch=[Says()] * parts))
    for n, change in enumerate(tale):
        for count, after, evidence in change.lines:
            for line in range(count):
                ended = at[n + after] if after and n + after < len(at) else -1
                part = line % parts if parts else -1
                s.write(1, at[n], ended, evidence=evidence, part=part, by_part=part)
    return s


def fates_of(changes: Changes, every: int = 1) -> list[FateKind | None]:
    rows = changes.row[every - 1 :: every].tolist()
    return [None if row < 0 else changes.fate(row) for row in rows]


@given(tale=told)
def test_fates_partition_changes(story: Stories, on_day: Clock, tale: list[Told]) -> None:
    changes = changes_of(tell(story(), tale).fates(), now=on_day(120))
    assert sum(changes.by_fate(np.ones(len(changes), np.bool_)).values()) == len(changes)
    assert len(changes) + changes.left_out == len(tale)
    too_young = changes.kind == list(FateKind).index(FateKind.TOO_YOUNG)
    assert not (too_young & changes.old_enough).any()


@given(tale=told, parts=st.integers(1, 3))
def test_splitting_a_change_into_commits_of_one_merge_keeps_its_fate(
    story: Stories, on_day: Clock, tale: list[Told], parts: int
) -> None:
    whole = changes_of(tell(story(), tale).fates(), now=on_day(120))
    split = changes_of(tell(story(), tale, parts=parts).fates(), now=on_day(120))
    assert fates_of(whole) == fates_of(split)
    assert whole.died.tolist() == split.died.tolist()


@given(tale=told)
def test_unrelated_changes_alter_no_fate(story: Stories, on_day: Clock, tale: list[Told]) -> None:
    alone = changes_of(tell(story(), tale).fates(), now=on_day(120))
    among = changes_of(tell(story(), tale, between=True).fates(), now=on_day(120))
    assert fates_of(alone) == fates_of(among, every=2)


@given(tale=told)
def test_time_never_makes_a_change_younger_or_undoes_a_correction(
    story: Stories, on_day: Clock, tale: list[Told]
) -> None:
    fates = tell(story(), tale).fates()
    before, after = (changes_of(fates, now=on_day(day)) for day in (230, 260))
    young = FateKind.TOO_YOUNG
    assert all(
        b == a or (b, a) == (young, FateKind.STANDING)
        for b, a in zip(fates_of(before), fates_of(after), strict=True)
    )


@settings(max_examples=40)
@given(tale=told)
def test_shares_by_cause_sum_to_what_ended(story: Stories, on_day: Clock, tale: list[Told]) -> None:
    fates = tell(story(), tale).fates()
    changes = changes_of(fates, now=on_day(1_000))
    ai = ai_lines(fates)
    shares = [
        e for e in rework_shares([rework_counts(fates, changes, ai)]).values() if isinstance(e, Estimate)
    ]
    ended = int(ai[changes.ends.line].sum())
    assert round(sum(e.value * e.n for e in shares)) == ended
    assert all(0 <= e.value <= 1 and e.n == ai.sum() for e in shares)
    assert replacements(changes, ai).lines.sum() == ended
    assert sum(rewriters(fates, changes, fates.counted)["ai"].values()) == ended
    assert int(changes.died.sum()) == len(changes.ends.line)
    assert (changes.died.sum(axis=1) <= changes.lines).all()
