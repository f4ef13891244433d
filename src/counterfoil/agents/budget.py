"""Money: reserved before a model is asked, booked whatever comes of it, and never more than there is."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from counterfoil.agents.keeping import Keeping, Known
from counterfoil.guard.acting.written import MODEL
from counterfoil.store.agents import approvals
from counterfoil.store.agents import spending as kept
from counterfoil.store.agents.shape import micros
from counterfoil.store.agents.spending import Spent
from counterfoil.terms.agent import AgentId, Budget, RunId
from counterfoil.terms.effect import Call, Run, RunState
from counterfoil.terms.ids import MicroUsd
from counterfoil.terms.release import Refuse

ENDED = frozenset(RunState) - {RunState.QUEUED, RunState.RUNNING, RunState.WAITING}
NEGATIVE = Refuse("no-such-sum", "Nothing costs less than nothing.")
SAYS = {"run": "This run", "day": "This day", "month": "This month"}


@dataclass(frozen=True, slots=True)
class Reservation:
    """Money that is put aside for one call of a model."""

    id: str
    most: MicroUsd


@dataclass(frozen=True, slots=True)
class Spending:
    """What runs may spend and did. Delegates spend from the run that delegated."""

    keeping: Keeping

    def begin_run(self, run: Run) -> Run | Refuse:
        """Let a run begin; one that was delegated is its parent's, whose budget it has.

        Raises: StoreError where it can't be recorded.
        """

        def work(db: Connection, entry: int) -> Any:
            root = run.id
            if run.parent is not None:
                found = kept.root_of(db, run.parent)
                if found is None:
                    return Refuse("no-such-run", "The run that it was delegated by is not known.")
                root = found[0]
            return run if kept.begin_run(db, run, root) else Refuse("run-known", "This run is known already.")

        begun: Run | Refuse = self.keeping.recorder.record(work)
        return begun

    def change_run(self, run: RunId, state: RunState, *, why: str = "") -> None:
        """Say where a run stands; what it still asks is taken back when it ends.

        Raises: StoreError where it can't be recorded.
        """
        ended = micros(self.keeping.now()) if state in ENDED else None

        def work(db: Connection, entry: int) -> None:
            kept.change_run(db, run, state, ended=ended, why=why)
            if ended is not None:
                approvals.withdraw(db, run=run)

        self.keeping.recorder.record(work)

    def runs(self, agent: AgentId | None = None, *, most: int = 100) -> Sequence[Run]:
        """The latest runs.

        Raises: StoreError where the database can't be asked.
        """
        with self.keeping.database.read() as db:
            return kept.runs(db, agent=agent, most=most)

    def reserve(self, run: RunId, agent: AgentId, most: MicroUsd | None) -> Reservation | Refuse:
        """Put money aside for the most that a call can cost; None where the model has no price.

        Raises: StoreError where it can't be recorded.
        """
        if most is not None and most < 0:
            return NEGATIVE
        known = self.keeping.known()
        one = Reservation(secrets.token_hex(8), MicroUsd(0) if most is None else most)

        def work(db: Connection, entry: int) -> Reservation | Refuse:
            caps = self._caps(db, run, agent, known)
            over = kept.reserve(db, one.id, self.keeping.recorder.holder, caps, one.most)
            return _over(over) if over else one

        reserved: Reservation | Refuse = self.keeping.recorder.record(work)
        return reserved

    def book(self, reservation: Reservation, spent: MicroUsd | None) -> None:
        """Book what was spent; with None, nobody knows, and the sum is at least what is booked.

        Raises: StoreError where it can't be recorded.
        """

        def work(db: Connection, entry: int) -> bool:
            sure = reservation.most if spent is None else spent
            return kept.book(db, reservation.id, MicroUsd(max(0, sure)), floor=spent is None)

        self.keeping.recorder.record(work)

    def spent(self, run: RunId, agent: AgentId) -> Mapping[str, Spent]:
        """What was spent, by scope: the run, and the day and month of its agent.

        Raises: StoreError where the database can't be asked.
        """
        known = self.keeping.known()
        with self.keeping.database.read() as db:
            return kept.spent(db, list(self._caps(db, run, agent, known)))

    def is_left(self, call: Call, known: Known) -> bool:
        """Whether anything is left to ask a model with; whatever else an agent does costs nothing here.

        Raises: StoreError where the database can't be asked.
        """
        if call.tool.connector != MODEL or call.agent not in known.agents:
            return True
        with self.keeping.database.look() as db:
            caps = self._caps(db, call.run, call.agent, known)
            spent = kept.spent(db, list(caps))
        return all(one.spent + one.reserved < caps[scope] for scope, one in spent.items())

    def settle_left_over(self) -> None:
        """Book in full what a process had put aside when it died: the model may have been asked.

        Raises: StoreError where it can't be recorded.
        """
        holder = self.keeping.recorder.holder

        def work(db: Connection, entry: int) -> None:
            for reservation, most in kept.left_over(db, holder):
                kept.book(db, reservation, most, floor=True)

        self.keeping.recorder.record(work)

    def _caps(self, db: Connection, run: RunId, agent: AgentId, known: Known) -> Mapping[str, MicroUsd]:
        """How much each scope may spend: the run that delegated, and days and months of both agents."""
        root, whose = kept.root_of(db, run) or (run, agent)
        now = self.keeping.now()
        caps: dict[str, MicroUsd] = {}
        for one in {agent, whose}:
            budget = budget_of(known, one)
            caps[f"day:{one}:{now:%Y-%m-%d}"] = budget.day
            caps[f"month:{one}:{now:%Y-%m}"] = budget.month
        caps[f"run:{root}"] = budget_of(known, whose).run
        return caps


def budget_of(known: Known, agent: AgentId) -> Budget:
    """What an agent may spend: the least that its owner and any ceiling say, each for itself."""
    enrolled = known.agents.get(agent)
    zero = MicroUsd(0)
    above = () if enrolled is None else known.above(enrolled.owner)
    if enrolled is None or not above:
        return Budget(run=zero, day=zero, month=zero)
    all_of = [enrolled.budget, *(ceiling.budget for ceiling in above)]
    return Budget(
        run=min(one.run for one in all_of),
        day=min(one.day for one in all_of),
        month=min(one.month for one in all_of),
    )


def _over(scope: str) -> Refuse:
    return Refuse("over-budget", f"{SAYS[scope.split(':', 1)[0]]} has nothing left to spend that would do.")
