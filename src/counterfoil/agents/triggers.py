"""What sets agents off: schedules, mail, webhooks, mentions and people, each as who they are and for what."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from counterfoil.agents.definition.cron import last_due
from counterfoil.agents.definition.load import still_made
from counterfoil.agents.definition.written import Definition, TriggerTable
from counterfoil.agents.runtime.begun import Order
from counterfoil.agents.runtime.runner import CONSOLIDATES
from counterfoil.agents.runtime.runs import Runs
from counterfoil.store.agents import notes, recorded
from counterfoil.terms.agent import AgentId, Cause, CauseKind, RunId
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.label import OWNERS, Integrity, Label, Secrecy
from counterfoil.terms.release import Refuse

NO_TRIGGER = Refuse("no-trigger", "Nothing of this kind sets this agent off.")
NOT_THE_OWNER = Refuse("not-the-owner", "Only its owner sets this agent off.")
CAUSES = {"mail": CauseKind.MAIL, "webhook": CauseKind.ALERT, "mention": CauseKind.MENTION}
MOST_TOLD = 100_000
"""Characters of what set a run off; a longer mail is read with a tool."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that came from outside."""

    on: str
    """`mail`, `webhook` or `mention`."""
    name: str
    """The folder, the webhook's name, or the channel."""
    ref: str
    """What its system calls it; the same event comes once."""
    said: str
    """What is in it, as whoever wrote it wrote it."""
    by: Pseudonym | None = None
    """For a mention: who wrote it, as the system's own directory says."""


@dataclass(frozen=True, slots=True)
class Triggers:
    """Begins runs when something sets an agent off. An owner who left sets nothing off any more."""

    runs: Runs

    def by_hand(self, agent: AgentId, who: Pseudonym, said: str, *, ref: str = "") -> RunId | Refuse:
        """The owner says what to do now.

        Raises: StoreError where it can't be kept.
        """
        made = self._made(agent)
        if made is None or not any(trigger.on == "hand" for trigger in made.triggers):
            return NO_TRIGGER
        if who != self.runs.owner_of(agent):
            return NOT_THE_OWNER
        cause = Cause(CauseKind.REQUEST, ref or f"by-hand-{self.runs.name()}")
        return self.runs.begin(Order(agent=agent, owner=who, cause=cause, set_off="hand", said=said))

    def came(self, agent: AgentId, event: Event) -> RunId | Refuse:
        """Something came from outside: the same event begins one run, and nobody's words in it are orders.

        What its owner wrote in a mention are their words. A mention by somebody else sets off only what says
        `from_others`, and is then text like any other.
        Raises: StoreError where it can't be kept.
        """
        made, owner = self._made(agent), self._owner(agent)
        if made is None or owner is None or not any(_meant(one, event) for one in made.triggers):
            return NO_TRIGGER
        label = Label(Integrity.UNTRUSTED, Secrecy.PRIVATE, frozenset({f"{event.on}:{event.ref}"}))
        if event.on == "mention":
            if event.by == owner:
                label = OWNERS
            elif not any(one.from_others for one in made.triggers if _meant(one, event)):
                return NOT_THE_OWNER
        order = Order(
            agent=agent,
            owner=owner,
            cause=Cause(CAUSES[event.on], event.ref),
            set_off=event.on,
            said=event.said[:MOST_TOLD],
            label=label,
        )
        return self.runs.begin(order, run=_once(agent, event.on, event.ref))

    def tick(self) -> list[RunId]:
        """Begin what is due by a schedule: once, however many processes look, whatever the clock does.

        Raises: StoreError where it can't be kept.
        """
        keeping = self.runs.world.gate.keeping
        now, begun = keeping.now(), list[RunId]()
        for agent in keeping.known().agents:
            made = self._made(agent)
            for name, cron, zone in _schedules(made) if made is not None else ():
                before = self._before(agent, name, now)
                at = last_due(cron, zone, before, now)
                owner = self._owner(agent)
                if at is None or owner is None:
                    continue
                cause = Cause(CauseKind.SCHEDULE, f"{at:%Y-%m-%dT%H:%MZ}")
                set_off = CONSOLIDATES if name == CONSOLIDATES else "schedule"
                order = Order(agent=agent, owner=owner, cause=cause, set_off=set_off)
                # First the run, whose name is that of the moment: after a crash it is the same one.
                run = self.runs.begin(order, run=_once(agent, name, cause.ref))
                with keeping.database.write() as db:
                    moved = notes.fire(db, agent, name, at, before)
                if moved and not isinstance(run, Refuse):
                    begun.append(run)
        return begun

    def _before(self, agent: AgentId, name: str, now: datetime) -> datetime:
        """Up to when a schedule was looked at; one that is new begins now, not with what it missed."""
        with self.runs.world.gate.keeping.database.write() as db:
            if (before := notes.fired(db, agent, name)) is None:
                notes.fire(db, agent, name, now, None)
        return before or now

    def _owner(self, agent: AgentId) -> Pseudonym | None:
        """Whose an agent is; nobody's while its owner is not there, or all that is theirs is switched off."""
        owner = self.runs.owner_of(agent)
        return None if f"owner:{owner}" in self.runs.world.gate.keeping.known().stops else owner

    def _made(self, agent: AgentId) -> Definition | None:
        with self.runs.world.gate.keeping.database.read() as db:
            version = recorded.latest(db, agent)
        return None if version is None else still_made(version.text)


def _schedules(made: Definition) -> Iterator[tuple[str, str, str]]:
    """Each schedule with a name that it keeps for as long as it stays the same."""
    for trigger in made.triggers:
        if trigger.on == "schedule":
            yield f"{trigger.cron} {trigger.zone}", trigger.cron, trigger.zone
    if made.consolidate:
        yield CONSOLIDATES, made.consolidate, made.zone


def _meant(trigger: TriggerTable, event: Event) -> bool:
    return trigger.on == event.on and trigger.name in {"", event.name}


def _once(agent: AgentId, what: str, ref: str) -> RunId:
    """The one run that something begins."""
    return RunId(f"{agent}-{sha256(f'{agent} {what} {ref}'.encode()).hexdigest()[:16]}")
