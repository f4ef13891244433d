"""The gate killed at each call, and its disk full at each; each row ends in a full check."""

import errno
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from agents.kept import ANN, ANNA, KEY, SEND, World, call, cleared, foreign, held, refused, world
from counterfoil.agents import audit, recorder
from counterfoil.agents.recorder import Recorder
from counterfoil.ledger.log import check_log
from counterfoil.ledger.sign import SignerKey
from counterfoil.ledger.verify import VerifierKey
from counterfoil.store.agents.database import Database
from counterfoil.terms.effect import ApprovalState, EffectState
from counterfoil.terms.error import LedgerBroken, StoreError
from counterfoil.terms.release import Refuse
from deadline import ended, until

CALLS = ("open", "write", "fdatasync", "fsync", "replace", "ftruncate")
DYING = f"""
import os, shutil, signal, sys
from pathlib import Path
from sqlalchemy import event, Engine
from agents.kept import World, cleared, foreign
from counterfoil.store.agents.database import Database
from counterfoil.store.agents.ready import Ready
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
    Ready._asked = dying(Ready._asked)
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
    size = check_log(w.folder / "log", verifier_of(w))
    assert size == len(w.gate.keeping.recorder.log)
    return size


def verifier_of(w: World) -> VerifierKey:
    return SignerKey.of(f"agents.example/{w.folder.name}", KEY).verifier


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
def test_a_log_that_can_not_be_written_lets_nothing_more_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """What was let through before is in the database with its entry, and in the log once that is mended."""
    with world(tmp_path / "one") as w:
        asked = held(w.gate.begin(foreign()))
        w.gate.approvals.approve(asked.id, ANNA)
        fails(monkeypatch, name)
        cleared(w.gate.begin(foreign()))
        with pytest.raises(StoreError):
            assert w.gate.keeping.recorder.log
        answer = w.gate.begin(call(SEND, to=ANN, text="t2", number=2))
        assert isinstance(answer, Refuse) and answer.clause == "ledger-unwritable"
        monkeypatch.undo()
        assert w.gate.effect("run-1:2") is None
        assert refused(w.gate.begin(foreign())) == "twice"
        cleared(w.gate.begin(call(SEND, to=ANN, text="t2", number=2)))
        fully_verified(w)


def fails(monkeypatch: pytest.MonkeyPatch, name: str, tried: list[str] | None = None) -> None:
    """Let every call of the log fail as on a full disk."""

    def call(*args: Any, **kwargs: Any) -> Any:
        if tried is not None:
            tried.append(name)
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(os, name, call)


def test_the_log_gets_what_there_is_by_itself_also_after_its_disk_was_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world(tmp_path / "one") as w:
        size = len(w.gate.keeping.recorder.log)
        cleared(w.gate.begin(call(SEND, to=ANN)))
        until(lambda: check_log(w.folder / "log", verifier_of(w)) == size + 1)
        tried: list[str] = []
        with monkeypatch.context() as full:
            fails(full, "fdatasync", tried)
            cleared(w.gate.begin(call(SEND, to=ANN, text="t2", number=2)))
            until(lambda: len(tried) > 0)
        until(lambda: check_log(w.folder / "log", verifier_of(w)) == size + 2)
        fully_verified(w)


def test_what_became_of_an_effect_is_kept_once_the_database_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with world(tmp_path / "one") as w:
        one, tried = cleared(w.gate.begin(call(SEND, to=ANN))), list[str]()

        def full(self: Database) -> Any:
            tried.append("write")
            raise StoreError("agents-database", "no space left", hint="make room")

        with monkeypatch.context() as now:
            now.setattr(Database, "write", full)
            w.gate.finish(one, state=EffectState.DONE, ref="m", wait=False)
            until(lambda: len(tried) > 0)
            with pytest.raises(StoreError):
                w.gate.effect("run-1:1")
        effect = w.gate.effect("run-1:1")
        assert effect is not None and effect.state is EffectState.DONE
        fully_verified(w)


def test_a_log_that_is_far_behind_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "MOST_WAITING", 2)
    monkeypatch.setattr(recorder, "LATER", 1000.0)
    with world(tmp_path / "one") as w:
        size = len(w.gate.keeping.recorder.log)
        for number in range(1, 5):
            cleared(w.gate.begin(call(SEND, to=ANN, text=f"t{number}", number=number)))
        assert check_log(w.folder / "log", verifier_of(w)) == size + 2
        fully_verified(w)


def test_after_a_power_cut_the_log_gets_what_the_database_has(tmp_path: Path) -> None:
    """A copy of both while the log is behind; what the log has later, the database may still hold too."""
    with world(tmp_path / "one") as w:
        behind = len(w.gate.keeping.recorder.log)
        cleared(w.gate.begin(call(SEND, to=ANN)))
        shutil.copytree(w.folder, tmp_path / "cut" / "one")
        assert len(w.gate.keeping.recorder.log) == behind + 1
        shutil.copytree(w.folder / "log", tmp_path / "log")
    for number, log in enumerate((tmp_path / "cut" / "one" / "log", tmp_path / "log")):
        folder = tmp_path / f"again-{number}" / "one"
        shutil.copytree(tmp_path / "cut" / "one", folder)
        shutil.rmtree(folder / "log")
        shutil.copytree(log, folder / "log")
        after = World(folder, Database.in_file(folder / "agents.sqlite"))
        assert fully_verified(after) == behind + 1
        assert refused(after.gate.begin(call(SEND, to=ANN))) == "twice"
        after.gate.close()


def test_an_entry_that_is_another_one_in_the_database_stops_everything(tmp_path: Path) -> None:
    with world(tmp_path / "one") as w:
        number = cleared(w.gate.begin(call(SEND, to=ANN))).entry
        assert w.gate.keeping.recorder.log
        with w.database.write() as db:
            db.exec_driver_sql(f"UPDATE said SET entry = x'05' WHERE number = {number}")
        with pytest.raises(LedgerBroken) as told:
            World(copied(w, tmp_path / "two"), Database.in_file(tmp_path / "two" / "one" / "agents.sqlite"))
        assert told.value.code == "agents-log-other"


def copied(w: World, folder: Path) -> Path:
    return Path(shutil.copytree(w.folder, folder / "one"))


def test_rows_that_do_not_fit_the_disk_leave_no_entry(tmp_path: Path) -> None:
    """The limit on a file's size stands for the disk."""
    with world(tmp_path / "one") as w:
        cleared(w.gate.begin(call(SEND, to=ANN)))
        before = len(w.gate.keeping.recorder.log)
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
        try:
            answers = [w.gate.begin(call(SEND, to=ANN, text=f"t{n}", number=n)) for n in (2, 3)]
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert [refused(answer) for answer in answers] == ["agents-database", "agents-database"]
        cleared(w.gate.begin(call(SEND, to=ANN, text="t2", number=2)))
        assert len(w.gate.keeping.recorder.log) == before + 1
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


def test_whoever_closes_waits_for_no_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began, goes_on = Event(), Event()

    def slowly(_: Recorder) -> None:
        began.set()
        assert goes_on.wait(20)

    monkeypatch.setattr(recorder, "IDLE", 120.0)
    monkeypatch.setattr(Recorder, "_see_to_what_waits", slowly)
    with world(tmp_path / "kept") as w:
        hand = w.gate.keeping.recorder
        hand.soon(lambda *_: None)
        assert began.wait(20)
        closing = Thread(target=hand.close)
        closing.start()
        until(hand._closed.is_set)
        goes_on.set()
        ended([closing], 30)
