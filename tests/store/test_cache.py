"""The cache: a hit for the very same state of a file, and never an error."""

import os
import sqlite3
from pathlib import Path

import pytest

from counterfoil.store import cache as cache_module
from counterfoil.store.cache import open_cache


def test_a_reading_is_recalled_for_the_very_same_state_only(tmp_path: Path) -> None:
    path = str(tmp_path / "c" / "cache.db")
    with open_cache(path) as cache:
        cache.keep("/log\udcff", "one", b"reading")
    with open_cache(path) as cache:
        assert cache.recall("/log\udcff", "one") == b"reading"
        assert cache.recall("/log\udcff", "two") is None
        assert cache.recall("/other", "one") is None
    assert os.stat(path).st_mode & 0o777 == 0o600


def test_a_damaged_cache_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    path.write_bytes(b"not a database" * 1000)
    with open_cache(str(path)) as cache:
        cache.keep("f", "1", b"x")
    with open_cache(str(path)) as cache:
        assert cache.recall("f", "1") == b"x"


def test_another_version_starts_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "cache.db")
    with open_cache(path) as cache:
        cache.keep("f", "1", b"x")
    monkeypatch.setattr(cache_module, "__version__", "9.9.9")
    with open_cache(path) as cache:
        assert cache.recall("f", "1") is None
        cache.keep("f", "1", b"y")
    with open_cache(path) as cache:
        assert cache.recall("f", "1") == b"y"


def test_a_cache_that_another_process_holds_remembers_nothing_and_fails_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "cache.db")
    open_cache(path).close()
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    try:
        with open_cache(path) as cache:
            cache.keep("f", "1", b"x")
            assert cache.recall("f", "1") is None
    finally:
        holder.execute("ROLLBACK")
        holder.close()
    assert os.path.exists(path)


def test_a_folder_that_cant_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with open_cache(str(tmp_path / "file" / "cache.db")) as cache:
        cache.keep("f", "1", b"x")
        assert cache.recall("f", "1") is None


def test_a_reading_that_the_disk_changed_is_not_recalled_and_the_cache_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    with open_cache(str(path)) as cache:
        cache.keep("f", "1", b"a reading of a file")
    path.write_bytes(path.read_bytes().replace(b"a reading of", b"a rending of"))
    with open_cache(str(path)) as cache:
        assert cache.recall("f", "1") is None
    assert not path.exists()


def test_a_cache_with_a_damaged_page_starts_anew(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    with open_cache(str(path)) as cache:
        for n in range(400):
            cache.keep(f"file {n}", "1", b"reading" * 100)
    content = path.read_bytes()
    path.write_bytes(content[: 3 * 4096] + b"\xff" * (len(content) - 3 * 4096))
    with open_cache(str(path)) as cache:
        assert [cache.recall(f"file {n}", "1") for n in range(400)].count(None) > 0
        cache.keep("f", "1", b"x")
    with open_cache(str(path)) as cache:
        cache.keep("f", "1", b"x")
    with open_cache(str(path)) as cache:
        assert cache.recall("f", "1") == b"x"


def test_a_cache_deleted_while_in_use_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "cache.db"
    with open_cache(str(path)) as cache:
        cache.keep("f", "1", b"x")
        path.unlink()
        assert cache.recall("f", "1") is None
    with open_cache(str(path)) as cache:
        assert cache.recall("f", "1") is None
