"""Tables that someone names, and what they say together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from counterfoil.collect.combine import combined
from counterfoil.collect.reading import FileReading
from counterfoil.collect.source import Want
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import SourceId
from counterfoil.terms.reading import NO_RETENTION, Reading

TABLE = SourceId("table")
UNKNOWN_COLUMN = "unknown-column"
NOTES = {
    UNKNOWN_COLUMN: "{n} columns have a name that docs/reference/table.md does not list; they were not read"
}


@dataclass(frozen=True, slots=True)
class Table:
    """Reads the tables it is given; it looks nowhere by itself."""

    paths: tuple[Path, ...] = ()
    id: SourceId = TABLE
    version: int = 1
    written_against: str = "docs/reference/table.md; RFC 4180, read 2026-11-23"

    def folders(self, home: Path | None) -> tuple[Path, ...]:
        """None: a table lies wherever its owner put it."""
        return ()

    def files(self, folders: Sequence[Path]) -> list[Path]:
        """The tables that were named."""
        return sorted(set(self.paths))

    def parse(self, path: str, file: BinaryIO, *, want: Want, now: int) -> FileReading:
        """What one table says; every row that can't be read is left out by itself.

        Raises: SourceError when a column that every row needs is missing.
        """
        from counterfoil.collect.table.rows import usage_of

        return usage_of(path, file.read(), now=now)

    def merge(self, readings: Iterable[FileReading], *, looked: Sequence[str]) -> Reading:
        """All tables united; a row read twice is one request."""
        return combined(self.id, readings, looked=looked, notes=NOTES)

    def retention(self, folders: Sequence[Path]) -> int | Unknown:
        """A table stays as long as its owner keeps it."""
        return NO_RETENTION
