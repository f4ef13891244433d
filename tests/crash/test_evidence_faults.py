"""Kill -9 at each step of the evidence store: what was acknowledged is there, and a re-run completes."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from counterfoil.store.evidence import Added, open_evidence
from counterfoil.store.place import KEY_BYTES
from counterfoil.terms.batch import batches
from counterfoil.terms.error import StoreError
from counterfoil.terms.ids import SessionId, SourceId
from counterfoil.terms.reading import Reading
from counterfoil.terms.usage import Usage

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kill -9 is POSIX")
SOURCE = SourceId("table")
KEPT, ROWS = 20, 50

PRELUDE = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
from test_evidence_faults import reading
from counterfoil.store.evidence import open_evidence
evidence = open_evidence(sys.argv[2])
def die_at(point):
    seen = 0
    def step(sql):
        nonlocal seen
        seen += 1
        if seen == point:
            os.kill(os.getpid(), signal.SIGKILL)
    evidence._db.set_trace_callback(step)
"""
REMEMBER = "die_at(int(sys.argv[3]))\nevidence.remember(reading(20, 40))\nprint('done', flush=True)"
FORGET = "die_at(int(sys.argv[3]))\nevidence.forget()\nprint('done', flush=True)"
LOOP = "for n in range(20, 10_000):\n    evidence.remember(reading(n, n + 1))\n    print(n, flush=True)"
KEY = """
import os, signal, sys
from counterfoil.store import place
calls = ("open", "fchmod", "write", "fsync", "link", "close", "unlink")
seen = 0
def dying(real):
    def call(*args, **kwargs):
        global seen
        seen += 1
        if seen == int(sys.argv[1]):
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)
    return call
for name in calls:
    setattr(os, name, dying(getattr(os, name)))
place.line_key()
print('done', flush=True)
"""


def reading(first: int, last: int) -> Reading:
    """Sessions of fifty requests each."""
    usage = [
        Usage(
            source=SOURCE,
            key=f"{s}:{n}",
            at=datetime(2026, 10, 1, tzinfo=UTC),
            session=SessionId(str(s)),
            model="m",
            input_uncached=n,
            cache_read=s,
            cache_write=0,
            output=1,
        )
        for s in range(first, last)
        for n in range(ROWS)
    ]
    return Reading(source=SOURCE, usage=tuple(batches(Usage, usage)))


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A store in which twenty sessions were acknowledged."""
    path = str(tmp_path / "data" / "evidence.db")
    with open_evidence(path) as evidence:
        evidence.remember(reading(0, KEPT))
    return path


def child(code: str, *argv: str) -> "subprocess.Popen[str]":
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", PRELUDE + code, here, *argv]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def whole(path: str) -> Added:
    """What is remembered, after full verification."""
    db = sqlite3.connect(path)
    try:
        assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        db.close()
    with open_evidence(path) as evidence:
        return evidence.size()


def sessions(n: int) -> Added:
    return Added(sessions=n, usage=n * ROWS)


@pytest.mark.parametrize("point", [1, 2, 3, 4, 20, 41, 42, 43])
def test_killed_while_remembering(path: str, point: int) -> None:
    killed = child(REMEMBER, path, str(point))
    said, _ = killed.communicate(timeout=120)
    if point < 43:
        assert killed.returncode == -signal.SIGKILL
    assert whole(path) == sessions(40 if "done" in said else KEPT)
    with open_evidence(path) as evidence:
        evidence.remember(reading(20, 40))
    assert whole(path) == sessions(40)


@pytest.mark.parametrize("point", [1, 2, 3, 10, 42, 43, 44])
def test_killed_while_forgetting(path: str, point: int) -> None:
    killed = child(FORGET, path, str(point))
    said, _ = killed.communicate(timeout=120)
    assert whole(path) in ([sessions(0)] if "done" in said else [sessions(0), sessions(KEPT)])
    with open_evidence(path) as evidence:
        evidence.forget()
    assert whole(path) == sessions(0)


@pytest.mark.parametrize("after", [0, 1, 3, 7])
def test_killed_at_any_moment_all_that_was_acknowledged_is_there(path: str, after: int) -> None:
    killed = child(LOOP, path)
    assert killed.stdout is not None
    acknowledged = [int(killed.stdout.readline()) for _ in range(after)]
    killed.kill()
    acknowledged += [int(line) for line in killed.stdout if line.endswith("\n")]
    killed.wait(60)
    killed.stdout.close()
    remembered = whole(path).sessions
    assert remembered in {KEPT + len(acknowledged), KEPT + len(acknowledged) + 1}
    assert whole(path) == sessions(remembered)


@pytest.mark.parametrize("point", range(1, 13))
def test_killed_while_the_key_is_made(tmp_path: Path, point: int) -> None:
    environment = {**os.environ, "COUNTERFOIL_DATA": str(tmp_path / "data")}
    command = [sys.executable, "-c", KEY]
    killed = subprocess.run([*command, str(point)], env=environment, capture_output=True, text=True)
    key = tmp_path / "data" / "line-key"
    before = key.read_bytes() if key.exists() else None
    assert before is None or len(before) == KEY_BYTES
    assert "done" not in killed.stdout or before
    subprocess.run([*command, "0"], env=environment, check=True, capture_output=True)
    assert len(key.read_bytes()) == KEY_BYTES
    assert before in (None, key.read_bytes())


def test_on_a_full_disk_nothing_kept_is_lost_and_the_reader_is_told(path: str) -> None:
    size = os.path.getsize(path)
    with open_evidence(path) as evidence:
        limit = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 4096, limit[1]))
        try:
            with pytest.raises(StoreError) as refused:
                evidence.remember(reading(20, 2_000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        assert refused.value.code == "evidence-full"
        assert refused.value.hint.startswith("Free some space")
        assert evidence.size() == sessions(KEPT)
        evidence.remember(reading(20, 40))
    assert whole(path) == sessions(40)


def test_a_store_held_by_another_process_says_so(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("counterfoil.store.evidence.BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        with open_evidence(path) as evidence, pytest.raises(StoreError) as refused:
            evidence.remember(reading(20, 40))
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert refused.value.code == "evidence-busy"


def test_processes_that_remember_at_once_lose_nothing(path: str) -> None:
    code = "evidence.remember(reading(int(sys.argv[3]), int(sys.argv[3]) + 10))"
    writers = [child(code, path, str(first)) for first in (20, 25, 30)]
    assert [w.wait(120) for w in writers] == [0, 0, 0]
    for writer in writers:
        assert writer.stdout is not None
        writer.stdout.close()
    assert whole(path) == sessions(40)


def test_many_that_open_a_new_store_at_once_make_one(tmp_path: Path) -> None:
    path = str(tmp_path / "new" / "evidence.db")
    threads = [threading.Thread(target=lambda: open_evidence(path).close()) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    assert whole(path) == sessions(0)
