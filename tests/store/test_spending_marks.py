"""Spend that a tool's mark in a commit joins: only where one session can be meant, and none of it twice."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.store.engine import Values
from counterfoil.terms.ids import Pseudonym
from store.test_spending import (
    ANN,
    BEN,
    DAY,
    FATES,
    SHOP,
    SITE,
    World,
    counted,
    expected,
    lake_of,
    of,
    sha,
    told,
    world_of,
    worlds,
)

NEXT = DAY + timedelta(days=1)


def marked(*, sessions: int = 1) -> World:
    """A change of one marked commit, on a day with so many sessions of ten each."""
    world = World()
    for number in range(1, sessions + 1):
        world.session(number, 10)
    world.land(sha(1), "w1")
    world.mark(sha(1))
    return world


def test_a_mark_joins_the_only_session_of_its_author_tool_and_day() -> None:
    world = marked()
    world.session(7, 100, day=NEXT)
    row = of(world)
    assert (row["standing"], row["unknown"], row["changes"]) == (10, 100, 1)
    with lake_of(*world.rows()) as lake:
        told(lake)
        values: Values = {"since": DAY, "until": NEXT, "path": "mark"}
        assert lake.run("spend", ["spend"], values)["joined"].tolist() == [10]


def test_a_mark_that_two_sessions_can_have_made_joins_none() -> None:
    assert of(marked(sessions=2))["unknown"] == 20
    # Nor where what has no session may have made it.
    world = marked()
    world.session(0, 5)
    assert of(world)["unknown"] == 15


def test_marks_of_another_person_tool_or_day_join_nothing() -> None:
    others: list[dict[str, Any]] = [{"who": BEN}, {"tool": "codex"}, {"day": NEXT}]
    for other in others:
        world = World()
        world.session(1, 10)
        world.land(sha(1), "w1")
        world.mark(sha(1), **other)
        assert of(world)["unknown"] == 10, other


def test_marks_in_two_repositories_on_a_day_join_nothing() -> None:
    world = marked()
    world.land(sha(2), "w2", repository=SITE)
    world.mark(sha(2), repository=SITE)
    assert of(world)["unknown"] == 10


def test_a_named_session_is_the_one_or_none() -> None:
    world = World()
    for number in (1, 2):
        world.session(number, 10**number)
    world.land(sha(1), "w1")
    world.mark(sha(1), session=2)
    assert of(world)["standing"] == 100
    world.marks.clear()
    world.mark(sha(1), session=3)
    assert of(world)["unknown"] == 110
    # The session of somebody else is not to be had by naming it.
    world.session(3, 1_000, who=BEN)
    rows = counted(world)
    assert (rows["ann"]["unknown"], rows["ben"]["unknown"]) == (110, 1_000)


def test_what_a_session_says_goes_before_its_mark() -> None:
    world = marked()
    world.land(sha(2), "w2", undone=DAY)
    world.join(1, sha(2))
    row = of(world)
    assert (row["undone"], row["standing"], row["changes"]) == (10, 0, 0)
    # And of a commit that a session names, no other one is taken for its maker.
    world = marked()
    world.join(5, sha(1)[:9], repository="")
    assert of(world)["unknown"] == 10


def test_a_marked_commit_of_which_nothing_landed_is_told_as_one() -> None:
    world = World()
    world.session(1, 10)
    world.mark(sha(1))
    assert of(world)["not_examined"] == 10
    world.land(sha(2), "w2")
    assert of(world)["not_landed"] == 10


marks = st.lists(
    st.tuples(
        st.sampled_from([ANN, BEN]),
        st.integers(0, 3),
        st.integers(1, 4),
        st.sampled_from([SHOP, SITE]),
        st.sampled_from([0, 0, 0, 1, 2]),
        st.sampled_from(["claude-code", "codex"]),
    ),
    max_size=6,
    unique_by=lambda row: row[:3],
)


def worked_out(world: World) -> World:
    """The same world, with a join for each mark that joins something: one mark after the other."""
    kept = {(j.who, j.session) for j in world.joins if j.session}
    found: dict[tuple[Pseudonym, int], set[tuple[str, str]]] = {}
    sure: set[tuple[Pseudonym, int, str, str]] = set()
    for m in world.marks:
        if any(m.commit.startswith(j.commit) and j.repository in {"", m.repository} for j in world.joins):
            continue
        mine = [(day, n) for who, day, n, _ in world.spent if who == m.who and m.tool == "claude-code"]
        today = {n for day, n in mine if day == m.day}
        if m.session and m.session in {n for _, n in mine}:
            sure.add((m.who, m.session, m.repository, m.head))
        elif not m.session and len(today) == 1 and 0 not in today:
            found.setdefault((m.who, min(today)), set()).add((m.repository, m.head))
    for (who, session), some in found.items():
        if len({repository for repository, _ in some}) == 1:
            sure |= {(who, session, repository, head) for repository, head in some}
    same = World(**{**vars(world), "joins": list(world.joins), "marks": []})
    for who, session, repository, head in sorted(sure):
        if (who, session) not in kept:
            same.join(session, head, who=who, repository=repository, path="mark")
    return same


@settings(max_examples=25, deadline=None)
@given(worlds, marks)
def test_marks_join_what_one_works_out_and_the_parts_stay_all_of_the_cost(
    drawn: dict[str, Any], some: list[Any]
) -> None:
    world = world_of(drawn)
    plain = counted(world)
    for who, after, commit, repository, session, tool in some:
        day = DAY + timedelta(days=after)
        world.mark(sha(commit), who=who, day=day, repository=repository, session=session, tool=tool)
    rows = counted(world)
    assert {who: row["cost"] for who, row in rows.items()} == {who: row["cost"] for who, row in plain.items()}
    same = worked_out(world)
    assert {who: {n: row[n] for n in FATES} for who, row in rows.items()} == expected(same)
    # What was joined without them stays joined.
    assert all(row["unknown"] <= plain[who]["unknown"] for who, row in rows.items())
