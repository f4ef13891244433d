"""Opens the agents' database, and lets one transaction after the other change it."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from sqlalchemy import URL, Connection, bindparam, select, text, update
from sqlalchemy.exc import SQLAlchemyError

from counterfoil.store.address import POSTGRESQL, address_of, engine_of, in_file
from counterfoil.store.agents.ready import Ready
from counterfoil.store.agents.shape import GENERATION, META, STATE, STEPS
from counterfoil.store.shape import brought_up, must_be_known, version_of
from counterfoil.terms.error import StoreError

ADDRESS, FILE = "agents.url", "agents.sqlite"
SEEN = select(STATE.c.value).where(STATE.c.name == GENERATION)
GENERATION_SQL = f"SELECT value FROM {STATE.name} WHERE name = '{GENERATION}'"
SEEN_AGAIN = Ready(SEEN)
GROWN = (
    update(STATE)
    .where(STATE.c.name == GENERATION, STATE.c.value == bindparam("old"))
    .values(value=bindparam("new"))
)
MOST_PAGES = 8_000
"""Of a file's changes, before one of them has to bring them into the file itself."""
ROOM = 8 << 20
"""Bytes."""
MAKING = int.from_bytes(b"cfoil-ag")
"""Of the advisory lock under which tables are made."""


class Database:
    """What agents did and may do. A change is one transaction, durable when it returns.

    Several processes may share it: whatever has to happen once is a single statement that only one of them
    finds true, or stands behind a lock of the database.
    """

    def __init__(self, address: URL) -> None:
        """Open it, made where it is missing and brought up where it is older.

        Raises: StoreError where it can't be opened, or a newer version wrote it.
        """
        self._engine = engine_of(address)
        self.is_shared = self._engine.dialect.name == POSTGRESQL
        """Whether it is a server's, whose changes no file tells of."""
        self._lock = RLock()
        self._looks = RLock()
        """Apart from that of writing, so that no judgement waits for a disk."""
        self._watched: Connection | None = None
        self._held: Connection | None = None
        self._asked: Any = None
        self._version = -1
        self._generation = ""
        self._has_room = False
        try:
            with self.write() as db:
                if self.is_shared:
                    db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MAKING})
                version = version_of(db)
                if version is not None:
                    must_be_known(version, STEPS)
                brought_up(db, STEPS, META)
                if db.execute(SEEN).scalar_one_or_none() is None:
                    db.execute(STATE.insert().values(name=GENERATION, value="1"))
        except StoreError:
            self.close()
            raise

    @classmethod
    def of(cls, folder: Path) -> "Database":
        """That of the agents' folder: a file in it, or what `agents.url` names.

        Raises: StoreError as for opening one.
        """
        return cls(address_of(folder, named=ADDRESS, file=FILE))

    @classmethod
    def in_file(cls, path: Path) -> "Database":
        """One in a file of its own."""
        return cls(in_file(path))

    def close(self) -> None:
        """Let go of it."""
        with self._lock, self._looks:
            for one in (self._watched, self._held):
                if one is not None:
                    one.close()
            self._watched = self._held = None
            self._engine.dispose()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Everything in the block or nothing of it; no other change of this process meanwhile.

        Raises: StoreError where the database can't be used.
        """
        with self._lock, self._told():
            held = self._held or self._writing()
            # Another one after whatever interrupts this: nobody knows in what state it is.
            self._held, whole = None, False
            try:
                with held.begin() if self.is_shared else _begun(held):
                    yield held
                whole = True
            finally:
                if whole:
                    self._held = held
                else:
                    held.invalidate()
                    held.close()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """What is there now.

        Raises: StoreError where the database can't be used.
        """
        with self._told(), self._engine.connect() as db:
            yield db

    def check_point(self) -> None:
        """Bring what was written into the file itself, so that no change has to do it while somebody waits.

        Raises: StoreError where the database can't be used.
        """
        if self.is_shared:
            return
        self._make_room()
        with self._told(), self._engine.connect() as db:
            # Twice: once nothing new came meanwhile, the next change writes over old ones instead of behind.
            for _ in range(2):
                db.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").all()

    def _make_room(self) -> None:
        """Let a file's changes have their room beforehand: a sync is several times as long where one grows.

        What is behind the last change is never read; nobody else writes there while a change is under way.
        """
        if self._has_room:
            return
        self._has_room = True
        try:
            with open(f"{self._engine.url.database}-wal", "r+b", buffering=0) as changes:
                with self.write():
                    at = changes.seek(0, os.SEEK_END)
                    changes.write(bytes(max(0, ROOM - at)))
                os.fsync(changes.fileno())
        except OSError:
            # It is as good without, only slower.
            return

    def _writing(self) -> Connection:
        db = self._engine.connect()
        if not self.is_shared:
            db = db.execution_options(isolation_level="AUTOCOMMIT")
            driver: Any = db.connection.driver_connection
            driver.execute(f"PRAGMA wal_autocheckpoint = {MOST_PAGES}")
        return db

    def generation(self) -> str:
        """Which state of stops, grants and agents holds; a file is only asked where something was written.

        Raises: StoreError where the database can't be used.
        """
        with self._looks, self._told():
            if self.is_shared:
                with self._engine.connect() as db:
                    return str(db.execute(SEEN).scalar_one())
            self._looking()
            ((version,),) = self._asked.execute("PRAGMA data_version")
            if version != self._version:
                ((self._generation,),) = self._asked.execute(GENERATION_SQL)
                self._version = version
            return self._generation

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """What is there now, for one question: of a file on a connection that stays open.

        Raises: StoreError where the database can't be used.
        """
        if self.is_shared:
            with self.read() as db:
                yield db
            return
        with self._looks, self._told():
            yield self._looking()

    def _looking(self) -> Connection:
        if self._watched is None:
            self._watched = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            # What a connection counts says nothing of what another one counted.
            self._version = -1
            self._asked = self._watched.connection.driver_connection
        return self._watched

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            said = str(getattr(error, "orig", None) or error).splitlines()[0]
            hint = "make room, or see that the database of agents runs; until then no agent does anything"
            raise StoreError("agents-database", f"the agents' database: {said}", hint=hint) from error
        except sqlite3.Error as error:
            hint = "make room on the disk; until then no agent does anything"
            raise StoreError("agents-database", f"the agents' database: {error}", hint=hint) from error


@contextmanager
def _begun(db: Connection) -> Iterator[None]:
    """One transaction of a file; its driver is asked without a detour."""
    driver: Any = db.connection.driver_connection
    driver.execute("BEGIN IMMEDIATE")
    yield
    driver.execute("COMMIT")
    if db.in_transaction():
        db.commit()


def grown(db: Connection) -> None:
    """Say that stops, grants or agents changed, in the transaction that changes them."""
    while True:
        old = db.execute(SEEN.with_for_update()).scalar_one()
        if db.execute(GROWN, {"old": old, "new": str(int(old) + 1)}).rowcount:
            return


def locked(db: Connection, name: str) -> None:
    """Let nobody else decide about the same thing until this transaction ends; a file is locked anyway."""
    if db.dialect.name == POSTGRESQL:
        db.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 7))"), {"name": name})


def generation_in(db: Connection) -> str:
    """Which state of stops, grants and agents holds in a transaction."""
    ((generation,),) = SEEN_AGAIN.rows(db, {})
    return str(generation)
