"""Whether something changed what came of the work: figures of units by week, and what is found in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.ids import UnitId

NOT_IN_TABLE = Unknown("the table does not say")
NO_LICENCE = Unknown("it has no licences")


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitWeek:
    """Figures of one unit and week: of a group, and of nobody in it."""

    unit: UnitId
    week: date
    """Its Monday."""
    figures: Mapping[str, float | Unknown]
    """Each figure by the name of its column."""
    people: int | Unknown = NOT_IN_TABLE
    """How many people the unit has."""
    exposure: float | Unknown = NOT_IN_TABLE
    """The share of its people who were active in the week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitFacts:
    """What is known of a unit in every week."""

    unit: UnitId
    department: str | Unknown = NOT_IN_TABLE
    """What it is part of: units of one department share reviewers, and luck."""
    licensed: date | Unknown = NO_LICENCE
    """The day on which it got licences."""
    is_pilot: bool = False
    """Whether it was picked by hand to be early."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitTable:
    """A table of units by week."""

    weeks: Sequence[UnitWeek]
    units: Sequence[UnitFacts]
    """One for each unit, by name."""
    has_licences: bool = False
    """Whether it says from when units had licences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A figure whose change is looked for."""

    name: str
    events: str
    """The column of the figure itself or, of a rate, of what it counts."""
    work: str = ""
    """The column of what there is of it that could come to such an end; empty where the figure is no rate."""

    @classmethod
    def parse(cls, text: str) -> "Outcome":
        """An outcome as it is written: a column, or two of them as events/work.

        Raises: ValueError where it is neither.
        Example:
            >>> Outcome.parse("undone/landed").work
            'landed'
        """
        events, slash, work = text.partition("/")
        if not events or (slash and not work):
            raise ValueError("an outcome is a column, or events/work")
        return cls(name=text, events=events, work=work)


class TreatedBy(StrEnum):
    """What makes a unit treated."""

    USE = "use"
    """The first week in which half of its people were active."""
    LICENCE = "licence"
    """The week in which it got licences."""


class Judgement(StrEnum):
    """What is said of one outcome."""

    ROSE = "rose"
    FELL = "fell"
    MAY_BE_DRIFT = "may-be-drift"
    """It moved, and a steady drift from before can't be told from it."""
    NO_SIGN = "no-sign"
    CANT_TELL = "cant-tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceTreated:
    """The effect so many weeks after treatment; before it, a placebo."""

    weeks: int
    effect: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeFound:
    """What is found of one outcome."""

    outcome: str
    judgement: Judgement
    says: str
    """The verdict in a sentence."""
    effect: Estimate | Unknown
    """On those treated, on average since they were; its interval holds for all outcomes at once."""
    before: float | Unknown
    """How likely such differences before treatment are by chance (p)."""
    without_drift: Estimate | Unknown
    """What is left of it if treated and others went on drifting apart as fast as before."""
    undone_at: float | Unknown
    """How many times the largest drift before treatment it takes, from week to week after it, to undo it."""
    study: Sequence[SinceTreated] = ()
    """By weeks since treatment, in a band that holds for all of them at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseFound:
    """What is found, by one definition of treated."""

    treated_by: TreatedBy
    design: str
    """Name of the method, as in docs/methods."""
    outcomes: Sequence[OutcomeFound]
    units: int
    treated: int
    departments: int
    weeks: int
    pilots: int
    """Units left out since they were picked by hand."""
    small: int
    """Units left out since they have fewer people than the floor."""
    seen: float
    """The share of units and weeks that is not missing."""
    notes: Sequence[str] = field(default=())
