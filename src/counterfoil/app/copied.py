"""Copies a data directory while its server runs, in the order in which nothing acknowledged is missed."""

import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from counterfoil.agents.wire import AGENTS_SOCKET
from counterfoil.app.directory import KEYS, LEDGER, LOG_KEY, signing_key
from counterfoil.ledger.log import CHECKPOINT, LOCK, check_log
from counterfoil.store import upkeep
from counterfoil.store.files import COPYING, copying
from counterfoil.store.lake import LOCK as WRITER
from counterfoil.store.lake import STAGING, Lake
from counterfoil.store.place import private_folder, sync_folder
from counterfoil.terms.error import StoreError

LAKE, REGISTRY = "lake", "registry."
NOT_COPIED = {LAKE, LEDGER, KEYS, STAGING, WRITER, COPYING, AGENTS_SOCKET}
"""What comes later, what only a running process has, and the address of a database that is still in use."""
PARTIAL = ".partial"


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy has."""

    files: int
    """Of the lake."""
    entries: int
    """Of the log."""


def copy_directory(data: Path, out: Path, meter: Callable[[str, int, int], None]) -> Copied:
    """Copy a data directory to a folder that is there only once it is whole.

    What waits to be taken in comes first: what leaves it meanwhile is in the registry by then. The registry
    comes before the log, which is written before it; the keys come last, so that they open every entry.

    Raises: StoreError where it can't be read as a whole, or the copy can't be written.
    """
    if out.exists():
        hint = "name a folder that does not exist yet"
        raise StoreError("backup-exists", f"{out} is there already", hint=hint)
    part = out.with_name(out.name + PARTIAL)
    try:
        shutil.rmtree(part, ignore_errors=True)
        private_folder(str(part.absolute()))
        with copying(data), Lake(data) as lake:
            _copy(_others(data), part)
            files = upkeep.copy(lake, part, meter)
            (part / LEDGER).mkdir(mode=0o700)
            _copy([data / LEDGER / CHECKPOINT], part / LEDGER)
            _copy((p for p in (data / LEDGER).iterdir() if p.name not in {CHECKPOINT, LOCK}), part / LEDGER)
            _copy([data / KEYS], part)
        entries = check_log(part / LEDGER, signing_key(part / LOG_KEY, name="", make=False).verifier)
        part.rename(out)
        sync_folder(str(out.absolute().parent))
    except OSError as error:
        hint = "make room on the disk, or name a folder that you can write"
        raise StoreError("backup-unwritable", f"{out}: {error.strerror}", hint=hint) from error
    return Copied(files, entries)


def _others(data: Path) -> Iterable[Path]:
    """Everything that is not of the lake, the log or the keys."""
    return [path for path in data.iterdir() if path.name not in NOT_COPIED and not _is_registry(path)]


def _is_registry(path: Path) -> bool:
    return path.name.startswith(REGISTRY)


def _copy(paths: Iterable[Path], to: Path) -> None:
    """Copy files and folders, durably; what goes meanwhile was taken in, and is in the registry."""
    for path in paths:
        if path.is_dir():
            (to / path.name).mkdir(mode=0o700, exist_ok=True)
            _copy(sorted(path.iterdir()), to / path.name)
            sync_folder(str(to / path.name))
        elif path.is_file():
            _copy_file(path, to / path.name)


def _copy_file(path: Path, to: Path) -> None:
    try:
        source = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return
    with os.fdopen(source, "rb") as read, open(os.open(to, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        shutil.copyfileobj(read, file)
        file.flush()
        os.fsync(file.fileno())
