"""What a model expects of a programme before it begins. Never a measurement."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """One thing about a programme that moves people, as the model reads it."""

    name: str
    """A short name in small letters, such as `visibility`."""
    value: float
    """From 0 to 1, except for `target`: uses a week that each person has to reach."""
    says: str
    """What in the programme led to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A figure with the interval within which the model's own uncertainty leaves it."""

    value: float
    low: float
    high: float
    """The middle 95 % of the parameters that the calibration allows; what the model gets wrong is extra."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """One measure under a programme and under its nearest passing one."""

    name: str
    says: str
    unit: str
    """share, usd or hours."""
    programme: Expected
    passing: Expected
    gap: Expected
    """Passing less programme, from the same draws, so that shared uncertainty cancels."""


class Standing(StrEnum):
    """How a published figure stands to the model."""

    FITTED = "fitted"
    INPUT = "input"
    NOT_FITTED = "not fitted"
    NOT_TESTABLE = "not testable here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A published figure beside what the model gives."""

    id: str
    says: str
    target: str
    """The figure as published, with its range."""
    model: str
    standing: Standing
    gap: str
    """How far the model is off, or why that can't be said."""
    source: str
    arithmetic: str
    """The published figures recomputed from each other; empty where there is nothing to recompute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What the model expects of a programme once people have settled, beside the nearest passing one."""

    name: str
    levers: Sequence[Lever]
    passing_levers: Sequence[Lever]
    passes: bool
    """Whether it is its own nearest passing programme."""
    foreseen: Sequence[Foreseen]
    moments: Sequence[Moment]
    """Published figures that nothing was fitted to."""
    people: int
    draws: int
    notes: Sequence[str]
