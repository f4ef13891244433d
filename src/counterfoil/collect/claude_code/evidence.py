"""What a transcript shows was written and committed, and how often a person spoke: hashes and counts only."""

from counterfoil.collect.lines import LineHasher
from counterfoil.collect.reading import FileReading


def add_evidence(reading: FileReading, content: bytes, hasher: LineHasher) -> None:
    """Add to a reading of usage what the same transcript shows of work."""
