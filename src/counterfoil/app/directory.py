"""Opens a data directory with its log, its keys and its rules; the only process that writes it."""

import base64
import binascii
import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from counterfoil.guard.guarded import Guarded, check_clock
from counterfoil.guard.policy import shipped
from counterfoil.guard.retired import retire
from counterfoil.ledger.keyholder import Keyholder
from counterfoil.ledger.keys import Keys, parse_secret
from counterfoil.ledger.log import Log
from counterfoil.ledger.sign import SignerKey
from counterfoil.ledger.verify import VerifierKey
from counterfoil.store.lake import Lake
from counterfoil.store.place import private_folder
from counterfoil.terms.ask import Role, Viewer
from counterfoil.terms.error import SourceError, StoreError

LEDGER, KEYS, LOG_KEY, SOCKET = "ledger", "keys", "log.key", "keyholder"
AGENTS_KEY = "agents.key"
README = """A data directory of counterfoil.

lake/              figures of people under pseudonyms, as Parquet, by table and block of four weeks
registry.sqlite    which files the lake has, the programme in force, atoms, answers, bodies of entries;
                   or registry.url, the address of a PostgreSQL database that has them
ledger/            the log: who asked what, when, in which role, what for, and what came of it
log.key            signs the log
agents.key         signs what agents may do; agents.sock is where their process asks
hooks.json         what GitHub and GitLab sign their deliveries with, where they make any
keys/              turns pseudonyms back into people, and opens the entries about each

While keys/ lies here, whoever can read this directory can find out whose rows are whose. Where that
must not be, let the works council or the data protection officer hold the keys: counterfoil keyholder.
"""


@contextmanager
def opened(data: Path, *, make: bool = False) -> Iterator[Guarded]:
    """Everything behind the gate of a data directory, which is made where `make` says so.

    Raises: StoreError where it is missing, in use, or can't be written; LedgerBroken where the log is.
    """
    if make:
        made_directory(data)
    elif not (data / LEDGER).is_dir():
        hint = "counterfoil collect table FILE ... --data DIR makes one"
        raise StoreError("no-data-directory", f"{data} is no data directory", hint=hint)
    with ExitStack() as stack:
        lake = stack.enter_context(Lake(data, write=True))
        signer = signing_key(data / LOG_KEY, name="", make=False)
        log = stack.enter_context(Log(data / LEDGER, signer))
        keys = stack.enter_context(_keys(data, signer))
        g = Guarded(lake, log, keys, shipped(), datetime.now(UTC))
        check_clock(g)
        retire(g)
        yield g


def made_directory(data: Path) -> VerifierKey:
    """A data directory, made where it is missing; the key of its log.

    Raises: StoreError where it can't be written.
    """
    private_folder(str(data.absolute()))
    for name in (LEDGER, KEYS):
        (data / name).mkdir(exist_ok=True, mode=0o700)
    if not (data / "README.txt").exists():
        (data / "README.txt").write_text(README, "utf-8")
    name = f"counterfoil.local/{secrets.token_hex(4)}"
    return signing_key(data / LOG_KEY, name=name, make=True).verifier


@contextmanager
def _keys(data: Path, signer: SignerKey) -> Iterator[Keys]:
    """The keys of people: here, or with whoever holds them elsewhere."""
    if (data / SOCKET).exists():
        from counterfoil.app.keyholding import RemoteKeys

        yield RemoteKeys(Path((data / SOCKET).read_text("utf-8").strip()))
    else:
        with Keyholder(data / KEYS, log=signer.verifier) as keys:
            yield keys


def signing_key(path: Path, *, name: str, make: bool, witness: bool = False) -> SignerKey:
    """A key in a file of its own, made where it is missing and `make` says so.

    Raises: StoreError where it is missing, damaged, or can't be written.
    """
    if make and not path.exists():
        _write_key(path, SignerKey.new(name, witness=witness))
    try:
        name, encoded = path.read_text("utf-8").split("\n")[:2]
        return SignerKey.of(name, base64.b64decode(encoded, validate=True), witness=witness)
    except (OSError, UnicodeDecodeError, ValueError, binascii.Error) as error:
        hint = "name the file that the key was written to, or restore it from a copy"
        raise StoreError("no-key", f"{path} holds no key", hint=hint) from error


def _write_key(path: Path, key: SignerKey) -> None:
    text = f"{key.name}\n{base64.b64encode(key.raw).decode()}\n"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, text.encode())
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        hint = "name a file in a folder that you can write"
        raise StoreError("key-unwritable", f"{path}: {error.strerror}", hint=hint) from error


def viewer_of(g: Guarded, secret: Path | None, role: str | None) -> Viewer:
    """Who asks: the person whose secret it is, or the operator of the directory.

    Raises: SourceError where nobody has that secret.
    """
    if secret is None:
        return Viewer(who=None, role=Role(role or Role.OPERATOR))
    who = g.keys.whose(secret_in(secret))
    if who is None:
        hint = "ask whoever holds the keys for your secret; after an erasure there is none"
        raise SourceError("unknown-secret", "nobody is known by this secret", hint=hint)
    return Viewer(who=who, role=Role(role or Role.EMPLOYEE))


def secret_in(path: Path) -> bytes:
    """The secret in a file.

    Raises: SourceError where there is none.
    """
    try:
        return parse_secret(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        hint = "name the file that you were given when you were enrolled"
        raise SourceError("no-secret", f"{path} can't be read", hint=hint) from error
