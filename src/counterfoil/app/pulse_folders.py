"""What the issuer and the collector of a pulse keep, each in its own folder: neither can link the two."""

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from counterfoil.guard.dominance import rounded_count
from counterfoil.guard.pulse import Sheet, has_statement
from counterfoil.ledger.blind import PREFIX_SIZE, blind_sign, check_token, new_issuer_key
from counterfoil.ledger.verify import Unverified
from counterfoil.store.place import private_folder
from counterfoil.terms.error import SourceError, StoreError
from counterfoil.terms.pulse import Answers, Pulse, Standing

SLOT = 2_048
"""Bytes of one answer with its token."""
PULSE, TAGS, ISSUED, ANSWERS = "pulse.json", "tags.json", "issued", "answers"


def made_pulse(
    id: str, closes: date, issuer: Path, collector: Path, tags: Mapping[Standing, Sequence[str]]
) -> Pulse:
    """Make both folders of a pulse: the issuer has its keys and who may ask, the collector public keys alone.

    Raises: StoreError where one can't be written, or is used already.
    """
    keys = {standing: new_issuer_key() for standing in Standing}
    public = {standing: _public_pem(key.public_key()) for standing, key in keys.items()}
    eligible = rounded_count(sum(len(some) for some in tags.values()))
    pulse = Pulse(id=id, closes=closes, keys=public, eligible=eligible)
    told = {"id": id, "closes": str(closes), "keys": public, "eligible": eligible}
    for folder in (issuer, collector):
        private_folder(str(folder.absolute()))
        _new_file(folder / PULSE, json.dumps(told).encode())
    for standing, key in keys.items():
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _new_file(issuer / f"{standing}.pem", pem)
    # Sorted, so that their order says nothing either.
    who = {tag: standing for standing, some in tags.items() for tag in some}
    _new_file(issuer / TAGS, json.dumps(who, sort_keys=True).encode())
    _new_file(issuer / ISSUED, bytes(32 * len(who)))
    # Room for everybody, so that no size says how many have answered.
    _new_file(collector / ANSWERS, bytes(SLOT * len(who)))
    return pulse


def pulse_in(folder: Path) -> Pulse:
    """The pulse of a folder.

    Raises: SourceError where there is none.
    """
    try:
        return pulse_of((folder / PULSE).read_text("utf-8"))
    except (OSError, ValueError, KeyError) as error:
        hint = "name the folder that counterfoil pulse new made"
        raise SourceError("no-pulse", f"{folder} holds no pulse", hint=hint) from error


def pulse_of(text: str) -> Pulse:
    """A pulse from its JSON."""
    told = json.loads(text)
    keys = {Standing(name): key for name, key in told["keys"].items()}
    closes = date.fromisoformat(told["closes"])
    return Pulse(id=told["id"], closes=closes, keys=keys, eligible=told["eligible"])


class Issuer:
    """Signs one token for each person who may answer, and sees neither the token nor an answer.

    It has the hash of each tag, so that it knows one and can't make one. What it issued stands in one file,
    at the place of the tag among all tags: no file has a time at which somebody asked.
    """

    def __init__(self, folder: Path) -> None:
        """Open an issuer's folder.

        Raises: SourceError where it is none.
        """
        self.pulse = pulse_in(folder)
        try:
            self._tags: Mapping[str, str] = json.loads((folder / TAGS).read_text("utf-8"))
            self._keys = {standing: _private(folder / f"{standing}.pem") for standing in Standing}
            self._issued = os.open(folder / ISSUED, os.O_RDWR)
        except (OSError, ValueError) as error:
            hint = "name the folder that was given to pulse new as --issuer"
            raise SourceError("no-issuer", f"{folder} is no issuer's folder", hint=hint) from error
        self._places = {tag: place for place, tag in enumerate(sorted(self._tags))}

    def standing(self, tag: str) -> Standing | None:
        """Whether whoever shows a tag leads; None where they may not answer."""
        found = self._tags.get(hashlib.sha256(tag.encode()).hexdigest())
        return None if found is None else Standing(found)

    def signed(self, tag: str, blinded: bytes) -> bytes | None:
        """The signature of a blinded token; None where another was signed for this person already.

        Raises: Unverified where it is no blinded message; LookupError where they may not answer.
        """
        standing = self.standing(tag)
        if standing is None:
            raise LookupError("this tag has no right to a token")
        signature = blind_sign(self._keys[standing], blinded)
        mark = hashlib.sha256(blinded).digest()
        at = self._places[hashlib.sha256(tag.encode()).hexdigest()] * len(mark)
        # Asked again for the same, where the answer got lost on its way, it signs the same again.
        if os.pread(self._issued, len(mark), at) not in {bytes(len(mark)), mark}:
            return None
        _put(self._issued, mark, at=at)
        return signature


class Collector:
    """Takes one answer for each token; it knows no person.

    Answers lie in one file, each at a place that chance draws: neither their order nor any time is kept.
    """

    def __init__(self, folder: Path) -> None:
        """Open a collector's folder.

        Raises: SourceError where it is none.
        """
        self.pulse = pulse_in(folder)
        try:
            self._answers = os.open(folder / ANSWERS, os.O_RDWR)
        except OSError as error:
            hint = "name the folder that was given to pulse new as --collector"
            raise SourceError("no-collector", f"{folder} is no collector's folder", hint=hint) from error
        self._keys = {standing: public_key(pem) for standing, pem in self.pulse.keys.items()}
        taken = list(self._slots())
        self._free = [place for place, slot in enumerate(taken) if not slot]
        self._seen = {json.loads(slot)["token"] for slot in taken if slot}

    def take(self, standing: Standing, token: bytes, signature: bytes, answers: Answers) -> bool:
        """Keep an answer; False where this token answered before.

        Raises: Unverified where the token is none of this pulse.
        """
        self._check(standing, token, signature)
        told = {
            "standing": standing,
            "token": base64.b64encode(token).decode(),
            "signature": base64.b64encode(signature).decode(),
            "answers": dict(sorted(answers.items())),
        }
        # The answers come last, so that a whole slot ends with two brackets.
        slot = json.dumps(told).encode()
        if told["token"] in self._seen:
            return False
        if not self._free or len(slot) > SLOT:
            raise Unverified("there is no room for this answer")
        place = self._free.pop(secrets.randbelow(len(self._free)))
        _put(self._answers, slot.ljust(SLOT, b"\0"), at=place * SLOT)
        self._seen.add(str(told["token"]))
        return True

    def sheets(self) -> Iterator[Sheet]:
        """Every answer whose token holds."""
        for slot in self._slots():
            if slot:
                told = json.loads(slot)
                token, signature = (base64.b64decode(told[name]) for name in ("token", "signature"))
                standing = Standing(told["standing"])
                self._check(standing, token, signature)
                yield Sheet(standing, has_statement(token), told["answers"])

    def forget(self) -> None:
        """Overwrite every answer; what they came to was told."""
        size = os.fstat(self._answers).st_size
        _put(self._answers, bytes(size), at=0)

    def _slots(self) -> Iterator[bytes]:
        for place in range(os.fstat(self._answers).st_size // SLOT):
            slot = os.pread(self._answers, SLOT, place * SLOT).rstrip(b"\0")
            # One that was being written when it was killed was never acknowledged.
            yield slot if slot.endswith(b"}}") else b""

    def _check(self, standing: Standing, token: bytes, signature: bytes) -> None:
        if token[PREFIX_SIZE:] != self.pulse.id.encode():
            raise Unverified("this token is of another pulse")
        check_token(self._keys[standing], token, signature)


def _put(file: int, data: bytes, *, at: int) -> None:
    """Write at a place, durably."""
    try:
        os.pwrite(file, data, at)
        os.fdatasync(file)
    except OSError as error:
        hint = "make room on the disk"
        raise StoreError(
            "pulse-unwritable", f"the pulse can't be written: {error.strerror}", hint=hint
        ) from error


def _new_file(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, durably and whole."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(handle, view) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        try:
            os.link(partial, path)
        finally:
            os.unlink(partial)
    except OSError as error:
        hint = "for another pulse, name other folders; else make room on the disk"
        raise StoreError("pulse-unwritable", f"{path}: {error.strerror}", hint=hint) from error


def _public_pem(key: RSAPublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _private(path: Path) -> RSAPrivateKey:
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, RSAPrivateKey):
        raise Unverified("this is no key of an issuer")
    return key


def public_key(pem: str) -> RSAPublicKey:
    """A public key from its PEM.

    Raises: Unverified where it is none.
    """
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, RSAPublicKey):
        raise Unverified("this is no key of an issuer")
    return key
