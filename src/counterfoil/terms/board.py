"""The boards that companies built of their people, as history: on invented people, never on real ones."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One row of a historical board; the person is invented."""

    place: int
    who: str
    tokens: int
    tier: str
    titles: tuple[str, ...]
    needed: float
    """Share of the tokens that somebody needed, as it was planted; no board ever showed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoricalBoard:
    """A board of invented people by tokens, as two companies had it."""

    people: int
    days: int
    tokens: int
    shown: Sequence[Place]
    """The first places, and the rows that bear a title."""
    tiers: Sequence[tuple[str, int]]
    """Each tier and how many people bear it."""
    top_share: float
    """Share of all tokens that the shown places hold."""
    gamed_share: float
    """Share of all tokens that nobody needed, as it was planted."""
    gaming_people: int
    """People some of whose tokens nobody needed."""
    honest_places: int
    """Shown places whose tokens were all needed."""
