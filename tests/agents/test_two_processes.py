"""Two processes on one database: no effect twice, no yes used twice, no budget overspent."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import make_url

from agents.contending import APPROVED, CALLS, SAID
from agents.kept import ANNA, World, foreign, held, world
from counterfoil.agents import audit
from counterfoil.store.agents.database import Database

HERE = Path(__file__).parent


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_everything_happens_once(where: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    address = f"sqlite:///{tmp_path / 'agents.sqlite'}"
    if where == "postgresql":
        url = make_url(request.getfixturevalue("database")).set(drivername="postgresql+psycopg")
        address = url.render_as_string(hide_password=False)
    with world(tmp_path / "zero", Database(make_url(address))) as w:
        for number in range(1, APPROVED + 1):
            w.gate.approvals.approve(held(w.gate.begin(foreign(1000 + number))).id, ANNA)
    one, two = both(tmp_path, address)
    got = {what: Counter(one[what] + two[what]) for what in one}
    assert got["effects"] == Counter(f"run-1:{n}" for n in range(1, CALLS + 1))
    assert len(got["approvals"]) == APPROVED and set(got["approvals"].values()) == {1}
    assert got["said"] == Counter(f"same {n}" for n in range(1, SAID + 1))
    assert len(got["money"]) == 33
    assert one["effects"] and two["effects"], "they did not meet"
    for name in ("one", "two"):
        again = World(tmp_path / name, Database(make_url(address)))
        assert not audit.faults(again.gate.keeping)
        again.gate.close()


def both(folder: Path, address: str) -> list[dict[str, list[str]]]:
    """What each of two processes got that began at the same moment."""
    paths = os.pathsep.join([str(HERE.parent), *sys.path])
    started = []
    one, two = folder / "one", folder / "two"
    for mine, other in ((one, two), (two, one)):
        mine.mkdir()
        words = [sys.executable, str(HERE / "contending.py"), str(mine), str(other), address]
        started.append(
            subprocess.Popen(
                words, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": paths}
            )
        )
    said = [process.communicate(timeout=120)[0] for process in started]
    assert [process.returncode for process in started] == [0, 0]
    return [json.loads(one) for one in said]
