"""The shape of the registry, and the steps by which an older one gets it."""

from collections.abc import Sequence

from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    inspect,
    select,
    text,
)

from counterfoil.terms.error import StoreError

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
Steps = Sequence[Sequence[str]]
STEPS: Steps = ()
"""The statements from each version to the next, from version 1 on, in words that every engine knows.
A table that comes later needs none: what is missing is made."""
VERSION = "version"


def brought_up(db: Connection, steps: Steps, meta: MetaData = META) -> None:
    """Give a database today's shape, all of it or nothing: one that is new, or of an older version.

    Raises: StoreError where a newer version wrote it.
    """
    today = len(steps) + 1
    version = version_of(db)
    meta.create_all(db)
    if version is None:
        db.execute(STATE.insert().values(name=VERSION, value=str(today)))
        return
    must_be_known(version, steps)
    for step in steps[version - 1 :]:
        for statement in step:
            db.execute(text(statement))
    if version < today:
        db.execute(STATE.update().where(STATE.c.name == VERSION).values(value=str(today)))


def version_of(db: Connection) -> int | None:
    """Which version wrote a registry; None where there is none yet."""
    if not inspect(db).has_table(STATE.name):
        return None
    told = db.execute(select(STATE.c.value).where(STATE.c.name == VERSION)).scalar_one_or_none()
    return None if told is None else int(told)


def must_be_known(version: int, steps: Steps) -> None:
    """Stop before a registry that a newer version wrote.

    Raises: StoreError where one did.
    """
    if version > len(steps) + 1:
        hint = "use the version of counterfoil that wrote it, or a newer one"
        raise StoreError("registry-newer", f"the registry has version {version}", hint=hint)
