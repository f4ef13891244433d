"""Keeps which effects were handed on as work, and what was read back of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Column, Connection, String, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from counterfoil.store.address import POSTGRESQL
from counterfoil.store.agents.effects import Intended, read_row
from counterfoil.store.agents.shape import EFFECT, META, micros, moment
from counterfoil.terms.effect import EffectFate, EffectState, Followed

FOLLOWED = Table(
    "followed",
    META,
    Column("key", String, primary_key=True),
    Column("fate", String, nullable=False, default=""),
    Column("at", BigInteger, nullable=False, default=0),
    Column("why", String, nullable=False, default=""),
    Column("told", Boolean, nullable=False, default=False),
)
"""Effects that happened, by their key; `told` once the outbox has what stands here."""
JOINED = EFFECT.outerjoin(FOLLOWED, FOLLOWED.c.key == EFFECT.c.key)


def untold(db: Connection, most: int) -> Sequence[tuple[Intended, EffectFate | None]]:
    """Effects that happened and were not handed on as they stand now, oldest first."""
    query = (
        select(EFFECT, FOLLOWED.c.fate)
        .select_from(JOINED)
        .where(EFFECT.c.state == EffectState.DONE.value, FOLLOWED.c.told.is_not(True))
        .order_by(EFFECT.c.at)
        .limit(most)
    )
    return [(read_row(row), EffectFate(row.fate) if row.fate else None) for row in db.execute(query)]


def told(db: Connection, keys: Sequence[str]) -> None:
    """The outbox has them as they stand now."""
    for key in keys:
        _put(db, {"key": key, "told": True})


def to_follow(db: Connection, since: datetime, looked_before: datetime, most: int) -> Sequence[Intended]:
    """Effects of a while that nobody looked at lately, those first that were looked at longest ago."""
    query = (
        select(EFFECT)
        .select_from(JOINED)
        .where(
            EFFECT.c.state == EffectState.DONE.value,
            EFFECT.c.at >= micros(since),
            FOLLOWED.c.at.is_(None) | (FOLLOWED.c.at < micros(looked_before)),
        )
        .order_by(FOLLOWED.c.at.is_not(None), FOLLOWED.c.at, EFFECT.c.at)
        .limit(most)
    )
    return [read_row(row) for row in db.execute(query)]


def found(db: Connection, one: Followed) -> None:
    """Keep what was read back; what could not be seen, or is too young, changes nothing but when it was."""
    row: dict[str, str | int | bool] = {"key": one.key, "at": micros(one.at), "why": one.why}
    if one.fate not in {EffectFate.NOT_EXAMINED, EffectFate.TOO_YOUNG}:
        before = db.execute(select(FOLLOWED.c.fate).where(FOLLOWED.c.key == one.key)).scalar_one_or_none()
        if before != one.fate.value:
            row |= {"fate": one.fate.value, "told": False}
    _put(db, row)


def fates(db: Connection, keys: Sequence[str]) -> Mapping[str, tuple[EffectFate, datetime]]:
    """What became of effects, by their key, and when that was seen."""
    rows = db.execute(select(FOLLOWED).where(FOLLOWED.c.key.in_(keys), FOLLOWED.c.fate != ""))
    return {row.key: (EffectFate(row.fate), moment(row.at)) for row in rows}


def _put(db: Connection, row: dict[str, str | int | bool]) -> None:
    dialect = postgresql if db.dialect.name == POSTGRESQL else sqlite
    rest = {name: value for name, value in row.items() if name != "key"}
    db.execute(dialect.insert(FOLLOWED).values(row).on_conflict_do_update(index_elements=["key"], set_=rest))
