"""Short-lived credentials: who a client is, for whom it works, and what for; checked on every request."""

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from counterfoil.terms.agent import AgentId, Cause, CauseKind
from counterfoil.terms.error import StoreError

ISSUER, AUDIENCE = "counterfoil-agents", "counterfoil-gateway"
KEY_FILE, KEY_BYTES = "gateway.key", 32
LONGEST = timedelta(hours=24)
USUAL = timedelta(hours=8)
MOST_TOKEN_BYTES = 4096
NEEDED = frozenset({"iss", "aud", "sub", "jti", "iat", "exp", "cause"})


@dataclass(frozen=True, slots=True)
class Credential:
    """Who asks, as our own signature says."""

    id: str
    agent: AgentId
    cause: Cause
    """What all its effects are for: by default the credential itself, as a request of its taker."""
    words: str
    """The owner's own words to it, where they were told; they name destinations."""
    expires: datetime


@dataclass(frozen=True, slots=True)
class Credentials:
    """Signs credentials and knows its own again."""

    key: bytes
    now: Callable[[], datetime]

    def issue(
        self, agent: AgentId, *, cause: Cause | None = None, words: str = "", length: timedelta = USUAL
    ) -> str:
        """A token for one agent, that ends by itself."""
        now, name = self.now(), secrets.token_hex(8)
        cause = cause or Cause(CauseKind.REQUEST, name)
        told = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": agent,
            "jti": name,
            "iat": int(now.timestamp()),
            "exp": int((now + min(length, LONGEST)).timestamp()),
            "cause": f"{cause.kind}:{cause.ref}",
            **({"words": words} if words else {}),
        }
        return jwt.encode({"alg": "HS256"}, told, OctKey.import_key(self.key))

    def whose(self, token: str) -> Credential | None:
        """Whose token it is; None for every other, and for one that ended."""
        if len(token) > MOST_TOKEN_BYTES:
            return None
        try:
            told = jwt.decode(token, OctKey.import_key(self.key), algorithms=["HS256"]).claims
        except (JoseError, ValueError):
            return None
        if not told.keys() >= NEEDED or told["iss"] != ISSUER or told["aud"] != AUDIENCE:
            return None
        try:
            began, ends = (datetime.fromtimestamp(told[name], UTC) for name in ("iat", "exp"))
            cause = cause_of(told["cause"])
        except (TypeError, ValueError, OverflowError, OSError):
            return None
        if not began - timedelta(minutes=1) <= self.now() < ends or ends - began > LONGEST:
            return None
        words = told.get("words", "")
        return Credential(str(told["jti"]), AgentId(str(told["sub"])), cause, str(words), ends)


def cause_of(text: str) -> Cause:
    """A cause as people write it: `ticket:OPS-12`.

    Raises: ValueError where it is none.
    """
    kind, _, ref = text.partition(":")
    if not ref or len(ref) > 200 or not ref.isprintable():
        raise ValueError("a cause is written as its kind and its id, such as ticket:OPS-12")
    return Cause(CauseKind(kind), ref)


def key_in(folder: Path) -> bytes:
    """The key that credentials are signed with, made where it is missing, for its owner alone.

    Raises: StoreError where it can't be read or made.
    """
    path = folder / KEY_FILE
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    except OSError as error:
        raise _unusable(path, error.strerror) from error
    else:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
    try:
        key, mode = path.read_bytes(), path.stat().st_mode
    except OSError as error:
        raise _unusable(path, error.strerror) from error
    if len(key) != KEY_BYTES or mode & 0o077:
        raise _unusable(path, "it is not a key for its owner alone")
    return key


def _unusable(path: Path, why: str | None) -> StoreError:
    hint = "name a folder that you alone can read and write, or delete the file for a new key"
    return StoreError("gateway-key", f"{path}: {why}", hint=hint)
