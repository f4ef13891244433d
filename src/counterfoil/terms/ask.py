"""Questions about figures of many people, as values: judged before a row is read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import MetricId, Pseudonym
from counterfoil.terms.metric import Level
from counterfoil.terms.period import Period
from counterfoil.terms.release import Refuse, Released, Withheld

NOBODY_SAID = Unknown("no table says who is exempt")
FEW_EXEMPT = Unknown("nobody is exempt, or fewer people than may be told of")


class Role(StrEnum):
    """In which capacity somebody asks."""

    EMPLOYEE = "employee"
    LEADER = "leader"
    FINANCE = "finance"
    COUNCIL = "council"
    DPO = "dpo"
    ADMIN = "admin"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who asks: a person who signed in, or whoever has the data directory."""

    who: Pseudonym | None
    """None for an operator, whom nobody has signed in."""
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question: a figure, of whom, when, and what for."""

    metric: MetricId
    by: Level
    """Of each team, of each unit, or of the whole company."""
    period: Period
    purpose: str
    filters: Mapping[str, str] = field(default_factory=dict)
    """People by `unit` and `role`; rows by what the fact has: tool, model, trigger, kind."""

    def written(self) -> str:
        """The same words for the same question, whoever asks it and for whatever."""
        return json.dumps([self.metric, self.by, self.period.name, sorted(self.filters.items())])


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of a group of people, as it may be shown: rounded, with its interval and coverage."""

    value: float | Unknown
    low: float | Unknown
    high: float | Unknown
    says: str
    """The figure in words; a share of people is only a band."""
    between: str
    """Its 95 % interval in words; empty where there is none."""
    unit: str
    people: int
    """How many people it is of, to the nearest five."""
    coverage: float | Unknown
    """Share of the period's weekdays on which the company has data."""
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of a question for one group."""

    group: str
    """The unit's name, or the company."""
    verdict: Released[Figure] | Withheld | Refuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What came of a question."""

    ask: Ask
    answers: Sequence[Answer]
    """In the order of their names."""
    entry: int
    """The place of its entry in the log."""
    notes: Sequence[str] = ()
    left_out: int | Unknown = NOBODY_SAID
    """Of a share of the company's people: how many are in none of it since they are exempt, in fifties."""
