"""The lake: Parquet files, one for each table and block of four weeks, replaced whole and never altered."""

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
from numpy.typing import NDArray

from counterfoil.store.engine import Columns, DuckEngine, Engine, Values, unreadable
from counterfoil.store.place import sync_folder
from counterfoil.store.registry import Part, Registry, sqlite_url
from counterfoil.store.staging import Staged
from counterfoil.store.tables import BY_NAME, TABLES, Table
from counterfoil.terms.batch import Batch
from counterfoil.terms.error import StoreError
from counterfoil.terms.period import Block

LAKE, STAGING, LOCK, REGISTRY = "lake", "staging", "writer", "registry.sqlite"


@dataclass(frozen=True, slots=True)
class Appended:
    """What rows did to a table."""

    new: int = 0
    changed: int = 0
    same: int = 0
    late: int = 0
    """New or changed, but of a week of which something was released already: they wait apart."""

    def __add__(self, other: "Appended") -> "Appended":
        return Appended(
            self.new + other.new,
            self.changed + other.changed,
            self.same + other.same,
            self.late + other.late,
        )


@dataclass(frozen=True, slots=True)
class _Merged:
    """Files that are written and wait to stand for those that they replace."""

    counts: Appended
    written: Sequence[Part]
    replaced: Sequence[Path]


class Lake:
    """The tables of one data directory. One process writes at a time, and any number reads.

    Rows are staged, merged with their block by key, and written as a new file; the registry then names that
    file instead of the old one. A crash leaves files that the registry does not name; opening to write
    sweeps them.
    """

    def __init__(self, folder: Path, *, write: bool = False, engine: Engine | None = None) -> None:
        """Open the lake below a data directory, to write as the only one, or to read.

        Raises: StoreError where another process writes, or it can't be opened.
        """
        self._folder = self.folder = folder / LAKE
        self._staging = folder / STAGING
        self._engine = engine or DuckEngine()
        with ExitStack() as opened:
            if write:
                self._lock = _locked(folder / LOCK)
                opened.callback(os.close, self._lock)
            self.registry = Registry(sqlite_url(folder / REGISTRY))
            opened.callback(self.registry.close)
            if write:
                self._sweep()
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def append(self, batches: Iterator[Batch[Any]]) -> Mapping[str, Appended]:
        """Merge rows into their tables, which reading twice changes nothing of; durable when it returns.

        Raises: StoreError where they can't be written; then none of them is there.
        """
        self._staging.mkdir(exist_ok=True)
        try:
            staged = Staged(self._staging)
            for batch in batches:
                staged.add(TABLES[batch.noun], batch)
            return self.append_files(staged.files)
        except duckdb.Error as error:
            raise unreadable(error) from error
        finally:
            shutil.rmtree(self._staging, ignore_errors=True)

    def append_files(self, files: Mapping[Table, Sequence[Path]]) -> Mapping[str, Appended]:
        """The same for rows that lie in Parquet files already.

        Raises: StoreError where they can't be written; then none of them is there.
        """
        try:
            merged = {table.name: list(self._merge(table, mine)) for table, mine in files.items()}
        except duckdb.Error as error:
            raise unreadable(error) from error
        self._take([part for parts in merged.values() for part in parts])
        return {name: sum((part.counts for part in parts), Appended()) for name, parts in merged.items()}

    def files(self, table: str, days: Sequence[date]) -> Sequence[Path]:
        """The files of a table that hold rows of some days."""
        blocks = {str(Block.of(day)) for day in days}
        return [self._path(part) for part in self.registry.parts(table) if part.block in blocks]

    def run(self, fact: str, tables: Sequence[str], values: Values, *, block: str | None = None) -> Columns:
        """The columns of a fact over whole tables, or over what one block has of them.

        Raises: StoreError where a file is gone or was altered.
        """
        files = {
            name: [self._path(p) for p in self.registry.parts(name) if block is None or p.block == block]
            for name in tables
        }
        return self._engine.run(fact, files, values)

    def snapshot(self, table: str, block: str) -> None:
        """Keep a table that has no days as it is now, for a block that has no such copy yet."""
        now, kept = (self._part(table, name, late=False) for name in ("", block))
        if now is None or kept is not None:
            return
        old = self._path(now)
        path = old.with_name(f"{block}-{secrets.token_hex(6)}.parquet")
        shutil.copyfile(old, path)
        _durable(path)
        with self.registry.change() as change:
            change.put(replace(now, block=block, file=f"{table}/{path.name}"))

    def late_people(self, table: str, weeks: Sequence[date]) -> NDArray[Any]:
        """Everybody of whom rows of some weeks came late."""
        files = [self._path(part) for part in self.registry.parts(table, late=True)]
        with Staged.reader() as db:
            return Staged.people(db, BY_NAME[table], files, weeks)

    def restate(self, table: str, block: str) -> Appended:
        """Merge what came late into the rows of its block; the guard has found that it may be."""
        late = self._part(table, block, late=True)
        if late is None:
            return Appended()
        try:
            merged = self._merged(BY_NAME[table], block, [self._path(late)], sealed=set())
        except duckdb.Error as error:
            raise unreadable(error) from error
        self._take([merged], dropped=[late])
        return merged.counts

    def retire(self, part: Part) -> None:
        """Remove a file and its rows."""
        with self.registry.change() as change:
            change.drop(part)
        self._path(part).unlink(missing_ok=True)

    def without(self, who: str) -> int:
        """Write every file anew without one person's rows; how many there were. Old files are gone after."""
        gone = 0
        for table in TABLES.values():
            for late in (False, True):
                for part in self.registry.parts(table.name, late=late):
                    gone += self._rewrite_without(table, part, who)
        return gone

    def rows_of(self, who: str) -> Mapping[str, Columns]:
        """Everything that is held about one person, table by table."""
        found: dict[str, Columns] = {}
        for table in TABLES.values():
            if table.people == "who":
                parts = [
                    part
                    for late in (False, True)
                    for part in self.registry.parts(table.name, late=late)
                    if table.day or not part.block
                ]
                with Staged.reader() as db:
                    found[table.name] = Staged.rows(db, table, [self._path(part) for part in parts], who)
        return found

    def check(self) -> Sequence[str]:
        """What does not hold of the files: gone, or altered since they were written."""
        return [
            f"{part.file} {'is gone' if not path.exists() else 'was altered'}"
            for table in TABLES.values()
            for late in (False, True)
            for part in self.registry.parts(table.name, late=late)
            for path in [self._folder / part.file]
            if not path.exists() or _digest(path) != part.sha256
        ]

    def _merge(self, table: Table, fresh: Sequence[Path]) -> Iterator["_Merged"]:
        sealed = self.registry.sealed(table.name)
        with Staged.reader() as db:
            blocks = Staged.blocks(db, table, fresh)
        return (self._merged(table, block, fresh, sealed=sealed) for block in blocks)

    def _merged(self, table: Table, block: str, fresh: Sequence[Path], *, sealed: set[date]) -> "_Merged":
        """Merge fresh rows of one block; those of sealed weeks go to the file of what is late."""
        parts = {late: self._part(table.name, block, late=late) for late in (False, True)}
        kept = {late: [] if part is None else [self._path(part)] for late, part in parts.items()}
        with Staged.reader() as db:
            counts = Staged.compare(db, table, block, fresh, kept[False], kept[True], sorted(sealed))
            touched = [late for late in (False, True) if counts.touched(late=late)]
            return _Merged(
                Appended(counts.new, counts.changed, counts.same, counts.late),
                [self._written(db, table, block, late=late) for late in touched],
                [path for late in touched for path in kept[late]],
            )

    def _take(self, merged: Sequence["_Merged"], *, dropped: Sequence[Part] = ()) -> None:
        """Let all written files stand at once, then remove those that they replace."""
        with self.registry.change() as change:
            for part in merged:
                for written in part.written:
                    change.put(written)
            for part_gone in dropped:
                change.drop(part_gone)
        for path in (*(p for part in merged for p in part.replaced), *map(self._path, dropped)):
            path.unlink(missing_ok=True)

    def _written(self, db: duckdb.DuckDBPyConnection, table: Table, block: str, *, late: bool) -> Part:
        """Write the merged rows to a file of their own, durably."""
        folder = self._folder / table.name
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{table.name}/{block or 'all'}{'-late' if late else ''}-{secrets.token_hex(6)}.parquet"
        path = self._folder / name
        rows = Staged.write(db, table, path, late=late)
        _durable(path)
        return Part(table=table.name, block=block, late=late, file=name, rows=rows, sha256=_digest(path))

    def _rewrite_without(self, table: Table, part: Part, who: str) -> int:
        old = self._path(part)
        path = old.with_name(f"{old.stem.rsplit('-', 1)[0]}-{secrets.token_hex(6)}.parquet")
        with Staged.reader() as db:
            try:
                found = Staged.named(db, table, old, who)
                left = Staged.write_without(db, table, path, who) if found else 0
            except duckdb.Error as error:
                raise unreadable(error) from error
        if not found:
            return 0
        _durable(path)
        written = replace(part, file=f"{table.name}/{path.name}", rows=left, sha256=_digest(path))
        with self.registry.change() as change:
            change.put(written)
        old.unlink()
        return found

    def _part(self, table: str, block: str, *, late: bool) -> Part | None:
        return next((p for p in self.registry.parts(table, late=late) if p.block == block), None)

    def _path(self, part: Part) -> Path:
        return self._folder / part.file

    def _sweep(self) -> None:
        """Remove files that a crash left and the registry does not name."""
        named = self.registry.files()
        shutil.rmtree(self._staging, ignore_errors=True)
        for path in self._folder.rglob("*.parquet"):
            if str(path.relative_to(self._folder)) not in named:
                path.unlink()


def _locked(path: Path) -> int:
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        hint = "name a folder that you can write"
        raise StoreError("lake-unusable", f"{path.parent}: {error.strerror}", hint=hint) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(lock)
        hint = "wait until it is done, or stop it"
        raise StoreError("lake-in-use", "another process writes this data directory", hint=hint) from error
    return lock


def _durable(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_folder(str(path.parent))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
