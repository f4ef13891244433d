"""Two folders, closed to others, and one key that every process agrees on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from counterfoil.store.place import KEY_BYTES, cache_dir, data_dir, line_key, private_folder
from counterfoil.terms.error import StoreError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="rights of a file are POSIX")


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COUNTERFOIL_CACHE", "COUNTERFOIL_DATA", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")


def test_a_place_is_named_by_our_variable_then_by_the_desktop_then_by_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cache_dir() == str(tmp_path / ".cache/counterfoil")
    assert data_dir() == str(tmp_path / ".local/share/counterfoil")
    monkeypatch.setenv("XDG_DATA_HOME", "relative/is/ignored")
    assert data_dir() == str(tmp_path / ".local/share/counterfoil")
    monkeypatch.setenv("XDG_DATA_HOME", "/x")
    assert data_dir() == "/x/counterfoil"
    monkeypatch.setenv("COUNTERFOIL_DATA", "/mine")
    assert data_dir() == "/mine"


def test_on_a_mac_the_places_are_in_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_dir() == str(tmp_path / "Library/Caches/counterfoil")
    assert data_dir() == str(tmp_path / "Library/Application Support/counterfoil")


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_folder_and_key_are_the_owners_alone_under_any_umask(umask: int) -> None:
    before = os.umask(umask)
    try:
        key = line_key()
    finally:
        os.umask(before)
    assert len(key) == KEY_BYTES
    assert line_key() == key
    assert os.stat(data_dir()).st_mode & 0o777 == 0o700
    assert os.stat(os.path.join(data_dir(), "line-key")).st_mode & 0o777 == 0o600
    assert os.listdir(data_dir()) == ["line-key"]


def test_a_folder_where_others_may_write_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o770)
    with pytest.raises(StoreError, match="others may write") as refused:
        private_folder(str(folder))
    assert refused.value.hint == f"Run: chmod 700 {folder}"


def test_a_folder_that_cant_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError) as refused:
        private_folder(str(tmp_path / "file" / "below"))
    assert refused.value.code == "folder-unusable"


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_damaged_key_is_never_used(size: int) -> None:
    Path(private_folder(data_dir()), "line-key").write_bytes(b"k" * size)
    with pytest.raises(StoreError) as refused:
        line_key()
    assert refused.value.code == "line-key-broken"


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    code = "import sys; from counterfoil.store.place import line_key; sys.stdout.write(line_key().hex())"
    started = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(6)]
    keys = {process.communicate(timeout=60)[0] for process in started}
    assert len(keys) == 1
    assert len(keys.pop()) == 2 * KEY_BYTES
