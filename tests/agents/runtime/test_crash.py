"""Kill -9 at any moment: nothing acknowledged is lost, and nothing that was done is done again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from agents.runtime.lived import SEND, TAINTED, Life, life
from agents.runtime.victim import RUN
from counterfoil.terms.effect import EffectState, RunState

VICTIM = Path(__file__).with_name("victim.py")
TESTS = Path(__file__).parents[2]
PAID = SEND.replace("[[turn]]\ncall", "[[turn]]\nusd = 0.01\nseconds = 20\ncall")


def carried(folder: Path, point: str, *urls: str) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([*sys.path, str(TESTS)])}
    return subprocess.Popen([sys.executable, str(VICTIM), str(folder), point, *urls], env=env)


def made(folder: Path, script: str, **more: Any) -> Life:
    """The world, with an agent, and closed again."""
    with life(folder, **more) as world:
        world.script(script)
        world.inbox({"id": 1, "text": "pay me"})
        world.agent()
    return world


def until(folder: Path, wanted: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until another process has come so far, looking at its database only."""
    import sqlite3

    end = time.monotonic() + 20
    while time.monotonic() < end:
        assert process.poll() is None
        with sqlite3.connect(f"file:{folder}/agents.sqlite?mode=ro", uri=True) as db:
            if db.execute(wanted).fetchone()[0]:
                return
        time.sleep(0.02)
    raise AssertionError(wanted)


@pytest.mark.parametrize(
    ("point", "state", "sent"),
    [
        ("before", RunState.UNCONFIRMED, 0),
        ("after", RunState.DONE, 1),
        ("finished", RunState.DONE, 1),
    ],
)
def test_an_effect_under_way_is_never_made_again(
    tmp_path: Path, point: str, state: RunState, sent: int
) -> None:
    made(tmp_path, SEND)
    process = carried(tmp_path, point)
    assert process.wait(30) != 0
    with life(tmp_path) as world:
        assert world.until(RUN).state is state
        assert len(world.mail.done) == sent
        effect = world.gate.effect(f"{RUN}:1")
        assert effect is not None
        assert effect.state is (EffectState.DONE if sent else EffectState.UNCONFIRMED)
        if not sent:
            # A person looked, and says that it did not happen: the run goes on, and does not try it again.
            assert world.gate.settle(f"{RUN}:1", state=EffectState.FAILED, why="looked")
            world.runs.resume(RUN)
            assert world.until(RUN, RunState.DONE).state is RunState.DONE
            assert not world.mail.done


def test_a_yes_that_is_said_while_nobody_is_there_is_found(tmp_path: Path) -> None:
    made(tmp_path, TAINTED)
    process = carried(tmp_path, "")
    until(tmp_path, "SELECT count(*) FROM run WHERE state = 'waiting'", process)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    with life(tmp_path) as world:
        (asked,) = world.waiting()
        world.yes(asked)
        assert world.until(RUN).state is RunState.DONE
        assert len(world.mail.done) == 1
        kinds = [step.kind for step in world.steps(RUN)]
        assert kinds.count("model") == 3


def test_a_model_that_was_being_asked_is_asked_again_and_paid_twice(tmp_path: Path) -> None:
    made(tmp_path, PAID)
    process = carried(tmp_path, "")
    until(tmp_path, "SELECT count(*) FROM reservation", process)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    Life(tmp_path).script(PAID.replace("seconds = 20", "seconds = 0"))
    with life(tmp_path) as world:
        done = world.until(RUN)
        assert done.state is RunState.DONE
        assert done.spent_is_floor
        assert len(world.mail.done) == 1


def test_the_same_on_postgresql(tmp_path: Path, postgresql: Any) -> None:
    for name in ("runs", "agents"):
        postgresql.psql(f"CREATE DATABASE {name};")
    urls = [
        make_url(postgresql.get_uri(name)).set(drivername="postgresql+psycopg").render_as_string(False)
        for name in ("runs", "agents")
    ]
    where = {"url": make_url(urls[0]), "address": make_url(urls[1])}
    made(tmp_path, SEND, **where)
    process = carried(tmp_path, "after", *urls)
    assert process.wait(30) == 9
    with life(tmp_path, **where) as world:
        assert world.until(RUN).state is RunState.DONE
        assert len(world.mail.done) == 1
