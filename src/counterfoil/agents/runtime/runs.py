"""Runs as the rest of the house has them: keep definitions, begin, wake, stop, resume, look after."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from counterfoil.agents.definition.derived import agent_of, budget_of, digest_of, grants_of
from counterfoil.agents.definition.load import definition_of
from counterfoil.agents.runtime.begun import Order, enter
from counterfoil.agents.runtime.ending import RESUMABLE
from counterfoil.agents.runtime.engine import Carried, Engine
from counterfoil.agents.runtime.runner import DECIDED
from counterfoil.agents.runtime.world import World
from counterfoil.store.agents import approvals, recorded, spending
from counterfoil.store.agents.granted import Enrolled
from counterfoil.store.agents.recorded import Version
from counterfoil.terms.agent import AgentId, RunId
from counterfoil.terms.effect import ApprovalState, RunState
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.release import Permit, Refuse

NO_AGENT = Refuse("unknown-agent", "Nobody enrolled this agent, or it was taken away.")
NO_RUN = Refuse("no-such-run", "There is no run of that name.")
NOT_RESUMABLE = Refuse("not-resumable", "It is under way, or it came to its end.")
OVER = Refuse("not-under-way", "It is over already.")
LOOKS, BETWEEN = 40, 0.05
UNDER_WAY = (RunState.QUEUED, RunState.RUNNING, RunState.WAITING)


@dataclass(frozen=True, slots=True)
class Runs:
    """Everything about runs that is asked from outside them."""

    world: World
    engine: Engine
    name: Callable[[], str] = lambda: secrets.token_hex(8)

    def keep(self, text: str, owner: Pseudonym) -> Version | Refuse:
        """Keep a definition that was checked: a changed one is a new version, and its grants hold at once.

        What is under way goes on as it was told; what it may do is what is granted now.
        Raises: SourceError where it is no definition; StoreError where it can't be kept.
        """
        made, gate = definition_of(text), self.world.gate
        agent = agent_of(made)
        systems = {grant.tool.partition("/")[0] for grant in made.grants}
        tools = {
            tool.id: tool
            for id, connector in self.world.systems.of(agent, owner).items()
            if id in systems
            for tool in connector.tools.values()
        }
        enrolled = gate.enrolment.enrol(
            Enrolled(id=agent, owner=owner, budget=budget_of(made)),
            grants_of(made, tools, self._models_in_use(agent)),
        )
        if isinstance(enrolled, Refuse):
            return enrolled
        version = Version(
            agent=agent, number=0, digest=digest_of(made), owner=owner, text=text, at=gate.keeping.now()
        )
        with gate.keeping.database.write() as db:
            number = recorded.keep_version(db, version)
            return recorded.version(db, agent, number) or version

    def begin(self, order: Order, *, run: RunId | None = None) -> RunId | Refuse:
        """Begin a run of the newest version; with a name of its own, it is begun once.

        Raises: StoreError where it can't be kept.
        """
        gate = self.world.gate
        enrolled = gate.keeping.known().agents.get(order.agent)
        if enrolled is None or enrolled.owner != order.owner:
            return NO_AGENT
        with gate.keeping.database.read() as db:
            version = recorded.latest(db, order.agent)
        if version is None:
            return NO_AGENT
        named = run or RunId(f"{order.agent}-{self.name()}")
        refused = enter(gate, order, named, version.number)
        if refused is not None:
            return refused
        self.engine.begin(named)
        return named

    def decided(self, run: RunId) -> None:
        """Somebody said yes or no to something that a run asked: let it look.

        What came in by the gateway, or was proposed by no run, is none of ours, and asks again by itself.
        """
        if self.engine.carried(run) is Carried.UNDER_WAY:
            self.engine.tell(run, DECIDED)

    def stop(self, run: RunId, why: str = "Somebody stopped it.") -> Permit | Refuse:
        """Let a run go no step further. A switch does the same to all that it names, and stays off.

        Raises: StoreError where that can't be kept.
        """
        with self.world.gate.keeping.database.read() as db:
            kept = spending.run(db, run)
        if kept is not None and kept.state not in UNDER_WAY:
            return OVER
        self.engine.cancel(run)
        # Whatever waits for a person looks, and sees that it is stopped.
        self.engine.tell(run, DECIDED)
        with self.world.gate.keeping.database.read() as db:
            below = recorded.below(db, run, *UNDER_WAY)
        for one in below:
            self.stop(one, why)
        self.world.gate.spending.change_run(run, RunState.STOPPED, why=why)
        return Permit("stopped")

    def resume(self, run: RunId) -> Permit | Refuse:
        """Let a run go on at the step that ended it; its limits hold once more from there.

        Raises: StoreError where that can't be kept.
        """
        with self.world.gate.keeping.database.read() as db:
            kept = spending.run(db, run)
        if kept is None:
            return NO_RUN
        if kept.state not in RESUMABLE or not self._has_ended(run):
            return NOT_RESUMABLE
        with self.world.gate.keeping.database.read() as db:
            below = recorded.below(db, run, RunState.STOPPED)
        for one in below:
            self.resume(one)
        with self.world.gate.keeping.database.write() as db:
            recorded.resume(db, run)
        self.world.gate.spending.change_run(run, RunState.QUEUED)
        self.engine.take_up(run)
        self.engine.tell(run, DECIDED)
        return Permit("resumed")

    def _models_in_use(self, agent: AgentId) -> list[str]:
        """Models of the versions that runs of an agent are under way with."""
        with self.world.gate.keeping.database.read() as db:
            open_runs = [spending.run(db, run) for run in recorded.in_state(db, *UNDER_WAY)]
            versions = {run.version for run in open_runs if run is not None and run.agent == agent}
            kept = [recorded.version(db, agent, number) for number in sorted(versions)]
        return [definition_of(version.text).model for version in kept if version is not None]

    def _has_ended(self, run: RunId) -> bool:
        """Whether the engine is through with a run; we know of its end a moment before the engine does."""
        for _ in range(LOOKS):
            if self.engine.carried(run) is not Carried.UNDER_WAY:
                return True
            time.sleep(BETWEEN)
        return False

    def look_after(self) -> None:
        """Set right what a crash left between us and the engine, and wake whatever waits.

        Raises: StoreError where that can't be kept.
        """
        gate = self.world.gate
        gate.approvals.sweep()
        with gate.keeping.database.read() as db:
            open_runs = [spending.run(db, run) for run in recorded.in_state(db, *UNDER_WAY)]
        for run in open_runs:
            if run is None:
                continue
            match self.engine.carried(run.id):
                case Carried.UNKNOWN if run.parent is None:
                    self.engine.begin(run.id)
                case Carried.BROKEN:
                    why = "It broke off, and does not go on by itself."
                    gate.spending.change_run(run.id, RunState.FAILED, why=why)
                case Carried.UNDER_WAY if run.state is RunState.WAITING and self._is_answered(run.id):
                    self.engine.tell(run.id, DECIDED)

    def _is_answered(self, run: RunId) -> bool:
        """Whether anything that a run waits for was answered: to wake it for nothing costs a round."""
        with self.world.gate.keeping.database.read() as db:
            states = [approvals.state_of(db, f"{run}:{number}") for number in recorded.held(db, run)]
        return any(state is not ApprovalState.OPEN for state in states)

    def owner_of(self, agent: AgentId) -> Pseudonym | None:
        """Whose agent it is; nobody's once they left."""
        enrolled = self.world.gate.keeping.known().agents.get(agent)
        return None if enrolled is None else enrolled.owner
