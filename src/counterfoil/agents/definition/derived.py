"""What follows from a definition: grants pinned to the tools of today, its budget, and its version's hash."""

from collections.abc import Iterable, Mapping
from hashlib import sha256

import msgspec

from counterfoil.agents.definition.written import Definition
from counterfoil.agents.own_tools import ASK, COMPLETE, MEMORY
from counterfoil.terms.agent import AgentId, Budget, Grant
from counterfoil.terms.ids import MicroUsd
from counterfoil.terms.tool import Tool


def digest_of(made: Definition) -> str:
    """By which two definitions are the same, however they are written."""
    return sha256(msgspec.json.encode(made, order="deterministic")).hexdigest()


def agent_of(made: Definition) -> AgentId:
    """Its name in rules and records."""
    return AgentId(made.name)


def budget_of(made: Definition) -> Budget:
    """The most that it may spend; the ceiling may say less."""
    written = made.budget
    return Budget(run=micro(written.run_usd), day=micro(written.day_usd), month=micro(written.month_usd))


def micro(usd: float) -> MicroUsd:
    """Dollars as millionths, rounded down: a budget is never larger than what was written."""
    return MicroUsd(int(usd * 1_000_000 + 1e-6))


def grants_of(made: Definition, tools: Mapping[str, Tool], models: Iterable[str] = ()) -> tuple[Grant, ...]:
    """What the owner grants, each pinned to what the server says of the tool today.

    What is not there can't be pinned, and so is not granted. `models` are those of earlier versions whose
    runs are under way: they end under the version that they began with.
    """
    agent = agent_of(made)
    asked = [(grant.tool, grant.to, grant.until) for grant in made.grants]
    asked.append((COMPLETE.id, tuple(f"model:{name}" for name in dict.fromkeys([made.model, *models])), None))
    if made.delegates:
        asked.append((ASK.id, tuple(f"agent:{name}" for name in made.delegates), None))
    if made.memory:
        asked += [(tool.id, (), None) for tool in MEMORY.values()]
    own = {tool.id: tool for tool in (COMPLETE, ASK, *MEMORY.values())}
    return tuple(
        Grant(agent=agent, tool=tool, digest=found.digest, to=to, until=until)
        for tool, to, until in asked
        if (found := own.get(tool) or tools.get(tool)) is not None
    )


def place_of(made: Definition) -> tuple[str, str, str]:
    """Provider, name and region of its model."""
    whole, _, region = made.model.rpartition("@")
    provider, _, name = whole.partition(":")
    return provider, name, region
