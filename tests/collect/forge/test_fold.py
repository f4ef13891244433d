"""What events come to, whatever their order; and whatever is delivered, rows are sound or there are none."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collect.forge.payloads import (
    ANN,
    BOB,
    CYD,
    FORGES,
    NOW,
    ROBOT,
    Body,
    GitHub,
    GitLab,
    sha,
    story,
    written,
)
from collect.forge.test_parsers import PARSE, replace
from counterfoil.collect.forge.event import Actor
from counterfoil.collect.forge.fold import take
from counterfoil.collect.forge.state import KEPT_FOR, Fold, Moments
from counterfoil.store.tables import TABLES
from counterfoil.terms.absent import Skipped, Unknown
from counterfoil.terms.delivered import STEPS, Delivery, Incident, Landing, Review, step_of
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.organisation import WorkFate

FORGE = GitHub()


class Memory:
    """What is remembered, through JSON as it is kept."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def get(self, name: str) -> Mapping[str, Any] | None:
        found: Mapping[str, Any] | None = json.loads(self.kept[name]) if name in self.kept else None
        return found

    def put(self, name: str, value: Mapping[str, Any]) -> None:
        assert date.fromisoformat(value["day"])
        self.kept[name] = json.dumps(value)

    def drop(self, name: str) -> None:
        self.kept.pop(name, None)


def hidden(identity: str) -> Pseudonym:
    """A pseudonym; of the erased, none."""
    return Pseudonym("" if identity.endswith("gone") else f"<{identity}>")


def folded(*told: tuple[str, Body], forge: str = "github", memory: Memory | None = None) -> list[Any]:
    fold = Fold(memory or Memory(), Moments(), hidden)
    for event, body in told:
        found = PARSE[forge](event, written(body), now=NOW)
        if found is not None and not isinstance(found, Skipped):
            take(fold, found)
    return fold.rows


def last(rows: list[Any], noun: type[Any]) -> dict[str, Any]:
    """The latest row of each work, as the lake has it."""
    return {row.work: row for row in rows if isinstance(row, noun)}


def test_a_commit_that_is_taken_back_is_found_by_the_change_that_it_was_part_of() -> None:
    push = FORGE.pushed(f"Revert\n\nThis reverts commit {sha('head-1')}.", hours=60)
    fates = last(folded(FORGE.opened(1, hours=0), FORGE.merged(1, opened=0, hours=5), push), WorkFate)
    assert fates["acme/shop#1"].reverted == date(2026, 11, 4)
    assert fates["acme/shop#1"].reviews == 0
    # Before it landed, and of a change that nobody told of, there is nothing to take back.
    early = last(folded(push, FORGE.merged(1, opened=0, hours=5)), WorkFate)
    assert isinstance(early["acme/shop#1"].reverted, Unknown)
    assert isinstance(early["acme/shop#1"].reviews, Unknown)


def test_what_comes_again_or_too_late_changes_nothing() -> None:
    memory = Memory()
    landed = FORGE.merged(1, opened=0, hours=5)
    assert folded(FORGE.opened(1, hours=0), landed, memory=memory)
    before = dict(memory.kept)
    again = (
        landed,
        FORGE.opened(1, hours=0),
        FORGE.reviewed(1, BOB, hours=6),
        FORGE.commented(1, BOB, hours=7),
    )
    assert not folded(*again, memory=memory)
    assert memory.kept == before


def test_a_change_that_is_given_up_is_forgotten() -> None:
    memory = Memory()
    event, body = FORGE.opened(1, hours=0)
    closed = {**body, "action": "closed"}
    assert not folded((event, body), (event, closed), memory=memory)
    assert not [name for name in memory.kept if name.startswith("open/")]


def test_an_agent_is_nobody_and_somebody_erased_leaves_nothing() -> None:
    rows = folded(FORGE.merged(1, ROBOT, opened=0, hours=5), FORGE.deployed(1, sha("landed-1"), hours=6))
    assert {row.who for row in rows if not isinstance(row, Landing)} == {""}
    rows = folded(
        FORGE.opened(1, "ann-gone", hours=0),
        FORGE.reviewed(1, BOB, hours=1),
        FORGE.merged(1, "ann-gone", opened=0, hours=5),
        FORGE.opened(2, ANN, hours=0),
        FORGE.reviewed(2, "bob-gone", hours=1),
        FORGE.deployed(1, sha("landed-1"), hours=6, by="cyd-gone"),
    )
    assert {type(row) for row in rows} == {Landing}


def test_gitlab_names_an_author_by_number_where_nobody_saw_the_opening() -> None:
    forge = GitLab()
    event, body = forge.merged(1, ANN, opened=0, hours=5)
    assert {type(row) for row in folded((event, body), forge="gitlab")} == {Landing}
    body["assignees"] = [forge.user(CYD), forge.user(ANN)]
    fates = last(folded((event, body), forge="gitlab"), WorkFate)
    assert fates["acme/shop!1"].who == "<gitlab:octo-ann>"


def test_a_deployment_brings_what_waited_and_no_more() -> None:
    merges = [FORGE.merged(n, ANN, opened=n, hours=10 + n) for n in (1, 2, 3)]
    rows = folded(
        *merges,
        FORGE.deployed(1, sha("elsewhere"), hours=20),
        FORGE.deployed(2, sha("landed-2"), hours=21),
        FORGE.deployed(3, sha("landed-2"), hours=22),
        FORGE.deployed(4, sha("landed-3"), hours=99),
    )
    took = {row.work: row.minutes for row in rows if isinstance(row, Delivery)}
    assert took == {"acme/shop#1": 720, "acme/shop#2": 720, "acme/shop#3": 5_760 - 1_440}


def test_an_incident_is_linked_to_what_it_names_or_else_to_the_one_before() -> None:
    deployments = [FORGE.deployed(n, sha(f"d{n}"), hours=n) for n in (1, 2)]
    named = folded(*deployments, FORGE.broke(9, opened=3, said=sha("d1")[:10]))
    near = folded(*deployments, FORGE.broke(9, opened=3, said="12345678"))
    far = folded(*deployments, FORGE.broke(9, opened=300))
    assert [(row.deployment, row.link_method) for rows in (named, near) for row in rows
            if isinstance(row, Incident)] == [("acme/shop@1", "sha"), ("acme/shop@2", "nearest")]  # fmt: skip
    assert isinstance(far[-1].deployment, Unknown)
    assert far[-1].link_method == ""


def test_times_are_exact_for_a_day_and_by_the_hour_after() -> None:
    moments = Moments()
    hour = moments.note("x", NOW + timedelta(minutes=7))
    assert hour == "2026-11-25T12"
    assert moments.of("x", hour) == NOW + timedelta(minutes=7)
    moments.forget(NOW + timedelta(days=2))
    assert moments.of("x", hour) == NOW + timedelta(minutes=30)
    assert moments.of("x", "2026-11-25T11") == NOW - timedelta(minutes=30)
    assert timedelta(days=31) < KEPT_FOR
    assert Fold(Memory(), moments, hidden).who(Actor(identity="github:gone", is_agent=False)) is None


@pytest.mark.parametrize("name", FORGES)
@given(data=st.data())
def test_whatever_is_delivered_rows_are_sound(name: str, data: st.DataObject) -> None:
    """Any part of any delivery replaced, left out, told twice or in another order."""
    told = data.draw(st.lists(st.sampled_from(story(FORGES[name])), max_size=12))
    for place in data.draw(st.sets(st.integers(0, 11), max_size=3)):
        if place < len(told):
            body = json.loads(json.dumps(told[place][1]))
            replace(body, data)
            told[place] = (told[place][0], body)
    for row in folded(*told, forge=name):
        table = TABLES[type(row)]
        for field in fields(row):
            value = getattr(row, field.name)
            assert isinstance(value, str | int | date | Unknown), field.name
        for key in table.key:
            assert isinstance(getattr(row, key), str), key
        for name_of in ("minutes", "waiting", "recovery"):
            value = getattr(row, name_of, 0)
            assert isinstance(value, Unknown) or value in STEPS
        if isinstance(row, Review):
            assert row.rounds + row.comments > 0


def test_a_step_is_never_longer_than_what_it_stands_for() -> None:
    assert [step_of(minutes) for minutes in STEPS] == list(STEPS)
    assert [step_of(minutes - 0.5) for minutes in STEPS[1:]] == list(STEPS[:-1])
