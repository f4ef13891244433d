"""The lake: Parquet files, one for each table and block of four weeks, replaced whole and never altered."""

import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
from numpy.typing import NDArray

from counterfoil.store.engine import Columns, Db, DuckEngine, Engine, Values, unreadable
from counterfoil.store.files import digest_of, let_go, locked, sync_file
from counterfoil.store.opening import LAKE, new_name, opened_registry, unnamed
from counterfoil.store.own_rows import OwnRows
from counterfoil.store.registry import Part
from counterfoil.store.staging import Staged
from counterfoil.store.tables import BY_NAME, CHANGES, TABLES, Table
from counterfoil.store.upkeep import SETTLED, altered
from counterfoil.terms.batch import Batch

STAGING, SPILL, LOCK = "staging", "spill", "writer"
LEAST_CHANGED, PART_CHANGED = 1_000, 20
"""From how many rows on changes are a file of their own, until they are this part of all."""


@dataclass(frozen=True, slots=True)
class Appended:
    """What rows did to a table."""

    new: int = 0
    changed: int = 0
    same: int = 0
    late: int = 0
    """New or changed, but of a week of which something was released already: they wait apart."""
    settled: int = 0
    """Of a part whose rows have no names any more: they came too late, and were not taken in."""

    def __add__(self, other: "Appended") -> "Appended":
        return Appended(
            self.new + other.new,
            self.changed + other.changed,
            self.same + other.same,
            self.late + other.late,
            self.settled + other.settled,
        )


@dataclass(frozen=True, slots=True)
class _Merged:
    """Files that are written and wait to stand for those that they replace."""

    counts: Appended
    written: Sequence[Part]
    replaced: Sequence[Path]
    dropped: Sequence[Part] = ()
    """Parts that are empty from then on."""


class Lake:
    """The tables of one data directory. One process writes at a time, and any number reads.

    Rows are staged, merged with their block by key, and written as a new file; the registry then names that
    file instead of the old one. A crash leaves files that the registry does not name; opening to write
    sweeps them.
    """

    def __init__(
        self, folder: Path, *, write: bool = False, sweep: bool = True, engine: Engine | None = None
    ) -> None:
        """Open the lake below a data directory, to write as the only one, or to read.

        To write, what a crash left is swept away, unless `sweep` says not to.

        Raises: StoreError where another process writes, or it can't be opened.
        """
        self._root = self.data = folder
        self._folder = self.folder = folder / LAKE
        self.lock = folder / LOCK
        self._leaving: list[Path] = []
        """Files that nothing names any more, and that stay for as long as the directory is being copied."""
        self._own = OwnRows()
        self._staging = folder / STAGING
        self._spill = folder / SPILL
        self._duck = DuckEngine(self._spill if write else None)
        self._engine = engine or self._duck
        with ExitStack() as opened:
            opened.callback(self._duck.close)
            if write:
                opened.callback(os.close, locked(self.lock))
            self.registry = opened_registry(folder, write=write)
            opened.callback(self.registry.close)
            if write and sweep:
                self._sweep()
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._opened.close()

    def reader(self) -> AbstractContextManager[Db]:
        """A connection of one's own to the engine that stays open for as long as the lake."""
        return self._duck.use()

    def append(self, batches: Iterator[Batch[Any]]) -> Mapping[str, Appended]:
        """Merge rows into their tables, which reading twice changes nothing of; durable when it returns.

        Raises: StoreError where they can't be written; then none of them is there.
        """
        self._staging.mkdir(exist_ok=True)
        try:
            staged = Staged(self._staging, self._duck)
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
        named = {BY_NAME[table].part_of(day) for day in days}
        return [self._path(part) for part in self.registry.parts(table) if part.block in named]

    def run(self, fact: str, tables: Sequence[str], values: Values, *, block: str | None = None) -> Columns:
        """The columns of a fact over whole tables, or over what one block has of them.

        Raises: StoreError where a file is gone or was altered.
        """
        files = {
            name: self._files_now(name) if block is None else self._files_of(name, block) for name in tables
        }
        return self._engine.run(fact, files, values)

    def _files_now(self, table: str) -> Sequence[Path]:
        """Every file of a table, its changes last; of one without days, not the copies that blocks have."""
        parts = [part for part in self.registry.parts(table) if BY_NAME[table].is_now(part.block)]
        return [self._path(part) for part in sorted(parts, key=_is_changes)]

    def _files_of(self, table: str, block: str) -> Sequence[Path]:
        return [self._path(part) for part in self.registry.parts(table) if part.block == block]

    def run_of(self, fact: str, tables: Sequence[str], days: Sequence[date], values: Values) -> Columns:
        """The columns of a fact over the parts alone that hold rows of some days.

        Raises: StoreError where a file is gone or was altered.
        """
        return self._engine.run(fact, {name: self.files(name, days) for name in tables}, values)

    def snapshot(self, table: str, block: str) -> None:
        """Keep a table that has no days as it is now, for a block that has no such copy yet."""
        if self._part(table, block, late=False) is not None:
            return
        self._fold(BY_NAME[table])
        now = self._part(table, "", late=False)
        if now is None:
            return
        old = self._path(now)
        path = old.with_name(f"{block}-{secrets.token_hex(6)}.parquet")
        shutil.copyfile(old, path)
        sync_file(path)
        with self.registry.change() as change:
            change.put(replace(now, block=block, file=f"{table}/{path.name}"))

    def late_people(self, table: str, weeks: Sequence[date]) -> NDArray[Any]:
        """Everybody of whom rows of some weeks came late."""
        files = [self._path(part) for part in self.registry.parts(table, late=True)]
        with self.reader() as db:
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
        self.let_go(self._path(part))

    def without(self, who: str) -> int:
        """Write every file anew without one person's rows; how many there were. Old files are gone after."""
        gone = 0
        for table in (table for table in TABLES.values() if table.people):
            for late in (False, True):
                for part in self.registry.parts(table.name, late=late):
                    gone += self._rewrite_without(table, part, who)
        return gone

    def rows_of(self, who: str) -> Mapping[str, Columns]:
        """Everything that is held about one person, table by table."""
        parts = sorted(self.registry.all_parts(), key=_is_changes)

        def rows(table: Table) -> tuple[str, Columns]:
            mine = [self._path(p) for p in parts if p.table == table.name and table.is_now(p.block)]

            def read() -> Columns:
                with self.reader() as db:
                    return Staged.rows(db, table, mine, who)

            return table.name, self._own.of(who, table.name, mine, read)

        # Most of it is reading many small files: two tables at once take two thirds of the time.
        with ThreadPoolExecutor(2) as at_once:
            return dict(at_once.map(rows, (table for table in TABLES.values() if table.people == "who")))

    def check(self) -> Sequence[str]:
        """What does not hold of the files: gone, or altered since they were written."""
        return list(altered(self._folder, self.registry))

    def replace(self, old: Part, new: Part, *, settled: bool = False) -> None:
        """Let a file that was written stand instead of another one, which goes."""
        with self.registry.change() as change:
            change.put(new)
            if settled:
                change.keep(SETTLED, f"{new.table}/{new.block}", b"1")
        self.let_go(self._path(old))

    def let_go(self, *paths: Path) -> None:
        """Remove files that the registry names no more, and those that stayed earlier."""
        self._own.forget()
        self._leaving = list(let_go(self._root, [*self._leaving, *paths]))

    def _merge(self, table: Table, fresh: Sequence[Path]) -> Iterator["_Merged"]:
        sealed = self.registry.sealed(table.name)
        with self.reader() as db:
            blocks = Staged.blocks(db, table, fresh)
        return (self._merged(table, block, fresh, sealed=sealed) for block in blocks)

    def _merged(self, table: Table, block: str, fresh: Sequence[Path], *, sealed: set[date]) -> "_Merged":
        """Merge fresh rows of one block; those of sealed weeks go to the file of what is late."""
        if not table.day:
            return self._merged_now(table, fresh)
        parts = {late: self._part(table.name, block, late=late) for late in (False, True)}
        kept = {late: [] if part is None else [self._path(part)] for late, part in parts.items()}
        with self.reader() as db:
            if self.registry.kept(SETTLED, f"{table.name}/{block}"):
                return _Merged(Appended(settled=Staged.how_many(db, table, block, fresh)), [], [])
            counts = Staged.compare(db, table, block, fresh, kept[False], kept[True], sorted(sealed))
            touched = [late for late in (False, True) if counts.touched(late=late)]
            return _Merged(
                Appended(counts.new, counts.changed, counts.same, counts.late),
                [self._written(db, table, block, late=late) for late in touched],
                [path for late in touched for path in kept[late]],
            )

    def _merged_now(self, table: Table, fresh: Sequence[Path]) -> "_Merged":
        """Merge fresh rows of a table without days: a few into its file of changes, many into the whole."""
        whole, changes = (self._part(table.name, block, late=False) for block in ("", CHANGES))
        kept = [self._path(part) for part in (whole, changes) if part is not None]
        with self.reader() as db:
            many = Staged.how_many(db, table, "", fresh) + (changes.rows if changes else 0)
            db.execute(f"DROP VIEW {table.name}")
            few = whole is not None and whole.rows >= LEAST_CHANGED and many <= whole.rows // PART_CHANGED
            onto = kept[1:] if few else None
            counts = Staged.compare(db, table, "", fresh, kept, [], [], onto=onto)
            told = Appended(counts.new, counts.changed, counts.same)
            if not counts.touched(late=False):
                return _Merged(told, [], [])
            written = self._written(db, table, CHANGES if few else "", late=False)
        return _Merged(told, [written], kept[1:] if few else kept, [changes] if changes and not few else [])

    def _fold(self, table: Table) -> None:
        """Merge the changes of a table without days into the whole."""
        whole, changes = (self._part(table.name, block, late=False) for block in ("", CHANGES))
        if whole is None or changes is None:
            return
        files = [self._path(whole), self._path(changes)]
        with self.reader() as db:
            try:
                Staged.compare(db, table, "", files[1:], files[:1], [], [])
                written = self._written(db, table, "", late=False)
            except duckdb.Error as error:
                raise unreadable(error) from error
        self._take([_Merged(Appended(), [written], files, [changes])])

    def _take(self, merged: Sequence["_Merged"], *, dropped: Sequence[Part] = ()) -> None:
        """Let all written files stand at once, then remove those that they replace."""
        with self.registry.change() as change:
            for part in merged:
                for written in part.written:
                    change.put(written)
                for part_gone in part.dropped:
                    change.drop(part_gone)
            for part_gone in dropped:
                change.drop(part_gone)
        self.let_go(*(path for part in merged for path in part.replaced), *map(self._path, dropped))

    def _written(self, db: Db, table: Table, block: str, *, late: bool) -> Part:
        """Write the merged rows to a file of their own, durably."""
        folder = self._folder / table.name
        folder.mkdir(parents=True, exist_ok=True)
        called = {"": "all", CHANGES: "changes"}.get(block, block)
        name = f"{table.name}/{called}{'-late' if late else ''}-{secrets.token_hex(6)}.parquet"
        path = self._folder / name
        rows = Staged.write(db, table, path, late=late)
        sync_file(path)
        return Part(table=table.name, block=block, late=late, file=name, rows=rows, sha256=digest_of(path))

    def _rewrite_without(self, table: Table, part: Part, who: str) -> int:
        old = self._path(part)
        path = new_name(old)
        with self.reader() as db:
            try:
                found = Staged.named(db, table, old, who)
                left = Staged.write_without(db, table, path, who) if found else 0
            except duckdb.Error as error:
                raise unreadable(error) from error
        if not found:
            return 0
        sync_file(path)
        written = replace(part, file=f"{table.name}/{path.name}", rows=left, sha256=digest_of(path))
        self.replace(part, written)
        return found

    def _part(self, table: str, block: str, *, late: bool) -> Part | None:
        return next((p for p in self.registry.parts(table, late=late) if p.block == block), None)

    def _path(self, part: Part) -> Path:
        return self._folder / part.file

    def _sweep(self) -> None:
        """Remove files that a crash left and the registry does not name."""
        for left in (self._staging, self._spill):
            shutil.rmtree(left, ignore_errors=True)
        self.let_go(*unnamed(self._folder, self.registry))


def _is_changes(part: Part) -> bool:
    return part.block == CHANGES
