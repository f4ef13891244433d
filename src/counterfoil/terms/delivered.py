"""What a forge says of changes on their way to users: merges, reviews, checks, deployments, incidents.

Whoever is named is a pseudonym; where an agent did it, nobody is. Every act has its day and no time.
"""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date

from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import CommitId, Pseudonym

STEPS = (
    *(0, 15, 30, 60, 120, 240, 480, 720),
    *(1_440, 2_880, 4_320, 7_200, 10_080, 20_160, 43_200, 86_400),
)
"""The steps that a duration is cut to, from a quarter of an hour to sixty days and more.

A duration and the time of one of its ends, which is in the history of a repository, would be the time of
the other; a median needs no more than the step.

Unit: minutes.
"""
NOT_RECOVERED = Unknown("nothing put it right so far, or nothing had to")
NOT_LINKED = Unknown("nothing links it to a deployment")
NOT_OVER = Unknown("it is not over")
NOT_ASKED = Unknown("when the review was asked for is not known")


def step_of(minutes: float) -> int:
    """The step of a duration: the longest one that it reached; one below zero is none.

    Unit: minutes.
    Example:
        >>> step_of(14.9), step_of(95), step_of(-3), step_of(10**6)
        (0, 60, 0, 86400)
    """
    return STEPS[max(bisect_right(STEPS, minutes) - 1, 0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """A commit by which a change can be told: the one that it landed with, or one that it had before."""

    repository: str
    """Host, owner and name, in small letters."""
    commit: CommitId
    work: str
    """The change, as in `WorkFate.work`."""
    day: date
    """When the change landed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedMark:
    """A tool's mark in a commit that somebody made and pushed: which tool, how strong, and no text."""

    day: date
    """When the commit was made."""
    who: Pseudonym
    """Whoever pushed it, who is its author as well."""
    tool: str
    repository: str
    """Host, owner and name, in small letters."""
    commit: CommitId
    head: CommitId
    """The commit that was pushed last with it: a change is known by that one."""
    evidence: int
    """How strong it is; see `mark.Evidence`. Marks that claim a suggestion alone are not kept."""
    session: int = 0
    """Half of a hash of the session that a trailer names; 0 where none does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A change that a deployment brought to production."""

    who: Pseudonym
    """Whose change it is; empty where an agent's."""
    work: str
    """The change, as in `WorkFate.work`."""
    repository: str
    day: date
    """When it reached production."""
    minutes: int
    """From when it was proposed until the deployment had finished, cut to a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A deployment that ended, and what it turned out to need."""

    who: Pseudonym
    """Whoever set it off; where an agent did, whoever's change it is of; empty where that is an agent too."""
    work: str
    """Its repository and number, as in `WorkFate.work`."""
    day: date
    environment: str
    """What kind it is: production, staging, testing, development or other; never what it is called."""
    repository: str
    sha: CommitId
    result: str
    """succeeded or failed."""
    unplanned: int
    """1 where it was made because something was wrong."""
    unplanned_by: str
    """How that is known: rollback, label, branch, revert or incident; empty where it was planned."""
    failed: int
    """1 where it succeeded and then needed an immediate intervention."""
    failed_by: str
    """How that is known: rollback, label, branch, revert or incident; empty where it did not."""
    recovery: int | Unknown = NOT_RECOVERED
    """From when it had finished until it was put right, in minutes cut to a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What one reviewer did about one change until it landed or was given up."""

    who: Pseudonym
    """Whoever reviewed; empty where an agent did."""
    work: str
    day: date
    """Of the first review or comment."""
    rounds: int
    """Reviews that were handed in."""
    comments: int
    waiting: int | Unknown = NOT_ASKED
    """From when the change was last ready until the first review, in minutes cut to a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRun:
    """What the checks said of one state of a change at their first attempt."""

    work: str
    commit: CommitId
    day: date
    green: int
    """1 where every check passed without being run again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that broke for users."""

    incident: str
    """Its repository and number."""
    repository: str
    day: date
    deployment: str | Unknown = NOT_LINKED
    """The deployment that it came of, as in `Deployment.work`."""
    link_method: str = ""
    """How that is known, the surest first: sha, rollback, nearest; empty where it is not."""
    minutes: int | Unknown = NOT_OVER
    """How long it lasted, cut to a step."""
