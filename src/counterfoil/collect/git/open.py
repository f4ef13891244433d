"""Opens a repository for reading: where its data is, what it is, and which merge style fits it."""

import os
import re
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

from counterfoil.collect.git.asked import Asked
from counterfoil.collect.git.attributes import counts
from counterfoil.collect.git.command import output
from counterfoil.collect.git.find import git_dir_of
from counterfoil.collect.git.log import commits_of, log_of, logged
from counterfoil.collect.git.missing import Missing
from counterfoil.collect.git.past import GitPast, place_of
from counterfoil.collect.git.patch import Reader
from counterfoil.collect.lines import LineHasher
from counterfoil.terms.absent import Unknown
from counterfoil.terms.error import SourceError
from counterfoil.terms.history import Commit, Linked, MergeStyle, RepoFacts, mainline_of
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
    at_once: bool = False,
) -> GitPast:
    """A repository's past up to `rev`; without a style the one that fits its merges is picked.

    With a memory, a replay keeps in it what the next one for the same purpose can begin from. Who replays it
    right away says so: git then begins at once, unless there is a replay to begin from.

    Raises: SourceError where there is no repository, no such revision, or too much is missing.
    """
    git_dir = git_dir_of(RepoPath(path))
    tip = _tip(path, git_dir, rev)
    looking, reading = Missing(git_dir, tip), log_of(git_dir, tip)
    # What is short is asked while git is still at work on what is long.
    short = _short(git_dir, tip)
    log = logged(reading)
    mainline = mainline_of(log)
    picked, why = _style(style, _merges(log, mainline), len(mainline))
    if at_once and memory is not None:
        at_once = memory.recall(*place_of(git_dir, picked, purpose, keys_since)) is None
    begun = Asked(git_dir, log, start=0, style=picked) if at_once else None
    history = commits_of(log, me=frozenset(me), words=words)
    missing = looking.paths()
    return GitPast(
        facts=_facts(RepoPath(path), tip, short, history, mainline=mainline, missing=missing),
        style=picked,
        mode_why=why,
        formatting=frozenset(n for n, c in enumerate(history) if c.id in short.listed),
        git_dir=git_dir,
        history=history,
        reader=Reader(short.counted, LineHasher(line_key) if line_key else None, content),
        keys_since=keys_since,
        excluded=missing,
        memory=memory,
        purpose=purpose,
        begun=None if missing else begun,
    )


class _Short(NamedTuple):
    """What git says of a repository in a moment."""

    branch: str | Unknown
    shallow: bool
    partial: bool
    listed: frozenset[str]
    """The commits that the repository lists as formatting only."""
    counted: Callable[[str], bool]


def _short(git_dir: str, tip: CommitId) -> _Short:
    return _Short(
        branch=_branch(git_dir),
        shallow=os.path.exists(os.path.join(git_dir, "shallow")),
        partial=bool(output(git_dir, "config", "--get-regexp", r"^remote\..*\.promisor$", may_fail=True)),
        listed=_listed(git_dir, tip),
        counted=counts(git_dir, tip),
    )


def _facts(
    path: RepoPath,
    tip: CommitId,
    short: _Short,
    history: Sequence[Commit],
    *,
    mainline: Sequence[int],
    missing: Sequence[str],
) -> RepoFacts:
    return RepoFacts(
        path=path,
        head=tip,
        branch=short.branch,
        commits=len(history),
        first_parent_commits=len(mainline),
        merges=_merges(history, mainline),
        shallow=short.shallow,
        partial=short.partial,
        caveats=tuple(_caveats(history, shallow=short.shallow, missing=missing)),
        left_out={"content is missing": len(missing)} if missing else {},
    )


def _merges(history: Sequence[Linked], mainline: Sequence[int]) -> int:
    return sum(len(history[p].parents) > 1 for p in mainline)


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


def _listed(git_dir: str, tip: CommitId) -> frozenset[str]:
    configured = output(git_dir, "config", "--get-all", "blame.ignoreRevsFile", may_fail=True)
    files = {IGNORED_BY_DEFAULT, *configured.decode("utf-8", "surrogateescape").split("\n")} - {""}
    return frozenset(
        name.decode()
        for file in files
        for name in _NAME.findall(output(git_dir, "cat-file", "blob", f"{tip}:{file}", may_fail=True))
    )
