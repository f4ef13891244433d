"""Keeps what people were asked about a call, and what they said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from counterfoil.store.address import POSTGRESQL
from counterfoil.store.agents.ready import Ready
from counterfoil.store.agents.shape import APPROVAL, micros, moment
from counterfoil.terms.agent import AgentId, RunId
from counterfoil.terms.effect import Approval, ApprovalState, Approver
from counterfoil.terms.ids import Pseudonym

LIVE = frozenset({ApprovalState.OPEN, ApprovalState.APPROVED})
KEPT = ("id", "run", "number", "agent", "owner", "tool", "digest", "tool_digest", "policy", "clause", "why")
OF_KEY = select(APPROVAL).where(APPROVAL.c.key == bindparam("k"))
STATE_OF = Ready(select(APPROVAL.c.state).where(APPROVAL.c.key == bindparam("k")))
BY_ID = select(APPROVAL).where(APPROVAL.c.id == bindparam("i"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a person is asked, with the call that it is about."""

    approval: Approval
    asked_digest: str
    """Of the call as the agent wanted it; another one than the approval's where a person changed it."""
    call: bytes
    """The call that would be made, as it is written down; nothing once the matter is closed."""
    opened: bool = False
    """Whether somebody looked at its card."""


def put(db: Connection, asked: Asked) -> bool:
    """Ask about a call; False where it was asked about before, since each call is asked about once."""
    one = asked.approval
    row = {
        **{name: getattr(one, name) for name in KEPT},
        "key": f"{one.run}:{one.number}",
        "asked_digest": asked.asked_digest,
        "needs": one.needs.value,
        "asked": micros(one.asked),
        "expires": micros(one.expires),
        "state": one.state.value,
        "canary": one.canary,
        "call": asked.call,
    }
    dialect = postgresql if db.dialect.name == POSTGRESQL else sqlite
    insert = dialect.insert(APPROVAL).on_conflict_do_nothing(index_elements=["key"]).returning(APPROVAL.c.id)
    return db.execute(insert, row).first() is not None


def of_key(db: Connection, key: str) -> Asked | None:
    """What was asked about a call, and how it stands or ended."""
    if not STATE_OF.rows(db, {"k": key}):
        return None
    row = db.execute(OF_KEY, {"k": key}).one_or_none()
    return None if row is None else _asked(row)


def state_of(db: Connection, key: str) -> ApprovalState | None:
    """How what was asked about a call stands; None where nobody was asked."""
    found = STATE_OF.rows(db, {"k": key})
    return ApprovalState(found[0][0]) if found else None


def by_id(db: Connection, approval: str) -> Asked | None:
    """One matter."""
    row = db.execute(BY_ID, {"i": approval}).one_or_none()
    return None if row is None else _asked(row)


def in_state(db: Connection, state: ApprovalState, owner: Pseudonym | None = None) -> Sequence[Asked]:
    """Every matter in a state, of one owner or all, oldest first."""
    query = select(APPROVAL).where(APPROVAL.c.state == state.value).order_by(APPROVAL.c.asked, APPROVAL.c.id)
    if owner is not None:
        query = query.where(APPROVAL.c.owner == owner)
    return [_asked(row) for row in db.execute(query)]


def planted(db: Connection) -> Sequence[Approval]:
    """Every planted matter that is open."""
    query = select(APPROVAL).where(APPROVAL.c.state == ApprovalState.OPEN.value, APPROVAL.c.canary)
    return [_asked(row).approval for row in db.execute(query)]


def asked_since(db: Connection, at: datetime | None) -> int:
    """How many real questions there were after a moment; ever, where none is named."""
    query = select(func.count()).where(~APPROVAL.c.canary)
    if at is not None:
        query = query.where(APPROVAL.c.asked > micros(at))
    return int(db.execute(query).scalar_one())


def opened(db: Connection, approval: str) -> None:
    """Somebody looks at its card."""
    db.execute(update(APPROVAL).where(APPROVAL.c.id == approval).values(opened=True))


def decide(
    db: Connection, approval: str, state: ApprovalState, *, by: Pseudonym, at: datetime, reason: str = ""
) -> bool:
    """Say yes or no to what is still open and not too late; False where it is not."""
    still = (
        APPROVAL.c.id == approval,
        APPROVAL.c.state == ApprovalState.OPEN.value,
        APPROVAL.c.expires > micros(at),
    )
    said: dict[str, Any] = {"state": state.value, "by": by, "decided": micros(at), "reason": reason}
    if state not in LIVE:
        said["call"] = None
    return db.execute(update(APPROVAL).where(*still).values(**said)).rowcount > 0


def change(db: Connection, approval: str, *, digest: str, call: bytes) -> bool:
    """Let an open matter be about another call; False where it is not open."""
    still = (APPROVAL.c.id == approval, APPROVAL.c.state == ApprovalState.OPEN.value)
    values = {"digest": digest, "call": call, "edited": True}
    return db.execute(update(APPROVAL).where(*still).values(**values)).rowcount > 0


def close(db: Connection, approval: str, old: ApprovalState, new: ApprovalState, at: datetime | None) -> bool:
    """Close a matter that is in an old state, and, with a moment, not too late; False where it is not."""
    still = [APPROVAL.c.id == approval, APPROVAL.c.state == old.value]
    if at is not None:
        still.append(APPROVAL.c.expires > micros(at))
    closed = update(APPROVAL).where(*still).values(state=new.value, call=None)
    return db.execute(closed).rowcount > 0


def expire(db: Connection, at: datetime) -> int:
    """Close what nobody answered in time, and yeses that nobody used in time; how many.

    Of a planted matter that is over nothing is kept.
    """
    late = (APPROVAL.c.state.in_([one.value for one in LIVE]), APPROVAL.c.expires <= micros(at))
    db.execute(APPROVAL.delete().where(*late, APPROVAL.c.canary))
    closed = update(APPROVAL).where(*late)
    gone = closed.values(state=ApprovalState.EXPIRED.value, call=None)
    return int(db.execute(gone).rowcount)


def withdraw(db: Connection, **whose: str) -> int:
    """Close every live matter of a run, agent, owner or connector; of everything where none is named.

    Of a planted one nothing is kept.
    """
    chosen = (
        APPROVAL.c.tool.startswith(f"{value}/", autoescape=True)
        if name == "connector"
        else APPROVAL.c[name] == value
        for name, value in whose.items()
    )
    live = (APPROVAL.c.state.in_([one.value for one in LIVE]), *chosen)
    db.execute(APPROVAL.delete().where(*live, APPROVAL.c.canary))
    closed = update(APPROVAL).where(*live).values(state=ApprovalState.WITHDRAWN.value, call=None)
    return int(db.execute(closed).rowcount)


def forget(db: Connection, approval: str) -> None:
    """Keep nothing of a planted matter: how one person answered it is nobody's affair."""
    db.execute(APPROVAL.delete().where(APPROVAL.c.id == approval, APPROVAL.c.canary))


def deciders(db: Connection, since: datetime, until: datetime) -> int:
    """How many people said yes or no in a span."""
    within = (APPROVAL.c.decided >= micros(since), APPROVAL.c.decided < micros(until))
    return int(db.execute(select(func.count(APPROVAL.c.by.distinct())).where(*within)).scalar_one())


def _asked(row: Any) -> Asked:
    approval = Approval(
        id=row.id,
        run=RunId(row.run),
        number=row.number,
        agent=AgentId(row.agent),
        owner=Pseudonym(row.owner),
        tool=row.tool,
        digest=row.digest,
        tool_digest=row.tool_digest,
        policy=row.policy,
        clause=row.clause,
        why=row.why,
        needs=Approver(row.needs),
        asked=moment(row.asked),
        expires=moment(row.expires),
        state=ApprovalState(row.state),
        by=None if row.by is None else Pseudonym(row.by),
        decided=None if row.decided is None else moment(row.decided),
        reason=row.reason,
        edited=row.edited,
        canary=row.canary,
    )
    return Asked(approval=approval, asked_digest=row.asked_digest, call=row.call or b"", opened=row.opened)
