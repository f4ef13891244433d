"""The registry: which files the lake is made of, what is sealed, and what the guard has to remember."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Table, bindparam, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from counterfoil.store.address import POSTGRESQL, engine_of, in_file
from counterfoil.store.shape import (
    KEPT,
    META,
    PART,
    SEAL,
    STATE,
    STEPS,
    brought_up,
    must_be_known,
    version_of,
)
from counterfoil.store.writer import Writer
from counterfoil.terms.error import StoreError

HELD = (PART, SEAL, KEPT)
TAKEN_OVER = "taken-over"
AT_ONCE = 500
"""Rows that are copied, or names that are looked up, at a time."""
ONE = select(KEPT.c.value).where(KEPT.c.kind == bindparam("kind"), KEPT.c.name == bindparam("name"))
SOME = select(KEPT.c.name, KEPT.c.value).where(
    KEPT.c.kind == bindparam("kind"), KEPT.c.name.in_(bindparam("names", expanding=True))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of a table: all its rows of one block, those that came late apart."""

    table: str
    block: str
    late: bool
    file: str
    rows: int
    sha256: str


class Registry:
    """What is known of the lake. Each change is one transaction, durable when it returns."""

    def __init__(self, address: URL, *, write: bool = True) -> None:
        """Open a registry, to write made where it is missing and brought up where it is older.

        Raises: StoreError where it can't be opened, another server writes to it, or a newer version wrote it.
        """
        self._address = address
        self._engine = engine_of(address)
        self._writer = Writer(self._engine)
        self.new = False
        """Whether nothing was there before."""
        try:
            self._open(write=write)
        except StoreError:
            self.close()
            raise

    def _open(self, *, write: bool) -> None:
        if write:
            with self._told(), self._writer.begin() as db:
                self.new = version_of(db) is None
                brought_up(db, STEPS)
            return
        version = None
        # To connect to a file that is not there would make it.
        if self._engine.dialect.name == POSTGRESQL or Path(self._address.database or "").exists():
            with self._told(), self._engine.connect() as db:
                version = version_of(db)
        if version is None or version <= len(STEPS):
            hint = "start the server once, which makes it or brings it up"
            raise StoreError("registry-older", "the registry is not there, or an older one", hint=hint)
        must_be_known(version, STEPS)

    def close(self) -> None:
        """Let go of it."""
        self._writer.close()
        self._engine.dispose()

    @contextmanager
    def change(self) -> Iterator["Change"]:
        """Everything in the block, or nothing of it."""
        with self._told(), self._writer.begin() as db:
            yield Change(db)

    def parts(self, table: str, *, late: bool = False) -> Sequence[Part]:
        """The files of a table, oldest block first."""
        query = select(PART).where(PART.c.table == table, PART.c.late == int(late)).order_by(PART.c.block)
        with self._told(), self._engine.connect() as db:
            return [Part(**{**row._mapping, "late": late}) for row in db.execute(query)]

    def all_parts(self) -> Sequence[Part]:
        """Every file of the lake with what it holds."""
        query = select(PART).order_by(PART.c.table, PART.c.block, PART.c.late)
        with self._told(), self._engine.connect() as db:
            return [Part(**{**row._mapping, "late": bool(row.late)}) for row in db.execute(query)]

    def files(self) -> set[str]:
        """Every file that belongs to the lake."""
        with self._told(), self._engine.connect() as db:
            return set(db.execute(select(PART.c.file)).scalars())

    def sealed(self, table: str) -> set[date]:
        """The Mondays of weeks of which something was released."""
        with self._told(), self._engine.connect() as db:
            weeks = db.execute(select(SEAL.c.week).where(SEAL.c.table == table)).scalars()
            return {date.fromisoformat(week) for week in weeks}

    def kept(self, kind: str, name: str) -> bytes | None:
        """What was kept under a name; None where nothing was."""
        with self._told(), self._engine.connect() as db:
            value: bytes | None = db.execute(ONE, {"kind": kind, "name": name}).scalar_one_or_none()
            return value

    def some_kept(self, kind: str, names: Iterable[str]) -> Mapping[str, bytes]:
        """What of a kind was kept under some names, by name; nothing for those without."""
        wanted, found = list(dict.fromkeys(names)), dict[str, bytes]()
        with self._told(), self._engine.connect() as db:
            for first in range(0, len(wanted), AT_ONCE):
                some = {"kind": kind, "names": wanted[first : first + AT_ONCE]}
                found |= {row.name: row.value for row in db.execute(SOME, some)}
        return found

    def kinds(self) -> set[str]:
        """The kinds of what is kept."""
        with self._told(), self._engine.connect() as db:
            return set(db.execute(select(KEPT.c.kind).distinct()).scalars())

    def all_kept(self, kind: str) -> Mapping[str, bytes]:
        """Everything of a kind, by name."""
        query = select(KEPT.c.name, KEPT.c.value).where(KEPT.c.kind == kind).order_by(KEPT.c.name)
        with self._told(), self._engine.connect() as db:
            return {row.name: row.value for row in db.execute(query)}

    def copy_to(self, path: Path) -> None:
        """Write everything, as it is at one moment, to a registry in a new file.

        Raises: StoreError where it can't be read or written.
        """
        copy = Registry(in_file(path))
        try:
            with self._told(), self._engine.connect() as db:
                if self._engine.dialect.name == POSTGRESQL:
                    db = db.execution_options(isolation_level="REPEATABLE READ")
                with copy.change() as change:
                    change.take_over(db)
        finally:
            copy.close()

    def take_over(self, other: "Registry", name: str) -> None:
        """Hold what another registry holds, and remember its name, so that it is not taken over twice."""
        with self.change() as change, other._told(), other._engine.connect() as db:
            change.take_over(db)
            change.state(TAKEN_OVER, name)

    def taken_over(self) -> str | None:
        """The name of the registry that was taken over."""
        with self._told(), self._engine.connect() as db:
            query = select(STATE.c.value).where(STATE.c.name == TAKEN_OVER)
            name: str | None = db.execute(query).scalar_one_or_none()
            return name

    def is_empty(self) -> bool:
        """Whether it holds nothing yet."""
        with self._told(), self._engine.connect() as db:
            return not any(db.execute(select(func.count()).select_from(t)).scalar_one() for t in HELD)

    def wipe(self) -> None:
        """Give room back that deleted rows left, so that their bytes are gone as well."""
        with self._told(), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
            if self._engine.dialect.name == POSTGRESQL:
                for table in META.sorted_tables:
                    db.execute(text(f"VACUUM FULL {table.name}"))
            else:
                db.execute(text("VACUUM"))
                db.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        # Its connections would keep the mode in which this ran.
        self._engine.dispose()

    def faults(self) -> Sequence[str]:
        """What the database finds wrong with itself, where it can tell."""
        if self._engine.dialect.name == POSTGRESQL:
            return []
        with self._told(), self._engine.connect() as db:
            said = db.execute(text("PRAGMA quick_check")).scalars().all()
        return [] if said == ["ok"] else [f"the registry is damaged: {line}" for line in said]

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            said = str(getattr(error, "orig", None) or error).splitlines()[0]
            if self._engine.dialect.name == POSTGRESQL:
                hint = "see that the database which registry.url names runs and has room; then try again"
                message = f"the registry does not answer: {said}"
                raise StoreError("registry-unreachable", message, hint=hint) from error
            hint = "make room on the disk and the file writable; if it stays so, restore it from a copy"
            raise StoreError("registry-unusable", f"the registry can't be used: {said}", hint=hint) from error


@dataclass(frozen=True, slots=True)
class Change:
    """One transaction."""

    db: Connection

    def put(self, part: Part) -> None:
        """Let a file stand for its part of a table, instead of the one that did."""
        self._put(PART, {**{name: getattr(part, name) for name in Part.__slots__}, "late": int(part.late)})

    def drop(self, part: Part) -> None:
        """Let a part of a table be empty."""
        same = (PART.c.table == part.table, PART.c.block == part.block, PART.c.late == int(part.late))
        self.db.execute(PART.delete().where(*same))

    def seal(self, table: str, weeks: Sequence[date]) -> None:
        """Rows that come for these weeks from now on are late."""
        for week in weeks:
            self._put(SEAL, {"table": table, "week": str(week)})

    def keep(self, kind: str, name: str, value: bytes) -> None:
        """Keep something under a name, instead of what was kept there."""
        self._put(KEPT, {"kind": kind, "name": name, "value": value})

    def forget(self, kind: str, name: str) -> None:
        """Keep nothing under a name."""
        self.db.execute(KEPT.delete().where(KEPT.c.kind == kind, KEPT.c.name == name))

    def state(self, name: str, value: str) -> None:
        """Say something of the registry itself."""
        self._put(STATE, {"name": name, "value": value})

    def take_over(self, db: Connection) -> None:
        """Hold what another registry holds."""
        for table in HELD:
            for rows in db.execute(select(table)).mappings().partitions(AT_ONCE):
                self.db.execute(table.insert(), [dict(row) for row in rows])

    def _put(self, table: Table, row: Mapping[str, Any]) -> None:
        """Let a row stand instead of the one with its key; each engine has its own word for it."""
        dialect = postgresql if self.db.dialect.name == POSTGRESQL else sqlite
        key = [column.name for column in table.primary_key.columns]
        insert = dialect.insert(table).values(row)
        self.db.execute(insert.on_conflict_do_update(index_elements=key, set_=row))
