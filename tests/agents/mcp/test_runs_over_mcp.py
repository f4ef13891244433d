"""Runs of agents whose tools an MCP server has: held, refused, crashed, never mixed between owners."""

import json
import os
import sys
from collections.abc import Iterator

import pytest

from agents.mcp import tickets
from agents.mcp.tracked import TICKETS, Tracker, call, tracker
from agents.runtime.lived import ANNA, BORIS
from counterfoil.agents.connectors.mcp.connector import Mcp
from counterfoil.terms.effect import EffectState, RunState
from counterfoil.terms.label import Integrity


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tracker]:
    """A server that is started for Anna."""
    folder = tmp_path_factory.mktemp("started")
    command = [sys.executable, tickets.__file__, str(folder / "journal")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOME_API_KEY", "canary-51d0")
        patch.setenv("TMPDIR", str(folder))
        with tracker(folder, f"command = {json.dumps(command)}\nseconds = 5") as made:
            made.journal = folder / "journal"
            made.connect(ANNA, "token-of-anna")
            yield made


def test_what_a_ticket_says_is_held_and_posted_once_after_a_yes(started: Tracker) -> None:
    before = len(started.done)
    waits = started.run(call("read", id=1), call("comment", project="OPS", text="It says: ${1.title}"))
    assert waits.state is RunState.WAITING
    approval = started.life.waiting()[0]
    assert approval.clause == "tainted-text" and len(started.done) == before + 1
    started.life.yes(approval)
    assert started.life.until(waits.id).state is RunState.DONE
    assert [deed["tool"] for deed in started.done[before:]] == ["read", "comment"]
    label = started.life.steps(waits.id)[-1].label
    assert label.integrity is Integrity.UNTRUSTED


def test_what_is_not_in_the_file_or_not_granted_is_not_done(started: Tracker) -> None:
    before = len(started.done)
    ran = started.run(
        call("surprise"), call("comment", project="WEB", text="Go"), call("read", id="please read ticket one")
    )
    assert ran.state is RunState.DONE and len(started.done) == before
    assert started.clauses(ran) == ["not-granted"]


def test_a_server_that_says_it_only_reads_is_what_the_file_says(started: Tracker) -> None:
    waits = started.run(call("wipe", project="OPS"))
    assert waits.state is RunState.WAITING and started.life.waiting()[0].clause == "for-good"
    started.life.runs.stop(waits.id)
    assert not [deed for deed in started.done if deed["tool"] == "wipe"]


def test_it_sees_its_owners_token_and_nothing_else_of_the_environment(started: Tracker) -> None:
    system = started.accounts.system(ANNA, TICKETS)
    assert system is not None
    seen = system.do("seen", {}, "run:1").value["result"]
    assert "TICKETS_TOKEN" in seen and "SOME_API_KEY" not in seen and "PYTHONPATH" not in seen
    files = [path for path in started.life.folder.rglob("*") if path.is_file() and path != started.journal]
    kept = b"".join(path.read_bytes() for path in files)
    assert b"canary-51d0" not in kept and b"token-of-anna" not in kept
    assert "token-of-anna" not in repr(system)


def test_a_server_that_ends_in_the_middle_leaves_what_nobody_knows(started: Tracker) -> None:
    before = len(started.done)
    ran = started.run(call("comment", project="OPS", text="crash"), say='Say "crash" on OPS.')
    assert ran.state is RunState.UNCONFIRMED
    effect = started.life.gate.effect(f"{ran.id}:1")
    assert effect is not None and effect.state is EffectState.UNCONFIRMED
    started.life.runs.resume(ran.id)
    assert started.life.until(ran.id, RunState.UNCONFIRMED).state is RunState.UNCONFIRMED
    assert len(started.done) == before + 1


def test_what_a_server_can_look_up_by_a_key_is_found_and_not_made_again(started: Tracker) -> None:
    before = len(started.done)
    ran = started.run(call("create", project="OPS", text="crash"), say='Say "crash" on OPS.')
    assert ran.state is RunState.DONE
    assert [deed["tool"] for deed in started.done[before:]] == ["create"]
    system = started.accounts.system(ANNA, TICKETS)
    assert system is not None
    assert system.read_back("create", {}, f"{ran.id}:1") is not None
    # The tool answers with the key that it was asked for, elsewhere: nothing of that was made.
    assert system.read_back("create", {}, f"{ran.id}:2") is None
    assert system.read_back("comment", {}, f"{ran.id}:1") is None


def test_an_error_leaves_an_effect_open_and_its_words_reach_no_model(started: Tracker) -> None:
    ran = started.run(call("comment", project="OPS", text="fail"), say='Say "fail" on OPS.')
    assert ran.state is RunState.UNCONFIRMED
    assert tickets.TITLE not in str(started.life.steps(ran.id))


def test_pictures_are_left_out_with_a_word(started: Tracker) -> None:
    system = started.accounts.system(ANNA, TICKETS)
    assert system is not None
    assert system.do("draw", {}, "run:1").value == "A ticket:\n[image left out]"


def test_a_model_is_told_what_the_server_says_of_arguments_that_the_file_knows(started: Tracker) -> None:
    system = started.accounts.system(ANNA, TICKETS)
    assert isinstance(system, Mcp)
    says, schema = system.describe("create")
    assert says == "Create a ticket."
    assert sorted(schema["properties"]) == sorted(schema["required"]) == ["project", "text"]
    assert system.describe("surprise") == ("", {})


def test_each_owner_has_a_process_that_ends_when_they_disconnect(started: Tracker) -> None:
    theirs = started.connect(BORIS, "token-of-boris")
    before = len(started.done)
    for owner in (ANNA, BORIS):
        assert started.run(call("read", id=1), owner=owner).state is RunState.DONE
    anna, boris = started.done[before:]
    assert (anna["who"], boris["who"]) == ("token-of-anna", "token-of-boris")
    assert anna["pid"] != boris["pid"]
    agent = started.agent(call("read", id=1), owner=BORIS)
    assert started.accounts.disconnect(BORIS, TICKETS)
    with pytest.raises(ProcessLookupError):
        os.kill(boris["pid"], 0)
    os.kill(anna["pid"], 0)
    assert not theirs.tools
    run = started.life.run("Go.", agent, BORIS)
    assert started.life.until(run).state is RunState.DONE
    assert len(started.done) == before + 2
