"""Whatever a directory says in whatever order: on each day somebody is in the unit that was set last."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.collect.scim.dated import memberships, person
from counterfoil.terms.absent import Unknown
from counterfoil.terms.directory import NOWHERE, Placed
from counterfoil.terms.ids import Pseudonym, UnitId
from counterfoil.terms.organisation import Membership, Person
from counterfoil.terms.usage import NOT_STATED

WHO = Pseudonym("w")
FIRST = date(2026, 1, 1)
UNITS = st.sampled_from([None, "a", "b", "c"])
STEPS = st.lists(st.tuples(st.integers(0, 2), UNITS), max_size=30)
"""Days that pass, and the unit that is set then."""


def unit_on(rows: list[Membership], day: date) -> str | None:
    """As store/facts/members.sql reads them."""
    there = [m for m in rows if m.since <= day and (isinstance(m.until, Unknown) or m.until > day)]
    return max(there, key=lambda m: m.since).unit if there else None


@given(STEPS)
def test_somebody_is_in_exactly_the_unit_that_was_set_last(steps: list[tuple[int, str | None]]) -> None:
    rows: dict[date, Membership] = {}
    set_on: dict[date, str | None] = {}
    day = FIRST
    for passed, unit in steps:
        day += timedelta(days=passed)
        wanted = UnitId(unit) if unit else NOT_STATED
        changed = memberships(list(rows.values()), wanted, who=WHO, day=day)
        assert all(row.since <= day for row in changed)
        rows.update({row.since: row for row in changed})
        set_on[day] = unit
        assert memberships(list(rows.values()), wanted, who=WHO, day=day) == []
    expected: str | None = None
    for n in range((day - FIRST).days + 3):
        now = FIRST + timedelta(days=n)
        expected = set_on.get(now, expected)
        assert unit_on(list(rows.values()), now) == expected
        inside = [
            m for m in rows.values() if m.since <= now and (isinstance(m.until, Unknown) or m.until > now)
        ]
        assert len(inside) == (expected is not None)


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=20))
def test_somebody_is_there_from_the_first_day_to_the_day_they_left(steps: list[tuple[int, bool]]) -> None:
    row: Person | None = None
    day, joined, there = FIRST, None, False
    for passed, active in steps:
        day += timedelta(days=passed)
        where = Placed(active=active, role="", department=NOT_STATED, division=NOT_STATED, manager=NOT_STATED)
        row = person(row, where, who=WHO, day=day) or row
        joined = joined or (day if active else None)
        there = active
        if row is None:
            assert joined is None
            continue
        assert row.joined == joined
        assert isinstance(row.left, Unknown) == there
        assert there or (not isinstance(row.left, Unknown) and row.left <= day)


def test_a_role_stays_where_the_directory_says_none() -> None:
    row = Person(who=WHO, role="office", joined=FIRST)
    where = Placed(active=True, role="", department=NOT_STATED, division=NOT_STATED, manager=NOT_STATED)
    assert person(row, where, who=WHO, day=FIRST) is None
    assert person(None, NOWHERE, who=WHO, day=FIRST) is None
