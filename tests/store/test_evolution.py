"""Files that an earlier version wrote are read as the tables are now, and parts are blocks or days."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.store.engine import view
from counterfoil.store.files import digest_of
from counterfoil.store.lake import Appended, Lake
from counterfoil.store.registry import Part
from counterfoil.store.tables import BY_NAME, TABLES
from counterfoil.terms.error import StoreError
from counterfoil.terms.period import Block, Span
from store.rows import DAY, ROWS, known, row
from store.test_lake import MONDAY, put, tokens, usage

OLD = "DATE '2026-09-07' AS day, CAST(1 AS INTEGER) AS key, 'ann' AS who, CAST(7 AS SMALLINT) AS words"
NOW = {"kind": "plain", "often": 0, "cost": None, "ended": None}


@pytest.fixture(autouse=True)
def rows() -> Iterator[None]:
    with known():
        yield


def written_earlier(
    lake: Lake, folder: Path, query: str, *, table: str = "row", block: str = str(DAY)
) -> None:
    """A file as an earlier version wrote it."""
    path = folder / "lake" / table / f"{block}-{'0' * 12}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as db:
        (rows,) = db.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)").fetchone() or (0,)
    name = f"{table}/{path.name}"
    part = Part(table=table, block=block, late=False, file=name, rows=rows, sha256=digest_of(path))
    with lake.registry.change() as change:
        change.put(part)


def read(paths: Sequence[Path], *, table: str = "row") -> list[dict[str, Any]]:
    """Rows as every reader of files has them."""
    with duckdb.connect() as db:
        view(db, BY_NAME[table], paths)
        found = db.execute(f"SELECT * FROM {table} ORDER BY ALL")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, values, strict=True)) for values in found.fetchall()]


def files(folder: Path, table: str = "row") -> list[Path]:
    return sorted((folder / "lake" / table).iterdir())


def test_a_column_that_came_later_is_empty_or_has_its_default(tmp_path: Path) -> None:
    with Lake(tmp_path, write=True) as lake:
        written_earlier(lake, tmp_path, f"SELECT {OLD}, 'gone' AS removed")
        assert read(files(tmp_path)) == [{"day": DAY, "key": 1, "who": "ann", "words": 7, **NOW}]
        told = lake.rows_of("ann")["row"]
        assert (told["kind"].tolist(), told["often"].tolist(), told["cost"].tolist()) == (
            ["plain"],
            [0],
            [None],
        )
        assert "removed" not in told


def test_the_same_row_told_again_in_todays_shape_changes_nothing(tmp_path: Path) -> None:
    with Lake(tmp_path, write=True) as lake:
        written_earlier(lake, tmp_path, f"SELECT {OLD}")
        assert put(lake, row(words=7)) == Appended(same=1)
        assert put(lake, row(words=7, cost=9), row(2)) == Appended(new=1, changed=1)
        assert [one["cost"] for one in read(files(tmp_path))] == [9, None]
        assert lake.check() == []


def test_files_of_both_shapes_are_one_table(tmp_path: Path) -> None:
    with Lake(tmp_path, write=True) as lake:
        written_earlier(lake, tmp_path, f"SELECT {OLD}")
        put(lake, row(2, DAY + timedelta(1), kind="", often=2, cost=5))
        assert [(one["kind"], one["often"], one["cost"]) for one in read(files(tmp_path))] == [
            ("plain", 0, None), ("", 2, 5),
        ]  # fmt: skip


def test_erasure_writes_an_earlier_file_in_todays_shape(tmp_path: Path) -> None:
    with Lake(tmp_path, write=True) as lake:
        written_earlier(
            lake,
            tmp_path,
            f"SELECT {OLD}, 'gone' AS removed UNION ALL SELECT DATE '2026-09-07', 2, 'ben', 1, ''",
        )
        assert lake.without("ann") == 1
        assert read(files(tmp_path)) == [{"day": DAY, "key": 2, "who": "ben", "words": 1, **NOW}]
        with duckdb.connect() as db:
            assert db.read_parquet(str(files(tmp_path)[0])).columns == list(ROWS.columns())


def test_a_type_that_can_not_be_widened_is_told(tmp_path: Path) -> None:
    with Lake(tmp_path, write=True) as lake:
        written_earlier(
            lake, tmp_path, f"SELECT {OLD.replace('CAST(7 AS SMALLINT)', chr(39) + 'many' + chr(39))}"
        )
        with pytest.raises(StoreError, match="can't be read"):
            put(lake, row())


def test_usage_of_a_tool_before_its_cost_was_known_is_answered(tmp_path: Path) -> None:
    """The fact of a shipped table, over a file without some of its columns."""
    columns = """DATE '2026-09-07' AS day, 'ann' AS who, 'claude-code' AS tool, 'opus' AS model,
        'human' AS trigger, 'person' AS credential, '' AS workload, 1 AS requests, 5 AS input_uncached,
        0 AS cache_read, 0 AS cache_write, CAST(10 AS TINYINT) AS output"""
    with Lake(tmp_path, write=True) as lake:
        written_earlier(lake, tmp_path, f"SELECT {columns}", table="usage_day", block="2026-B10")
        put(lake, usage("ben"))
        assert tokens(lake) == {"ann": 15, "ben": 15}


kinds = st.sampled_from(["TINYINT", "SMALLINT", "INTEGER", "BIGINT"])


@settings(max_examples=30, deadline=None)
@given(
    kept=st.sets(st.sampled_from(["kind", "often", "cost", "ended"])),
    shapes=st.lists(kinds, min_size=1, max_size=3),
    more=st.booleans(),
)
def test_any_earlier_shape_reads_as_the_table_is_now(
    kept: set[str], shapes: Sequence[str], more: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("lake")
    values = {"kind": "'odd'", "often": "4", "cost": "NULL", "ended": "DATE '2026-10-01'"}
    with Lake(folder, write=True) as lake:
        for place, kind in enumerate(shapes):
            day = DAY + timedelta(place)
            columns = [
                f"DATE '{day}' AS day",
                f"CAST({place} AS {kind}) AS key",
                "'ann' AS who",
                f"CAST(1 AS {kind}) AS words",
            ]
            columns += [f"{values[name]} AS {name}" for name in sorted(kept)] + ["1 AS extra"] * more
            written_earlier(lake, folder, f"SELECT {', '.join(reversed(columns))}", block=str(day))
        wanted = {
            **NOW,
            **{
                name: {"kind": "odd", "often": 4, "cost": None, "ended": date(2026, 10, 1)}[name]
                for name in kept
            },
        }
        assert [{name: one[name] for name in NOW} for one in read(files(folder))] == [wanted] * len(shapes)
        assert put(lake, *[row(n, DAY + timedelta(n), words=1) for n in range(len(shapes))]).new == 0


def test_parts_are_days_where_the_table_says_so(tmp_path: Path) -> None:
    with Lake(tmp_path, write=True) as lake:
        days = [DAY, DAY + timedelta(1), DAY + timedelta(40)]
        put(lake, *[row(n, day) for n, day in enumerate(days)])
        assert [part.block for part in lake.registry.parts("row")] == [str(day) for day in days]
        assert put(lake, row(0, words=9), row(7)) == Appended(new=1, changed=1)
        assert [part.rows for part in lake.registry.parts("row")] == [2, 1, 1]


@given(day=st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_a_part_has_one_name_in_python_and_in_sql(day: date) -> None:
    from counterfoil.store.staging import _block

    with duckdb.connect() as db:
        for table in TABLES.values():
            if table.day:
                (named,) = db.execute(
                    f'SELECT {_block(table)} FROM (SELECT ? AS "{table.day}")', [day]
                ).fetchone() or ("",)
                assert named == table.part_of(day)
    assert ROWS.part_of(day) == str(day)
    assert ROWS.parts is Span.DAY
    assert BY_NAME["usage_day"].part_of(MONDAY) == str(Block.of(MONDAY))
    assert BY_NAME["person"].part_of(day) == ""
