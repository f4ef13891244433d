"""Writes an answer as a table: one row for each group, and why a figure is not there where it is not."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from counterfoil.show.exported import written
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Answer, Answered
from counterfoil.terms.release import Refuse, Released

NUMBERS = ("value", "low", "high", "coverage")
COLUMNS: Mapping[str, type] = {
    "metric": str,
    "by": str,
    "period": str,
    "purpose": str,
    "filters": str,
    "entry": int,
    "group": str,
    "verdict": str,
    "clause": str,
    "why": str,
    **{name: kind for number in NUMBERS for name, kind in ((number, float), (f"{number}_unknown", str))},
    "unit": str,
    "people": int,
    "says": str,
    "between": str,
    "method": str,
}
"""Each column; an empty cell is no zero, and `..._unknown` says why a number is not known."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def answers_csv(answered: Answered) -> str:
    """The answer as CSV (RFC 4180); text that a spreadsheet would compute has an apostrophe before it."""
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(COLUMNS)
    for row in _rows(answered):
        sheet.writerow([_cell(row.get(name)) for name in COLUMNS])
    return out.getvalue()


def answers_parquet(answered: Answered) -> bytes:
    """The answer as Parquet; what is not there is null."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {str: pa.string(), int: pa.int64(), float: pa.float64()}
    rows = list(_rows(answered))
    columns = {name: pa.array([row.get(name) for row in rows], kinds[kind]) for name, kind in COLUMNS.items()}
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, compression="zstd")
    return out.getvalue()


def _rows(answered: Answered) -> Iterator[Mapping[str, Any]]:
    ask = answered.ask
    asked = {
        "metric": ask.metric,
        "by": str(ask.by),
        "period": ask.period.name,
        "purpose": ask.purpose,
        "filters": written(dict(sorted(ask.filters.items()))) if ask.filters else None,
        "entry": answered.entry,
    }
    for answer in answered.answers:
        yield {**asked, "group": answer.group, **_told(answer)}


def _told(answer: Answer) -> Mapping[str, Any]:
    match answer.verdict:
        case Released(figure, clause):
            numbers = {
                name: told
                for number in NUMBERS
                for name, told in _number(number, getattr(figure, number)).items()
            }
            words = {name: getattr(figure, name) for name in ("unit", "people", "says", "between", "method")}
            return {"verdict": "released", "clause": clause, **numbers, **words}
        case Refuse(clause, why):
            return {"verdict": "refused", "clause": clause, "why": why}
    return {"verdict": "withheld"}


def _number(name: str, value: float | Unknown) -> Mapping[str, Any]:
    return {f"{name}_unknown": value.why} if isinstance(value, Unknown) else {name: float(value)}


def _cell(value: Any) -> Any:
    """A cell of CSV; nothing in a spreadsheet runs because a unit has a name that looks like a formula."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return "" if value is None else value
