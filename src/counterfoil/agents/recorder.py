"""Records what is about to be: the entry in the log, then the rows, both durable before anybody goes on."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Timer
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from counterfoil.ledger.entry import EntryKind, open_entry, read_entry
from counterfoil.ledger.log import Log
from counterfoil.ledger.sign import SignerKey
from counterfoil.store.agents import told
from counterfoil.store.agents.database import Database
from counterfoil.terms.error import LedgerBroken, StoreError

Answer = TypeVar("Answer")
Body = Mapping[str, str | int | None]
MOST_AT_ONCE = 64
SOON = 0.02
"""Seconds."""
VOID = "void"
"""Says that entries have no rows: nobody was told of what they say."""
AFTER = "after"
"""In each entry: how many there were before what was recorded along with it."""


@dataclass(frozen=True, slots=True)
class Said:
    """What goes into the log, and the answer that its row gives."""

    entry: Body
    answer: Any


Work = Callable[[Connection, int], "Said | Answer"]
"""Changes the database; with the place that its entry would have. What is not `Said` leaves no entry."""


@dataclass(slots=True)
class _Waiting(Generic[Answer]):
    work: Any
    answer: Any = None
    error: Exception | None = None
    done: bool = False


@dataclass(slots=True)
class Recorder:
    """One log and one database, written together.

    Whatever calls at once is recorded at once: with one sync of the log and one of the database. Rows are
    prepared first, so that what they refuse leaves no entry; then entries are made durable, then the rows.
    A crash between the two leaves entries without rows, of calls that nobody was told of: the next start says
    so in the log.
    """

    folder: Path
    key: SignerKey
    database: Database
    _log: Log | None = None
    _turn: Condition = field(default_factory=Condition)
    _queue: list[_Waiting[Any]] = field(default_factory=list)
    _busy: bool = False
    _timer: Timer | None = None
    void: int = 0
    """How many entries had no row when it was opened last."""

    def __post_init__(self) -> None:
        """Open the log and hold it against the database.

        Raises: LedgerBroken where the database knows of more than the log has; StoreError as for `Log`.
        """
        self._opened()

    @property
    def holder(self) -> str:
        """What this process is called in the database: its log, which no other process can have."""
        return f"{self.key.name}+{self.key.verifier.key_id:08x}"

    @property
    def log(self) -> Log:
        """The log.

        Raises: StoreError where it can't be opened.
        """
        return self._opened()

    def close(self) -> None:
        """Record what waits, and let go of the log."""
        with suppress(StoreError):
            self.settle()
        with self._turn:
            log, self._log = self._log, None
            if log is not None:
                log.__exit__(None, None, None)

    def record(self, work: "Work[Answer]") -> Any:
        """Do some work and record it, together with what others record now; its answer, once it is durable.

        Raises: StoreError where it can't be made durable; then it did not happen.
        """
        mine: _Waiting[Answer] = _Waiting(work)
        self._take_turn(mine)
        if mine.error is not None:
            raise mine.error
        return mine.answer

    def soon(self, work: "Work[Answer]") -> None:
        """Do some work and record it with whatever is recorded next, or in a moment; nobody waits for it."""
        with self._turn:
            self._queue.append(_Waiting(work))
            if self._timer is None:
                self._timer = Timer(SOON, self._on_time)
                self._timer.daemon = True
                self._timer.start()

    def settle(self) -> None:
        """Record whatever waits.

        Raises: StoreError where it can't be made durable.
        """
        with self._turn:
            waits = bool(self._queue) or self._busy
        if waits:
            self.record(_nothing)

    def _on_time(self) -> None:
        with self._turn:
            self._timer = None
        with suppress(StoreError):
            self.settle()

    def _take_turn(self, mine: _Waiting[Any]) -> None:
        """Wait until somebody recorded this, or record what waits until it is."""
        with self._turn:
            self._queue.append(mine)
        while True:
            with self._turn:
                while self._busy and not mine.done:
                    self._turn.wait()
                if mine.done:
                    return
                self._busy = True
                batch, self._queue = self._queue[:MOST_AT_ONCE], self._queue[MOST_AT_ONCE:]
            try:
                self._write(batch)
            finally:
                with self._turn:
                    self._busy = False
                    self._turn.notify_all()

    def _write(self, batch: list[_Waiting[Any]]) -> None:
        """One transaction and one append for all of them; `done` last, so that nobody is told too early."""
        entries: list[bytes] = []
        failed: Exception | None = StoreError("interrupted", "it was interrupted", hint="ask again")
        try:
            log = self._opened()
            first = len(log)
            with self.database.write() as db:
                for one in batch:
                    answer = one.work(db, first + len(entries))
                    if isinstance(answer, Said):
                        entries.append(open_entry(EntryKind.ACTED, {**answer.entry, AFTER: first}))
                        answer = answer.answer
                    one.answer = answer
                if entries:
                    told.know_entries(db, self.holder, first + len(entries))
                    log.append(entries)
            failed = None
        except (StoreError, LedgerBroken) as error:
            failed = error
        finally:
            # Whatever interrupted it, memory and disk may be apart: only opening the log again mends that.
            if failed is not None:
                self._forsake()
            for one in batch:
                one.error, one.done = failed, True

    def _forsake(self) -> None:
        """Close a log that is no longer what the database knows of; the next call opens and mends it."""
        log, self._log = self._log, None
        if log is not None:
            log.__exit__(None, None, None)

    def _opened(self) -> Log:
        if self._log is None:
            log = Log(self.folder, self.key)
            try:
                self._mend(log)
            except (StoreError, LedgerBroken):
                log.__exit__(None, None, None)
                raise
            self._log = log
        return self._log

    def _mend(self, log: Log) -> None:
        """Say of entries without rows that they came to nothing."""
        with self.database.write() as db:
            known = told.entries_known(db, self.holder)
            if known > len(log):
                hint = "keep both as they are, and compare the log with a witness's last cosignature"
                says = f"the database knows of {known} entries, and the log has {len(log)}"
                raise LedgerBroken("agents-log-cut", says, hint=hint)
            self.void = len(log) - known
            if not self.void:
                return
            lost = [body_of(log.entry(index)) for index in range(known, len(log))]
            # One append at most was cut off from its rows; whoever said so may have been cut off as well.
            if any(body[AFTER] != known for body in lost if body["what"] != VOID):
                hint = "restore the newest copy of the database, or the log's holder has to be named anew"
                says = f"the database is older than the log: {self.void} entries have no rows"
                raise LedgerBroken("agents-database-old", says, hint=hint)
            body: Body = {"what": VOID, "from": known, "entries": self.void, AFTER: len(log)}
            told.know_entries(db, self.holder, len(log) + 1)
            log.append([open_entry(EntryKind.ACTED, body)])


def body_of(entry: bytes) -> Mapping[str, Any]:
    """What an entry of agents says."""
    return read_entry(entry)[1]


def _nothing(db: Connection, entry: int) -> None:
    """No work; only a turn."""
