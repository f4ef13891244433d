"""Opens a repository for reading: where its data is, what it is, and which merge style fits it."""

import os
import re
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor

from counterfoil.collect.git.attributes import counts
from counterfoil.collect.git.command import output
from counterfoil.collect.git.find import git_dir_of
from counterfoil.collect.git.log import commits_of
from counterfoil.collect.git.missing import paths_missing
from counterfoil.collect.git.past import GitPast, mainline_of
from counterfoil.collect.git.patch import Reader
from counterfoil.collect.lines import LineHasher
from counterfoil.terms.absent import Unknown
from counterfoil.terms.error import SourceError
from counterfoil.terms.history import Commit, MergeStyle, RepoFacts
from counterfoil.terms.ids import CommitId, RepoPath
from counterfoil.terms.reading import Remembered

IGNORED_BY_DEFAULT = ".git-blame-ignore-revs"
_NAME = re.compile(rb"^\s*([0-9a-f]{40,64})\b", re.MULTILINE)


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
    memory: Remembered | None = None,
    purpose: str = "",
) -> GitPast:
    """A repository's past up to `rev`; without a style the one that fits its merges is picked.

    With a memory, a replay keeps in it what the next one for the same purpose can begin from.

    Raises: SourceError where there is no repository, no such revision, or too much is missing.
    """
    git_dir = git_dir_of(RepoPath(path))
    tip = _tip(path, git_dir, rev)
    # Git looks for what is missing while we read what the commits say.
    with ThreadPoolExecutor(1) as beside:
        looking = beside.submit(paths_missing, git_dir, tip)
        history = commits_of(git_dir, tip, me=frozenset(me), words=words)
        missing = looking.result()
    mainline = mainline_of(history)
    merges = sum(len(history[p].parents) > 1 for p in mainline)
    shallow = os.path.exists(os.path.join(git_dir, "shallow"))
    partial = bool(output(git_dir, "config", "--get-regexp", r"^remote\..*\.promisor$", may_fail=True))
    picked, why = _style(style, merges, len(mainline))
    return GitPast(
        facts=RepoFacts(
            path=RepoPath(path),
            head=tip,
            branch=_branch(git_dir),
            commits=len(history),
            first_parent_commits=len(mainline),
            merges=merges,
            shallow=shallow,
            partial=partial,
            caveats=tuple(_caveats(history, shallow=shallow, missing=missing)),
            left_out={"content is missing": len(missing)} if missing else {},
        ),
        style=picked,
        mode_why=why,
        formatting=_formatting(git_dir, tip, history),
        git_dir=git_dir,
        history=history,
        reader=Reader(counts(git_dir, tip), LineHasher(line_key) if line_key else None, content),
        keys_since=keys_since,
        excluded=missing,
        memory=memory,
        purpose=purpose,
    )


def _tip(path: str, git_dir: str, rev: str) -> CommitId:
    if not output(git_dir, "rev-parse", "--git-dir", may_fail=True):
        raise SourceError(
            "no-repository", f"{path} is no git repository", hint="name a folder inside a git repository"
        )
    tip = output(git_dir, "rev-parse", "--verify", "--end-of-options", f"{rev}^{{commit}}", may_fail=True)
    if tip:
        return CommitId(tip.decode().strip())
    if rev == "HEAD":
        raise SourceError(
            "no-commit", f"{path} has no commit yet", hint="make a first commit, then run again"
        )
    raise SourceError(
        "no-such-revision", f"{path} has no revision {rev!r}", hint="name a commit, branch or tag"
    )


def _branch(git_dir: str) -> str | Unknown:
    name = output(git_dir, "symbolic-ref", "--quiet", "--short", "HEAD", may_fail=True)
    return name.decode("utf-8", "backslashreplace").strip() if name else Unknown("no branch is checked out")


def _style(asked: MergeStyle | None, merges: int, mainline: int) -> tuple[MergeStyle, str]:
    if asked is not None:
        return asked, "as asked"
    if not merges:
        return MergeStyle.FIRST_PARENT, "the main line has no merges, so both modes say the same"
    return MergeStyle.FULL, f"{merges} of {mainline} commits on the main line are merges of branches"


def _caveats(history: Sequence[Commit], *, shallow: bool, missing: Sequence[str]) -> list[str]:
    caveats = []
    if shallow:
        caveats.append("the clone is shallow: what came before its first commits counts as theirs")
    if missing:
        caveats.append(f"{len(missing)} paths were left out, as some of their content is not in this copy")
    backwards = sum(any(history[p].committed_at > c.committed_at for p in c.parents) for c in history)
    if backwards:
        caveats.append(f"{backwards} commits are dated before their parents; the order of commits was used")
    return caveats


def _formatting(git_dir: str, tip: CommitId, history: Sequence[Commit]) -> frozenset[int]:
    """Positions of the commits that the repository lists as formatting only."""
    configured = output(git_dir, "config", "--get-all", "blame.ignoreRevsFile", may_fail=True)
    files = {IGNORED_BY_DEFAULT, *configured.decode("utf-8", "surrogateescape").split("\n")} - {""}
    named: set[bytes] = set()
    for file in files:
        named |= set(_NAME.findall(output(git_dir, "cat-file", "blob", f"{tip}:{file}", may_fail=True)))
    if not named:
        return frozenset()
    return frozenset(position for position, commit in enumerate(history) if commit.id.encode() in named)
