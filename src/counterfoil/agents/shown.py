"""What is shown of agents to whom it concerns; nothing here orders, scores or lists people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from counterfoil.agents.attention import Attention
from counterfoil.agents.card import Card
from counterfoil.terms.agent import AgentId, Budget, Cause, Grant, RunId, Standing, Stop
from counterfoil.terms.effect import Approval, Approver, Effect, Run, RunState
from counterfoil.terms.ids import MicroUsd, Pseudonym
from counterfoil.terms.tool import ConnectorId


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What an agent spent in a time, and what it may."""

    spent: MicroUsd
    may: MicroUsd
    is_floor: bool
    """Whether a model without a price was asked, so that it is at least that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLine:
    """One agent of whoever asks, in a list of theirs."""

    id: AgentId
    purpose: str
    scripted: bool
    """Whether a script answers instead of a model."""
    is_stopped: bool
    waiting: int
    """Calls of it that wait for a person."""
    last: datetime | None
    """When it ran last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentShown:
    """One agent, to its owner."""

    id: AgentId
    version: int
    definition: str
    """As its owner wrote it; empty where it came in by the gateway."""
    scripted: bool
    """Whether a script answers instead of a model."""
    grants: Sequence[Grant]
    standing: Sequence[Standing]
    stops: Sequence[Stop]
    """Every switch that is off and names it, by whoever."""
    budget: Budget
    """The least that its owner and every ceiling say."""
    today: Spent
    month: Spent
    notes: int
    ceilings: Sequence[str]
    """The names of the ceilings that it is under."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """One run."""

    id: RunId
    agent: AgentId
    state: RunState
    cause: Cause
    began: datetime
    ended: datetime | None
    spent: MicroUsd
    is_floor: bool
    why: str

    @classmethod
    def of(cls, run: Run) -> "RunLine":
        """The line of a run."""
        return cls(
            id=run.id,
            agent=run.agent,
            state=run.state,
            cause=run.cause,
            began=run.began,
            ended=run.ended,
            spent=run.spent,
            is_floor=run.spent_is_floor,
            why=run.why,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepShown:
    """One step of a run: a question to the model, a call of a tool, or another agent."""

    number: int
    kind: str
    tool: str
    verdict: str
    """permit, hold or refuse."""
    clause: str
    why: str
    label: str
    """Of everything that the run had seen by then, in words."""
    spent: MicroUsd
    effect: str
    """The key of what it did; empty where nothing."""
    times: int = 1
    to: Sequence[str] = ()
    """Where the call went, or was to go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunShown:
    """One run's record, to the owner of its agent."""

    run: RunLine
    scripted: bool
    """Whether a script answered instead of a model."""
    said: str
    """The agent's own last words, which prove nothing."""
    steps: Sequence[StepShown]
    effects: Sequence[Effect]
    fates: Mapping[str, str]
    """What became of effects, by their keys, as their systems say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardLine:
    """Something that waits for a yes of whoever asks."""

    approval: str
    agent: AgentId
    tool: str
    why: str
    needs: Approver
    asked: datetime
    expires: datetime

    @classmethod
    def of(cls, one: Approval) -> "CardLine":
        """The line of an approval."""
        return cls(
            approval=one.id,
            agent=one.agent,
            tool=one.tool,
            why=one.why,
            needs=one.needs,
            asked=one.asked,
            expires=one.expires,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits for whoever asks: as owner, and as the other one whom the organisation names."""

    as_owner: Sequence[CardLine]
    as_other: Sequence[CardLine]
    planted_one_in: int
    """At most one question in so many is planted, as the organisation decided; 0 where none is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToTell:
    """Something that waits, for the server alone, which tells whoever may answer it."""

    approval: str
    agent: AgentId
    tool: str
    expires: datetime
    whom: Sequence[Pseudonym]
    """Everybody who may answer it."""
    named: Sequence[str]
    """Whom its owner wants to be asked first, as the directory names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardShown:
    """A card, and whether a narrow rule could answer the like from now on."""

    card: Card
    may_stand: bool
    """Only its owner can make such a rule, and only of what is reversible and has no free text."""
    planted_one_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule that an owner wants to stand, in place of a yes each time."""

    per_day: int
    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteShown:
    """A note of an agent, to its owner."""

    name: str
    text: str
    comes: str
    """Where its words come from."""
    run: RunId
    at: datetime
    aside: bool = False
    """Whether the agent put it aside, so that it reads it no longer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldShown:
    """One thing that an account needs."""

    name: str
    says: str
    secret: bool
    default: str
    may_be_empty: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KindShown:
    """A kind of account that can be connected."""

    name: str
    connector: ConnectorId
    says: str
    fields: Sequence[FieldShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountsShown:
    """The systems that whoever asks connected, and what can be; nothing that was entered."""

    connected: Sequence[ConnectorId]
    kinds: Sequence[KindShown]
    troubles: Sequence["TroubleShown"] = ()
    """Of which of them nothing is heard, so that they set off no agent."""
    slack: str = ""
    """The path at the server to which Slack can send events; empty where it is not connected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How agents are doing in the whole organisation, to those who watch over them: counts, and nobody's."""

    agents: int
    under_way: int
    waiting: int
    unconfirmed: int
    """Effects of which nobody knows whether they happened."""
    stops: int
    attention: Attention | None
    """How this month's questions were answered; None where too few people answered any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How the agents' process itself stands."""

    live: bool
    trouble: str
    same_user: bool
    ceiling: int
    runs: bool
    """Whether runs are carried out here, by now."""
    outbox: int
    """Rows that wait for the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of a deed: what it was about, and how that stands now."""

    of: str
    state: str
    planted: str = ""
    """What gave it away, where it was answered and had been planted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What an owner asks an agent to do, by hand."""

    agent: AgentId
    owner: Pseudonym
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TroubleShown:
    """Why nothing is heard of an account, or of a place in it."""

    connector: ConnectorId
    place: str
    says: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """Something that was delivered to the server for an agent, as it came."""

    place: str
    name: str
    headers: Mapping[str, str]
    """Those that a signature needs, in small letters."""
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What whoever delivered it is told."""

    status: int
    says: str
    plain: bool = False
    """Whether it is to be told as it stands: a challenge that its sender made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookShown:
    """Where webhooks of an agent are delivered, and what they are signed with; shown once."""

    path: str
    secret: str
