"""What the issuer and the collector of a pulse keep, each in its own folder: neither can link the two."""

import base64
import hashlib
import json
import os
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

from counterfoil.guard.pulse import Sheet, has_statement
from counterfoil.ledger.blind import PREFIX_SIZE, blind_sign, check_token, new_issuer_key
from counterfoil.ledger.verify import Unverified
from counterfoil.store.place import private_folder
from counterfoil.terms.error import SourceError, StoreError
from counterfoil.terms.pulse import Answers, Pulse, Standing

PULSE, TAGS, ISSUED, ANSWERS = "pulse.json", "tags.json", "issued", "answers"


def made_pulse(
    id: str, closes: date, issuer: Path, collector: Path, tags: Mapping[Standing, Sequence[str]]
) -> Pulse:
    """Make both folders of a pulse: the issuer has its keys and who may ask, the collector public keys alone.

    Raises: StoreError where one can't be written, or is used already.
    """
    keys = {standing: new_issuer_key() for standing in Standing}
    public = {standing: _public_pem(key.public_key()) for standing, key in keys.items()}
    eligible = sum(len(some) for some in tags.values())
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
    (issuer / ISSUED).mkdir(mode=0o700)
    (collector / ANSWERS).mkdir(mode=0o700)
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
    """Signs one token for each person who may answer, and sees neither the token nor an answer."""

    def __init__(self, folder: Path) -> None:
        self.pulse = pulse_in(folder)
        self._issued = folder / ISSUED
        self._tags: Mapping[str, str] = json.loads((folder / TAGS).read_text("utf-8"))
        self._keys = {standing: _private(folder / f"{standing}.pem") for standing in Standing}

    def standing(self, tag: str) -> Standing | None:
        """Whether whoever shows a tag leads; None where they may not answer."""
        found = self._tags.get(tag)
        return None if found is None else Standing(found)

    def signed(self, tag: str, blinded: bytes) -> bytes | None:
        """The signature of a blinded token; None where another was signed for this person already.

        Raises: Unverified where it is no blinded message; LookupError where they may not answer.
        """
        standing = self.standing(tag)
        if standing is None:
            raise LookupError("this tag has no right to a token")
        signature = blind_sign(self._keys[standing], blinded)
        mark = hashlib.sha256(blinded).hexdigest().encode()
        path = self._issued / hashlib.sha256(tag.encode()).hexdigest()
        try:
            _new_file(path, mark)
        except StoreError:
            # Asked again for the same, where the answer got lost on its way.
            return signature if path.exists() and path.read_bytes() == mark else None
        return signature


class Collector:
    """Takes one answer for each token; it knows no person, and keeps no time."""

    def __init__(self, folder: Path) -> None:
        self.pulse = pulse_in(folder)
        self._answers = folder / ANSWERS
        self._keys = {standing: public_key(pem) for standing, pem in self.pulse.keys.items()}

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
        path = self._answers / hashlib.sha256(token).hexdigest()
        try:
            _new_file(path, json.dumps(told).encode())
        except StoreError:
            if path.exists():
                return False
            raise
        os.utime(path, (0, 0))
        return True

    def sheets(self) -> Iterator[Sheet]:
        """Every answer whose token holds."""
        for path in sorted(self._answers.iterdir()):
            told = json.loads(path.read_text("utf-8"))
            token, signature = (base64.b64decode(told[name]) for name in ("token", "signature"))
            standing = Standing(told["standing"])
            self._check(standing, token, signature)
            yield Sheet(standing, has_statement(token), told["answers"])

    def forget(self) -> None:
        """Remove every answer; what they came to was told."""
        for path in self._answers.iterdir():
            path.unlink()

    def _check(self, standing: Standing, token: bytes, signature: bytes) -> None:
        if token[PREFIX_SIZE:] != self.pulse.id.encode():
            raise Unverified("this token is of another pulse")
        check_token(self._keys[standing], token, signature)


def _new_file(path: Path, data: bytes) -> None:
    """Write a file that is not there yet, durably and whole."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)
        try:
            os.link(partial, path)
        finally:
            os.unlink(partial)
    except OSError as error:
        hint = "make room on the disk; for another pulse, name other folders"
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
