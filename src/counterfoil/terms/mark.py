"""Claims that a tool had a hand in a work, and how strong each claim is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import LineKey, SessionId, SourceId


class Evidence(IntEnum):
    """How strongly a line or change is tied to a tool; 0 is unknown, never human."""

    UNKNOWN = 0
    ASSIST = 1
    """An assist mark: a review suggestion, `Assisted-by`, an editor's default trailer."""
    MARKED = 2
    """A session or agent co-author mark, or a commit that a session's own log reports."""
    AGENT = 3
    """An agent is author or committer."""
    CONTENT = 4
    """The lines a session wrote are the lines that landed."""
    LOGGED = 5
    """An edit-time log of lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A claim in a commit's own words that a tool had a hand in it."""

    evidence: Evidence
    tool: str
    """The tool's name in lower case, such as `claude-code`."""
    session: SessionId | Unknown
    """The session a trailer names."""
    whole: bool
    """False where the claim covers only some of the commit (a squash with several marks)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What one tool call wrote to one file: keyed hashes of normalised lines, never the lines."""

    source: SourceId
    session: SessionId
    at: datetime
    """When the call was recorded. UTC, aware."""
    path: str
    """The file as the tool named it: absolute, or relative to the session's directory."""
    directory: str
    """The session's working directory at that time."""
    added: Sequence[LineKey]
    """One key per effective line written, in order, repeats kept."""
    removed: Sequence[LineKey]
    """One key per effective line that the call replaced or deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Committed:
    """A commit that a session's own log shows it made: the name git printed, nothing else."""

    source: SourceId
    session: SessionId
    at: datetime
    directory: str
    commit: str
    """Hex digits as git printed them: 7 to 64."""
