"""Looks what waits for whom, and tells each of them once: no argument of a call, and no way to say yes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

from counterfoil.agents.office import Office
from counterfoil.agents.shown import ToTell
from counterfoil.app.door.limit import Limit
from counterfoil.app.server.agents.asking import OPERATOR
from counterfoil.app.server.agents.talk import Talk
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.notices.outgoing import Outgoing, Unsent
from counterfoil.app.server.pages_approvals import approval_at
from counterfoil.guard.directory.addresses import addresses
from counterfoil.guard.guarded import Guarded
from counterfoil.show.words import when
from counterfoil.terms.error import CounterfoilError
from counterfoil.terms.ids import Pseudonym

KEPT = "agents-told"
"""What people were told of, by the name of the approval; it goes once nobody is asked any more."""
EVERY_SECONDS = 5.0
AN_HOUR = 6
"""Messages to one person; what is more is one message together, when it is time again."""
REST_SECONDS = 60.0
"""How long a mail server that does not answer is left alone."""
SENT, UNSENT = "counterfoil_notices_sent_total", "counterfoil_notices_unsent_total"
CLOSING = (
    "You answer there, once you are signed in, and nowhere else: no answer to this message counts,\n"
    "and nobody who has the link can say yes with it. No answer is a no.\n"
)


def hourly() -> Limit:
    """How often one person is told something."""
    return Limit(burst=AN_HOUR, per_second=AN_HOUR / 3_600)


@dataclass(slots=True)
class Telling:
    """Tells people what waits for them."""

    desk: Desk
    talk: Talk
    outgoing: Outgoing
    address: str
    """Where people reach this server."""
    limit: Limit = field(default_factory=hourly)
    _waits: dict[Pseudonym, dict[str, ToTell]] = field(default_factory=dict)
    _ends: Event = field(default_factory=Event)

    def run(self, every: float = EVERY_SECONDS) -> None:
        """Go on until it is ended."""
        wait = every
        while not self._ends.wait(wait):
            wait = every
            try:
                self.once()
            except Unsent as error:
                self.desk.counters.count(UNSENT, why=error.code)
                wait = REST_SECONDS
            except CounterfoilError as error:
                # The agents' process is away, or the keys: what waits, waits.
                self.desk.counters.count(UNSENT, why=error.code)

    def end(self) -> None:
        """Tell nobody anything more."""
        self._ends.set()

    def once(self) -> None:
        """Look once, and tell whoever was not told.

        Raises: AgentsAway where the agents' process is not there; Unsent where the mail server took nothing;
        StoreError where it can't be remembered.
        """
        asked = {one.approval: one for one in self.talk.ask(Office.to_tell, OPERATOR)}
        before = self.desk.aside.lake.registry.all_kept(KEPT)
        if asked.keys() != before.keys():
            with self.desk.hold() as g:
                # Remembered first: whoever is not told looks at the page, and nobody is told twice.
                self._remember(g, asked, before)
        for who in list(self._waits):
            self._waits[who] = {name: one for name, one in self._waits[who].items() if name in asked}
            if not self._waits[who]:
                del self._waits[who]
        if self._waits:
            with self.desk.hold() as g:
                known = addresses(g, self._waits.keys())
            for who in list(self._waits):
                if not self.limit.wait(who):
                    # Whoever can't be reached is tried last the next time, and holds nobody up.
                    self._waits[who] = waits = self._waits.pop(who)
                    self._tell(known.get(who), waits)
                    del self._waits[who]

    def _remember(self, g: Guarded, asked: Mapping[str, ToTell], before: Mapping[str, bytes]) -> None:
        with g.lake.registry.change() as change:
            for name in before.keys() - asked.keys():
                change.forget(KEPT, name)
            for name in asked.keys() - before.keys():
                change.keep(KEPT, name, b"")
        for name in asked.keys() - before.keys():
            for who in _whom(g, asked[name]):
                self._waits.setdefault(who, {})[name] = asked[name]

    def _tell(self, to: str | None, waits: Mapping[str, ToTell]) -> None:
        if to is None:
            self.desk.counters.count(UNSENT, len(waits), why="no-address")
            return
        self.outgoing.send(to, *message(list(waits.values()), self.address))
        self.desk.counters.count(SENT)


def message(waits: Sequence[ToTell], address: str) -> tuple[str, str]:
    """Subject and text for somebody for whom calls wait: which agent, which tool, and where to look."""
    if len(waits) == 1:
        (one,) = waits
        subject = f"{one.agent} waits for your yes"
        text = (
            f"The agent {one.agent} wants to use {one.tool}, and may not without your yes.\n"
            f"It waits until {when(one.expires)}. What exactly it wants to do is here:\n\n"
            f"{approval_at(address, one.approval)}\n\n"
        )
        return subject, text + CLOSING
    subject = f"{len(waits)} calls of agents wait for your yes"
    lines = [f"- {one.agent}: {one.tool}, until {when(one.expires)}" for one in waits[:50]]
    more = [f"- and {len(waits) - 50} more"] if len(waits) > 50 else []
    listed = "\n".join([*lines, *more])
    return subject, f"{subject}:\n\n{listed}\n\n{address}/approvals\n\n{CLOSING}"


def _whom(g: Guarded, one: ToTell) -> Sequence[Pseudonym]:
    """Whom to tell: whoever may answer, and of several those whom the agent's owner named."""
    if not one.named:
        return one.whom
    named = set(g.keys.known(one.named))
    return [who for who in one.whom if who in named] or one.whom


@contextmanager
def told(
    desk: Desk, talk: Talk, outgoing: Outgoing | None, address: Callable[[], str]
) -> Iterator[Telling | None]:
    """Tell people, for as long as the server lives; nobody where no mail server was set up."""
    if outgoing is None:
        yield None
        return
    telling = Telling(desk, talk, outgoing, outgoing.told.address.rstrip("/") or address())
    talk.tells = True
    thread = Thread(target=telling.run, name="notices", daemon=True)
    thread.start()
    try:
        yield telling
    finally:
        telling.end()
        thread.join()
