"""Keeps what became of effects after they were done, and when each is to be looked at again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, Connection, Index, String, Table, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from counterfoil.store.address import POSTGRESQL
from counterfoil.store.agents.effects import Intended, intended_of
from counterfoil.store.agents.shape import EFFECT, META, micros, moment
from counterfoil.terms.effect import EffectFate, EffectState, Followed

FOLLOWED = Table(
    "followed",
    META,
    Column("key", String, primary_key=True),
    Column("fate", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("again", BigInteger, nullable=False),
    Column("failing", Boolean, nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("why", String, nullable=False),
    Index("followed_again", "settled", "again"),
)
"""`settled` where nothing more can become of it, or it was followed long enough."""


@dataclass(frozen=True, slots=True)
class Due:
    """An effect that is to be looked at, with what was seen of it the last time."""

    intended: Intended
    before: EffectFate | None


def due(db: Connection, now: datetime, most: int) -> Sequence[Due]:
    """Effects that are done and to be looked at now, those that waited longest first."""
    joined = EFFECT.outerjoin(FOLLOWED, EFFECT.c.key == FOLLOWED.c.key)
    open_still = or_(
        FOLLOWED.c.key.is_(None), FOLLOWED.c.settled.is_(False) & (FOLLOWED.c.again <= micros(now))
    )
    query = (
        select(EFFECT, FOLLOWED.c.fate)
        .select_from(joined)
        .where(EFFECT.c.state == EffectState.DONE.value, open_still)
        .order_by(FOLLOWED.c.again.nulls_first(), EFFECT.c.at)
        .limit(most)
    )
    return [Due(intended_of(row), EffectFate(row.fate) if row.fate else None) for row in db.execute(query)]


def put(db: Connection, followed: Followed, *, again: datetime, settled: bool) -> None:
    """Keep what became of an effect, instead of what was kept of it."""
    insert = (postgresql if db.dialect.name == POSTGRESQL else sqlite).insert(FOLLOWED)
    row = {
        "key": followed.key,
        "fate": followed.fate.value,
        "at": micros(followed.at),
        "again": micros(again),
        "failing": followed.failing,
        "settled": settled,
        "why": followed.why,
    }
    db.execute(insert.values(row).on_conflict_do_update(index_elements=["key"], set_=row))


def of(db: Connection, keys: Sequence[str]) -> Sequence[Followed]:
    """What became of some effects, as far as anybody looked."""
    rows = db.execute(select(FOLLOWED).where(FOLLOWED.c.key.in_(keys)))
    return [
        Followed(key=row.key, fate=EffectFate(row.fate), at=moment(row.at), why=row.why, failing=row.failing)
        for row in rows
    ]


def failing(db: Connection) -> Sequence[Intended]:
    """Effects of which the system itself says that they do not work, and that still stand there."""
    query = (
        select(EFFECT)
        .join(FOLLOWED, EFFECT.c.key == FOLLOWED.c.key)
        .where(FOLLOWED.c.failing.is_(True))
        .order_by(EFFECT.c.at)
    )
    return [intended_of(row) for row in db.execute(query)]
