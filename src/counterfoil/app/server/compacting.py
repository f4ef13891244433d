"""Takes what arrived into the lake, again and again, beside everything else the server does."""

import asyncio
from dataclasses import dataclass
from datetime import date

from counterfoil.app.server.desk import Desk
from counterfoil.guard.late import take_late
from counterfoil.guard.person import GONE
from counterfoil.guard.retired import retire
from counterfoil.store.batches import BatchLog
from counterfoil.store.compaction import compact
from counterfoil.terms.error import StoreError


@dataclass(slots=True)
class Compactor:
    """What it did, and what stopped it the last time."""

    desk: Desk
    log: BatchLog
    segments: int = 0
    failed: str = ""
    """What went wrong last; empty where nothing did."""
    _retired_on: date | None = None

    async def run(self, every: float) -> None:
        """Compact again and again; what can't be done now is tried the next time."""
        while True:
            await asyncio.sleep(every)
            await asyncio.to_thread(self.once)

    def once(self) -> None:
        """Take every closed segment, each for itself, so that nobody waits for more than one."""
        try:
            for segment in self.log.roll():
                with self.desk.hold() as g:
                    compact(g.lake, segment, gone=g.lake.registry.all_kept(GONE))
                    take_late(g)
                self.segments += 1
            with self.desk.hold() as g:
                if self._retired_on != g.now.date():
                    retire(g)
                    self._retired_on = g.now.date()
        except StoreError as error:
            self.failed = error.message
        else:
            self.failed = ""
