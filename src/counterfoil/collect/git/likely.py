"""Guesses which repository a folder that is not here belonged to: by address, by name, or as the only one."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath

from counterfoil.collect.git.command import output
from counterfoil.collect.git.find import git_dir_of
from counterfoil.terms.ids import RepoPath

_ADDRESS = re.compile(r"^(?:[a-z+]+://)?(?:[^@/]+@)?([^/:]+)(?::\d+)?[:/]+(.*?)(?:\.git)?/*$", re.IGNORECASE)


def addresses(repo: RepoPath) -> frozenset[str]:
    """Where a repository's remotes are, each in one spelling."""
    lines = output(git_dir_of(repo), "config", "--get-regexp", r"^remote\..*\.url$", may_fail=True)
    urls = (line.split(" ", 1)[-1] for line in lines.decode("utf-8", "surrogateescape").splitlines())
    return frozenset(address(url) for url in urls)


def address(url: str) -> str:
    """A remote's address without protocol, user, port and `.git`.

    Example:
        >>> address("git@example.org:shop/web.git") == address("https://me@example.org/shop/web")
        True
    """
    found = _ADDRESS.match(url.strip())
    return f"{found[1]}/{found[2]}".lower() if found else url.strip().lower()


def guessed(
    gone: Iterable[tuple[str, str | None]],
    repositories: Sequence[RepoPath],
    known: Mapping[RepoPath, Iterable[str]],
) -> dict[str, RepoPath]:
    """For each (folder, address its session states) the repository it may have been; content must confirm it.

    Example:
        >>> guessed([("/far/code/web/src", None)], [RepoPath("/a/web"), RepoPath("/a/api")], {})
        {'/far/code/web/src': '/a/web'}
    """
    by_address = {address(url): repo for repo in repositories for url in known.get(repo, ())}
    names: dict[str, list[RepoPath]] = {}
    for repo in repositories:
        names.setdefault(PurePath(repo).name.removesuffix(".git"), []).append(repo)
    found: dict[str, RepoPath] = {}
    for folder, stated in gone:
        same_name = {
            repo for part in PurePath(folder.replace("\\", "/")).parts for repo in names.get(part, ())
        }
        if stated is not None and address(stated) in by_address:
            found[folder] = by_address[address(stated)]
        elif len(same_name) == 1:
            found[folder] = same_name.pop()
        elif len(repositories) == 1:
            found[folder] = repositories[0]
    return found
