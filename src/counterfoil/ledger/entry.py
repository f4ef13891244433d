"""The entries of the log: reads about a person, releases about many, changed rules, effects of agents."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from counterfoil.ledger.verify import PERSON_READ, body_key, person_leaf, person_tag


class EntryKind(IntEnum):
    """The first byte of an entry."""

    PERSON_READ = PERSON_READ
    """Somebody read rows about one person: one entry for each person and read."""
    RELEASE = 0x02
    """A figure about many was released; all staff can read it."""
    RULE = 0x03
    """A programme, a policy, a floor or a role changed; all staff can read it."""
    OUTSIDE = 0x04
    """A read that a vendor's console reports of itself."""
    ACTED = 0x05
    """An agent was let do something, or a person said yes, no, stop or always; in the agents' own log."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A read about one person: what goes into the tree, and the body that is kept outside of it."""

    entry: bytes
    ciphertext: bytes
    count: int
    """Which of the person's entries it is."""


Body = Mapping[str, str | int | None]
Whole = Mapping[str, str | int | Sequence[Body] | None]
ANSWERS = "answers"
MOST_BYTES = 32_768
"""Of what one entry says of many answers; twice as much would be the most that any entry has."""


def sealed(secret: bytes, count: int, body: Body) -> Sealed:
    """The read that is number `count` of one person, readable with their secret alone.

    A count is never used twice: the key of a body, and so its nonce, hangs on it.
    """
    ciphertext = AESGCM(body_key(secret, count)).encrypt(bytes(12), written(body), None)
    return Sealed(person_leaf(person_tag(secret, count), ciphertext), ciphertext, count)


def open_entry(kind: EntryKind, body: Whole) -> bytes:
    """An entry that all staff can read.

    Raises: ValueError for a read about one person, which is sealed.
    """
    if kind is EntryKind.PERSON_READ:
        raise ValueError("a read about one person is sealed")
    return bytes([kind]) + written(body)


def open_entries(kind: EntryKind, common: Body, answers: Sequence[Body]) -> Iterator[tuple[bytes, int]]:
    """As few entries as there is room in for what many answers have in common and each says alone.

    Each comes with how many answers it is of.
    """
    some: list[Body] = []
    size = 0
    for answer in answers:
        more = len(written(answer))
        if some and size + more > MOST_BYTES:
            yield _of_many(kind, common, some), len(some)
            some, size = [], 0
        some.append(answer)
        size += more
    if some:
        yield _of_many(kind, common, some), len(some)


def _of_many(kind: EntryKind, common: Body, answers: Sequence[Body]) -> bytes:
    whole: Whole = {**common, **answers[0]} if len(answers) == 1 else {**common, ANSWERS: answers}
    return open_entry(kind, whole)


def read_entry(entry: bytes) -> tuple[EntryKind, Body]:
    """The kind of an open entry, and what it says.

    Raises: ValueError where it is sealed or no entry.
    """
    kind = EntryKind(entry[0]) if entry else None
    if kind is None or kind is EntryKind.PERSON_READ:
        raise ValueError("this entry is sealed, or none")
    read: Body = json.loads(entry[1:])
    return kind, read


def told_of(entry: bytes) -> tuple[EntryKind, Sequence[Body]]:
    """The kind of an open entry, and what it says of each answer that it is of.

    Raises: ValueError where it is sealed or no entry.
    """
    kind, body = read_entry(entry)
    answers: Any = body.get(ANSWERS)
    if not isinstance(answers, list):
        return kind, [body]
    common = {name: value for name, value in body.items() if name != ANSWERS}
    return kind, [{**common, **answer} for answer in answers]


def written(body: Whole) -> bytes:
    """The same bytes for the same body."""
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
