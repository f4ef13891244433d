"""What is not there: a number that can't be known, a record that can't be read."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Unknown:
    """A number that can't be known, with the reason; never zero and never None."""

    why: str
    """One plain clause a reader understands, without personal or source text."""

    def __bool__(self) -> bool:
        """Refuse to be read as false, since absence is not zero."""
        raise TypeError(f"an Unknown has no truth value: {self.why}")


class SkipReason(StrEnum):
    """Why a record could not be read. A closed set: none of them quotes the text."""

    TRUNCATED = "truncated"
    NOT_JSON = "not-json"
    BINARY = "binary"
    WRONG_SHAPE = "wrong-shape"
    ABSURD_COUNT = "absurd-count"
    NO_TIME = "no-time"
    FUTURE_TIME = "future-time"
    TOO_LONG = "too-long"
    BROKEN_FRAME = "broken-frame"
    UNREADABLE_FILE = "unreadable-file"
    NO_PARENT = "no-parent"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stood: the file and its line, counted from one."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A record that claimed to be one of ours, or could not be read; counted, never raised."""

    where: Place
    why: SkipReason
