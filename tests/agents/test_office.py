"""The office tells each person what concerns them: nobody sees another owner's agents, whoever they are."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from agents.kept import ANN, World, foreign, held
from counterfoil.agents.answering import questions
from counterfoil.agents.hearing import Hearing
from counterfoil.agents.living import NO_RUNS
from counterfoil.agents.office import Office
from counterfoil.agents.outbox import Outbox
from counterfoil.agents.shown import Rule
from counterfoil.agents.wire import Asker
from counterfoil.guard.acting.judge import destinations
from counterfoil.terms.agent import Cause, CauseKind, RunId
from counterfoil.terms.ask import Role
from counterfoil.terms.effect import Approver, EffectState, Run, RunState
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import MicroUsd, Pseudonym
from counterfoil.terms.tool import EffectClass
from guard.acting.calls import ANNA, BORIS, CEILING, FOREIGN, TRIAGE, call, grant, tool

OWNER, OTHER = (Asker(who=who, roles=(Role.EMPLOYEE,)) for who in (ANNA, BORIS))
STRANGER = Asker(who=Pseudonym("clara"), roles=(Role.EMPLOYEE,))
WATCHES = Asker(who=Pseudonym("dora"), roles=(Role.EMPLOYEE, Role.DPO))
OPERATOR = Asker(who=None, roles=(Role.OPERATOR,))
RUN = RunId("run-1")
OUTSIDE = "eve@elsewhere.example"


@pytest.fixture
def office(here: World) -> Office:
    here.lifeline.ceilings = [replace(CEILING, approvers=(BORIS,))]
    here.lifeline.version += 1
    kept = here.gate.spending.begin_run(
        Run(
            id=RUN, agent=TRIAGE, owner=ANNA, version=1, cause=Cause(CauseKind.REQUEST, "1"),
            state=RunState.RUNNING, began=here.clock(), ended=None, spent=MicroUsd(0), spent_is_floor=False,
        )
    )  # fmt: skip
    assert isinstance(kept, Run)
    return Office(gate=here.gate, hearing=Hearing(here.folder), outbox=Outbox(here.folder))


def refused(deed: Callable[[], Any]) -> str:
    with pytest.raises(SourceError) as told:
        deed()
    return told.value.code


def test_an_owner_sees_their_agents_whole(office: Office) -> None:
    (line,) = office.agents(OWNER)
    assert (line.id, line.is_stopped, line.waiting) == (TRIAGE, False, 0)
    shown = office.agent(OWNER, TRIAGE)
    assert {one.tool for one in shown.grants} == {"mail/send", "mail/read"}
    assert shown.budget.day == shown.today.may
    assert list(shown.ceilings) == [CEILING.name]
    (run,) = office.runs(OWNER, TRIAGE)
    assert office.run(OWNER, run.id).run.state is RunState.RUNNING
    assert not office.memory(OWNER, TRIAGE)


def of_others(office: Office, approval: str) -> dict[str, Callable[[Asker], Any]]:
    """Everything that is about somebody's own agent, with what makes it so."""
    return {
        "agent": lambda who: office.agent(who, TRIAGE),
        "runs": lambda who: office.runs(who, TRIAGE),
        "run": lambda who: office.run(who, RUN),
        "replay": lambda who: office.replay(who, RUN),
        "memory": lambda who: office.memory(who, TRIAGE),
        "card": lambda who: office.card(who, approval),
        "approve": lambda who: office.approve(who, approval, "x"),
        "deny": lambda who: office.deny(who, approval, "no"),
        "edit": lambda who: office.edit(who, approval, {}),
        "make_standing": lambda who: office.make_standing(
            who, approval, "x", Rule(per_day=1, until=date.max)
        ),
        "end_standing": lambda who: office.end_standing(who, "r"),
        "stop": lambda who: office.stop(who, f"agent:{TRIAGE}"),
        "resume": lambda who: office.resume(who, f"owner:{ANNA}"),
        "stop_run": lambda who: office.stop_run(who, RUN),
        "resume_run": lambda who: office.resume_run(who, RUN),
        "begin": lambda who: office.begin(who, TRIAGE),
        "settle": lambda who: office.settle(who, f"{RUN}:1", happened=True),
        "retire": lambda who: office.retire(who, TRIAGE),
        "grant": lambda who: office.grant(who, TRIAGE, "mail/send", ()),
        "revoke": lambda who: office.revoke(who, TRIAGE, "mail/send"),
        "remember": lambda who: office.remember(who, TRIAGE, "n", "t"),
        "webhook": lambda who: office.webhook(who, TRIAGE),
        "bring_back": lambda who: office.bring_back(who, TRIAGE, "n"),
        "forget": lambda who: office.forget(who, TRIAGE, "n"),
    }


FOR_ANYBODY = {
    *("accounts", "agents", "connect", "counts", "disconnect", "health", "keep", "reconcile", "stops"),
    *("events", "waiting"),
    # For the server alone: its socket answers neither of them for a person.
    *("hooked", "to_tell"),
}


def test_nobody_else_sees_or_does_anything_with_them(office: Office) -> None:
    asked = held(office.gate.begin(foreign()))
    deeds = of_others(office, asked.id)
    assert set(deeds) | FOR_ANYBODY == set(questions(Office))
    for who in (STRANGER, WATCHES, OPERATOR, OTHER):
        for name, deed in deeds.items():
            assert refused(lambda deed=deed, who=who: deed(who)), name  # type: ignore[misc]
        if who is not OPERATOR:
            assert not office.agents(who)
            assert not office.waiting(who).as_owner
    assert office.gate.approvals.of(asked.id) == asked
    assert not office.gate.switches.all()


def test_a_yes_is_to_what_was_shown(office: Office) -> None:
    asked = held(office.gate.begin(foreign()))
    (line,) = office.waiting(OWNER).as_owner
    shown = office.card(OWNER, line.approval)
    assert (shown.card.digest, shown.may_stand) == (asked.digest, False)
    assert refused(lambda: office.approve(OWNER, asked.id, "another")) == "not-what-was-shown"
    assert office.approve(OWNER, asked.id, shown.card.digest).state == "approved"
    assert refused(lambda: office.approve(OWNER, asked.id, shown.card.digest)) == "not-open"


def test_an_approver_sees_the_card_that_is_theirs_and_nothing_else(office: Office) -> None:
    outside = call(tool(EffectClass.SEND), to=OUTSIDE, text="re", text_label=FOREIGN)
    asked = held(office.gate.begin(outside))
    assert asked.needs is Approver.OTHER
    assert not office.waiting(OWNER).as_other
    (line,) = office.waiting(OTHER).as_other
    assert refused(lambda: office.card(OWNER, line.approval)) == "not-an-approver"
    assert office.card(OTHER, line.approval).card.to == [f"mail:{OUTSIDE}"]
    assert office.deny(OTHER, line.approval, "not to them").state == "denied"
    assert refused(lambda: office.agent(OTHER, TRIAGE)) == "no-such-agent"


def test_an_edit_is_judged_again_and_a_no_has_a_reason(office: Office) -> None:
    asked = held(office.gate.begin(foreign()))
    assert refused(lambda: office.deny(OWNER, asked.id, " ")) == "no-reason"
    assert refused(lambda: office.edit(OWNER, asked.id, {"bcc": "x"})) == "unknown-argument"
    assert office.edit(OWNER, asked.id, {"text": "my own words"}).state == "approved"


def test_a_narrow_rule_can_stand(here: World, office: Office) -> None:
    move = replace(tool(EffectClass.ARRANGE), reversible=True, arguments={
        name: spec for name, spec in tool(EffectClass.ARRANGE).arguments.items() if name == "to"
    })  # fmt: skip
    here.enrol(grant(move, "mail:*"))
    one = call(move, to=ANN, to_label=FOREIGN)
    one = replace(one, arguments=one.arguments[:1])
    asked = held(office.gate.begin(one))
    shown = office.card(OWNER, asked.id)
    assert shown.may_stand
    long = Rule(per_day=5, until=here.clock().date() + timedelta(days=400))
    assert refused(lambda: office.make_standing(OWNER, asked.id, asked.digest, long)) == "too-wide"
    rule = replace(long, until=here.clock().date() + timedelta(days=7))
    assert office.make_standing(OWNER, asked.id, asked.digest, rule).state == "approved"
    (stands,) = office.agent(OWNER, TRIAGE).standing
    assert list(stands.to) == [name for name, _ in destinations(one)]
    assert office.end_standing(OWNER, stands.id).state == "ended"


def test_an_owner_switches_their_own_agents_and_nothing_else(office: Office) -> None:
    assert office.stop(OWNER, f"agent:{TRIAGE}", "odd").state == "off"
    assert office.agents(OWNER)[0].is_stopped
    (off,) = office.stops(OWNER)
    assert (off.why, off.at.second) == ("odd", 0)
    assert not office.stops(WATCHES), "what an owner switched off is their own affair"
    assert not office.stops(STRANGER)
    for what in ("everything", "connector:mail", "owner:boris", "agent:other"):
        assert refused(lambda what=what: office.stop(OWNER, what)) in {"not-yours", "no-such-agent"}  # type: ignore[misc]
    assert office.resume(OWNER, f"agent:{TRIAGE}").state == "on"


def test_what_was_granted_is_taken_back_at_once(office: Office) -> None:
    assert office.revoke(OWNER, TRIAGE, "mail/send").state == "revoked"
    assert {one.tool for one in office.agent(OWNER, TRIAGE).grants} == {"mail/read"}
    assert refused(lambda: office.revoke(OWNER, TRIAGE, "mail/send")) == "not-granted"
    assert refused(lambda: office.grant(OWNER, TRIAGE, "mail/send", ())) == "no-such-tool"
    assert office.retire(OWNER, TRIAGE).state == "gone"
    assert not office.agents(OWNER)


def test_a_person_says_what_nobody_knew(office: Office) -> None:
    reading = call(tool(EffectClass.SEND), to=ANN)
    cleared = office.gate.begin(reading)
    office.gate.finish(cleared, state=EffectState.UNCONFIRMED, why="cut off")  # type: ignore[arg-type]
    assert office.counts(WATCHES).unconfirmed == 1
    assert office.settle(OWNER, reading.key, happened=True).state == "done"
    assert refused(lambda: office.settle(OWNER, reading.key, happened=True)) == "not-unconfirmed"
    (effect,) = office.run(OWNER, RUN).effects
    assert effect.state is EffectState.DONE


def test_counts_are_for_those_who_watch_and_are_counts(office: Office) -> None:
    held(office.gate.begin(foreign()))
    for who in (WATCHES, OPERATOR):
        counts = office.counts(who)
        assert (counts.agents, counts.under_way, counts.waiting, counts.attention) == (1, 1, 1, None)
        assert not any(str(one) in str(counts) for one in (ANNA, TRIAGE))
    assert refused(lambda: office.counts(OWNER)) == "not-yours"


def test_without_a_runtime_the_gateway_still_has_its_office(office: Office) -> None:
    for deed in (
        lambda: office.begin(OWNER, TRIAGE, "hi"),
        lambda: office.keep(OWNER, "name = 1"),
        lambda: office.stop_run(OWNER, RUN),
        lambda: office.resume_run(OWNER, RUN),
    ):
        assert refused(deed) == NO_RUNS.clause
    assert office.remember(OWNER, TRIAGE, "n", "t").state == "kept"
    assert refused(lambda: office.forget(OWNER, TRIAGE, "n")) == "no-such-note"
    assert refused(lambda: office.bring_back(OWNER, TRIAGE, "n")) == "no-such-note"
    assert refused(lambda: office.run(OWNER, RunId("other"))) == "no-such-run"
    health = office.health(OPERATOR)
    assert (health.live, health.outbox, health.same_user) == (False, 0, True)


def test_a_unit_of_the_owner_is_stricter_for_them_alone(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = replace(CEILING, name="payments", connectors={})
    here.lifeline.ceilings = [CEILING, unit]
    monkeypatch.setattr(
        type(here.lifeline), "ceilings_of", lambda _, owner: [CEILING] if owner == ANNA else [unit]
    )
    here.lifeline.version += 1
    known = here.gate.keeping.known()
    assert [one.name for one in known.above(ANNA)] == [CEILING.name]
    assert here.gate.begin(call(tool(EffectClass.SEND), to=ANN)).clause != "ceiling:payments"  # type: ignore[union-attr]
