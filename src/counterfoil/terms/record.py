"""Everything that is held about one person, and who read it, as that person sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A read of one person's rows, as the log has it."""

    entry: int
    """Its place in the log."""
    at: str
    role: str
    purpose: str
    did: str
    """What was done: read, objected, asked for a correction, opened an identity."""
    proof: Sequence[str]
    """Its receipt: the inclusion proof in the log of the checkpoint, as base64.

    Source: RFC 6962, section 2.1.1.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class PartOf:
    """A figure of many that a person is one of, as the log has it."""

    entry: int
    at: str
    role: str
    purpose: str
    metric: str
    period: str
    group: str
    filters: str
    """How it was cut; empty where it was not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRecord:
    """What a data directory holds about whoever asks."""

    rows: Mapping[str, Sequence[Mapping[str, str]]]
    """Every row about them, table by table."""
    reads: Sequence[Read]
    reads_before: int
    """Entries about them before those, where only the newest were asked for."""
    part_of: Sequence[PartOf]
    part_of_before: int
    """Entries before those that have figures of which they are one, in the same way."""
    objected: bool
    corrections: Sequence[str]
    """What they asked to be put right, word for word."""
    checkpoint: str
    """The signed checkpoint that the receipts hold in."""
    hints: Sequence[str]
    """What they may want to look at; compared with nobody."""
    missing: int
    """Entries that were sealed about them and the log does not have: above zero, something is wrong."""
