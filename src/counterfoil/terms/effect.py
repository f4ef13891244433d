"""A call that an agent wants to make, what was judged of it, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from counterfoil.terms.agent import AgentId, Cause, RunId
from counterfoil.terms.ids import MicroUsd, Pseudonym
from counterfoil.terms.label import Label
from counterfoil.terms.tool import Argument, Tool


class Approver(StrEnum):
    """Whose yes a held call needs."""

    OWNER = "owner"
    OTHER = "other"
    """Somebody whom the ceiling names, and not the owner."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Not without a person's yes."""

    clause: str
    why: str
    needs: Approver


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call of one tool, exactly as it would be made."""

    run: RunId
    number: int
    """Which call of its run it is; with the run, it names the effect for ever."""
    agent: AgentId
    owner: Pseudonym
    tool: Tool
    arguments: tuple[Argument, ...]
    cause: Cause | None
    run_label: Label
    """Of everything that the run has seen so far."""

    @property
    def key(self) -> str:
        """What keeps it from happening twice."""
        return f"{self.run}:{self.number}"


class ApprovalState(StrEnum):
    """Where a held call stands."""

    OPEN = "open"
    APPROVED = "approved"
    DENIED = "denied"
    EXPIRED = "expired"
    """Nobody said anything: silence is no."""
    USED = "used"
    WITHDRAWN = "withdrawn"
    """Its run ended, or somebody stopped it."""
    REFUSED = "refused"
    """Judged again when it was to be made, and refused then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A person's yes or no to one call, bound to every byte of it."""

    id: str
    run: RunId
    number: int
    agent: AgentId
    owner: Pseudonym
    tool: str
    digest: str
    """Of tool, its hash, all arguments and the destination, as they will be sent."""
    tool_digest: str
    policy: str
    """Version of the rules under which it was held."""
    clause: str
    why: str
    needs: Approver
    asked: datetime
    expires: datetime
    state: ApprovalState
    by: Pseudonym | None = None
    decided: datetime | None = None
    reason: str = ""
    edited: bool = False
    canary: bool = False
    """Planted, to see whether anybody looks; it can never be made, whatever is said."""


class EffectState(StrEnum):
    """What is known of an effect."""

    INTENDED = "intended"
    """Recorded, and perhaps under way."""
    DONE = "done"
    FAILED = "failed"
    """Surely not done."""
    UNCONFIRMED = "unconfirmed"
    """Sent, and nobody knows: for a person to look at, never tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """Something that an agent did, or may have done."""

    key: str
    agent: AgentId
    owner: Pseudonym
    tool: str
    cause: Cause
    at: datetime
    state: EffectState
    to: tuple[str, ...]
    """Destinations."""
    ref: str = ""
    """What the system itself calls it: a message id, an event id, a revision."""
    clause: str = ""
    """The rule under which it was let through."""
    approval: str = ""


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    """For a person's yes."""
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    OUT_OF_BUDGET = "out_of_budget"
    UNCONFIRMED = "unconfirmed"
    """An effect may have happened; a person has to look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of an agent."""

    id: RunId
    agent: AgentId
    owner: Pseudonym
    version: int
    """Of the agent's definition."""
    cause: Cause
    state: RunState
    began: datetime
    ended: datetime | None
    spent: MicroUsd
    spent_is_floor: bool
    """Whether a model without a price was asked, so that it is at least that."""
    parent: RunId | None = None
    """The run that delegated to it, and from whose budget it spends."""
    why: str = ""
    """Why it ended as it did, in words."""


class EffectFate(StrEnum):
    """What became of an effect, as the system itself says; never as the agent claims."""

    STANDING = "standing"
    MERGED = "merged"
    REVERTED = "reverted"
    DEPLOYED = "deployed"
    ROLLED_BACK = "rolled_back"
    SENT = "sent"
    """A draft went out as it was."""
    EDITED = "edited"
    """A draft went out, and a person had changed it."""
    DISCARDED = "discarded"
    """Thrown away, trashed, closed unmerged."""
    REDACTED = "redacted"
    ANSWERED = "answered"
    MOVED_BACK = "moved_back"
    """A person took back what was arranged."""
    TOO_YOUNG = "too_young"
    NOT_EXAMINED = "not_examined"
    """The system could not be asked, or no longer knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What became of one effect, read back from the system where it happened."""

    key: str
    fate: EffectFate
    at: datetime
    """When it was looked at."""
    why: str = ""
    failing: bool = False
    """Whether the system itself says that it does not work, while it stands there."""
