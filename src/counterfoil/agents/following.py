"""Follows what agents did to its outcome, as the system says where it lies, and tells the server."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from counterfoil.agents.attempt import Attempt
from counterfoil.agents.connectors.connector import Connector
from counterfoil.agents.gate import Gate
from counterfoil.agents.recovery import Connected, look_back
from counterfoil.store.agents import followed
from counterfoil.store.agents.followed import Due
from counterfoil.terms.effect import Effect, EffectFate, Followed
from counterfoil.terms.ids import SessionId
from counterfoil.terms.tool import ConnectorId
from counterfoil.terms.work import FATED, MADE, Fate, Work

FOR = timedelta(days=30)
"""How long an effect is followed."""
MOST = 200
"""Effects that are looked at in one go, so that nothing else waits for long."""
SETTLED = frozenset(
    {
        EffectFate.MERGED,
        EffectFate.EDITED,
        EffectFate.SENT,
        EffectFate.DISCARDED,
        EffectFate.REDACTED,
        EffectFate.REVERTED,
        EffectFate.ROLLED_BACK,
        EffectFate.MOVED_BACK,
    }
)
"""After these nothing more is asked."""


class Handing(Protocol):
    """Where rows go that the server is to have."""

    def put(self, *rows: Work | Fate) -> None:
        """Make rows durable, to be handed on."""


@dataclass(frozen=True, slots=True)
class Following:
    """Looks at what was done, at first often and then less, until nothing more can become of it."""

    gate: Gate
    connected: Connected
    handing: Handing

    def sweep(self) -> int:
        """Look at what is due; how many effects were looked at.

        Raises: StoreError where the database can't be used.
        """
        now = self.gate.keeping.now()
        look_back(self.gate, self.connected)
        with self.gate.keeping.database.read() as db:
            due = followed.due(db, now, MOST)
        for one in due:
            self._follow(one, now)
        return len(due)

    def _follow(self, one: Due, now: datetime) -> None:
        effect = one.intended.effect
        seen = self._seen(effect, now)
        settled = seen.fate in SETTLED or now - effect.at > FOR
        # The server first: what is handed on twice is there once, and what is forgotten never comes.
        self._hand(one, seen, now)
        self.gate.keeping.record(_keep, seen, now + pause(now - effect.at), settled)

    def _seen(self, effect: Effect, now: datetime) -> Followed:
        connector = self._connector(effect)
        if connector is None:
            why = "the system is no longer connected"
            return Followed(key=effect.key, fate=EffectFate.NOT_EXAMINED, at=now, why=why)
        with Attempt() as attempt:
            return connector.follow(effect, now)
        return Followed(key=effect.key, fate=EffectFate.NOT_EXAMINED, at=now, why=attempt.why)

    def _hand(self, one: Due, seen: Followed, now: datetime) -> None:
        work = self._work(one.intended.effect)
        if work is None:
            return
        rows: list[Work | Fate] = [work] if one.before is None else []
        if seen.fate in FATED and seen.fate is not one.before:
            rows.append(Fate(work=work, fate=FATED[seen.fate], day=now.date()))
        if rows:
            self.handing.put(*rows)

    def _work(self, effect: Effect) -> Work | None:
        """What an effect made; None where nothing is left that could be followed."""
        connector, name = self._connector(effect), effect.tool.partition("/")[2]
        tool = connector.tools.get(name) if connector is not None else None
        kind = MADE.get(tool.effect) if tool is not None else None
        if kind is None:
            return None
        where = dict(to.split(":", 1) for to in effect.to)
        return Work(
            key=effect.key,
            kind=kind,
            who=effect.owner,
            day=effect.at.date(),
            session=SessionId(effect.key.rpartition(":")[0]),
            repository=where.get("repo", "").lower(),
        )

    def _connector(self, effect: Effect) -> Connector | None:
        return self.connected(effect.agent, ConnectorId(effect.tool.partition("/")[0]))


def pause(age: timedelta) -> timedelta:
    """After how long an effect is looked at again: the older, the longer."""
    if age < timedelta(hours=1):
        return timedelta(minutes=1)
    if age < timedelta(days=1):
        return timedelta(minutes=15)
    return timedelta(hours=2) if age < timedelta(days=7) else timedelta(days=1)


def _keep(seen: Followed, again: datetime, settled: bool, db: Connection, entry: int) -> None:
    followed.put(db, seen, again=again, settled=settled)
