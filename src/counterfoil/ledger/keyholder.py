"""Holds the keys of people where the rest can't reach them: without it, whatever is stored names nobody."""

import fcntl
import hashlib
import hmac
import os
import secrets
import struct
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from counterfoil.ledger.entry import Body, Sealed, read_entry, sealed
from counterfoil.ledger.keys import ERASED, Receipt, tag_for
from counterfoil.ledger.verify import (
    SECRET_SIZE,
    Checkpoint,
    Unverified,
    VerifierKey,
    check_inclusion,
    leaf_hash,
    open_body,
    open_note,
)
from counterfoil.terms.error import LedgerBroken, SourceError, StoreError
from counterfoil.terms.ids import Pseudonym

PEOPLE, LOCK = "people", "lock"
RECORD = struct.Struct(">BBQ16s32s198s")
"""State, length of the identity, entries sealed, pseudonym, secret, identity."""
COUNT_AT = 2
HEADER = b"counterfoil keyholder 1\n".ljust(RECORD.size, b"\0")
KEY_SIZE = 32
UNUSED, HERE, GONE = 0, 1, 2
CASE = "security_incident"


@dataclass(slots=True)
class _Person:
    place: int
    pseudonym: Pseudonym
    secret: bytes
    identity: str
    count: int


class Keyholder:
    """The keys in one folder: each person's pseudonym, secret and identity, and how often each was used.

    A person is a record of fixed size, changed in place: a count is durable before the entry that has it is
    handed on, so that it is never used twice; destroying a person overwrites the record and leaves a keyed
    hash of the identity, by which their rows are known and not taken in again.
    """

    def __init__(
        self, folder: Path, *, log: VerifierKey | None = None, council: VerifierKey | None = None
    ) -> None:
        """Open the keys in a folder, or make them in an empty one; `log` signs the receipts it goes by.

        A name is opened for a case alone that `council` signed; without its key, none ever is.

        Raises: StoreError where another process has them, or the folder can't be used; LedgerBroken where
        they are damaged.
        """
        self._folder, self._log, self._council = folder, log, council
        self._by_identity: dict[str, _Person] = {}
        self._by_pseudonym: dict[str, _Person] = {}
        self._by_secret: dict[bytes, _Person] = {}
        self._erased: set[bytes] = set()
        self._records = self._sealed = 0
        self.unwraps = 0
        """Names that were opened since this process began."""
        with ExitStack() as opened:
            try:
                lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
                opened.callback(os.close, lock)
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self._file = os.open(folder / PEOPLE, os.O_RDWR | os.O_CREAT, 0o600)
            except BlockingIOError as error:
                hint = "ask that process, or stop it"
                raise StoreError("keys-in-use", "another process holds these keys", hint=hint) from error
            except OSError as error:
                raise _unusable(error) from error
            opened.callback(os.close, self._file)
            self._load()
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def name(self) -> str:
        """What tells these keys from any others."""
        return hashlib.sha256(b"name" + self._key).hexdigest()[:16]

    def pseudonyms(self, identities: Sequence[str]) -> Sequence[Pseudonym]:
        """The pseudonym of each identity; people who are new are enrolled, durably, before it returns."""
        new = [
            who
            for who in dict.fromkeys(identities)
            if who not in self._by_identity and self._hashed(who) not in self._erased
        ]
        self._enrol(new)
        return [
            self._by_identity[who].pseudonym if who in self._by_identity else ERASED for who in identities
        ]

    def known(self, identities: Sequence[str]) -> Sequence[Pseudonym | None]:
        """The pseudonym of each identity that is known, ERASED, or None; none is made."""
        return [self._known(identity) for identity in identities]

    def knows(self, identity: str) -> bool:
        """Whether somebody of that identity is enrolled."""
        return identity in self._by_identity

    def secret_of(self, identity: str) -> bytes:
        """The secret that a person is given when they are enrolled; for whoever runs the keyholder alone.

        Raises: LookupError where nobody has that identity.
        """
        return self._by_identity[identity].secret

    def whose(self, secret: bytes) -> Pseudonym | None:
        """Who has this secret."""
        person = self._by_secret.get(_fingerprint(secret))
        return None if person is None else person.pseudonym

    def tags(self, people: Sequence[Pseudonym], use: str) -> Sequence[str]:
        """The hash of what each person can show for one use: it knows a tag, and makes none."""
        tags = (tag_for(self._by_pseudonym[who].secret, use) for who in people)
        return [hashlib.sha256(tag.encode()).hexdigest() for tag in tags]

    def seal(self, who: Pseudonym, body: Body) -> Sealed:
        """The next entry about a person."""
        person = self._by_pseudonym[who]
        self._write(struct.pack(">Q", person.count + 1), at=person.place * RECORD.size + COUNT_AT)
        person.count += 1
        self._sealed += 1
        return sealed(person.secret, person.count - 1, body)

    def sealed(self) -> int:
        """How many entries were sealed, those about the erased among them."""
        return self._sealed

    def entries_of(self, secret: bytes) -> int:
        """How many entries were sealed about whoever has this secret."""
        return self._by_secret[_fingerprint(secret)].count

    def reveal(self, who: Pseudonym, count: int, entry: bytes, ciphertext: bytes) -> bytes:
        """What an entry about a person says; one that was filed under a wrong tag does not open."""
        person = self._by_pseudonym[who]
        self.unwraps += 1
        return open_body(person.secret, count, entry, ciphertext)

    def unwrap(self, who: Pseudonym, receipt: Receipt) -> str:
        """The identity behind a pseudonym, against an entry in the log that names it and a security case."""
        try:
            says = self._received(receipt)
        except (Unverified, ValueError) as error:
            raise PermissionError(f"this receipt does not hold: {error}") from error
        if says.get("purpose") != CASE or says.get("about") != who or who not in self._by_pseudonym:
            raise PermissionError("this receipt is for something else")
        if self._council is None or not _agreed(self._council, str(says.get("case")), who):
            raise PermissionError("the works council signed no case about this")
        self.unwraps += 1
        return self._by_pseudonym[who].identity

    def destroy(self, who: Pseudonym) -> None:
        """Overwrite a person's record, durably, before it returns."""
        person = self._by_pseudonym.get(who)
        if person is None:
            return
        kept = self._hashed(person.identity)
        gone = RECORD.pack(GONE, len(kept), person.count, bytes(16), bytes(32), kept)
        self._write(gone, at=person.place * RECORD.size)
        self._erased.add(kept)
        del self._by_pseudonym[who], self._by_identity[person.identity]
        del self._by_secret[_fingerprint(person.secret)]

    def _known(self, identity: str) -> Pseudonym | None:
        if identity in self._by_identity:
            return self._by_identity[identity].pseudonym
        return ERASED if self._hashed(identity) in self._erased else None

    def _received(self, receipt: Receipt) -> Body:
        if self._log is None:
            raise Unverified("no log is known here")
        checkpoint = Checkpoint.parse(open_note(receipt.checkpoint, [self._log]).text)
        leaf = leaf_hash(receipt.entry)
        check_inclusion(leaf, receipt.index, checkpoint.size, receipt.proof, checkpoint.root)
        return read_entry(receipt.entry)[1]

    def _hashed(self, identity: str) -> bytes:
        return hmac.new(self._key, identity.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()

    def _enrol(self, identities: Sequence[str]) -> None:
        people = [
            _Person(
                self._records + n, Pseudonym(secrets.token_hex(16)), secrets.token_bytes(SECRET_SIZE), who, 0
            )
            for n, who in enumerate(identities, start=1)
        ]
        packed = b"".join(map(_packed, people))
        if people:
            self._write(packed, at=(self._records + 1) * RECORD.size)
        for person in people:
            self._take(person)
        self._records += len(people)

    def _take(self, person: _Person) -> None:
        self._by_identity[person.identity] = person
        self._by_pseudonym[person.pseudonym] = person
        self._by_secret[_fingerprint(person.secret)] = person

    def _write(self, data: bytes, *, at: int) -> None:
        try:
            done = 0
            while done < len(data):
                done += os.pwrite(self._file, data[done:], at + done)
            os.fdatasync(self._file)
        except OSError as error:
            raise _unusable(error) from error

    def _load(self) -> None:
        """Read every record; the first holds what the file is, and the key of hashes of the erased."""
        whole = os.pread(self._file, os.fstat(self._file).st_size, 0)
        if not whole:
            self._key = secrets.token_bytes(KEY_SIZE)
            self._write(HEADER[:-KEY_SIZE] + self._key, at=0)
            return
        if not whole.startswith(HEADER.rstrip(b"\0")) or len(whole) < RECORD.size:
            hint = "restore them from a copy; without them nobody's entries can be opened"
            raise LedgerBroken("keys-broken", "the file of keys is damaged", hint=hint)
        self._key = whole[RECORD.size - KEY_SIZE : RECORD.size]
        # Records that were being written when it was killed were never acknowledged.
        self._records = len(whole) // RECORD.size - 1
        for place in range(1, self._records + 1):
            state, length, count, pseudonym, secret, identity = RECORD.unpack_from(whole, place * RECORD.size)
            self._sealed += count
            if state == HERE:
                who = identity[:length].decode("utf-8", "surrogatepass")
                self._take(_Person(place, Pseudonym(pseudonym.hex()), secret, who, count))
            elif state == GONE:
                self._erased.add(identity[:length])


def case_text(who: Pseudonym) -> str:
    """What a works council signs so that a name may be opened."""
    return f"counterfoil/case/v1\n{who}\n"


def _agreed(council: VerifierKey, note: str, who: Pseudonym) -> bool:
    try:
        return open_note(note, [council]).text == case_text(who)
    except Unverified:
        return False


def _packed(person: _Person) -> bytes:
    identity = person.identity.encode("utf-8", "surrogatepass")
    if len(identity) > 198:
        hint = "shorten it, in every table"
        raise SourceError("identity-too-long", "an identity is longer than 198 bytes", hint=hint)
    pseudonym = bytes.fromhex(person.pseudonym)
    return RECORD.pack(HERE, len(identity), person.count, pseudonym, person.secret, identity)


def _fingerprint(secret: bytes) -> bytes:
    return hashlib.sha256(secret).digest()


def _unusable(error: OSError) -> StoreError:
    hint = "make room on the disk, or name a folder that you can write; until then nothing is read"
    return StoreError("keys-unusable", f"the keys can't be read or written: {error.strerror}", hint=hint)
