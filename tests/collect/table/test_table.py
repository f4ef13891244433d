"""Tables of one's own: three forms of the same rows, and every way a row or a table can be wrong."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from counterfoil.collect.scan import read
from counterfoil.collect.source import USAGE_ONLY
from counterfoil.collect.table import Table
from counterfoil.terms.absent import SkipReason, Unknown
from counterfoil.terms.error import SourceError
from counterfoil.terms.reading import Reading
from counterfoil.terms.usage import Usage

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HEAD = "at,session,model,input_uncached,cache_read,cache_write,output"
ROW = "2026-11-20T10:00:00Z,s1,gpt-5,100,20,3,40"


def reading(*paths: Path) -> Reading:
    made = read(Table(paths), homes=None, want=USAGE_ONLY, now=NOW, jobs=1)
    assert made.counts.records == made.counts.kept + made.counts.merged + made.counts.skipped_total
    return made


def rows(made: Reading) -> list[Usage]:
    return [row for batch in made.usage for row in batch.rows()]


@pytest.fixture
def table(tmp_path: Path) -> Callable[..., Path]:
    def write(*lines: str, name: str = "t.csv", bom: bool = False) -> Path:
        path = tmp_path / name
        path.write_bytes(b"\xef\xbb\xbf" * bom + "".join(f"{line}\n" for line in lines).encode())
        return path

    return write


def as_json(row: str) -> str:
    at, session, model, *counts = row.split(",")
    names = HEAD.split(",")
    return json.dumps(dict(zip(names, [at, session, model, *map(int, counts)], strict=True)))


@pytest.mark.parametrize("form", ["csv", "csv-bom", "jsonl", "parquet"])
def test_every_form_says_the_same(table: Callable[..., Path], tmp_path: Path, form: str) -> None:
    if form == "jsonl":
        path = table(as_json(ROW), name="t.jsonl")
    elif form == "parquet":
        duckdb = pytest.importorskip("duckdb")
        path = tmp_path / "t.parquet"
        duckdb.read_csv(str(table(HEAD, ROW))).write_parquet(str(path))
    else:
        path = table(HEAD, ROW, bom=form == "csv-bom")
    (row,) = rows(reading(path))
    assert row.at == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert (row.session, row.model) == ("s1", "gpt-5")
    assert (row.input_uncached, row.cache_read, row.cache_write, row.output) == (100, 20, 3, 40)
    assert isinstance(row.reasoning, Unknown)
    assert isinstance(row.cost, Unknown)


def test_optional_columns_are_read_and_their_absence_is_unknown(table: Callable[..., Path]) -> None:
    more = ",reasoning,cost,directory,key"
    made = rows(reading(table(HEAD + more, f"{ROW},7,1500,/w/p,k1", f"{ROW},,,,k2")))
    first = made[0]
    assert (first.key, first.reasoning, first.cost, first.directory) == ("k1", 7, 1500, "/w/p")
    assert isinstance(made[1].reasoning, Unknown)
    assert isinstance(made[1].cost, Unknown)


def test_equal_rows_stay_apart_and_a_table_read_twice_adds_nothing(
    table: Callable[..., Path], tmp_path: Path
) -> None:
    made = reading(table(HEAD, ROW, ROW), table(HEAD, ROW, ROW, name="copy.csv"))
    assert (made.counts.kept, made.counts.merged) == (2, 2)


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("yesterday,s1,m,1,2,3,4", SkipReason.NO_TIME),
        ("2040-01-01T00:00:00Z,s1,m,1,2,3,4", SkipReason.FUTURE_TIME),
        ("2026-11-20,s1,m,1.5,2,3,4", SkipReason.ABSURD_COUNT),
        ("2026-11-20,s1,m,,2,3,4", SkipReason.ABSURD_COUNT),
        ("2026-11-20,s1,m,1,2,3,99999999999999", SkipReason.ABSURD_COUNT),
        ("2026-11-20,,m,1,2,3,4", SkipReason.WRONG_SHAPE),
        ("2026-11-20,s1,m,1,2", SkipReason.WRONG_SHAPE),
        ("2026-11-20,s1,m,1,2,3,4,5,6", SkipReason.WRONG_SHAPE),
        ("2026-11-20,s1,m\0,1,2,3,4", SkipReason.BINARY),
    ],
)
def test_a_row_that_is_wrong_is_left_out_with_its_line(
    table: Callable[..., Path], row: str, why: SkipReason
) -> None:
    made = reading(table(HEAD, ROW, row))
    assert made.counts.skipped == {why: 1}
    assert [skipped.where.line for skipped in made.skipped] == [3]
    assert made.counts.kept == 1


def test_a_json_line_that_is_wrong_is_left_out(table: Callable[..., Path]) -> None:
    made = reading(table(as_json(ROW), '{"at": 5}', "[1]", '{"at": "', name="t.jsonl"))
    assert made.counts.kept == 1
    assert made.counts.skipped_total == 3


def test_a_missing_column_is_named_and_its_likely_name_hinted(table: Callable[..., Path]) -> None:
    with pytest.raises(SourceError, match="lacks the columns cache_write, output") as caught:
        reading(table(HEAD.replace("cache_write,output", "outputs"), ROW))
    assert caught.value.hint == "rename a column to output"


def test_columns_of_other_names_are_counted_aloud(table: Callable[..., Path]) -> None:
    made = reading(table(f"{HEAD},who,mood", f"{ROW},x,y"))
    assert [caveat.split(" ")[0] for caveat in made.caveats] == ["1"]
    assert made.counts.kept == 1


def test_a_file_of_no_known_form_says_so(table: Callable[..., Path]) -> None:
    with pytest.raises(SourceError, match="no table"):
        reading(table(HEAD, ROW, name="t.xlsx"))


def test_half_a_parquet_file_is_one_record_left_out(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1 and then nothing")
    assert reading(path).counts.skipped == {SkipReason.UNREADABLE_FILE: 1}


def test_without_duckdb_a_parquet_file_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    path = tmp_path / "t.parquet"
    path.write_bytes(b"PAR1")
    with pytest.raises(SourceError) as caught:
        reading(path)
    assert caught.value.hint == "pip install 'counterfoil[parquet]'"
