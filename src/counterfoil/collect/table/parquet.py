"""Reads Parquet where DuckDB is installed, through relations and without any query text."""

import tempfile
from pathlib import Path
from typing import Any

from counterfoil.terms.error import SourceError


def parquet_rows(path: str, content: bytes) -> tuple[list[str], list[tuple[int, Any]]] | None:
    """The columns, and every row by its number, counted from one; None where the file is no whole Parquet.

    Raises: SourceError when DuckDB is not installed.
    """
    try:
        import duckdb
    except ImportError:
        raise SourceError(
            "no-parquet",
            f"{path} is a Parquet file, and DuckDB, which reads those, is not installed",
            hint="pip install 'counterfoil[parquet]'",
        ) from None
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "table.parquet"
        copy.write_bytes(content)
        try:
            with duckdb.connect() as engine:
                relation = engine.read_parquet(str(copy))
                names, values = relation.columns, relation.fetchall()
        except (duckdb.Error, UnicodeDecodeError):
            return None
    rows = (dict(zip(names, row, strict=True)) for row in values)
    return names, list(enumerate(rows, start=1))
