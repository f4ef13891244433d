"""The pages of agents: one's own, what each may do, what it did, and what became of that."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from counterfoil.show.server.frame import FramedPage


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentShown:
    """One agent in a list of one's own."""

    name: str
    purpose: str
    scripted: bool
    """Whether no model answers, but a script."""
    state: str
    """On, or switched off, in words."""
    waiting: str
    """What waits for a yes; empty where nothing does."""
    last: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAgent:
    """What was written into the form of a new agent, so that nothing is lost where it can't be taken."""

    name: str = ""
    purpose: str = ""
    instructions: str = ""
    model: str = ""
    grants: str = ""
    schedule: str = ""
    day_usd: str = "2"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsPage(FramedPage):
    """One's own agents, and how to make one."""

    template: ClassVar[str] = "server_agents.html.j2"
    done: str
    trouble: str
    """Why nothing is done just now; empty where all is well."""
    says: str
    """What there is to know besides; empty where there is nothing."""
    same_user: bool
    """Whether the agents' process is the same user of the machine as the server."""
    ceiling: str
    is_owner: bool
    agents: Sequence[AgentShown]
    waiting: int
    counts: Sequence[tuple[str, str]]
    """For those who watch over all agents: counts, and nobody's."""
    may_stop_all: bool
    stops: Sequence["StopShown"]
    new: NewAgent
    wrong: str
    """Why the new agent can't be taken; empty where it can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StopShown:
    """A switch that is off."""

    what: str
    says: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantShown:
    """What an agent may do with one tool."""

    tool: str
    to: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingShown:
    """A narrow yes in advance."""

    id: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInList:
    """One run in a list."""

    id: str
    state: str
    cause: str
    began: str
    spent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentPage(FramedPage):
    """One agent, to its owner."""

    template: ClassVar[str] = "server_agent.html.j2"
    done: str
    name: str
    scripted: bool
    """Whether no model answers, but a script."""
    stops: Sequence[StopShown]
    is_off: bool
    """Whether its own switch is off, which its owner can turn."""
    definition: str
    version: int
    wrong: str
    grants: Sequence[GrantShown]
    standing: Sequence[StandingShown]
    money: Sequence[tuple[str, str]]
    notes: int
    ceilings: Sequence[str]
    runs: Sequence[RunInList]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """One step of a run."""

    number: str
    """Which call of the run it is; empty for a question to its model."""
    what: str
    to: str
    """Where it went, or was to go."""
    verdict: str
    """permit, hold or refuse."""
    said: str
    why: str
    seen: str
    """What the run had seen by then."""
    spent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectLine:
    """Something that was done, or may have been."""

    key: str
    what: str
    to: str
    state: str
    unconfirmed: bool
    fate: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPage(FramedPage):
    """The record of one run."""

    template: ClassVar[str] = "server_run.html.j2"
    done: str
    agent: str
    scripted: bool
    """Whether no model answered, but a script."""
    run: str
    facts: Sequence[tuple[str, str]]
    said: str
    steps: Sequence[StepLine]
    effects: Sequence[EffectLine]
    goes_on: bool
    may_resume: bool
    replayed: Sequence[str]
    """What would be judged otherwise today; empty where nothing would, or nobody asked."""
    was_replayed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Something that waits for a yes."""

    id: str
    agent: str
    tool: str
    why: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalsPage(FramedPage):
    """Everything that waits for whoever looks."""

    template: ClassVar[str] = "server_approvals.html.j2"
    done: str
    tells: bool
    """Whether people are told by mail what waits for them."""
    as_owner: Sequence[Asked]
    as_other: Sequence[Asked]
    planted: str
    """What is measured of those who answer; empty where nothing is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PieceShown:
    """A part of an argument, and where it comes from."""

    text: str
    comes: str
    foreign: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ArgumentShown:
    """One argument of a call, exactly as it will be sent."""

    name: str
    is_where: bool
    value: str
    is_long: bool
    pieces: Sequence[PieceShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPage(FramedPage):
    """One call that waits for a yes, made from the call and never from the model's words."""

    template: ClassVar[str] = "server_card.html.j2"
    approval: str
    digest: str
    agent: str
    tool: str
    does: str
    to: Sequence[str]
    arguments: Sequence[ArgumentShown]
    cause: str
    undone: str
    clause: str
    why: str
    as_other: bool
    until: str
    may_stand: bool
    planted_one_in: int
    """0 where none is."""
    stand_until: str
    wrong: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteLine:
    """A note of an agent."""

    name: str
    text: str
    comes: str
    since: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesPage(FramedPage):
    """What an agent remembers; its owner can change all of it."""

    template: ClassVar[str] = "server_notes.html.j2"
    done: str
    agent: str
    notes: Sequence[NoteLine]
    aside: Sequence[NoteLine]
    """Those that it put aside, and its owner can bring back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldLine:
    """One field of an account."""

    name: str
    says: str
    secret: bool
    required: bool
    long: bool
    value: str
    """What was entered, where it was no secret; or what is usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindLine:
    """A kind of account that can be connected."""

    name: str
    says: str
    open: bool
    fields: Sequence[FieldLine]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsPage(FramedPage):
    """The systems that somebody connected; nothing that was entered."""

    template: ClassVar[str] = "server_accounts.html.j2"
    done: str
    wrong: str
    connected: Sequence[str]
    troubles: Sequence[str]
    """Of which of them nothing is heard, and why, in words."""
    slack: str
    """The path to which Slack can send events; empty where it is not connected."""
    kinds: Sequence[KindLine]
