"""Takes an organisation's tables into a data directory, with a pseudonym instead of each identity."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Any

from counterfoil.app.directory import opened
from counterfoil.app.printed import Printed
from counterfoil.app.progress import Meter
from counterfoil.collect.table.organisation import OpenTable, TableReading, open_table
from counterfoil.guard.exempt import begin_taking, kinds_in_force
from counterfoil.guard.guarded import without_keys
from counterfoil.guard.late import take_late
from counterfoil.guard.retired import retire
from counterfoil.ledger.keys import ERASED
from counterfoil.show.exported import written
from counterfoil.show.tables import tables_read
from counterfoil.store.spending import recount
from counterfoil.terms.batch import Batch
from counterfoil.terms.error import SourceError, StoreError
from counterfoil.terms.organisation import Exempt


def run_tables(files: Sequence[Path], *, data: Path, as_json: bool) -> int:
    """Read tables into a data directory, and say what each came to."""
    tables = [table for file in files if (table := open_table(file)) is not None]
    left = [file.name for file in files if all(table.path != file for table in tables)]
    if not tables:
        hint = "columns are separated by commas, and named as in docs/reference/organisation.md"
        raise SourceError(
            "table-columns",
            f"the first line of {', '.join(left)} names no table that a figure is made of",
            hint=hint,
        )
    readings = [TableReading(file=t.path, form=t.form.name, unread=t.unread) for t in tables]
    with opened(data, make=True) as g, Meter() as meter:
        if (away := without_keys(g)) is not None:
            hint = "start the keyholder, or restore its folder from a copy"
            raise StoreError(away.clause, away.why.rstrip("."), hint=hint)
        wanted, hide = kinds_in_force(g), g.keys.pseudonyms
        if wanted and any(table.form.noun is Exempt for table in tables):
            begin_taking(g, wanted)
        rows = chain.from_iterable(
            _read(table.read(reading, hide, wanted=wanted), table, reading, meter, (place, len(tables)))
            for place, (table, reading) in enumerate(zip(tables, readings, strict=True))
        )
        appended = g.lake.append(rows)
        recount(g.lake, g.now.date())
        late = take_late(g)
        # What an old table brought back is over as well.
        retire(g)
    printed = Printed()
    told = {
        "read": [{**_fields(reading), "file": reading.file.name} for reading in readings],
        "appended": {name: asdict(counts) for name, counts in appended.items()},
        "late": late,
        "left_out": left,
    }
    printed.data(written(told) if as_json else tables_read(told))
    return printed.done(None)


def _fields(reading: TableReading) -> dict[str, Any]:
    names = ("form", "records", "kept", "not_yet", "not_named", "erased", "unread")
    skipped = {str(why): count for why, count in reading.skipped.items()}
    return {**{name: getattr(reading, name) for name in names}, "skipped": skipped}


def _read(
    read: Iterator[Batch[Any]], table: OpenTable, reading: TableReading, meter: Meter, done: tuple[int, int]
) -> Iterator[Batch[Any]]:
    """Rows of a table, without those of people who had their data erased."""
    for batch in read:
        meter(f"reading {table.path.name}", *done)
        yield from _without_erased(batch, table, reading)


def _without_erased(batch: Batch[Any], table: OpenTable, reading: TableReading) -> Iterator[Batch[Any]]:
    named = batch.columns[table.form.people[0]] if table.form.people else []
    if ERASED not in named:
        yield batch
        return
    here = [place for place, who in enumerate(named) if who != ERASED]
    reading.erased += len(named) - len(here)
    reading.kept -= len(named) - len(here)
    yield Batch(batch.noun, {name: [c[place] for place in here] for name, c in batch.columns.items()})
