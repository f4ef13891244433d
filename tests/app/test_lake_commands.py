"""Upkeep from the command line, and a copy that is made under load and holds what was acknowledged before."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from counterfoil.app.directory import opened
from counterfoil.ledger.entry import EntryKind, read_entry
from counterfoil.store.lake import Lake
from store.conftest import RegistryOf, registry_of, write_address
from store.test_lake import MONDAY, put, tokens, usage

__all__ = ["registry_of"]
LOADING = """
import sys
from datetime import timedelta
from itertools import count
from pathlib import Path
from counterfoil.app.directory import opened
from counterfoil.ledger.entry import EntryKind, open_entry
from store.test_lake import MONDAY, put, usage
with opened(Path(sys.argv[1]), make=True) as g:
    for n in count():
        (who,) = g.keys.pseudonyms([f"person {n}"])
        put(g.lake, usage(who, MONDAY + timedelta(weeks=4 * (n % 3)), output=n))
        g.log.append([open_entry(EntryKind.RULE, {"rule": "load", "n": n, "at": g.minute})])
        print(n, flush=True)
"""


def environment() -> dict[str, str]:
    paths = [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)}


def ran(*words: str, code: int = 0) -> Any:
    command = [sys.executable, "-m", "counterfoil", *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment())
    assert done.returncode == code, done.stdout + done.stderr
    return json.loads(done.stdout)


@contextmanager
def loaded(data: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that appends in a loop, and says what is acknowledged; killed in the end."""
    command = [sys.executable, "-c", LOADING, str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as process:
        try:
            yield process
        finally:
            process.kill()


def acknowledged(process: "subprocess.Popen[str]", count: int) -> int:
    assert process.stdout is not None
    return [int(process.stdout.readline()) for _ in range(count)][-1]


def numbers(data: Path) -> tuple[set[int], set[int]]:
    """Which of the load's rows and entries a data directory has."""
    with opened(data) as g:
        entries = (read_entry(g.log.entry(n)) for n in range(len(g.log)))
        logged = {int(body["n"] or 0) for kind, body in entries if kind is EntryKind.RULE and "n" in body}
        wide = {"since": MONDAY, "until": MONDAY.replace(year=2027), "tool": None, "model": None}
        found = g.lake.run("usage", ["usage_day"], {**wide, "trigger": None})
        return {int(n) - 5 for n in found["tokens"]}, logged


def test_a_copy_made_under_load_has_everything_acknowledged_before_it(
    tmp_path: Path, registry_of: RegistryOf
) -> None:
    data, copy = tmp_path / "data", tmp_path / "copies" / "monday"
    data.mkdir(mode=0o700)
    copy.parent.mkdir()
    where = registry_of(data)
    with loaded(data) as process:
        last = acknowledged(process, 5)
        for n in range(3):
            done = ran("lake", "backup", "--data", str(data), "--out", str(tmp_path / f"copy {n}"))
            assert done["files"] >= 1
            assert done["entries"] > last
            checked = ran("lake", "check", "--data", str(data))
            assert checked["findings"] == []
            last = acknowledged(process, 5)
        done = ran("lake", "backup", "--data", str(data), "--out", str(copy))
        acknowledged(process, 3)
    assert ran("lake", "check", "--data", str(copy))["findings"] == []
    rows, logged = numbers(copy)
    assert set(range(last + 1)) <= rows
    assert set(range(last + 1)) <= logged
    assert len(logged) == done["entries"]
    key = ran("ledger", "key", "--data", str(copy))["key"]
    assert ran("ledger", "publish", "--data", str(copy), "--out", str(tmp_path / "out"))["entries"]
    assert ran("verify", str(tmp_path / "out"), "--log", key)
    assert (copy / "registry.sqlite").exists()
    assert not (copy / "registry.url").exists()
    assert (data / "registry.url").exists() == (where == "postgresql")
    assert {path.stat().st_mode & 0o077 for path in (copy, copy / "keys" / "people", copy / "log.key")} == {0}


def test_a_copy_is_restored_to_a_new_database(tmp_path: Path, database: str) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    with opened(data, make=True) as g:
        put(g.lake, usage())
    ran("lake", "backup", "--data", str(data), "--out", str(copy))
    write_address(copy, database)
    with opened(copy) as g:
        assert tokens(g.lake) == {"ann": 15}
        put(g.lake, usage("ben"))
    assert not (copy / "registry.sqlite").exists()
    assert ran("lake", "check", "--data", str(copy)) == {"files": 1, "rows": 2, "findings": []}


def test_what_waits_is_copied_and_what_only_a_process_has_is_not(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    with opened(data, make=True):
        (data / "batches" / "deep").mkdir(parents=True)
        (data / "batches" / "deep" / "1.batches").write_bytes(b"waits")
        (data / "staging").mkdir()
    ran("lake", "backup", "--data", str(data), "--out", str(copy))
    assert (copy / "batches" / "deep" / "1.batches").read_bytes() == b"waits"
    assert {path.name for path in copy.iterdir()} == {
        "README.txt", "batches", "keys", "lake", "ledger", "log.key", "registry.sqlite",
    }  # fmt: skip
    assert (
        ran("lake", "backup", "--data", str(data), "--out", str(copy), code=4)["error"]["code"]
        == "backup-exists"
    )
    nowhere = tmp_path / "README.txt" / "copy"
    nowhere.parent.write_bytes(b"")
    assert ran("lake", "backup", "--data", str(data), "--out", str(nowhere), code=4)["error"]["code"]


def test_a_copy_that_would_not_hold_is_not_made(tmp_path: Path) -> None:
    data, copy = tmp_path / "data", tmp_path / "copy"
    with opened(data, make=True) as g:
        put(g.lake, usage())
        (file,) = (data / "lake" / "usage_day").iterdir()
    file.write_bytes(file.read_bytes() + b"x")
    assert (
        ran("lake", "backup", "--data", str(data), "--out", str(copy), code=4)["error"]["code"]
        == "lake-altered"
    )
    assert not copy.exists()


def test_findings_end_with_1_and_what_is_left_over_goes(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with opened(data, make=True) as g:
        put(g.lake, usage())
        g.log.append([b"\x03{}"])
    assert ran("lake", "check", "--data", str(data)) == {"files": 1, "rows": 1, "findings": []}
    stray = data / "lake" / "usage_day" / "stray.parquet"
    stray.write_bytes(b"1")
    os.utime(stray, (0, 0))
    told = ran("lake", "check", "--data", str(data), code=1)["findings"]
    assert told == ["usage_day/stray.parquet belongs to nothing"]
    assert ran("lake", "vacuum", "--data", str(data)) == {"files": 1, "bytes": 1, "expired": 0}
    assert ran("lake", "compact", "--data", str(data))["files"] == 0
    entries = data / "ledger" / "entries"
    entries.write_bytes(entries.read_bytes()[:-1] + b"?")
    (told,) = ran("lake", "check", "--data", str(data), code=1)["findings"]
    assert told == "the log does not hold: 1 acknowledged entries are gone or torn"
    (data / "log.key").unlink()
    (told,) = ran("lake", "check", "--data", str(data), code=1)["findings"]
    assert told.endswith("holds no key")


@pytest.mark.parametrize("deed", ["check", "compact", "vacuum"])
def test_a_folder_that_is_none_is_told(deed: str, tmp_path: Path) -> None:
    assert ran("lake", deed, "--data", str(tmp_path), code=4)["error"]["code"] == "no-data-directory"
    assert not list(tmp_path.iterdir())


def test_what_writes_waits_for_the_server_to_stop_and_a_check_does_not(tmp_path: Path) -> None:
    with opened(tmp_path, make=True) as g:
        put(g.lake, usage())
        assert ran("lake", "check", "--data", str(tmp_path))["findings"] == []
        for deed in ("compact", "vacuum"):
            assert ran("lake", deed, "--data", str(tmp_path), code=4)["error"]["code"] == "lake-in-use"
    done = subprocess.run(
        [sys.executable, "-m", "counterfoil", "lake", "check", "--data", str(tmp_path)],
        capture_output=True, text=True, env=environment(), check=True,
    )  # fmt: skip
    assert done.stdout == "1 files with 1 rows, and the log: all of it holds\n"
    with Lake(tmp_path) as reader:
        assert tokens(reader) == {"ann": 15}
