"""Keeps since when owners of agents are not in the organisation, and nothing of those who are."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from counterfoil.store.address import POSTGRESQL
from counterfoil.store.agents.shape import ABSENT, micros, moment
from counterfoil.terms.ids import Pseudonym


def absent(db: Connection) -> Mapping[Pseudonym, datetime]:
    """Who is away, since when."""
    return {Pseudonym(row.owner): moment(row.since) for row in db.execute(select(ABSENT))}


def away(db: Connection, owner: Pseudonym, at: datetime) -> None:
    """Somebody is away from now on, or was already."""
    dialect = postgresql if db.dialect.name == POSTGRESQL else sqlite
    insert = dialect.insert(ABSENT).values(owner=owner, since=micros(at))
    db.execute(insert.on_conflict_do_nothing(index_elements=["owner"]))


def forget(db: Connection, owners: Iterable[Pseudonym]) -> None:
    """Some are here again, or left nothing behind."""
    db.execute(ABSENT.delete().where(ABSENT.c.owner.in_(list(owners))))
