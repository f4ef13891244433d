"""A life with a tracker behind MCP, that owners connected, and agents that do what their turns say."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agents.runtime.lived import ANNA, CEILING, Life, life
from counterfoil.agents.accounts import Accounts
from counterfoil.agents.connectors.kinds import kinds_in
from counterfoil.agents.connectors.mcp.connector import Mcp
from counterfoil.agents.secrets import Secrets
from counterfoil.terms.effect import Run, RunState
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.tool import ConnectorId, EffectClass

TICKETS = ConnectorId("tickets")
RULES = replace(
    CEILING,
    connectors={**CEILING.connectors, TICKETS: tuple(EffectClass)},
    inside=(*CEILING.inside, "project:*"),
)
TOOLS = """
[servers.tickets.tools.read]
effect = "read"
secrecy = "internal"
typed = ["id"]
why = "Anybody can have written in a ticket."
arguments = { id = "typed" }
[servers.tickets.tools.comment]
effect = "post"
secrecy = "internal"
why = "Others read a comment."
arguments = { project = "destination:project", text = "text" }
[servers.tickets.tools.create]
effect = "post"
output = "typed"
secrecy = "internal"
why = "Others read a ticket; the answer is its id."
arguments = { project = "destination:project", text = "text" }
errors = "nothing"
key = "request_id"
look = { tool = "find", found = "tickets.*.request_id" }
[servers.tickets.tools.find]
effect = "read"
secrecy = "internal"
why = "Anybody can have written in a ticket."
[servers.tickets.tools.wipe]
effect = "delete"
why = "It takes everything away, whatever its server says."
arguments = { project = "destination:project" }
[servers.tickets.tools.draw]
effect = "read"
secrecy = "internal"
why = "Anybody can have written in a ticket."
[servers.tickets.tools.seen]
effect = "read"
output = "typed"
secrecy = "internal"
why = "Names of variables."
"""
ALL = ("read", "comment", "create", "wipe", "draw", "seen", "surprise")


@dataclass
class Tracker:
    """A life with a tracker that owners connected, and what it did."""

    life: Life
    accounts: Accounts
    deeds: Sequence[Mapping[str, Any]] = ()
    journal: Path | None = None
    agents: int = field(default=0)

    @property
    def done(self) -> list[Mapping[str, Any]]:
        if self.journal is None:
            return list(self.deeds)
        return (
            [json.loads(line) for line in self.journal.read_text().splitlines()]
            if self.journal.exists()
            else []
        )

    def connect(self, owner: Pseudonym, token: str) -> Mcp:
        self.accounts.connect(owner, "tickets", {"token": token})
        system = self.accounts.system(owner, TICKETS)
        assert isinstance(system, Mcp)
        system.rest = 0.1
        return system

    def agent(self, *turns: str, owner: Pseudonym = ANNA) -> str:
        """An agent with every tool, that does what its turns say."""
        self.agents += 1
        name = f"agent{self.agents}"
        self.life.script("".join(f"[[turn]]\n{turn}\n" for turn in (*turns, 'say = "Done."')), name)
        to = '["project:OPS"]'
        grants = "".join(f'[[grants]]\ntool = "tickets/{tool}"\nto = {to}\n' for tool in ALL)
        self.life.agent(name=name, model=f"scripted:{name}@local", grants=grants, owner=owner)
        return name

    def run(self, *turns: str, owner: Pseudonym = ANNA, say: str = "Go to OPS.") -> Run:
        """The run of such an agent, once it waits or has ended."""
        run = self.life.run(say, self.agent(*turns, owner=owner), owner)
        ended = {state for state in RunState if state not in {RunState.QUEUED, RunState.RUNNING}}
        return self.life.until(run, *ended)

    def clauses(self, run: Run) -> list[str]:
        return [step.clause for step in self.life.steps(run.id) if step.tool.startswith("tickets/")]


def call(tool: str, **arguments: Any) -> str:
    inner = ", ".join(f"{name} = {json.dumps(value)}" for name, value in arguments.items())
    return f'call = "tickets/{tool}"\narguments = {{ {inner} }}'


@contextmanager
def tracker(folder: Path, server: str) -> Iterator[Tracker]:
    with life(folder, ceiling=RULES) as world:
        (folder / "servers.toml").write_text(
            f'[servers.tickets]\n{server}\nsecret = "TICKETS_TOKEN"\n{TOOLS}'
        )
        accounts = Accounts(Secrets(folder, world.gate.keeping.database), folder, kinds_in(folder))
        world.systems.others = accounts
        try:
            yield Tracker(world, accounts)
        finally:
            accounts.close()
