"""Keeps what runs, days and months may spend and did; what is reserved can't be spent twice."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, case, select, update
from sqlalchemy.dialects import postgresql, sqlite

from counterfoil.store.address import POSTGRESQL
from counterfoil.store.agents.shape import RESERVATION, RUN, SPEND, micros, moment
from counterfoil.terms.agent import AgentId, Cause, CauseKind, RunId
from counterfoil.terms.effect import Run, RunState
from counterfoil.terms.ids import MicroUsd, Pseudonym

RUNS = select(RUN, SPEND.c.spent, SPEND.c.floor).outerjoin(SPEND, SPEND.c.scope == "run:" + RUN.c.root)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What was spent in one scope, and what is reserved for calls under way."""

    spent: MicroUsd
    reserved: MicroUsd
    floor: bool
    """Whether something without a price was in it, so that it is at least that."""


NOTHING = Spent(spent=MicroUsd(0), reserved=MicroUsd(0), floor=False)


def reserve(
    db: Connection, reservation: str, holder: str, caps: Mapping[str, MicroUsd], most: MicroUsd
) -> str:
    """Reserve money in every scope, or in none; the scope that has not enough left, else nothing.

    Something that has no price takes nothing, and is refused only where nothing is left.
    """
    dialect = postgresql if db.dialect.name == POSTGRESQL else sqlite
    scopes = sorted(caps)
    for scope in scopes:
        first = dialect.insert(SPEND).values(scope=scope, spent=0, reserved=0, floor=False)
        db.execute(first.on_conflict_do_nothing(index_elements=["scope"]))
    # In one order, so that two who want the same scopes never wait for each other.
    rows = db.execute(
        select(SPEND).where(SPEND.c.scope.in_(scopes)).order_by(SPEND.c.scope).with_for_update()
    )
    for row in rows.all():
        if row.spent + row.reserved + max(most, 1) > caps[row.scope]:
            return str(row.scope)
    more = update(SPEND).where(SPEND.c.scope.in_(scopes))
    db.execute(more.values(reserved=SPEND.c.reserved + most))
    kept = {"id": reservation, "holder": holder, "scopes": json.dumps(scopes), "most": most}
    db.execute(RESERVATION.insert().values(**kept))
    return ""


def book(db: Connection, reservation: str, spent: MicroUsd, *, floor: bool) -> bool:
    """Book what was spent instead of what was reserved; False where it was booked before."""
    mine = select(RESERVATION).where(RESERVATION.c.id == reservation).with_for_update()
    row = db.execute(mine).one_or_none()
    if row is None or not db.execute(RESERVATION.delete().where(RESERVATION.c.id == reservation)).rowcount:
        return False
    scopes = json.loads(row.scopes)
    db.execute(
        select(SPEND.c.scope).where(SPEND.c.scope.in_(scopes)).order_by(SPEND.c.scope).with_for_update()
    )
    values = {"reserved": SPEND.c.reserved - row.most, "spent": SPEND.c.spent + spent}
    if floor:
        values["floor"] = case((SPEND.c.scope != "", True), else_=SPEND.c.floor)
    db.execute(update(SPEND).where(SPEND.c.scope.in_(scopes)).values(**values))
    return True


def left_over(db: Connection, holder: str) -> Sequence[tuple[str, MicroUsd]]:
    """Reservations that a process left behind, and how much each was of."""
    rows = db.execute(select(RESERVATION.c.id, RESERVATION.c.most).where(RESERVATION.c.holder == holder))
    return [(row.id, MicroUsd(row.most)) for row in rows]


def spent(db: Connection, scopes: Sequence[str]) -> Mapping[str, Spent]:
    """What was spent in each scope."""
    rows = db.execute(select(SPEND).where(SPEND.c.scope.in_(scopes)))
    found = {
        row.scope: Spent(spent=MicroUsd(row.spent), reserved=MicroUsd(row.reserved), floor=row.floor)
        for row in rows
    }
    return {scope: found.get(scope, NOTHING) for scope in scopes}


def begin_run(db: Connection, run: Run, root: RunId) -> bool:
    """Keep that a run began; False where it is known."""
    dialect = postgresql if db.dialect.name == POSTGRESQL else sqlite
    row = {name: getattr(run, name) for name in ("id", "agent", "owner", "version", "parent", "why")}
    row |= {"cause_kind": run.cause.kind.value, "cause_ref": run.cause.ref, "state": run.state.value}
    row |= {
        "began": micros(run.began),
        "ended": None if run.ended is None else micros(run.ended),
        "root": root,
    }
    insert = dialect.insert(RUN).values(row).on_conflict_do_nothing(index_elements=["id"]).returning(RUN.c.id)
    return db.execute(insert).first() is not None


def change_run(db: Connection, run: RunId, state: RunState, *, ended: int | None, why: str) -> None:
    """Say where a run stands."""
    db.execute(update(RUN).where(RUN.c.id == run).values(state=state.value, ended=ended, why=why))


def root_of(db: Connection, run: RunId) -> tuple[RunId, AgentId] | None:
    """The run from whose budget a run spends, and its agent; None where it is not known."""
    mine = select(RUN.c.root).where(RUN.c.id == run).scalar_subquery()
    row = db.execute(select(RUN.c.id, RUN.c.agent).where(RUN.c.id == mine)).one_or_none()
    return None if row is None else (RunId(row.id), AgentId(row.agent))


def runs(db: Connection, *, agent: AgentId | None = None, most: int = 100) -> Sequence[Run]:
    """The latest runs, of one agent or all, latest first."""
    query = RUNS if agent is None else RUNS.where(RUN.c.agent == agent)
    return [_run(row) for row in db.execute(query.order_by(RUN.c.began.desc(), RUN.c.id).limit(most))]


def run(db: Connection, of: RunId) -> Run | None:
    """One run, and where it stands."""
    row = db.execute(RUNS.where(RUN.c.id == of)).one_or_none()
    return None if row is None else _run(row)


def _run(row: Any) -> Run:
    return Run(
        id=RunId(row.id),
        agent=AgentId(row.agent),
        owner=Pseudonym(row.owner),
        version=row.version,
        cause=Cause(CauseKind(row.cause_kind), row.cause_ref),
        state=RunState(row.state),
        began=moment(row.began),
        ended=None if row.ended is None else moment(row.ended),
        spent=MicroUsd(row.spent or 0),
        spent_is_floor=bool(row.floor),
        parent=None if row.parent is None else RunId(row.parent),
        why=row.why,
    )
