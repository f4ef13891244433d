"""The one connection by which a registry is changed; on PostgreSQL it holds the lock of the only writer."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

from counterfoil.store.address import POSTGRESQL
from counterfoil.terms.error import StoreError

KEY = int.from_bytes(b"cfoil-wr")
"""Of the advisory lock. It is one for each database, so each data directory has a database of its own."""


class Writer:
    """Changes of a registry, one after the other.

    On PostgreSQL they all go through the connection that has the lock: once it is lost, nothing is changed
    until another one has it again, and no other server took it meanwhile.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = RLock()
        self._held: Connection | None = None

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction.

        Raises: StoreError where another server is the writer.
        """
        if self._engine.dialect.name != POSTGRESQL:
            with self._engine.begin() as db:
                yield db
            return
        with self._lock:
            db = self._held = self._held or self._taken()
            try:
                with db.begin():
                    yield db
            except DBAPIError as error:
                if error.connection_invalidated:
                    self.close()
                raise

    def close(self) -> None:
        """Let go of the lock."""
        held, self._held = self._held, None
        if held is not None:
            # Not to the pool: whoever holds the connection holds the lock.
            held.detach() if not held.invalidated else None
            held.close()

    def _taken(self) -> Connection:
        db = self._engine.connect()
        try:
            mine = db.execute(select(func.pg_try_advisory_lock(KEY))).scalar_one()
            db.rollback()
        except DBAPIError:
            db.close()
            raise
        if not mine:
            db.close()
            hint = "stop the other one; each data directory needs a database of its own"
            raise StoreError("registry-in-use", "another server writes to this registry", hint=hint)
        return db
