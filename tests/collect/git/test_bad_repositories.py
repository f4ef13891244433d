"""Repositories in a bad state: each is read, or ends in one line with a hint."""

import subprocess
from pathlib import Path

import pytest

from counterfoil.collect.git.command import environment
from counterfoil.collect.git.open import open_past
from counterfoil.measure.fate.replay import origins, replay
from counterfoil.terms.error import SourceError
from counterfoil.terms.history import MergeStyle

IDENTITY = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


class Repo:
    """A work tree under test."""

    def __init__(self, path: Path, *options: str) -> None:
        self.path = path
        path.mkdir()
        self.second = 1_700_000_000
        self.git("init", "-q", "-b", "main", *options)

    def git(self, *arguments: str) -> bytes:
        at = f"{self.second} +0000"
        dated = (
            {k: v for k, v in environment().items() if k != "GIT_INDEX_FILE"}
            | IDENTITY
            | {"GIT_AUTHOR_DATE": at, "GIT_COMMITTER_DATE": at}
        )
        task = ["git", "-C", str(self.path), *arguments]
        return subprocess.run(task, check=True, capture_output=True, env=dated).stdout

    def commit(self, **files: bytes) -> None:
        self.second += 60
        for name, content in files.items():
            (self.path / name).write_bytes(content)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "x")

    def lines(self, style: MergeStyle = MergeStyle.FULL) -> dict[str, int]:
        """How many lines each file has at HEAD, by the replay."""
        fates = replay(open_past(str(self.path), style=style))
        return {path: len(lines) for path, lines in fates.head.items()}


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def refused(path: Path, rev: str = "HEAD") -> SourceError:
    with pytest.raises(SourceError) as caught:
        replay(open_past(str(path), rev=rev))
    assert caught.value.hint
    assert "\n" not in caught.value.message
    return caught.value


def test_no_repository_is_one_line_with_a_hint(tmp_path: Path) -> None:
    assert refused(tmp_path).code == "no-repository"


def test_an_empty_repository_is_one_line_with_a_hint(repo: Repo) -> None:
    assert refused(repo.path).code == "no-commit"


def test_an_unknown_revision_is_one_line_with_a_hint(repo: Repo) -> None:
    repo.commit(a=b"1\n")
    assert refused(repo.path, rev="nowhere").code == "no-such-revision"


def test_one_commit_is_a_history(repo: Repo) -> None:
    repo.commit(a=b"1\n2\n")
    assert repo.lines() == {"a": 2}


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"1\r\n2\r\n", 2),
        (b"1\n2", 2),
        (b"", 0),
        (b"@@ -1 +1 @@\ndiff --git a/x b/x\n", 2),
        (b"\xff\xfe\n\\ No\n", 2),
    ],
)
def test_odd_text_keeps_its_lines(repo: Repo, content: bytes, lines: int) -> None:
    repo.commit(a=b"first\n", keep=b"k\n")
    repo.commit(a=content)
    assert repo.lines() == {"a": lines, "keep": 1}


def test_binary_content_has_no_lines_and_hides_no_others(repo: Repo) -> None:
    repo.commit(a=b"1\n", b=b"\0\1\2")
    repo.commit(b=b"\0\3", a=b"1\n2\n")
    assert repo.lines()["a"] == 2


def test_a_path_that_is_not_utf8_is_followed(repo: Repo) -> None:
    (Path(str(repo.path)) / "caf\udce9").write_bytes(b"1\n")
    repo.commit(a=b"1\n")
    assert repo.lines() == {"a": 1, "caf\udce9": 1}


def test_quotes_tabs_and_newlines_in_a_path_are_followed(repo: Repo) -> None:
    for name in ('q"x', "t\tx", "n\nx"):
        (repo.path / name).write_bytes(b"1\n")
    repo.commit(a=b"1\n")
    assert set(repo.lines()) == {"a", 'q"x', "t\tx", "n\nx"}


def test_a_submodule_has_no_lines(repo: Repo) -> None:
    repo.commit(a=b"1\n")
    name = repo.git("rev-parse", "HEAD").decode().strip()
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{name},sub")
    repo.git("commit", "-q", "-m", "x")
    assert repo.lines() == {"a": 1}


def test_a_mode_change_and_a_type_change_are_read(repo: Repo) -> None:
    repo.commit(a=b"1\n2\n")
    (repo.path / "a").chmod(0o755)
    repo.commit()
    (repo.path / "a").unlink()
    (repo.path / "a").symlink_to("elsewhere")
    repo.commit()
    assert repo.lines() == {"a": 1}


def test_an_octopus_merge_takes_lines_from_each_parent(repo: Repo) -> None:
    repo.commit(a=b"1\n")
    for name in ("b", "c"):
        repo.git("checkout", "-q", "-b", name, "main")
        repo.commit(**{name: b"x\ny\n"})
    repo.git("checkout", "-q", "main")
    repo.git("merge", "-q", "-m", "x", "b", "c")
    found = origins(open_past(str(repo.path), style=MergeStyle.FULL))
    assert {path: len(lines) for path, lines in found.files.items()} == {"a": 1, "b": 2, "c": 2}
    assert len({found.origin[lines[0]] for lines in found.files.values()}) == 3


def test_a_shallow_clone_says_so(repo: Repo, tmp_path: Path) -> None:
    repo.commit(a=b"1\n")
    repo.commit(a=b"1\n2\n")
    repo.git("clone", "-q", "--depth", "1", f"file://{repo.path}", str(tmp_path / "shallow"))
    past = open_past(str(tmp_path / "shallow"))
    assert past.facts.shallow
    assert any("shallow" in c for c in past.facts.caveats)
    assert len(replay(past).head["a"]) == 2


def test_a_missing_blob_leaves_its_path_out_and_keeps_the_rest(repo: Repo) -> None:
    repo.commit(a=b"1\n", gone=b"text that will be lost\n")
    repo.commit(a=b"1\n2\n")
    blob = repo.git("rev-parse", "HEAD:gone").decode().strip()
    (repo.path / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    past = open_past(str(repo.path))
    assert sum(past.facts.left_out.values()) == 1
    assert {p: len(n) for p, n in replay(past).head.items()} == {"a": 2}


def test_clocks_running_backwards_are_said_and_clamped(repo: Repo) -> None:
    repo.commit(a=b"1\n")
    repo.second -= 10_000
    repo.commit(a=b"1\n2\n")
    past = open_past(str(repo.path))
    assert any("dated before" in c for c in past.facts.caveats)
    at = replay(past).landed_at.tolist()
    assert at == sorted(at)


def test_attributes_that_hide_text_change_nothing(repo: Repo) -> None:
    repo.commit(a=b"1\n")
    (repo.path / ".gitattributes").write_text("a -diff\n")
    repo.commit(a=b"1\n2\n")
    assert repo.lines()["a"] == 2


def test_another_hash_function_is_read(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "sha256", "--object-format=sha256")
    repo.commit(a=b"1\n")
    repo.commit(a=b"1\n2\n")
    assert repo.lines() == {"a": 2}


def test_the_repository_is_not_written_to(repo: Repo) -> None:
    repo.commit(a=b"1\n")
    before = sorted(str(p) for p in repo.path.rglob("*"))
    repo.lines()
    assert sorted(str(p) for p in repo.path.rglob("*")) == before
