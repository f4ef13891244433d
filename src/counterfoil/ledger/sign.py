"""Signs checkpoints as a log, and cosigns them as a witness."""

import base64
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from counterfoil.ledger.verify import COSIGNATURE, DASH, ED25519, VerifierKey, cosigned, key_id_of


@dataclass(frozen=True, slots=True)
class SignerKey:
    """The private half of a key that signs notes; never printed, never logged."""

    name: str
    kind: int
    private: Ed25519PrivateKey

    @classmethod
    def new(cls, name: str, *, witness: bool = False) -> "SignerKey":
        """A new key of a log, or of a witness."""
        return cls(name, COSIGNATURE if witness else ED25519, Ed25519PrivateKey.generate())

    @classmethod
    def of(cls, name: str, raw: bytes, *, witness: bool = False) -> "SignerKey":
        """A key from its 32 bytes."""
        kind = COSIGNATURE if witness else ED25519
        return cls(name, kind, Ed25519PrivateKey.from_private_bytes(raw))

    @property
    def raw(self) -> bytes:
        """Its 32 bytes, to be kept where nobody else reads."""
        return self.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())

    @property
    def verifier(self) -> VerifierKey:
        """The public half."""
        public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return VerifierKey(self.name, key_id_of(self.name, self.kind, public), self.kind, public)

    def __repr__(self) -> str:
        return f"SignerKey({self.name})"


def signature_line(text: str, key: SignerKey, *, at: int = 0) -> str:
    """A signature of a text as a line of its note; `at` is the second at which a witness signs.

    Source: C2SP signed-note 1.0.0 and tlog-cosignature 1.0.1.
    """
    stamp = struct.pack(">Q", at) if key.kind == COSIGNATURE else b""
    signed = cosigned(text, at) if key.kind == COSIGNATURE else text.encode()
    raw = struct.pack(">I", key.verifier.key_id) + stamp + key.private.sign(signed)
    return f"{DASH}{key.name} {base64.b64encode(raw).decode()}\n"


def signed_note(text: str, key: SignerKey) -> str:
    """A text with one signature."""
    return f"{text}\n{signature_line(text, key)}"
