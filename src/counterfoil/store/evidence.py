"""The evidence store: what must outlive a tool's own logs, so that work stays joined to what made it."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from counterfoil.store.memory import (
    Memory,
    Said,
    minute,
    said_by,
)
from counterfoil.store.place import database_mark, private_file, private_folder, sync_folder
from counterfoil.store.recalled import merge_remembered, reading_of
from counterfoil.store.transaction import transaction
from counterfoil.terms.error import StoreError
from counterfoil.terms.ids import SessionId, SourceId
from counterfoil.terms.reading import Reading

MIGRATIONS = (
    """
    CREATE TABLE session (
        source TEXT NOT NULL,
        id BLOB NOT NULL,
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        said BLOB NOT NULL,
        more INTEGER NOT NULL,
        memory BLOB NOT NULL,
        PRIMARY KEY (source, id)
    ) WITHOUT ROWID
    """,
)
"""Each step from one schema version to the next. `said` is the digest of the latest account of the session,
`more` is 1 where the memory holds something that this account no longer has."""
BUSY_SECONDS = 10
REFUSED = {
    sqlite3.SQLITE_FULL: ("evidence-full", "Free some space and run it again; what was kept is still there."),
    sqlite3.SQLITE_IOERR: (
        "evidence-full",
        "Free some space and run it again; what was kept is still there.",
    ),
    sqlite3.SQLITE_BUSY: ("evidence-busy", "Wait for the other counterfoil to finish."),
    sqlite3.SQLITE_CORRUPT: (
        "evidence-broken",
        "Move the file away or restore a copy; a new one is started.",
    ),
    sqlite3.SQLITE_NOTADB: ("evidence-broken", "Move the file away or restore a copy; a new one is started."),
}
UNUSABLE = (
    "evidence-unusable",
    "Make the folder and the file writable by you, or name another: COUNTERFOIL_DATA.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What was new to the store, or what left it."""

    sessions: int = 0
    usage: int = 0
    written: int = 0
    committed: int = 0

    def __add__(self, other: "Added") -> "Added":
        return Added(
            sessions=self.sessions + other.sessions,
            usage=self.usage + other.usage,
            written=self.written + other.written,
            committed=self.committed + other.committed,
        )

    @staticmethod
    def of(memory: Memory, *, sessions: int = 0) -> "Added":
        """The rows of one memory."""
        return Added(
            sessions=sessions,
            usage=len(memory.usage),
            written=len(memory.written),
            committed=len(memory.committed),
        )


NOTHING = Added()
Digests = Mapping[SessionId, bytes]


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Say in the house's words what the engine refused."""
    try:
        yield
    except sqlite3.Error as e:
        reason = getattr(e, "sqlite_errorcode", 0) & 0xFF
        code, hint = REFUSED.get(reason, UNUSABLE)
        raise StoreError(code, f"{path}: {e}", hint=hint) from e
    except (OSError, ValueError, LookupError) as e:
        code, hint = UNUSABLE if isinstance(e, OSError) else REFUSED[sqlite3.SQLITE_CORRUPT]
        raise StoreError(code, f"{path}: {type(e).__name__}", hint=hint) from e


def open_evidence(path: str) -> "Evidence":
    """The evidence store in this file, made where it is missing.

    Raises: StoreError when it can't be opened, is damaged, or was written by a newer version.
    """
    private_folder(os.path.dirname(path))
    with _told(path):
        private_file(path)
        sync_folder(os.path.dirname(path))
        db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        # A rollback journal, not WAL: one file that is whole after each commit, and a counter in its header.
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("PRAGMA synchronous = EXTRA")
        db.execute("PRAGMA secure_delete = ON")
        _migrate(db, path)
    return Evidence(path, db)


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def _migrate(db: sqlite3.Connection, path: str) -> None:
    if _version(db) == len(MIGRATIONS):
        return
    with transaction(db):
        version = _version(db)
        if version > len(MIGRATIONS):
            raise StoreError(
                "evidence-newer",
                f"{path}: schema {version} is newer than this version knows",
                hint="Upgrade counterfoil; nothing was changed.",
            )
        for step in MIGRATIONS[version:]:
            db.execute(step)
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


class Evidence:
    """What is remembered of every session ever read. One process may write at a time; any number may read."""

    def __init__(self, path: str, db: sqlite3.Connection) -> None:
        self.path = path
        self._db = db
        self._opened_at = self._foreign_writes()

    def join(self, reading: Reading) -> tuple[Reading, int]:
        """Remember a reading; the reading with what only memory has left, and how many requests that is.

        Raises: StoreError when it can't be written; then all that was kept before is still there.
        """
        said = said_by(reading)
        digests = {id: account.digest() for id, account in said.items()}
        self._remember(reading.source, said, digests)
        return merge_remembered(reading, self._recall(reading.source, digests))

    def remember(self, reading: Reading) -> Added:
        """Keep what a reading says; reading twice adds nothing, and nothing kept is lost.

        Raises: StoreError when it can't be written; then all that was kept before is still there.
        """
        said = said_by(reading)
        return self._remember(reading.source, said, {id: account.digest() for id, account in said.items()})

    def recall(self, source: SourceId) -> Reading:
        """All that is remembered of a source, in the form that `merge_remembered` takes."""
        return self._recall(source, {})

    def _remember(self, source: SourceId, said: Mapping[SessionId, Said], digests: Digests) -> Added:
        with _told(self.path):
            known = self._accounts(source)
            changed = [id for id, digest in digests.items() if digest != known.get(id, (None,))[0]]
            if not changed:
                return NOTHING
            with transaction(self._db):
                return sum((self._keep(source, id, said[id], digests[id]) for id in changed), NOTHING)

    def _recall(self, source: SourceId, told: Digests) -> Reading:
        """What is remembered of the sessions that are not told in full already."""
        with _told(self.path):
            ids = [
                id for id, (digest, more) in self._accounts(source).items() if more or told.get(id) != digest
            ]
            memories = {id: m for id in ids if (m := self._memory(source, id)) is not None}
        return reading_of(source, memories)

    def _keep(self, source: SourceId, id: SessionId, account: Said, digest: bytes) -> Added:
        new = account.memory()
        old = self._memory(source, id)
        memory = new if old is None else old.joined(new)
        self._db.execute(
            "INSERT OR REPLACE INTO session VALUES (?, ?, ?, ?, ?, ?, ?)",
            (source, _bytes(id), *memory.span(), digest, len(memory) > len(new), memory.blob()),
        )
        return Added.of(new, sessions=1) if old is None else Added.of(new.without(old))

    def forget(self, *, session: SessionId | None = None, before: datetime | None = None) -> Added:
        """Erase one session, what happened before a moment, or everything; the bytes are overwritten.

        Raises: StoreError when it can't be written; then nothing is erased.
        """
        with _told(self.path):
            with transaction(self._db):
                gone = sum((self._erase(*row, before) for row in self._doomed(session, before)), NOTHING)
            # What was erased is zeros by now; this gives the room back.
            self._db.execute("VACUUM")
        return gone

    def _doomed(self, session: SessionId | None, before: datetime | None) -> list[tuple[SourceId, bytes]]:
        if session is not None:
            return self._db.execute(
                "SELECT source, id FROM session WHERE id = ?", (_bytes(session),)
            ).fetchall()
        if before is not None:
            sql = "SELECT source, id FROM session WHERE first < ?"
            return self._db.execute(sql, (minute(before),)).fetchall()
        return self._db.execute("SELECT source, id FROM session").fetchall()

    def _erase(self, source: SourceId, id: bytes, before: datetime | None) -> Added:
        memory = self._memory(source, _id(id))
        if memory is None:
            return NOTHING
        rest = Memory() if before is None else memory.since(minute(before))
        if len(rest) == 0:
            self._db.execute("DELETE FROM session WHERE source = ? AND id = ?", (source, id))
            return Added.of(memory, sessions=1)
        # An empty digest matches no account, so the next reading of a log that is still there is joined anew.
        self._db.execute(
            "UPDATE session SET first = ?, last = ?, said = x'', more = 1, memory = ? "
            "WHERE source = ? AND id = ?",
            (*rest.span(), rest.blob(), source, id),
        )
        return Added.of(memory.without(rest))

    def size(self) -> Added:
        """How much is remembered, over all sources."""
        with _told(self.path):
            memories = (Memory.of(row[0]) for row in self._db.execute("SELECT memory FROM session"))
            return sum((Added.of(m, sessions=1) for m in memories), NOTHING)

    def state(self) -> bytes | None:
        """Changes with each write to the store; None when another process wrote since it was opened.

        What was recalled and what a later reader would recall are the same while the mark is.
        """
        with _told(self.path):
            mark = database_mark(self.path)
            return mark if self._foreign_writes() == self._opened_at else None

    def _foreign_writes(self) -> int:
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def _accounts(self, source: SourceId) -> dict[SessionId, tuple[bytes, int]]:
        rows = self._db.execute("SELECT id, said, more FROM session WHERE source = ?", (source,))
        return {_id(id): (said, more) for id, said, more in rows}

    def _memory(self, source: SourceId, id: SessionId) -> Memory | None:
        sql = "SELECT memory FROM session WHERE source = ? AND id = ?"
        row = self._db.execute(sql, (source, _bytes(id))).fetchone()
        return None if row is None else Memory.of(row[0])

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _bytes(id: SessionId) -> bytes:
    return id.encode("utf-8", "surrogatepass")


def _id(raw: bytes) -> SessionId:
    return SessionId(raw.decode("utf-8", "surrogatepass"))
