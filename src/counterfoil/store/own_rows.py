"""Remembers what the files of a table hold of a person, for as long as the same files hold it."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock

from counterfoil.store.engine import Columns

MOST = 16
"""People whose rows are remembered: those who asked last, and only in memory."""


class OwnRows:
    """Rows of those who asked for their own last. A file never changes: another one takes its place."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, dict[str, tuple[tuple[Path, ...], Columns]]] = OrderedDict()
        self._lock = Lock()
        self._forgotten = 0

    def of(self, who: str, table: str, files: Sequence[Path], read: Callable[[], Columns]) -> Columns:
        """One person's rows of a table, read where its files are other ones now."""
        named = tuple(files)
        with self._lock:
            files_then, rows = self._held.get(who, {}).get(table, ((), {}))
            before = self._forgotten
        if rows and files_then == named:
            return rows
        rows = read()
        with self._lock:
            if self._forgotten != before:
                # What was read may be gone by now.
                return rows
            self._held.setdefault(who, {})[table] = (named, rows)
            self._held.move_to_end(who)
            while len(self._held) > MOST:
                self._held.popitem(last=False)
        return rows

    def forget(self) -> None:
        """Let nothing be left in memory of rows that may be gone."""
        with self._lock:
            self._held.clear()
            self._forgotten += 1
