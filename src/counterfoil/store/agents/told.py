"""Keeps what each log's process acknowledged, steps that were held or refused, and sums over all people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from counterfoil.store.address import POSTGRESQL
from counterfoil.store.agents.ready import Ready
from counterfoil.store.agents.shape import APPROVAL, COUNTED, EFFECT, HOLDER, SAID, STEP, micros, moment
from counterfoil.terms.agent import AgentId, RunId
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.tool import EffectClass

KNOWN = update(HOLDER).where(HOLDER.c.name == bindparam("h")).values(entries=bindparam("size"))
SAY = Ready(SAID.insert(), ["holder", "number", "entry"])
FORGOTTEN = SAID.delete().where(SAID.c.holder == bindparam("h"), SAID.c.number < bindparam("size"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A call that was not let through."""

    run: RunId
    number: int
    agent: AgentId
    owner: Pseudonym
    tool: str
    does: EffectClass
    """What the tool does to the world."""
    verdict: str
    """`hold` or `refuse`."""
    clause: str
    why: str
    at: datetime
    times: int = 1


def entries_known(db: Connection, holder: str) -> int:
    """How many entries a log has at least; one that is new to the database has none."""
    found = db.execute(select(HOLDER.c.entries).where(HOLDER.c.name == holder)).scalar_one_or_none()
    if found is None:
        db.execute(HOLDER.insert().values(name=holder, entries=0))
    return int(found or 0)


def say(db: Connection, holder: str, first: int, entries: Sequence[bytes]) -> None:
    """Keep the entries of a log, from its place `first` on, in the transaction of what they say."""
    for number, entry in enumerate(entries, first):
        SAY.changed(db, {"holder": holder, "number": number, "entry": entry})


def said(db: Connection, holder: str) -> Mapping[int, bytes]:
    """The entries of a log that are kept, by their place."""
    rows = db.execute(select(SAID.c.number, SAID.c.entry).where(SAID.c.holder == holder))
    return {int(number): bytes(entry) for number, entry in rows}


def forget_said(db: Connection, holder: str, entries: int) -> None:
    """A log has so many entries, durably: they need not be kept here."""
    db.execute(KNOWN, {"h": holder, "size": entries})
    db.execute(FORGOTTEN, {"h": holder, "size": entries})


def put_step(db: Connection, step: Step) -> None:
    """Keep that a call was not let through; the same again is counted."""
    row = {name: getattr(step, name) for name in Step.__slots__}
    row |= {"at": micros(step.at), "does": step.does.value}
    dialect = postgresql if db.dialect.name == POSTGRESQL else sqlite
    insert = dialect.insert(STEP).values(row)
    again = {"times": STEP.c.times + 1}
    db.execute(
        insert.on_conflict_do_update(index_elements=["run", "number", "verdict", "clause"], set_=again)
    )


def steps(db: Connection, run: RunId) -> Sequence[Step]:
    """What was not let through of a run, in its order."""
    rows = db.execute(select(STEP).where(STEP.c.run == run).order_by(STEP.c.number, STEP.c.at))
    return [_step(row) for row in rows]


def steps_of_span(db: Connection, since: datetime, until: datetime) -> Sequence[Step]:
    """What was not let through in a span, oldest first."""
    within = (STEP.c.at >= micros(since), STEP.c.at < micros(until))
    rows = db.execute(select(STEP).where(*within).order_by(STEP.c.at))
    return [_step(row) for row in rows]


def count(db: Connection, month: str, what: str) -> None:
    """One more of something in a month, of all people together."""
    dialect = postgresql if db.dialect.name == POSTGRESQL else sqlite
    insert = dialect.insert(COUNTED).values(month=month, what=what, count=1)
    more = {"count": COUNTED.c.count + 1}
    db.execute(insert.on_conflict_do_update(index_elements=["month", "what"], set_=more))


def counted(db: Connection, month: str) -> Mapping[str, int]:
    """The sums of a month."""
    rows = db.execute(select(COUNTED.c.what, COUNTED.c.count).where(COUNTED.c.month == month))
    return {what: int(number) for what, number in rows}


def latest(db: Connection) -> datetime:
    """The last moment of which anything is known; the clock can't be behind it."""
    known = (
        db.execute(select(func.max(column))).scalar_one_or_none()
        for column in (EFFECT.c.at, APPROVAL.c.asked, APPROVAL.c.decided)
    )
    return moment(max(0, *(int(one or 0) for one in known)))


def _step(row: Any) -> Step:
    return Step(**{**row._mapping, "at": moment(row.at), "does": EffectClass(row.does)})
