"""The data directory that a server holds open: one caller at a time, each at its own moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from threading import RLock

from counterfoil.guard.guarded import Guarded, check_clock


class Desk:
    """What stands behind the gate, for many threads of one process."""

    def __init__(self, g: Guarded) -> None:
        self._g = g
        self._lock = RLock()

    @contextmanager
    def open(self) -> Iterator[Guarded]:
        """Everything behind the gate, now, and nobody else's until it is let go of.

        Raises: LedgerBroken where the clock went back.
        """
        with self._lock:
            g = replace(self._g, now=datetime.now(UTC))
            check_clock(g)
            yield g

    @property
    def aside(self) -> Guarded:
        """For what reads the registry alone, and waits for nobody."""
        return self._g
