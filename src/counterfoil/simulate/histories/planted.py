"""The answer that was planted: what each change became, and what each session cost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from counterfoil.simulate.formats.session import Tokens
from counterfoil.simulate.histories.people import Identity
from counterfoil.terms.ids import CommitId, SessionId, SourceId
from counterfoil.terms.mark import Evidence
from counterfoil.terms.work import FateKind, SpendPart


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedUsage:
    """Sums over model requests, every duplicate merged."""

    requests: int = 0
    input_uncached: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0

    @classmethod
    def of(cls, tokens: Iterable[Tokens]) -> "PlantedUsage":
        """The sum of what requests were billed for."""
        kept = list(tokens)
        names = [f.name for f in fields(cls) if f.name != "requests"]
        return cls(requests=len(kept), **{name: sum(getattr(t, name) for t in kept) for name in names})

    def __add__(self, other: "PlantedUsage") -> "PlantedUsage":
        return PlantedUsage(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(PlantedUsage)}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedChange:
    """A change on the main line whose fate is known for certain."""

    name: str
    """What it is an example of."""
    commit: CommitId
    """The commit that landed it."""
    fate: FateKind
    evidence: Evidence
    """The tier that most of its lines carry."""
    tool: str
    """The tool that the evidence names; empty for none."""
    sessions: tuple[SessionId, ...]
    """The sessions that wrote it; empty where no log exists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedSession:
    """A session, subagents included, whose whole spend belongs to one part."""

    id: SessionId
    source: SourceId
    part: SpendPart
    usage: PlantedUsage


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """The truth of one example."""

    repository: Path
    home: Path
    """The home directory with the three tools' logs."""
    me: Identity
    changes: tuple[PlantedChange, ...]
    sessions: tuple[PlantedSession, ...]
    """Sessions whose part is known for certain."""
    unsure: tuple[PlantedSession, ...] = ()
    """Sessions of changes for which no fate is claimed; their part says nothing."""

    @property
    def usage(self) -> Mapping[SourceId, PlantedUsage]:
        """What each tool's logs add up to."""
        sums: dict[SourceId, PlantedUsage] = {}
        for session in (*self.sessions, *self.unsure):
            sums[session.source] = sums.get(session.source, PlantedUsage()) + session.usage
        return sums
