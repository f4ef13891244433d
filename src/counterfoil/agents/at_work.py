"""Runs, definitions and notes as the office asks for them, carried out by the runtime."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread

from pydantic_ai.models import Model

from counterfoil.agents.attempt import Attempt
from counterfoil.agents.card import comes_from
from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.definition.written import Definition
from counterfoil.agents.household import Household
from counterfoil.agents.listening.door import Door
from counterfoil.agents.listening.listening import Listening
from counterfoil.agents.memory import Notebook
from counterfoil.agents.own_tools import ASK, MEMORY
from counterfoil.agents.providers import Providers
from counterfoil.agents.replay import Judged, replayed
from counterfoil.agents.runtime.durable import DbosEngine
from counterfoil.agents.runtime.models import Places, model_of
from counterfoil.agents.runtime.runner import Runner
from counterfoil.agents.runtime.runs import Runs
from counterfoil.agents.runtime.world import Systems, World
from counterfoil.agents.shown import (
    Hook,
    HookAnswer,
    NoteShown,
    Order,
    StepShown,
    TroubleShown,
    WebhookShown,
)
from counterfoil.agents.triggers import Triggers
from counterfoil.agents.written import call_of
from counterfoil.guard.acting.judge import destinations
from counterfoil.store.agents import listened, recorded
from counterfoil.store.agents.database import Database
from counterfoil.store.agents.journal import journal_of
from counterfoil.store.agents.notes import Note
from counterfoil.terms.agent import AgentId, RunId
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.release import Permit, Refuse
from counterfoil.terms.tool import Tool

TICK_SECONDS = 5.0
"""How often schedules, and what waits too long, are looked at."""


@dataclass(slots=True)
class AtWork:
    """The runtime, as what a household lives by."""

    runs: Runs
    triggers: Triggers
    listening: Listening
    door: Door
    _ends: Event
    _thread: Thread | None = None

    @classmethod
    def over(
        cls,
        household: Household,
        systems: Systems,
        *,
        places: Places | None = None,
        scripts: Path | None = None,
    ) -> "AtWork":
        """Open the runtime over a household: whatever was under way goes on.

        Raises: StoreError where its database can't be used; SourceError where its providers can't be taken.
        """
        folder, found = household.folder, places or Providers.of(household.folder)

        def model(made: Definition) -> Model:
            return model_of(made.model, found, scripts=scripts or folder)

        world = World(gate=household.gate, systems=systems, outbox=household.outbox, model=model)
        engine = DbosEngine(
            journal_of(folder), Runner(world), executor=household.gate.keeping.recorder.holder
        )
        runs = Runs(world, engine)
        triggers = Triggers(runs)
        listening = Listening(triggers, systems, household.names)
        door = Door(triggers, household.accounts, listening.wake)
        listening.subscribed = door.subscribed
        return cls(runs, triggers, listening, door, Event())

    def start(self) -> None:
        """Look after runs, and begin what is due, from now on.

        Raises: StoreError where that can't be kept.
        """
        self.runs.look_after()
        self._thread = Thread(target=self._work, name="schedules", daemon=True)
        self._thread.start()
        self.listening.start()

    def close(self) -> None:
        """Stop carrying; what is under way goes on with the next process."""
        self._ends.set()
        self.listening.close()
        if self._thread is not None:
            self._thread.join()
        self.runs.engine.close()

    def _work(self) -> None:
        while not self._ends.wait(TICK_SECONDS):
            # Whatever goes wrong is tried again; what is due stays due.
            for look in (self.runs.look_after, self.triggers.tick):
                with Attempt():
                    look()

    def definition(self, agent: AgentId, version: int | None = None) -> tuple[int, str] | None:
        """A version, or the newest one, with its text."""
        with self._database.read() as db:
            found = recorded.latest(db, agent) if version is None else recorded.version(db, agent, version)
        return None if found is None else (found.number, found.text)

    def keep(self, text: str, owner: Pseudonym) -> tuple[AgentId, int] | Refuse:
        """Keep a definition: a changed one is a new version."""
        kept = self.runs.keep(text, owner)
        return kept if isinstance(kept, Refuse) else (kept.agent, kept.number)

    def begin(self, order: Order) -> RunId | Refuse:
        """Begin a run by hand."""
        return self.triggers.by_hand(order.agent, order.owner, order.said)

    def decided(self, run: RunId) -> None:
        """Let a run look at what a person said."""
        self.runs.decided(run)

    def stop(self, run: RunId, why: str) -> Permit | Refuse:
        """Let a run go no step further."""
        return self.runs.stop(run, why)

    def resume(self, run: RunId) -> Permit | Refuse:
        """Let a run go on where it ended."""
        return self.runs.resume(run)

    def steps(self, run: RunId) -> Sequence[StepShown]:
        """Every step of a run."""
        with self._database.read() as db:
            did = recorded.steps(db, run)
        return [
            StepShown(
                number=one.number,
                kind=one.kind,
                tool=one.tool,
                verdict=one.verdict,
                clause=one.clause,
                why=one.why,
                label=comes_from(one.label),
                spent=one.spent,
                effect=one.effect,
                to=() if one.call is None else [name for name, _ in destinations(call_of(one.call))],
            )
            for one in did
        ]

    def replay(self, run: RunId) -> Sequence[str]:
        """What of a run would be judged otherwise today, in words; nothing is done."""
        keeping = self.runs.world.gate.keeping
        return [_judged(one) for one in replayed(keeping, run) if one.differs]

    def said(self, run: RunId) -> str:
        """The last words of a run."""
        with self._database.read() as db:
            begun = recorded.begun(db, run)
        return "" if begun is None else begun.ended_with

    def notes(self, agent: AgentId, *, aside: bool = False) -> Sequence[NoteShown]:
        """What an agent noted down, or what of it was put aside."""
        return [_note(note, aside=aside) for note in self._notebook(agent).all(gone=aside)]

    def write_note(self, agent: AgentId, name: str, text: str) -> None:
        """Its owner writes or changes a note.

        Raises: SourceError where it has no name, or is too large.
        """
        try:
            self._notebook(agent).change(name, text)
        except NotDone as error:
            raise SourceError(error.code, error.message, hint=error.hint) from error

    def bring_back_note(self, agent: AgentId, name: str) -> bool:
        """Bring back a note that was put aside; it is as foreign as it was."""
        return self._notebook(agent).bring_back(name)

    def erase_note(self, agent: AgentId, name: str) -> bool:
        """Let nothing be left of a note."""
        return self._notebook(agent).erase(name)

    def tool(self, agent: AgentId, owner: Pseudonym, tool: str) -> Tool | None:
        """A tool as its system has it now."""
        own = {one.id: one for one in (ASK, *MEMORY.values())}
        if tool in own:
            return own[tool]
        connector, _, name = tool.partition("/")
        systems = self.runs.world.systems.of(agent, owner)
        return next((one.tools.get(name) for key, one in systems.items() if key == connector), None)

    def hooked(self, hook: Hook) -> HookAnswer:
        """Take something that was delivered to the server."""
        return self.door.take(hook)

    def webhook(self, agent: AgentId, owner: Pseudonym) -> WebhookShown | Refuse:
        """A new secret for the webhooks of an agent."""
        return self.door.webhook(agent, owner)

    def troubles(self, owner: Pseudonym) -> Sequence[TroubleShown]:
        """Of which accounts of an owner nothing is heard."""
        with self._database.read() as db:
            return [
                TroubleShown(connector=one.ear.connector, place=one.ear.place, says=one.says, since=one.since)
                for one in listened.troubles(db, owner)
            ]

    def slack(self, owner: Pseudonym) -> str:
        """Where Slack can send events of an owner's account."""
        return self.door.slack_path(owner)

    @property
    def _database(self) -> Database:
        return self.runs.world.gate.keeping.database

    def _notebook(self, agent: AgentId) -> Notebook:
        keeping = self.runs.world.gate.keeping
        return Notebook(keeping.database, agent, keeping.now)


def _judged(one: Judged) -> str:
    """A call that would be judged otherwise."""
    why = f": {one.why}" if one.why else ""
    return (
        f"{one.number}. {one.tool}: {one.was} then ({one.was_clause}), {one.now} now ({one.now_clause}){why}"
    )


def _note(note: Note, *, aside: bool) -> NoteShown:
    comes = comes_from(note.label)
    return NoteShown(name=note.name, text=note.text, comes=comes, run=note.run, at=note.at, aside=aside)
