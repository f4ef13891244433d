"""Credentials of connectors: encrypted under a key that lies elsewhere, and handed to connectors alone."""

import hmac
import os
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from counterfoil.store.agents import sealed
from counterfoil.store.agents.database import Database
from counterfoil.terms.error import StoreError
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.tool import ConnectorId

KEY_FILE = "secrets.key"
KEY_SIZE, NONCE_SIZE = 32, 12
NO_KEY = "put the key back from where you keep it, or enter the secrets anew in an empty database"


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential. It shows itself nowhere: only `reveal` gives it, to whoever connects."""

    _text: str = field(repr=False)
    sealed: bytes = field(repr=False)
    """As it is kept."""

    def reveal(self) -> str:
        """The credential itself, for the one connection that needs it."""
        return self._text

    def __str__(self) -> str:
        return "(a secret)"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not written down")


class Secrets:
    """Every credential of a database, each bound to the connector and owner that it was entered for."""

    def __init__(self, folder: Path, database: Database) -> None:
        """Open them with the key in a folder, made where there is none and nothing was encrypted yet.

        Raises: StoreError where the key is gone, damaged, or open to others.
        """
        self._database = database
        key = _key(folder / KEY_FILE, database)
        self._cipher, self._seals = AESGCM(key), hmac.digest(key, b"counterfoil/seals/v1", "sha256")

    def __repr__(self) -> str:
        return "Secrets()"

    def put(self, connector: ConnectorId, owner: Pseudonym, text: str) -> None:
        """Keep a credential instead of the one that was there.

        Raises: StoreError where it can't be kept.
        """
        name = _name(connector, owner)
        kept = self._sealed(name, text)
        with self._database.write() as db:
            sealed.put_secret(db, name, kept)

    def swap(self, connector: ConnectorId, owner: Pseudonym, before: Secret, text: str) -> bool:
        """Keep a credential instead of the one that was got; False where that one is not kept any more.

        Raises: StoreError where it can't be kept.
        """
        name = _name(connector, owner)
        kept = self._sealed(name, text)
        with self._database.write() as db:
            return sealed.swap_secret(db, name, before.sealed, kept)

    def get(self, connector: ConnectorId, owner: Pseudonym) -> Secret | None:
        """A credential; None where none was entered.

        Raises: StoreError where it was altered, or moved from another connector or owner.
        """
        name = _name(connector, owner)
        with self._database.read() as db:
            kept = sealed.secret(db, name)
        if kept is None:
            return None
        try:
            text = self._cipher.decrypt(kept[:NONCE_SIZE], kept[NONCE_SIZE:], name.encode()).decode()
        except InvalidTag as error:
            said = f"the secret for {connector} does not open"
            raise StoreError("secret-altered", said, hint="enter it anew") from error
        return Secret(text, kept)

    def _sealed(self, name: str, text: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_SIZE)
        return nonce + self._cipher.encrypt(nonce, text.encode(), name.encode())

    def seal(self, name: str) -> bytes:
        """A key of its own for the hashes that a system keeps, the same whenever it is asked for."""
        return hmac.digest(self._seals, name.encode(), "sha256")

    def drop(self, connector: ConnectorId, owner: Pseudonym) -> bool:
        """Keep no credential any longer; False where there was none.

        Raises: StoreError where that can't be done.
        """
        with self._database.write() as db:
            return sealed.drop_secret(db, _name(connector, owner))

    def entered(self, owner: Pseudonym) -> Sequence[ConnectorId]:
        """For which connectors an owner entered one.

        Raises: StoreError where the database can't be asked.
        """
        with self._database.read() as db:
            names = [name.partition(" ") for name in sealed.secret_names(db)]
        return [ConnectorId(connector) for connector, _, whose in names if whose == owner]

    def owners(self) -> Collection[Pseudonym]:
        """Who entered any.

        Raises: StoreError where the database can't be asked.
        """
        with self._database.read() as db:
            return {Pseudonym(name.partition(" ")[2]) for name in sealed.secret_names(db)}


def _name(connector: ConnectorId, owner: Pseudonym) -> str:
    return f"{connector} {owner}"


def _key(path: Path, database: Database) -> bytes:
    """The key in a file that its owner alone can read; made only where nothing needs an older one."""
    with database.read() as db:
        needed = bool(sealed.secret_names(db))
    if needed and not path.exists():
        raise StoreError("secrets-key-gone", f"{path} is gone", hint=NO_KEY)
    try:
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    except OSError as error:
        raise StoreError(
            "secrets-key", f"{path} can't be written", hint="make the folder writable"
        ) from error
    key = secrets.token_bytes(KEY_SIZE)
    with os.fdopen(made, "wb") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key


def _read(path: Path) -> bytes:
    try:
        open_to_others, key = path.stat().st_mode & 0o077, path.read_bytes()
    except OSError as error:
        raise StoreError("secrets-key", f"{path} can't be read", hint=f"run: chmod 600 {path}") from error
    if open_to_others:
        raise StoreError("secrets-key-open", f"others may read {path}", hint=f"run: chmod 600 {path}")
    if len(key) != KEY_SIZE:
        raise StoreError("secrets-key", f"{path} holds no key", hint=NO_KEY)
    return key
