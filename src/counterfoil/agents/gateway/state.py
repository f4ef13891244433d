"""State that travels through a client and back: signed, and good for one call of one session only."""

import base64
import hmac
import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256

LONGEST_SECONDS = 900
MOST_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class States:
    """Signs what a server wants to have back, with a key that lives as long as this process."""

    key: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def sealed(self, state: str, *, session: str, call: str, at: float) -> str:
        """A server's state, bound to a session and to every byte of a call."""
        told = json.dumps([state, session, call, int(at) + LONGEST_SECONDS]).encode()
        return base64.urlsafe_b64encode(self._mark(told) + told).decode()

    def opened(self, text: str, *, session: str, call: str, at: float) -> str | None:
        """The server's state; None where it is not ours, not for this call, or too old."""
        try:
            raw = base64.urlsafe_b64decode(text.encode("ascii"))
        except ValueError:
            return None
        mark, told = raw[:32], raw[32:]
        if len(raw) > 2 * MOST_BYTES or not hmac.compare_digest(mark, self._mark(told)):
            return None
        state, of_session, of_call, until = json.loads(told)
        return str(state) if (of_session, of_call) == (session, call) and at < until else None

    def _mark(self, told: bytes) -> bytes:
        return hmac.new(self.key, told, sha256).digest()
