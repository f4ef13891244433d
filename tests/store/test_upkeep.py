"""The lake is checked in full, made small, and cleaned up; answers stay what they are."""

import hashlib
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest

from counterfoil.store import upkeep
from counterfoil.store.files import copying
from counterfoil.store.lake import Appended, Lake
from counterfoil.store.registry import Part
from counterfoil.terms.error import StoreError
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.organisation import Person
from store.conftest import RegistryOf
from store.rows import DAY, known, row
from store.test_lake import MONDAY, put, tokens, usage

TODAY = date(2026, 11, 26)
EARLY = DAY + timedelta(days=28)
"""One day before the first day of the tests' rows is settled."""


@pytest.fixture
def lake(tmp_path: Path, registry_of: RegistryOf) -> Iterator[Lake]:
    registry_of(tmp_path)
    with known(), Lake(tmp_path, write=True) as opened:
        yield opened


def quiet(_what: str, _done: int, _whole: int) -> None:
    """No bar."""


def found(lake: Lake) -> Sequence[str]:
    return upkeep.check(lake, quiet)


def rewritten(lake: Lake, part: Part, query: str, *, rows: int = 0) -> Part:
    """A file as somebody else would write it, named by the registry."""
    path = lake.folder / part.file
    new = path.with_name(f"{part.block or 'all'}-{'1' * 12}.parquet")
    with duckdb.connect() as db:
        db.execute(f"COPY ({query.format(path)}) TO '{new}' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
    name = f"{part.table}/{new.name}"
    written = replace(part, file=name, sha256=hashlib.sha256(new.read_bytes()).hexdigest())
    written = replace(written, rows=rows or part.rows)
    lake.replace(part, written)
    return written


def test_a_whole_lake_has_no_findings(lake: Lake) -> None:
    put(lake, usage(), row(1), Person(who=Pseudonym("ann"), role="office", joined=MONDAY))
    lake.snapshot("person", "2026-B10")
    assert found(lake) == []


def test_each_fault_is_found(lake: Lake) -> None:
    days = [DAY + timedelta(days=n) for n in range(7)]
    put(lake, *[row(n, day) for day in days for n in range(2)])
    parts = list(lake.registry.parts("row"))
    (lake.folder / parts[0].file).unlink()
    with (lake.folder / parts[1].file).open("ab") as file:
        file.write(b"x")
    twice = rewritten(lake, parts[2], "SELECT * FROM '{0}' UNION ALL SELECT * FROM '{0}'", rows=4)
    fewer = rewritten(lake, parts[3], "SELECT * FROM '{}' LIMIT 1")
    moved = rewritten(lake, parts[4], "SELECT * REPLACE (DATE '2020-01-01' AS day) FROM '{}'")
    odd = rewritten(lake, parts[5], "SELECT * REPLACE ('much' AS words) FROM '{}'")
    with lake.registry.change() as change:
        change.put(replace(parts[6], table="unheard"))
    (lake.folder / "row" / "stray.tmp").write_bytes(b"")
    told = [line.partition(": ")[0] for line in found(lake)]
    old = time.time() - 2 * upkeep.AN_HOUR
    assert told == [
        f"{parts[0].file} is gone",
        f"{parts[1].file} was altered",
        f"{twice.file} has 2 rows whose key another one has",
        f"{fewer.file} has 1 rows, and the registry says 2",
        f"{moved.file} has 2 rows of another part",
        f"{odd.file} can't be read",
        f"{parts[6].file} is of a table that this version does not know",
    ]
    # This very process writes: what is young may be about to be named.
    os.utime(lake.folder / "row" / "stray.tmp", (old, old))
    assert found(lake)[-1] == "row/stray.tmp belongs to nothing"


def test_a_damaged_registry_is_found(tmp_path: Path) -> None:
    with Lake(tmp_path, write=True) as lake, lake.registry.change() as change:
        for n in range(400):
            change.keep("answer", f"{n:05d}", os.urandom(400))
    data = bytearray((tmp_path / "registry.sqlite").read_bytes())
    data[8 * 4096 : 8 * 4096 + 64] = b"\xff" * 64
    (tmp_path / "registry.sqlite").write_bytes(data)
    with Lake(tmp_path) as lake:
        assert any("damaged" in line for line in found(lake))


def test_compacting_makes_files_small_and_changes_no_answer(lake: Lake) -> None:
    rows = [usage(f"p{n % 50:03d}", MONDAY + timedelta(days=n % 5), model=f"m{n}") for n in range(6_000)]
    put(lake, *rows, row(1), Person(who=Pseudonym("ann"), role="office", joined=MONDAY))
    (part,) = lake.registry.parts("usage_day")
    loose = rewritten(lake, part, "SELECT * FROM '{}' ORDER BY random()")
    before = tokens(lake)
    done = upkeep.compact(lake, EARLY, quiet)
    assert (done.files, done.rows) == (1, 6_000)
    assert done.bytes_after < 0.7 * done.bytes_before
    assert not (lake.folder / loose.file).exists()
    assert (tokens(lake), found(lake)) == (before, [])
    assert upkeep.compact(lake, EARLY, quiet).files == 0


def test_once_a_day_is_settled_its_rows_have_numbers_and_it_takes_no_more(lake: Lake) -> None:
    rng = np.random.default_rng(1)
    rows = [
        row(int(key), who=Pseudonym(f"p{n % 9}"), words=n % 5)
        for n, key in enumerate(rng.integers(1, 2**62, 4_000))
    ]
    put(lake, *rows, row(1, TODAY), usage())
    before = lake.rows_of("p3")["row"]
    assert upkeep.compact(lake, EARLY, quiet).files == 0
    done = upkeep.compact(lake, EARLY + timedelta(1), quiet)
    assert (done.files, done.rows) == (1, 4_000)
    assert done.bytes_after < done.bytes_before / 4
    after = lake.rows_of("p3")["row"]
    assert sorted(after["words"].tolist()) == sorted(before["words"].tolist())
    assert max(after["key"]) <= 4_000
    assert found(lake) == []
    assert put(lake, *rows[:3], row(2, TODAY), usage()) == Appended(new=1, same=1, settled=3)
    assert upkeep.compact(lake, EARLY + timedelta(1), quiet).files == 0
    (part, _) = lake.registry.parts("row")
    rewritten(lake, part, "SELECT * FROM '{}' ORDER BY random()")
    assert upkeep.compact(lake, TODAY, quiet).files == 1
    assert lake.rows_of("p3")["row"]["words"].tolist() == after["words"].tolist()
    assert found(lake) == []


def test_an_altered_file_is_not_made_good(lake: Lake) -> None:
    put(lake, row(1))
    (part,) = lake.registry.parts("row")
    loose = rewritten(lake, part, "SELECT * FROM '{}'")
    bad = (lake.folder / loose.file).read_bytes()
    (lake.folder / loose.file).write_bytes(bad + b"x" * 8 + bad[-8:])
    with pytest.raises(StoreError, match=r"was altered|can't be read"):
        upkeep.compact(lake, EARLY, quiet)
    assert lake.registry.parts("row") == [loose]


def test_a_vacuum_takes_what_belongs_to_nothing_and_is_an_hour_old(
    tmp_path: Path, registry_of: RegistryOf
) -> None:
    registry_of(tmp_path)
    with known(), Lake(tmp_path, write=True) as lake:
        put(lake, row(1))
        with lake.registry.change() as change:
            for name in (f"{TODAY - timedelta(31)} a", f"{TODAY - timedelta(29)} b", "no day"):
                change.keep("delivery", name, b"1")
    young, old = (tmp_path / "lake" / "row" / f"{name}.parquet" for name in ("young", "old"))
    for path in (young, old):
        path.write_bytes(b"12345")
    then = time.time() - upkeep.AN_HOUR - 1
    os.utime(old, (then, then))
    with known(), Lake(tmp_path, write=True, sweep=False) as lake:
        assert upkeep.vacuum(lake, TODAY) == upkeep.Vacuumed(files=1, bytes=5, expired=1)
        assert sorted(lake.registry.all_kept("delivery")) == [f"{TODAY - timedelta(29)} b", "no day"]
        assert (young.exists(), old.exists()) == (True, False)
        (lake.folder / lake.registry.parts("row")[0].file).unlink()
        assert upkeep.vacuum(lake, TODAY).files == 0
    with known(), pytest.raises(StoreError, match="not that of the files"):
        Lake(tmp_path, write=True)
    assert young.exists()


def test_what_was_erased_is_in_no_byte_of_the_registry(tmp_path: Path) -> None:
    with Lake(tmp_path, write=True) as lake:
        for did in ("keep", "forget"):
            with lake.registry.change() as change:
                change.keep("answer", "a", b"zzzz-secret") if did == "keep" else change.forget("answer", "a")
        upkeep.vacuum(lake, TODAY)
        files = list(tmp_path.glob("registry.sqlite*"))
        assert files
        assert not any(b"zzzz-secret" in path.read_bytes() for path in files)


def test_files_stay_while_they_are_copied_and_go_after(lake: Lake, tmp_path: Path) -> None:
    put(lake, row(1))
    (first,) = lake.registry.parts("row")
    with copying(tmp_path):
        put(lake, row(2))
        lake.without("ben")
        assert (lake.folder / first.file).exists()
    put(lake, row(3))
    assert not (lake.folder / first.file).exists()
    assert found(lake) == []


def test_a_copy_has_what_the_registry_names_and_refuses_what_was_altered(lake: Lake, tmp_path: Path) -> None:
    put(lake, row(1), usage())
    to = tmp_path / "to"
    to.mkdir()
    assert upkeep.copy(lake, to, quiet) == 2
    with Lake(to, write=True) as copied:
        assert tokens(copied) == tokens(lake)
        assert found(copied) == []
    (part,) = lake.registry.parts("row")
    (lake.folder / part.file).unlink()
    again = tmp_path / "again"
    again.mkdir()
    with pytest.raises(StoreError, match="is gone"):
        upkeep.copy(lake, again, quiet)
