"""The registry: which files the lake is made of, what is sealed, and what the guard has to remember."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    select,
)
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import SQLAlchemyError

from counterfoil.terms.error import StoreError

VERSION = 1
META = MetaData()
STATE = Table(
    "state", META, Column("name", String, primary_key=True), Column("value", String, nullable=False)
)
PART = Table(
    "part",
    META,
    Column("table", String, primary_key=True),
    Column("block", String, primary_key=True),
    Column("late", Integer, primary_key=True),
    Column("file", String, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("sha256", String, nullable=False),
)
SEAL = Table(
    "seal", META, Column("table", String, primary_key=True), Column("week", String, primary_key=True)
)
KEPT = Table(
    "kept",
    META,
    Column("kind", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
"""What the guard remembers, by kind and name; what it means is the guard's affair."""


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

    def __init__(self, url: str) -> None:
        """Open a registry, made where it is missing.

        Raises: StoreError where it can't be opened, or a newer version wrote it.
        """
        self._engine = _engine(url)
        with _told(), self._engine.begin() as db:
            META.create_all(db)
            db.execute(insert(STATE).values(name="version", value=str(VERSION)).on_conflict_do_nothing())
            version = db.execute(select(STATE.c.value).where(STATE.c.name == "version")).scalar_one()
        if version != str(VERSION):
            hint = "use the version of counterfoil that wrote it, or a newer one"
            raise StoreError("registry-newer", f"the registry has version {version}", hint=hint)

    def close(self) -> None:
        """Let go of it."""
        self._engine.dispose()

    @contextmanager
    def change(self) -> Iterator["Change"]:
        """Everything in the block, or nothing of it."""
        with _told(), self._engine.begin() as db:
            yield Change(db)

    def parts(self, table: str, *, late: bool = False) -> Sequence[Part]:
        """The files of a table, oldest block first."""
        query = select(PART).where(PART.c.table == table, PART.c.late == int(late)).order_by(PART.c.block)
        with _told(), self._engine.connect() as db:
            return [Part(**{**row._mapping, "late": late}) for row in db.execute(query)]

    def files(self) -> set[str]:
        """Every file that belongs to the lake."""
        with _told(), self._engine.connect() as db:
            return set(db.execute(select(PART.c.file)).scalars())

    def sealed(self, table: str) -> set[date]:
        """The Mondays of weeks of which something was released."""
        with _told(), self._engine.connect() as db:
            weeks = db.execute(select(SEAL.c.week).where(SEAL.c.table == table)).scalars()
            return {date.fromisoformat(week) for week in weeks}

    def kept(self, kind: str, name: str) -> bytes | None:
        """What was kept under a name; None where nothing was."""
        query = select(KEPT.c.value).where(KEPT.c.kind == kind, KEPT.c.name == name)
        with _told(), self._engine.connect() as db:
            value: bytes | None = db.execute(query).scalar_one_or_none()
            return value

    def kinds(self) -> set[str]:
        """The kinds of what is kept."""
        with _told(), self._engine.connect() as db:
            return set(db.execute(select(KEPT.c.kind).distinct()).scalars())

    def all_kept(self, kind: str) -> Mapping[str, bytes]:
        """Everything of a kind, by name."""
        query = select(KEPT.c.name, KEPT.c.value).where(KEPT.c.kind == kind).order_by(KEPT.c.name)
        with _told(), self._engine.connect() as db:
            return {row.name: row.value for row in db.execute(query)}


@dataclass(frozen=True, slots=True)
class Change:
    """One transaction."""

    db: Connection

    def put(self, part: Part) -> None:
        """Let a file stand for its part of a table, instead of the one that did."""
        values = {**{name: getattr(part, name) for name in Part.__slots__}, "late": int(part.late)}
        self.db.execute(insert(PART).values(values).on_conflict_do_update(set_=values))

    def drop(self, part: Part) -> None:
        """Let a part of a table be empty."""
        same = (PART.c.table == part.table, PART.c.block == part.block, PART.c.late == int(part.late))
        self.db.execute(PART.delete().where(*same))

    def seal(self, table: str, weeks: Sequence[date]) -> None:
        """Rows that come for these weeks from now on are late."""
        for week in weeks:
            self.db.execute(insert(SEAL).values(table=table, week=str(week)).on_conflict_do_nothing())

    def keep(self, kind: str, name: str, value: bytes) -> None:
        """Keep something under a name, instead of what was kept there."""
        values = {"kind": kind, "name": name, "value": value}
        self.db.execute(insert(KEPT).values(values).on_conflict_do_update(set_={"value": value}))

    def forget(self, kind: str, name: str) -> None:
        """Keep nothing under a name."""
        self.db.execute(KEPT.delete().where(KEPT.c.kind == kind, KEPT.c.name == name))


def sqlite_url(file: Path) -> str:
    """The address of a registry in one file."""
    return f"sqlite:///{file}"


def _engine(url: str) -> Engine:
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def durable(connection, _) -> None:  # type: ignore[no-untyped-def]
        """WAL, and a sync at each commit, so that what was acknowledged is there after a power cut."""
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")

    return engine


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, json.JSONDecodeError) as error:
        hint = "make room on the disk and the file writable; if it stays so, restore it from a copy"
        said = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise StoreError("registry-unusable", f"the registry can't be used: {said}", hint=hint) from error
