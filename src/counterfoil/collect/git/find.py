"""Finds the repository that a folder belonged to, also when the folder or the work tree is gone."""

import os
from functools import cache

from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import RepoPath

GONE = Unknown("the folder is no longer there and no repository lists it")
OUTSIDE = Unknown("the folder is in no git repository")


@cache
def find(path: str) -> RepoPath | Unknown:
    """The main work tree (or the bare repository) that a path belongs to.

    A path that is gone is looked for among the work trees that repositories above or beside it list.
    """
    absolute = os.path.abspath(path)
    there, at = os.path.isdir(absolute), absolute
    while True:
        repo = _repository_at(at)
        if repo is not None and (there or os.path.isdir(os.path.join(at, ".git")) or at != absolute):
            return repo
        if not os.path.isdir(at) and (listed := _listed_beside(absolute, os.path.dirname(at))) is not None:
            return listed
        parent = os.path.dirname(at)
        if parent == at:
            return OUTSIDE if there else GONE
        at = parent


@cache
def roots(repo: RepoPath) -> tuple[str, ...]:
    """The main work tree and every linked one that the repository lists, there or gone."""
    found = [str(repo)]
    git_dir = git_dir_of(repo)
    folder = os.path.join(git_dir, "worktrees")
    for name in _names(folder):
        listed = _first_line(os.path.join(folder, name, "gitdir"))
        if listed:
            found.append(os.path.dirname(listed))
    return tuple(dict.fromkeys(found))


def git_dir_of(repo: RepoPath) -> str:
    """Where a repository's own data lies."""
    inside = os.path.join(repo, ".git")
    if os.path.isdir(inside):
        return inside
    pointed = _pointed(inside)
    return pointed if pointed is not None else str(repo)


def _repository_at(folder: str) -> RepoPath | None:
    """The repository whose work tree begins here, or that lies here bare."""
    inside = os.path.join(folder, ".git")
    if os.path.isfile(os.path.join(inside, "HEAD")):
        return RepoPath(folder)
    pointed = _pointed(inside)
    if pointed is not None:
        return _main_of(pointed, folder)
    bare = all(os.path.exists(os.path.join(folder, name)) for name in ("HEAD", "objects", "refs"))
    return RepoPath(folder) if bare else None


def _main_of(git_dir: str, folder: str) -> RepoPath | None:
    """The main work tree behind a linked one; a submodule is a repository of its own."""
    common = _first_line(os.path.join(git_dir, "commondir"))
    if not common:
        return RepoPath(folder) if os.path.isfile(os.path.join(git_dir, "HEAD")) else _main_above(git_dir)
    return _work_tree_of(os.path.normpath(os.path.join(git_dir, common)))


def _main_above(git_dir: str) -> RepoPath | None:
    """The repository of a linked work tree that was pruned: its data lay in <repository>/worktrees/<name>."""
    above = os.path.dirname(os.path.dirname(git_dir))
    pruned = os.path.basename(os.path.dirname(git_dir)) == "worktrees"
    return _work_tree_of(above) if pruned and os.path.isfile(os.path.join(above, "HEAD")) else None


def _work_tree_of(git_dir: str) -> RepoPath:
    return RepoPath(os.path.dirname(git_dir) if os.path.basename(git_dir) == ".git" else git_dir)


def _listed_beside(path: str, folder: str) -> RepoPath | None:
    """The repository in this folder that lists a work tree which holds the path."""
    if not os.path.isdir(folder):
        return None
    for name in _names(folder):
        repo = os.path.join(folder, name)
        if not os.path.isdir(os.path.join(repo, ".git", "worktrees")):
            continue
        for root in roots(RepoPath(repo)):
            if path == root or path.startswith(root + os.sep):
                return RepoPath(repo)
    return None


def _pointed(file: str) -> str | None:
    line = _first_line(file)
    if line is None or not line.startswith("gitdir: "):
        return None
    return os.path.normpath(os.path.join(os.path.dirname(file), line.removeprefix("gitdir: ")))


def _first_line(file: str) -> str | None:
    try:
        with open(file, encoding="utf-8", errors="surrogateescape") as opened:
            return opened.readline().rstrip("\n")
    except OSError:
        return None


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
