"""What the gate clears is recorded first and happens once; what it can't record does not happen."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from agents.kept import (
    ANN,
    ANNA,
    BORIS,
    CEILING,
    ENROLLED,
    EVE,
    NOON,
    READ,
    SEND,
    TRIAGE,
    World,
    call,
    cleared,
    foreign,
    held,
    refused,
    world,
)
from counterfoil.agents import audit
from counterfoil.agents.gate import Cleared
from counterfoil.agents.recorder import body_of
from counterfoil.agents.recovery import unconfirmed
from counterfoil.store.agents import effects, told
from counterfoil.store.agents.database import Database
from counterfoil.store.agents.shape import EFFECT
from counterfoil.terms.agent import AgentId, Stop
from counterfoil.terms.effect import EffectState, Hold
from counterfoil.terms.error import StoreError
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.release import Permit, Refuse


def test_an_effect_is_recorded_before_it_may_happen(w: World) -> None:
    one = cleared(w.gate.begin(call(SEND, to=ANN)))
    effect = w.gate.effect("run-1:1")
    assert effect is not None and effect.state is EffectState.INTENDED and effect.to == (f"mail:{ANN}",)
    body = body_of(w.gate.keeping.recorder.log.entry(one.entry or 0))
    assert (body["what"], body["key"]) == ("effect", "run-1:1")
    assert ANN not in str(body) and ANNA not in str(body)
    w.gate.finish(one, state=EffectState.DONE, ref="<m1>")
    effect = w.gate.effect("run-1:1")
    assert effect is not None and (effect.state, effect.ref) == (EffectState.DONE, "<m1>")
    assert refused(w.gate.begin(call(SEND, to=ANN))) == "twice"
    assert not audit.faults(w.gate.keeping)


def test_reading_is_cleared_without_an_entry_and_judging_records_nothing(w: World) -> None:
    before = len(w.gate.keeping.recorder.log)
    assert not cleared(w.gate.begin(call(READ))).recorded
    assert isinstance(w.gate.judge(call(SEND, to=ANN)), Permit)
    assert isinstance(w.gate.judge(foreign()), Hold)
    assert len(w.gate.keeping.recorder.log) == before
    assert w.gate.effect("run-1:1") is None


def test_what_is_refused_or_held_is_a_step(w: World) -> None:
    for _ in range(3):
        assert refused(w.gate.begin(call(SEND, to="x@example.org"))) == "not-granted"
    held(w.gate.begin(foreign(2)))
    with w.gate.keeping.database.read() as db:
        steps = [(s.number, s.verdict, s.clause, s.times) for s in told.steps(db, call(SEND).run)]
    assert steps == [(1, "refuse", "not-granted", 3), (2, "hold", "tainted-text", 1)]


def test_an_agent_is_its_owners_and_an_argument_is_there_once(w: World) -> None:
    one = call(SEND, to=ANN)
    assert refused(w.gate.begin(replace(one, owner=BORIS))) == "not-the-owner"
    assert refused(w.gate.begin(replace(one, agent=AgentId("other")))) == "unknown-agent"
    twice = replace(one, arguments=(*one.arguments, one.arguments[0]))
    assert refused(w.gate.begin(twice)) == "repeated-argument"


def stop(what: str) -> Stop:
    return Stop(what=what, by=ANNA, at=NOON, why="wrong")


@pytest.mark.parametrize("what", ["agent:triage", "owner:anna", "connector:mail", "everything"])
def test_a_switch_stops_at_once_and_after_a_restart(w: World, what: str) -> None:
    asked = held(w.gate.begin(foreign(2)))
    assert isinstance(w.gate.switches.off(stop(what)), Permit)
    assert refused(w.gate.begin(call(SEND, to=ANN))) == "stopped"
    assert isinstance(w.gate.approvals.approve(asked.id, ANNA), Refuse)
    w.again()
    assert refused(w.gate.begin(call(SEND, to=ANN))) == "stopped"
    assert refused(w.gate.begin(call(READ))) == "stopped"
    assert w.gate.switches.on(what) and not w.gate.switches.on(what)
    cleared(w.gate.begin(call(SEND, to=ANN)))
    assert refused(w.gate.begin(foreign(2))) == "withdrawn"


def test_the_servers_switches_and_its_silence_count_too(w: World) -> None:
    w.lifeline.tell(stops={"connector:mail"})
    assert refused(w.gate.begin(call(SEND, to=ANN))) == "stopped"
    w.lifeline.tell(stops=())
    w.lifeline.live = False
    assert refused(w.gate.begin(call(SEND, to=ANN))) == "not-live"
    assert refused(w.gate.begin(call(READ))) == "not-live"
    w.lifeline.live = True
    w.lifeline.tell(ceilings=[])
    assert refused(w.gate.begin(call(SEND, to=ANN))) == "no-ceiling"


def test_a_switch_that_another_process_turns_off_is_off_here(
    w: World, opened: Callable[[], Database], tmp_path: Path
) -> None:
    cleared(w.gate.begin(call(SEND, to=ANN)))
    with world(tmp_path / "two", opened()) as other:
        other.gate.switches.off(stop("agent:triage"))
        assert refused(w.gate.begin(call(SEND, to=ANN, number=2))) == "stopped"
        other.gate.switches.on("agent:triage")
        cleared(w.gate.begin(call(SEND, to=ANN, number=2, text="other")))
        assert isinstance(other.gate.enrolment.enrol(ENROLLED, ()), Permit)
        assert refused(w.gate.begin(call(SEND, to=ANN, number=3))) == "not-granted"


def test_a_switch_that_is_turned_off_while_a_call_is_judged_wins(
    w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the judgement and the record, in the worst place that there is."""
    real = w.gate._weighed

    def weighed(*words: object):  # type: ignore[no-untyped-def]
        answer = real(*words)  # type: ignore[arg-type]
        if isinstance(answer[0], Permit):
            w.gate.switches.off(stop("everything"))
        return answer

    monkeypatch.setattr(type(w.gate), "_weighed", lambda _, *words: weighed(*words))
    assert refused(w.gate.begin(call(SEND, to=ANN))) == "stopped"
    assert w.gate.effect("run-1:1") is None


def test_the_same_said_again_is_needless_for_a_day(w: World) -> None:
    one = cleared(w.gate.begin(call(SEND, to=[ANN], text="The build  is red")))
    again = call(SEND, to=[ANN], text="the build is red", number=2)
    assert refused(w.gate.begin(again)) == "needless"
    assert w.gate.effect("run-1:2") is None
    w.gate.finish(one, state=EffectState.FAILED)
    cleared(w.gate.begin(again))
    w.clock.on(hours=25)
    cleared(w.gate.begin(replace(again, number=3)))
    assert refused(w.gate.begin(call(SEND, to=ANN, number=4), needless="same-tree")) == "needless"


def test_fifty_at_once_are_each_recorded_once(w: World) -> None:
    def begun(number: int) -> object:
        return w.gate.begin(call(SEND, to=ANN, text=f"n {number}", number=number % 25))

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(begun, range(50)))
    assert sum(isinstance(answer, Cleared) for answer in answers) == 25
    assert {a.clause for a in answers if isinstance(a, Refuse)} <= {"twice"}
    assert not audit.faults(w.gate.keeping)


def test_what_a_dead_process_began_is_unconfirmed_and_never_made_again(w: World) -> None:
    begun = cleared(w.gate.begin(call(SEND, to=ANN)))
    done = cleared(w.gate.begin(call(SEND, to=ANN, text="b", number=2)))
    w.gate.finish(done, state=EffectState.DONE)
    gate = w.again()
    assert [effect.key for effect in unconfirmed(gate)] == [begun.key]
    assert refused(gate.begin(call(SEND, to=ANN))) == "twice"
    gate.finish(begun, state=EffectState.DONE)
    assert [effect.key for effect in unconfirmed(gate)] == [begun.key]
    assert gate.settle(begun.key, state=EffectState.FAILED, why="looked") and not gate.settle(
        begun.key, state=EffectState.DONE
    )
    assert not unconfirmed(gate)


def test_another_process_that_starts_leaves_what_is_under_way_alone(
    w: World, opened: Callable[[], Database], tmp_path: Path
) -> None:
    one = cleared(w.gate.begin(call(SEND, to=ANN)))
    with world(tmp_path / "two", opened()):
        effect = w.gate.effect(one.key)
    assert effect is not None and effect.state is EffectState.INTENDED


def test_a_finish_that_nobody_waits_for_is_there_soon(w: World) -> None:
    one = cleared(w.gate.begin(call(SEND, to=ANN)))
    w.gate.finish(one, state=EffectState.DONE, ref="m", wait=False)
    effect = w.gate.effect(one.key)
    assert effect is not None and effect.state is EffectState.DONE


def test_a_finish_that_could_not_be_recorded_is_once_it_can_be(
    w: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = cleared(w.gate.begin(call(SEND, to=ANN)))

    def full(*_: object, **__: object) -> bool:
        raise StoreError("agents-database", "no space left on device", hint="make room")

    with monkeypatch.context() as patch:
        patch.setattr(effects, "finish", full)
        with pytest.raises(StoreError, match="no space"):
            w.gate.finish(one, state=EffectState.DONE, ref="m")
        with w.database.read() as db:
            kept = effects.intended(db, one.key)
        assert kept is not None and kept.effect.state is EffectState.INTENDED
    found = w.gate.effect(one.key)
    assert found is not None and (found.state, found.ref) == (EffectState.DONE, "m")


def test_whoever_comes_late_does_not_keep_the_log_from_the_next(w: World) -> None:
    first = w.gate
    w.again()
    assert refused(first.begin(call(SEND, to=ANN))) == "log-closed"
    assert cleared(w.gate.begin(call(SEND, to=ANN)))


def test_a_clock_that_went_back_stops_everything(w: World) -> None:
    cleared(w.gate.begin(call(SEND, to=ANN)))
    w.clock.on(minutes=-2)
    cleared(w.gate.begin(call(SEND, to=ANN, text="b", number=2)))
    w.clock.on(hours=-3)
    assert refused(w.gate.begin(call(SEND, to=ANN, text="c", number=3))) == "clock-back"
    assert refused(w.again().begin(call(SEND, to=ANN, text="c", number=3))) == "clock-back"
    w.clock.on(hours=4)
    cleared(w.gate.begin(call(SEND, to=ANN, text="c", number=3)))


def test_a_row_that_is_taken_away_or_made_up_is_found(w: World) -> None:
    for number in (1, 2, 3):
        cleared(w.gate.begin(call(SEND, to=ANN, text=f"t{number}", number=number)))
    with w.gate.keeping.database.write() as db:
        db.execute(EFFECT.delete().where(EFFECT.c.key == "run-1:1"))
        db.execute(EFFECT.update().where(EFFECT.c.key == "run-1:2").values(digest="other"))
        db.execute(EFFECT.update().where(EFFECT.c.key == "run-1:3").values(key="run-1:9"))
    found = "\n".join(audit.faults(w.gate.keeping))
    for said in ("run-1:1 is gone", "run-1:2 is another", "run-1:3 is gone", "run-1:9 is in no entry"):
        assert said in found


def test_whoever_leaves_takes_their_agents_along(w: World) -> None:
    asked = held(w.gate.begin(foreign()))
    assert w.gate.enrolment.owner_left(Pseudonym("nobody")) == []
    assert w.gate.enrolment.owner_left(ANNA) == [TRIAGE]
    assert refused(w.gate.begin(call(SEND, to=ANN, number=2))) == "unknown-agent"
    assert isinstance(w.gate.approvals.approve(asked.id, ANNA), Refuse)


def test_an_agent_that_is_taken_away_does_nothing(w: World) -> None:
    assert w.gate.enrolment.retire(TRIAGE) and not w.gate.enrolment.retire(TRIAGE)
    assert refused(w.gate.begin(call(SEND, to=ANN))) == "unknown-agent"


def test_an_agents_name_is_one_owners_for_ever(w: World) -> None:
    w.gate.enrolment.retire(TRIAGE)
    assert isinstance(w.gate.enrolment.enrol(replace(ENROLLED, owner=BORIS), ()), Refuse)


def test_a_ceiling_that_comes_later_counts(w: World) -> None:
    cleared(w.gate.begin(call(SEND, to=ANN)))
    w.lifeline.tell(ceilings=[CEILING, replace(CEILING, name="unit", connectors={})])
    assert refused(w.gate.begin(call(SEND, to=ANN, number=2))) == "ceiling:unit"
    assert refused(w.gate.begin(call(SEND, to=EVE, number=3))) == "ceiling:unit"
