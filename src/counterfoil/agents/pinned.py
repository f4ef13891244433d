"""What the agents' process remembers of its server: the key, and how far its ceilings have come."""

import os
from pathlib import Path

import msgspec

from counterfoil.terms.error import StoreError

FILE = "server.json"


class Pinned(msgspec.Struct, frozen=True, kw_only=True):
    """The server that was pinned, and the last that it said."""

    key: str = ""
    version: int = 0
    digest: str = ""
    at: int = 0
    """The latest time that the server said. Unit: seconds since 1970."""


def pinned(folder: Path) -> Pinned:
    """What is remembered; nothing where nothing is.

    Raises: StoreError where it is damaged: what it was can't be made up.
    """
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Pinned)
    except FileNotFoundError:
        return Pinned()
    except (OSError, msgspec.DecodeError, ValueError) as error:
        hint = "restore it from a copy; without it nobody knows which server and ceilings were the last"
        raise StoreError("pinned-unreadable", f"{folder / FILE} can't be read", hint=hint) from error


def kept(folder: Path, told: Pinned) -> Pinned:
    """Remember something else, durably.

    Raises: StoreError where it can't be written.
    """
    partial = folder / f".{FILE}.partial"
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(told))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(folder / FILE)
        _sync(folder)
    except OSError as error:
        hint = "make room on the disk and the agents' folder writable"
        raise StoreError("pinned-unwritable", f"{folder / FILE}: {error.strerror}", hint=hint) from error
    return told


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
