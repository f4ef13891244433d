"""Upkeep killed at each call that touches the disk, before it or after; each row ends in a full check."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from counterfoil.store import upkeep
from counterfoil.store.lake import Lake
from counterfoil.terms.error import StoreError
from store.rows import DAY, known, row
from store.test_lake import MONDAY, put, tokens, usage
from store.test_upkeep import TODAY, found, rewritten

DYING = """
import os, sys, traceback
from datetime import date
from pathlib import Path
from counterfoil.store import files, lake, registry, staging, upkeep
from counterfoil.store.lake import Lake
from store.rows import known
from store.test_lake import put, usage
def dying(real):
    def call(*arguments, **named):
        global seen
        seen += 1
        if seen != point:
            return real(*arguments, **named)
        if saved == "after":
            real(*arguments, **named)
        os._exit(9)
    return call
def change(self):
    return Dying(REAL(self))
class Dying:
    def __init__(self, real):
        self.real = real
    def __enter__(self):
        return self.real.__enter__()
    def __exit__(self, *error):
        return dying(self.real.__exit__)(*error)
REAL = registry.Registry.change
registry.Registry.change = change
for owner, name in ((upkeep, "sync_file"), (lake, "sync_file"), (lake, "let_go"), (Path, "unlink"),
                    (registry.Registry, "wipe"), (lake.shutil, "rmtree")):
    setattr(owner, name, dying(getattr(owner, name)))
staging.Staged.laid_out = staticmethod(dying(staging.Staged.laid_out))
def do(deed, folder):
    with known(), Lake(folder, write=True, sweep=False) as opened:
        if deed == "compact":
            upkeep.compact(opened, date(2026, 11, 26), lambda *_: None)
        elif deed == "vacuum":
            upkeep.vacuum(opened, date(2026, 11, 26))
        elif deed == "erase":
            opened.without("ben")
        else:
            for part in opened.registry.parts("row"):
                opened.retire(part)
for line in sys.stdin:
    folder, deed, place, saved = line.rstrip("\\n").split("\\t")
    point, seen = int(place), 0
    # A child that has everything imported; nothing is open here, and no thread runs.
    child = os.fork()
    if not child:
        code = 1
        try:
            do(deed, Path(folder))
            code = 0
        except BaseException:
            traceback.print_exc()
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
Died = Callable[[Path, str, int, str], bool]


@pytest.fixture(scope="module")
def died() -> Iterator[Died]:
    """Whether a process died at a call: each is a child of one that has everything imported."""
    paths = [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    with subprocess.Popen(
        [sys.executable, "-c", DYING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None

        def died(folder: Path, deed: str, point: int, saved: str) -> bool:
            assert parent.stdin is not None
            assert parent.stdout is not None
            parent.stdin.write(f"{folder}\t{deed}\t{point}\t{saved}\n")
            parent.stdin.flush()
            code = int(parent.stdout.readline())
            assert code in (0, 9)
            return code == 9

        yield died
        parent.stdin.close()
        assert parent.wait(30) == 0


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake that has lived, to be copied."""
    folder = tmp_path_factory.mktemp("lived")
    with known():
        lived(folder)
    return folder


def lived(folder: Path) -> None:
    """A lake with files of an earlier layout, a left-over file, an expired record."""
    with Lake(folder, write=True) as lake:
        put(
            lake,
            usage("ann"),
            usage("ben", MONDAY, output=3),
            *[row(n, DAY + timedelta(n)) for n in range(2)],
        )
        for part in lake.registry.all_parts():
            rewritten(lake, part, "SELECT * FROM '{}'")
        with lake.registry.change() as change:
            change.keep("delivery", "2026-01-01 a", b"1")
    stray = folder / "lake" / "row" / "stray.parquet"
    stray.write_bytes(b"1")
    os.utime(stray, (0, 0))


@pytest.fixture(autouse=True)
def table() -> Iterator[None]:
    with known():
        yield


def held(lake: Lake) -> tuple[dict[str, int], int, int]:
    rows = sum(part.rows for part in lake.registry.parts("row"))
    return tokens(lake), rows, len(lake.registry.all_kept("delivery"))


BEFORE = {"ann": 15, "ben": 8}
WANTED = {
    "compact": {(15, 8, 2, 1)},
    "vacuum": {(15, 8, 2, 1), (15, 8, 2, 0)},
    "erase": {(15, 8, 2, 1), (15, 0, 2, 1)},
    "retire": {(15, 8, 2, 1), (15, 8, 1, 1), (15, 8, 0, 1)},
}


@pytest.mark.parametrize("saved", ["before", "after"])
@pytest.mark.parametrize("deed", list(WANTED))
def test_upkeep_is_done_or_not_wherever_it_is_killed(
    deed: str, saved: str, died: Died, begun: Path, tmp_path: Path
) -> None:
    point, seen = 1, set()
    while True:
        folder = shutil.copytree(begun, tmp_path / str(point))
        ended = not died(folder, deed, point, saved)
        with Lake(folder) as reader:
            faults = [line for line in found(reader) if not line.endswith("belongs to nothing")]
            assert faults == []
        with Lake(folder, write=True) as after:
            sums, rows, kept = held(after)
            seen.add((sums["ann"], sums.get("ben", 0), rows, kept))
            assert found(after) == []
            assert {str(p.relative_to(folder / "lake")) for p in (folder / "lake").rglob("*.parquet")} == (
                after.registry.files()
            )
        if ended:
            break
        point += 1
    # Killed after its first call, a deed may be done already.
    assert seen == WANTED[deed] or (saved == "after" and seen == WANTED[deed] - {(15, 8, 2, 1)})
    assert point > 3


def test_a_full_disk_stops_a_compaction_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived(tmp_path)

    def full(*_: object, **named: object) -> int:
        raise duckdb.IOException("could not write file: No space left on device")

    with Lake(tmp_path, write=True) as lake:
        before = held(lake)
        with monkeypatch.context() as patch:
            patch.setattr("counterfoil.store.staging.Staged.laid_out", full)
            with pytest.raises(StoreError, match="No space left"):
                upkeep.compact(lake, TODAY, lambda *_: None)
        assert (held(lake), found(lake)) == (before, [])
        assert upkeep.compact(lake, TODAY, lambda *_: None).files == 3
        assert (held(lake), found(lake)) == (before, [])
