"""A file's lines with where each came from and what ties it to a tool."""

from collections.abc import Sequence
from dataclasses import dataclass

from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import CommitId


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedLine:
    """One line of one file; no author is named."""

    commit: CommitId
    """The commit that `git blame` without options names."""
    moved_from: CommitId | None
    """The commit that first wrote the text, where the line was moved later."""
    evidence: int
    """Evidence tier, 0 to 5; 0 is unknown, never human."""
    tool: str | Unknown
    """The tool the evidence names."""
    landed_at: str
    """When the line reached the main line, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TracedFile:
    """One file with the origin of every line."""

    path: str
    lines: Sequence[TracedLine]
