"""What telemetry brought: from which signal, and the request as the lake keeps it."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import MicroUsd, Pseudonym
from counterfoil.terms.usage import NOT_STATED


class Rank(IntEnum):
    """How near to the request a signal is: of one session the nearest is counted, and no other."""

    EVENT = 1
    SPAN = 2
    AGENT_SPAN = 3
    """Repeats what its children report; it stands in where a trace has none."""
    LOCAL = 4
    """What a person read in their own logs, and shared."""
    METRIC = 5
    """A count without requests."""
    COMMIT = 9
    """No usage: a commit that a session made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptUsage:
    """One request or count of tokens as the lake keeps it: its day and hours, and no text of any id."""

    day: date
    key: int
    """Half of a hash that names the request; the same request has the same key."""
    band: int
    """Which six hours of the day it was in, from 0."""
    who: Pseudonym
    """Empty where nobody is known."""
    claimed: int
    """1 where only the exporter itself said who it was."""
    source: str
    rank: int
    """Its signal; see Rank."""
    tool: str
    model: str
    trigger: str
    credential: str
    workload: str
    session: int
    """Half of a hash of the tool's own session; 0 where it states none."""
    trace: int
    """Half of a hash of the trace that a span is of; 0 for any other."""
    series: int
    """Half of a hash of the series that a running count is of; 0 for any other."""
    requests: int
    input_uncached: int
    cache_read: int
    cache_write: int
    output: int
    cost: MicroUsd | Unknown = NOT_STATED
    """What the source itself says it cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """A commit that a session says it made."""

    day: date
    session: int
    """Half of a hash of the tool's own session."""
    repository: str
    """host/owner/name in small letters; empty where it is not stated."""
    commit: str
    who: Pseudonym
    tool: str
    path: str
    """How it is known: event, span or shared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionCost:
    """What one session of a tool cost on a day: as the source says, else at list price."""

    day: date
    who: Pseudonym
    tool: str
    session: int
    """Half of a hash of the tool's own session; 0 where it states none."""
    requests: int
    unpriced: int
    """Requests that have no price."""
    cost: MicroUsd
