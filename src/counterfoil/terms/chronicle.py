"""What became of an invented company, week by week, as sums over everybody."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekSum:
    """One week of a whole company; no person and no team is in it."""

    week: int
    present: int
    honest: int
    """People who used AI and left the number alone."""
    padded: int
    burned: int
    """People who burned tokens for their place or their review."""
    resisted: int
    active: int
    """People whom a dashboard shows as active."""
    needed_tokens: int
    other_tokens: int
    """Tokens that nobody needed, as it was planted."""
    net_hours: float
    """Unit: hours, net of rework and of the time that gaming took."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chronicle:
    """A company that lived under one programme and then under another."""

    people: int
    weeks: Sequence[WeekSum]
    repaired_in: int
    """The first week under the repaired programme."""
