"""Hands on that an effect was refused as needless: whose agent wanted it, and nothing of what it was."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from counterfoil.agents.following import Handing
from counterfoil.agents.keeping import Keeping
from counterfoil.store.agents import notes, told
from counterfoil.store.agents.told import Step
from counterfoil.terms.agent import AgentId
from counterfoil.terms.ids import SessionId
from counterfoil.terms.work import Work, WorkKind

CLAUSE = "needless"
MARK = AgentId("")
"""Under which it is kept up to when it was handed on; no agent is called so."""
AGAIN = timedelta(minutes=5)
"""How far it is looked back each time: what is handed on twice is there once."""
FIRST = timedelta(days=7)


@dataclass(slots=True)
class NeedlessTold:
    """Looks for what was refused as needless since the last time."""

    keeping: Keeping
    handing: Handing
    _handed: frozenset[str] = frozenset()
    """What was handed on of the span that is looked at."""

    def sweep(self) -> int:
        """Hand on what is new; how many refusals that were.

        Raises: StoreError where the database can't be used, or nothing can be handed on.
        """
        now = self.keeping.now()
        with self.keeping.database.read() as db:
            before = notes.fired(db, MARK, CLAUSE)
            since = now - FIRST if before is None else before - AGAIN
            steps = told.steps_of_span(db, since, now + timedelta(seconds=1))
        works = [_work(one) for one in steps if one.clause == CLAUSE and one.does.has_effect]
        rows = [one for one in works if one.key not in self._handed]
        if rows:
            # The server first: what is marked as handed on never comes again.
            self.handing.put(*rows)
        self._handed = frozenset(one.key for one in works)
        if before is None or now - before > AGAIN:
            self._mark(now, before)
        return len(rows)

    def _mark(self, now: datetime, before: datetime | None) -> None:
        with self.keeping.database.write() as db:
            notes.fire(db, MARK, CLAUSE, now, before)


def _work(one: Step) -> Work:
    return Work(
        key=f"{one.run}:{one.number} needless",
        kind=WorkKind.NEEDLESS,
        who=one.owner,
        day=one.at.date(),
        session=SessionId(one.run),
    )
