"""A folder named by a log is resolved to its repository, also when the folder is gone."""

import shutil
import subprocess
from pathlib import Path

import pytest

from counterfoil.collect.git.command import environment
from counterfoil.collect.git.find import find, roots
from counterfoil.collect.git.paths import counted
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import RepoPath


def git(where: Path, *arguments: str) -> None:
    people = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    variables = {k: v for k, v in environment().items() if k != "GIT_INDEX_FILE"}
    subprocess.run(
        ["git", "-C", str(where), *people, *arguments], check=True, capture_output=True, env=variables
    )


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    path = tmp_path / "code" / "shop"
    (path / "src" / "deep").mkdir(parents=True)
    git(path, "init", "-q", "-b", "main")
    git(path, "commit", "-q", "--allow-empty", "-m", "x")
    return path


def test_the_work_tree_itself_and_a_folder_inside_it(repo: Path) -> None:
    assert find(str(repo)) == RepoPath(str(repo))
    assert find(str(repo / "src" / "deep")) == RepoPath(str(repo))


def test_a_folder_inside_that_is_gone(repo: Path) -> None:
    assert find(str(repo / "src" / "once" / "there")) == RepoPath(str(repo))


def test_a_linked_work_tree_belongs_to_its_main_one(repo: Path) -> None:
    git(repo, "worktree", "add", "-q", "-b", "side", str(repo.parent / "shop-side"))
    assert find(str(repo.parent / "shop-side")) == RepoPath(str(repo))
    assert str(repo.parent / "shop-side") in roots(RepoPath(str(repo)))


def test_a_deleted_work_tree_that_the_repository_still_lists(repo: Path) -> None:
    side = repo.parent / "shop-gone"
    git(repo, "worktree", "add", "-q", "-b", "gone", str(side))
    shutil.rmtree(side)
    assert find(str(side)) == RepoPath(str(repo))
    assert find(str(side / "src")) == RepoPath(str(repo))


def test_a_bare_repository(tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    bare.mkdir()
    git(bare, "init", "-q", "--bare")
    assert find(str(bare)) == RepoPath(str(bare))


def test_a_folder_in_no_repository_and_one_that_never_was(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    assert isinstance(find(str(tmp_path / "plain")), Unknown)
    assert isinstance(find(str(tmp_path / "never" / "was")), Unknown)


@pytest.mark.parametrize(
    ("path", "enters"),
    [
        ("src/app.py", True),
        ("src/distance/build.py", True),
        ("clock.py", True),
        ("poetry.lock", False),
        ("web/package-lock.json", False),
        ("web/node_modules/x/i.js", False),
        ("vendor/x.go", False),
        ("dist/app.js", False),
        ("web/app.min.js", False),
        ("tests/cassettes/one.yaml", False),
        ("tests/__snapshots__/a.snap", False),
        ("api/service_pb2.py", False),
    ],
)
def test_which_paths_enter_figures(path: str, enters: bool) -> None:
    assert counted(path) is enters
