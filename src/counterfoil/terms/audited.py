"""What is told of the audit of a number: to everybody, and of nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from counterfoil.terms.absent import Unknown
from counterfoil.terms.audit import Outlook, Verdict
from counterfoil.terms.ids import MetricId, UnitId

PURPOSE = "gaming_check"
"""What an audit is read for; no other question can name it."""
NO_ALARM = Unknown("no alarm was computed")
FINDINGS = frozenset({Verdict.APART, Verdict.RESPONDS})
"""Verdicts after which somebody has something to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditAsk:
    """One question whether a number is still true."""

    metric: MetricId
    since: date | None = None
    """The first week that is looked at; all that are known where none is named."""
    unit: UnitId | None = None
    """The unit whose units are looked at; those of the whole company where none is named."""
    event: str = ""
    """What a version of the programme did, such as programme@v3; empty where that is not asked."""

    @property
    def name(self) -> str:
        """Names what was asked, in the registry."""
        since = "" if self.since is None else str(self.since)
        return "/".join((self.metric, self.unit or "", since, self.event))


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekSeen:
    """What the units of a company say of a number in one week."""

    week: str
    together: float | Unknown
    """The correlation over units of the number with outcomes."""
    alarm: float | Unknown
    """How much less outcomes move with it than they did, added up; an alarm where it crosses the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BinSeen:
    """How many stand at a value, to the nearest five, and how many would without the line."""

    at: float
    count: int
    without: float | Unknown
    window: bool
    """Whether it is at the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignSeen:
    """What one test says, in words; or why it says nothing."""

    test: str
    says: str
    speaks: bool
    """Whether it speaks for a response to the target."""
    why: str
    """Why it abstains; empty where it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectSeen:
    """What an event did to one measure, against units without it; or why nobody can tell."""

    measure: str
    says: str
    known: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LeverSeen:
    """What in the programme to change."""

    field: str
    """The field that it is about, such as `targets.weekly-use`."""
    rule: str
    """The linter's rule about it."""
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditTold:
    """What the audit of one number says, as everybody may read it; nothing in it is of a person."""

    metric: MetricId
    unit: str
    """Of which part of the company; empty for the whole."""
    verdict: Verdict
    says: str
    """The verdict in words."""
    since: str
    """The week from which it holds, such as 2026-W31; empty where none is known."""
    variant: str
    """Which way of coming apart it looks like, in words; empty where none is named."""
    levers: Sequence[LeverSeen] = ()
    """What in the programme it points at, the likeliest first."""
    weeks: Sequence[WeekSeen] = ()
    line: float | Unknown = NO_ALARM
    """Where an alarm is raised."""
    usual: str = ""
    """From which weeks it was learned what is usual."""
    bins: Sequence[BinSeen] = ()
    bins_of: str = ""
    """What is counted by them."""
    signs: Sequence[SignSeen] = ()
    outlook: Outlook | None = None
    """What could be seen in an organisation of this size; None where it was not worked out."""
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
    follows: str = ""
    """What the programme does about it, in words."""
    event: str = ""
    """What came or went, and when, in words."""
    effects: Sequence[EffectSeen] = ()

    @property
    def is_finding(self) -> bool:
        """Whether somebody has something to do."""
        return self.verdict in FINDINGS
