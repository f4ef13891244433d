"""Reads every commit's own data: parents, times, people as numbers, and what its words claim."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from counterfoil.collect.git.command import Stream
from counterfoil.collect.git.marks import marks_of
from counterfoil.collect.git.says import says_of
from counterfoil.terms.history import Commit, Says
from counterfoil.terms.ids import CommitId

_FIELDS = ("%H", "%P", "%at", "%ct", "%aN", "%aE", "%cN", "%cE", "%s", "%b")
_FORMAT = "--format=tformat:" + "%x00".join(_FIELDS) + "%x00"
_LAST_SECOND = 1 << 40
NOTHING_SAID = Says()


class Logged(NamedTuple):
    """A commit as git's log has it, before its words are read."""

    id: CommitId
    parents: tuple[int, ...]
    fields: Sequence[bytes]


def log_of(git_dir: str, rev: str) -> Stream:
    """Git at work on the log of every commit that `rev` reaches."""
    return Stream(git_dir, "log", "--topo-order", "--reverse", "--no-color", "--no-notes", _FORMAT, rev, "--")


def logged(log: Stream) -> list[Logged]:
    """Every commit of a log, parents first."""
    at: dict[str, int] = {}
    commits: list[Logged] = []
    for name, parents, *fields in _records(log):
        known = tuple(at[p] for p in dict.fromkeys(parents.decode().split()) if p in at)
        commit = Logged(CommitId(name.decode()), known, fields)
        at[commit.id] = len(commits)
        commits.append(commit)
    return commits


def commits_of(log: Sequence[Logged], *, me: frozenset[str], words: bool = True) -> list[Commit]:
    """The same commits with what their words say; people become numbers in order of first sight."""
    people: dict[bytes, int] = {}
    mine = {e.lower().encode("utf-8", "surrogateescape") for e in me}
    commits: list[Commit] = []
    for name, parents, fields in log:
        authored, committed, author, email, committer, committer_email, subject, body = fields
        key = author + b"\0" + email
        commit = Commit(
            id=name,
            parents=parents,
            authored_at=_seconds(authored),
            committed_at=_seconds(committed),
            author=people.setdefault(key, len(people)),
            mine=email.lower() in mine,
            marks=marks_of(author, email, committer, committer_email, body) if words else (),
            says=says_of(subject, body) if words else NOTHING_SAID,
        )
        commits.append(commit)
    return commits


def _records(log: Stream) -> Iterator[Sequence[bytes]]:
    count = len(_FIELDS)
    rest: list[bytes] = []
    carry = b""
    for block in log.blocks():
        parts = (carry + block).split(b"\0")
        carry = parts.pop()
        rest += parts
        whole = len(rest) - len(rest) % count
        for i in range(0, whole, count):
            rest[i] = rest[i].lstrip(b"\n")
            yield rest[i : i + count]
        del rest[:whole]


def _seconds(text: bytes) -> int:
    try:
        return max(-_LAST_SECOND, min(int(text), _LAST_SECOND))
    except ValueError:
        return 0
