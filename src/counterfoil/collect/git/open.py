"""Opens a repository for reading: where its data is, what it is, and which merge style fits it."""

from collections.abc import Collection

from counterfoil.collect.git.command import output
from counterfoil.collect.git.log import commits_of
from counterfoil.collect.git.past import GitPast, mainline_of
from counterfoil.collect.git.patch import Reader
from counterfoil.collect.git.paths import counted
from counterfoil.collect.git.texts import LineHashes
from counterfoil.collect.lines import LineHasher
from counterfoil.terms.history import MergeStyle, RepoFacts
from counterfoil.terms.ids import CommitId, RepoPath


def open_past(
    path: str,
    *,
    rev: str = "HEAD",
    me: Collection[str] = (),
    line_key: bytes | None = None,
    keys_since: int = 0,
    style: MergeStyle | None = None,
    content: bool = True,
    words: bool = True,
) -> GitPast:
    """A repository's past up to `rev`; without a style the one that fits its merges is picked."""
    git_dir = output(path + "/.git", "rev-parse", "--absolute-git-dir", may_fail=True) or output(
        path, "rev-parse", "--absolute-git-dir"
    )
    where = git_dir.decode("utf-8", "surrogateescape").rstrip("\n")
    history = commits_of(where, rev, me=frozenset(me), words=words)
    mainline = mainline_of(history)
    return GitPast(
        facts=RepoFacts(
            path=RepoPath(path),
            head=CommitId(history[-1].id),
            branch="HEAD",
            commits=len(history),
            first_parent_commits=len(mainline),
            merges=sum(len(c.parents) > 1 for c in history),
            shallow=False,
            partial=False,
            caveats=(),
            left_out={},
        ),
        style=style or MergeStyle.FULL,
        mode_why="",
        formatting=frozenset(),
        git_dir=where,
        history=history,
        reader=Reader(LineHashes(), counted, LineHasher(line_key) if line_key else None, content),
        keys_since=keys_since,
    )
