"""Reads every commit's own data: parents, times, people as numbers, and what its words claim."""

from collections.abc import Iterator, Sequence

from counterfoil.collect.git.command import Stream
from counterfoil.collect.git.marks import marks_of
from counterfoil.collect.git.says import says_of
from counterfoil.terms.history import Commit, Says
from counterfoil.terms.ids import CommitId

_FIELDS = ("%H", "%P", "%at", "%ct", "%aN", "%aE", "%cN", "%cE", "%s", "%b")
_FORMAT = "--format=tformat:" + "%x00".join(_FIELDS) + "%x00"
_LAST_SECOND = 1 << 40
NOTHING_SAID = Says()


def commits_of(git_dir: str, rev: str, *, me: frozenset[str], words: bool = True) -> list[Commit]:
    """Every commit that `rev` reaches, parents first; people become numbers in order of first sight."""
    at: dict[str, int] = {}
    people: dict[bytes, int] = {}
    mine = {e.lower().encode("utf-8", "surrogateescape") for e in me}
    commits: list[Commit] = []
    for fields in _records(git_dir, rev):
        name, parents, authored, committed, author, email, committer, committer_email, subject, body = fields
        key = author + b"\0" + email
        commit = Commit(
            id=CommitId(name.decode()),
            parents=tuple(at[p] for p in dict.fromkeys(parents.decode().split()) if p in at),
            authored_at=_seconds(authored),
            committed_at=_seconds(committed),
            author=people.setdefault(key, len(people)),
            mine=email.lower() in mine,
            marks=marks_of(author, email, committer, committer_email, body) if words else (),
            says=says_of(subject, body) if words else NOTHING_SAID,
        )
        at[commit.id] = len(commits)
        commits.append(commit)
    return commits


def _records(git_dir: str, rev: str) -> Iterator[Sequence[bytes]]:
    stream = Stream(
        git_dir, "log", "--topo-order", "--reverse", "--no-color", "--no-notes", _FORMAT, rev, "--"
    )
    count = len(_FIELDS)
    rest: list[bytes] = []
    carry = b""
    try:
        for block in stream.blocks():
            parts = (carry + block).split(b"\0")
            carry = parts.pop()
            rest += parts
            whole = len(rest) - len(rest) % count
            for i in range(0, whole, count):
                rest[i] = rest[i].lstrip(b"\n")
                yield rest[i : i + count]
            del rest[:whole]
    finally:
        stream.close()


def _seconds(text: bytes) -> int:
    try:
        return max(-_LAST_SECOND, min(int(text), _LAST_SECOND))
    except ValueError:
        return 0
