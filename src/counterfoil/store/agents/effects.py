"""Keeps effects: intended before they happen, and then what became of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, null, select, update
from sqlalchemy.dialects import postgresql, sqlite

from counterfoil.store.agents.ready import Ready
from counterfoil.store.agents.shape import EFFECT, micros, moment
from counterfoil.terms.agent import AgentId, Cause, CauseKind
from counterfoil.terms.effect import Effect, EffectState
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.tool import EffectClass

INTEND = Ready(
    sqlite.insert(EFFECT).on_conflict_do_nothing(index_elements=["key"]).returning(EFFECT.c.key),
    [column.name for column in EFFECT.c],
    server=postgresql.insert(EFFECT).on_conflict_do_nothing(index_elements=["key"]).returning(EFFECT.c.key),
)
DROP = EFFECT.delete().where(EFFECT.c.key == bindparam("k"))
DOUBTED = (
    update(EFFECT)
    .where(EFFECT.c.key == bindparam("k"), EFFECT.c.state == bindparam("old"))
    .values(state=bindparam("new"), ref=bindparam("r"), why=bindparam("w"))
)
FINISHED = Ready(DOUBTED.values(arguments=null()))
"""Once it is known what became of an effect, nobody has to look for it."""
IN_DOUBT = Ready(DOUBTED)
OF = select(EFFECT).where(EFFECT.c.key == bindparam("k"))
SAME = Ready(
    select(EFFECT.c.key)
    .where(
        EFFECT.c.agent == bindparam("agent"),
        EFFECT.c.content == bindparam("content"),
        EFFECT.c.at >= bindparam("since"),
        EFFECT.c.state != EffectState.FAILED.value,
        EFFECT.c.key != bindparam("k"),
    )
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intended:
    """An effect with what is kept of it until it is known what became of it."""

    effect: Effect
    digest: str
    """Of the call, byte for byte."""
    content: str
    """Of what is said and to whom, where saying it twice would be needless."""
    does: EffectClass
    """What the tool does to the world."""
    holder: str
    """The log of the process that let it through."""
    entry: int
    """Its place in that log."""
    arguments: str
    """As they were sent, as JSON."""
    why: str = ""


def intend(db: Connection, intended: Intended) -> bool:
    """Keep an effect before it happens; False where that call was let through before."""
    effect = intended.effect
    row = {
        **{name: getattr(effect, name) for name in ("key", "agent", "owner", "tool", "ref", "clause")},
        "cause_kind": effect.cause.kind.value,
        "cause_ref": effect.cause.ref,
        "at": micros(effect.at),
        "state": effect.state.value,
        "to": json.dumps(effect.to),
        "approval": effect.approval,
        **{name: getattr(intended, name) for name in ("digest", "content", "holder", "entry", "arguments")},
        "why": intended.why,
        "does": intended.does.value,
    }
    return bool(INTEND.rows(db, row))


def take_back(db: Connection, key: str) -> None:
    """Keep nothing of it, in the transaction that kept it."""
    db.execute(DROP, {"k": key})


def same_said(db: Connection, agent: AgentId, content: str, since: datetime, but: str) -> str:
    """The key of an effect by which an agent said the same; empty where there is none."""
    asked = {"agent": agent, "content": content, "since": micros(since), "k": but}
    return "".join(str(key) for (key,) in SAME.rows(db, asked))


def finish(
    db: Connection, key: str, state: EffectState, *, old: EffectState, ref: str = "", why: str = ""
) -> bool:
    """Say what became of an effect; False where it is none, or no longer in its old state."""
    known = state in {EffectState.DONE, EffectState.FAILED}
    asked = {"k": key, "old": old.value, "new": state.value, "r": ref, "w": why}
    return (FINISHED if known else IN_DOUBT).changed(db, asked) > 0


def intended(db: Connection, key: str) -> Intended | None:
    """An effect with what is kept of it."""
    row = db.execute(OF, {"k": key}).one_or_none()
    return None if row is None else intended_of(row)


def left(db: Connection, state: EffectState, holder: str | None = None) -> Sequence[Intended]:
    """Effects in a state, of one process or all, oldest first."""
    query = select(EFFECT).where(EFFECT.c.state == state.value).order_by(EFFECT.c.at)
    if holder is not None:
        query = query.where(EFFECT.c.holder == holder)
    return [intended_of(row) for row in db.execute(query)]


def of_span(db: Connection, since: datetime, until: datetime) -> Sequence[Intended]:
    """Effects of a span, oldest first."""
    within = (EFFECT.c.at >= micros(since), EFFECT.c.at < micros(until))
    return [intended_of(row) for row in db.execute(select(EFFECT).where(*within).order_by(EFFECT.c.at))]


def of_owner(db: Connection, owner: Pseudonym) -> Sequence[Intended]:
    """Effects of all agents of an owner, oldest first."""
    mine = select(EFFECT).where(EFFECT.c.owner == owner).order_by(EFFECT.c.at)
    return [intended_of(row) for row in db.execute(mine)]


def of_run(db: Connection, run: str) -> Sequence[Effect]:
    """Effects of one run, in their order."""
    mine = EFFECT.c.key.startswith(f"{run}:", autoescape=True)
    found = db.execute(select(EFFECT).where(mine).order_by(EFFECT.c.at))
    # The name of another run may begin with the name of this one.
    return [_effect(row) for row in found if row.key.rpartition(":")[0] == run]


def _effect(row: Any) -> Effect:
    return Effect(
        key=row.key,
        agent=AgentId(row.agent),
        owner=Pseudonym(row.owner),
        tool=row.tool,
        cause=Cause(CauseKind(row.cause_kind), row.cause_ref),
        at=moment(row.at),
        state=EffectState(row.state),
        to=tuple(json.loads(row.to)),
        ref=row.ref,
        clause=row.clause,
        approval=row.approval,
    )


def intended_of(row: Any) -> Intended:
    """An effect as a row has it."""
    return Intended(
        effect=_effect(row),
        digest=row.digest,
        content=row.content,
        does=EffectClass(row.does),
        holder=row.holder,
        entry=row.entry,
        arguments=row.arguments or "",
        why=row.why,
    )


def keys_of(db: Connection, holder: str) -> Sequence[str]:
    """The keys of all effects that one process let through."""
    return db.execute(select(EFFECT.c.key).where(EFFECT.c.holder == holder)).scalars().all()
