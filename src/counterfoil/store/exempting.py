"""Counts and removes what is said of exemptions that are over."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb

from counterfoil.store.engine import Db, unreadable, view
from counterfoil.store.files import digest_of, sync_file
from counterfoil.store.lake import Lake
from counterfoil.store.opening import new_name
from counterfoil.store.registry import Part
from counterfoil.store.staging import Staged
from counterfoil.store.tables import BY_NAME, CHANGES

EXEMPT = BY_NAME["exempt"]
OVER = """coalesce("until" <= getvariable('day'), false)
  OR who IN (SELECT who FROM person WHERE "left" <= getvariable('day'))"""


def over(lake: Lake, day: date) -> int:
    """How many rows are of exemptions that had ended by a day, or of people who had left by then.

    Raises: StoreError where the lake can't be read.
    """
    try:
        with lake.reader() as db:
            _look(lake, db, day)
            found = db.execute(f"SELECT count(*) FROM exempt WHERE {OVER}").fetchone()
    except duckdb.Error as error:
        raise unreadable(error) from error
    return int(found[0]) if found else 0


def without_over(lake: Lake, day: date) -> None:
    """Write the table anew without those rows, and let the old files go.

    Raises: StoreError where the lake can't be read or written.
    """
    parts = lake.registry.parts(EXEMPT.name)
    if not parts:
        return
    path = new_name(lake.folder / EXEMPT.name / "all-.parquet")
    try:
        with lake.reader() as db:
            _look(lake, db, day)
            rows = Staged.laid_out(db, EXEMPT, f"SELECT * FROM exempt WHERE NOT ({OVER})", path)
    except duckdb.Error as error:
        raise unreadable(error) from error
    sync_file(path)
    written = Part(
        table=EXEMPT.name, block="", late=False, file=f"{EXEMPT.name}/{path.name}", rows=rows,
        sha256=digest_of(path),
    )  # fmt: skip
    with lake.registry.change() as change:
        for part in parts:
            change.drop(part)
        change.put(written)
    lake.let_go(*(lake.folder / part.file for part in parts))


def _look(lake: Lake, db: Db, day: date) -> None:
    for name in ("exempt", "person"):
        view(db, BY_NAME[name], _files(lake, name))
    db.execute("SET VARIABLE day = ?", [day])


def _files(lake: Lake, name: str) -> Sequence[Path]:
    """The files of a table without days, its changes last."""
    parts = [part for part in lake.registry.parts(name) if part.block in {"", CHANGES}]
    return [lake.folder / part.file for part in sorted(parts, key=lambda part: part.block == CHANGES)]
