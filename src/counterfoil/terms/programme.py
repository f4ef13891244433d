"""The programme: the file that says what is measured, why, for whom, until when, and what it is used for."""

from dataclasses import dataclass, field
from datetime import date

from counterfoil.terms.absent import Unknown
from counterfoil.terms.aim import Display, Target
from counterfoil.terms.ids import MetricId, PartyId, RuleId
from counterfoil.terms.metric import NOT_SAID, ProgrammeMetric
from counterfoil.terms.promise import (
    Agents,
    Assessments,
    Data,
    Floors,
    Gaming,
    Notice,
    Review,
    Spending,
    Workforce,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the programme is."""

    name: str
    """What people call it."""
    strategy: str | Unknown = NOT_SAID
    """Why the company does this, as it tells everyone."""
    purposes: tuple[str, ...] = ()
    """The closed list of what the numbers may be used for."""
    jurisdictions: tuple[str, ...] = ()
    """Where the people work: country codes such as DE, GB, US-NY, or EU."""
    people: int | Unknown = NOT_SAID
    """How many people it covers."""
    begins: date | Unknown = NOT_SAID
    """Its first day."""
    ends: date | Unknown = NOT_SAID
    """Its last day, unless it is agreed anew."""
    judged_on: date | Unknown = NOT_SAID
    """For history and examples: the day on which the file is judged, today where it is not stated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A side of the agreement, whose consent weakening a rule needs."""

    id: PartyId
    """A short name in small letters."""
    name: str | Unknown = NOT_SAID
    """What people call it."""
    acts_for: PartyId | Unknown = NOT_SAID
    """The party on whose behalf it acts, where it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """A finding that the parties have accepted for a time."""

    rule: RuleId
    """The finding's rule."""
    where: str | Unknown = NOT_SAID
    """The field's path as the finding names it; everywhere where it is not stated."""
    reason: str
    """Why it is accepted."""
    until: date
    """The day on which it is no longer accepted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme:
    """An AI adoption programme, as its file states it."""

    about: About
    parties: tuple[Party, ...] = ()
    metrics: tuple[ProgrammeMetric, ...] = ()
    targets: tuple[Target, ...] = ()
    displays: tuple[Display, ...] = ()
    floors: Floors = field(default_factory=Floors)
    review: Review = field(default_factory=Review)
    workforce: Workforce = field(default_factory=Workforce)
    notice: Notice = field(default_factory=Notice)
    assessments: Assessments = field(default_factory=Assessments)
    data: Data = field(default_factory=Data)
    gaming: Gaming = field(default_factory=Gaming)
    spending: Spending = field(default_factory=Spending)
    agents: Agents = field(default_factory=Agents)
    suppress: tuple[Suppression, ...] = ()

    def metric(self, name: MetricId) -> ProgrammeMetric:
        """The metric of that name; loading has made sure that there is one."""
        return next(metric for metric in self.metrics if metric.id == name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Headcount:
    """How large the units of an organisation are; no person and no unit is named."""

    people: int
    sizes: tuple[int, ...]
    """People in each unit.

    Shape: (units,).
    """
    skipped: int = 0
    """Lines of the list that name no person or no unit, and so are in no size."""
