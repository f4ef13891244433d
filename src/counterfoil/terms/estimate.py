"""A number with what a reader needs to trust it."""

from dataclasses import dataclass

from counterfoil.terms.absent import Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value with its 95 % interval, how much it rests on, and how it was computed."""

    value: float
    low: float | Unknown
    high: float | Unknown
    n: int
    """Units the value rests on (lines, changes, sessions), as `method` says."""
    coverage: float | Unknown
    """Share of what should have been seen that was seen."""
    method: str
    """Name of the method, as in docs/methods."""
