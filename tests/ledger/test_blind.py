"""Blind signatures agree with the published vectors, and a token can't be forged, altered or linked."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from counterfoil.ledger.blind import (
    Blinded,
    blind,
    blind_sign,
    check_token,
    encoded_pss,
    finalized,
    new_issuer_key,
    prepared,
)
from counterfoil.ledger.verify import Unverified

VECTORS = json.loads(Path(__file__).with_name("blind_vectors.json").read_text())["vectors"]


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return new_issuer_key()


def number(text: str) -> int:
    return int(text, 16)


def key_of(v: dict[str, str]) -> rsa.RSAPrivateKey:
    p, q, d, e = (number(v[name]) for name in "pqde")
    public = rsa.RSAPublicNumbers(e, number(v["n"]))
    private = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), rsa.rsa_crt_iqmp(p, q), public)
    return private.private_key()


@pytest.mark.parametrize("v", VECTORS, ids=["salt of 48", "no salt"])
def test_the_published_vectors(v: dict[str, Any]) -> None:
    key, message, salt = key_of(v), bytes.fromhex(v["msg"]), bytes.fromhex(v["salt"])
    n = number(v["n"])
    assert encoded_pss(message, n.bit_length() - 1, salt).hex() == v["encoded_msg"]
    blinded = blind(key.public_key(), message, salt=salt, factor=pow(number(v["inv"]), -1, n))
    assert blinded.message.hex() == v["blinded_msg"]
    assert blinded.inverse == number(v["inv"])
    signed = blind_sign(key, blinded.message)
    assert signed.hex() == v["blind_sig"]
    signature = (int.from_bytes(signed, "big") * blinded.inverse % n).to_bytes(n.bit_length() // 8, "big")
    assert signature.hex() == v["sig"]
    scheme = padding.PSS(padding.MGF1(hashes.SHA384()), len(salt))
    key.public_key().verify(signature, message, scheme, hashes.SHA384())
    if salt:
        assert finalized(key.public_key(), message, signed, blinded).hex() == v["sig"]


def test_a_token_goes_round(key: rsa.RSAPrivateKey) -> None:
    message = prepared(b"pulse 1")
    blinded = blind(key.public_key(), message)
    signature = finalized(key.public_key(), message, blind_sign(key, blinded.message), blinded)
    check_token(key.public_key(), message, signature)
    for altered in ((message + b"x", signature), (message, signature[:-1] + b"\0"), (message, b"")):
        with pytest.raises(Unverified, match="not issued"):
            check_token(key.public_key(), *altered)
    with pytest.raises(Unverified):
        check_token(new_issuer_key().public_key(), message, signature)


def test_what_a_signer_sees_has_nothing_of_the_message(key: rsa.RSAPrivateKey) -> None:
    """The same message is blinded otherwise each time, and every blinded message fits every message."""
    message = prepared(b"pulse 1")
    n = key.public_key().public_numbers().n
    first, second = (blind(key.public_key(), message) for _ in range(2))
    assert first.message != second.message
    other = int.from_bytes(encoded_pss(prepared(b"pulse 1"), n.bit_length() - 1, bytes(48)), "big")
    factor = pow(int.from_bytes(first.message, "big") * pow(other, -1, n) % n, key.private_numbers().d, n)
    assert other * pow(factor, 65_537, n) % n == int.from_bytes(first.message, "big")


def test_a_signer_that_cheats_is_found(key: rsa.RSAPrivateKey) -> None:
    message = prepared(b"pulse 1")
    blinded = blind(key.public_key(), message)
    with pytest.raises(Unverified):
        finalized(
            key.public_key(),
            message,
            blind_sign(new_issuer_key(), blind(key.public_key(), message).message[:384]),
            blinded,
        )
    with pytest.raises(Unverified):
        finalized(key.public_key(), message, blind_sign(key, blinded.message), Blinded(blinded.message, 3))


def test_what_is_no_blinded_message_is_not_signed(key: rsa.RSAPrivateKey) -> None:
    n = key.public_key().public_numbers().n
    for wrong in (b"", bytes(384), n.to_bytes(384, "big"), b"\1" * 385):
        with pytest.raises(Unverified, match="no blinded"):
            blind_sign(key, wrong)
    with pytest.raises(ValueError, match="too short"):
        encoded_pss(b"", 256, bytes(48))
