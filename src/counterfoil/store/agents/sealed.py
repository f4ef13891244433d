"""Keeps secrets as they were encrypted elsewhere, and the hashes of tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from counterfoil.store.address import POSTGRESQL
from counterfoil.store.agents.shape import SECRET, TOKEN, micros, moment
from counterfoil.terms.agent import AgentId
from counterfoil.terms.ids import Pseudonym


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What is known of a token: never the token itself."""

    hash: str
    agent: AgentId
    owner: Pseudonym
    until: datetime
    use: str


def put_secret(db: Connection, name: str, sealed: bytes) -> None:
    """Keep a secret instead of the one of that name."""
    dialect = postgresql if db.dialect.name == POSTGRESQL else sqlite
    insert = dialect.insert(SECRET).values(name=name, sealed=sealed)
    db.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"sealed": sealed}))


def secret(db: Connection, name: str) -> bytes | None:
    """A secret as it was encrypted."""
    found: bytes | None = db.execute(
        select(SECRET.c.sealed).where(SECRET.c.name == name)
    ).scalar_one_or_none()
    return found


def swap_secret(db: Connection, name: str, before: bytes, after: bytes) -> bool:
    """Keep a secret instead of that one; False where it is not that one any more."""
    there = (SECRET.c.name == name) & (SECRET.c.sealed == before)
    return db.execute(SECRET.update().where(there).values(sealed=after)).rowcount > 0


def secret_names(db: Connection) -> Sequence[str]:
    """What secrets there are."""
    return db.execute(select(SECRET.c.name).order_by(SECRET.c.name)).scalars().all()


def drop_secret(db: Connection, name: str) -> bool:
    """Keep no secret of that name; False where there was none."""
    return db.execute(SECRET.delete().where(SECRET.c.name == name)).rowcount > 0


def put_token(db: Connection, token: Token) -> None:
    """Let a token be good from now on."""
    row = {"hash": token.hash, "agent": token.agent, "owner": token.owner, "use": token.use}
    db.execute(TOKEN.insert().values(until=micros(token.until), **row))


def token(db: Connection, digest: str, at: datetime) -> Token | None:
    """The token with that hash, where it is still good."""
    query = select(TOKEN).where(TOKEN.c.hash == digest, TOKEN.c.until > micros(at))
    row = db.execute(query).one_or_none()
    if row is None:
        return None
    agent, owner = AgentId(row.agent), Pseudonym(row.owner)
    return Token(hash=row.hash, agent=agent, owner=owner, until=moment(row.until), use=row.use)


def revoke(db: Connection, agent: AgentId) -> int:
    """Let no token of an agent be good any longer; how many were."""
    return int(db.execute(TOKEN.delete().where(TOKEN.c.agent == agent)).rowcount)


def sweep(db: Connection, at: datetime) -> None:
    """Keep nothing of tokens that are over."""
    db.execute(TOKEN.delete().where(TOKEN.c.until <= micros(at)))
