"""Who is in an organisation, and what its tools and systems say of each day and each piece of work."""

from dataclasses import dataclass
from datetime import date

from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import MicroUsd, Pseudonym, UnitId
from counterfoil.terms.usage import NOT_STATED

STILL_THERE = Unknown("this has not ended")
UPPERMOST = Unknown("it is the uppermost")
NOBODY_LEADS = Unknown("nobody leads it")
NEVER_USED = Unknown("it was not used")
STILL_HELD = Unknown("it has not ended")
STILL_STANDS = Unknown("nothing undid it so far")
NOT_COUNTED = Unknown("whoever told of it does not count them")


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who works there, under a pseudonym."""

    who: Pseudonym
    role: str
    """What they do, as the directory groups it."""
    joined: date
    left: date | Unknown = STILL_THERE
    """First day on which they were no longer there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """The unit of a person, from one day to another."""

    who: Pseudonym
    unit: UnitId
    since: date
    until: date | Unknown = STILL_THERE
    """First day on which they were no longer in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exempt:
    """Somebody whom the programme leaves out of its shares of people, from one day to another; never why."""

    who: Pseudonym
    since: date
    until: date | Unknown = STILL_THERE
    """First day on which they no longer were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit of the organisation and the one above it."""

    unit: UnitId
    parent: UnitId | Unknown = UPPERMOST
    lead: Pseudonym | Unknown = NOBODY_LEADS
    """Whose direct team it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageDay:
    """What a tool reported of one person, day, model and kind of request, added up."""

    who: Pseudonym
    day: date
    tool: str
    model: str
    trigger: str
    """What set the requests off: human, schedule, event or agent; empty where it is not stated."""
    credential: str
    """Whose key paid: person or service; empty where it is not stated."""
    workload: str
    """The entry in the register of workloads; empty where there is none."""
    requests: int
    input_uncached: int
    """Prompt tokens billed at full price."""
    cache_read: int
    cache_write: int
    output: int
    """Generated tokens, reasoning included."""
    cost: MicroUsd | Unknown = NOT_STATED
    """What the source itself says it cost, else the list price of its tokens, where the model has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A licence of a tool that somebody has."""

    who: Pseudonym
    tool: str
    assigned: date
    last_active: date | Unknown = NEVER_USED
    """Last day with a request."""
    activated: date | Unknown = NOT_STATED
    """First day on which it is known to have been set up or used."""
    ended: date | Unknown = STILL_HELD
    """First day on which they no longer had it."""
    cost: MicroUsd | Unknown = NOT_STATED
    """What it costs a month."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFate:
    """A piece of work that landed, and the day on which it was undone, where it was."""

    who: Pseudonym
    kind: str
    """change, deployment, draft or ticket."""
    work: str
    """Its number or name in the system that it is from."""
    landed: date
    """When it was merged, deployed, sent or closed."""
    undone: date | Unknown = STILL_STANDS
    """When it was first reverted, corrected, rolled back or opened again."""
    reverted: date | Unknown = STILL_STANDS
    """When it was taken back as a whole, where that is what undid it."""
    reviews: int | Unknown = NOT_COUNTED
    """Of a change: reviews by other people that it took to land."""
    comments: int | Unknown = NOT_COUNTED
    """Of a change: comments of other people that it took to land."""
