"""A few changes of a table without days are a file of their own, and read as if all were written anew."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from counterfoil.store.lake import LEAST_CHANGED, PART_CHANGED, Lake
from counterfoil.store.tables import CHANGES
from counterfoil.store.upkeep import check, compact
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import Pseudonym, UnitId
from counterfoil.terms.organisation import STILL_THERE, Membership, Person, Seat
from store.test_lake import put

DAY = date(2026, 1, 5)
WHO = [Pseudonym(f"{n:032x}") for n in range(LEAST_CHANGED + 200)]
MOST = len(WHO) // PART_CHANGED


def quiet(_: str, __: int, ___: int) -> None:
    pass


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake(tmp_path, write=True) as opened:
        put(opened, *[Person(who=who, role="r", joined=DAY) for who in WHO])
        put(opened, *[Seat(who=who, tool="t", assigned=DAY, last_active=DAY) for who in WHO])
        yield opened


def roles(lake: Lake) -> dict[str, str]:
    found = lake.run("people", ["person"], {"who": None})
    assert len(set(found["who"])) == len(found["who"]), "each person has one row"
    return dict(zip(found["who"], found["role"], strict=True))


def changed(lake: Lake, *rows: tuple[int, str]) -> tuple[int, int, int]:
    told = put(lake, *[Person(who=WHO[n], role=role, joined=DAY) for n, role in rows])
    return told.new, told.changed, told.same


def files(lake: Lake, table: str = "person") -> dict[str, int]:
    return {part.block: part.rows for part in lake.registry.parts(table)}


def test_few_changes_are_a_file_of_their_own_and_hold(lake: Lake) -> None:
    assert changed(lake, (1, "x"), (2, "r")) == (0, 1, 1)
    assert changed(lake, (1, "y"), (3, "z")) == (0, 2, 0)
    assert changed(lake, (1, "y")) == (0, 0, 1)
    new = Pseudonym("f" * 32)
    assert put(lake, Person(who=new, role="new", joined=DAY)).new == 1
    assert files(lake) == {"": len(WHO), CHANGES: 3}
    expected = dict.fromkeys(WHO, "r") | {WHO[1]: "y", WHO[3]: "z", new: "new"}
    assert roles(lake) == expected
    assert lake.rows_of(WHO[1])["person"]["role"].tolist() == ["y"]
    compact(lake, DAY, quiet)
    assert check(lake, quiet) == [] and roles(lake) == expected
    # Of whoever goes, nothing stays in either file.
    assert lake.without(WHO[3]) == 3
    del expected[WHO[3]]
    assert roles(lake) == expected


def test_many_changes_are_written_into_the_whole(lake: Lake) -> None:
    changed(lake, *[(n, "x") for n in range(MOST)])
    assert files(lake) == {"": len(WHO), CHANGES: MOST}
    changed(lake, (MOST, "x"))
    assert files(lake) == {"": len(WHO)}
    assert sum(role == "x" for role in roles(lake).values()) == MOST + 1
    assert check(lake, quiet) == []


def test_the_copy_that_a_block_has_is_of_all_and_is_not_read_as_now(lake: Lake) -> None:
    seat = Seat(who=WHO[0], tool="t", assigned=DAY, last_active=DAY, ended=date(2026, 3, 2))
    put(lake, seat)
    lake.snapshot("seat", "2026-B01")
    assert files(lake, "seat") == {"": len(WHO), "2026-B01": len(WHO)}
    put(lake, Seat(who=WHO[0], tool="t", assigned=DAY, last_active=DAY))
    now = lake.run("seats", ["seat"], {"who": WHO[0], "tool": None})
    assert len(now["who"]) == 1 and str(now["ended"][0]) in {"NaT", "None"}
    then = lake.run("seats", ["seat"], {"who": WHO[0], "tool": None}, block="2026-B01")
    assert str(then["ended"][0])[:10] == "2026-03-02"
    assert len(lake.rows_of(WHO[0])["seat"]["tool"]) == 1


def test_whoever_left_and_came_back_was_not_there_between(lake: Lake) -> None:
    def at(since: tuple[int, int], until: tuple[int, int] | None) -> Membership:
        ends: date | Unknown = date(2026, *until) if until else STILL_THERE
        return Membership(who=WHO[7], unit=UnitId("u"), since=date(2026, *since), until=ends)

    put(
        lake,
        at((1, 5), (3, 1)),
        at((6, 1), None),
        Membership(who=WHO[8], unit=UnitId("u"), since=date(2026, 2, 1)),
    )
    there: dict[date, tuple[bool, bool]] = {}
    for day in (date(2026, 1, 20), date(2026, 3, 1), date(2026, 5, 31), date(2026, 6, 1)):
        found = lake.run("members", ["person", "membership"], {"day": day})
        assert len(found["who"]) >= len(WHO) - 1, "whoever has no unit yet is there all the same"
        there[day] = (WHO[7] in found["who"], WHO[8] in found["who"])
    assert list(there.values()) == [(True, True), (False, True), (False, True), (True, True)]
