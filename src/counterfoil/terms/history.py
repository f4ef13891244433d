"""A repository's past as values: commits, what each changed, and a source that can be asked for them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import itemgetter
from typing import Protocol

from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import CommitId, LineKey, RepoPath, SessionId
from counterfoil.terms.mark import Evidence, Mark

CODE_LINE = 1
"""Flag of a line hash: the line has at least two letters or digits and at most 1,000 characters."""
MOVABLE = 2
"""Flag of a line hash: at least 8 characters besides white space, so it can be followed when moved."""
WEIGHTY = 4
"""Flag of a line hash: at least 20 letters or digits, so it is followed even when moved alone."""
FLAGS = CODE_LINE | MOVABLE | WEIGHTY
"""The lowest bits of a line hash; the rest hashes the text without white space. It lives in one process."""


class Cause(StrEnum):
    """Why a commit changed earlier work, from explicit words and links only."""

    CORRECTIVE = "corrective"
    """A revert, a fix or a link to a bug: the earlier work was wrong."""
    ADAPTIVE = "adaptive"
    """A stated other purpose: the world changed."""
    UNKNOWN = "unknown"
    """Nothing explicit; a bare word in the subject is not enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Says:
    """What a commit message states about other commits, without its text."""

    cause: Cause = Cause.UNKNOWN
    reverts: tuple[str, ...] = ()
    """Commit names after `This reverts commit`."""
    reverts_requests: tuple[int, ...] = ()
    """Pull or merge request numbers it reverts."""
    reverts_subject: int | None = None
    """Hash of the subject it reverts, as in `subject`."""
    fixes: tuple[str, ...] = ()
    """Commit names after `Fixes:`."""
    request: int | None = None
    """The pull or merge request that this commit merged."""
    subject: int = 0
    """Hash of the subject without a trailing request number; lives in one process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """One commit; people are numbers that mean nothing outside this reading."""

    id: CommitId
    parents: tuple[int, ...]
    """Positions of its parents in the order of reading; every parent comes earlier."""
    authored_at: int
    """Unit: seconds since 1970, as the author's clock said."""
    committed_at: int
    """Unit: seconds since 1970, as the committer's clock said."""
    author: int
    """A number per identity (after .mailmap), in order of first sight."""
    mine: bool
    """True where author is the person running the report."""
    marks: tuple[Mark, ...] = ()
    says: Says = Says()

    def claimed(self) -> tuple[Evidence, str]:
        """The highest tier that its own words claim, and for which tool; a claim on a part is an assist."""
        claims = [
            (mark.evidence if mark.whole else min(mark.evidence, Evidence.ASSIST), mark.tool)
            for mark in self.marks
        ]
        return max(claims, key=itemgetter(0), default=(Evidence.UNKNOWN, ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """How a merged file stands to one parent of the merge."""

    path: str | None
    """Path in that parent; None where it has no such file."""
    blob: str
    hunks: Sequence[int]
    """Shape: (4h,): as in `FilePatch`, against that parent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePatch:
    """What one commit did to one file against its (first) parent.

    A merge states no hunks: its lines are those of a parent that holds the same blob, or else as `sides` say.
    """

    path: str
    """Path in the commit; bytes that are not UTF-8 as surrogate escapes."""
    old_path: str | None
    """Path in the parent; None for a new file."""
    deleted: bool
    old_blob: str
    new_blob: str
    hunks: Sequence[int]
    """Shape: (4h,): old start, old length, new start, new length of each hunk, as in `@@` headers."""
    removed: Sequence[int]
    """Line hashes of the removed lines, in order."""
    added: Sequence[int]
    """Line hashes of the added lines, in order."""
    removed_keys: Sequence[LineKey | None] | None
    """Keyed hash of each removed line (None: too short to tell); None when nobody asked."""
    added_keys: Sequence[LineKey | None] | None
    """Keyed hash of each added line (None: too short to tell); None when nobody asked."""
    counted: bool
    """False for generated, vendored, locked, minified and fixture paths: they have origins but no figures."""
    opaque: bool = False
    """True where the new content has no lines to follow: binary, a submodule, or left out."""
    reflowed: int = 0
    """Hunks whose two sides are equal but for white space, quotes and commas."""
    sides: Sequence[Side] = ()
    """One for each parent, where a merged file differs from all of them; `added` are lines new to all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """How one line, or a whole patch, is tied to a tool and a session."""

    evidence: int
    """An `Evidence` tier."""
    session: int
    """Number of the session in the matcher's list; -1 for none."""
    tool: str


class LineEvidence(Protocol):
    """Says, for a patch, which added lines are whose; lives in measure/fate."""

    sessions: Sequence[SessionId]
    """The session of each number in a claim."""
    removed_lines: defaultdict[CommitId, Counter[int]]
    """For each commit how many of its removed lines each session's edits account for."""

    def basis(self, commits: Sequence[Commit]) -> bytes:
        """A digest, of 16 bytes, of everything that what is said of these commits depends on."""

    def begin(self, commit: Commit, patches: Sequence[FilePatch]) -> None:
        """Take up a commit, before its patches are asked for one by one."""

    def added(self, patch: FilePatch) -> Claim | Sequence[Claim]:
        """One claim for the whole patch, or one per added line."""

    def removed(self, patch: FilePatch) -> None:
        """Note the removed lines that a session's own edits account for."""


class MergeStyle(StrEnum):
    """Which commits count as the ones that landed work."""

    FIRST_PARENT = "first-parent"
    """Each merge or squash on the main line is the origin of its lines."""
    FULL = "full"
    """The commit on any branch that introduced a line is its origin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepoFacts:
    """What a repository is, before its history is read."""

    path: RepoPath
    head: CommitId | Unknown
    branch: str | Unknown
    commits: int
    first_parent_commits: int
    merges: int
    shallow: bool
    partial: bool
    caveats: tuple[str, ...]
    """What the reader should know, in words: shallow, missing objects, clocks that run backwards."""
    left_out: Mapping[str, int]
    """Paths left out of origins, by reason."""


class Past(Protocol):
    """A repository that can be read once, oldest commit first."""

    facts: RepoFacts
    style: MergeStyle
    mode_why: str
    """Why this style, in words."""
    formatting: frozenset[int]
    """Positions of the commits that the repository itself lists as formatting only."""
    excluded: Sequence[str]
    """Paths that can't be followed, since some of their content is missing."""

    def counts(self, path: str) -> bool:
        """False for generated, vendored, locked, minified and fixture paths."""

    def commits(self) -> Sequence[Commit]:
        """Every commit in topological order, parents first."""

    def patches(self, start: int) -> Iterator[tuple[int, Sequence[FilePatch]]]:
        """Each position from `start` on with its patches, in order; first-parent style: main line only."""

    def recalled(self) -> bytes | None:
        """What the last replay of this repository kept; None for nothing, or where nothing is remembered."""

    def keep(self, replayed: Callable[[], bytes]) -> None:
        """Keep what the next replay can begin from; nobody asks for it where nothing is remembered."""


class Linked(Protocol):
    """A commit among others, whatever else is known of it."""

    @property
    def id(self) -> CommitId:
        """Its full name."""

    @property
    def parents(self) -> tuple[int, ...]:
        """Positions of its parents."""


def mainline_of(history: Sequence[Linked]) -> list[int]:
    """Positions of the first-parent line of the last commit, oldest first."""
    line = []
    position: int | None = len(history) - 1 if history else None
    while position is not None:
        line.append(position)
        parents = history[position].parents
        position = parents[0] if parents else None
    return line[::-1]
