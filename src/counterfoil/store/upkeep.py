"""The lake's upkeep: whether all of it is there and right, files made small, what is left over, a copy."""

import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from counterfoil.store.address import REGISTRY, in_file
from counterfoil.store.engine import unreadable, view
from counterfoil.store.files import digest_of, is_free, sync_file
from counterfoil.store.opening import LAKE, new_name, unnamed
from counterfoil.store.registry import Part, Registry
from counterfoil.store.staging import LAYOUT, LAYOUT_KEY, ROWS_OF_GROUP, Staged
from counterfoil.store.tables import BY_NAME, SETTLED_AFTER, Table
from counterfoil.terms.error import StoreError
from counterfoil.terms.period import Period

if TYPE_CHECKING:
    from counterfoil.store.lake import Lake

AN_HOUR = 3600
"""Unit: seconds. What is younger and not named may be about to be."""
SETTLED = "settled"
"""Kind of what is kept of parts whose rows have numbers instead of names."""
EXPIRING: Mapping[str, timedelta] = {"delivery": timedelta(days=30)}
"""Kinds of what is kept in the registry for a time alone; each name begins with its day."""
Meter = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Compacted:
    """What writing files anew came to."""

    files: int
    rows: int
    bytes_before: int
    bytes_after: int


@dataclass(frozen=True, slots=True)
class Vacuumed:
    """What was thrown away."""

    files: int
    bytes: int
    expired: int


def altered(folder: Path, registry: Registry) -> Iterator[str]:
    """Files that are gone, or were altered since they were written."""
    for part in registry.all_parts():
        yield from _changed(folder / part.file, part)


def check(lake: "Lake", meter: Meter) -> Sequence[str]:
    """What does not hold of the lake and its registry; it only reads, and may run beside the server."""
    found = list(lake.registry.faults())
    parts = lake.registry.all_parts()
    for place, part in enumerate(parts):
        meter("checking", place, len(parts))
        faults = list(_faults(lake, part))
        # The server may have replaced the file meanwhile; then it is of no part.
        if faults and part.file in lake.registry.files():
            found += faults
    return found + [f"{name} belongs to nothing" for name in _left_over(lake)]


def compact(lake: "Lake", today: date, meter: Meter) -> Compacted:
    """Write files anew that are larger than they need to be; what is asked of their rows stays the same.

    Raises: StoreError where a file was altered, or none can be written.
    """
    parts = lake.registry.all_parts()
    done = Compacted(0, 0, 0, 0)
    for place, part in enumerate(parts):
        meter("compacting", place, len(parts))
        one = made_small(lake, part, today)
        done = Compacted(
            done.files + one.files,
            done.rows + one.rows,
            done.bytes_before + one.bytes_before,
            done.bytes_after + one.bytes_after,
        )
    return done


def made_small(lake: "Lake", part: Part, today: date) -> Compacted:
    """Write one file anew if it is larger than it needs to be, or rows come too late for it from now on.

    Raises: StoreError where it was altered, or none can be written.
    """
    is_settled = lake.registry.kept(SETTLED, f"{part.table}/{part.block}") is not None
    now_settles = not is_settled and settles(part, today)
    is_named = part in lake.registry.parts(part.table, late=part.late)
    if not is_named or not (now_settles or _is_large(lake, part)):
        return Compacted(0, 0, 0, 0)
    old = lake.folder / part.file
    written = _written_anew(lake, part, numbered=now_settles or (is_settled and not part.late))
    new, before = lake.folder / written.file, old.stat().st_size
    lake.replace(part, written, settled=now_settles)
    return Compacted(1, part.rows, before, new.stat().st_size)


def vacuum(lake: "Lake", today: date) -> Vacuumed:
    """Throw away what belongs to nothing, and give back the room that deleted rows of the registry left."""
    old = [path for path in unnamed(lake.folder, lake.registry) if _is_old(path)]
    size = sum(path.stat().st_size for path in old)
    lake.let_go(*old)
    expired = 0
    for kind, kept in EXPIRING.items():
        names = [name for name in lake.registry.all_kept(kind) if _day_of(name, today) + kept < today]
        with lake.registry.change() as change:
            for name in names:
                change.forget(kind, name)
        expired += len(names)
    lake.registry.wipe()
    return Vacuumed(len(old), size, expired)


def copy(lake: "Lake", to: Path, meter: Meter) -> int:
    """Copy the registry as it is now, and the files that it names; how many.

    Whoever copies holds `files.copying`, so that none of them goes meanwhile.

    Raises: StoreError where a file is gone or was altered, or the copy can't be written.
    """
    lake.registry.copy_to(to / REGISTRY)
    copied = Registry(in_file(to / REGISTRY))
    parts = copied.all_parts()
    copied.close()
    (to / LAKE).mkdir(mode=0o700)
    for place, part in enumerate(parts):
        meter("copying", place, len(parts))
        path = to / LAKE / part.file
        path.parent.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):
            shutil.copyfile(lake.folder / part.file, path)
        must_be_whole(path, part)
        sync_file(path)
    return len(parts)


def must_be_whole(path: Path, part: Part) -> None:
    """Stop before a file that is not the one that was written.

    Raises: StoreError where it is gone or was altered.
    """
    for said in _changed(path, part):
        hint = "run counterfoil lake check, and restore what it names from a copy"
        raise StoreError("lake-altered", said, hint=hint)


def _changed(path: Path, part: Part) -> Iterator[str]:
    try:
        if digest_of(path) != part.sha256:
            yield f"{part.file} was altered"
    except FileNotFoundError:
        yield f"{part.file} is gone"


def _faults(lake: "Lake", part: Part) -> Iterator[str]:
    """What is wrong with one file: first whether it is the one that was written, then what is in it."""
    path = lake.folder / part.file
    changed = list(_changed(path, part))
    if changed:
        yield from changed
        return
    table = BY_NAME.get(part.table)
    if table is None:
        yield f"{part.file} is of a table that this version does not know"
        return
    try:
        rows, different, elsewhere = _counted(lake, table, part)
    except duckdb.Error as error:
        yield f"{part.file} can't be read: {str(error).splitlines()[0]}"
        return
    if rows != part.rows:
        yield f"{part.file} has {rows:,} rows, and the registry says {part.rows:,}"
    if different != rows:
        yield f"{part.file} has {rows - different:,} rows whose key another one has"
    if elsewhere:
        yield f"{part.file} has {elsewhere:,} rows of another part"


def _counted(lake: "Lake", table: Table, part: Part) -> tuple[int, int, int]:
    """How many rows a file has, how many different keys, and how many rows that are of another part."""
    with lake.reader() as db:
        view(db, table, [lake.folder / part.file])
        return Staged.counted(db, table, part.block)


def _left_over(lake: "Lake") -> Sequence[str]:
    """Files that belong to nothing; while a server writes, those alone that are not about to be named."""
    alone = is_free(lake.lock)
    there = [path for path in sorted(lake.folder.rglob("*")) if path.is_file() and (alone or _is_old(path))]
    named = lake.registry.files()
    return [name for path in there if (name := str(path.relative_to(lake.folder))) not in named]


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > AN_HOUR
    except FileNotFoundError:
        return False


def _is_large(lake: "Lake", part: Part) -> bool:
    """Whether a file has another layout than files have now, or is in more pieces than it needs."""
    if part.table not in BY_NAME:
        return False
    path = lake.folder / part.file
    try:
        with lake.reader() as db:
            marks = db.execute(
                "SELECT decode(value) FROM parquet_kv_metadata(?) WHERE decode(key) = ?",
                [str(path), LAYOUT_KEY],
            ).fetchall()
            groups = db.execute(
                "SELECT count(DISTINCT row_group_id) FROM parquet_metadata(?)", [str(path)]
            ).fetchone()
    except duckdb.Error as error:
        raise unreadable(error) from error
    return marks != [(LAYOUT,)] or (groups or (0,))[0] > -(-part.rows // ROWS_OF_GROUP)


def settles(part: Part, today: date) -> bool:
    """Whether rows that come from now on come too late for a part."""
    table = BY_NAME.get(part.table)
    if table is None or not table.serial or part.late:
        return False
    return Period.parse(part.block).until + SETTLED_AFTER <= today


def _written_anew(lake: "Lake", part: Part, *, numbered: bool) -> Part:
    old = lake.folder / part.file
    must_be_whole(old, part)
    table, path = BY_NAME[part.table], new_name(old)
    try:
        with lake.reader() as db:
            view(db, table, [old])
            rows = Staged.laid_out(db, table, f"SELECT * FROM {table.name}", path, numbered=numbered)
    except duckdb.Error as error:
        raise unreadable(error) from error
    sync_file(path)
    return replace(part, file=f"{part.table}/{path.name}", rows=rows, sha256=digest_of(path))


def _day_of(name: str, today: date) -> date:
    """The day that a name begins with; today, where it begins with none."""
    try:
        return date.fromisoformat(name[:10])
    except ValueError:
        return today
