"""Turns a table's rows into requests, whatever form the table has."""

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Set
from datetime import datetime
from difflib import get_close_matches
from pathlib import PurePath
from typing import Any

import msgspec

from counterfoil.collect.jsonl import survey, undecodable, whole_lines
from counterfoil.collect.moment import A_DAY, milliseconds
from counterfoil.collect.reading import NONE, FileReading, RowBuilder, count_of, sessions_of, unreadable
from counterfoil.collect.table.files import UNKNOWN_COLUMN
from counterfoil.collect.table.parquet import parquet_rows
from counterfoil.terms.absent import SkipReason
from counterfoil.terms.error import SourceError

BUCKETS = ("input_uncached", "cache_read", "cache_write", "output")
PARTS = ("reasoning", "cache_write_1h", "cost")
WORDS = ("tool", "directory", "repository", "branch")
REQUIRED = ("at", "session", "model", *BUCKETS)
OPTIONAL = ("key", "parent_session", *PARTS, *WORDS)
KNOWN_ELSEWHERE = ("source", "who", "trigger", "credential")
"""Columns of the noun that a report on one's own use has no need of."""
Row = tuple[int, Mapping[Any, Any] | SkipReason]
"""Its line or number, and its fields or why there are none."""


def usage_of(path: str, content: bytes, *, now: int) -> FileReading:
    """What one table claims was used.

    Raises: SourceError when a required column is missing or the form is none of the three.
    """
    suffix = PurePath(path).suffix.lower()
    builder = RowBuilder()
    names: Collection[str]
    rows: list[Row]
    reading = FileReading(path=path, rows=builder.rows)
    if suffix == ".parquet" or content[:4] == b"PAR1":
        stored = parquet_rows(path, content)
        if stored is None:
            return unreadable(path)
        names, rows = stored
    elif suffix == ".csv":
        text = io.StringIO(content.decode("utf-8-sig", "surrogateescape"), newline="")
        reader = csv.DictReader(text, strict=True)
        try:
            names = reader.fieldnames or ()
        except csv.Error:
            return unreadable(path)
        rows = list(_csv_rows(reader))
    elif suffix in (".jsonl", ".ndjson"):
        rows = list(_json_rows(content, reading))
        names = {name for _, row in rows if not isinstance(row, SkipReason) for name in row}
    else:
        raise SourceError(
            "table-form",
            f"{path} is no table of a form that can be read",
            hint="name it .csv, .jsonl or .parquet",
        )
    _check_columns(path, set(names), reading)
    seen: Counter[tuple[Any, ...]] = Counter()
    for number, row in rows:
        reading.records += 1
        why = row if isinstance(row, SkipReason) else _take(row, builder, seen, now + A_DAY)
        if why is not None:
            reading.skip(number, why)
    reading.sessions = sessions_of(builder.rows)
    return reading


def _check_columns(path: str, names: Set[str], reading: FileReading) -> None:
    """Every required column must be there; what else there is must have a known name or is counted."""
    missing = [name for name in REQUIRED if name not in names]
    known = {*REQUIRED, *OPTIONAL, *KNOWN_ELSEWHERE}
    unknown = sorted(names - known)
    if names and missing:
        close = {name: get_close_matches(name, unknown, n=1) for name in missing}
        renames = [f"rename a column to {name}" for name, found in close.items() if found]
        raise SourceError(
            "table-columns",
            f"{path} lacks the column{'s' * (len(missing) > 1)} {', '.join(missing)}",
            hint="; ".join(renames) or "see docs/reference/table.md for the columns",
        )
    if unknown:
        reading.notes[UNKNOWN_COLUMN] = len(unknown)


def _take(
    row: Mapping[Any, Any], builder: RowBuilder, seen: Counter[tuple[Any, ...]], latest: int
) -> SkipReason | None:
    """Hand on one row, or say why not."""
    if any(_text(row.get(name)) is None for name in ("session", "model", "key", "parent_session", *WORDS)):
        return SkipReason.WRONG_SHAPE
    at = _at(row.get("at"))
    if at is None:
        return SkipReason.NO_TIME
    if at > latest:
        return SkipReason.FUTURE_TIME
    buckets = [_count(row.get(name)) for name in BUCKETS]
    parts = [NONE if row.get(name) in (None, "") else _count(row.get(name)) for name in PARTS]
    if any(number is None for number in (*buckets, *parts)):
        return SkipReason.ABSURD_COUNT
    session, key = _text(row.get("session")), _text(row.get("key"))
    if not session:
        return SkipReason.WRONG_SHAPE
    if not key:
        about = (session, at, _text(row.get("model")), *buckets)
        seen[about] += 1
        key = ":".join(map(str, (*about, seen[about])))
    uncached, read, write, output, reasoning, hour, cost = (n or 0 for n in (*buckets, *parts))
    builder.add(
        key=key,
        at=at,
        session=session,
        parent=_text(row.get("parent_session")),
        model=_text(row.get("model")),
        input_uncached=uncached,
        cache_read=read,
        cache_write=write,
        output=output,
        reasoning=reasoning,
        cache_write_1h=hour,
        cost=cost,
        tool=_text(row.get("tool")),
        directory=_text(row.get("directory")),
        repository=_text(row.get("repository")),
        branch=_text(row.get("branch")),
    )
    return None


def _text(value: object) -> str | None:
    """A word; empty where there is none, None where it is something else."""
    return "" if value is None else value if isinstance(value, str) else None


def _at(value: object) -> int | None:
    return milliseconds(value.isoformat() if isinstance(value, datetime) else value)


def _count(value: object) -> int | None:
    if isinstance(value, str):
        return count_of(int(value)) if value.isascii() and value.isdigit() and len(value) < 20 else None
    return count_of(value)


def _csv_rows(reader: "csv.DictReader[str]") -> Iterator[Row]:
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield reader.line_num, SkipReason.WRONG_SHAPE
            continue
        values = [value for value in row.values() if isinstance(value, str)]
        if None in row or len(values) < len(row):
            yield reader.line_num, SkipReason.WRONG_SHAPE
        elif any("\0" in value or not value.isprintable() for value in values):
            yield reader.line_num, SkipReason.BINARY
        else:
            yield reader.line_num, row


def _json_rows(content: bytes, reading: FileReading) -> Iterator[Row]:
    survey(content, reading)
    number, before = 1, 0
    for start, line in whole_lines(content):
        number += content.count(b"\n", before, start)
        before = start
        try:
            yield number, msgspec.json.decode(line)
        except (ValueError, RecursionError):
            yield number, undecodable(content, start)
