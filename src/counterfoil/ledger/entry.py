"""The entries of the log: reads about a person, releases about many, rules that changed, reads elsewhere."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

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


@dataclass(frozen=True, slots=True)
class Sealed:
    """A read about one person: what goes into the tree, and the body that is kept outside of it."""

    entry: bytes
    ciphertext: bytes
    count: int
    """Which of the person's entries it is."""


Body = Mapping[str, str | int | None]


def sealed(secret: bytes, count: int, body: Body) -> Sealed:
    """The read that is number `count` of one person, readable with their secret alone.

    A count is never used twice: the key of a body, and so its nonce, hangs on it.
    """
    ciphertext = AESGCM(body_key(secret, count)).encrypt(bytes(12), written(body), None)
    return Sealed(person_leaf(person_tag(secret, count), ciphertext), ciphertext, count)


def open_entry(kind: EntryKind, body: Body) -> bytes:
    """An entry that all staff can read.

    Raises: ValueError for a read about one person, which is sealed.
    """
    if kind is EntryKind.PERSON_READ:
        raise ValueError("a read about one person is sealed")
    return bytes([kind]) + written(body)


def read_entry(entry: bytes) -> tuple[EntryKind, Body]:
    """The kind of an open entry, and what it says.

    Raises: ValueError where it is sealed or no entry.
    """
    kind = EntryKind(entry[0]) if entry else None
    if kind is None or kind is EntryKind.PERSON_READ:
        raise ValueError("this entry is sealed, or none")
    read: Body = json.loads(entry[1:])
    return kind, read


def written(body: Body) -> bytes:
    """The same bytes for the same body."""
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()
