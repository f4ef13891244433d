"""Events as a forge tells them, in the same words for all; with logins and times, and so never kept."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from counterfoil.terms.ids import CommitId
from counterfoil.terms.mark import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who did something, as the forge names them."""

    identity: str
    """The forge and the login in small letters, such as github:ann."""
    is_agent: bool
    """A bot or an app, and no person."""


class Result(StrEnum):
    """How a deployment ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Urgency(StrEnum):
    """What says of a change or a deployment that it was made because something was wrong."""

    ROLLBACK = "rollback"
    LABEL = "label"
    BRANCH = "branch"
    REVERT = "revert"
    INCIDENT = "incident"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A change was opened, was made ready, or has new commits: a review can begin, or begin again."""

    repository: str
    work: str
    at: datetime
    opened: datetime
    author: Actor | None
    """None where the event does not name them."""
    author_number: int
    """The forge's number of the author, by which later events name them."""
    head: CommitId
    marked: "Marked | None" = None
    """What its last commit says of tools, where the event has that commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A change landed."""

    repository: str
    work: str
    at: datetime
    opened: datetime
    author: Actor | None
    author_number: int
    commit: CommitId
    """The commit by which it landed."""
    head: CommitId
    is_default: bool
    """Whether it landed where deployments are made from."""
    reverts: tuple[str, ...] = ()
    """The changes that it takes back."""
    reverted_commits: tuple[CommitId, ...] = ()
    urgency: Urgency | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A change was given up."""

    work: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """Somebody handed in a review, or commented on a change."""

    work: str
    at: datetime
    reviewer: Actor
    rounds: int
    comments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Checks of a commit came to their end."""

    repository: str
    works: tuple[str, ...]
    """The changes that the event names; none where it names the commit alone."""
    commit: CommitId
    at: datetime
    run: str
    """The run's own number: an end of the same run after the first is another attempt."""
    attempt: int
    green: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A deployment ended."""

    repository: str
    work: str
    at: datetime
    environment: str
    sha: CommitId
    result: Result
    actors: tuple[Actor, ...]
    """Whoever may have set it off, the likeliest first."""
    urgency: Urgency | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Broke:
    """An incident was opened, or is over."""

    repository: str
    incident: str
    opened: datetime
    over: datetime | None
    named: tuple[str, ...] = ()
    """Commits that it names, in full or by their first digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """Commits came onto the branch that deployments are made from."""

    repository: str
    at: datetime
    reverted_commits: tuple[CommitId, ...]
    """Commits that they take back."""
    forced: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedCommit:
    """What a commit's trailers claim, without any of their words."""

    commit: CommitId
    at: datetime
    tool: str
    evidence: Evidence
    session: int
    """Half of a hash of the session that is named; 0 where none is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """Somebody pushed commits of their own to a branch, and tools claim a hand in them."""

    repository: str
    at: datetime
    pusher: Actor
    head: CommitId
    marks: tuple[MarkedCommit, ...]


Event = Proposed | Merged | Closed | Reviewed | Checked | Deployed | Broke | Pushed | Marked
