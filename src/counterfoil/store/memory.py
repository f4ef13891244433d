"""One session as it is remembered: numbers, names and keyed hashes, and how two accounts of it are joined."""

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import groupby, islice
from typing import Any

from counterfoil.store.packed import packed, unpacked
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import SessionId
from counterfoil.terms.mark import Committed, Written
from counterfoil.terms.reading import Reading
from counterfoil.terms.usage import Session

COUNTS = ("input_uncached", "cache_read", "cache_write", "output", "reasoning", "cache_write_1h", "cost")
NAMES = ("model", "tool", "directory", "repository", "branch")
REMEMBERED = "~"
"""Begins the key of a remembered request, whose own key was kept as a hash only."""
ABSENT = -1

UsageRows = dict[int, tuple[Any, ...]]
"""Requests by the hash of their key: minute, the counts, the names."""
WrittenRow = tuple[int, str, str, tuple[int, ...], tuple[int, ...]]
"""Minute, path, directory, keys added, keys removed."""
CommittedRow = tuple[int, str, str]
"""Minute, directory, commit."""


def key_number(key: str) -> int:
    """The 64-bit hash under which a request is remembered."""
    if key.startswith(REMEMBERED) and len(key) == 17:
        return int.from_bytes(bytes.fromhex(key[1:]), "big", signed=True)
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def remembered_key(number: int) -> str:
    """The key that a remembered request carries; its `key_number` is the number again."""
    return REMEMBERED + number.to_bytes(8, "big", signed=True).hex()


def minute(at: datetime) -> int:
    """Unit: minutes since 1970."""
    return int(at.timestamp()) // 60


def at_minute(minutes: int) -> datetime:
    """The moment a minute began. UTC, aware."""
    return datetime.fromtimestamp(minutes * 60, UTC)


@dataclass(slots=True, kw_only=True)
class Said:
    """What a reading says of one session, as columns, before anything is hashed."""

    usage: dict[str, list[Any]] = field(
        default_factory=lambda: {name: [] for name in ("key", "at", *COUNTS, *NAMES)}
    )
    facts: Session | None = None
    written: list[Written] = field(default_factory=list)
    committed: list[Committed] = field(default_factory=list)

    def digest(self) -> bytes:
        """Equal for equal accounts in the same order; cheap beside packing."""
        hashed = blake2b(digest_size=16)
        hashed.update("\n".join(self.usage["key"]).encode("utf-8", "surrogatepass"))
        for name in COUNTS:
            hashed.update(_numbers(self.usage[name]).tobytes())
        rest = (
            [minute(at) for at in self.usage["at"]],
            [_distinct(self.usage[name]) for name in NAMES],
            [written_row(w) for w in self.written],
            [committed_row(c) for c in self.committed],
            facts_of(self.facts),
        )
        hashed.update(json.dumps(rest).encode())
        return hashed.digest()

    def memory(self) -> "Memory":
        """The same, in the form that is kept."""
        columns = [
            [key_number(key) for key in self.usage["key"]],
            [minute(at) for at in self.usage["at"]],
            *(_numbers(self.usage[name]) for name in COUNTS),
            *(_words(self.usage[name]) for name in NAMES),
        ]
        return Memory(
            usage={row[0]: row[1:] for row in zip(*columns, strict=True)},
            facts=facts_of(self.facts),
            written=dict.fromkeys(written_row(w) for w in self.written),
            committed=dict.fromkeys(committed_row(c) for c in self.committed),
        )


def said_by(reading: Reading) -> dict[SessionId, Said]:
    """What the reading says, session by session."""
    said: dict[SessionId, Said] = {}
    for batch in reading.usage:
        start = 0
        for session, run in groupby(batch.columns["session"]):
            stop = start + sum(1 for _ in run)
            for name, column in said.setdefault(session, Said()).usage.items():
                column += batch.columns[name][start:stop]
            start = stop
    for facts in reading.sessions:
        said.setdefault(facts.id, Said()).facts = facts
    for written in reading.written:
        said.setdefault(written.session, Said()).written.append(written)
    for committed in reading.committed:
        said.setdefault(committed.session, Said()).committed.append(committed)
    return said


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is kept of one session."""

    usage: UsageRows = field(default_factory=dict)
    facts: Mapping[str, Any] | None = None
    written: Mapping[WrittenRow, None] = field(default_factory=dict)
    committed: Mapping[CommittedRow, None] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.usage) + len(self.written) + len(self.committed)

    def joined(self, other: "Memory") -> "Memory":
        """Both accounts: every row of either, each count the larger one."""
        usage = dict(self.usage)
        for key, row in other.usage.items():
            usage[key] = joined_usage(usage[key], row) if key in usage else row
        return Memory(
            usage=usage,
            facts=_joined_facts(self.facts, other.facts),
            written={**self.written, **other.written},
            committed={**self.committed, **other.committed},
        )

    def without(self, other: "Memory") -> "Memory":
        """The rows that the other account does not have."""
        return replace(
            self,
            usage={k: row for k, row in self.usage.items() if k not in other.usage},
            written={w: None for w in self.written if w not in other.written},
            committed={c: None for c in self.committed if c not in other.committed},
        )

    def since(self, first: int) -> "Memory":
        """The rows of the minute `first` and after."""
        facts = self.facts and {**self.facts, "began": max(first, self.facts["began"])}
        return replace(
            self,
            facts=facts,
            usage={k: row for k, row in self.usage.items() if row[0] >= first},
            written={w: None for w in self.written if w[0] >= first},
            committed={c: None for c in self.committed if c[0] >= first},
        )

    def span(self) -> tuple[int, int]:
        """The first and the last minute of anything in it."""
        minutes = [row[0] for row in self.usage.values()]
        minutes += [w[0] for w in self.written]
        minutes += [c[0] for c in self.committed]
        if self.facts is not None:
            minutes += [self.facts["began"], self.facts["ended"]]
        return min(minutes, default=0), max(minutes, default=0)

    def blob(self) -> bytes:
        """The bytes that are stored; `Memory.of` reads them."""
        columns = tuple(zip(*((k, *row) for k, row in self.usage.items()), strict=True)) or ((),) * 14
        usage = dict(zip(("key", "at", *COUNTS, *NAMES), columns, strict=True))
        numbers: dict[str, Sequence[int]] = {n: usage[n] for n in ("key", "at", *COUNTS)}
        numbers["w.at"] = [w[0] for w in self.written]
        numbers["w.added"] = [len(w[3]) for w in self.written]
        numbers["w.removed"] = [len(w[4]) for w in self.written]
        numbers["w.keys"] = [key for w in self.written for key in (*w[3], *w[4])]
        numbers["c.at"] = [c[0] for c in self.committed]
        texts: dict[str, Sequence[str | None]] = {n: usage[n] for n in NAMES}
        texts["w.path"] = [w[1] for w in self.written]
        texts["w.directory"] = [w[2] for w in self.written]
        texts["c.directory"] = [c[1] for c in self.committed]
        texts["c.commit"] = [c[2] for c in self.committed]
        texts["facts"] = [json.dumps(self.facts)]
        return packed(numbers, texts)

    @staticmethod
    def of(blob: bytes) -> "Memory":
        """What the bytes hold.

        Raises: ValueError when they are not whole.
        """
        c = unpacked(blob)
        usage = zip(*(c[name] for name in ("key", "at", *COUNTS, *NAMES)), strict=True)
        keys = iter(c["w.keys"])
        written: dict[WrittenRow, None] = {}
        shape = zip(c["w.at"], c["w.path"], c["w.directory"], c["w.added"], c["w.removed"], strict=True)
        for at, path, directory, added, removed in shape:
            written[at, path, directory, _take(keys, added), _take(keys, removed)] = None
        return Memory(
            usage={row[0]: row[1:] for row in usage},
            facts=json.loads(c["facts"][0]),
            written=written,
            committed=dict.fromkeys(zip(c["c.at"], c["c.directory"], c["c.commit"], strict=True)),
        )


def facts_of(session: Session | None) -> dict[str, Any] | None:
    """A session's facts as plain values; times to the minute."""
    if session is None:
        return None
    facts: dict[str, Any] = {}
    for name in (f.name for f in fields(session) if f.name not in {"source", "id"}):
        value = getattr(session, name)
        if isinstance(value, datetime):
            value = minute(value)
        facts[name] = (
            None if isinstance(value, Unknown) else list(value) if isinstance(value, tuple) else value
        )
    return facts


def written_row(w: Written) -> WrittenRow:
    """What tells one tool call from another, whichever session's log it stands in."""
    return minute(w.at), w.path, w.directory, tuple(w.added), tuple(w.removed)


def committed_row(c: Committed) -> CommittedRow:
    """What tells one commit that a session made from another."""
    return minute(c.at), c.directory, c.commit


def joined_usage(a: tuple[Any, ...], b: tuple[Any, ...]) -> tuple[Any, ...]:
    """Two accounts of one request: the earlier time, the larger counts, whichever name is stated."""
    counts = (max(x, y) for x, y in zip(a[1 : 1 + len(COUNTS)], b[1:], strict=False))
    names = (y if x is None else x for x, y in zip(a[1 + len(COUNTS) :], b[1 + len(COUNTS) :], strict=True))
    return min(a[0], b[0]), *counts, *names


def _joined_facts(a: Mapping[str, Any] | None, b: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    if a is None or b is None:
        return b if a is None else a
    joined = {name: a[name] if b[name] is None else b[name] for name in b}
    for name in ("directories", "branches"):
        joined[name] = list(dict.fromkeys((*a[name], *b[name])))
    turns = [t for t in (a["human_turns"], b["human_turns"]) if t is not None]
    joined["human_turns"] = max(turns, default=None)
    return joined | {"began": min(a["began"], b["began"]), "ended": max(a["ended"], b["ended"])}


def _numbers(column: Sequence[Any]) -> "array[int]":
    try:
        return array("q", column)
    except TypeError:
        return array("q", [ABSENT if isinstance(v, Unknown) else v for v in column])


def _words(column: Sequence[Any]) -> Sequence[str | None]:
    return [None if isinstance(v, Unknown) else v for v in column]


def _distinct(column: Sequence[Any]) -> Sequence[str | None]:
    """The column, shortened to one word where it is all the same."""
    if column and column.count(column[0]) == len(column):
        column = column[:1]
    return _words(column)


def _take(keys: Iterator[int], n: int) -> tuple[int, ...]:
    return tuple(islice(keys, n))
