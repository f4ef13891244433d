"""Keeps how far each account was looked at for what sets agents off, what came in, and what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from counterfoil.store.address import POSTGRESQL
from counterfoil.store.agents.run_tables import ARRIVED, LISTENED
from counterfoil.store.agents.shape import micros, moment
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.tool import ConnectorId

MOST_WAITING = 1_000
"""Things that came in of one place, and wait to set something off; more are left out."""


@dataclass(frozen=True, slots=True, order=True)
class Ear:
    """One place of one owner's account at which is listened."""

    owner: Pseudonym
    connector: ConnectorId
    place: str
    """A folder or channel; empty where the account is asked as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Something that came in, as its system says."""

    on: str
    """`mail` or `mention`; `look` where only its name is known so far."""
    name: str
    """The folder or channel."""
    ref: str
    """What its system calls it; the same comes once."""
    said: str = ""
    who: str = ""
    """Whom the system names as its author."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """Why nothing is heard of a place."""

    ear: Ear
    says: str
    since: datetime


def cursor(db: Connection, ear: Ear) -> str:
    """How far a place was looked at; empty where never."""
    return db.execute(select(LISTENED.c.cursor).where(_at(LISTENED, ear))).scalar_one_or_none() or ""


def reached(db: Connection, ear: Ear, before: str, now: str, came: Sequence[Arrival], at: datetime) -> bool:
    """Keep what came with how far was looked; False where another process was first."""
    _known(db, ear)
    mine = update(LISTENED).where(_at(LISTENED, ear), LISTENED.c.cursor == before)
    if not db.execute(mine.values(cursor=now, trouble="", since=0)).rowcount:
        return False
    add(db, ear, came, at)
    return True


def add(db: Connection, ear: Ear, came: Sequence[Arrival], at: datetime) -> int:
    """Keep what came in, each thing once; how many were left out, since too many wait."""
    count = select(func.count()).select_from(ARRIVED).where(_at(ARRIVED, ear))
    room = max(0, MOST_WAITING - db.execute(count).scalar_one())
    for one in came[:room]:
        row = {name: getattr(one, name) for name in ("on", "name", "ref", "said", "who")}
        insert = _dialect(db).insert(ARRIVED).values(**_key(ear), **row, at=micros(at))
        db.execute(insert.on_conflict_do_nothing())
    return len(came[room:])


def waiting(db: Connection, ear: Ear) -> Sequence[Arrival]:
    """What came in and set nothing off so far, the oldest first."""
    mine = select(ARRIVED).where(_at(ARRIVED, ear)).order_by(ARRIVED.c.at, ARRIVED.c.ref)
    return [
        Arrival(on=row.on, name=row.name, ref=row.ref, said=row.said, who=row.who) for row in db.execute(mine)
    ]


def taken(db: Connection, ear: Ear, ref: str) -> None:
    """Forget something that set off what it does."""
    db.execute(ARRIVED.delete().where(_at(ARRIVED, ear), ARRIVED.c.ref == ref))


def failed(db: Connection, ear: Ear, says: str, at: datetime) -> None:
    """Keep why nothing is heard of a place, and since when."""
    _known(db, ear)
    mine = update(LISTENED).where(_at(LISTENED, ear))
    db.execute(mine.values(trouble=says))
    db.execute(mine.where(LISTENED.c.since == 0).values(since=micros(at)))


def forget(db: Connection, owner: Pseudonym, connector: ConnectorId) -> None:
    """Let nothing be left of an account that is no longer connected: one that comes anew begins anew."""
    for table in (LISTENED, ARRIVED):
        db.execute(table.delete().where(table.c.owner == owner, table.c.connector == connector))


def troubles(db: Connection, owner: Pseudonym) -> Sequence[Trouble]:
    """Of which places of an owner nothing is heard, and why."""
    mine = select(LISTENED).where(LISTENED.c.owner == owner, LISTENED.c.trouble != "")
    return [
        Trouble(
            ear=Ear(owner, ConnectorId(row.connector), row.place), says=row.trouble, since=moment(row.since)
        )
        for row in db.execute(mine.order_by(LISTENED.c.connector, LISTENED.c.place))
    ]


def _known(db: Connection, ear: Ear) -> None:
    db.execute(_dialect(db).insert(LISTENED).values(**_key(ear)).on_conflict_do_nothing())


def _key(ear: Ear) -> dict[str, str]:
    return {"owner": ear.owner, "connector": ear.connector, "place": ear.place}


def _at(table: Any, ear: Ear) -> Any:
    return and_(*(table.c[name] == value for name, value in _key(ear).items()))


def _dialect(db: Connection) -> Any:
    return postgresql if db.dialect.name == POSTGRESQL else sqlite
