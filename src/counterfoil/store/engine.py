"""Runs fact queries over files; every engine has to pass the same conformance suite."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import duckdb
import numpy as np
from numpy.typing import NDArray

from counterfoil.store.tables import BY_NAME, Table
from counterfoil.terms.error import StoreError

FACTS = Path(__file__).parent / "facts"
Columns = Mapping[str, NDArray[Any]]
Values = Mapping[str, str | int | date | None]


class Engine(Protocol):
    """What can run a fact over the files of some tables."""

    def run(self, fact: str, files: Mapping[str, Sequence[Path]], values: Values) -> Columns:
        """The columns of a fact, named by its file below `facts`; tables without files are empty.

        Raises: StoreError where a file can't be read.
        """


class DuckEngine:
    """DuckDB in memory, over Parquet files; nothing of it is kept."""

    def run(self, fact: str, files: Mapping[str, Sequence[Path]], values: Values) -> Columns:
        """The columns of a fact."""
        query = (FACTS / f"{fact}.sql").read_text("utf-8")
        with duckdb.connect() as db:
            try:
                for name, paths in files.items():
                    view(db, BY_NAME[name], paths)
                found = db.execute(query, dict(values)).fetchnumpy()
            except duckdb.Error as error:
                raise unreadable(error) from error
        return {name: whole(column) for name, column in found.items()}


def view(db: duckdb.DuckDBPyConnection, table: Table, paths: Sequence[Path]) -> None:
    """Let a query name a table; its columns are read as the table has them now, whenever they were written.

    A column that a file lacks is empty, or has its default; one that the table lacks is not read.
    """
    if not paths:
        db.execute(f"CREATE VIEW {table.name} AS SELECT {_nothing(table)} WHERE false")
        return
    found = db.read_parquet([str(path) for path in paths], union_by_name=True, hive_partitioning=False)
    there, defaults = set(found.columns), table.defaults()
    columns = (
        _column(name, kind, there=name in there, default=defaults.get(name))
        for name, kind in table.columns().items()
    )
    found.project(", ".join(columns)).create_view(table.name)


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
