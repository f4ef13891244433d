"""Reads the plan of an outcome sample from TOML, and the sheets that assessors fill in from CSV.

Written against docs/reference/sample.md; TOML 1.0.0, RFC 4180, read 2026-11-26.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from counterfoil.collect.plans import day, only, read_plan, word
from counterfoil.terms.error import SourceError
from counterfoil.terms.metric import Level
from counterfoil.terms.period import Block, Period, Span
from counterfoil.terms.sample import Judged, Judgement, SamplePlan, SheetReading

MOST_NUMBER = 90_000
MOST_ROWS = 10_000
MOST_BYTES = 8_000_000
PLAN = (
    *("name", "says", "first", "last", "by", "purpose", "works", "controls", "twice"),
    *("drawn_from", "drawn_on"),
)
COLUMNS = ("line", "kind", "work", "repository", "commit", *Judged)
"""The columns of a sheet; whoever assesses fills in the last ones."""
SHEET_HINT = "fill in the sheet that was drawn, and keep its first row"
SAID = {
    **dict.fromkeys(("yes", "y"), Judgement.YES),
    **dict.fromkeys(("no", "n"), Judgement.NO),
    **dict.fromkeys(("unclear", "?"), Judgement.UNCLEAR),
}


def read_sample(path: Path) -> SamplePlan:
    """A plan from its file.

    Raises: SourceError where it can't be read, or a field is missing, unknown or no such thing.
    """
    return read_plan(path, "sample", _plan)


def _plan(told: Mapping[str, Any]) -> SamplePlan:
    only(told, PLAN, "")
    by = word(told, "by")
    if by not in {Level.COMPANY, Level.UNIT}:
        raise ValueError("by is company or unit")
    return SamplePlan(
        name=word(told, "name"),
        says=word(told, "says"),
        first=_block(told, "first"),
        last=_block(told, "last"),
        by=Level(by),
        purpose=word(told, "purpose"),
        works=int(_number(told, "works")),
        controls=_number(told, "controls"),
        twice=_number(told, "twice"),
        drawn_from=word(told, "drawn_from"),
        drawn_on=day(told, "drawn_on"),
    )


def _block(told: Mapping[str, Any], name: str) -> Block:
    period = Period.parse(word(told, name))
    if period.span is not Span.BLOCK:
        raise ValueError(f"{name} is a block of four weeks, such as 2026-B10")
    return Block.parse(period.name)


def _number(told: Mapping[str, Any], name: str) -> float:
    value = told.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < MOST_NUMBER:
        raise ValueError(f"{name} is a number")
    return value


def read_sheet(path: Path) -> SheetReading:
    """A sheet that came back; of a row that can't be read its number and what is wrong, never its text.

    Raises: SourceError where it is no CSV with the columns of a sheet.
    """
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-8-sig") if len(raw) <= MOST_BYTES else ""
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError("sheet-unreadable", f"{path} can't be read as text", hint=SHEET_HINT) from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True, dialect=_dialect(text))
    try:
        missing = [name for name in ("line", *Judged) if name not in (reader.fieldnames or ())]
        if missing:
            said = f"{path} has no column {missing[0]}"
            raise SourceError("sheet-wrong", said, hint=SHEET_HINT)
        return _sheet(list(reader))
    except csv.Error as error:
        raise SourceError("sheet-wrong", f"{path} is no CSV: {error}", hint=SHEET_HINT) from error


def _dialect(text: str) -> type[csv.Dialect]:
    """Commas, or semicolons where a spreadsheet of another language wrote it."""

    class Written(csv.excel):
        delimiter = ";" if text[: text.find("\n")].count(";") > 2 else ","

    return Written


def _sheet(rows: Sequence[Mapping[str | None, Any]]) -> SheetReading:
    if len(rows) > MOST_ROWS:
        raise SourceError("sheet-wrong", f"it has more than {MOST_ROWS:,} rows", hint=SHEET_HINT)
    answers: dict[str, Mapping[str, str]] = {}
    wrong: list[str] = []
    for number, row in enumerate(rows, start=2):
        found = list(_wrong(row, answers))
        wrong += [f"row {number}: {says}" for says in found]
        if not found:
            said = {question: _said(row, question) for question in Judged}
            answers[str(row["line"]).strip()] = {q: SAID[word] for q, word in said.items() if word}
    return SheetReading(answers=answers, wrong=wrong)


def _said(row: Mapping[str | None, Any], question: Judged) -> str:
    return str(row.get(question) or "").strip().lower()


def _wrong(row: Mapping[str | None, Any], before: Mapping[str, object]) -> Iterator[str]:
    """What is wrong with a row, in words that quote nothing of it."""
    line = str(row.get("line") or "").strip()
    if not line:
        yield "it names no line"
    elif line in before:
        yield "its line is in the sheet twice"
    if None in row:
        yield "it has more cells than the sheet has columns"
    for question in Judged:
        if (word := _said(row, question)) and word not in SAID:
            yield f"{question} is yes, no, unclear or empty"
