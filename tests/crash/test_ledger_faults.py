"""The log killed at each call, torn, full, altered, cut, or opened twice; each row is verified in full."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from counterfoil.ledger.log import CHECKPOINT, JOURNAL, Log
from counterfoil.ledger.sign import SignerKey
from counterfoil.ledger.verify import (
    Checkpoint,
    check_consistency,
    check_inclusion,
    leaf_hash,
    open_note,
)
from counterfoil.terms.error import LedgerBroken, StoreError

KEY = SignerKey.of("log.example/one", bytes(range(32)))
CALLS = ("open", "write", "fdatasync", "fsync", "replace", "ftruncate")
APPENDS, BATCH = 4, 3
DYING = f"""
import os, signal, sys
from pathlib import Path
from counterfoil.ledger.log import Log
from counterfoil.ledger.sign import SignerKey
folder, point, saved = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
seen = 0
def dying(name, real):
    def call(*args, **kwargs):
        global seen
        seen += 1
        if seen == point:
            if saved == "after":
                real(*args, **kwargs)
            elif saved == "torn" and name == "write":
                real(args[0], bytes(args[1])[: len(args[1]) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)
    return call
for name in {CALLS!r}:
    setattr(os, name, dying(name, getattr(os, name)))
log = Log(folder, SignerKey.of("log.example/one", bytes(range(32))))
for number in range({APPENDS}):
    log.append([f"{{number}}-{{n}}".encode() for n in range({BATCH})])
    print(number, flush=True)
print("calls", seen, flush=True)
"""


def died(folder: Path, point: int, saved: str) -> tuple[int, int]:
    """How many appends were acknowledged, and how many calls a whole run makes (zero where it died)."""
    folder.mkdir(exist_ok=True)
    words = [sys.executable, "-c", DYING, str(folder), str(point), saved]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    lines = done.stdout.splitlines()
    calls = int(lines.pop().split()[1]) if lines and lines[-1].startswith("calls") else 0
    assert calls or done.returncode == -9, done.stderr
    return len(lines), calls


def fully_verified(log: Log) -> Checkpoint:
    """Every entry is proved against the checkpoint that lies on disk."""
    said = Checkpoint.parse(open_note(log.checkpoint, [KEY.verifier]).text)
    assert said.size == len(log)
    for index in range(len(log)):
        leaf = leaf_hash(log.entry(index))
        check_inclusion(leaf, index, said.size, log.tree.inclusion(index), said.root)
    return said


def test_killed_at_every_call_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    _, calls = died(tmp_path / "whole", 0, "before")
    assert calls > 4 * APPENDS
    for saved in ("before", "after", "torn"):
        for point in range(1, calls + 1):
            folder = tmp_path / f"{saved}-{point}"
            acknowledged, _ = died(folder, point, saved)
            with Log(folder, KEY) as log:
                assert len(log) >= acknowledged * BATCH
                assert len(log) % BATCH == 0
                assert [log.entry(i) for i in range(len(log))] == [
                    f"{i // BATCH}-{i % BATCH}".encode() for i in range(len(log))
                ]
                before = fully_verified(log)
                log.append([b"after"])
                after = fully_verified(log)
                if before.size:
                    proof = log.tree.consistency(before.size)
                    check_consistency(before.size, after.size, proof, before.root, after.root)


@pytest.fixture
def log_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "log"
    folder.mkdir()
    with Log(folder, KEY) as log:
        for number in range(5):
            assert log.append([f"entry {number}".encode(), b""]) == 2 * number
    return folder


def test_a_log_is_found_again_as_it_was(log_folder: Path) -> None:
    with Log(log_folder, KEY) as log:
        assert len(log) == 10
        assert log.entry(4) == b"entry 2"
        fully_verified(log)
        for wrong in (-1, 10):
            with pytest.raises(IndexError):
                log.entry(wrong)


@pytest.mark.parametrize("at", [0, 3, 7, 20, -1])
def test_an_altered_byte_is_found(log_folder: Path, at: int) -> None:
    path = log_folder / JOURNAL
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(LedgerBroken, match="does not hold"):
        Log(log_folder, KEY)


def test_an_entry_that_was_rewritten_with_its_sum_is_found(log_folder: Path) -> None:
    path = log_folder / JOURNAL
    import zlib

    from counterfoil.ledger.log import HEAD

    old, new = b"entry 1", b"other 1"
    data = path.read_bytes().replace(
        HEAD.pack(len(old), zlib.crc32(old)) + old, HEAD.pack(len(new), zlib.crc32(new)) + new
    )
    assert data != path.read_bytes()
    path.write_bytes(data)
    with pytest.raises(LedgerBroken, match="altered"):
        Log(log_folder, KEY)


def test_a_cut_log_and_one_without_its_checkpoint_are_found(log_folder: Path) -> None:
    path = log_folder / JOURNAL
    os.truncate(path, path.stat().st_size - 1)
    with pytest.raises(LedgerBroken, match="gone or torn"):
        Log(log_folder, KEY)
    (log_folder / CHECKPOINT).unlink()
    with pytest.raises(LedgerBroken, match="checkpoint is gone"):
        Log(log_folder, KEY)


@pytest.mark.parametrize(
    "old_new",
    [("log.example/one", "log.example/two"), ("\n10\n", "\n08\n"), ("\n10\n", "\n8\n")],
)
def test_an_altered_checkpoint_is_found(log_folder: Path, old_new: tuple[str, str]) -> None:
    path = log_folder / CHECKPOINT
    path.write_text(path.read_text("utf-8").replace(*old_new, 1), "utf-8")
    with pytest.raises(LedgerBroken):
        Log(log_folder, KEY)


def test_another_key_opens_nothing(log_folder: Path) -> None:
    with pytest.raises(LedgerBroken, match="no known key"):
        Log(log_folder, SignerKey.new("log.example/one"))


def test_what_was_never_acknowledged_is_cut_off(log_folder: Path) -> None:
    with (log_folder / JOURNAL).open("ab") as journal:
        journal.write(b"\x00\x05half")
    with Log(log_folder, KEY) as log:
        assert len(log) == 10
        assert log.append([b"next"]) == 10
    with Log(log_folder, KEY) as log:
        assert log.entry(10) == b"next"
        fully_verified(log)


def test_two_writers_are_one_too_many(log_folder: Path) -> None:
    with Log(log_folder, KEY), pytest.raises(StoreError, match="another process"):
        Log(log_folder, KEY)


def test_a_full_disk_acknowledges_nothing(log_folder: Path) -> None:
    """The limit on a file's size stands for the disk."""
    size = (log_folder / JOURNAL).stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Log(log_folder, KEY) as log:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40, hard))
        try:
            with pytest.raises(StoreError, match="can't be written"):
                log.append([bytes(100)])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        with pytest.raises(StoreError, match="can't be written"):
            log.append([b"later"])
    with Log(log_folder, KEY) as log:
        assert len(log) == 10
        log.append([b"later"])
        fully_verified(log)


def test_an_append_that_is_interrupted_ends_the_log_until_it_is_opened_again(
    log_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a Ctrl-C between the two, memory is ahead of the disk."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with Log(log_folder, KEY) as log:
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(os, "replace", interrupted)
            log.append([b"half"])
        with pytest.raises(StoreError, match="can't be written"):
            log.append([b"more"])
    with Log(log_folder, KEY) as log:
        assert len(log) == 10
        log.append([b"more"])
        fully_verified(log)


def test_what_is_too_long_or_has_no_place_is_told(log_folder: Path, tmp_path: Path) -> None:
    with Log(log_folder, KEY) as log, pytest.raises(StoreError, match=r"65,535"):
        log.append([bytes(70_000)])
    with pytest.raises(StoreError, match="can't be written"):
        Log(tmp_path / "nowhere", KEY)
