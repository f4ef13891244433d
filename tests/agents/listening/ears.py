"""A world in which agents run, with systems that it listens to, and a door for what is delivered."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agents.runtime.lived import ANNA, BORIS, Life, life
from counterfoil.agents.accounts import Accounts
from counterfoil.agents.connectors.kinds import KINDS
from counterfoil.agents.listening.door import Door
from counterfoil.agents.listening.listening import Listening
from counterfoil.agents.secrets import Secrets
from counterfoil.store.agents import listened, recorded
from counterfoil.store.agents.listened import Ear
from counterfoil.store.agents.recorded import Begun
from counterfoil.terms.agent import AgentId
from counterfoil.terms.effect import RunState
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.tool import ConnectorId

SEEN = '[[turn]]\nsay = "Seen."\n'
NAMES = {"slack:U0ANNA": ANNA, "slack:U0BORIS": BORIS}


@dataclass
class Systems:
    """Systems of one owner."""

    systems: dict[str, Any] = field(default_factory=dict)

    def of(self, agent: AgentId, owner: Pseudonym) -> Mapping[ConnectorId, Any]:
        return {ConnectorId(name): system for name, system in self.systems.items()} if owner == ANNA else {}


@dataclass
class Ears:
    """All that."""

    life: Life
    accounts: Accounts
    systems: Systems = field(default_factory=Systems)
    ticks: float = 0.0
    listening: Listening = field(init=False)
    door: Door = field(init=False)

    def __post_init__(self) -> None:
        self.again()

    def again(self) -> None:
        """Another process listens from now on."""
        triggers = self.life.triggers
        self.listening = Listening(triggers, self.systems, self.known, every=1.0, ticks=lambda: self.ticks)
        self.door = Door(triggers, self.accounts, self.listening.wake)
        self.listening.subscribed = self.door.subscribed

    def known(self, identities: Sequence[str]) -> Sequence[Pseudonym]:
        return [NAMES.get(one, Pseudonym("")) for one in identities]

    def look(self, seconds: float = 1.0) -> list[Begun]:
        """Look once, a while later; everything that was set off so far, once it ended."""
        self.ticks += seconds
        self.listening.look_once()
        return self.begun()

    def begun(self) -> list[Begun]:
        with self.life.gate.keeping.database.read() as db:
            runs = recorded.in_state(db, *RunState)
            found = [recorded.begun(db, run) for run in runs]
        for run in runs:
            self.life.until(run)
        return [one for one in found if one is not None]

    def troubles(self) -> list[str]:
        with self.life.gate.keeping.database.read() as db:
            return [one.says for one in listened.troubles(db, ANNA)]

    def waits(self, connector: str, place: str) -> int:
        with self.life.gate.keeping.database.read() as db:
            return len(listened.waiting(db, Ear(ANNA, ConnectorId(connector), place)))


@contextmanager
def ears(folder: Path, trigger: str, **systems: Any) -> Iterator[Ears]:
    """An agent of Anna's with a trigger, and her systems."""
    with life(folder) as world:
        accounts = Accounts(Secrets(folder, world.gate.keeping.database), folder, KINDS)
        made = Ears(world, accounts, Systems(systems))
        world.script(SEEN)
        world.agent(trigger)
        yield made
        made.listening.close()
