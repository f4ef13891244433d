"""What a directory says, in the lake: dated, under pseudonyms, the same person whatever they are called."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from counterfoil.guard.directory import groups, people
from counterfoil.guard.directory.shelf import Shelf, loaded
from counterfoil.guard.directory.telling import catch_up, tell_everything
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.members import members_today
from counterfoil.guard.person import erase
from counterfoil.guard.roles import holders
from counterfoil.store.lake import Lake
from counterfoil.terms.ask import Role
from counterfoil.terms.error import SourceError, StoreError
from counterfoil.terms.ids import CardId, Pseudonym, UnitId
from counterfoil.terms.organisation import Membership, Person, Unit
from guard.organisation import LONG_AGO, NOW, gate, put

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def says(name: str, **said: Any) -> dict[str, Any]:
    more: dict[str, Any] = {field: said.pop(field) for field in ("department", "division") if field in said}
    if "manager" in said:
        more["manager"] = {"value": said.pop("manager")}
    return {"userName": name, **said, ENTERPRISE: more}


@dataclass
class Office:
    """A directory that speaks on one day after another."""

    g: Guarded
    shelf: Shelf

    def later(self, days: int = 1) -> None:
        self.g = replace(self.g, now=self.g.now + timedelta(days=days))

    @property
    def today(self) -> date:
        return self.g.now.date()

    def new(self, name: str, **said: Any) -> CardId:
        return people.create_person(self.g, self.shelf, says(name, **said)).id

    def now(self, id: CardId, name: str, **said: Any) -> None:
        people.replace_person(self.g, self.shelf, id, says(name, **said))

    def group(self, name: str, *inside: CardId) -> CardId:
        return groups.create_group(self.g, self.shelf, {"displayName": name}, inside).id

    def regroup(self, id: CardId, name: str, *inside: CardId) -> None:
        groups.replace_group(self.g, self.shelf, id, {"displayName": name}, inside)

    def who(self, name: str) -> Pseudonym:
        (who,) = self.g.keys.known([name])
        assert who is not None
        return who

    def unit(self, name: str, day: date | None = None) -> str | None:
        """Somebody's unit on a day; None where they are not there."""
        members = members_today(self.g.lake, day or self.today)
        found = members.unit[members.who == self.who(name)].tolist()
        assert len(found) <= 1
        return str(found[0]) if found else None

    def leads(self) -> dict[str, str]:
        return {str(unit): str(lead) for unit, lead in members_today(self.g.lake, self.today).leads.items()}

    def parents(self) -> dict[str, str]:
        return {str(u): str(upper) for u, upper in members_today(self.g.lake, self.today).parents.items()}


@contextmanager
def office(folder: Path) -> Iterator[Office]:
    folder.mkdir(exist_ok=True)
    with gate(folder) as g:
        yield Office(g, loaded(g))


@pytest.fixture
def hr(tmp_path: Path) -> Iterator[Office]:
    with office(tmp_path) as opened:
        yield opened


def test_a_department_is_a_unit_from_its_day_to_the_next(hr: Office) -> None:
    ann, first = hr.new("ann", department="a", userType="engineering"), hr.today
    hr.later(3)
    hr.now(ann, "ann", department="b")
    hr.later()
    hr.now(ann, "ann", division="d")
    hr.later()
    hr.now(ann, "ann")
    units = [hr.unit("ann", first + timedelta(days=n)) for n in (-1, 0, 2, 3, 4, 5)]
    assert units == [None, "a", "a", "b", "d", ""]
    members = members_today(hr.g.lake, first)
    assert members.role.tolist() == ["engineering"]


def test_a_leaver_is_inactive_and_may_come_back(hr: Office) -> None:
    ann, first = hr.new("ann", department="a"), hr.today
    hr.later()
    hr.now(ann, "ann", department="a", active=False)
    assert hr.unit("ann") is None
    hr.later()
    hr.now(ann, "ann", department="a", active=True)
    assert hr.unit("ann") == "a"
    assert hr.unit("ann", first) == "a"
    hr.later()
    people.remove_person(hr.g, hr.shelf, ann)
    assert hr.unit("ann") is None
    with pytest.raises(SourceError, match="nothing of that id"):
        people.person(hr.g, ann)
    # Who never was there is not in the lake.
    hr.new("ben", active=False)
    assert hr.unit("ben", hr.today) is None


def test_without_a_department_the_group_that_somebody_came_into_last_is_their_unit(hr: Office) -> None:
    ann, ben = hr.new("ann"), hr.new("ben", department="d")
    one, two = hr.group("one", ann, ben), hr.group("two")
    assert (hr.unit("ann"), hr.unit("ben")) == ("one", "d")
    hr.later()
    hr.regroup(two, "two", ann)
    assert hr.unit("ann") == "two"
    hr.later()
    hr.regroup(two, "second", ann)
    assert hr.unit("ann") == "second"
    hr.later()
    hr.regroup(two, "second")
    assert hr.unit("ann") == "one"
    groups.remove_group(hr.g, hr.shelf, one)
    assert (hr.unit("ann"), hr.unit("ben")) == ("", "d")
    assert hr.unit("ann", NOW.date()) == "one"


def test_groups_and_divisions_make_the_tree(hr: Office) -> None:
    ann = hr.new("ann", department="team", division="division")
    ben = hr.new("ben")
    inner = hr.group("inner", ben)
    outer = hr.group("outer", inner)
    assert hr.parents() == {"team": "division", "inner": "outer"}
    assert {str(kind) for kind in groups.members(hr.g, hr.shelf, groups.group(hr.g, outer)).values()} == {
        "group"
    }
    hr.regroup(outer, "above", inner)
    assert hr.parents()["inner"] == "above"
    groups.remove_group(hr.g, hr.shelf, inner)
    assert not groups.members(hr.g, hr.shelf, groups.group(hr.g, outer))
    groups.remove_group(hr.g, hr.shelf, outer)
    inner = hr.group("inner", ben)
    outer = hr.group("above", inner)
    # A ring ends where it begins, and nobody is above themselves.
    hr.regroup(inner, "inner", ben, outer, inner)
    assert set(hr.parents()) == {"team", "inner", "above"}
    assert members_today(hr.g.lake, hr.today).below["inner"].tolist()
    hr.now(ann, "ann", department="same", division="same")
    assert "same" not in hr.parents()


def test_a_manager_leads_the_unit_of_those_under_them_whenever_they_come(hr: Office) -> None:
    ann = hr.new("ann", department="a", manager="4711")
    hr.new("ben", department="a", manager="4711")
    hr.new("cy", department="a", manager=ann)
    assert hr.leads() == {"a": hr.who("ann")}
    boss = hr.new("boss", externalId="4711", department="top")
    assert hr.leads() == {"a": hr.who("boss")}
    # A ring of managers is no ring of anything else.
    hr.now(boss, "boss", externalId="4711", department="top", manager=ann)
    assert hr.leads() == {"a": hr.who("boss"), "top": hr.who("ann")}
    hr.now(boss, "boss", externalId="4711", department="top", active=False)
    assert hr.leads() == {"a": hr.who("ann")}
    hr.now(ann, "ann", department="a", manager="nobody", active=False)
    assert hr.leads() == {}


def test_a_new_address_or_name_makes_no_new_person(hr: Office) -> None:
    ann = hr.new("ann@x.org", externalId="7", emails=[{"value": "a@x.org"}], department="a")
    who = hr.who("7")
    hr.now(ann, "ann.smith@x.org", externalId="7", emails=[{"value": "as@x.org"}], department="a")
    assert {hr.who(name) for name in ("7", "ann.smith@x.org", "AS@x.org", "ann@x.org")} == {who}
    assert hr.g.keys.pseudonyms(["as@x.org"]) == [who]
    # Whoever is removed and sent again under the same number is the same person.
    people.remove_person(hr.g, hr.shelf, ann)
    hr.new("smith@x.org", externalId="7", department="b")
    assert {hr.who(name) for name in ("7", "smith@x.org", "as@x.org")} == {who}
    assert len(members_today(hr.g.lake, hr.today)) == 1


def test_an_address_that_is_somebody_elses_now_is_theirs(hr: Office) -> None:
    old = hr.new("john@x.org", externalId="1", department="a")
    first = hr.who("1")
    people.remove_person(hr.g, hr.shelf, old)
    hr.new("john@x.org", externalId="2", department="a")
    assert hr.who("2") != first
    assert hr.who("john@x.org") == hr.who("2")
    assert hr.who("1") == first
    # A mail address that two have is the first one's; a user name is its owner's.
    hr.new("ann", emails=[{"value": "john@x.org"}, {"value": "team@x.org"}])
    assert hr.who("john@x.org") == hr.who("2")
    hr.new("team@x.org")
    assert hr.who("team@x.org") != hr.who("ann")
    # A name that somebody had once, and has no longer, goes to whoever has it now.
    hr.now(hr.shelf.by_who[hr.who("ann")], "anna")
    hr.new("ann")
    assert hr.who("ann") != hr.who("anna")


def test_who_was_known_from_tables_stays_who_they_are(hr: Office) -> None:
    (who,) = hr.g.keys.pseudonyms(["ann@x.org"])
    put(
        hr.g,
        Person(who=who, role="office", joined=LONG_AGO),
        Membership(who=who, unit=UnitId("old"), since=LONG_AGO),
        Unit(unit=UnitId("new"), parent=UnitId("above"), lead=who),
    )
    ann = hr.new("Ann", emails=[{"value": "ann@x.org"}], department="new")
    assert hr.who("ann") == who
    assert hr.unit("ann", LONG_AGO) == "old"
    assert hr.unit("ann") == "new"
    assert members_today(hr.g.lake, hr.today).role.tolist() == ["office"]
    # What the directory says nothing of, a table may.
    assert (hr.parents(), hr.leads()) == ({"new": "above"}, {"new": who})
    hr.later()
    hr.now(ann, "Ann", emails=[{"value": "ann@x.org"}], active=False)
    assert hr.unit("ann") is None


def test_whoever_is_erased_leads_nothing_and_is_in_no_group(hr: Office) -> None:
    boss = hr.new("boss")
    ann = hr.new("ann", department="a", manager=boss)
    unit = hr.group("unit", boss, ann)
    erase(hr.g, hr.who("boss"))
    assert hr.leads() == {}
    hr.now(ann, "ann", department="a", manager=boss)
    assert hr.leads() == {}
    hr.regroup(unit, "unit", ann)
    hr.shelf = loaded(hr.g)
    assert list(groups.members(hr.g, hr.shelf, groups.group(hr.g, unit))) == [ann]


def test_what_is_sent_at_once_is_told_at_once_and_on_its_day(hr: Office) -> None:
    hr.shelf.waiting.patience, hr.shelf.waiting.due = 1e6, monotonic() + 1e6
    ids = [hr.new(f"p{n}", department="a", manager="p0") for n in range(3)]
    first = hr.today
    assert members_today(hr.g.lake, first).who.tolist() == []
    erase(hr.g, hr.who("p2"))
    hr.later()
    catch_up(hr.g, hr.shelf)
    assert [hr.unit(f"p{n}", first) for n in range(2)] == ["a", "a"]
    assert len(members_today(hr.g.lake, first)) == 2
    assert ids[2] not in hr.shelf.placed
    assert hr.leads() == {"a": hr.who("p0")}


def test_nothing_is_written_again_of_somebody_erased(hr: Office) -> None:
    ann = hr.new("ann")
    unit = hr.group("unit", ann, hr.new("ben"))
    erase(hr.g, hr.who("ann"))
    hr.regroup(unit, "other", ann)
    assert hr.unit("ben") == ""
    assert len(members_today(hr.g.lake, hr.today)) == 1
    cy = hr.new("cy")
    erase(hr.g, hr.who("cy"))
    with pytest.raises(SourceError, match="members"):
        hr.group("counterfoil-council", cy)
    assert holders(hr.g, Role.COUNCIL) == frozenset()


def test_what_was_cut_short_is_put_right_before_the_next_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office(tmp_path) as hr:
        hr.shelf.settled = True

        def full(*_: object) -> None:
            raise StoreError("lake-unusable", "no space left", hint="make room")

        with monkeypatch.context() as patched:
            patched.setattr(Lake, "append", full)
            with pytest.raises(StoreError):
                hr.new("ann", department="a")
        assert not hr.shelf.settled
        assert hr.unit("ann") is None
    with office(tmp_path) as hr:
        tell_everything(hr.g, hr.shelf)
        assert hr.unit("ann") == "a"


@pytest.mark.parametrize("word", ["x" * 201, "a\nb"])
def test_what_names_no_unit_is_told(hr: Office, word: str) -> None:
    for name in ("department", "division", "userType"):
        with pytest.raises(SourceError, match="200 letters"):
            hr.new("ann", **{name: word})
    with pytest.raises(SourceError, match="200 letters"):
        hr.group(word)


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_said_in_whatever_order_each_day_has_the_unit_that_was_set_last(
    hr: Office, seed: int
) -> None:
    rng = random.Random(seed)
    ids = {name: hr.new(name) for name in ("ann", "ben")}
    teams = {name: hr.group(name) for name in ("one", "two")}
    names, inside = {id: name for name, id in teams.items()}, {id: list[CardId]() for id in teams.values()}
    joined: dict[str, list[CardId]] = {name: [] for name in ids}
    said: dict[str, dict[str, Any]] = {name: {} for name in ids}
    truth: dict[tuple[str, date], str | None] = {}

    def change_person() -> None:
        name = rng.choice(list(ids))
        said[name] = {"active": rng.random() < 0.8}
        if rng.random() < 0.3:
            said[name]["department"] = rng.choice(["d", "e"])
        hr.now(ids[name], name, **said[name])

    def change_group() -> None:
        team = rng.choice(list(inside))
        now = [ids[name] for name in ids if rng.random() < 0.5]
        for name, id in ids.items():
            if id in now and id not in inside[team]:
                joined[name].append(team)
            if id not in now and id in inside[team]:
                joined[name].remove(team)
        inside[team] = now
        names[team] = rng.choice([names[team], f"{names[team][0]}{rng.randrange(9)}"])
        hr.regroup(team, names[team], *now)

    steps: list[Callable[[], None]] = [change_person, change_group, hr.later]
    for _ in range(24):
        rng.choice(steps)()
        if rng.random() < 0.1:
            hr.shelf = loaded(hr.g)
        for name in ids:
            last = names[joined[name][-1]] if joined[name] else ""
            unit = said[name].get("department", last)
            truth[name, hr.today] = unit if said[name].get("active", True) else None
    for (name, day), expected in truth.items():
        found = hr.unit(name, day)
        # Somebody who came back is counted for the days between, and in no unit.
        assert (found or "") == (expected or ""), (name, day)
