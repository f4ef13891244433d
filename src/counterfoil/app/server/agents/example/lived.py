"""What an invented employee did with their agents, through the same socket as everybody."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

from counterfoil.agents.office import Office
from counterfoil.agents.shown import AgentShown, Rule
from counterfoil.agents.wire import Asker
from counterfoil.app.server.agents.example.mailbox import Mailbox
from counterfoil.app.server.agents.example.repositories import Repositories
from counterfoil.app.server.agents.talk import AgentsAway, Talk
from counterfoil.simulate.example.letters import EARLIER, THIS_MORNING
from counterfoil.simulate.example.written import NOTES, SCRIPT, written
from counterfoil.terms.agent import AgentId, RunId
from counterfoil.terms.effect import RunState

TRIAGE, NOTED = AgentId("triage"), AgentId("notes")
SHIPS = {AgentId("search-ops"): "search", AgentId("shipper"): "shop"}
NEEDS = {TRIAGE: "imap", **dict.fromkeys(SHIPS, "git")}
"""The account without which an agent is not made."""
LOOK_SECONDS, MOST_SECONDS = 0.2, 180.0
FILED_A_DAY, FILED_DAYS = 50, 30
MOVE = "mail/move"
NIGHT_IN = timedelta(seconds=70)


class Ended(Exception):
    """Nobody waits for it any more, or it does not come."""


@dataclass(frozen=True, slots=True)
class Morning:
    """Everything that it takes: whose agents, what they work on, and whether anybody still waits."""

    talk: Talk
    owner: Asker
    mailbox: Mailbox | None
    repositories: Repositories | None
    ended: Event

    def live(self, scripts: Path) -> None:
        """Write the scripts, connect, keep the definitions, and let each agent work.

        Raises: Ended where the server stops; CounterfoilError where something is refused.
        """
        newest = {} if self.repositories is None else self.repositories.newest
        files = self._files(newest)
        for name, text in files.items():
            if name.endswith(SCRIPT):
                (scripts / name).write_text(text, "utf-8")
        self._until(lambda: self._is_there())
        for kind, account in self._accounts():
            self.talk.ask(Office.connect, self.owner, kind, account)
        for name, text in files.items():
            if not name.endswith(SCRIPT):
                self.talk.ask(Office.keep, self.owner, text)
        self._until(lambda: all(self._shown(name).ceilings for name in self._agents()))
        for name, note in NOTES.items():
            self.talk.ask(Office.remember, self.owner, NOTED, name, note)
        if self.mailbox is not None:
            self._sort(self.mailbox)
        for agent, name in SHIPS.items() if self.repositories is not None else ():
            # What an agent found by itself would need a yes; this is named by its owner.
            said = f'Let {newest[name]} of "{name}" run on "staging".'
            self.talk.ask(Office.begin, self.owner, agent, said)

    def _sort(self, mailbox: Mailbox) -> None:
        """Earlier, its owner was asked whether an invoice may be filed, and made a rule; then came mail."""
        mailbox.deliver(EARLIER, datetime.now(UTC))
        first = RunId(self.talk.ask(Office.begin, self.owner, TRIAGE).of)
        self._until(lambda: self._state(first) not in (RunState.QUEUED, RunState.RUNNING))
        for one in self.talk.ask(Office.waiting, self.owner).as_owner:
            if one.tool == MOVE:
                card = self.talk.ask(Office.card, self.owner, one.approval).card
                until = datetime.now(UTC).date() + timedelta(days=FILED_DAYS)
                rule = Rule(per_day=FILED_A_DAY, until=until)
                self.talk.ask(Office.make_standing, self.owner, one.approval, card.digest, rule)
        self._until(lambda: self._state(first) not in (RunState.QUEUED, RunState.RUNNING, RunState.WAITING))
        mailbox.deliver(THIS_MORNING, datetime.now(UTC))
        self.talk.ask(Office.begin, self.owner, TRIAGE)

    def _files(self, newest: Mapping[str, str]) -> dict[str, str]:
        night = datetime.now(UTC) + NIGHT_IN
        found = written(night=f"{night.minute} {night.hour} * * *", **newest)
        return {name: text for name, text in found.items() if name.partition(".")[0] in self._agents()}

    def _agents(self) -> list[AgentId]:
        has = dict(self._accounts())
        return [agent for agent in (TRIAGE, *SHIPS, NOTED) if NEEDS.get(agent) in {None, *has}]

    def _accounts(self) -> list[tuple[str, dict[str, str]]]:
        found = []
        if self.mailbox is not None:
            found.append(("imap", dict(self.mailbox.account)))
        if self.repositories is not None:
            found.append(("git", dict(self.repositories.account)))
        return found

    def _is_there(self) -> bool:
        health = self.talk.ask(Office.health, self.owner)
        return health.live and health.runs

    def _shown(self, agent: AgentId) -> AgentShown:
        return self.talk.ask(Office.agent, self.owner, agent)

    def _state(self, run: RunId) -> RunState:
        return self.talk.ask(Office.run, self.owner, run).run.state

    def _until(self, true: Callable[[], bool]) -> None:
        """Wait for something, while anybody waits for it."""
        end = time.monotonic() + MOST_SECONDS
        while time.monotonic() < end and not self.ended.wait(LOOK_SECONDS):
            try:
                if true():
                    return
            except AgentsAway:
                continue
        raise Ended
