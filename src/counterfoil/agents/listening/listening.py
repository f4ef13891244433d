"""Looks at accounts again and again, and lets what came set agents off: each thing once, whoever dies."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event as Signal
from threading import Thread

from counterfoil.agents.connectors.teams.connector import Teams
from counterfoil.agents.keeping import Keeping
from counterfoil.agents.listening.looking import Found, Subscribed, arrival, look
from counterfoil.agents.listening.wanted import wanted
from counterfoil.agents.runtime.world import Systems
from counterfoil.agents.triggers import Event, Triggers
from counterfoil.store.agents import listened
from counterfoil.store.agents.listened import Arrival, Ear
from counterfoil.terms.agent import AgentId
from counterfoil.terms.error import CounterfoilError, SourceError, StoreError
from counterfoil.terms.ids import Pseudonym

EVERY_SECONDS = 15.0
LONGEST_SECONDS = 900.0
"""Between two looks at an account that is broken: each time twice as long, up to this."""
AT_ONCE = 4
"""Accounts that are looked at at a time, so that one that hangs holds up no other."""
MOST_TROUBLE = 300
Names = Callable[[Sequence[str]], Sequence[Pseudonym]]
Wanted = Mapping[Ear, Sequence[AgentId]]


def nobody(identities: Sequence[str]) -> Sequence[Pseudonym]:
    """Nobody is known by any name."""
    return [Pseudonym("") for _ in identities]


def unreachable(ear: Ear) -> tuple[str, str]:
    """No system can tell us anything by itself."""
    return "", ""


@dataclass(slots=True)
class _Rest:
    """How long a broken account is left alone."""

    seconds: float
    until: float


@dataclass(slots=True)
class Listening:
    """One thread that keeps time, and a few that look."""

    triggers: Triggers
    systems: Systems
    names: Names = nobody
    """The pseudonyms of identities, as the server knows them; empty for whom it does not."""
    subscribed: Subscribed = unreachable
    every: float = EVERY_SECONDS
    ticks: Callable[[], float] = time.monotonic
    _rests: dict[Ear, _Rest] = field(default_factory=dict)
    _busy: dict[Ear, "Future[None]"] = field(default_factory=dict)
    _ends: Signal = field(default_factory=Signal)
    _woken: Signal = field(default_factory=Signal)
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(AT_ONCE, "listening"))
    _thread: Thread | None = None

    def start(self) -> None:
        """Listen from now on."""
        self._thread = Thread(target=self._work, name="listening", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no longer; what came and set nothing off so far is kept."""
        self._ends.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join()
        self._pool.shutdown(cancel_futures=True)

    def wake(self) -> None:
        """Look now: something came by itself."""
        self._woken.set()

    def look_once(self) -> None:
        """Look at everything that is due, and wait until that is done.

        Raises: StoreError where the database can't be used.
        """
        self._begin()
        wait(list(self._busy.values()))

    def _work(self) -> None:
        while not self._ends.is_set():
            # Where it can't be done now it is done with the next look; what is kept stays kept.
            with suppress(StoreError, SourceError):
                self._begin()
            self._woken.wait(self.every)
            self._woken.clear()

    def _begin(self) -> None:
        """Begin to look at what is due, but for what is looked at already."""
        for ear, done in list(self._busy.items()):
            if done.done():
                del self._busy[ear]
        if not self._keeping.lifeline.live or self._ends.is_set():
            return
        found, now = wanted(self._keeping, self.systems), self.ticks()
        for ear, agents in found.items():
            rest = self._rests.get(ear)
            if ear not in self._busy and (rest is None or rest.until <= now):
                self._busy[ear] = self._pool.submit(self._look, ear, agents)

    def _look(self, ear: Ear, agents: Sequence[AgentId]) -> None:
        try:
            system = self.systems.of(agents[0], ear.owner).get(ear.connector)
            if system is None:
                return
            # What a system told us by itself does not wait for what can't be asked of it.
            self._take(ear, agents, system)
            keeping, now = self._keeping, self._keeping.now()
            with keeping.database.read() as db:
                before = listened.cursor(db, ear)
            found: Found = look(system, ear, before, now, self.subscribed)
            with keeping.database.write() as db:
                first = listened.reached(db, ear, before, found.cursor, found.came, now)
                if first and found.passed_over:
                    listened.failed(db, ear, found.passed_over, now)
            self._take(ear, agents, system)
            self._rests.pop(ear, None)
        except CounterfoilError as error:
            self._failed(ear, f"{error.message} {error.hint}")
        except (OSError, LookupError, TypeError, ValueError, AttributeError) as error:
            self._failed(ear, f"It answered what nobody understands ({type(error).__name__}).")

    def _failed(self, ear: Ear, says: str) -> None:
        """Keep what is wrong, and leave the account alone for a while."""
        before = self._rests.get(ear)
        seconds = self.every if before is None else min(2 * before.seconds, LONGEST_SECONDS)
        self._rests[ear] = _Rest(seconds, self.ticks() + seconds)
        try:
            with self._keeping.database.write() as db:
                listened.failed(db, ear, says.strip()[:MOST_TROUBLE], self._keeping.now())
        except StoreError:
            # The database says so of itself.
            return

    def _take(self, ear: Ear, agents: Sequence[AgentId], system: object) -> None:
        """Let what came set off what it does, and forget it then."""
        with self._keeping.database.read() as db:
            waiting = listened.waiting(db, ear)
        for one in waiting:
            whole = self._whole(one, system)
            if whole is not None:
                event = Event(whole.on, whole.name, whole.ref, whole.said, by=self._by(ear, whole))
                for agent in agents:
                    self.triggers.came(agent, event)
            with self._keeping.database.write() as db:
                listened.taken(db, ear, one.ref)

    def _whole(self, one: Arrival, system: object) -> Arrival | None:
        """What is behind a name that a system told us; nothing where it means nobody here."""
        if one.on != "look":
            return one
        mention = system.mention(one.ref) if isinstance(system, Teams) else None
        return None if mention is None else arrival(mention)

    def _by(self, ear: Ear, one: Arrival) -> Pseudonym | None:
        """Who wrote a mention: whoever the directory knows by what the system calls them."""
        if one.on != "mention" or not one.who:
            return None
        known = self.names([f"{ear.connector}:{one.who}", one.who])
        return next((who for who in known if who), None)

    @property
    def _keeping(self) -> Keeping:
        return self.triggers.runs.world.gate.keeping
