"""The instant answer: given only while everything it rests on is as it was."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from counterfoil.app import replayed
from counterfoil.app.replayed import MOST_ANSWERS, SETTLED_SECONDS, Watched, remember, replay
from counterfoil.store.evidence import open_evidence
from deadline import ended

ARGV = ["report", "--json"]
LONG_AGO = 1_750_000_000
Change = Callable[[Path], object]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="stamps rest on POSIX")


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A settled tree of logs and a repository, in an environment of its own."""
    monkeypatch.setenv("COUNTERFOIL_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COUNTERFOIL_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "logs" / "a" / "b").mkdir(parents=True)
    (tmp_path / "logs" / "a" / "one.jsonl").write_text("one\n")
    (tmp_path / "logs" / "a" / "b" / "two.jsonl").write_text("two\n")
    (tmp_path / "repo" / "refs" / "heads").mkdir(parents=True)
    (tmp_path / "repo" / "HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / "repo" / "refs" / "heads" / "main").write_text("1" * 40)
    return tmp_path


@pytest.fixture
def seen(logs: Path) -> Watched:
    """What a run watched that began when everything had been still for a while."""
    watched = Watched(ARGV)
    watched.tree(str(logs / "logs"))
    watched.repository(str(logs / "repo"))
    watched.file(str(logs / "home" / "absent"))
    watched._began = time.time_ns() + (SETTLED_SECONDS + 1) * 10**9
    time.sleep(0.02)  # past the grain of a file's time, which the two seconds of a real run are far beyond
    return watched


def answered(capfdbinary: pytest.CaptureFixture[bytes]) -> tuple[int | None, bytes, bytes]:
    code = replay(ARGV)
    out, err = capfdbinary.readouterr()
    return code, out, err


def test_an_unchanged_question_is_answered_byte_by_byte(
    seen: Watched, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert replay(ARGV) is None
    assert remember(seen, out=b"\x00out\xff" * 100_000, err=b"words\n", code=1)
    assert answered(capfdbinary) == (1, b"\x00out\xff" * 100_000, b"words\n")
    assert replay([*ARGV, "--since", "30d"]) is None


def appended(path: Path) -> None:
    with path.open("a") as file:
        file.write("more\n")


def set_for_all(home: Path) -> None:
    home.mkdir()
    (home / ".gitconfig").touch()


def touched(path: Path) -> None:
    os.utime(path, (LONG_AGO, LONG_AGO))


CHANGES: dict[str, Change] = {
    "a line is appended": lambda t: appended(t / "logs/a/one.jsonl"),
    "a file is touched, size and all": lambda t: touched(t / "logs/a/one.jsonl"),
    "a file is rewritten at the same size": lambda t: (t / "logs/a/one.jsonl").write_text("eno\n"),
    "a file is new": lambda t: (t / "logs/a/b/three.jsonl").touch(),
    "a folder is new": lambda t: (t / "logs/a/c").mkdir(),
    "a file is gone": lambda t: (t / "logs/a/b/two.jsonl").unlink(),
    "a file is replaced": lambda t: os.replace(t / "logs/a/one.jsonl", t / "logs/a/b/two.jsonl"),
    "a file was made readable": lambda t: (t / "logs/a/one.jsonl").chmod(0o400),
    "what was absent is there": lambda t: (t / "home/absent").mkdir(parents=True),
    "a ref moved": lambda t: (t / "repo/refs/heads/main").write_text("2" * 40),
    "a branch is new": lambda t: (t / "repo/refs/heads/other").write_text("1" * 40),
    "refs were packed": lambda t: (t / "repo/packed-refs").touch(),
    "another branch is out": lambda t: (t / "repo/HEAD").write_text("ref: refs/heads/next\n"),
    "the repository became shallow": lambda t: (t / "repo/shallow").touch(),
    "git is set otherwise": lambda t: set_for_all(t / "home"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_is_computed_anew(
    change: str, logs: Path, seen: Watched, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert remember(seen, out=b"out", err=b"", code=0)
    assert answered(capfdbinary) == (0, b"out", b"")
    CHANGES[change](logs)
    assert answered(capfdbinary) == (None, b"", b"")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOME", "/elsewhere"),
        ("CLAUDE_CONFIG_DIR", "/x"),
        ("CODEX_HOME", "/x"),
        ("NO_COLOR", "1"),
        ("COUNTERFOIL_ANYTHING", "1"),
        ("GIT_DIR", "/x"),
    ],
)
def test_another_environment_is_another_question(
    name: str, value: str, seen: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert remember(seen, out=b"", err=b"", code=0)
    monkeypatch.setenv(name, value)
    assert replay(ARGV) is None


def test_another_folder_day_version_or_width_is_another_question(
    seen: Watched, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert remember(seen, out=b"", err=b"", code=0)
    now = time.time_ns()
    with monkeypatch.context() as patch:
        patch.chdir(logs)
        assert replay(ARGV) is None
    with monkeypatch.context() as patch:
        patch.setattr(time, "time_ns", lambda: now + 86_400 * 10**9)
        assert replay(ARGV) is None
    with monkeypatch.context() as patch:
        patch.setattr(replayed, "__version__", "9.9.9")
        assert replay(ARGV) is None
    with monkeypatch.context() as patch:
        patch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((99, 24)))
        assert replay(ARGV) is None
    assert replay(ARGV) == 0


def test_what_changed_during_the_run_or_just_before_is_not_trusted(logs: Path) -> None:
    watched = Watched(ARGV)
    watched.tree(str(logs / "logs"))
    assert not remember(watched, out=b"", err=b"", code=0)
    assert replay(ARGV) is None


def test_a_branch_that_moved_during_the_run_or_just_before_is_not_trusted(logs: Path) -> None:
    watched = Watched(ARGV)
    watched._began = time.time_ns() + (SETTLED_SECONDS + 1) * 10**9
    head = logs / "repo" / "refs" / "heads" / "main"
    os.utime(head, ns=(watched._began, watched._began))
    watched.repository(str(logs / "repo"))
    assert not remember(watched, out=b"", err=b"", code=0)


def test_no_name_of_a_branch_and_no_variable_is_kept(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "hidden-token")
    (logs / "repo" / "refs" / "heads" / "hidden-branch").write_text("3" * 40)
    watched = Watched(ARGV)
    watched.repository(str(logs / "repo"))
    watched._began = time.time_ns() + (SETTLED_SECONDS + 1) * 10**9
    assert remember(watched, out=b"", err=b"", code=0)
    kept = b"".join(path.read_bytes() for path in (logs / "cache").rglob("*") if path.is_file())
    assert kept and b"hidden" not in kept


def test_a_run_that_rests_on_what_cant_be_watched_is_not_remembered(seen: Watched) -> None:
    seen.never()
    assert not remember(seen, out=b"", err=b"", code=0)


def test_our_own_store_is_trusted_at_once_and_by_its_count_of_writes(logs: Path, seen: Watched) -> None:
    path = str(logs / "data" / "evidence.db")
    with open_evidence(path) as evidence:
        seen.database(path, evidence.state())
    assert remember(seen, out=b"", err=b"", code=0)
    assert replay(ARGV) == 0
    with open_evidence(path) as evidence:
        evidence.forget()
    assert replay(ARGV) is None


def test_a_store_that_another_run_wrote_to_is_not_trusted(seen: Watched) -> None:
    seen.database("/any", None)
    assert not remember(seen, out=b"", err=b"", code=0)


def entry(logs: Path) -> Path:
    (found,) = (logs / "cache" / "answers").iterdir()
    return found


def test_an_entry_with_any_byte_broken_is_never_used(logs: Path, seen: Watched) -> None:
    assert remember(seen, out=b"out", err=b"err", code=0)
    path = entry(logs)
    content = path.read_bytes()
    for at in [*range(0, len(content), 997), len(content) - 1]:
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert replay(ARGV) is None
    for cut in (0, 10, 25, 60, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:cut])
        assert replay(ARGV) is None
    path.write_bytes(content)
    assert replay(ARGV) == 0


def test_an_entry_is_the_owners_alone_and_one_that_others_may_write_is_not_used(
    logs: Path, seen: Watched
) -> None:
    assert remember(seen, out=b"", err=b"", code=0)
    path = entry(logs)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o666)
    assert replay(ARGV) is None


def test_a_cache_that_cant_be_written_is_no_error(logs: Path, seen: Watched) -> None:
    (logs / "cache").write_text("in the way")
    assert not remember(seen, out=b"", err=b"", code=0)
    assert replay(ARGV) is None


def test_writers_at_once_leave_one_whole_answer(
    seen: Watched, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    outs = [bytes([65 + n]) * 200_000 for n in range(8)]
    threads = [
        threading.Thread(target=remember, args=(seen,), kwargs={"out": o, "err": b"", "code": 0})
        for o in outs
    ]
    for thread in threads:
        thread.start()
    ended(threads)
    code, out, _ = answered(capfdbinary)
    assert code == 0
    assert out in outs


def test_old_answers_make_room(logs: Path, seen: Watched) -> None:
    for n in range(MOST_ANSWERS + 5):
        seen.question = b"%d" % n
        assert remember(seen, out=b"", err=b"", code=0)
    assert len(list((logs / "cache" / "answers").iterdir())) == MOST_ANSWERS


def test_links_between_folders_are_followed_and_rings_end(logs: Path) -> None:
    (logs / "away").mkdir()
    (logs / "away" / "x.jsonl").touch()
    (logs / "logs" / "link").symlink_to(logs / "away")
    (logs / "away" / "ring").symlink_to(logs / "logs")
    (logs / "logs" / "loop").symlink_to("loop")
    watched = Watched(ARGV)
    watched.tree(str(logs / "logs"))
    assert str(logs / "logs" / "link" / "x.jsonl") in watched.stamps


def test_the_instant_answer_imports_the_standard_library_alone() -> None:
    code = """
import sys
bare = set(sys.modules)
from counterfoil.app.entry import main
import counterfoil.app.replayed
print(*sorted(m for m in set(sys.modules) - bare))
"""
    listed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = {name.split(".")[0] for name in listed.stdout.split()}
    assert modules - set(sys.stdlib_module_names) == {"counterfoil"}
    assert not modules & {"pathlib", "dataclasses", "json", "re", "sqlite3", "hashlib", "subprocess"}
