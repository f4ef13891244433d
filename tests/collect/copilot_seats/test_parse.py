"""Pages of Copilot seats: each grant is kept or counted, and several grants to one login are one seat."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.collect.copilot_seats.parse import Grant, merged, parse
from counterfoil.terms.absent import Skipped, SkipReason, Unknown
from counterfoil.terms.organisation import NEVER_USED
from counterfoil.terms.usage import NOT_STATED

DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))


def seat(login: str | None = "Ann", **changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "created_at": "2026-01-05T10:00:00+01:00",
        "last_activity_at": "2026-09-01T00:00:00Z",
        "last_authenticated_at": "2026-02-01T00:00:00Z",
        "last_activity_editor": "vscode/1.90/copilot/1.2",
        "assigning_team": None,
        "pending_cancellation_date": None,
        "plan_type": "business",
        "assignee": None if login is None else {"login": login, "id": 7, "type": "User"},
    }
    return {**plain, **changes}


def page(*seats: Any) -> bytes:
    return json.dumps({"total_seats": len(seats), "seats": list(seats)}).encode()


def test_a_seat_says_since_when_and_when_it_was_used() -> None:
    assert list(parse(page(seat(), seat("ben", last_activity_at=None, last_authenticated_at=None)))) == [
        Grant(
            login="Ann",
            assigned=date(2026, 1, 5),
            last_active=date(2026, 9, 1),
            activated=date(2026, 2, 1),
        ),
        Grant(login="ben", assigned=date(2026, 1, 5), last_active=NEVER_USED, activated=NOT_STATED),
    ]


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        (seat(None), SkipReason.WRONG_SHAPE),
        (seat(" "), SkipReason.WRONG_SHAPE),
        ("seat", SkipReason.WRONG_SHAPE),
        (None, SkipReason.WRONG_SHAPE),
        (seat(created_at=None), SkipReason.NO_TIME),
        (seat(created_at="yesterday"), SkipReason.NO_TIME),
        (seat(last_activity_at=5), SkipReason.NO_TIME),
        (seat(last_activity_at="0001-01-01T00:00:00Z"), SkipReason.NO_TIME),
    ],
)
def test_what_can_not_be_read_is_counted_and_the_rest_stays(odd: Any, why: SkipReason) -> None:
    found = list(parse(page(seat(), odd)))
    assert isinstance(found[0], Grant)
    assert [one.why for one in found[1:] if isinstance(one, Skipped)] == [why]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"seats": 7}', b"\xff", b"[" * 100_000])
def test_a_page_that_is_none_is_one_record_that_can_not_be_read(content: bytes) -> None:
    (found,) = parse(content)
    assert isinstance(found, Skipped)


@given(st.lists(st.builds(
    Grant, login=st.sampled_from(["ann", "Ann", "ben"]), assigned=DAYS,
    last_active=st.one_of(DAYS, st.just(NEVER_USED)), activated=st.one_of(DAYS, st.just(NOT_STATED)),
), max_size=8))  # fmt: skip
def test_one_seat_for_each_login_in_whatever_order_its_grants_come(grants: list[Grant]) -> None:
    seats, backwards = merged(grants), merged(grants[::-1])
    assert set(seats) == {grant.login.casefold() for grant in grants}
    for login, one in seats.items():
        mine = [grant for grant in grants if grant.login.casefold() == login]
        assert one.assigned == min(grant.assigned for grant in mine) == backwards[login].assigned
        used = [grant.last_active for grant in mine if not isinstance(grant.last_active, Unknown)]
        assert one.last_active == (max(used) if used else NEVER_USED) == backwards[login].last_active
        assert one.activated == backwards[login].activated
