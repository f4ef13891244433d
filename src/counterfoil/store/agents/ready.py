"""Statements of every call, put together once: SQLAlchemy takes longer over one than SQLite does."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.dialects import sqlite

from counterfoil.store.address import POSTGRESQL


class Ready:
    """One statement whose values are bound by name; a file's driver is asked without a detour."""

    def __init__(
        self, statement: Any, columns: Sequence[str] | None = None, *, server: Executable | None = None
    ) -> None:
        """Put it together; `columns` are those that an insert is given, `server` is PostgreSQL's own form."""
        keys = None if columns is None else list(columns)
        compiled = statement.compile(dialect=sqlite.dialect(paramstyle="named"), column_keys=keys)
        self._statement: Executable = statement if server is None else server
        self._text = str(compiled)
        self._fixed = {name: one.value for name, one in compiled.binds.items() if not one.required}

    def rows(self, db: Connection, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """Every row of an answer."""
        if db.dialect.name == POSTGRESQL:
            return db.execute(self._statement, values).all()
        rows: Sequence[Sequence[Any]] = self._asked(db, values).fetchall()
        return rows

    def changed(self, db: Connection, values: Mapping[str, Any]) -> int:
        """How many rows are other ones now."""
        if db.dialect.name == POSTGRESQL:
            return int(db.execute(self._statement, values).rowcount)
        return int(self._asked(db, values).rowcount)

    def _asked(self, db: Connection, values: Mapping[str, Any]) -> Any:
        driver: Any = db.connection.driver_connection
        return driver.execute(self._text, {**self._fixed, **values} if self._fixed else values)
