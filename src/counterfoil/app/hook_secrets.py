"""Keeps what forges sign their deliveries with, in a file of its own that only its owner can read."""

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from counterfoil.app.door.deliveries import Forge
from counterfoil.guard.guarded import Guarded
from counterfoil.ledger.entry import EntryKind, open_entry
from counterfoil.store.place import sync_folder
from counterfoil.terms.error import SourceError, StoreError

FILE = "hooks.json"
MOST = 2
"""As many as it takes to change from one to the next without losing a delivery."""
SHORTEST, LONGEST = 16, 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HookSecret:
    """A secret that a forge and this server share."""

    name: str
    """By chance; says nothing of the secret."""
    forge: Forge
    since: str
    """The minute in which it was kept."""
    secret: str


def kept_secrets(data: Path) -> Sequence[HookSecret]:
    """Every secret that holds.

    Raises: StoreError where the file is damaged or can't be read.
    """
    try:
        told = json.loads((data / FILE).read_text("utf-8"))
        return [HookSecret(**{**one, "forge": Forge(one["forge"])}) for one in told]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, KeyError) as error:
        hint = "remove the file, and keep the secrets anew: counterfoil hook secret"
        raise StoreError("hooks-unreadable", f"{data / FILE} can't be read", hint=hint) from error


def keep(g: Guarded, data: Path, forge: Forge, secret: str | None) -> HookSecret:
    """Keep a secret, or make one; that there is a new one is in the log first, and the secret never.

    Raises: SourceError where it is too short, or there are two already.
    """
    before = kept_secrets(data)
    if sum(one.forge is forge for one in before) >= MOST:
        hint = f"withdraw the older one first: counterfoil hook withdraw {before[0].name}"
        raise SourceError("hook-secrets", f"{forge} has {MOST} secrets already", hint=hint)
    if secret is not None and not (SHORTEST <= len(secret) <= LONGEST and secret.isprintable()):
        hint = "let counterfoil make one: leave --file out"
        raise SourceError("hook-secret-weak", f"a secret has at least {SHORTEST} characters", hint=hint)
    new = HookSecret(
        name=secrets.token_hex(6), forge=forge, since=g.minute, secret=secret or secrets.token_urlsafe(32)
    )
    _logged(g, "kept", new)
    _write(data, [*before, new])
    return new


def withdraw(g: Guarded, data: Path, name: str) -> bool:
    """Let a secret hold no longer; that it does not is in the log first."""
    before = kept_secrets(data)
    for one in before:
        if one.name == name:
            _logged(g, "withdrawn", one)
            _write(data, [other for other in before if other.name != name])
            return True
    return False


def _logged(g: Guarded, did: str, one: HookSecret) -> None:
    body = {"rule": "hook", "did": did, "forge": one.forge, "name": one.name, "at": g.minute}
    g.log.append([open_entry(EntryKind.RULE, body)])


def _write(data: Path, kept: Sequence[HookSecret]) -> None:
    draft = data / f"{FILE}.{os.getpid()}"
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(handle, json.dumps([asdict(one) for one in kept]).encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        draft.rename(data / FILE)
        sync_folder(str(data))
    except OSError as error:
        hint = "make room on the disk and the folder writable"
        raise StoreError("hooks-unwritable", f"{data / FILE}: {error.strerror}", hint=hint) from error
