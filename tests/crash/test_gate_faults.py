"""The gate killed at each call, and its disk full at each; each row ends in a full check."""

import errno
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agents.kept import ANN, ANNA, KEY, SEND, World, call, cleared, foreign, held, refused, world
from counterfoil.agents import audit
from counterfoil.agents.gate import Cleared
from counterfoil.ledger.log import check_log
from counterfoil.ledger.sign import SignerKey
from counterfoil.store.agents.database import Database
from counterfoil.terms.effect import ApprovalState, EffectState
from counterfoil.terms.error import LedgerBroken
from counterfoil.terms.release import Refuse

CALLS = ("open", "write", "fdatasync", "fsync", "replace", "ftruncate")
DYING = f"""
import os, shutil, signal, sys
from pathlib import Path
from sqlalchemy import event, Engine
from agents.kept import World, cleared, foreign
from counterfoil.store.agents.database import Database
from counterfoil.terms.effect import EffectState

def child(folder, point, told):
    say, seen = os.write, 0
    def step():
        nonlocal seen
        seen += 1
        return seen == point
    def die():
        os.kill(os.getpid(), signal.SIGKILL)
    def dying(real):
        def call(*args, **kwargs):
            if step():
                die()
            return real(*args, **kwargs)
        return call
    for name in {CALLS!r}:
        setattr(os, name, dying(getattr(os, name)))
    dialect = __import__("sqlalchemy.dialects.sqlite.pysqlite", fromlist=["x"]).dialect
    dialect.do_execute = dying(dialect.do_execute)
    dialect.do_commit = dying(dialect.do_commit)
    w = World(folder, Database.in_file(folder / "agents.sqlite"))
    one = cleared(w.gate.begin(foreign()))
    say(told, b"cleared ")
    w.gate.finish(one, state=EffectState.DONE, ref="m")
    say(told, b"finished ")
    w.gate.close()
    say(told, f"calls {{seen}}".encode())
    os._exit(0)

root = Path(sys.argv[1])
def run(point):
    folder = root / f"killed-{{point}}" / "one"
    shutil.copytree(root / "asked" / "one", folder)
    told = os.open(folder / "told", os.O_WRONLY | os.O_CREAT, 0o600)
    pid = os.fork()
    if not pid:
        child(folder, point, told)
    os.close(told)
    os.waitpid(pid, 0)
    return (folder / "told").read_text()

calls = int(run(0).split("calls ")[1])
for point in range(1, calls + 1):
    run(point)
print(calls)
"""


def asked_and_answered(folder: Path) -> None:
    """A gate whose one held call has its yes."""
    with world(folder / "one") as w:
        w.gate.approvals.approve(held(w.gate.begin(foreign())).id, ANNA)


def fully_verified(w: World) -> int:
    """Log and rows hold, each by itself and against each other; how many entries there are."""
    assert not audit.faults(w.gate.keeping)
    verifier = SignerKey.of(f"agents.example/{w.folder.name}", KEY).verifier
    size = check_log(w.folder / "log", verifier)
    assert size == len(w.gate.keeping.recorder.log)
    return size


@pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
def test_killed_at_every_call_nothing_happens_twice_or_unrecorded(tmp_path: Path) -> None:
    asked_and_answered(tmp_path / "asked")
    words = [sys.executable, "-W", "ignore", "-c", DYING, str(tmp_path)]
    paths = os.pathsep.join([*sys.path, str(Path(__file__).parent.parent)])
    done = subprocess.run(
        words, capture_output=True, text=True, timeout=300, env={**os.environ, "PYTHONPATH": paths}
    )
    assert done.returncode == 0, done.stderr
    calls = int(done.stdout)
    assert calls > 30
    print(f"killed at {calls} calls")
    states = set()
    for point in range(calls + 1):
        folder = tmp_path / f"killed-{point}" / "one"
        states.add(recovered(folder, (folder / "told").read_text()))
    assert states == {"never", "unconfirmed", "done"}


def recovered(folder: Path, told: str) -> str:
    """What another process finds: the effect, its entry and the used yes, or none of the three."""
    w = World(folder, Database.in_file(folder / "agents.sqlite"))
    try:
        effect = w.gate.effect("run-1:1")
        with w.gate.keeping.database.read() as db:
            (state,) = db.exec_driver_sql("SELECT state FROM approval").scalars().all()
        assert (effect is None) == (state == ApprovalState.APPROVED), (told, effect, state)
        fully_verified(w)
        if effect is None:
            assert "cleared" not in told
            cleared(w.gate.begin(foreign()))
        else:
            assert effect.state is not EffectState.INTENDED
            assert "finished" not in told or effect.state is EffectState.DONE
            assert refused(w.gate.begin(foreign())) == "twice"
        fully_verified(w)
        return "never" if effect is None else effect.state.value
    finally:
        w.gate.close()
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", CALLS[:5])
def test_a_log_that_can_not_be_written_lets_nothing_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with world(tmp_path / "one") as w:
        asked = held(w.gate.begin(foreign()))
        w.gate.approvals.approve(asked.id, ANNA)
        for point in range(1, 4):
            fails(monkeypatch, name, point)
            answer = w.gate.begin(foreign())
            monkeypatch.undo()
            if isinstance(answer, Cleared):
                break
            assert isinstance(answer, Refuse) and answer.clause == "ledger-unwritable"
            assert w.gate.effect("run-1:1") is None
            fully_verified(w)
        else:
            cleared(w.gate.begin(foreign()))
        assert refused(w.gate.begin(foreign())) == "twice"
        fully_verified(w)


def fails(monkeypatch: pytest.MonkeyPatch, name: str, point: int) -> None:
    """Let one call of the log fail as on a full disk."""
    real, seen = getattr(os, name), 0

    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == point:
            raise OSError(errno.ENOSPC, "no space left")
        return real(*args, **kwargs)

    monkeypatch.setattr(os, name, call)


def test_rows_that_do_not_fit_the_disk_leave_an_entry_that_is_void(tmp_path: Path) -> None:
    """The limit on a file's size stands for the disk: the log's entry is written, its row is not."""
    with world(tmp_path / "one") as w:
        cleared(w.gate.begin(call(SEND, to=ANN)))
        size = (w.folder / "agents.sqlite-wal").stat().st_size
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            answers = [w.gate.begin(call(SEND, to=ANN, text=f"t{n}", number=n)) for n in (2, 3)]
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert [refused(answer) for answer in answers] == ["agents-database", "agents-database"]
        cleared(w.gate.begin(call(SEND, to=ANN, text="t2", number=2)))
        assert w.gate.keeping.recorder.void == 2
        assert w.gate.effect("run-1:3") is None
        fully_verified(w)


def test_a_database_that_is_older_than_the_log_stops_everything(tmp_path: Path) -> None:
    """As from a copy of yesterday: what was done since would be done again."""
    with world(tmp_path / "one") as w:
        w.gate.keeping.database.close()
        shutil.copy(tmp_path / "one" / "agents.sqlite", tmp_path / "old")
        for number in (1, 2):
            cleared(w.gate.begin(call(SEND, to=ANN, text=f"t{number}", number=number)))
    for name in ("agents.sqlite-wal", "agents.sqlite-shm"):
        (tmp_path / "one" / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "old", tmp_path / "one" / "agents.sqlite")
    with pytest.raises(LedgerBroken) as told:
        World(tmp_path / "one", Database.in_file(tmp_path / "one" / "agents.sqlite"))
    assert told.value.code == "agents-database-old"


def test_a_log_that_is_cut_stops_everything(tmp_path: Path) -> None:
    with world(tmp_path / "one") as w:
        cleared(w.gate.begin(call(SEND, to=ANN)))
    shutil.rmtree(tmp_path / "one" / "log")
    with pytest.raises(LedgerBroken) as told:
        World(tmp_path / "one", Database.in_file(tmp_path / "one" / "agents.sqlite"))
    assert told.value.code == "agents-log-cut"
