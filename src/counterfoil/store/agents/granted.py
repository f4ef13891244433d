"""Keeps agents with their owners and grants, rules that stand, and switches that are off."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from counterfoil.store.address import POSTGRESQL
from counterfoil.store.agents.database import grown, locked
from counterfoil.store.agents.shape import AGENT, GRANT, STANDING, STANDING_COUNT, STOP, micros, moment
from counterfoil.terms.agent import AgentId, Budget, Grant, Standing, Stop
from counterfoil.terms.ids import MicroUsd, Pseudonym

RULES = select(STANDING).where(
    STANDING.c.agent == bindparam("a"), STANDING.c.tool == bindparam("t"), STANDING.c.gone.is_(False)
)
COUNT = (
    update(STANDING_COUNT)
    .where(
        STANDING_COUNT.c.rule == bindparam("r"),
        STANDING_COUNT.c.day == bindparam("d"),
        STANDING_COUNT.c.count < bindparam("most"),
    )
    .values(count=STANDING_COUNT.c.count + 1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """An agent that may be granted something."""

    id: AgentId
    owner: Pseudonym
    budget: Budget
    gone: bool = False
    """Whether it was taken away; what it did stays known."""


def enrol(db: Connection, agent: Enrolled, grants: Sequence[Grant]) -> None:
    """Let an agent have an owner, a budget and grants, instead of those that it had."""
    row = {
        "owner": agent.owner,
        "run": agent.budget.run,
        "day": agent.budget.day,
        "month": agent.budget.month,
        "gone": agent.gone,
    }
    dialect = postgresql if db.dialect.name == POSTGRESQL else sqlite
    insert = dialect.insert(AGENT).values(id=agent.id, **row)
    db.execute(insert.on_conflict_do_update(index_elements=["id"], set_=row))
    db.execute(GRANT.delete().where(GRANT.c.agent == agent.id))
    for number, grant in enumerate(grants):
        given = {"tool": grant.tool, "digest": grant.digest, "to": json.dumps(grant.to)}
        until = None if grant.until is None else str(grant.until)
        db.execute(GRANT.insert().values(agent=agent.id, number=number, until=until, **given))
    grown(db)


def enrolled(db: Connection) -> Mapping[AgentId, Enrolled]:
    """Every agent by its name."""
    return {AgentId(row.id): _enrolled(row) for row in db.execute(select(AGENT).where(~AGENT.c.gone))}


def owner_of(db: Connection, agent: AgentId) -> Pseudonym | None:
    """Whose an agent's name is, whether it is there or gone: a name is one owner's for ever."""
    # Locked, so that two who want the same name come one after the other.
    locked(db, f"agent {agent}")
    found = db.execute(select(AGENT.c.owner).where(AGENT.c.id == agent)).scalar_one_or_none()
    return None if found is None else Pseudonym(found)


def grants(db: Connection) -> Sequence[Grant]:
    """Every grant of agents that are there."""
    here = select(GRANT).join(AGENT, AGENT.c.id == GRANT.c.agent).where(~AGENT.c.gone)
    return [
        Grant(
            agent=AgentId(row.agent),
            tool=row.tool,
            digest=row.digest,
            to=tuple(json.loads(row.to)),
            until=None if row.until is None else date.fromisoformat(row.until),
        )
        for row in db.execute(here.order_by(GRANT.c.agent, GRANT.c.number))
    ]


def part_with(db: Connection, owner: Pseudonym) -> Sequence[AgentId]:
    """Take away every agent of an owner with its rules; which they were."""
    mine = db.execute(select(AGENT.c.id).where(AGENT.c.owner == owner, ~AGENT.c.gone)).scalars().all()
    db.execute(update(AGENT).where(AGENT.c.owner == owner).values(gone=True))
    db.execute(update(STANDING).where(STANDING.c.owner == owner).values(gone=True))
    grown(db)
    return [AgentId(name) for name in mine]


def stand(db: Connection, rule: Standing, owner: Pseudonym, digest: str) -> None:
    """Keep a rule, of a tool as its server describes it now."""
    row = {name: getattr(rule, name) for name in ("id", "agent", "tool", "per_day", "by")}
    row |= {"owner": owner, "digest": digest, "to": json.dumps(rule.to), "until": str(rule.until)}
    db.execute(STANDING.insert().values(**row))


def standing(db: Connection, agent: AgentId, tool: str) -> Sequence[tuple[Standing, str]]:
    """Rules for a tool of an agent, each with the description of the tool that it was made for."""
    return [(_standing(row), row.digest) for row in db.execute(RULES, {"a": agent, "t": tool})]


def all_standing(db: Connection, owner: Pseudonym) -> Sequence[Standing]:
    """Every rule of an owner."""
    mine = select(STANDING).where(STANDING.c.owner == owner, ~STANDING.c.gone).order_by(STANDING.c.id)
    return [_standing(row) for row in db.execute(mine)]


def end(db: Connection, rule: str, owner: Pseudonym) -> bool:
    """Let an owner's rule stand no longer; False where there is none."""
    mine = (STANDING.c.id == rule, STANDING.c.owner == owner, ~STANDING.c.gone)
    return db.execute(update(STANDING).where(*mine).values(gone=True)).rowcount > 0


def take_one(db: Connection, rule: Standing, day: date) -> bool:
    """Use a rule once more on a day; False where it was used as often as it may be, or is gone."""
    here = select(STANDING.c.id).where(STANDING.c.id == rule.id, ~STANDING.c.gone)
    if db.execute(here.with_for_update()).scalar_one_or_none() is None:
        return False
    dialect = postgresql if db.dialect.name == POSTGRESQL else sqlite
    first = dialect.insert(STANDING_COUNT).values(rule=rule.id, day=str(day), count=0)
    db.execute(first.on_conflict_do_nothing(index_elements=["rule", "day"]))
    return db.execute(COUNT, {"r": rule.id, "d": str(day), "most": rule.per_day}).rowcount > 0


def taken(db: Connection, rule: str, day: date) -> int:
    """How often a rule was used on a day."""
    mine = (STANDING_COUNT.c.rule == rule, STANDING_COUNT.c.day == str(day))
    return int(db.execute(select(STANDING_COUNT.c.count).where(*mine)).scalar_one_or_none() or 0)


def switch_off(db: Connection, stop: Stop) -> None:
    """Keep a switch off, whoever turned it off before."""
    row = {"by": stop.by, "at": micros(stop.at), "why": stop.why}
    dialect = postgresql if db.dialect.name == POSTGRESQL else sqlite
    insert = dialect.insert(STOP).values(what=stop.what, **row)
    db.execute(insert.on_conflict_do_update(index_elements=["what"], set_=row))
    grown(db)


def switch_on(db: Connection, what: str) -> bool:
    """Turn a switch on again; False where it was."""
    done = db.execute(STOP.delete().where(STOP.c.what == what)).rowcount
    grown(db)
    return done > 0


def stops(db: Connection) -> Sequence[Stop]:
    """Every switch that is off."""
    return [
        Stop(what=row.what, by=Pseudonym(row.by), at=moment(row.at), why=row.why)
        for row in db.execute(select(STOP).order_by(STOP.c.what))
    ]


def _enrolled(row: Any) -> Enrolled:
    budget = Budget(run=MicroUsd(row.run), day=MicroUsd(row.day), month=MicroUsd(row.month))
    return Enrolled(id=AgentId(row.id), owner=Pseudonym(row.owner), budget=budget, gone=row.gone)


def _standing(row: Any) -> Standing:
    return Standing(
        id=row.id,
        agent=AgentId(row.agent),
        tool=row.tool,
        to=tuple(json.loads(row.to)),
        per_day=row.per_day,
        until=date.fromisoformat(row.until),
        by=Pseudonym(row.by),
    )
