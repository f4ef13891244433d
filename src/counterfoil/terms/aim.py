"""What a programme asks of people and shows of them: targets and displays."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import DisplayId, MetricId, TargetId
from counterfoil.terms.metric import NOT_SAID, Level


class Eligible(StrEnum):
    """Who or what counts in a target's denominator."""

    EVERYONE = "everyone"
    NAMED_ROLES = "named-roles"
    SUITABLE_TASKS = "suitable-tasks"


class Exemption(StrEnum):
    """Why somebody is left out of a target without a disadvantage."""

    LEAVE = "leave"
    PART_TIME = "part-time"
    DISABILITY = "disability"
    ROLE = "role"


class Audience(StrEnum):
    """Who sees a display or reads raw rows."""

    SELF = "self"
    LINE_MANAGERS = "line-managers"
    LEADERS = "leaders"
    FINANCE = "finance"
    STEWARDS = "stewards"
    PARTIES = "parties"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A value that somebody is asked to reach."""

    id: TargetId
    """A short name in small letters."""
    metric: MetricId
    """What is to be reached."""
    level: Level
    """Who has to reach it: person, team, unit or company."""
    threshold: float | Unknown = NOT_SAID
    """The value to reach, a share as 0.8."""
    window: timedelta | Unknown = NOT_SAID
    """The time over which it is counted, such as `4 weeks`."""
    cliff: bool | Unknown = NOT_SAID
    """Whether being just short counts as nothing."""
    eligible: Eligible | Unknown = NOT_SAID
    """Who or what counts: everyone, named-roles, suitable-tasks."""
    exempt: tuple[Exemption, ...] = ()
    """Who is left out or prorated: leave, part-time, disability, role."""
    expires: date | Unknown = NOT_SAID
    """The day on which it ends unless it is set anew."""
    tiers: tuple[str, ...] = ()
    """Labels or steps on the way, such as bronze, silver, gold."""
    beside: tuple[MetricId, ...] = ()
    """Metrics that are read in the same decision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Display:
    """A board, page or report that shows metrics to somebody."""

    id: DisplayId
    """A short name in small letters."""
    metrics: tuple[MetricId, ...]
    """What it shows."""
    level: Level
    """Whose numbers it shows, row by row: person, team, unit or company."""
    audience: tuple[Audience, ...]
    """Who sees it: self (each their own), line-managers, leaders, finance, stewards, parties, everyone."""
    ranked: bool = False
    """Whether its rows stand in the order of a value."""
    rewards: tuple[str, ...] = ()
    """Badges, titles, prizes that it gives."""
    tiers: tuple[str, ...] = ()
    """Labels it puts on people or units, such as heavy and light user, or streaks."""
    floor: int | Unknown = NOT_SAID
    """The fewest people other than the viewer behind any figure; `floors` where it is not stated."""
    overlapping_filters: bool = False
    """Whether a viewer may cut it in ways that overlap, so that two answers subtract to a person."""
    beside: tuple[MetricId, ...] = ()
    """Metrics that the same viewers read beside it."""
    ends: date | Unknown = NOT_SAID
    """The day on which it is taken down."""

    @property
    def is_own_view(self) -> bool:
        """Whether each person sees their own row alone."""
        return self.audience == (Audience.SELF,)
