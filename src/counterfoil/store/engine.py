"""Runs fact queries over files; every engine has to pass the same conformance suite."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Protocol

import duckdb
import numpy as np
from numpy.typing import NDArray

from counterfoil.store.tables import BY_NAME, Table
from counterfoil.terms.error import StoreError

FACTS = Path(__file__).parent / "facts"
MOST_MEMORY, MOST_THREADS = "256MB", 4
"""What one engine takes at most; what is more lies on disk while a query runs."""
BROKEN = (duckdb.FatalException, duckdb.InternalException, duckdb.ConnectionException)
"""After one of these an engine answers nothing more, whatever it is asked."""
Db = duckdb.DuckDBPyConnection
Columns = Mapping[str, NDArray[Any]]
Values = Mapping[str, str | int | date | None]


class Engine(Protocol):
    """What can run a fact over the files of some tables."""

    def run(self, fact: str, files: Mapping[str, Sequence[Path]], values: Values) -> Columns:
        """The columns of a fact, named by its file below `facts`; tables without files are empty.

        Of a table without days, rows of a later file hold instead of those of an earlier one with their key.

        Raises: StoreError where a file can't be read.
        """


class DuckEngine:
    """DuckDB in memory, over Parquet files: opened once for many threads, and nothing of it is kept."""

    def __init__(self, spill: Path | None = None) -> None:
        """What is larger than memory lies in the folder `spill`; without one, all memory may be used."""
        self._spill = spill
        self._lock = Lock()
        self._open: Db | None = None

    @contextmanager
    def use(self) -> Iterator[Db]:
        """A connection of one's own; views and tables go with it, if they are temporary.

        An engine that failed is let go of, and the next one to come opens another.
        """
        with self._lock:
            mine = self._open = self._open or self._opened()
            db = mine.cursor()
        try:
            yield db
        except BROKEN:
            with self._lock:
                if self._open is mine:
                    self._open = None
            raise
        finally:
            with suppress(duckdb.Error):
                db.close()

    def close(self) -> None:
        """Let go of it; whoever still uses it is not disturbed."""
        with self._lock:
            opened, self._open = self._open, None
        if opened is not None:
            opened.close()

    def run(self, fact: str, files: Mapping[str, Sequence[Path]], values: Values) -> Columns:
        """The columns of a fact."""
        with self.use() as db:
            try:
                for name, paths in files.items():
                    view(db, BY_NAME[name], paths)
                found = db.execute(_query(fact), dict(values)).fetchnumpy()
            except duckdb.Error as error:
                raise unreadable(error) from error
        return {name: whole(column) for name, column in found.items()}

    def _opened(self) -> Db:
        limits: dict[str, Any] = {"threads": min(os.cpu_count() or 1, MOST_THREADS)}
        if self._spill is not None:
            limits |= {"memory_limit": MOST_MEMORY, "temp_directory": str(self._spill)}
        db = duckdb.connect(config=limits)
        db.execute("LOAD parquet")
        # A file of the lake is never altered, so what was read of how it is laid out holds.
        db.execute("SET parquet_metadata_cache = true")
        return db


@cache
def _query(fact: str) -> str:
    return (FACTS / f"{fact}.sql").read_text("utf-8")


def view(db: Db, table: Table, paths: Sequence[Path]) -> None:
    """Let a query name a table."""
    db.execute(f"CREATE TEMP VIEW {table.name} AS {rows_of(db, table, paths)}")


def rows_of(db: Db, table: Table, paths: Sequence[Path]) -> str:
    """The query for a table's columns as the table has them now, whenever its files were written.

    A column that a file lacks is empty, or has its default; one that the table lacks is not read.
    """
    if not paths:
        return f"SELECT {_nothing(table)} WHERE false"
    if table.day or len(paths) == 1:
        return _read(db, table, paths)
    earlier, last = rows_of(db, table, paths[:-1]), _read(db, table, paths[-1:])
    key = ", ".join(f'"{name}"' for name in table.key)
    return f"SELECT * FROM ({earlier}) ANTI JOIN ({last}) USING ({key}) UNION ALL {last}"


def _read(db: Db, table: Table, paths: Sequence[Path]) -> str:
    each = [_columns_of(db, path) for path in paths]
    there, defaults = frozenset[str]().union(*each), table.defaults()
    columns = ", ".join(
        _column(name, kind, there=name in there, default=defaults.get(name))
        for name, kind in table.columns().items()
    )
    differ = any(some != there for some in each)
    files = ", ".join(_quoted(path) for path in paths)
    return (
        f"SELECT {columns} FROM read_parquet([{files}], union_by_name = {differ}, hive_partitioning = false)"
    )


_KNOWN: dict[tuple[str, int, int], frozenset[str]] = {}
MOST_KNOWN = 10_000


def _columns_of(db: Db, path: Path) -> frozenset[str]:
    """The columns that a file has; it is looked at once for as long as it stays what it is."""
    try:
        found = path.stat()
        key = (str(path), found.st_mtime_ns, found.st_size)
    except OSError:
        key = (str(path), 0, 0)
    if (known := _KNOWN.get(key)) is not None:
        return known
    query = f"SELECT * FROM read_parquet({_quoted(path)}, hive_partitioning = false) LIMIT 0"
    columns = frozenset(str(column[0]) for column in db.execute(query).description or ())
    if len(_KNOWN) >= MOST_KNOWN:
        _KNOWN.clear()
    _KNOWN[key] = columns
    return columns


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _column(name: str, kind: str, *, there: bool, default: str | int | None) -> str:
    value = f'"{name}"' if there else "NULL"
    if default is not None:
        said = "'" + str(default).replace("'", "''") + "'"
        value = f"coalesce({value}, {said})" if there else said
    return f'CAST({value} AS {kind}) AS "{name}"'


def _nothing(table: Table) -> str:
    return ", ".join(f'CAST(NULL AS {kind}) AS "{name}"' for name, kind in table.columns().items())


def whole(column: Any) -> NDArray[Any]:
    """A column without a mask: what is absent is None, and nothing else is."""
    if not isinstance(column, np.ma.MaskedArray):
        return np.asarray(column)
    if not column.mask.any():
        return np.asarray(column.data)
    values: NDArray[Any] = np.asarray(column.data).astype(object)
    values[column.mask] = None
    return values


def unreadable(error: Exception) -> StoreError:
    """The lake's own files can't be read or written."""
    hint = "make room on the disk; if it stays so, restore the lake's folder from a copy"
    said = str(error).splitlines()[0]
    return StoreError("lake-unusable", f"the lake can't be read or written: {said}", hint=hint)
