"""Shows a person what is held about them, who read it, and which figures they are part of."""

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from counterfoil.show.paint import BOLD, YELLOW, Paint, encodable, painter
from counterfoil.show.words import counted, safe
from counterfoil.terms.record import OwnRecord

MOST_ROWS = 5
TABLES = {
    "person": "who you are",
    "membership": "your units",
    "exempt": "when you are in no share of people; why is not kept",
    "seat": "your licences",
    "usage_day": "your use of AI, by day",
    "work_fate": "your work that landed, and what became of it",
    "delivery": "your changes that reached production",
    "deployment": "deployments that you set off, or that were of your changes",
    "review": "your reviews of others' changes",
    "usage": "what your tools sent, before it is added up by day",
    "joined": "commits that your sessions made",
    "pushed_mark": "marks of tools in commits that you made and pushed",
    "session_cost": "what your sessions cost, by day",
    "spend": "what became of what your sessions cost, by day",
}


def record(own: OwnRecord, *, width: int, color: bool, unicode: bool) -> str:
    """Everything in words; long tables are cut, and --json or --csv has them whole."""
    paint = painter(color)
    lines: list[str] = []
    for table, rows in own.rows.items():
        lines += ["", paint(f"{TABLES.get(table, table)}: {counted(len(rows), 'row')}", BOLD)]
        lines += list(_rows(rows, width))
    lines += list(_reads(own, paint)) + list(_part_of(own, width, paint)) + list(_asked(own, width))
    return encodable("\n".join(lines[1:]) + "\n", unicode)


def _rows(rows: Sequence[Mapping[str, str]], width: int) -> Iterator[str]:
    for row in rows[:MOST_ROWS]:
        told = ", ".join(f"{name} {value}" for name, value in row.items() if value and name != "who")
        yield from textwrap.wrap(safe(told), width, initial_indent="  ", subsequent_indent="    ")
    if len(rows) > MOST_ROWS:
        yield f"  and {len(rows) - MOST_ROWS:,} more; --json or --csv has them all"


def _reads(own: OwnRecord, paint: Paint) -> Iterator[str]:
    yield ""
    yield paint(f"who read your rows, or acted on them: {counted(len(own.reads), 'time')}", BOLD)
    for read in own.reads:
        yield safe(f"  {read.at}  {read.role}, for {read.purpose}: {read.did}  (entry {read.entry})")
    if own.missing:
        said = f"  {own.missing} entries about you were begun and are not in the log: ask your council why."
        yield paint(said, YELLOW)


def _part_of(own: OwnRecord, width: int, paint: Paint) -> Iterator[str]:
    yield ""
    yield paint(f"figures of many that you are one of: {len(own.part_of):,}", BOLD)
    for figure in own.part_of:
        cut = f", {_cut(figure.filters)}" if figure.filters else ""
        told = (
            f"{figure.at}  {figure.metric} of {figure.group}, {figure.period}{cut}; asked as {figure.role}, "
            f"for {figure.purpose} (entry {figure.entry})"
        )
        yield from textwrap.wrap(safe(told), width, initial_indent="  ", subsequent_indent="    ")


def _cut(filters: str) -> str:
    return ", ".join(f"{name} {value}" for name, value in json.loads(filters).items())


def _asked(own: OwnRecord, width: int) -> Iterator[str]:
    for hint in own.hints:
        yield ""
        yield from textwrap.wrap(hint, width)
    if own.objected:
        yield ""
        yield "You objected: from the next block of four weeks on, no figure has you in it."
    for says in own.corrections:
        yield ""
        yield from textwrap.wrap(safe(f"You asked to put this right: {says}"), width)
    yield ""
    yield from textwrap.wrap(
        "Yours to do: counterfoil my-data object, correct or erase. There is no score of you, anywhere.",
        width,
    )
