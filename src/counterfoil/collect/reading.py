"""What one file said: columns small enough to be remembered, the same for every source."""

from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from counterfoil.terms.absent import SkipReason

A_DAY = 86_400_000
"""Unit: milliseconds."""
NONE = -1
"""An index or a count that the source does not state; becomes Unknown when readings are combined."""
MAX_COUNT = 1_000_000_000
"""A request with more tokens of one kind than this was not counted by a working client."""
FIRST_PLACES = 5
"""How many left-out records of one file are kept with their line."""


# Python 3.11 can't subscript array at run time.
if TYPE_CHECKING:
    Numbers = array[int]
else:
    Numbers = array


def numbers(column: Iterable[int] | bytes = ()) -> Numbers:
    """A column of whole numbers, eight bytes each: handed on and united as one block."""
    return array("q", column)


class Setting(NamedTuple):
    """Where and on which day a request was made, which many requests share: words by their index in `texts`.

    `rank` says which copy of a repeated request names its setting: the lowest; 0 unless a source says.
    Unit: `day` in days since 1970, UTC.
    """

    session: int
    parent: int = NONE
    model: int = NONE
    tool: int = NONE
    directory: int = NONE
    repository: int = NONE
    branch: int = NONE
    rank: int = 0
    day: int = 0


class Rows(msgspec.Struct, array_like=True):
    """Requests of one file as columns; words and settings stand once and are named by their index.

    Shape: every column but `texts` and `settings` (n,).
    Unit: `at` in milliseconds since 1970, UTC.
    """

    texts: list[str] = []
    settings: list[Setting] = []
    key: list[str] = []
    setting: Numbers = msgspec.field(default_factory=numbers)
    at: Numbers = msgspec.field(default_factory=numbers)
    input_uncached: Numbers = msgspec.field(default_factory=numbers)
    cache_read: Numbers = msgspec.field(default_factory=numbers)
    cache_write: Numbers = msgspec.field(default_factory=numbers)
    output: Numbers = msgspec.field(default_factory=numbers)
    reasoning: Numbers = msgspec.field(default_factory=numbers)
    cache_write_1h: Numbers = msgspec.field(default_factory=numbers)
    cost: Numbers = msgspec.field(default_factory=numbers)
    """Millionths of a dollar that the source itself states."""

    def __len__(self) -> int:
        return len(self.key)


class RowBuilder:
    """Collects the requests of one file, each word and each setting once."""

    __slots__ = ("_index", "_number", "rows")

    def __init__(self) -> None:
        self.rows = Rows()
        self._index: dict[str, int] = {}
        self._number: dict[Setting, int] = {}

    def text(self, word: str | None) -> int:
        """The index of a word; NONE where there is none."""
        if not word:
            return NONE
        index = self._index.get(word)
        if index is None:
            index = self._index[word] = len(self.rows.texts)
            self.rows.texts.append(word)
        return index

    def setting(
        self,
        *,
        day: int,
        session: str,
        parent: str | None = None,
        model: str | None = None,
        tool: str | None = None,
        directory: str | None = None,
        repository: str | None = None,
        branch: str | None = None,
        rank: int = 0,
    ) -> int:
        """The number of a setting."""
        text = self.text
        setting = Setting(
            session=text(session),
            parent=text(parent),
            model=text(model),
            tool=text(tool),
            directory=text(directory),
            repository=text(repository),
            branch=text(branch),
            rank=rank,
            day=day,
        )
        number = self._number.get(setting)
        if number is None:
            number = self._number[setting] = len(self.rows.settings)
            self.rows.settings.append(setting)
        return number

    def add(
        self,
        *,
        key: str,
        at: int,
        input_uncached: int,
        cache_read: int,
        cache_write: int,
        output: int,
        reasoning: int = NONE,
        cache_write_1h: int = NONE,
        cost: int = NONE,
        **where: Any,
    ) -> None:
        """Append a request, with the words of its setting."""
        rows = self.rows
        rows.key.append(key)
        rows.setting.append(self.setting(day=at // A_DAY, **where))
        rows.at.append(at)
        rows.input_uncached.append(input_uncached)
        rows.cache_read.append(cache_read)
        rows.cache_write.append(cache_write)
        rows.output.append(output)
        rows.reasoning.append(reasoning)
        rows.cache_write_1h.append(cache_write_1h)
        rows.cost.append(cost)


class SessionFact(msgspec.Struct, array_like=True):
    """What one file says of one session; facts of the same session are united.

    Unit: `began` and `ended` in milliseconds since 1970, UTC.
    """

    id: str
    began: int
    ended: int
    parent: str = ""
    directories: list[str] = []
    """In order of first use."""
    branches: list[str] = []
    """In order of first use."""
    repository: str = ""
    turns: list[str] | None = None
    """One name per message a person sent, so that copies unite; None where nobody looked."""
    client: str = ""


class WrittenFact(msgspec.Struct, array_like=True):
    """What one tool call wrote to one file: keyed hashes only."""

    call: str
    """Names the call and the file, so that copies unite."""
    session: str
    at: int
    path: str
    directory: str
    added: list[int] = []
    removed: list[int] = []


class CommittedFact(msgspec.Struct, array_like=True):
    """A commit that the log shows its session made."""

    session: str
    at: int
    directory: str
    commit: str


class FileReading(msgspec.Struct, array_like=True):
    """Everything one file said, without any of its text; what a cache keeps of it."""

    path: str
    rows: Rows
    records: int = 0
    """Lines that claim usage or can't be read; a line that claims several requests counts as several."""
    other: int = 0
    """Lines that claim no usage."""
    skipped: dict[SkipReason, int] = {}
    """Records left out, by reason."""
    places: list[tuple[int, SkipReason]] = []
    """Line, counted from one, and reason of the first few records left out."""
    sessions: list[SessionFact] = []
    written: list[WrittenFact] = []
    committed: list[CommittedFact] = []
    failed: list[str] = []
    """Tool calls, as in `WrittenFact.call`, that the log says did not happen."""
    notes: dict[str, int] = {}
    """How often something happened that a reader should know, by the source's own word for it."""
    extra: bytes = b""
    """What a source needs to combine its own files, in its own encoding."""

    def skip(self, line: int, why: SkipReason) -> None:
        """Count a record that is left out; the caller counts it in `records`."""
        self.skipped[why] = self.skipped.get(why, 0) + 1
        if len(self.places) < FIRST_PLACES:
            self.places.append((line, why))


_encoder = msgspec.msgpack.Encoder(enc_hook=Numbers.tobytes)
_decoder = msgspec.msgpack.Decoder(FileReading, dec_hook=lambda _, column: numbers(column))


def encoded(reading: FileReading) -> bytes:
    """The reading as bytes for a cache or another process."""
    return _encoder.encode(reading)


def decoded(kept: bytes) -> FileReading | None:
    """The reading that `encoded` made; None where the bytes are anything else."""
    try:
        return _decoder.decode(kept)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def count_of(value: object) -> int | None:
    """A stated token count; None for what no working client states (bool, text, fraction, negative, huge)."""
    if type(value) is int and 0 <= value <= MAX_COUNT:
        return value
    return None


def unreadable(path: str, why: SkipReason = SkipReason.UNREADABLE_FILE) -> FileReading:
    """The reading of a file of which nothing could be read: one record, left out."""
    reading = FileReading(path=path, rows=Rows(), records=1)
    reading.skip(0, why)
    return reading


def sessions_of(rows: Rows) -> list[SessionFact]:
    """The sessions that requests alone tell of: first and last request, and where."""
    sessions = [setting.session for setting in rows.settings]
    times: dict[int, Numbers] = {}
    if len(set(sessions)) == 1:
        times[sessions[0]] = rows.at
    else:
        for number, at in zip(rows.setting, rows.at, strict=True):
            times.setdefault(sessions[number], numbers()).append(at)
    facts: dict[int, SessionFact] = {}
    words = [*rows.texts, ""]
    for setting in map(rows.settings.__getitem__, dict.fromkeys(rows.setting)):
        fact = facts.get(setting.session)
        if fact is None:
            began, ended = min(times[setting.session]), max(times[setting.session])
            fact = facts[setting.session] = SessionFact(
                words[setting.session], began, ended, client=words[setting.tool], parent=words[setting.parent]
            )
        directory, branch = words[setting.directory], words[setting.branch]
        if directory and directory not in fact.directories:
            fact.directories.append(directory)
        if branch and branch not in fact.branches:
            fact.branches.append(branch)
    return list(facts.values())


def in_order(words: Sequence[str]) -> tuple[str, ...]:
    """Words without repeats or blanks, in order of first use."""
    return tuple(dict.fromkeys(word for word in words if word))
