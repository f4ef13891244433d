"""One suite for the registry on each database: what it keeps, who writes, older shapes, and what fails."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, text

from counterfoil.store import registry as module
from counterfoil.store.address import address_of
from counterfoil.store.lake import Lake
from counterfoil.store.registry import Part, Registry
from counterfoil.terms.error import StoreError
from deadline import ended
from store.conftest import RegistryOf, write_address
from store.rows import known, row
from store.test_lake import put, tokens, usage

PART = Part(table="usage_day", block="2026-B10", late=False, file="usage_day/a.parquet", rows=3, sha256="aa")


@pytest.fixture
def address(registry_of: RegistryOf, tmp_path: Path) -> URL:
    registry_of(tmp_path)
    return address_of(tmp_path)


@pytest.fixture
def registry(address: URL) -> Iterator[Registry]:
    opened = Registry(address)
    yield opened
    opened.close()


def test_what_is_put_stands_instead_of_what_stood(registry: Registry) -> None:
    assert (registry.new, registry.is_empty()) == (True, True)
    late = Part(**{name: getattr(PART, name) for name in Part.__slots__} | {"late": True, "file": "b"})
    newer = Part(**{name: getattr(PART, name) for name in Part.__slots__} | {"file": "c", "rows": 4})
    with registry.change() as change:
        change.put(PART)
        change.put(late)
    with registry.change() as change:
        change.put(newer)
    assert registry.parts("usage_day") == [newer]
    assert registry.parts("usage_day", late=True) == [late]
    assert registry.all_parts() == [newer, late]
    assert registry.files() == {"b", "c"}
    with registry.change() as change:
        change.drop(late)
    assert registry.all_parts() == [newer]


def test_what_is_kept_is_kept_as_it_is_until_it_is_forgotten(registry: Registry) -> None:
    value = bytes(range(256)) * 300
    with registry.change() as change:
        change.keep("answer", "b", value)
        change.keep("answer", "a", b"")
        change.keep("answer", "a", b"1")
        change.keep("token", "a", "Zoë".encode())
        change.forget("token", "nobody")
    assert registry.kept("answer", "b") == value
    assert list(registry.all_kept("answer").items()) == [("a", b"1"), ("b", value)]
    assert registry.kinds() == {"answer", "token"}
    assert registry.kept("answer", "c") is None
    with registry.change() as change:
        change.forget("answer", "b")
    assert registry.kept("answer", "b") is None


def test_a_week_is_sealed_once(registry: Registry) -> None:
    for _ in range(2):
        with registry.change() as change:
            change.seal("usage_day", [date(2026, 9, 7), date(2026, 9, 14)])
    assert registry.sealed("usage_day") == {date(2026, 9, 7), date(2026, 9, 14)}
    assert registry.sealed("work_fate") == set()


def test_a_change_is_there_whole_or_not_at_all(registry: Registry) -> None:
    def broken() -> None:
        with registry.change() as change:
            change.put(PART)
            change.keep("answer", "a", b"1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert registry.is_empty()
    with registry.change() as change:
        change.keep("answer", "a", b"2")
    assert registry.kept("answer", "a") == b"2"


def test_many_threads_change_one_after_the_other(registry: Registry) -> None:
    def work(name: int) -> None:
        for n in range(10):
            with registry.change() as change:
                change.keep("answer", f"{name}-{n}", b"1")

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    ended(threads)
    assert len(registry.all_kept("answer")) == 40


def test_it_is_there_after_it_was_closed_and_a_copy_is_the_same(address: URL, tmp_path: Path) -> None:
    first = Registry(address)
    with first.change() as change:
        change.put(PART)
        change.seal("usage_day", [date(2026, 9, 7)])
        for n in range(1_100):
            change.keep("answer", f"{n:04d}", b"\x00\xff")
    first.close()
    again = Registry(address)
    assert (again.new, again.all_parts()) == (False, [PART])
    again.copy_to(tmp_path / "copy.sqlite")
    again.wipe()
    assert again.faults() == []
    with again.change() as change:
        change.forget("answer", "0001")
    copy = Registry(URL.create("sqlite", database=str(tmp_path / "copy.sqlite")), write=False)
    assert copy.all_parts() == again.all_parts()
    assert copy.sealed("usage_day") == again.sealed("usage_day")
    assert len(copy.all_kept("answer")) == len(again.all_kept("answer")) + 1 == 1_100
    copy.close()
    again.close()


def test_a_reader_makes_nothing(address: URL, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="not there, or an older one"):
        Registry(address, write=False)
    assert not (tmp_path / "registry.sqlite").exists()


STEP = ('ALTER TABLE "kept" ADD COLUMN "since" VARCHAR', 'UPDATE "kept" SET "since" = \'2026-11-26\'')


def test_an_older_registry_is_brought_up_without_loss(
    address: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = Registry(address)
    with old.change() as change:
        change.put(PART)
        change.keep("answer", "a", b"1")
    old.close()
    monkeypatch.setattr(module, "STEPS", (STEP, ("DROP TABLE nowhere",)))
    with pytest.raises(StoreError):
        Registry(address)
    monkeypatch.setattr(module, "STEPS", (STEP,))
    with pytest.raises(StoreError, match="older"):
        Registry(address, write=False)
    for _ in range(2):
        new = Registry(address)
        assert (new.new, new.all_parts(), new.kept("answer", "a")) == (False, [PART], b"1")
        with new.change() as change:
            assert change.db.execute(text('SELECT "since" FROM "kept"')).scalars().all() == ["2026-11-26"]
        new.close()
    monkeypatch.setattr(module, "STEPS", ())
    for write in (True, False):
        with pytest.raises(StoreError, match="version 2"):
            Registry(address, write=write)


VERSION_1 = """
CREATE TABLE state (name VARCHAR NOT NULL, value VARCHAR NOT NULL, PRIMARY KEY (name));
CREATE TABLE part ("table" VARCHAR NOT NULL, block VARCHAR NOT NULL, late INTEGER NOT NULL,
  file VARCHAR NOT NULL, rows INTEGER NOT NULL, sha256 VARCHAR NOT NULL, PRIMARY KEY ("table", block, late));
CREATE TABLE seal ("table" VARCHAR NOT NULL, week VARCHAR NOT NULL, PRIMARY KEY ("table", week));
CREATE TABLE kept (kind VARCHAR NOT NULL, name VARCHAR NOT NULL, value BLOB NOT NULL,
  PRIMARY KEY (kind, name));
INSERT INTO state VALUES ('version', '1');
INSERT INTO seal VALUES ('usage_day', '2026-09-07');
INSERT INTO kept VALUES ('answer', 'a', X'01');
"""


def test_a_directory_of_version_1_opens_without_loss(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "registry.sqlite")
    db.executescript(VERSION_1)
    db.close()
    with Lake(tmp_path, write=True) as lake:
        assert lake.registry.sealed("usage_day") == {date(2026, 9, 7)}
        assert lake.registry.kept("answer", "a") == b"\x01"
        put(lake, usage("ann", date(2026, 10, 5)))


def test_a_registry_in_a_file_moves_to_the_database_that_is_named(database: str, tmp_path: Path) -> None:
    with Lake(tmp_path, write=True) as lake:
        put(lake, usage())
        with lake.registry.change() as change:
            change.keep("answer", "a", b"\x00")
    stale = (tmp_path / "registry.sqlite").read_bytes()
    write_address(tmp_path, database)
    with pytest.raises(StoreError, match="was not moved"):
        Lake(tmp_path)
    with Lake(tmp_path, write=True) as lake:
        assert tokens(lake) == {"ann": 15}
        assert lake.registry.kept("answer", "a") == b"\x00"
    assert not list(tmp_path.glob("registry.sqlite*"))
    # Killed after it was taken over, and before the file was gone.
    (tmp_path / "registry.sqlite").write_bytes(stale)
    with Lake(tmp_path, write=True) as lake:
        assert tokens(lake) == {"ann": 15}
        put(lake, usage("ben"))
    assert not list(tmp_path.glob("registry.sqlite*"))
    with Lake(tmp_path) as reader:
        assert tokens(reader) == {"ann": 15, "ben": 15}


def test_two_registries_are_told_and_neither_is_touched(database: str, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
        with Lake(folder, write=True) as lake:
            put(lake, usage(folder.name))
    write_address(here, database)
    with Lake(here, write=True):
        pass
    write_address(there, database)
    with pytest.raises(StoreError, match="two registries"):
        Lake(there, write=True)
    (there / "registry.url").unlink()
    with Lake(there, write=True) as lake:
        assert tokens(lake) == {"there": 15}


def test_a_registry_of_another_directory_sweeps_nothing(database: str, tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
    with Lake(here, write=True) as lake:
        put(lake, usage())
    (here / "registry.sqlite").unlink()
    with pytest.raises(StoreError, match="not that of the files"):
        Lake(here, write=True)
    write_address(there, database)
    with Lake(there, write=True) as lake:
        put(lake, usage())
    write_address(here, database)
    (here / "registry.sqlite").unlink(missing_ok=True)
    with pytest.raises(StoreError, match="not that of the files"):
        Lake(here, write=True)
    assert len(list((here / "lake").rglob("*.parquet"))) == 1


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("nonsense", "registry-url"),
        ("sqlite:///x", "registry-url"),
        ("postgresql://u:secret@h/", "registry-url"),
        ("postgresql://u:secret@127.0.0.1:1/none", "registry-unreachable"),
        ("a\x00b:secret", "registry-url"),
    ],
)
def test_an_address_that_leads_nowhere_is_told_without_its_password(
    said: str, code: str, tmp_path: Path
) -> None:
    write_address(tmp_path, said)
    with pytest.raises(StoreError) as told:
        Lake(tmp_path, write=True)
    assert told.value.code == code
    assert "secret" not in f"{told.value.message} {told.value.hint}"


def test_an_address_that_others_may_read_is_refused(tmp_path: Path) -> None:
    write_address(tmp_path, "postgresql://u:secret@h/d")
    (tmp_path / "registry.url").chmod(0o640)
    with pytest.raises(StoreError, match="others may read it"):
        Lake(tmp_path, write=True)


OTHER = """
import sys
from pathlib import Path
from counterfoil.store.lake import Lake
from counterfoil.terms.error import StoreError
try:
    Lake(Path(sys.argv[1]), write=True)
except StoreError as error:
    print(error.code, end="")
"""


def test_a_second_server_sees_that_another_one_writes(database: str, tmp_path: Path) -> None:
    """Another machine has no lock on this directory, and the database has."""
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
        write_address(folder, database)

    def second(folder: Path) -> str:
        done = subprocess.run([sys.executable, "-c", OTHER, str(folder)], capture_output=True, text=True)
        assert not done.stderr
        return done.stdout

    with Lake(here, write=True):
        assert second(here) == "lake-in-use"
        assert second(there) == "registry-in-use"
    assert second(there) == ""


def gone(postgresql: Any) -> None:
    """Cut every connection, as a restart of the database does."""
    postgresql.psql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'counterfoil' AND pid <> pg_backend_pid()"
    )


def test_a_database_that_goes_away_loses_nothing_that_was_acknowledged(
    postgresql: Any, database: str, tmp_path: Path
) -> None:
    write_address(tmp_path, database)
    with known(), Lake(tmp_path, write=True) as lake:
        put(lake, row(1))
        for n in (2, 3):
            gone(postgresql)
            with pytest.raises(StoreError) as told:
                put(lake, row(n))
            assert told.value.code == "registry-unreachable"
            assert "database" in told.value.hint
            put(lake, row(n))
            assert [part.rows for part in lake.registry.parts("row")] == [n]
        with pytest.raises(StoreError), lake.registry.change() as change:
            change.keep("answer", "a", b"1")
            gone(postgresql)
            change.keep("answer", "b", b"1")
        assert lake.registry.all_kept("answer") == {}
        assert lake.check() == []
    with known(), Lake(tmp_path, write=True) as lake:
        assert lake.check() == []
        assert {
            str(path.relative_to(tmp_path / "lake")) for path in (tmp_path / "lake").rglob("*.parquet")
        } == lake.registry.files()


def test_who_lost_the_lock_to_another_server_writes_no_more(
    postgresql: Any, database: str, tmp_path: Path
) -> None:
    write_address(tmp_path, database)
    one, two = Registry(address_of(tmp_path)), None
    try:
        gone(postgresql)
        two = Registry(address_of(tmp_path))
        with two.change() as change:
            change.keep("answer", "a", b"two")
        for _ in range(3):
            with pytest.raises(StoreError), one.change() as change:
                change.keep("answer", "a", b"one")
        assert one.kept("answer", "a") == b"two"
    finally:
        one.close()
        if two is not None:
            two.close()


def test_without_its_package_the_database_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_address(tmp_path, "postgresql://u@h/d")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(StoreError) as told:
        Lake(tmp_path, write=True)
    assert (told.value.code, told.value.hint) == ("no-postgresql", "pip install 'counterfoil[postgresql]'")
    assert os.path.exists(tmp_path / "registry.url")
