"""Invents a company that lives under a programme, and writes it down as tables."""

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

import click

from counterfoil.app.period import today
from counterfoil.app.printed import Printed
from counterfoil.app.progress import Meter
from counterfoil.programme.load import loaded
from counterfoil.programme.reading import text_of
from counterfoil.programme.rules import RULES
from counterfoil.show.exported import written
from counterfoil.simulate.company.design import design_of
from counterfoil.simulate.machines.write import write_machines
from counterfoil.simulate.tables.company import BYTES_A_PERSON_DAY, Company, company, write_company
from counterfoil.simulate.tables.folder import whole_folder
from counterfoil.simulate.tables.machines import write_machine_truth

MOST_PERSON_DAYS = 10_000_000
"""More do not fit into the memory of an ordinary machine."""
MB = 1_000_000


def run_invent(
    file: Path,
    *,
    people: int,
    days: int,
    seed: int,
    start: datetime | None,
    machines: int,
    out: Path,
    as_json: bool,
) -> int:
    """Write a company to a folder, and print how many rows each table has."""
    if people * days > MOST_PERSON_DAYS:
        raise click.UsageError(
            f"{people:,} people x {days:,} days is more than {MOST_PERSON_DAYS:,}; ask for fewer"
        )
    first = _first_day(start, days)
    text = text_of(file)
    programme = loaded(text, name=str(file), today=today(), rules=RULES).programme
    begin = Printed()
    size = max(round(people * days * BYTES_A_PERSON_DAY / MB), 1)
    begin.words(f"Everything in {out} is invented: nobody in it exists. It takes roughly {size:,} MB.")
    begin.done(None)
    with whole_folder(out) as folder, Meter() as meter:
        lived = company(people, design_of(programme), days=days, seed=seed, first=first)
        rows = dict(write_company(folder, lived, programme=text, progress=meter))
        rows |= _machines(folder, out, lived, machines, meter)
    printed = Printed()
    facts = {"people": people, "days": days, "seed": seed, "from": first.isoformat(), "rows": rows}
    printed.data(written(facts) if as_json else _listed(rows))
    printed.words(f"wrote {out}: from {first} on; README.txt says what it is")
    return printed.done(None)


def _machines(folder: Path, out: Path, lived: Company, count: int, meter: Meter) -> Mapping[str, int]:
    """What lies on the machines of some people, below the same folder, and its truth."""
    found = write_machines(
        folder,
        lived.people,
        lived.days.weeks,
        days=lived.length,
        seed=lived.seed,
        count=count,
        began=datetime.combine(lived.first, time(), UTC),
        called=Path(os.path.realpath(out)),
        progress=partial(meter, "machines"),
    )
    return write_machine_truth(folder, found)


def _first_day(start: datetime | None, days: int) -> date:
    """The Monday that was asked for, or the last one from which all days lie before today."""
    if start is not None:
        if start.weekday():
            raise click.UsageError(f"--from {start.date()} is a {start:%A}; weeks begin on a Monday")
        if not 2000 <= start.year <= 2100:
            raise click.UsageError(f"--from {start.date()} is too far away; name a Monday of this century")
        return start.date()
    latest = today() - timedelta(days=days)
    return latest - timedelta(days=latest.weekday())


def _listed(rows: Mapping[str, int]) -> str:
    width = max(map(len, rows))
    return "\n".join(f"{name:<{width}}  {count:>12,} rows" for name, count in rows.items())
