"""Agents of employees: what an owner lets one touch, and what the organisation lets any owner grant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from counterfoil.terms.ids import MicroUsd, Pseudonym
from counterfoil.terms.tool import ConnectorId, EffectClass

AgentId = NewType("AgentId", str)
"""An agent, a short name in small letters that is one of its kind in the organisation."""
RunId = NewType("RunId", str)
"""One run of an agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What an owner lets an agent do with one tool."""

    agent: AgentId
    tool: str
    """The tool's id, such as `mail/move`."""
    digest: str
    """What the server said of the tool when it was granted; another word of it needs another grant."""
    to: tuple[str, ...]
    """Destinations, as `kind:name`: `folder:Invoices`, `channel:#ops`. A `*` names nobody."""
    until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A narrow yes in advance: named destinations, no free text, reversible, so many a day, until a date."""

    id: str
    agent: AgentId
    tool: str
    to: tuple[str, ...]
    """Destinations by name; no `*`."""
    per_day: int
    until: date
    by: Pseudonym


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How much may be spent; each holds for itself."""

    run: MicroUsd
    day: MicroUsd
    month: MicroUsd


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    """What the organisation, or a unit below it, lets any owner grant. One below can only be stricter."""

    name: str
    """`organisation`, or the unit's name."""
    version: int
    connectors: Mapping[ConnectorId, tuple[EffectClass, ...]]
    """Which classes of effect each connector may have."""
    models: tuple[str, ...]
    """`provider:model`, with `*`."""
    regions: tuple[str, ...]
    inside: tuple[str, ...]
    """Destinations of the organisation, such as `mail:*@example.org`; all others are outside."""
    production: tuple[str, ...]
    """Destinations that are production, such as `environment:production`."""
    approvers: tuple[Pseudonym, ...]
    """Who may say yes to production, mail to outsiders and money; never the owner of the agent."""
    budget: Budget
    """The most that one agent may have."""
    planted_one_in: int = 0
    """At most one question in so many is planted, to see whether whoever answers looks; 0: none is."""


class CauseKind(StrEnum):
    """What an effect is for."""

    REQUEST = "request"
    TICKET = "ticket"
    ALERT = "alert"
    MAIL = "mail"
    MENTION = "mention"
    SCHEDULE = "schedule"
    EFFECT = "effect"
    """An effect of the same agent that has to be followed or taken back."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What an effect is for, and its id where it came from."""

    kind: CauseKind
    ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """A switch that is off: for an agent, an owner, a connector, or everything."""

    what: str
    """`agent:triage`, `owner:…`, `connector:mail` or `everything`."""
    by: Pseudonym
    at: datetime
    why: str
