"""What a programme measures: metrics, and the words that place them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import MetricId

NOT_SAID = Unknown("the programme does not say")


class Kind(StrEnum):
    """What a number is about. Only an outcome is what anybody wanted."""

    ACTIVITY = "activity"
    OUTPUT = "output"
    OUTCOME = "outcome"
    PERCEPTION = "perception"
    COST = "cost"


class Level(StrEnum):
    """Whose number it is, from the finest to the coarsest."""

    PERSON = "person"
    TEAM = "team"
    UNIT = "unit"
    COMPANY = "company"


class CapturedBy(StrEnum):
    """Who writes the number down."""

    SELF = "self"
    SYSTEM = "system"
    VENDOR = "vendor"


class Dimension(StrEnum):
    """The five dimensions of SPACE."""

    SATISFACTION = "satisfaction"
    PERFORMANCE = "performance"
    ACTIVITY = "activity"
    COMMUNICATION = "communication"
    EFFICIENCY = "efficiency"


class Watch(StrEnum):
    """What a metric keeps in sight beside another one."""

    CORRECTION = "correction"
    CONSEQUENCE = "consequence"
    HUMAN_TIME = "human-time"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeMetric:
    """A number that the programme uses."""

    id: MetricId
    """A short name in small letters; targets and displays refer to it."""
    kind: Kind
    """What it is about: activity (tokens, prompts, logins), output (things made), outcome (what came of
    them), perception (what people say), cost."""
    name: str | Unknown = NOT_SAID
    """What people call it; `id` where it is not stated."""
    unit: str | Unknown = NOT_SAID
    """Such as `tokens`, `share of changes`, `hours saved`."""
    level: Level | Unknown = NOT_SAID
    """The finest grain at which it is computed: person, team, unit or company."""
    captured_by: CapturedBy | Unknown = NOT_SAID
    """Who writes it down: self (the people it is about), system, vendor."""
    definition: str | Unknown = NOT_SAID
    """How it is computed, in one sentence."""
    source: str | Unknown = NOT_SAID
    """The system that it is read from."""
    owner: str | Unknown = NOT_SAID
    """The role that answers for it; a role, not a name."""
    version: str | Unknown = NOT_SAID
    """Changes whenever the definition does."""
    cached_tokens: str | Unknown = NOT_SAID
    """For tokens: whether tokens read from a cache count, in words."""
    validated_until: date | Unknown = NOT_SAID
    """How long the last test that it still goes with outcomes is good for."""
    dimension: Dimension | Unknown = NOT_SAID
    """Its dimension of SPACE: satisfaction, performance, activity, communication or efficiency."""
    watches: Watch | Unknown = NOT_SAID
    """What it keeps in sight beside another metric: correction (rework, reverts, defects), consequence
    (what users, patients or customers felt), human-time (hours of people)."""
    counterweights: tuple[MetricId, ...] = ()
    """Metrics that get worse when this one is inflated."""
    net_of_rework: bool | Unknown = NOT_SAID
    """For time saved: whether time spent redoing is taken off."""

    @property
    def called(self) -> str:
        """What people call it."""
        return self.id if isinstance(self.name, Unknown) else self.name

    @property
    def is_volume(self) -> bool:
        """Whether more of it can be made without anything coming of it."""
        return self.kind in {Kind.ACTIVITY, Kind.OUTPUT}

    @property
    def is_consumption(self) -> bool:
        """Whether it counts what is used up."""
        return self.kind in {Kind.ACTIVITY, Kind.COST}

    @property
    def counts_tokens(self) -> bool:
        """Whether its unit is tokens."""
        return not isinstance(self.unit, Unknown) and "token" in self.unit.lower()

    @property
    def is_time_saved(self) -> bool:
        """Whether its unit is time saved, such as `hours saved`."""
        return not isinstance(self.unit, Unknown) and "saved" in self.unit.lower().split()
