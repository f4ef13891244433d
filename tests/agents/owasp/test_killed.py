"""Two agents' processes on one database, each killed midway and begun anew: nothing is twice or lost."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from agents.kept import ANNA, World, foreign, held, world
from agents.owasp.killed import APPROVED, CALLS, MOST, PRICE
from counterfoil.agents import audit
from counterfoil.store.agents import effects
from counterfoil.store.agents.database import Database
from counterfoil.store.agents.shape import APPROVAL
from counterfoil.terms.effect import EffectState

HERE = Path(__file__).parent
KILLS, SECONDS = 1, 60.0


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_nothing_is_twice_when_both_die_and_come_back(
    where: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    address = f"sqlite:///{tmp_path / 'agents.sqlite'}"
    if where == "postgresql":
        url = make_url(request.getfixturevalue("database")).set(drivername="postgresql+psycopg")
        address = url.render_as_string(hide_password=False)
    shared = tmp_path / "done.jsonl"
    with world(tmp_path / "zero", Database(make_url(address))) as w:
        for number in range(1, APPROVED + 1):
            w.gate.approvals.approve(held(w.gate.begin(foreign(1000 + number))).id, ANNA)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    killed: list[str] = []
    lived = {name: lives(tmp_path / name, shared, address, killed) for name in ("one", "two")}
    end = time.monotonic() + SECONDS
    while lived and time.monotonic() < end:
        for name in [*lived]:
            if next(lived[name], None) is None:
                del lived[name]
        time.sleep(0.02)
    assert not lived and killed
    looked_at(tmp_path, shared, address)


def lives(folder: Path, shared: Path, address: str, killed: list[str]) -> Iterator[bool]:
    """A process that is killed each time it has done something, and ends by itself in the end."""
    paths = os.pathsep.join([str(HERE.parents[1]), *sys.path])
    words = [sys.executable, str(HERE / "killed.py"), str(folder), str(shared), address]
    for life in range(KILLS + 1):
        before = size(shared)
        process = subprocess.Popen(words, env={**os.environ, "PYTHONPATH": paths})
        while process.poll() is None:
            if life < KILLS and size(shared) > before + 200 * (life + 1):
                process.send_signal(signal.SIGKILL)
                if process.wait(60) == -signal.SIGKILL:
                    killed.append(folder.name)
                break
            yield True
        assert process.returncode in (0, -signal.SIGKILL)


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def looked_at(folder: Path, shared: Path, address: str) -> None:
    lines = [json.loads(line) for line in shared.read_text().splitlines()]
    made = Counter(line["key"] for line in lines if line["what"] == "effect")
    wanted = {f"run-1:{n}" for n in range(1, CALLS + 1)} | {
        f"run-1:{1000 + n}" for n in range(1, APPROVED + 1)
    }
    assert set(made) <= wanted and set(made.values()) == {1}
    approved = Counter(line["approval"] for line in lines if line.get("approval"))
    assert set(approved.values()) == {1} and len(approved) <= APPROVED
    spent = sum(PRICE for line in lines if line["what"] == "spent")
    assert spent <= MOST
    # Whoever comes after them says of what was under way that nobody knows, and nothing is missing.
    for name in ("one", "two"):
        again = World(folder / name, Database(make_url(address)))
        assert not audit.faults(again.gate.keeping)
        again.gate.close()
    last = Database(make_url(address))
    with last.read() as db:
        unconfirmed = {one.effect.key for one in effects.left(db, EffectState.UNCONFIRMED)}
        finished = {one.effect.key for one in effects.left(db, EffectState.DONE)}
        states = set(db.execute(select(APPROVAL.c.state)).scalars())
        assert not effects.left(db, EffectState.INTENDED)
    last.close()
    assert finished | unconfirmed == wanted and finished <= set(made)
    assert states == {"used"}
