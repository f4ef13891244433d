"""A run in hand: what it was told, what it has seen, how far it came; after a crash it is the same again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from counterfoil.agents.connectors.connector import Connector
from counterfoil.agents.definition.written import Definition
from counterfoil.agents.own_tools import ASK, COMPLETE, MEMORY
from counterfoil.agents.runtime.engine import Journal
from counterfoil.agents.runtime.world import World
from counterfoil.agents.taint.trace import Trace
from counterfoil.guard.acting.written import MODEL
from counterfoil.store.agents import recorded
from counterfoil.store.agents.recorded import Did
from counterfoil.terms.agent import AgentId
from counterfoil.terms.effect import Call, Run
from counterfoil.terms.label import OWNERS, Part
from counterfoil.terms.tool import Argument, ArgumentRole, ConnectorId, Tool

MOST_ANSWER = 200_000
"""Characters of an answer that a model is shown; a mail of 30 MB would be all that it sees."""


@dataclass(slots=True, kw_only=True)
class Hand:
    """What one run holds while it is under way; nothing of it outlives the run but what the journal has."""

    world: World
    journal: Journal
    run: Run
    definition: Definition
    set_off: str
    trace: Trace
    above: tuple[AgentId, ...]
    """Agents that delegated to this one, nearest first: it may do nothing that one of them may not."""
    depth: int
    only: frozenset[ConnectorId] | None = None
    """Where it tidies its notes: nothing else."""
    place: int = 0
    calls: int = 0
    asked: int = 0
    delegated: int = 0
    seconds: float = 0.0
    open: dict[str, int] = field(default_factory=dict)
    """Calls that wait for a person, by what the model calls them, with their number."""

    def connectors(self) -> Mapping[ConnectorId, Connector]:
        """The systems that it can reach now; a revoked credential is felt at the next call."""
        found = self.world.systems.of(self.run.agent, self.run.owner)
        return found if self.only is None else {key: one for key, one in found.items() if key in self.only}

    def tools(self) -> Mapping[str, Tool]:
        """What it may ask for now: tools that are granted, and its own."""
        granted = {grant.tool for grant in self.definition.grants}
        # No other system is asked what it has: it may be slow to say.
        systems = {tool.partition("/")[0] for tool in granted}
        found = {
            tool.id: tool
            for id, connector in self.connectors().items()
            if id in systems
            for tool in connector.tools.values()
            if tool.id in granted
        }
        if self.definition.memory:
            found |= {tool.id: tool for tool in MEMORY.values()}
        if self.definition.delegates and self.only is None:
            found[ASK.id] = ASK
        return found

    def next_place(self) -> int:
        """The place of the next step in the run's record."""
        self.place += 1
        return self.place

    def call(self, tool: Tool, number: int, values: Mapping[str, Any]) -> Call:
        """A call with the labels of everything in it."""
        return Call(
            run=self.run.id,
            number=number,
            agent=self.run.agent,
            owner=self.run.owner,
            tool=tool,
            arguments=self.trace.arguments(tool, values),
            cause=self.run.cause,
            run_label=self.trace.label,
        )

    def question(self) -> Call:
        """A question to its model, whose place its owner named in the definition."""
        model = self.definition.model
        argument = Argument(
            name="model",
            role=ArgumentRole.DESTINATION,
            kind=MODEL,
            json=json.dumps(model),
            parts=(Part(model, OWNERS),),
        )
        return replace(self.call(COMPLETE, 0, {}), arguments=(argument,))

    def allowed(self, limit: int) -> int:
        """A limit, once more each time that a person let the run go on."""
        with self.world.gate.keeping.database.read() as db:
            begun = recorded.begun(db, self.run.id)
        return limit * (1 + (begun.resumed if begun else 0))

    def record(self, did: Did) -> None:
        """Keep a step in the run's record."""
        with self.world.gate.keeping.database.write() as db:
            recorded.record(db, did)


def shown(value: Any) -> Any:
    """An answer as a model is shown it: plain JSON, and not without end."""
    text = json.dumps(value, default=str)
    if len(text) <= MOST_ANSWER:
        return json.loads(text)
    return {"cut": text[:MOST_ANSWER], "why": f"only the first {MOST_ANSWER} of {len(text)} characters"}
