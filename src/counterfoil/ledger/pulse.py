"""The keys of a pulse: an issuer's sign blinded tokens, public ones say whether a token holds."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from counterfoil.ledger.blind import PREFIX_SIZE, blind_sign, check_token, new_issuer_key
from counterfoil.ledger.verify import Unverified
from counterfoil.terms.pulse import Pulse, Standing


@dataclass(frozen=True, slots=True)
class IssuerKeys:
    """What an issuer signs with: one key for those who lead, and one for those who don't."""

    private: Mapping[Standing, RSAPrivateKey]

    @classmethod
    def new(cls) -> "IssuerKeys":
        """Keys that sign tokens of one pulse and nothing else."""
        return cls({standing: new_issuer_key() for standing in Standing})

    @classmethod
    def of(cls, pems: Mapping[Standing, bytes]) -> "IssuerKeys":
        """Keys from their PEM.

        Raises: Unverified, or ValueError, where one is none.
        """
        return cls({standing: _private(pem) for standing, pem in pems.items()})

    @property
    def pems(self) -> Mapping[Standing, bytes]:
        """Each key as PEM."""
        return {
            standing: key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            for standing, key in self.private.items()
        }

    @property
    def public(self) -> Mapping[Standing, str]:
        """Each public key as PEM."""
        return {
            standing: key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
            for standing, key in self.private.items()
        }

    def signed(self, standing: Standing, blinded: bytes) -> bytes:
        """The signature of a blinded token.

        Raises: Unverified where it is no blinded message.
        """
        return blind_sign(self.private[standing], blinded)


def public_key(pem: str) -> RSAPublicKey:
    """A public key from its PEM.

    Raises: Unverified where it is none.
    """
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, RSAPublicKey):
        raise Unverified("this is no key of an issuer")
    return key


def check_of_pulse(pulse: Pulse, standing: Standing, token: bytes, signature: bytes) -> None:
    """Go on only where a token is of this pulse, and signed for those of this standing.

    Raises: Unverified.
    """
    if token[PREFIX_SIZE:] != pulse.id.encode():
        raise Unverified("this token is of another pulse")
    check_token(public_key(pulse.keys[standing]), token, signature)


def tag_name(tag: str) -> str:
    """By what an issuer knows a tag again, and can't make one."""
    return hashlib.sha256(tag.encode()).hexdigest()


def mark_of(blinded: bytes) -> bytes:
    """By what an issuer knows again what it signed.

    Shape: 32 bytes.
    """
    return hashlib.sha256(blinded).digest()


def _private(pem: bytes) -> RSAPrivateKey:
    key = load_pem_private_key(pem, None)
    if not isinstance(key, RSAPrivateKey):
        raise Unverified("this is no key of an issuer")
    return key
