"""A canary is planted where the organisation decided so, rarely and by chance, and nothing comes of it."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest

from agents.kept import ANN, ANNA, BORIS, CEILING, EVE, NOON, SEND, World, call, foreign, grant, held, refused
from counterfoil.agents.attention import Attention, attention
from counterfoil.agents.canary import (
    APART,
    GAVE_AWAY,
    MOST_OPEN,
    PLACE,
    REVISION,
    TEXT,
    altered,
    gave_away,
)
from counterfoil.agents.gate import Cleared
from counterfoil.agents.hearing import Hearing
from counterfoil.agents.office import Office
from counterfoil.agents.outbox import Outbox
from counterfoil.agents.planting import MARK, Planting
from counterfoil.agents.shown import Rule
from counterfoil.agents.wire import Asker
from counterfoil.agents.written import call_of
from counterfoil.store.agents import approvals, notes, told
from counterfoil.store.agents.granted import Enrolled
from counterfoil.terms.agent import AgentId, Stop
from counterfoil.terms.effect import Approval, ApprovalState, Approver, Call
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.label import Integrity
from counterfoil.terms.release import Permit
from counterfoil.terms.tool import ArgumentRole, EffectClass
from guard.acting.calls import FOREIGN, SOME, argument, tool

ON = replace(CEILING, planted_one_in=20)
OWNER = Asker(who=ANNA)


def always(world: World) -> Planting:
    """It looks as often as it is asked."""
    return Planting(world.gate, Random(3), chance=1.0)


def decided(world: World, *ceilings: Any) -> None:
    world.lifeline.tell(ceilings=ceilings or [ON])


def asked(world: World, numbers: Iterable[int], *, owner: Pseudonym = ANNA) -> Approval:
    """Real questions, all answered but the last one."""
    last: Approval | None = None
    for number in numbers:
        if last is not None:
            assert isinstance(world.gate.approvals.deny(last.id, last.owner, "no"), Approval)
        agent = AgentId("triage" if owner == ANNA else f"agent-{owner}")
        world.clock.on(seconds=1)
        last = held(world.gate.begin(replace(foreign(number), owner=owner, agent=agent)))
    assert last is not None
    return last


def planted(world: World) -> list[Approval]:
    with world.gate.keeping.database.read() as db:
        return list(approvals.planted(db))


def the_call(world: World, one: Approval) -> Call:
    with world.gate.keeping.database.read() as db:
        found = approvals.by_id(db, one.id)
    assert found is not None
    return call_of(found.call)


def enrolled(world: World, *people: str) -> None:
    for who in people:
        agent = Enrolled(id=AgentId(f"agent-{who}"), owner=Pseudonym(who), budget=SOME)
        leave = replace(grant(SEND, f"mail:{ANN}"), agent=agent.id)
        assert isinstance(world.gate.enrolment.enrol(agent, [leave]), Permit)


@pytest.mark.parametrize(
    "ceilings", [[CEILING], [ON, replace(CEILING, name="payments")], [CEILING, replace(ON, name="payments")]]
)
def test_none_is_planted_without_the_decision_of_every_ceiling(here: World, ceilings: list[Any]) -> None:
    decided(here, *ceilings)
    asked(here, range(60))
    assert [always(here).sweep() for _ in range(20)] == [0] * 20
    assert Planting(here.gate).sweep() == 0


def test_they_are_planted_by_chance_and_at_most_as_often_as_was_decided(here: World) -> None:
    decided(here)
    planting, when = Planting(here.gate, Random(11), chance=0.1), []
    for number in range(200):
        here.clock.on(days=4)
        here.gate.approvals.sweep()
        asked(here, [number])
        when += [(number, here.clock.at) for _ in range(5) if planting.sweep()]
    gaps = [(later[0] - sooner[0], later[1] - sooner[1]) for sooner, later in pairwise(when)]
    assert 5 <= len(when) <= 200 // ON.planted_one_in
    assert all(questions >= ON.planted_one_in and apart >= APART for questions, apart in gaps)
    assert len(set(gaps)) > 1


def test_of_all_people_nobody_is_asked_two_and_all_together_one_in_so_many(here: World) -> None:
    people = [f"p{number}" for number in range(6)]
    enrolled(here, *people)
    decided(here)
    planting, number = always(here), 0
    for turn in range(40):
        for who in people:
            number += 1
            one = asked(here, [number], owner=Pseudonym(who))
            planting.sweep()
            here.gate.approvals.deny(one.id, one.owner, "no")
        assert len(planted(here)) <= number // ON.planted_one_in, turn
    assert sorted(one.owner for one in planted(here)) == people
    here.clock.on(days=31)
    assert asked(here, [1_000], owner=Pseudonym("p1")) and not planting.sweep()
    here.clock.on(days=1)
    assert asked(here, [1_001], owner=Pseudonym("p1")) and planting.sweep()
    with here.gate.keeping.database.read() as db:
        assert set(notes.all_fired(db, MARK)) == {"", "p1"}


def test_it_is_a_call_like_one_that_waits_with_one_thing_plainly_wrong(here: World) -> None:
    decided(here)
    real = asked(here, range(20))
    assert always(here).sweep() == 1
    (one,) = planted(here)
    mine, its = the_call(here, real), the_call(here, one)
    assert (one.agent, one.owner, one.tool, one.needs) == (real.agent, ANNA, real.tool, real.needs)
    assert one.expires - one.asked == timedelta(hours=24) and gave_away(its) == "text"
    assert [a.name for a in its.arguments] == [a.name for a in mine.arguments]
    assert its.arguments[0] == mine.arguments[0] and json.loads(its.arguments[1].json) == TEXT
    assert its.run != mine.run and its.cause == mine.cause
    # Never as if its owner had written it.
    assert its.arguments[1].label.integrity is Integrity.UNTRUSTED


def test_it_asks_nobody_who_could_not_see_the_call_that_it_is_like(here: World) -> None:
    """An owner's mail is shown to no approver, only because its address was changed to one outside."""
    here.enrol(grant(SEND, f"mail:{ANN}", "mail:*"))
    decided(here)
    asked(here, range(20))
    assert always(here).sweep() == 1
    assert [(one.needs, gave_away(the_call(here, one))) for one in planted(here)] == [
        (Approver.OWNER, "text")
    ]


def test_an_approver_of_others_is_asked_one_too_and_its_place_can_be_what_is_wrong(here: World) -> None:
    here.enrol(grant(SEND, "mail:*"))
    decided(here)
    asked(here, range(19))
    assert held(here.gate.begin(call(SEND, to=EVE, number=50))).needs is Approver.OTHER
    ways = set()
    for seed in range(12):
        assert Planting(here.gate, Random(seed), chance=1.0).sweep() == 1
        (one,) = planted(here)
        if one.needs is Approver.OTHER:
            ways.add(gave_away(the_call(here, one)))
            assert [line.id for line in here.gate.approvals.open_for(BORIS) if line.id == one.id]
        here.clock.on(days=33)
        here.gate.approvals.sweep()
        asked(here, range(100 + 20 * seed, 120 + 20 * seed))
        assert held(here.gate.begin(call(SEND, to=EVE, number=500 + seed))).needs is Approver.OTHER
    assert ways == {"where", "text"}


def test_nobody_with_many_open_questions_is_asked_one(here: World) -> None:
    decided(here)
    asked(here, range(20))
    more = [held(here.gate.begin(foreign(number))) for number in range(100, 100 + MOST_OPEN)]
    assert not always(here).sweep()
    here.gate.approvals.deny(more[0].id, ANNA, "no")
    assert always(here).sweep()


def test_where_nothing_can_plainly_be_wrong_none_is_planted(here: World) -> None:
    move = replace(tool(EffectClass.ARRANGE), arguments={"to": tool(EffectClass.ARRANGE).arguments["to"]})
    here.enrol(grant(move, "folder:*"))
    decided(here)
    for number in range(20):
        one = call(move, to="Invoices", kind="folder", to_label=FOREIGN, number=number)
        last = held(here.gate.begin(replace(one, arguments=one.arguments[:1])))
        if number < 19:
            here.gate.approvals.deny(last.id, ANNA, "no")
    assert not always(here).sweep()


def test_the_ways_in_which_a_call_is_wrong() -> None:
    deploys = replace(
        call(SEND, to=[ANN, EVE], text=""),
        arguments=(
            argument("to", [ANN, EVE], role=ArgumentRole.DESTINATION, kind="mail"),
            argument("revision", "0a" * 20, role=ArgumentRole.SELECTOR),
            argument("subject", "Hi"),
            argument("body", "Hello there"),
            argument("count", 3, role=ArgumentRole.TYPED),
        ),
    )
    found = {gave_away(one): [json.loads(a.json) for a in one.arguments] for one in altered(deploys)}
    rest = [[ANN, EVE], "0a" * 20, "Hi", "Hello there", 3]
    assert found == {
        "where": [[PLACE], *rest[1:]],
        "revision": [rest[0], REVISION, *rest[2:]],
        "text": [*rest[:3], TEXT, 3],
    }
    assert set(found) == set(GAVE_AWAY) and not gave_away(deploys)


@pytest.mark.parametrize("answer", ["approve", "edit", "stand", "deny", "nothing"])
def test_whatever_is_said_to_one_it_is_never_made(here: World, answer: str) -> None:
    office = Office(gate=here.gate, hearing=Hearing(here.folder), outbox=Outbox(here.folder))
    decided(here)
    real = asked(here, range(20))
    assert always(here).sweep()
    (one,) = planted(here)
    wrong = the_call(here, one)
    assert refused(here.gate.begin(wrong)) == "not-what-was-asked"
    logged = len(here.gate.keeping.recorder.log)
    if answer == "approve":
        done = office.approve(OWNER, one.id, one.digest)
    elif answer == "edit":
        done = office.edit(OWNER, one.id, {"text": "my own words"})
    elif answer == "deny":
        done = office.deny(OWNER, one.id, "a password?")
    elif answer == "stand":
        rule = Rule(per_day=5, until=here.clock.at.date())
        with pytest.raises(SourceError):
            office.make_standing(OWNER, one.id, one.digest, rule)
        done = office.approve(OWNER, one.id, one.digest)
    else:
        here.clock.on(hours=25)
        here.gate.approvals.sweep()
        done = None
    assert done is None or (done.state, done.planted) == ("withdrawn", "text")
    assert not planted(here) and here.gate.approvals.of(one.id) is None
    assert len(here.gate.keeping.recorder.log) == logged and not here.gate.standing.covering(
        wrong, NOON.date()
    )
    again = here.gate.begin(wrong)
    assert not isinstance(again, Cleared) and held(again).state is ApprovalState.OPEN
    with here.gate.keeping.database.read() as db:
        assert not db.exec_driver_sql("SELECT * FROM effect").all()
        counted = {what: many for what, many in told.counted(db, f"{NOON:%Y-%m}").items() if "canary" in what}
    yes = {"canary": 1, "canary-approved": 1}
    # Whoever put other words in its place has looked.
    assert counted == {"approve": yes, "stand": yes, "nothing": {}}.get(answer, {"canary": 1})
    assert answer == "nothing" or here.gate.approvals.of(real.id) == real


def test_a_restart_and_a_second_process_plant_no_second_one(w: World) -> None:
    decided(w)
    asked(w, range(20))
    first, second = always(w), always(w)
    assert [first.sweep(), second.sweep(), first.sweep()] == [1, 0, 0]
    w.again()
    assert not always(w).sweep() and len(planted(w)) == 1
    asked(w, range(20, 60))
    assert not always(w).sweep() and len(planted(w)) == 1


def test_one_is_taken_back_when_nobody_wants_it_or_somebody_else_could_answer_it(here: World) -> None:
    decided(here)
    asked(here, range(20))
    assert always(here).sweep()
    never = Planting(here.gate, chance=0.0)
    assert not never.sweep() and planted(here)
    here.lifeline.live = False
    decided(here, CEILING)
    assert not never.sweep() and planted(here), "what is not known changes nothing"
    here.lifeline.live = True
    assert not never.sweep() and not planted(here)
    here.clock.on(days=40)
    here.gate.approvals.sweep()
    decided(here)
    for number in range(100, 120):
        last = held(here.gate.begin(call(SEND, to=EVE, number=number)))
        if number < 119:
            here.gate.approvals.deny(last.id, BORIS, "no")
    assert always(here).sweep() and planted(here)
    decided(here, replace(ON, approvers=(BORIS, Pseudonym("clara"))))
    assert not never.sweep() and not planted(here)


def test_of_one_that_is_switched_off_nothing_is_kept(w: World) -> None:
    decided(w)
    real = asked(w, range(20))
    assert always(w).sweep()
    (one,) = planted(w)
    stop = Stop(what=f"agent:{real.agent}", by=ANNA, at=w.clock.at, why="")
    assert isinstance(w.gate.switches.off(stop), Permit)
    after = w.gate.approvals.of(real.id)
    assert after is not None and after.state is ApprovalState.WITHDRAWN
    assert w.gate.approvals.of(one.id) is None


def test_a_share_is_told_from_five_people_on_and_as_a_share(here: World) -> None:
    people = [f"p{number}" for number in range(5)]
    enrolled(here, *people)
    decided(here)

    def share() -> float | None:
        found = attention(here.gate.keeping, datetime(2026, 11, 1, tzinfo=NOON.tzinfo))
        return found.canaries_approved_share if isinstance(found, Attention) else None

    for place, who in enumerate(people):
        assert share() is None
        real = asked(here, range(100 * place, 100 * place + 20), owner=Pseudonym(who))
        assert always(here).sweep()
        (one,) = planted(here)
        if place % 2:
            here.gate.approvals.approve(one.id, one.owner)
        else:
            here.gate.approvals.deny(one.id, one.owner, "a password?")
        here.gate.approvals.deny(real.id, real.owner, "no")
    assert share() == 0.4
