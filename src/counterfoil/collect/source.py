"""What every source of local logs offers, so that one engine reads them all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from counterfoil.collect.reading import FileReading
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import SourceId
from counterfoil.terms.reading import Reading


@dataclass(frozen=True, slots=True)
class Want:
    """What a reading is for: usage alone, or with a line key also what was written and committed."""

    line_key: bytes | None = None
    """Key of `collect.lines.LineHasher`; None asks for usage alone, which is faster."""

    @property
    def evidence(self) -> bool:
        """True where written lines, commits and human turns are asked for."""
        return self.line_key is not None

    @property
    def fingerprint(self) -> str:
        """Tells readings for different wants apart, without telling the key."""
        if self.line_key is None:
            return "usage"
        from hashlib import blake2b

        return blake2b(self.line_key, digest_size=8).hexdigest()


USAGE_ONLY = Want()


class Source(Protocol):
    """One tool's local logs. Only `folders`, `files` and `retention` touch the disk."""

    @property
    def id(self) -> SourceId:
        """The source's name."""

    @property
    def version(self) -> int:
        """Raised whenever `parse` would say something else of the same bytes."""

    @property
    def written_against(self) -> str:
        """The document and the client version that the parser was written against."""

    def folders(self, home: Path | None) -> tuple[Path, ...]:
        """Where the tool keeps logs: below a given home, or this user's, heeding the tool's own variables."""

    def files(self, folders: Sequence[Path]) -> list[Path]:
        """Every log file below the folders; a folder that is missing has none."""

    def parse(self, path: str, file: BinaryIO, *, want: Want, now: int) -> FileReading:
        """What one open file says, read once from its start. Opens nothing itself.

        Unit: `now` in milliseconds since 1970, UTC; a record over a day later is in the future.
        """

    def merge(self, readings: Iterable[FileReading], *, looked: Sequence[str]) -> Reading:
        """All files united. Pure: the order of the files never changes a total."""

    def retention(self, folders: Sequence[Path]) -> int | Unknown:
        """After how many days the tool deletes its own logs."""
