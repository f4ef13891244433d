"""Identifiers as types, so that no bare string crosses a room."""

from typing import NewType

SourceId = NewType("SourceId", str)
"""The collector that read a record, such as `claude-code`."""
SessionId = NewType("SessionId", str)
"""A tool's own session identifier."""
Pseudonym = NewType("Pseudonym", str)
"""Keyed hash of a person; the key is kept outside the store."""
CommitId = NewType("CommitId", str)
"""A git object name in full, 40 or 64 hex digits."""
RepoPath = NewType("RepoPath", str)
"""Absolute path of a repository's main work tree, or of the bare repository."""
MicroUsd = NewType("MicroUsd", int)
"""Millionths of a US dollar."""
PicoUsd = NewType("PicoUsd", int)
"""Millionths of a micro-dollar, in which list prices times tokens are whole numbers."""
LineKey = NewType("LineKey", int)
"""64-bit keyed hash of one normalised line; the key never leaves the machine."""
MetricId = NewType("MetricId", str)
"""A metric of a programme, a short name in small letters such as `kept-30-days`."""
TargetId = NewType("TargetId", str)
"""A target of a programme."""
DisplayId = NewType("DisplayId", str)
"""A board, page or report that a programme shows to somebody."""
PartyId = NewType("PartyId", str)
"""A side of the agreement, such as `works-council`."""
RuleId = NewType("RuleId", str)
"""A rule of the linter, such as `AP301`."""
UnitId = NewType("UnitId", str)
"""A unit of an organisation, as its directory names it."""
CardId = NewType("CardId", str)
"""An entry of the directory, as this server named it."""
WorkloadName = NewType("WorkloadName", str)
"""An entry of the register of workloads, a short name in small letters such as `ci`."""
