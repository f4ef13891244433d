"""Plants a canary among real questions, where the organisation decided so: rarely, and by chance."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from random import Random, SystemRandom

from sqlalchemy import Connection

from counterfoil.agents.canary import APART, MOST_OPEN, altered
from counterfoil.agents.gate import Gate
from counterfoil.agents.keeping import Known
from counterfoil.agents.to_tell import may_answer
from counterfoil.agents.written import call_of
from counterfoil.store.agents import approvals, notes
from counterfoil.store.agents.approvals import Asked
from counterfoil.terms.agent import AgentId, RunId
from counterfoil.terms.effect import ApprovalState, Call, Hold
from counterfoil.terms.ids import Pseudonym

MARK = AgentId(":planted")
"""Under which it is kept when somebody was last asked one, and nothing of what they said."""
ANYBODY = ""
CHANCE = 1 / 1_800
"""Of one look, once it is due: within an hour or so, so that no time of day tells which question it is."""


@dataclass(slots=True)
class Planting:
    """Looks whether it is time for one."""

    gate: Gate
    random: Random = field(default_factory=SystemRandom)
    chance: float = CHANCE

    def sweep(self) -> int:
        """Take back what nobody decided on any more, and plant one where it is time; how many were planted.

        Raises: StoreError where the database can't be used.
        """
        if not self.gate.keeping.lifeline.live:
            return 0
        known = self.gate.keeping.known()
        self._take_back(known)
        if self.random.random() >= self.chance:
            return 0
        self.gate.keeping.record(_forget_old, self.gate.keeping.now() - APART)
        with self.gate.keeping.database.read() as db:
            asked = approvals.in_state(db, ApprovalState.OPEN)
        real = [one for one in asked if not one.approval.canary and known.one_in(one.approval.owner)]
        if not real:
            return 0
        among = self.random.choice(real)
        found = self._wrong(among)
        if found is None:
            return 0
        due = partial(self._is_due, known, among)
        return int(self.gate.approvals.plant(*found, due=due) is not None)

    def _wrong(self, among: Asked) -> tuple[Call, Hold] | None:
        """A call like one that waits, plainly wrong, that the gate would ask the same people about."""
        ways = list(altered(call_of(among.call)))
        self.random.shuffle(ways)
        for way in ways:
            call = replace(way, run=RunId(f"canary-{secrets.token_hex(8)}"))
            answer = self.gate.judge(call)
            if isinstance(answer, Hold) and answer.needs is among.approval.needs:
                return call, answer
        return None

    def _is_due(self, known: Known, among: Asked, db: Connection) -> bool:
        """Whether one may be planted now, and for whom; in its transaction, so that it is so once."""
        now, whom = self.gate.keeping.now(), may_answer(known, among.approval)
        marks = notes.all_fired(db, MARK)
        last = marks.get(ANYBODY)
        if approvals.asked_since(db, last) < known.one_in(among.approval.owner):
            return False
        if not whom or not marks.keys().isdisjoint(whom) or self._busiest(known, whom, db) > MOST_OPEN:
            return False
        # The first word has whoever moves the last one on: of two processes, one.
        return notes.fire(db, MARK, ANYBODY, now, last) and all(
            notes.fire(db, MARK, who, now, None) for who in whom
        )

    def _busiest(self, known: Known, whom: Sequence[Pseudonym], db: Connection) -> int:
        """The most questions that wait for one of some people."""
        waits = [may_answer(known, one.approval) for one in approvals.in_state(db, ApprovalState.OPEN)]
        return max(sum(who in some for some in waits) for who in whom)

    def _take_back(self, known: Known) -> None:
        """Ask none that the organisation no longer wants, or that somebody may answer who had one lately."""
        with self.gate.keeping.database.read() as db:
            planted = approvals.planted(db)
            marks = notes.all_fired(db, MARK) if planted else {}
        for one in planted:
            if not known.one_in(one.owner) or not marks.keys() >= set(may_answer(known, one)):
                self.gate.keeping.record(_forgotten, one.id)


def _forget_old(before: datetime, db: Connection, entry: int) -> None:
    """Keep of nobody that they were asked one once they may be asked another."""
    for who, at in notes.all_fired(db, MARK).items():
        if who != ANYBODY and at <= before:
            notes.unfire(db, MARK, who)


def _forgotten(approval: str, db: Connection, entry: int) -> None:
    approvals.forget(db, approval)
