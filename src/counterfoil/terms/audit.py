"""What a check of a number says: whether it responds to its target rather than the work, since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import MetricId, UnitId
from counterfoil.terms.promise import Check

NO_ALARM = Unknown("no alarm was computed")
PURPOSE = "gaming_check"
"""What an audit is read for; no question can name it."""


class Verdict(StrEnum):
    """What is said of a number, never of a person."""

    COME_APART = "come-apart"
    """It no longer goes with outcomes."""
    RESPONDS = "responds"
    """It responds to its target."""
    IMPROVED = "responds-and-improved"
    """It responds to its target, and outcomes improved."""
    NO_SIGN = "no-sign"
    CANT_TELL = "cant-tell"

    @property
    def is_finding(self) -> bool:
        """Whether somebody has something to do."""
        return self in {Verdict.COME_APART, Verdict.RESPONDS}


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditAsk:
    """One question whether a number is still true."""

    metric: MetricId
    since: date | None = None
    """The first week that is looked at; all that are known where none is named."""
    unit: UnitId | None = None
    """The unit whose units are looked at; those of the whole company where none is named."""

    @property
    def name(self) -> str:
        """Names what was asked, in the registry and in links."""
        return "/".join((self.metric, self.unit or "", "" if self.since is None else str(self.since)))


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekSeen:
    """What the units of a company say of a number in one week."""

    week: str
    together: float | Unknown
    """The correlation over units of the number with outcomes."""
    alarm: float | Unknown
    """How much of it has added up to less than there was; an alarm where it crosses the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BinSeen:
    """How many stand at a value, to the nearest five, and how many would without the line."""

    at: float
    count: int
    without: float | Unknown
    window: bool
    """Whether it is at the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSeen:
    """What one check says: its estimate in words, or why it says nothing."""

    check: Check
    name: str
    says: str
    abstains: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerSeen:
    """What an organisation of some size can see, and how soon."""

    people: int
    gaming: float
    """Share of people who make the number up."""
    weeks: float | Unknown
    """The median until it is seen; Unknown where it mostly is not."""
    seen: float
    """Share of cases that are seen within half a year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A target that was launched or removed, as a version of the programme had it."""

    name: str
    """Such as programme@v3."""
    week: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSeen:
    """What an event did to one figure, against units without it or against the weeks before."""

    figure: str
    says: str
    against: str
    """What it is held against, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What the audit of one number says, as everybody may read it; nothing in it is of a person."""

    metric: MetricId
    unit: str
    """Of which part of the company; empty for the whole."""
    verdict: Verdict
    says: str
    """The verdict in words."""
    since: str
    """The week from which it holds; empty where none is known."""
    lever: str
    """The field of the programme that it points at; empty where it points at none."""
    lever_says: str
    weeks: Sequence[WeekSeen] = ()
    line: float | Unknown = NO_ALARM
    """Where an alarm is raised."""
    bins: Sequence[BinSeen] = ()
    bins_of: str = ""
    """What is counted by them."""
    checks: Sequence[CheckSeen] = ()
    power: Sequence[PowerSeen] = ()
    declared: str = ""
    """How much of it declared workloads did, in words."""
    people: int = 0
    """To the nearest five."""
    units: int = 0
    first: str = ""
    last: str = ""
    """The weeks from and to which it looks."""
    at: str = ""
    entry: int = 0
    """Its entry in the log."""
    suspended: str = ""
    """What the programme withdrew for it, in words."""
    event: Event | None = None
    effects: Sequence[EventSeen] = ()
