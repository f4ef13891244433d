"""What one file said: columns small enough to be remembered, the same for every source."""

from collections.abc import Sequence

import msgspec

from counterfoil.terms.absent import SkipReason

NONE = -1
"""An index or a count that the source does not state; becomes Unknown when readings are combined."""
MAX_COUNT = 1_000_000_000
"""A request with more tokens of one kind than this was not counted by a working client."""
FIRST_PLACES = 5
"""How many left-out records of one file are kept with their line."""


class Rows(msgspec.Struct, array_like=True):
    """Requests of one file as columns; words stand once in `texts` and are named by their index.

    Shape: every column but `texts` (n,).
    Unit: `at` in milliseconds since 1970, UTC.
    """

    texts: list[str] = []
    key: list[str] = []
    at: list[int] = []
    session: list[int] = []
    parent: list[int] = []
    model: list[int] = []
    input_uncached: list[int] = []
    cache_read: list[int] = []
    cache_write: list[int] = []
    output: list[int] = []
    reasoning: list[int] = []
    cache_write_1h: list[int] = []
    cost: list[int] = []
    """Millionths of a dollar that the source itself states."""
    tool: list[int] = []
    directory: list[int] = []
    repository: list[int] = []
    branch: list[int] = []
    rank: list[int] = []
    """Which copy of a repeated request names its session and place: the lowest; 0 unless a source says."""

    def __len__(self) -> int:
        return len(self.key)


class RowBuilder:
    """Collects the requests of one file, each word once."""

    __slots__ = ("_index", "rows")

    def __init__(self) -> None:
        self.rows = Rows()
        self._index: dict[str, int] = {}

    def text(self, word: str | None) -> int:
        """The index of a word; NONE where there is none."""
        if not word:
            return NONE
        index = self._index.get(word)
        if index is None:
            index = self._index[word] = len(self.rows.texts)
            self.rows.texts.append(word)
        return index

    def add(
        self,
        *,
        key: str,
        at: int,
        session: str,
        model: str | None,
        input_uncached: int,
        cache_read: int,
        cache_write: int,
        output: int,
        reasoning: int = NONE,
        cache_write_1h: int = NONE,
        cost: int = NONE,
        parent: str | None = None,
        tool: str | None = None,
        directory: str | None = None,
        repository: str | None = None,
        branch: str | None = None,
        rank: int = 0,
    ) -> int:
        """Append a request; its row number."""
        rows = self.rows
        rows.key.append(key)
        rows.at.append(at)
        rows.session.append(self.text(session))
        rows.parent.append(self.text(parent))
        rows.model.append(self.text(model))
        rows.input_uncached.append(input_uncached)
        rows.cache_read.append(cache_read)
        rows.cache_write.append(cache_write)
        rows.output.append(output)
        rows.reasoning.append(reasoning)
        rows.cache_write_1h.append(cache_write_1h)
        rows.cost.append(cost)
        rows.tool.append(self.text(tool))
        rows.directory.append(self.text(directory))
        rows.repository.append(self.text(repository))
        rows.branch.append(self.text(branch))
        rows.rank.append(rank)
        return len(rows.key) - 1


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


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(FileReading)


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
    times: dict[int, list[int]] = {}
    if rows.session and rows.session.count(rows.session[0]) == len(rows):
        times[rows.session[0]] = rows.at
    else:
        for session, at in zip(rows.session, rows.at, strict=True):
            times.setdefault(session, []).append(at)
    facts: dict[int, SessionFact] = {}
    words = [*rows.texts, ""]
    places = zip(rows.session, rows.parent, rows.tool, rows.directory, rows.branch, strict=True)
    for session, parent, tool, directory, branch in dict.fromkeys(places):
        fact = facts.get(session)
        if fact is None:
            began, ended = min(times[session]), max(times[session])
            fact = facts[session] = SessionFact(
                words[session], began, ended, client=words[tool], parent=words[parent]
            )
        if words[directory] and words[directory] not in fact.directories:
            fact.directories.append(words[directory])
        if words[branch] and words[branch] not in fact.branches:
            fact.branches.append(words[branch])
    return list(facts.values())


def in_order(words: Sequence[str]) -> tuple[str, ...]:
    """Words without repeats or blanks, in order of first use."""
    return tuple(dict.fromkeys(word for word in words if word))
