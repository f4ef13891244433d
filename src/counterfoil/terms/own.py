"""A person's question about their own logs and repositories, with the sources that can answer it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from counterfoil.terms.absent import Unknown
from counterfoil.terms.history import Past
from counterfoil.terms.ids import MicroUsd, RepoPath, SourceId
from counterfoil.terms.rate import RateCard
from counterfoil.terms.reading import Reading

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much is done, and how much there is in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What was really paid, as its holder stated it."""

    paid: MicroUsd | Unknown
    basis: str
    """Where the figure comes from, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSources:
    """Everything one person's report is made of, read on that person's own machine."""

    readings: Sequence[Reading]
    remembered: Mapping[SourceId, int]
    """Requests whose logs are gone and that only the evidence store still knows, by source."""
    rates: RateCard
    bill: Bill
    places: Mapping[str, RepoPath | Unknown]
    """Each working directory that the logs name, with the repository it belongs to."""
    guesses: Mapping[str, RepoPath]
    """Folders that are not here, with the repository each may have been; only content confirms it."""
    pasts: Mapping[RepoPath, Past | Unknown]
    """Each repository to examine, or why it can't be."""
    aliases: Mapping[RepoPath, Sequence[str]]
    """Former and present roots of each repository's work trees, as logs may name them."""
    since: datetime | None
    """First instant of the period; None asks for everything. UTC, aware."""
    now: datetime
    """UTC, aware."""
    example: bool = False
    notes: Sequence[str] = ()
    """What was met while reading, in words."""
