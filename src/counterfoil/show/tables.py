"""Says what came of reading an organisation's tables."""

from collections.abc import Iterator, Mapping
from typing import Any


def tables_read(told: Mapping[str, Any]) -> str:
    """One line for each table, and what was new in the data directory."""
    return "\n".join(_lines(told))


def _lines(told: Mapping[str, Any]) -> Iterator[str]:
    width = max(len(row["file"]) for row in told["read"])
    for row in told["read"]:
        rest = [f"{count:,} that can't be read ({why})" for why, count in sorted(row["skipped"].items())]
        rest += [f"{row[name]:,} {words}" for name, words in WORDS.items() if row[name]]
        more = f"; not kept: {', '.join(rest)}" if rest else ""
        yield f"{row['file']:<{width}}  {row['kept']:>10,} of {row['records']:,} rows as {row['form']}{more}"
    for table, counts in told["appended"].items():
        parts = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "nothing"
        yield f"{table:<{width}}  {parts}"
    for table, count in told["late"].items():
        yield f"{table}: {count:,} rows wait: figures of their weeks are out, and too few people are in them"
    if told["left_out"]:
        yield f"not read, since no figure is made of them: {', '.join(told['left_out'])}"


WORDS = {
    "not_yet": "that have not landed",
    "not_named": "of a kind that the programme in force does not exempt",
    "erased": "of people whose data were erased",
}
