"""The nouns of an invented session, from which each tool's log is written in its own format."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from counterfoil.terms.ids import SessionId


@dataclass(frozen=True, slots=True)
class WriteFile:
    """A call that writes a whole new file. `path` is relative to the session's directory."""

    path: str
    content: str


@dataclass(frozen=True, slots=True)
class EditFile:
    """A call that replaces one passage of a file by another, in whole lines without the last newline."""

    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class EditMany:
    """A call that replaces several passages of one file."""

    path: str
    edits: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A call that reads a file."""

    path: str


@dataclass(frozen=True, slots=True)
class RunCommand:
    """A call of a shell command, with what it printed."""

    command: str
    output: str


Call = WriteFile | EditFile | EditMany | ReadFile | RunCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What one request is billed for; the four buckets exclude each other."""

    input_uncached: int
    cache_read: int
    cache_write: int
    output: int
    """Reasoning included."""
    reasoning: int = 0
    cache_write_1h: int = 0


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a person asked."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One model request: what it cost, what it said and which calls it made."""

    at: datetime
    model: str
    tokens: Tokens
    says: str = ""
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """One session of one tool."""

    id: SessionId
    directory: str | None
    """Where it worked; None where the log does not say."""
    branch: str
    version: str
    turns: tuple[Prompt | Request, ...]
    parent: "Talk | None" = None
    """The session this one was forked from."""
    subagents: "tuple[Talk, ...]" = ()

    @property
    def requests(self) -> tuple[Request, ...]:
        """The model requests of this session alone, in order."""
        return tuple(turn for turn in self.turns if isinstance(turn, Request))

    @property
    def began(self) -> datetime:
        """When the first turn began."""
        return self.turns[0].at


def identifier(talk: Talk, kind: str, number: int, part: int = 0) -> str:
    """An identifier that is the same in each writing of the same session, in whatever format."""
    text = sha256(f"{kind} {talk.id} {number} {part}".encode()).hexdigest()
    if kind == "uuid":
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}"
    return f"{kind}_01{text[:22]}"


def stamp(at: datetime) -> str:
    """A time as the three tools write it: UTC, in milliseconds, with a Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def passage(old: str, new: str) -> list[tuple[str, str]]:
    r"""A replaced passage as marked lines: shared first and last lines as context.

    Example:
        >>> passage("a\nb", "a\nc")
        [(' ', 'a'), ('-', 'b'), ('+', 'c')]
    """
    before, after = old.split("\n") if old else [], new.split("\n") if new else []
    shortest = min(len(before), len(after))
    top = next((i for i in range(shortest) if before[i] != after[i]), shortest)
    rest = shortest - top
    tail = next((i for i in range(rest) if before[-1 - i] != after[-1 - i]), rest)
    return [
        *((" ", line) for line in before[:top]),
        *(("-", line) for line in before[top : len(before) - tail]),
        *(("+", line) for line in after[top : len(after) - tail]),
        *((" ", line) for line in before[len(before) - tail :]),
    ]
