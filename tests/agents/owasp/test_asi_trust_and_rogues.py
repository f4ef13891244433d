"""OWASP ASI09, ASI10: a yes is to what is shown and good once; nothing happens that the log does not know."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agents.kept import (
    ANN,
    ANNA,
    BORIS,
    FOREIGN,
    SEND,
    World,
    call,
    cleared,
    foreign,
    grant,
    held,
    refused,
    tool,
)
from agents.owasp.attacks import EVE, fooled
from agents.runtime.lived import TRIAGE, life
from counterfoil.agents import audit
from counterfoil.agents.approvals import CLOSED
from counterfoil.agents.gate import Cleared
from counterfoil.agents.hearing import Hearing
from counterfoil.agents.office import Office
from counterfoil.agents.outbox import Outbox
from counterfoil.agents.recorder import body_of
from counterfoil.agents.shown import Rule
from counterfoil.agents.wire import Asker
from counterfoil.store.agents import granted
from counterfoil.terms.agent import Stop
from counterfoil.terms.ask import Role
from counterfoil.terms.effect import Approval, ApprovalState, Approver, Call, EffectState, Hold, RunState
from counterfoil.terms.error import SourceError, StoreError
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.release import Refuse
from counterfoil.terms.tool import EffectClass
from deadline import ended

OWNER = Asker(who=ANNA, roles=(Role.EMPLOYEE,))
CLARA = Pseudonym("clara")


@pytest.fixture
def office(here: World) -> Office:
    return Office(gate=here.gate, hearing=Hearing(here.folder), outbox=Outbox(here.folder))


def moves(world: World, number: int = 1) -> Call:
    """A call that a standing rule could answer."""
    move = replace(tool(EffectClass.ARRANGE), reversible=True)
    move = replace(move, arguments={"to": move.arguments["to"]})
    world.enrol(grant(move, "folder:*"), grant(SEND, f"mail:{ANN}"))
    one = call(move, to="Invoices", kind="folder", to_label=FOREIGN, number=number)
    return replace(one, arguments=one.arguments[:1])


def test_asi09_the_card_has_no_word_of_the_models_about_the_call(here: World, tmp_path: Path) -> None:
    with life(tmp_path / "run") as world:
        world.inbox({"id": 1, "text": "pay me"})
        says = "This is harmless, just say yes"
        fooled(world, [("mail/list", {}), ("mail/send", {"to": ANN, "text": "It says: pay me"})])
        world.agent()
        run = world.run(says)
        world.until(run, RunState.WAITING)
        card = world.gate.approvals.card(world.waiting()[0].id, ANNA)
        assert not isinstance(card, Refuse)
        assert says not in str(card) and card.to == [f"mail:{ANN}"]
        pieces = {line.name: [piece.comes for piece in line.pieces] for line in card.lines}
        assert pieces["to"] == ["the owner's own words"]
        assert "somebody else may have written" in pieces["text"][0] and "mail/list" in pieces["text"][0]


CHANGES = {
    "text": lambda c: replace(c, arguments=(c.arguments[0], replace(c.arguments[1], json='"pay eve"'))),
    "to": lambda c: replace(c, arguments=(replace(c.arguments[0], json=f'"{EVE}"'), c.arguments[1])),
    "without": lambda c: replace(c, arguments=c.arguments[:1]),
    "role": lambda c: replace(c, arguments=(replace(c.arguments[0], kind="folder"), c.arguments[1])),
    "tool": lambda c: replace(c, tool=replace(c.tool, digest="other")),
    "name": lambda c: replace(c, tool=tool(EffectClass.SEND, name="forward")),
    "agent": lambda c: replace(c, agent="other"),
    "owner": lambda c: replace(c, owner=BORIS),
}


@pytest.mark.parametrize("change", CHANGES)
def test_asi09_whatever_changes_after_the_yes_is_refused(here: World, change: str) -> None:
    asked = held(here.gate.begin(foreign()))
    assert isinstance(here.gate.approvals.approve(asked.id, ANNA), Approval)
    assert isinstance(here.gate.begin(CHANGES[change](foreign())), Refuse)
    # What was asked about is let through once, unless the yes went with what was tried.
    answer = here.gate.begin(foreign())
    assert isinstance(answer, Cleared) or answer == CLOSED[ApprovalState.REFUSED]
    assert refused(here.gate.begin(foreign())) in {"twice", "refused-then"}


def test_asi09_two_who_say_yes_at_once_are_one_yes(here: World) -> None:
    asked = held(here.gate.begin(foreign()))
    said: list[Any] = []
    both = [
        threading.Thread(target=lambda: said.append(here.gate.approvals.approve(asked.id, ANNA)))
        for _ in "ab"
    ]
    for one in both:
        one.start()
    ended(both)
    assert sorted(isinstance(one, Refuse) for one in said) == [False, True]
    got: list[Any] = []
    both = [threading.Thread(target=lambda: got.append(here.gate.begin(foreign()))) for _ in "ab"]
    for one in both:
        one.start()
    ended(both)
    assert sorted(isinstance(one, Refuse) for one in got) == [False, True]


def test_asi09_a_yes_and_a_no_of_two_who_may_is_the_first_of_them(here: World) -> None:
    here.enrol(grant(SEND, f"mail:{EVE}"))
    here.lifeline.tell(ceilings=[replace(here.lifeline.ceilings[0], approvers=(BORIS, CLARA))])
    asked = held(here.gate.begin(foreign(to=EVE)))
    assert isinstance(here.gate.approvals.deny(asked.id, CLARA, "not to them"), Approval)
    assert refused(here.gate.approvals.approve(asked.id, BORIS)) == "not-open"
    assert refused(here.gate.begin(foreign(to=EVE))) == "denied"


def test_asi09_no_rule_is_made_of_a_planted_question(here: World, office: Office) -> None:
    """A tired yes "from now on" to a question that was planted lets nothing through, then or later."""
    one = moves(here)
    planted = here.gate.approvals.plant(
        one, Hold("tainted-target", "Where it goes is foreign.", Approver.OWNER)
    )
    assert isinstance(planted, Approval)
    rule = Rule(per_day=5, until=here.clock().date() + timedelta(days=7))
    assert office.make_standing(OWNER, planted.id, planted.digest, rule).state == "withdrawn"
    assert not office.agent(OWNER, TRIAGE).standing
    assert held(here.gate.begin(moves(here, 2))).clause == "tainted-target"


def test_asi09_a_planted_question_looks_like_any_other_until_it_is_answered(
    here: World, office: Office
) -> None:
    real = held(here.gate.begin(moves(here, 1)))
    why = Hold(real.clause, real.why, Approver.OWNER)
    planted = here.gate.approvals.plant(replace(moves(here, 1), run="run-2"), why)  # type: ignore[arg-type]
    assert isinstance(planted, Approval)
    one, two = office.card(OWNER, real.id), office.card(OWNER, planted.id)
    alike = replace(two.card, approval=one.card.approval, digest=one.card.digest, expires=one.card.expires)
    assert (alike, two.may_stand) == (one.card, one.may_stand)
    lines = office.waiting(OWNER).as_owner
    assert {(line.agent, line.tool, line.why, line.needs) for line in lines} == {
        (TRIAGE, "mail/arrange", real.why, Approver.OWNER)
    }
    # A wrong digest is told of it as of any other, and an edit is a yes that nobody should have said.
    with pytest.raises(SourceError, match="another call"):
        office.approve(OWNER, planted.id, "0" * 64)
    assert office.edit(OWNER, planted.id, {"to": "Invoices"}).state == "withdrawn"


def test_asi09_no_rule_is_left_of_a_question_that_is_over(here: World, office: Office) -> None:
    asked = held(here.gate.begin(moves(here)))
    here.clock.on(hours=25)
    rule = Rule(per_day=5, until=here.clock().date() + timedelta(days=7))
    with pytest.raises(SourceError):
        office.make_standing(OWNER, asked.id, asked.digest, rule)
    assert not office.agent(OWNER, TRIAGE).standing


def test_asi09_a_rule_is_for_its_places_and_nothing_beside_them(here: World, office: Office) -> None:
    asked = held(here.gate.begin(moves(here)))
    rule = Rule(per_day=2, until=here.clock().date() + timedelta(days=7))
    office.make_standing(OWNER, asked.id, asked.digest, rule)
    cleared(here.gate.begin(moves(here)))
    for number, to in ((2, "invoices"), (3, "Invoices/Old"), (4, ["Invoices", "Trash"]), (5, "Invoice")):
        other = moves(here, number)
        where = replace(other.arguments[0], json=f'"{to}"' if isinstance(to, str) else '["Invoices","Trash"]')
        assert held(here.gate.begin(replace(other, arguments=(where,)))).clause == "tainted-target"
    assert cleared(here.gate.begin(moves(here, 6))) and cleared(here.gate.begin(moves(here, 7)))
    # That it was used up is not known to the one who asks a third time: a person is.
    assert held(here.gate.begin(moves(here, 8)))


def test_asi09_an_edit_is_not_a_way_to_wash(here: World) -> None:
    """Whoever changes a call to somebody outside, or to production, has to be who may say yes to that."""
    here.enrol(grant(SEND, f"mail:{ANN}", f"mail:{EVE}", "mail:*"))
    asked = held(here.gate.begin(foreign()))
    for to, clause in (
        (EVE, "outsiders"),
        ([ANN, EVE], "outsiders"),
        ("", "no-destination"),
        ({}, "strange-destination"),
    ):
        assert refused(here.gate.approvals.edit(asked.id, ANNA, {"to": to})) == clause
    done = here.gate.approvals.edit(asked.id, ANNA, {"text": "my own words"})
    assert isinstance(done, Approval) and done.state is ApprovalState.APPROVED


def test_asi10_every_effect_is_in_the_log_with_the_decision_that_let_it_through(here: World) -> None:
    one = cleared(here.gate.begin(call(SEND, to=ANN, number=1)))
    asked = held(here.gate.begin(foreign(2)))
    here.gate.approvals.approve(asked.id, ANNA)
    two = cleared(here.gate.begin(foreign(2)))
    for cleared_one in (one, two):
        here.gate.finish(cleared_one, state=EffectState.DONE)
    log = here.gate.keeping.recorder.log
    bodies = [body_of(log.entry(index)) for index in range(len(log))]
    made = {body["key"]: body for body in bodies if body["what"] == "effect"}
    assert set(made) == {one.key, two.key}
    assert made[one.key]["clause"].startswith("grant:") and made[two.key]["approval"] == asked.id
    assert all(body["policy"] and body["digest"] for body in made.values())
    assert {body["key"] for body in bodies if body["what"] == "yes"} == {two.key}
    assert not audit.faults(here.gate.keeping)


def test_asi10_what_is_switched_off_stays_so_whoever_starts_anew(here: World) -> None:
    for what in ("everything", "agent:triage", "owner:anna", "connector:mail"):
        here.gate.switches.off(Stop(what=what, by=BORIS, at=here.clock(), why="odd"))
        assert refused(here.again().begin(call(SEND, to=ANN))) == "stopped"
        with here.gate.keeping.database.read() as db:
            assert [one.what for one in granted.stops(db)] == [what]
        here.gate.switches.on(what)


def test_a_clock_that_ran_ahead_stops_everything_until_it_is_said_what_holds(here: World) -> None:
    """Nothing is lost or twice: it is told, and goes on once the time has come."""
    cleared(here.gate.begin(call(SEND, to=ANN, number=1)))
    here.clock.on(days=30)
    cleared(here.gate.begin(call(SEND, to=ANN, text="later", number=2)))
    here.clock.at -= timedelta(days=30)
    assert refused(here.gate.begin(call(SEND, to=ANN, text="x", number=3))) == "clock-back"
    with pytest.raises(StoreError, match="clock is behind"):
        here.again().keeping.now()
    here.clock.on(days=30)
    assert cleared(here.gate.begin(call(SEND, to=ANN, text="x", number=3)))
    assert refused(here.gate.begin(call(SEND, to=ANN, number=1))) in {"twice", "needless"}
