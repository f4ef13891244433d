"""The data directory that a server holds open: one caller at a time, each at its own moment."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Lock, RLock

from counterfoil.app.server.counters import Counters
from counterfoil.guard.guarded import Guarded, check_clock
from counterfoil.terms.error import LedgerBroken, StoreError

WAIT_SECONDS = 10.0
"""How long a request waits for its turn."""
MOST_WAITING = 30
"""Requests that wait at a time: fewer than there are threads, so that what needs no desk goes on."""

SET_BACK = timedelta(minutes=2)
"""By how much a clock is put right now and then: what the log says to the minute stays where it was."""


class Busy(StoreError):
    """Others are at the desk; whoever asks comes again."""

    def __init__(self) -> None:
        hint = "ask again in a few seconds"
        super().__init__("busy", "others are being answered, and it takes longer than usual", hint=hint)


class Desk:
    """What stands behind the gate, for many threads of one process."""

    def __init__(self, g: Guarded, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._g, self._now = g, now
        self._lock, self._queue = RLock(), Lock()
        self._waiting = 0
        self._last = datetime.min.replace(tzinfo=UTC)
        self.within = WAIT_SECONDS
        self.counters = Counters()
        self.broken: LedgerBroken | None = None
        """The promise that was broken; from then on nothing is read and nothing is done."""
        self.ended: Callable[[], object] = lambda: None
        """What is to happen then, besides."""

    @contextmanager
    def open(self, *, within: float | None = None) -> Iterator[Guarded]:
        """Everything behind the gate, now, and nobody else's until it is let go of.

        A request waits for its turn a while, in a short queue, and is then sent away.

        Raises: Busy where it is not its turn in time; LedgerBroken where a promise is broken, or was before.
        """
        self._take(self.within if within is None else within)
        with self._held() as g:
            yield g

    @contextmanager
    def hold(self) -> Iterator[Guarded]:
        """The same for what runs by itself: it waits as long as it takes."""
        self._lock.acquire()
        with self._held() as g:
            yield g

    @contextmanager
    def _held(self) -> Iterator[Guarded]:
        since = time.monotonic()
        try:
            if self.broken is not None:
                raise self.broken
            g = replace(self._g, now=self._moment())
            check_clock(g)
            yield g
        except LedgerBroken as error:
            self.broken = error
            self.ended()
            raise
        finally:
            self._lock.release()
            self.counters.observe("counterfoil_desk_held_seconds", time.monotonic() - since)

    def _moment(self) -> datetime:
        now = self._now()
        self._last = self._last if now < self._last <= now + SET_BACK else now
        return self._last

    @property
    def aside(self) -> Guarded:
        """For what reads the registry alone, or looks whether all can be used, and waits for nobody."""
        return self._g

    def _take(self, wait: float) -> None:
        if self._lock.acquire(blocking=False):
            return
        with self._queue:
            if self._waiting >= MOST_WAITING:
                self._sent_away()
            self._waiting += 1
        try:
            if not self._lock.acquire(timeout=wait):
                self._sent_away()
        finally:
            with self._queue:
                self._waiting -= 1

    def _sent_away(self) -> None:
        self.counters.count("counterfoil_desk_busy_total")
        raise Busy
