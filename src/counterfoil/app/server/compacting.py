"""Takes what arrived into the lake, again and again, beside everything else the server does."""

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from threading import Event, Lock

from counterfoil.app.server.desk import Desk
from counterfoil.collect.rates.listed import listed_rates
from counterfoil.guard.audited import OPERATOR, audit, audits_due
from counterfoil.guard.late import take_late
from counterfoil.guard.person import GONE
from counterfoil.guard.retired import retire
from counterfoil.store import upkeep
from counterfoil.store.batches import BatchLog
from counterfoil.store.compaction import compact
from counterfoil.store.registry import Part
from counterfoil.store.spending import recount
from counterfoil.terms.error import StoreError

FAILED = "counterfoil_compaction_failures_total"
"""Under which name failures are counted."""
BREATH = 0.005
"""Seconds between two files, in which others come to the desk."""


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
    _small: set[str] = field(default_factory=set)
    """Files that need nothing; a file is never altered, so each is looked at once, until its part settles."""
    _small_on: date | None = None
    _stopped: Event = field(default_factory=Event)

    def stop(self) -> None:
        """Leave for the next time what is not begun."""
        self._stopped.set()

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
            if self._daily_on != (today := self._today()):
                self._audit()
                with self.desk.hold() as g:
                    recount(g.lake, g.now.date())
                    take_late(g)
                    retire(g)
                self._daily_on = today
            self._make_small()
        except StoreError as error:
            self.desk.counters.count(FAILED, code=error.code)
            if self._told != error.message:
                sys.stderr.write(f"what arrived waits: {error.message}\nhint: {error.hint}\n")
                sys.stderr.flush()
            self._told = error.message
        else:
            self._told = ""

    def _today(self) -> date:
        with self.desk.hold() as g:
            return g.now.date()

    def _audit(self) -> None:
        """Audit each number of the programme, one after the other, so that others are answered between."""
        with self.desk.hold() as g:
            due = audits_due(g)
        for ask in due:
            with self.desk.hold() as g:
                audit(g, ask, OPERATOR)

    def _make_small(self) -> None:
        """Once a day, write files anew that are larger than they need to be, others coming in between."""
        with self.desk.hold() as g:
            today, parts = g.now.date(), g.lake.registry.all_parts()
        if self._small_on == today or self._stopped.is_set():
            return
        # What fails is tried the next day, and not again and again.
        self._small_on = today
        for part in self._of_today(parts, today):
            time.sleep(BREATH)
            with self.desk.hold() as g:
                upkeep.made_small(g.lake, part, today)
            self._small.add(part.file)
        self._small &= {part.file for part in parts}

    def _of_today(self, parts: Sequence[Part], today: date) -> Iterator[Part]:
        for part in parts:
            if self._stopped.is_set():
                return
            if part.file not in self._small or upkeep.settles(part, today):
                yield part
