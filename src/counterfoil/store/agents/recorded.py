"""Keeps definitions by version, what a run was told, and every step that it made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from counterfoil.store.address import POSTGRESQL
from counterfoil.store.agents.labelled import label_of, written
from counterfoil.store.agents.run_tables import BEGUN, DID, VERSION
from counterfoil.store.agents.shape import RUN, micros, moment
from counterfoil.terms.agent import AgentId, RunId
from counterfoil.terms.effect import RunState
from counterfoil.terms.ids import MicroUsd, Pseudonym
from counterfoil.terms.label import Label

NOTHING = MicroUsd(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A definition as it stood once; a run that began under it ends under it."""

    agent: AgentId
    number: int
    digest: str
    owner: Pseudonym
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What a run was told when it began."""

    run: RunId
    set_off: str
    """The trigger, as `agents/*.toml` names it, or `agent`."""
    said: str
    """What was said to it, besides its definition."""
    label: Label
    """Of that."""
    depth: int = 0
    resumed: int = 0
    """How often a person let it go on."""
    ended_with: str = ""
    """The agent's last words, shown as such."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Did:
    """One step of a run."""

    run: RunId
    place: int
    kind: str
    """`model`, `call` or `agent`."""
    number: int
    tool: str
    verdict: str
    """`permit`, `hold` or `refuse`."""
    clause: str
    why: str
    label: Label
    """Of everything that the run had seen by then."""
    call: bytes | None
    """The call with its labels, to be judged again."""
    effect: str = ""
    spent: MicroUsd = NOTHING
    floor: bool = False
    read: int = 0
    """Tokens that the model was shown."""
    written: int = 0
    at: datetime


def keep_version(db: Connection, version: Version) -> int:
    """Keep a definition; the number of the version that it is, which stays where nothing changed."""
    last = latest(db, version.agent)
    if last is not None and (last.digest, last.owner) == (version.digest, version.owner):
        return last.number
    number = 1 if last is None else last.number + 1
    row = {name: getattr(version, name) for name in ("agent", "digest", "owner", "text")}
    insert = _dialect(db).insert(VERSION).values(row | {"number": number, "at": micros(version.at)})
    done = db.execute(insert.on_conflict_do_nothing(index_elements=["agent", "number"])).rowcount
    # Somebody else kept one at this moment; what they kept is looked at first.
    return number if done else keep_version(db, version)


def latest(db: Connection, agent: AgentId) -> Version | None:
    """The version that new runs have."""
    mine = select(VERSION).where(VERSION.c.agent == agent).order_by(VERSION.c.number.desc()).limit(1)
    row = db.execute(mine).one_or_none()
    return None if row is None else _version(row._mapping)


def version(db: Connection, agent: AgentId, number: int) -> Version | None:
    """One version, whatever came after it."""
    mine = select(VERSION).where(VERSION.c.agent == agent, VERSION.c.number == number)
    row = db.execute(mine).one_or_none()
    return None if row is None else _version(row._mapping)


def in_state(db: Connection, *states: RunState) -> Sequence[RunId]:
    """Runs that stand somewhere, oldest first."""
    rows = db.execute(
        select(RUN.c.id).where(RUN.c.state.in_([s.value for s in states])).order_by(RUN.c.began)
    )
    return [RunId(row.id) for row in rows]


def below(db: Connection, run: RunId, *states: RunState) -> Sequence[RunId]:
    """Runs that a run delegated to and that stand somewhere."""
    mine = (RUN.c.parent == run, RUN.c.state.in_([state.value for state in states]))
    return [RunId(row.id) for row in db.execute(select(RUN.c.id).where(*mine).order_by(RUN.c.began))]


def begin(db: Connection, begun: Begun) -> bool:
    """Keep what a run was told; False where it was told before."""
    row = {
        name: getattr(begun, name) for name in ("run", "set_off", "said", "depth", "resumed", "ended_with")
    }
    insert = _dialect(db).insert(BEGUN).values(row | {"label": written(begun.label)})
    return bool(db.execute(insert.on_conflict_do_nothing(index_elements=["run"])).rowcount)


def begun(db: Connection, run: RunId) -> Begun | None:
    """What a run was told."""
    row = db.execute(select(BEGUN).where(BEGUN.c.run == run)).one_or_none()
    return None if row is None else Begun(**{**row._mapping, "label": label_of(row.label)})


def resume(db: Connection, run: RunId) -> None:
    """A person let it go on once more."""
    db.execute(update(BEGUN).where(BEGUN.c.run == run).values(resumed=BEGUN.c.resumed + 1))


def say_last(db: Connection, run: RunId, words: str) -> None:
    """Keep what the agent said at last."""
    db.execute(update(BEGUN).where(BEGUN.c.run == run).values(ended_with=words))


def record(db: Connection, did: Did) -> None:
    """Keep a step; told again after a crash, it is the same one."""
    names = [name for name in Did.__slots__ if name not in {"label", "at"}]
    row = {name: getattr(did, name) for name in names} | {"label": written(did.label), "at": micros(did.at)}
    insert = _dialect(db).insert(DID).values(row)
    rest = {name: value for name, value in row.items() if name not in {"run", "place"}}
    db.execute(insert.on_conflict_do_update(index_elements=["run", "place"], set_=rest))


STEPS = select(DID).where(DID.c.run == bindparam("of")).order_by(DID.c.place)


def steps(db: Connection, run: RunId) -> Sequence[Did]:
    """Every step of a run, in its order."""
    rows = db.execute(STEPS, {"of": run})
    return [Did(**{**row._mapping, "label": label_of(row.label), "at": moment(row.at)}) for row in rows]


def held(db: Connection, run: RunId) -> Sequence[int]:
    """The numbers of calls that wait for a person."""
    mine = select(DID.c.number, DID.c.verdict).where(DID.c.run == run, DID.c.kind != "model")
    last = {row.number: row.verdict for row in db.execute(mine.order_by(DID.c.place))}
    return [number for number, verdict in last.items() if verdict == "hold"]


def _version(row: Any) -> Version:
    return Version(**{**row, "at": moment(row["at"])})


def _dialect(db: Connection) -> Any:
    return postgresql if db.dialect.name == POSTGRESQL else sqlite
