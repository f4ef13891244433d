"""Checks a transparency log offline: hashes, proofs, signed notes, checkpoints, cosignatures; it runs alone.

This file imports the standard library and `cryptography` and nothing else of ours, so that whoever has to
trust the log can read it whole, copy it, and run it anywhere.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ED25519, COSIGNATURE = 0x01, 0x04
"""Signature types of C2SP signed-note and tlog-cosignature."""
HASH_SIZE = 32
MOST_SIGNATURES = 64
DASH = "\N{EM DASH} "


class Unverified(ValueError):
    """What was claimed does not hold; the message says what."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of an entry.

    Source: RFC 6962, section 2.1.
    """
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbours, as in `leaf_hash`."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def empty_root() -> bytes:
    """The root of a log without entries."""
    return hashlib.sha256(b"").digest()


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the entry with this hash stands at `index` of the log of `size` entries.

    Raises: Unverified where it does not.
    Source: RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        raise Unverified(f"entry {index} is not one of {size}")
    _sound(leaf, root, *proof)
    first, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            raise Unverified("the inclusion proof is too long")
        if first & 1 or first == last:
            found = node_hash(step, found)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            found = node_hash(found, step)
        first, last = first >> 1, last >> 1
    if last or found != root:
        raise Unverified("the entry is not in this log")


def check_consistency(old_size: int, size: int, proof: Sequence[bytes], old_root: bytes, root: bytes) -> None:
    """Check that the log of `size` entries begins with all that the older one had (RFC 9162).

    Raises: Unverified where it does not; a log of no entries proves nothing and is refused.
    """
    if not 0 < old_size <= size:
        raise Unverified(f"a log of {size} entries can't follow one of {old_size}")
    _sound(*proof)
    if old_size == size:
        if proof or old_root != root:
            raise Unverified("two logs of one size have different roots")
        return
    if not proof:
        raise Unverified("the consistency proof is empty")
    _sound(old_root, root)
    steps = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    first, last = old_size - 1, size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    old_found = found = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise Unverified("the consistency proof is too long")
        if first & 1 or first == last:
            old_found, found = node_hash(step, old_found), node_hash(step, found)
            while first and not first & 1:
                first, last = first >> 1, last >> 1
        else:
            found = node_hash(found, step)
        first, last = first >> 1, last >> 1
    if last or old_found != old_root or found != root:
        raise Unverified("the log was rewritten: it does not begin with what it held before")


def _sound(*hashes: bytes) -> None:
    if any(len(each) != HASH_SIZE for each in hashes):
        raise Unverified("what should be a hash is none")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half of a key that signs notes."""

    name: str
    key_id: int
    kind: int
    public: bytes

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """A key as C2SP writes it: name+id+base64.

        Raises: Unverified where it is none, or its id is not its own.
        """
        try:
            name, stated, encoded = text.split("+", 2)
            raw = base64.b64decode(encoded, validate=True)
            key_id = int(stated, 16)
        except (ValueError, binascii.Error) as error:
            raise Unverified("this is no verifier key") from error
        if len(raw) != HASH_SIZE + 1 or raw[0] not in (ED25519, COSIGNATURE) or not _is_name(name):
            raise Unverified("this is no Ed25519 verifier key")
        key = cls(name, key_id_of(name, raw[0], raw[1:]), raw[0], raw[1:])
        if key.key_id != key_id or len(stated) != 8:
            raise Unverified("the key's id is not its own")
        return key

    def __str__(self) -> str:
        encoded = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.key_id:08x}+{encoded}"


def key_id_of(name: str, kind: int, public: bytes) -> int:
    """The short id of a key, as C2SP signed-note 1.0.0 has it."""
    digest = hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()
    return int.from_bytes(digest[:4], "big")


@dataclass(frozen=True, slots=True)
class Note:
    """A text with those signatures of it that were checked."""

    text: str
    signed_by: Mapping[VerifierKey, int]
    """Each known key that signed, with the second at which it did; zero where it states none."""


def open_note(note: str, keys: Iterable[VerifierKey]) -> Note:
    """The text of a signed note.

    Raises: Unverified where no known key signed it, or a known key's signature is false.
    """
    text, lines = _split(note)
    known = {(key.name, key.key_id): key for key in keys}
    signed: dict[VerifierKey, int] = {}
    for name, raw in lines:
        key = known.get((name, int.from_bytes(raw[:4], "big")))
        if key is not None and key not in signed:
            signed[key] = _checked(text, key, raw[4:])
    if not signed:
        raise Unverified("no known key signed this")
    return Note(text, signed)


def _split(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text and its signature lines."""
    if any(ord(sign) < 32 and sign != "\n" for sign in note):
        raise Unverified("a control character stands in the note")
    at = note.rfind("\n\n")
    if at < 0 or not note.endswith("\n"):
        raise Unverified("this is no signed note")
    lines = note[at + 2 : -1].split("\n")
    if not 0 < len(lines) <= MOST_SIGNATURES:
        raise Unverified("a note has at least one and not too many signatures")
    return note[: at + 1], [_signature_line(line) for line in lines]


def _signature_line(line: str) -> tuple[str, bytes]:
    name, _, encoded = line.removeprefix(DASH).partition(" ")
    if not line.startswith(DASH) or not _is_name(name):
        raise Unverified("a signature line is malformed")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise Unverified("a signature is no base64") from error
    if len(raw) < 5:
        raise Unverified("a signature is too short")
    return name, raw


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(sign.isspace() for sign in name)


def _checked(text: str, key: VerifierKey, signature: bytes) -> int:
    """When a key signed a text: zero for a plain signature, seconds since 1970 for a cosignature."""
    at, signed = 0, text.encode()
    if key.kind == COSIGNATURE:
        if len(signature) != 8 + 64:
            raise Unverified(f"the cosignature of {key.name} is malformed")
        (at,) = struct.unpack(">Q", signature[:8])
        signature, signed = signature[8:], cosigned(text, at)
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, signed)
    except (InvalidSignature, ValueError) as error:
        raise Unverified(f"the signature of {key.name} is false") from error
    return at


def cosigned(text: str, at: int) -> bytes:
    """What a witness signs of a checkpoint, as C2SP tlog-cosignature 1.0.1 has it for Ed25519."""
    return f"cosignature/v1\ntime {at}\n{text}".encode()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """How long a log was, and the hash over all of it."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """A checkpoint from the text of its note; extension lines are passed over.

        Raises: Unverified where it is none.
        Source: C2SP tlog-checkpoint 1.0.0.
        """
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise Unverified("this is no checkpoint")
        origin, size, root = lines[:3]
        if not (size.isascii() and size.isdigit()) or (size != "0" and size.startswith("0")):
            raise Unverified("the size of the checkpoint is no number")
        try:
            raw = base64.b64decode(root, validate=True)
        except binascii.Error as error:
            raise Unverified("the root of the checkpoint is no base64") from error
        if len(raw) != HASH_SIZE:
            raise Unverified("the root of the checkpoint is no hash")
        return cls(origin, int(size), raw)

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


PERSON_READ = 0x01
"""First byte of an entry about one person; 16 bytes of tag and a hash follow."""
TAG_SIZE, SECRET_SIZE = 16, 32


def person_tag(secret: bytes, count: int) -> bytes:
    """The tag of a person's entry number `count`, which nobody can link without their secret."""
    return _derived(secret, b"tag", count)[:TAG_SIZE]


def body_key(secret: bytes, count: int) -> bytes:
    """The key of the body of a person's entry number `count`; it is used once."""
    return _derived(secret, b"body", count)


def _derived(secret: bytes, use: bytes, count: int) -> bytes:
    if len(secret) != SECRET_SIZE:
        raise Unverified("a secret has 32 bytes")
    return hmac.new(secret, use + struct.pack(">Q", count), hashlib.sha256).digest()


def person_leaf(tag: bytes, ciphertext: bytes) -> bytes:
    """An entry about one person: noise to everybody else."""
    return bytes([PERSON_READ]) + tag + hashlib.sha256(ciphertext).digest()


LONGEST_GAP = 32
"""Entries in a row that may be missing: a machine that stops in between leaves a number unused."""


def own_entries(secret: bytes, entries: Iterable[bytes]) -> list[tuple[int, int]]:
    """A person's own entries: the number of each among theirs, and where it stands."""
    sealed = ((entry, n) for n, entry in enumerate(entries) if entry[:1] == bytes([PERSON_READ]))
    places = {entry[1 : 1 + TAG_SIZE]: n for entry, n in sealed if len(entry) == 1 + TAG_SIZE + HASH_SIZE}
    found: list[tuple[int, int]] = []
    count = gap = 0
    while gap < LONGEST_GAP:
        place = places.get(person_tag(secret, count))
        gap = gap + 1 if place is None else 0
        if place is not None:
            found.append((count, place))
        count += 1
    return found


def open_body(secret: bytes, count: int, entry: bytes, ciphertext: bytes) -> bytes:
    """What a person's entry number `count` says.

    Raises: Unverified where the entry is not theirs, or the body is not the one that was logged.
    """
    if entry != person_leaf(person_tag(secret, count), ciphertext):
        raise Unverified("this body is not the one that was logged")
    try:
        return AESGCM(body_key(secret, count)).decrypt(bytes(12), ciphertext, None)
    except InvalidTag as error:
        raise Unverified("the body can't be opened with this secret") from error


BUNDLE = 256
"""Entries of a full bundle, and hashes of a full tile."""


def tile_path(number: int, width: int = BUNDLE) -> str:
    """Where a tile or bundle lies below its level, as C2SP tlog-tiles 0.1.0 has it."""
    path = f"{number % 1000:03d}" + ("" if width == BUNDLE else f".p/{width}")
    while number := number // 1000:
        path = f"x{number % 1000:03d}/{path}"
    return path


def root_of(entries: Iterable[bytes]) -> tuple[int, bytes]:
    """How many entries there are, and the root over them."""
    size, peaks = 0, list[bytes]()
    for entry in entries:
        node, rest = leaf_hash(entry), size
        while rest & 1:
            node, rest = node_hash(peaks.pop(), node), rest >> 1
        peaks.append(node)
        size += 1
    root = peaks.pop() if peaks else empty_root()
    while peaks:
        root = node_hash(peaks.pop(), root)
    return size, root


def published_entries(folder: Path, size: int) -> Iterator[bytes]:
    """The entries of a log as it was published, in their order.

    Raises: Unverified where a bundle is missing, or is none.
    """
    for number in range(-(-size // BUNDLE)):
        width = min(size - number * BUNDLE, BUNDLE)
        try:
            data = (folder / "tile" / "entries" / tile_path(number, width)).read_bytes()
        except OSError as error:
            raise Unverified(f"bundle {number} of the entries is missing") from error
        for _ in range(width):
            end = 2 + int.from_bytes(data[:2], "big")
            if len(data) < max(end, 2):
                raise Unverified(f"bundle {number} of the entries is cut off")
            yield data[2:end]
            data = data[end:]
        if data:
            raise Unverified(f"bundle {number} of the entries is too long")


@dataclass(frozen=True, slots=True)
class PublishedLog:
    """A log as it was published, of which everything was checked."""

    checkpoint: Checkpoint
    entries: Sequence[bytes]
    cosigned: Mapping[str, int]
    """The second at which each witness cosigned it, by its name."""


def check_published(
    folder: Path, log: VerifierKey, witnesses: Iterable[VerifierKey] = (), *, seen: Checkpoint | None = None
) -> PublishedLog:
    """Check a log that was published as files: signature, every entry, and that it only grew since `seen`.

    Raises: Unverified where something does not hold.
    """
    witnesses = list(witnesses)
    try:
        note = open_note((folder / "checkpoint").read_text("utf-8"), [log, *witnesses])
    except (OSError, UnicodeDecodeError) as error:
        raise Unverified("there is no checkpoint") from error
    checkpoint = Checkpoint.parse(note.text)
    if log not in note.signed_by:
        raise Unverified("the log itself did not sign this")
    entries = list(published_entries(folder, checkpoint.size))
    if root_of(entries) != (checkpoint.size, checkpoint.root):
        raise Unverified("an entry was altered")
    if seen is not None and seen.origin == checkpoint.origin:
        if seen.size > checkpoint.size:
            raise Unverified("the log was cut: it is shorter than it was")
        if root_of(entries[: seen.size])[1] != seen.root:
            raise Unverified("the log was rewritten: it does not begin with what it held before")
    cosigned = {key.name: note.signed_by[key] for key in witnesses if key in note.signed_by}
    return PublishedLog(checkpoint, entries, cosigned)
