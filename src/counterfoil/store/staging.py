"""Merges fresh rows with those of their block: which are new, which changed, and which came late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterfoil.store.engine import Columns, Db, DuckEngine, rows_of, view, whole
from counterfoil.store.tables import Table
from counterfoil.terms.absent import Unknown
from counterfoil.terms.batch import Batch
from counterfoil.terms.period import Span

LAYOUT, LAYOUT_KEY = "2", "counterfoil"
"""Which layout a file has: it says so itself, and those of another are written anew by `upkeep.compact`."""
ROWS_OF_GROUP = 245_760
LAID_OUT = (
    f"FORMAT parquet, PARQUET_VERSION v2, COMPRESSION zstd, COMPRESSION_LEVEL 9, "
    f"ROW_GROUP_SIZE {ROWS_OF_GROUP}, KV_METADATA {{{LAYOUT_KEY}: '{LAYOUT}'}}"
)
NUMPY: Mapping[str, Any] = {"VARCHAR": object, "BIGINT": np.int64, "DATE": "datetime64[s]"}


@dataclass(frozen=True, slots=True)
class Counts:
    """How many fresh rows of a block are what."""

    new: int
    changed: int
    same: int
    late: int

    def touched(self, *, late: bool) -> bool:
        """Whether a file has to be written."""
        return bool(self.late if late else self.new + self.changed)


@dataclass(slots=True)
class Staged:
    """Fresh rows, each batch in a file of its own until they are merged."""

    folder: Path
    engine: DuckEngine
    files: dict[Table, list[Path]] = field(default_factory=dict)

    def add(self, table: Table, batch: Batch[Any]) -> None:
        """Put a batch aside."""
        mine = self.files.setdefault(table, [])
        path = self.folder / f"{table.name}-{len(mine):06d}.parquet"
        kinds = table.columns()
        with self.engine.use() as db:
            db.register("batch", {name: _array(batch.columns[name], kind) for name, kind in kinds.items()})
            cast = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in kinds.items())
            db.execute(f"COPY (SELECT {cast} FROM batch) TO '{_quoted(path)}' (FORMAT parquet)")
        mine.append(path)

    @staticmethod
    def blocks(db: Db, table: Table, fresh: Sequence[Path]) -> Sequence[str]:
        """The blocks that fresh rows are of."""
        view(db, table, fresh)
        rows = db.execute(f"SELECT DISTINCT {_block(table)} AS block FROM {table.name} ORDER BY 1").fetchall()
        return [block for (block,) in rows]

    @staticmethod
    def how_many(db: Db, table: Table, block: str, fresh: Sequence[Path]) -> int:
        """How many fresh rows there are of a part."""
        view(db, table, fresh)
        found = db.execute(f"SELECT count(*) FROM {table.name} WHERE {_block(table)} = ?", [block]).fetchone()
        return int(found[0]) if found else 0

    @staticmethod
    def compare(
        db: Db,
        table: Table,
        block: str,
        fresh: Sequence[Path],
        kept: Sequence[Path],
        late: Sequence[Path],
        sealed: Sequence[date],
        *,
        onto: Sequence[Path] | None = None,
    ) -> Counts:
        """Set fresh rows beside those that are there; what is to be written is ready for `write` after.

        It is all that is kept with what is fresh; or only what a file of changes has, if `onto` names one.
        """
        _named(db, "fresh_rows", table, fresh)
        if onto is None:
            _named(db, "kept_rows", table, kept)
        else:
            rows, keys = rows_of(db, table, kept), _list(table.key)
            db.execute(
                f"CREATE TEMP TABLE kept_rows AS SELECT * FROM ({rows}) SEMI JOIN fresh_rows USING ({keys})"
            )
            _named(db, "changed_rows", table, onto)
        _named(db, "late_rows", table, late)
        db.execute("CREATE TEMP TABLE sealed (week DATE)")
        if sealed:
            db.executemany("INSERT INTO sealed VALUES (?)", [(week,) for week in sealed])
        key, columns = _list(table.key), _list(table.columns())
        rest = [name for name in table.columns() if name not in table.key]
        differs = " OR ".join(f'f."{name}" IS DISTINCT FROM k."{name}"' for name in rest) or "false"
        joined = " AND ".join(f'f."{name}" = k."{name}"' for name in table.key)
        is_late = (
            f"date_trunc('week', f.\"{table.day}\") IN (SELECT week FROM sealed)" if table.day else "false"
        )
        db.execute(
            f"""
            CREATE TEMP TABLE told AS
            WITH last AS (
              SELECT {columns} FROM fresh_rows WHERE {_block(table)} = ?
              QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY place DESC) = 1
            )
            SELECT f.*, k."{table.key[0]}" IS NULL AS is_new,
              k."{table.key[0]}" IS NOT NULL AND ({differs}) AS is_changed, {is_late} AS is_late
            FROM last AS f LEFT JOIN kept_rows AS k ON {joined}
        """,
            [block],
        )
        all_of = "kept_rows" if onto is None else "changed_rows"
        _merged(db, "kept_now", columns, key, all_of, "(is_new OR is_changed) AND NOT is_late")
        _merged(db, "late_now", columns, key, "late_rows", "(is_new OR is_changed) AND is_late")
        found = db.execute("""
            SELECT count(*) FILTER (is_new AND NOT is_late), count(*) FILTER (is_changed AND NOT is_late),
              count(*) FILTER (NOT is_new AND NOT is_changed),
              count(*) FILTER ((is_new OR is_changed) AND is_late)
            FROM told
        """).fetchone()
        return Counts(*(found or (0, 0, 0, 0)))

    @staticmethod
    def write(db: Db, table: Table, path: Path, *, late: bool) -> int:
        """Write what was compared, in the order of its key; how many rows."""
        rows = "late_now" if late else "kept_now"
        return Staged.laid_out(db, table, f"SELECT {_list(table.columns())} FROM {rows}", path)

    @staticmethod
    def counted(db: Db, table: Table, block: str) -> tuple[int, int, int]:
        """How many rows a table has, how many different keys, and how many rows are of another part.

        Every value is read.
        """
        key = ", ".join(f'"{name}" := "{name}"' for name in table.key)
        elsewhere = f"count(*) FILTER ({_block(table)} <> ?)" if table.day else "count(*) FILTER (? IS NULL)"
        found = db.execute(
            f"SELECT count(*), count(DISTINCT struct_pack({key})), {elsewhere}, "
            f"bit_xor(hash({_list(table.columns())})) FROM {table.name}",
            [block],
        ).fetchone()
        rows, different, others, _ = found or (0, 0, 0, 0)
        return int(rows), int(different), int(others)

    @staticmethod
    def named(db: Db, table: Table, path: Path, who: str) -> int:
        """How many rows of a file name a person."""
        view(db, table, [path])
        found = db.execute(f"SELECT count(*) FROM {table.name} WHERE {table.people} = ?", [who]).fetchone()
        return int(found[0]) if found else 0

    @staticmethod
    def write_without(db: Db, table: Table, path: Path, who: str) -> int:
        """Write the file that `named` looked at anew without one person's rows; how many rows it has then."""
        db.execute("SET VARIABLE who = ?", [who])
        named = f"{table.people} IS NOT DISTINCT FROM getvariable('who')"
        columns, chosen = _list(table.columns()), f"WHERE NOT ({named})"
        if table.people == "lead":
            # A unit outlives whoever leads it.
            columns, chosen = f"* REPLACE (CASE WHEN NOT ({named}) THEN lead END AS lead)", ""
        return Staged.laid_out(db, table, f"SELECT {columns} FROM {table.name} {chosen}", path)

    @staticmethod
    def laid_out(db: Db, table: Table, query: str, path: Path, *, numbered: bool = False) -> int:
        """Write rows in the order and the encodings that make a file small; how many.

        Numbered, each row's place stands for the name that it had.
        """
        order = _list((*table.order, *(name for name in table.key if name not in table.order)))
        if numbered:
            place = f'row_number() OVER (ORDER BY {order}) AS "{table.serial}"'
            query = f"SELECT * REPLACE ({place}) FROM ({query})"
        done = db.execute(f"COPY ({query} ORDER BY {order}) TO '{_quoted(path)}' ({LAID_OUT})").fetchone()
        return int(done[0]) if done else 0

    @staticmethod
    def people(db: Db, table: Table, files: Sequence[Path], weeks: Sequence[date]) -> NDArray[Any]:
        """Everybody with rows of some weeks."""
        view(db, table, files)
        found = db.execute(
            f"SELECT DISTINCT who FROM {table.name} "
            f"WHERE list_contains(CAST(? AS DATE[]), CAST(date_trunc('week', \"{table.day}\") AS DATE))",
            [list(weeks)],
        ).fetchnumpy()
        return whole(found["who"])

    @staticmethod
    def rows(db: Db, table: Table, files: Sequence[Path], who: str) -> Columns:
        """One person's rows."""
        if not files:
            return {name: np.array([], object) for name in table.columns()}
        columns = table.columns()
        rows = db.execute(
            f"SELECT {_list(columns)} FROM ({rows_of(db, table, files)}) "
            f"WHERE who = ? ORDER BY {_list(table.key)}",
            [who],
        ).fetchall()
        return {name: np.array([row[n] for row in rows], object) for n, name in enumerate(columns)}


def _merged(db: Db, into: str, columns: str, key: str, rows: str, chosen: str) -> None:
    """The rows that are there with the chosen fresh ones, which hold where both have a key."""
    db.execute(f"""
        CREATE TEMP TABLE {into} AS
        SELECT {columns} FROM (
          SELECT {columns}, 0 AS fresh FROM {rows} UNION ALL
          SELECT {columns}, 1 AS fresh FROM told WHERE {chosen}
        ) QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY fresh DESC) = 1
    """)


def _named(db: Db, name: str, table: Table, paths: Sequence[Path]) -> None:
    """Files under a name of their own, each row with its place among them."""
    view(db, table, paths)
    db.execute(f"CREATE TEMP TABLE {name} AS SELECT *, row_number() OVER () AS place FROM {table.name}")
    db.execute(f"DROP VIEW {table.name}")


def _block(table: Table) -> str:
    """The part of a row, as `Table.part_of` names it."""
    if not table.day:
        return "''"
    day = f'"{table.day}"'
    if table.parts is Span.DAY:
        return f"strftime({day}, '%Y-%m-%d')"
    return f"format('{{:04d}}-B{{:02d}}', isoyear({day}), least((week({day}) - 1) // 4 + 1, 13))"


def _list(names: Sequence[str] | Mapping[str, str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _array(values: Sequence[Any], kind: str) -> NDArray[Any]:
    """A column for the engine, which casts it; what is unknown is empty in it."""
    known = [None if isinstance(value, Unknown) else value for value in values]
    if kind == "BIGINT" and None in known:
        known, kind = [None if value is None else str(value) for value in known], "VARCHAR"
    column: NDArray[Any] = np.array(known, NUMPY[kind])
    return column


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
