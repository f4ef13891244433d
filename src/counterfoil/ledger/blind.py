"""Blind signatures: an issuer signs that somebody may answer once, and never sees what it signed.

Source: RFC 9474, RSABSSA-SHA384-PSS-Randomized.
"""

import hashlib
import math
import secrets
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from counterfoil.ledger.verify import Unverified

HASH_SIZE = 48
SALT_SIZE = 48
PREFIX_SIZE = 32
KEY_BITS = 3072
EXPONENT = 65_537


@dataclass(frozen=True, slots=True)
class Blinded:
    """A message that its signer can't read, and what takes the blinding off again."""

    message: bytes
    inverse: int


def new_issuer_key() -> rsa.RSAPrivateKey:
    """A key that signs tokens of one pulse and nothing else."""
    return rsa.generate_private_key(EXPONENT, KEY_BITS)


def prepared(message: bytes) -> bytes:
    """A message with a random prefix, so that its signer can't have chosen it.

    Source: RFC 9474, section 4.1.
    """
    return secrets.token_bytes(PREFIX_SIZE) + message


def blind(
    public: rsa.RSAPublicKey, message: bytes, *, salt: bytes | None = None, factor: int | None = None
) -> Blinded:
    """Blind a prepared message; `salt` and `factor` are for published vectors alone.

    Source: RFC 9474, section 4.2.
    """
    numbers = public.public_numbers()
    n = numbers.n
    salt = secrets.token_bytes(SALT_SIZE) if salt is None else salt
    encoded = int.from_bytes(encoded_pss(message, n.bit_length() - 1, salt), "big")
    if math.gcd(encoded, n) != 1:
        raise Unverified("this message can't be blinded")
    while factor is None or math.gcd(factor, n) != 1:
        factor = secrets.randbelow(n - 1) + 1
    blinded = encoded * pow(factor, numbers.e, n) % n
    return Blinded(blinded.to_bytes(_length(n), "big"), pow(factor, -1, n))


def blind_sign(private: rsa.RSAPrivateKey, blinded: bytes) -> bytes:
    """Sign what can't be read. The exponentiation is blinded once more, so that its time tells nothing.

    Source: RFC 9474, section 4.3.
    Raises: Unverified where it is no blinded message.
    """
    numbers = private.private_numbers()
    n, e = numbers.public_numbers.n, numbers.public_numbers.e
    message = int.from_bytes(blinded, "big")
    if len(blinded) != _length(n) or not 0 < message < n:
        raise Unverified("this is no blinded message for this key")
    mask = secrets.randbelow(n - 2) + 2
    signed = pow(message * pow(mask, e, n) % n, numbers.d, n) * pow(mask, -1, n) % n
    if pow(signed, e, n) != message:
        raise Unverified("the signature came out wrong and is not handed on")
    return signed.to_bytes(_length(n), "big")


def finalized(public: rsa.RSAPublicKey, message: bytes, signed: bytes, blinded: Blinded) -> bytes:
    """The signature of a prepared message, with the blinding taken off.

    Source: RFC 9474, section 4.4.
    Raises: Unverified where the signer signed something else.
    """
    n = public.public_numbers().n
    signature = (int.from_bytes(signed, "big") * blinded.inverse % n).to_bytes(_length(n), "big")
    check_token(public, message, signature)
    return signature


def check_token(public: rsa.RSAPublicKey, message: bytes, signature: bytes) -> None:
    """Check that a signer let somebody have this message; it can't tell whom.

    Source: RFC 9474, section 4.5.
    Raises: Unverified where it did not.
    """
    scheme = padding.PSS(padding.MGF1(hashes.SHA384()), SALT_SIZE)
    try:
        public.verify(signature, message, scheme, hashes.SHA384())
    except (InvalidSignature, ValueError) as error:
        raise Unverified("this token was not issued") from error


def encoded_pss(message: bytes, bits: int, salt: bytes) -> bytes:
    """A message as PSS encodes it.

    Source: RFC 8017, section 9.1.1, with SHA-384 and MGF1.
    """
    size = (bits + 7) // 8
    digest = hashlib.sha384(message).digest()
    if size < HASH_SIZE + len(salt) + 2:
        raise ValueError("the key is too short")
    check = hashlib.sha384(bytes(8) + digest + salt).digest()
    block = bytes(size - len(salt) - HASH_SIZE - 2) + b"\x01" + salt
    masked = bytearray(a ^ b for a, b in zip(block, _mask(check, len(block)), strict=True))
    masked[0] &= 0xFF >> (8 * size - bits)
    return bytes(masked) + check + b"\xbc"


def _mask(seed: bytes, size: int) -> bytes:
    """MGF1 with SHA-384."""
    parts = (hashlib.sha384(seed + n.to_bytes(4, "big")).digest() for n in range(-(-size // HASH_SIZE)))
    return b"".join(parts)[:size]


def _length(n: int) -> int:
    return (n.bit_length() + 7) // 8
