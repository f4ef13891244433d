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
