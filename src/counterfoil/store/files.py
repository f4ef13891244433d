"""Files once written: made durable, known by their digest, and let go of unless they are being copied."""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from counterfoil.store.place import sync_folder
from counterfoil.terms.error import StoreError

COPYING = "copying"
"""Whoever copies a data directory holds a shared lock on this file in it."""


def sync_file(path: Path) -> None:
    """Make a file and its name durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_folder(str(path.parent))


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def let_go(folder: Path, paths: Sequence[Path]) -> Sequence[Path]:
    """Remove files that nothing names any more; those that stay, since the directory is being copied."""
    lock = _opened(folder)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return paths
    else:
        for path in paths:
            path.unlink(missing_ok=True)
        return ()
    finally:
        os.close(lock)


@contextmanager
def copying(folder: Path) -> Iterator[None]:
    """Keep every file of a data directory in its place while it is copied."""
    lock = _opened(folder)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield
    finally:
        os.close(lock)


def locked(path: Path) -> int:
    """The lock of the only process that writes.

    Raises: StoreError where another one has it, or it can't be made.
    """
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        hint = "name a folder that you can write"
        raise StoreError("lake-unusable", f"{path.parent}: {error.strerror}", hint=hint) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        hint = (
            "stop the server, or wait for the other command, and run this again; while the server runs, "
            "it compacts by itself, and tokens are made on its pages Admin and My record"
        )
        says = f"the server or another command has {path.parent} open, and only one can write it"
        raise StoreError("lake-in-use", says, hint=hint) from error
    return lock


def is_free(path: Path) -> bool:
    """Whether no process writes."""
    try:
        os.close(locked(path))
    except StoreError:
        return False
    return True


def _opened(folder: Path) -> int:
    return os.open(folder / COPYING, os.O_RDWR | os.O_CREAT, 0o600)
