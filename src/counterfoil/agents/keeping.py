"""What every part of the gate keeps to: one log, one database, one line to the server, one clock."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection

from counterfoil.agents.canary import one_in
from counterfoil.agents.lifeline import Lifeline
from counterfoil.agents.recorder import Recorder
from counterfoil.guard.acting.judge import Rules
from counterfoil.ledger.sign import SignerKey
from counterfoil.store.agents import granted, told
from counterfoil.store.agents.database import Database, generation_in
from counterfoil.terms.agent import AgentId, Ceiling
from counterfoil.terms.effect import Call
from counterfoil.terms.error import StoreError
from counterfoil.terms.ids import Pseudonym

LOG = "log"
BEHIND = timedelta(minutes=5)
"""How far the clock may fall behind what is recorded, as clocks that are set do."""
EVERYTHING = "everything"
AGAIN = "again"
"""What holds has changed while a call was judged."""


@dataclass(frozen=True, slots=True)
class Known:
    """What holds now, in memory: no call waits for the database to be told that it is switched off."""

    generation: str
    version: int
    """Of what the server says."""
    ceilings: Sequence[Ceiling]
    stops: frozenset[str]
    agents: Mapping[AgentId, granted.Enrolled]
    rules: Rules
    over: Mapping[Pseudonym, Sequence[Ceiling]] = field(default_factory=dict)
    """The ceilings over each owner's agents, where they are not all of them."""

    def is_stopped(self, call: Call) -> bool:
        """Whether a switch is off for a call."""
        switches = (f"agent:{call.agent}", f"owner:{call.owner}", f"connector:{call.tool.connector}")
        return bool(self.stops) and not self.stops.isdisjoint((EVERYTHING, *switches))

    def may_say_yes(self, who: Pseudonym, owner: Pseudonym) -> bool:
        """Whether somebody may say yes where it has to be somebody else: every ceiling names them."""
        above = self.above(owner)
        return who != owner and bool(above) and all(who in one.approvers for one in above)

    def one_in(self, owner: Pseudonym | None = None) -> int:
        """Of how many questions one may be planted: about an owner's agents, or of any; 0 where none may."""
        return one_in(self.ceilings[:1] if owner is None else self.above(owner))

    def above(self, owner: Pseudonym) -> Sequence[Ceiling]:
        """The ceilings over the agents of an owner."""
        return self.over.get(owner, self.ceilings)


def utc_now() -> datetime:
    """The moment, as this machine's clock has it."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Keeping:
    """The agents' own log and database, and what holds now."""

    folder: Path
    key: SignerKey
    database: Database
    lifeline: Lifeline
    clock: Callable[[], datetime] = utc_now
    recorder: Recorder = field(init=False)
    _latest: datetime = field(init=False)
    _known: Known | None = field(init=False, default=None)
    _lock: Lock = field(init=False, default_factory=Lock)

    def __post_init__(self) -> None:
        """Open the log.

        Raises: LedgerBroken and StoreError as for `Recorder`.
        """
        log = self.folder / LOG
        log.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.recorder = Recorder(log, self.key, self.database)
        with self.database.read() as db:
            self._latest = told.latest(db)

    def close(self) -> None:
        """Let go of log and database."""
        self.recorder.close()
        self.database.close()

    def now(self) -> datetime:
        """The moment, never before the last one that was asked for.

        Raises: StoreError where the clock went back by more than clocks do.
        """
        read = self.clock()
        with self._lock:
            if read < self._latest - BEHIND:
                hint = "set the clock right; what was done since is recorded, so time can't go back"
                raise StoreError(
                    "clock-back", f"the clock is behind {self._latest:%Y-%m-%d %H:%M}", hint=hint
                )
            self._latest = max(self._latest, read)
            return self._latest

    def today(self) -> date:
        """The day in UTC.

        Raises: StoreError as for `now`.
        """
        return self.now().date()

    def known(self) -> Known:
        """What holds now; the database is only asked where something was written since.

        Raises: StoreError where it can't be asked.
        """
        generation, version = self.database.generation(), self.lifeline.version
        known = self._known
        if known is None or known.generation != generation or known.version != version:
            known = self._known = self._read(version)
        return known

    def latest_known(self) -> Known:
        """What held when it was last asked: good for whatever `still` is asked about before it is done.

        Raises: StoreError as for `known`.
        """
        return self._known or self.known()

    def still(self, known: Known, db: Connection) -> bool:
        """Whether what a call was judged by holds yet, in the transaction that lets it through."""
        live = self.lifeline.live and self.lifeline.version == known.version
        return live and generation_in(db) == known.generation

    def record(self, work: Callable[..., Any], *words: Any, **more: Any) -> Any:
        """Record some work.

        Raises: StoreError where it can't be made durable.
        """
        return self.recorder.record(partial(work, *words, **more))

    def _read(self, version: int) -> Known:
        ceilings, stops = tuple(self.lifeline.ceilings), frozenset(self.lifeline.stops)
        with self.database.read() as db:
            # First: what is read after it can only be newer, and then this generation is soon no longer it.
            generation = generation_in(db)
            own = {stop.what for stop in granted.stops(db)}
            agents, grants = granted.enrolled(db), granted.grants(db)
        over = {one.owner: tuple(self.lifeline.ceilings_of(one.owner)) for one in agents.values()}
        rules = Rules(ceilings, grants, {agent: over[one.owner] for agent, one in agents.items()})
        return Known(generation, version, ceilings, stops | own, agents, rules, over)
