"""What a collector hands on after reading a source, with its own book-keeping."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from counterfoil.terms.absent import Skipped, SkipReason, Unknown
from counterfoil.terms.batch import Batch
from counterfoil.terms.ids import SourceId
from counterfoil.terms.mark import Committed, Written
from counterfoil.terms.usage import Session, Usage

NO_RETENTION = Unknown("the tool states no retention")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The book of one reading: records = kept + merged + skipped; `other` is all further lines."""

    files: int = 0
    records: int = 0
    """Lines that claim usage or can't be read."""
    kept: int = 0
    """Requests handed on."""
    merged: int = 0
    """Records that repeat a kept request."""
    skipped: Mapping[SkipReason, int] = field(default_factory=dict)
    """Records left out, by reason."""
    other: int = 0
    """Lines that claim no usage."""

    @property
    def skipped_total(self) -> int:
        """Records left out for any reason."""
        return sum(self.skipped.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything one source said, duplicates merged."""

    source: SourceId
    usage: Sequence[Batch[Usage]]
    sessions: Sequence[Session] = ()
    written: Sequence[Written] = ()
    committed: Sequence[Committed] = ()
    counts: Counts = Counts()
    skipped: Sequence[Skipped] = ()
    """The first few records left out, with their place; `counts` has them all."""
    looked: Sequence[str] = ()
    """The folders that were searched."""
    retention_days: int | Unknown = NO_RETENTION
    """After how many days the tool deletes its own logs."""
    caveats: Sequence[str] = ()
    """What a reader should know of this source's figures, in words."""


class Remembered(Protocol):
    """A place that remembers what a file said when it had a certain size and time."""

    def recall(self, file: str, fingerprint: str) -> bytes | None:
        """What was kept for this very state of the file."""

    def keep(self, file: str, fingerprint: str, reading: bytes) -> None:
        """Remember what a file said; a failure to remember is not an error."""
