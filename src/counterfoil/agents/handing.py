"""Hands on what agents made, and what became of it as the systems say; each as often as it changes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from counterfoil.agents.connectors.connector import Connector
from counterfoil.agents.gate import Gate
from counterfoil.agents.outbox import Outbox
from counterfoil.store.agents import followed
from counterfoil.store.agents.effects import Intended
from counterfoil.terms.agent import AgentId
from counterfoil.terms.effect import EffectFate, EffectState, Followed
from counterfoil.terms.error import CounterfoilError
from counterfoil.terms.ids import Pseudonym, SessionId
from counterfoil.terms.tool import ConnectorId
from counterfoil.terms.work import FATED, MADE, Fate, Work

FOR = timedelta(days=31)
"""How long something is followed: the day after which work counts as kept, and one more."""
EVERY = timedelta(hours=6)
"""How often it is looked at."""
AT_ONCE = 200
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
Systems = Callable[[AgentId, Pseudonym], Mapping[ConnectorId, Connector]]


def no_systems(agent: AgentId, owner: Pseudonym) -> Mapping[ConnectorId, Connector]:
    """None: nothing can be read back."""
    return {}


@dataclass(frozen=True, slots=True)
class Handing:
    """The way of an effect into the figures."""

    gate: Gate
    outbox: Outbox
    systems: Systems = no_systems

    def hand_on(self) -> int:
        """Put into the outbox whatever it has not as it stands now; how many.

        A crash between the outbox and the note of it hands it on twice, under one key.

        Raises: StoreError where it can't be kept.
        """
        database = self.gate.keeping.database
        with database.read() as db:
            some = followed.untold(db, AT_ONCE)
        rows = [row for one, fate in some if (row := self._row(one, fate)) is not None]
        if rows:
            self.outbox.put(*rows)
        if some:
            with database.write() as db:
                followed.told(db, [one.effect.key for one, _ in some])
        return len(rows)

    def follow(self) -> int:
        """Look at what was made in the last month, at each thing now and then; how many were looked at.

        Raises: StoreError where it can't be kept.
        """
        now, database = self.gate.keeping.now(), self.gate.keeping.database
        with database.read() as db:
            some = followed.to_follow(db, now - FOR, now - EVERY, AT_ONCE)
        for one in some:
            seen = self._looked_at(one)
            with database.write() as db:
                followed.found(db, seen)
        return len(some)

    def _looked_at(self, one: Intended) -> Followed:
        """What became of one effect; a system that does not answer says nothing."""
        effect, now = one.effect, self.gate.keeping.now()
        system = self.systems(effect.agent, effect.owner).get(ConnectorId(effect.tool.partition("/")[0]))
        if system is None:
            return Followed(
                key=effect.key, fate=EffectFate.NOT_EXAMINED, at=now, why="no way into it any more"
            )
        try:
            return system.follow(effect, now)
        except (CounterfoilError, OSError) as error:
            return Followed(key=effect.key, fate=EffectFate.NOT_EXAMINED, at=now, why=type(error).__name__)

    def _row(self, one: Intended, fate: EffectFate | None) -> Work | Fate | None:
        effect = one.effect
        kind = MADE.get(one.does)
        if kind is None or effect.state is not EffectState.DONE:
            return None
        repository = next((to.partition(":")[2] for to in effect.to if to.startswith("repo:")), "")
        commit = effect.ref.partition(":")[0]
        is_commit = bool(repository) and COMMIT.fullmatch(commit) is not None
        work = Work(
            key=effect.key,
            kind=kind,
            who=effect.owner,
            day=effect.at.date(),
            session=SessionId(effect.key.rpartition(":")[0]),
            repository=repository.lower() if is_commit else "",
            commit=commit if is_commit else "",
        )
        if fate is None or fate not in FATED:
            return work
        return Fate(work=work, fate=FATED[fate], day=self.gate.keeping.today())
