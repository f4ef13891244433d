"""What durable agents get wrong, one after the other, as spec and trackers name it: each is a test here.

The first, that a step may be made twice, is in `test_crash.py` with processes that really die.
"""

import json
import sqlite3
from pathlib import Path

from agents.runtime.lived import ANNA, BORIS, NOTHING, SEND, TAINTED, TRIAGE, Life, life
from counterfoil.agents.gate import Held
from counterfoil.terms.effect import Approval, ApprovalState, EffectState, RunState
from counterfoil.terms.release import Permit, Refuse

TWO = """
[[turn]]
call = "mail/list"
[[turn]]
each = "1"
call = "mail/send"
arguments = { to = "ann@example.org", text = "It says: ${it.text}" }
[[turn]]
say = "Told: ${2} and ${3}"
"""


def _unknown(tool: str) -> None:
    raise ConnectionResetError("who knows")


def _refuses(tool: str) -> None:
    raise NOTHING


def _held(world: Life, script: str = TAINTED, *mails: str) -> Approval:
    """A run that waits for a person."""
    world.script(script)
    world.inbox(*({"id": n, "text": text} for n, text in enumerate(mails or ("pay me",))))
    world.agent()
    world.until(world.run(), RunState.WAITING)
    return world.waiting(len(mails) or 1)[0]


def test_1_what_nobody_knows_is_unconfirmed_and_never_tried_again(tmp_path: Path) -> None:
    with life(tmp_path) as world:
        world.script(SEND)
        world.agent()
        world.mail.before = _unknown
        run = world.run()
        done = world.until(run)
        assert done.state is RunState.UNCONFIRMED and "Somebody has to look" in done.why
        world.mail.before = lambda tool: None
        # Letting it go on looks again, and does not send.
        assert isinstance(world.runs.resume(run), Permit)
        assert world.until(run, RunState.UNCONFIRMED).state is RunState.UNCONFIRMED
        assert not world.mail.done
        assert world.gate.settle(f"{run}:1", state=EffectState.DONE, ref="<seen>", why="a person looked")
        world.runs.resume(run)
        assert world.until(run, RunState.DONE).state is RunState.DONE
        assert not world.mail.done


def test_1_an_effect_that_got_through_with_an_error_is_found_by_its_key(tmp_path: Path) -> None:
    with life(tmp_path) as world:
        world.script(SEND)
        world.agent()
        world.mail.after = _unknown
        run = world.run()
        assert world.until(run).state is RunState.DONE
        assert [one["key"] for one in world.mail.done] == [f"{run}:1"]


def test_1_what_surely_did_not_happen_is_said_to_the_model(tmp_path: Path) -> None:
    with life(tmp_path) as world:
        world.script(SEND + "\n")
        world.agent()
        world.mail.before = _refuses
        run = world.run()
        assert world.until(run).state is RunState.DONE
        effect = world.gate.effect(f"{run}:1")
        assert effect is not None and effect.state is EffectState.FAILED


def test_2_and_3_a_yes_is_kept_with_who_said_it_and_good_once(tmp_path: Path) -> None:
    with life(tmp_path) as world:
        asked = _held(world)
        assert [one.approval.id for one in world.asked] == [asked.id]
        world.yes(asked)
        # A second yes to the same is none.
        assert isinstance(world.gate.approvals.approve(asked.id, ANNA), Refuse)
        assert world.until(asked.run).state is RunState.DONE
        after = world.gate.approvals.of(asked.id)
        assert after is not None and (after.state, after.by) == (ApprovalState.USED, ANNA)
        assert len(world.mail.done) == 1


def test_a_no_and_silence_are_said_to_the_model_in_words(tmp_path: Path) -> None:
    with life(tmp_path) as world:
        asked = _held(world)
        world.gate.approvals.deny(asked.id, ANNA, "not to Ann")
        world.runs.decided(asked.run)
        assert world.until(asked.run).state is RunState.DONE
        assert "not to Ann" in world.said(asked.run)
        asked = _held(world)
        world.clock.on(hours=25)
        world.runs.look_after()
        assert world.until(asked.run).state is RunState.DONE
        assert "Nobody said yes in time" in world.said(asked.run)
        assert not world.mail.done


def test_4_an_edited_call_is_judged_again_and_the_model_hears_of_it(tmp_path: Path) -> None:
    with life(tmp_path) as world:
        asked = _held(world)
        away = world.gate.approvals.edit(asked.id, ANNA, {"to": "eve@elsewhere.example"})
        assert isinstance(away, Refuse)
        assert isinstance(world.gate.approvals.edit(asked.id, ANNA, {"text": "Hello, Ann."}), Approval)
        world.runs.decided(asked.run)
        assert world.until(asked.run).state is RunState.DONE
        assert world.mail.done[0]["text"] == "Hello, Ann."
        assert "Hello, Ann." in world.said(asked.run)


def test_5_a_tool_that_changed_while_a_person_thought_is_not_used(tmp_path: Path) -> None:
    with life(tmp_path) as world:
        asked = _held(world)
        world.mail.digest = "changed"
        world.yes(asked)
        assert world.until(asked.run).state is RunState.DONE
        assert not world.mail.done
        assert "did not grant" in world.said(asked.run) or "another call" in world.said(asked.run)


def test_6_and_7_each_call_is_a_step_and_the_journal_is_plain_json(tmp_path: Path) -> None:
    with life(tmp_path) as world:
        asked = _held(world)
        world.yes(asked)
        world.until(asked.run)
        with sqlite3.connect(tmp_path / "runs.sqlite") as db:
            rows = db.execute("SELECT function_name, output, serialization FROM operation_outputs").fetchall()
            inputs = db.execute("SELECT inputs, serialization FROM workflow_status").fetchall()
        names = [name for name, _, _ in rows]
        assert (names.count("act"), names.count("model")) == (3, 3)
        assert {form for _, _, form in rows} | {form for _, form in inputs} == {"portable_json"}
        for _, output, _ in rows:
            json.loads(output or "null")


def test_8_two_calls_wait_at_once_each_by_itself(tmp_path: Path) -> None:
    with life(tmp_path) as world:
        run = _held(world, TWO, "one", "two").run
        first, second = sorted(world.waiting(2), key=lambda asked: asked.number)
        assert first.run == second.run == run
        world.gate.approvals.deny(second.id, ANNA, "enough")
        world.runs.decided(second.run)
        world.until(first.run, RunState.WAITING)
        world.yes(first)
        assert world.until(first.run).state is RunState.DONE
        assert [one["text"] for one in world.mail.done] == ["It says: one"]
        assert "enough" in world.said(first.run)


def test_9_a_failed_run_stays_failed_until_somebody_lets_it_go_on(tmp_path: Path) -> None:
    with life(tmp_path) as world:
        world.script('[[turn]]\ncall = "mail/list"\n' * 4 + '[[turn]]\nsay = "Read."\n')
        world.agent("[limits]\ntool_calls = 3\n")
        run = world.run()
        done = world.until(run)
        assert (done.state, done.why) == (RunState.FAILED, "It called tools 3 times, which is its limit.")
        again = world.again()
        again.runs.look_after()
        assert again.state(run).state is RunState.FAILED
        assert isinstance(again.runs.resume(run), Permit)
        assert again.until(run, RunState.DONE).state is RunState.DONE
        assert isinstance(again.runs.resume(run), Refuse)


def test_10_an_agent_is_made_from_data_and_a_changed_one_strands_nothing(tmp_path: Path) -> None:
    with life(tmp_path) as world:
        asked = _held(world)
        world.script('[[turn]]\nsay = "New."\n', name="new")
        assert world.agent(model="scripted:new@local").number == 2
        # The same again is the same version.
        assert world.agent(model="scripted:new@local").number == 2
        world = world.again()
        world.yes(asked)
        old = world.until(asked.run)
        assert (old.state, old.version) == (RunState.DONE, 1), old.why
        assert world.said(asked.run).startswith("Told")
        new = world.run()
        assert (world.until(new).version, world.said(new)) == (2, "New.")


def test_a_yes_of_somebody_who_may_not_say_it_is_none(tmp_path: Path) -> None:
    with life(tmp_path) as world:
        asked = _held(world)
        assert isinstance(world.gate.approvals.approve(asked.id, BORIS), Refuse)
        world.runs.decided(asked.run)
        world.until(asked.run, RunState.WAITING)
        assert isinstance(world.asked[0], Held) and not world.mail.done
        assert world.runs.owner_of(TRIAGE) == ANNA
