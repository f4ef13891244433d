"""Keeps what agents note down, each note with the label of what they had read, and when triggers fired."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from counterfoil.store.address import POSTGRESQL
from counterfoil.store.agents.labelled import label_of, written
from counterfoil.store.agents.run_tables import FIRED, NOTE
from counterfoil.store.agents.shape import micros, moment
from counterfoil.terms.agent import AgentId, RunId
from counterfoil.terms.label import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that an agent, or its owner, wrote down: Markdown, and never more trusted than it was."""

    agent: AgentId
    name: str
    text: str
    label: Label
    run: RunId
    """The run that wrote it; empty for the owner."""
    at: datetime


def put(db: Connection, note: Note) -> None:
    """Keep a note. What replaces another has the labels of both: words of it may have stayed."""
    before = one(db, note.agent, note.name)
    label = note.label if before is None else note.label | before.label
    row = {name: getattr(note, name) for name in ("agent", "name", "text", "run")}
    row |= {"label": written(label), "at": micros(note.at), "gone": False}
    insert = _dialect(db).insert(NOTE).values(row)
    rest = {name: value for name, value in row.items() if name not in {"agent", "name"}}
    db.execute(insert.on_conflict_do_update(index_elements=["agent", "name"], set_=rest))


def one(db: Connection, agent: AgentId, name: str) -> Note | None:
    """A note by its name."""
    mine = select(NOTE).where(NOTE.c.agent == agent, NOTE.c.name == name, ~NOTE.c.gone)
    row = db.execute(mine).one_or_none()
    return None if row is None else _note(row)


def notes(db: Connection, agent: AgentId, *, gone: bool = False) -> Sequence[Note]:
    """An agent's notes, or those that were put aside, by name."""
    mine = select(NOTE).where(NOTE.c.agent == agent, NOTE.c.gone == gone).order_by(NOTE.c.name)
    return [_note(row) for row in db.execute(mine)]


def put_aside(db: Connection, agent: AgentId, name: str, *, gone: bool = True) -> bool:
    """Put a note aside, or bring it back; False where there is none."""
    mine = (NOTE.c.agent == agent, NOTE.c.name == name, NOTE.c.gone != gone)
    return bool(db.execute(update(NOTE).where(*mine).values(gone=gone)).rowcount)


def erase(db: Connection, agent: AgentId, name: str) -> bool:
    """Let nothing be left of a note."""
    return bool(db.execute(NOTE.delete().where(NOTE.c.agent == agent, NOTE.c.name == name)).rowcount)


def fired(db: Connection, agent: AgentId, trigger: str) -> datetime | None:
    """The moment up to which a schedule was looked at."""
    mine = select(FIRED.c.at).where(FIRED.c.agent == agent, FIRED.c.trigger == trigger)
    at = db.execute(mine).scalar_one_or_none()
    return None if at is None else moment(at)


def all_fired(db: Connection, agent: AgentId) -> dict[str, datetime]:
    """The same of everything under one name."""
    rows = db.execute(select(FIRED.c.trigger, FIRED.c.at).where(FIRED.c.agent == agent))
    return {trigger: moment(at) for trigger, at in rows}


def unfire(db: Connection, agent: AgentId, trigger: str) -> None:
    """Keep no moment of it."""
    db.execute(FIRED.delete().where(FIRED.c.agent == agent, FIRED.c.trigger == trigger))


def fire(db: Connection, agent: AgentId, trigger: str, at: datetime, before: datetime | None) -> bool:
    """Move a schedule on; False where another process did, or the clock went back."""
    if before is None:
        insert = _dialect(db).insert(FIRED).values(agent=agent, trigger=trigger, at=micros(at))
        return bool(db.execute(insert.on_conflict_do_nothing(index_elements=["agent", "trigger"])).rowcount)
    mine = (FIRED.c.agent == agent, FIRED.c.trigger == trigger, FIRED.c.at == micros(before))
    return at > before and bool(db.execute(update(FIRED).where(*mine).values(at=micros(at))).rowcount)


def _note(row: Any) -> Note:
    kept = {name: value for name, value in row._mapping.items() if name != "gone"}
    return Note(**{**kept, "label": label_of(row.label), "at": moment(row.at)})


def _dialect(db: Connection) -> Any:
    return postgresql if db.dialect.name == POSTGRESQL else sqlite
