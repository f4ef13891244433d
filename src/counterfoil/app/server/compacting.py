"""Takes what arrived into the lake, again and again, beside everything else the server does."""

import asyncio
import sys
from dataclasses import dataclass, field
from datetime import date
from threading import Lock

from counterfoil.app.server.desk import Desk
from counterfoil.collect.rates.listed import listed_rates
from counterfoil.guard.late import take_late
from counterfoil.guard.person import GONE
from counterfoil.guard.retired import retire
from counterfoil.store.batches import BatchLog
from counterfoil.store.compaction import compact
from counterfoil.store.spending import recount
from counterfoil.terms.error import StoreError

FAILED = "counterfoil_compaction_failures_total"
"""Under which name failures are counted."""


@dataclass(slots=True)
class Compactor:
    """What moves rows from the batch log into the lake, and what kept it from that the last time."""

    desk: Desk
    log: BatchLog
    _told: str = ""
    """What was said last; each trouble is said once."""
    _daily_on: date | None = None
    _one: Lock = field(default_factory=Lock)
    """Whoever compacts is the only one: a thread goes on when the task that waits for it is cancelled."""

    async def run(self, every: float) -> None:
        """Compact again and again; what can't be done now is tried the next time.

        Raises: LedgerBroken where nothing may go on.
        """
        while True:
            await asyncio.sleep(every)
            await asyncio.to_thread(self.once)

    def once(self) -> None:
        """Take every closed segment, each for itself, so that nobody waits for more than one.

        What a store can't do now is said and counted, and everything stays where it waits.
        """
        with self._one:
            self._once()

    def _once(self) -> None:
        try:
            for segment in self.log.roll():
                with self.desk.hold() as g:
                    compact(g.lake, segment, gone=g.lake.registry.all_kept(GONE), rates=listed_rates)
                    take_late(g)
            with self.desk.hold() as g:
                if self._daily_on != g.now.date():
                    recount(g.lake, g.now.date())
                    take_late(g)
                    retire(g)
                    self._daily_on = g.now.date()
        except StoreError as error:
            self.desk.counters.count(FAILED, code=error.code)
            if self._told != error.message:
                sys.stderr.write(f"what arrived waits: {error.message}\nhint: {error.hint}\n")
                sys.stderr.flush()
            self._told = error.message
        else:
            self._told = ""
