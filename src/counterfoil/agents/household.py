"""What lives in the agents' process: its gate with log and database, its office, and what it hands on."""

import base64
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import msgspec

from counterfoil.agents.accounts import Accounts, Kind
from counterfoil.agents.answering import answer
from counterfoil.agents.attempt import Attempt
from counterfoil.agents.connectors.connector import Connector
from counterfoil.agents.following import Following
from counterfoil.agents.gate import Gate
from counterfoil.agents.hearing import Hearing
from counterfoil.agents.keeping import Keeping
from counterfoil.agents.leaving import Leaving
from counterfoil.agents.living import NO_RUNS, NOT_YET, Living, NoRuns
from counterfoil.agents.needless_told import NeedlessTold
from counterfoil.agents.office import Office
from counterfoil.agents.outbox import Outbox
from counterfoil.agents.planting import Planting
from counterfoil.agents.process import Process
from counterfoil.agents.secrets import Secrets
from counterfoil.agents.watching import Watching
from counterfoil.agents.wire import Asked
from counterfoil.ledger.sign import SignerKey
from counterfoil.store.agents.database import Database
from counterfoil.terms.agent import AgentId
from counterfoil.terms.error import StoreError
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.release import Refuse
from counterfoil.terms.tool import ConnectorId

KEY = "log.key"
EVERY_SECONDS = 2.0
"""How often it is looked what there is to hand on."""
WAIT_SECONDS = 0.1
Lives = Callable[["Household"], Living]
"""Makes what carries runs out, over the gate and the outbox of a household."""


@dataclass(slots=True)
class Household:
    """The gate and everything beside it."""

    folder: Path
    hearing: Hearing
    outbox: Outbox
    lives: Lives | None = None
    kinds: Mapping[str, Kind] | None = None
    """Kinds of accounts that can be connected; without any, agents come to systems by the gateway alone."""
    gate: Gate = field(init=False)
    office: Office = field(init=False)
    accounts: Accounts = field(init=False)
    following: Following = field(init=False)
    watching: Watching = field(init=False)
    needless: NeedlessTold = field(init=False)
    leaving: Leaving = field(init=False)
    planting: Planting = field(init=False)
    _ends: Event = field(init=False, default_factory=Event)
    _thread: Thread | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Open log and database; what a dead process left behind is unconfirmed from here on.

        Raises: LedgerBroken and StoreError as for a gate.
        """
        keeping = Keeping(self.folder, signer(self.folder), Database.of(self.folder), self.hearing)
        self.gate = Gate(keeping)
        vault = Secrets(self.folder, keeping.database)
        self.accounts = Accounts(vault, self.folder, self.kinds or {})
        self.following = Following(self.gate, self.connected, self.outbox)
        self.watching = Watching(self.gate, self.connected)
        self.needless = NeedlessTold(keeping, self.outbox)
        self.leaving = Leaving(self.gate, self.accounts, self.hearing)
        self.planting = Planting(self.gate)
        living = NoRuns(NO_RUNS if self.lives is None else NOT_YET)
        self.office = Office(
            gate=self.gate,
            hearing=self.hearing,
            outbox=self.outbox,
            living=living,
            systems=self.accounts,
        )

    def answer(self, asked: Asked) -> msgspec.Raw:
        """What somebody asks of the office."""
        return answer(self.office, asked)

    def connected(self, agent: AgentId, connector: ConnectorId) -> Connector | None:
        """The system of an agent's owner; none where it is not connected, or nobody has that agent."""
        found = self.gate.keeping.known().agents.get(agent)
        return None if found is None else self.accounts.system(found.owner, connector)

    def owners(self) -> Sequence[Pseudonym]:
        """Who has agents here, or accounts."""
        having = {agent.owner for agent in self.gate.keeping.known().agents.values()}
        return sorted(having.union(self.accounts.owners()))

    def start(self, process: Process) -> None:
        """Hand on, and follow, from now on; runs go on once the server was heard."""
        self.office.link = process.link
        self._thread = Thread(target=self._work, name="following", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let go of everything; what is under way is taken up by the next process."""
        self._ends.set()
        if self._thread is not None:
            self._thread.join()
        self.office.living.close()
        self.accounts.close()
        self.gate.close()

    def names(self, identities: Sequence[str]) -> Sequence[Pseudonym]:
        """The pseudonym of each identity, as the server knows them.

        Raises: StoreError where the server can't say.
        """
        if self.office.link is None:
            hint = "start the server: counterfoil serve --data DIR"
            raise StoreError("server-away", "there is no link to the server so far", hint=hint)
        return self.office.link.pseudonyms(identities)

    @property
    def is_at_work(self) -> bool:
        """Whether runs are carried out by now."""
        return not isinstance(self.office.living, NoRuns)

    def _work(self) -> None:
        # A run that went on before that would be refused whatever it wants, and end.
        while self.lives is not None and not self.hearing.live:
            if self._ends.wait(WAIT_SECONDS):
                return
        living: Living | None = None
        while self.lives is not None and not self.is_at_work:
            with Attempt() as attempt:
                living = living or self.lives(self)
                living.start()
                self.office.living = living
            if attempt.error is not None:
                self.office.living = NoRuns(Refuse(NOT_YET.clause, f"No run is carried out: {attempt.why}"))
                if self._ends.wait(EVERY_SECONDS):
                    if living is not None:
                        living.close()
                    return
        while not self._ends.wait(EVERY_SECONDS):
            self.work_once()

    def work_once(self) -> None:
        """Sweep what nobody answered, look at what was made and who left, hand on, plant; or later.

        Whatever goes wrong in one of them is tried again, and keeps none of the others from its turn.
        """
        looked = (self.gate.approvals, self.following, self.watching, self.needless, self.leaving)
        for part in (*looked, self.planting):
            with Attempt():
                part.sweep()


def signer(folder: Path) -> SignerKey:
    """The key of the agents' own log, made where it is missing.

    Raises: StoreError where it is damaged, or can't be written.
    """
    path = folder / KEY
    try:
        if not path.exists():
            new = SignerKey.new(f"counterfoil.local/acted-{secrets.token_hex(4)}")
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(f"{new.name}\n{base64.b64encode(new.raw).decode()}\n")
                file.flush()
                os.fsync(file.fileno())
        name, encoded = path.read_text("utf-8").split("\n")[:2]
        return SignerKey.of(name, base64.b64decode(encoded, validate=True))
    except (OSError, ValueError) as error:
        hint = "restore it from a copy; without it the log of agents can't go on"
        raise StoreError("no-key", f"{path} holds no key", hint=hint) from error
