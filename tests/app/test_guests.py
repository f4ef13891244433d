"""Those as whom the example is looked at are there on every day, however small the invented company is."""

from datetime import date, timedelta

import pytest

from counterfoil.app.server.example import GUESTS, PEOPLE, company_of

A_THURSDAY = date(2026, 11, 26)


@pytest.mark.parametrize("people", [200, 230, PEOPLE])
def test_no_guest_leaves_the_company(people: int) -> None:
    for weeks in range(4):
        lived, _ = company_of(people, A_THURSDAY + timedelta(weeks=weeks))
        leaves = lived.people.leaves * 7
        assert [g.key for g in GUESTS if g.identity and leaves[int(g.identity[1:])] < lived.length] == []
