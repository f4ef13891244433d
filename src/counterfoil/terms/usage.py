"""What was asked of a model: requests and the sessions they belong to."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import MicroUsd, Pseudonym, SessionId, SourceId

LOCAL_WHO = Unknown("a local log names no person")
NOT_STATED = Unknown("the source does not state it")


class Trigger(StrEnum):
    """What set a request off."""

    HUMAN = "human"
    SCHEDULE = "schedule"
    EVENT = "event"
    AGENT = "agent"


class Credential(StrEnum):
    """Whose key paid: a person's or a service's."""

    PERSON = "person"
    SERVICE = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """One model request, exactly as its source reported it; the four billed buckets exclude each other."""

    source: SourceId
    """The collector that read it; never inferred from content."""
    key: str
    """Names the request; the same request read twice has the same key."""
    at: datetime
    """When the request was first recorded. UTC, aware."""
    session: SessionId
    """The tool's own session."""
    model: str | Unknown
    """The model as the source names it."""
    input_uncached: int
    """Prompt tokens billed at full price; cache reads and writes excluded."""
    cache_read: int
    """Prompt tokens served from a cache."""
    cache_write: int
    """Prompt tokens written to a cache, at every lifetime."""
    output: int
    """Generated tokens, reasoning included."""
    reasoning: int | Unknown = NOT_STATED
    """The part of `output` that was reasoning."""
    cache_write_1h: int | Unknown = NOT_STATED
    """The part of `cache_write` kept for an hour."""
    tool: str = ""
    """The client program, with its version where the source states it."""
    who: Pseudonym | Unknown = LOCAL_WHO
    """Keyed hash of a person; the key is kept outside the store."""
    cost: MicroUsd | Unknown = NOT_STATED
    """What the source itself says the request cost."""
    parent_session: SessionId | Unknown = NOT_STATED
    """The session that started this one (a subagent or a fork)."""
    trigger: Trigger | Unknown = NOT_STATED
    """What set the request off."""
    credential: Credential | Unknown = NOT_STATED
    """Whose key paid."""
    directory: str | Unknown = NOT_STATED
    """The working directory on this machine; becomes `repository` once resolved."""
    repository: str | Unknown = NOT_STATED
    """The repository's address as the source states it."""
    branch: str | Unknown = NOT_STATED
    """The branch checked out at that time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One session of a tool: where it worked and when."""

    source: SourceId
    id: SessionId
    parent: SessionId | Unknown
    """The session that started this one."""
    began: datetime
    """First record. UTC, aware."""
    ended: datetime
    """Last record. UTC, aware."""
    directories: tuple[str, ...]
    """Working directories in order of first use."""
    branches: tuple[str, ...]
    """Branches in order of first use."""
    repository: str | Unknown
    """The repository's address as the source states it."""
    human_turns: int | Unknown
    """Messages a person sent."""
    client: str
    """The client program and its version as the log states it."""
