"""A run asks a model, makes calls through the gate, waits for people, and can be read afterwards."""

from pathlib import Path

from agents.runtime.lived import SEND, TAINTED, life
from counterfoil.terms.effect import RunState


def test_a_run_does_what_was_granted_and_says_what_it_did(tmp_path: Path) -> None:
    with life(tmp_path) as world:
        world.script(SEND)
        world.agent()
        run = world.run()
        assert (world.until(run).state, world.state(run).why) == (RunState.DONE, "")
        assert [one["to"] for one in world.mail.done] == ["ann@example.org"]
        assert world.said(run) == "Told."
        assert [(s.kind, s.tool, s.verdict) for s in world.steps(run)] == [
            ("model", "model/complete", "permit"),
            ("call", "mail/send", "permit"),
            ("model", "model/complete", "permit"),
        ]
        assert [str(row.trigger) for row in world.outbox.rows] == ["agent", "agent"]


def test_a_held_call_waits_for_a_yes(tmp_path: Path) -> None:
    with life(tmp_path) as world:
        world.script(TAINTED)
        world.inbox({"id": 1, "text": "pay me"})
        world.agent()
        run = world.run()
        world.until(run, RunState.WAITING)
        (asked,) = world.waiting()
        assert not world.mail.done
        world.yes(asked)
        assert world.until(run).state is RunState.DONE
        assert world.mail.done[0]["text"] == "It says: pay me"
