"""The cache: what files said when they looked as they do now; deletable at any time, never an error."""

import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Self

from counterfoil import __version__
from counterfoil.store.place import private_file, private_folder
from counterfoil.store.transaction import transaction
from counterfoil.terms.error import StoreError

SCHEMA = 2
MOST_BYTES = 2 << 30
"""Past this size the cache starts anew."""
BATCH = 256
"""Readings kept in one transaction."""


def open_cache(path: str) -> "Cache":
    """The cache in this file; one that can't be used remembers nothing and says nothing."""
    with suppress(StoreError, OSError):
        private_folder(os.path.dirname(path))
        if os.path.exists(path) and os.path.getsize(path) > MOST_BYTES:
            os.unlink(path)
        for _ in range(2):
            try:
                return Cache(_opened(path), path)
            except sqlite3.OperationalError:
                return Cache(None)  # held by another process, or on a disk that can't be written
            except sqlite3.DatabaseError:
                pass
            _erased(path)  # damaged, or of another version: nothing in it is worth keeping
    return Cache(None)


def _erased(path: str) -> None:
    for leftover in (path, path + "-journal"):
        with suppress(FileNotFoundError):
            os.unlink(leftover)


def _opened(path: str) -> sqlite3.Connection:
    private_file(path)
    db = sqlite3.connect(path, timeout=1.0, isolation_level=None)
    try:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("CREATE TABLE IF NOT EXISTS version (made_by TEXT NOT NULL)")
        made_by = db.execute("SELECT made_by FROM version").fetchone()
        wanted = f"{SCHEMA} {__version__}"
        if made_by is not None and made_by[0] != wanted:
            raise sqlite3.DatabaseError("made by another version")
        db.execute("CREATE TABLE IF NOT EXISTS said (file BLOB PRIMARY KEY, fingerprint TEXT, reading BLOB)")
        if made_by is None:
            db.execute("INSERT INTO version VALUES (?)", (wanted,))
    except sqlite3.Error:
        db.close()
        raise
    return db


class Cache:
    """Remembers readings of files by how the files looked."""

    def __init__(self, db: sqlite3.Connection | None, path: str = "") -> None:
        self._db = db
        self._path = path
        self._damaged = False
        self._pending: list[tuple[bytes, str, bytes]] = []

    def recall(self, file: str, fingerprint: str) -> bytes | None:
        """What was kept for this very state of the file."""
        if self._db is None:
            return None
        reading = None
        with self._quietly():
            sql = "SELECT reading FROM said WHERE file = ? AND fingerprint = ?"
            row = self._db.execute(sql, (_name(file), fingerprint)).fetchone()
            reading = None if row is None else self._checked(row[0])
        return reading

    def _checked(self, kept: bytes) -> bytes | None:
        """The reading without its checksum; None where a disk that lost power gave back something else."""
        reading = kept[:-4]
        if kept[-4:] == _checksum(reading):
            return reading
        self._damaged = True
        return None

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        """A cache that is held or full is passed over; a damaged one starts anew the next time."""
        try:
            yield
        except sqlite3.OperationalError:
            return
        except sqlite3.DatabaseError:
            self._damaged = True

    def keep(self, file: str, fingerprint: str, reading: bytes) -> None:
        """Remember what a file said; a failure to remember is not an error."""
        self._pending.append((_name(file), fingerprint, reading + _checksum(reading)))
        if len(self._pending) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        pending, self._pending = self._pending, []
        if self._db is None or not pending:
            return
        with self._quietly(), transaction(self._db):
            self._db.executemany("INSERT OR REPLACE INTO said VALUES (?, ?, ?)", pending)

    def close(self) -> None:
        """Write what is pending and close."""
        self._flush()
        if self._db is not None:
            self._db.close()
            self._db = None
        if self._damaged:
            _erased(self._path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _checksum(reading: bytes) -> bytes:
    return zlib.crc32(reading).to_bytes(4, "little")


def _name(file: str) -> bytes:
    return os.fsencode(file)
