"""Records what is about to be: rows and their entry durably in the database, and soon after in the log."""

from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Condition, Event, Lock, Thread
from time import monotonic
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
SOON, LATER, LATEST, IDLE = 0.02, 0.2, 1.0, 5.0
"""Seconds: until what nobody waits for is recorded; until entries are in the log; how old the oldest that are
not may be before a call waits for the log; how long nothing has to happen before the thread for it ends."""
MOST_WAITING = 512
"""Entries that the log may be behind."""


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
    awaited: bool = True
    """Whether somebody is told when it can't be recorded; else it is tried until it can."""
    answer: Any = None
    error: Exception | None = None
    done: bool = False


@dataclass(slots=True)
class Recorder:
    """One log and one database, written together.

    Whatever calls at once is recorded at once, with one sync: the database keeps rows and the bytes of their
    entries in one transaction, and with it they are durable. The log has them a moment later, signed, and
    only then the database forgets the bytes. After a crash the next start hands the log what it has not; a
    log that can't be written lets nothing more through.
    """

    folder: Path
    key: SignerKey
    database: Database
    holder: str = field(init=False)
    """What this process is called in the database: its log, which no other process can have."""
    _log: Log | None = None
    _turn: Condition = field(default_factory=Condition)
    _queue: list[_Waiting[Any]] = field(default_factory=list)
    _later: list[_Waiting[Any]] = field(default_factory=list)
    """Those for which nobody waits: whoever does wait need not wait for them."""
    _first: float = 0.0
    """When the first of them came."""
    _busy: bool = False
    _size: int = 0
    """Entries that the database keeps or that the log has."""
    _unlogged: deque[bytes] = field(default_factory=deque)
    """Entries that the database has and the log not yet."""
    _since: float = 0.0
    """When the oldest of them came, or the log last had one."""
    _logged: int = 0
    """Entries that the log has durably."""
    _forgotten: int = 0
    """Up to which entry the database keeps no bytes."""
    _logging: Lock = field(default_factory=Lock)
    """Of the one that appends to the log; never asked for while the database is locked."""
    _wake: Event = field(default_factory=Event)
    _closed: Event = field(default_factory=Event)
    _hand: Thread | None = None

    def __post_init__(self) -> None:
        """Open the log and hold it against the database.

        Raises: LedgerBroken where either knows of more than the other; StoreError as for `Log`.
        """
        self.holder = f"{self.key.name}+{self.key.verifier.key_id:08x}"
        self._opened()

    @property
    def log(self) -> Log:
        """The log, with everything that was recorded.

        Raises: StoreError where it can't be opened or written.
        """
        self.record(_nothing)
        self._hand_over()
        log = self._log
        if log is None:
            raise StoreError("interrupted", "the log has to be opened again", hint="ask again")
        return log

    def close(self) -> None:
        """Record what waits, and let go of the log."""
        with suppress(StoreError, LedgerBroken):
            self.settle()
            self._hand_over()
            if self._logged > self._forgotten:
                self.record(partial(_forgotten, self.holder, self._logged))
        self._closed.set()
        self._wake.set()
        hand = self._hand
        if hand is not None:
            hand.join()
        self._forsake()

    def record(self, work: "Work[Answer]") -> Any:
        """Do some work and record it, together with what others record now; its answer, once it is durable.

        Raises: StoreError where it can't be made durable; then it did not happen.
        """
        return self._recorded(work, with_later=False)

    def _recorded(self, work: "Work[Answer]", *, with_later: bool) -> Any:
        mine: _Waiting[Answer] = _Waiting(work)
        self._take_turn(mine, with_later=with_later)
        if mine.error is not None:
            raise mine.error
        return mine.answer

    def soon(self, work: "Work[Answer]") -> None:
        """Do some work and record it in a moment, together with whatever else nobody waits for.

        Where it can't be made durable it is tried again, for as long as this process lives.
        """
        with self._turn:
            if not self._later:
                self._first = monotonic()
            self._later.append(_Waiting(work, awaited=False))
        self._call_hand()

    def settle(self) -> None:
        """Record whatever waits.

        Raises: StoreError where it can't be made durable.
        """
        with self._turn:
            waits = bool(self._queue or self._later) or self._busy
        if waits:
            self._recorded(_nothing, with_later=True)

    def _call_hand(self) -> None:
        """See that what nobody waits for is done in a moment."""
        if self._wake.is_set() or self._closed.is_set():
            return
        with self._turn:
            self._wake.set()
            if self._hand is None:
                self._hand = Thread(target=self._see_to_it, name="recorder", daemon=True)
                self._hand.start()

    def _see_to_it(self) -> None:
        """Record what nobody waits for, and hand the log its entries, for as long as there are any."""
        try:
            pause = SOON
            while self._wake.wait(IDLE) and not self._closed.wait(pause):
                try:
                    self._see_to_what_waits()
                    pause = SOON
                except (StoreError, LedgerBroken):
                    pause = LATEST
                self._wake.clear()
                if self._later or self._unlogged or self._closed.is_set():
                    self._wake.set()
        finally:
            with self._turn:
                self._hand = None
                left = self._wake.is_set()
                self._wake.clear()
        if left and not self._closed.is_set():
            self._call_hand()

    def _see_to_what_waits(self) -> None:
        if self._log is None:
            # It could not be written: only opening it again tells what it has.
            self.record(_nothing)
        if self._later and monotonic() - self._first >= SOON:
            self.settle()
        if self._unlogged and monotonic() - self._since >= LATER:
            self._hand_over()
            self.database.check_point()

    def _hand_over(self) -> None:
        """Hand the log what the database has, durably and signed.

        Raises: StoreError where it can't be written; the database keeps it for the next time that it opens.
        """
        with self._logging:
            log, entries = self._log, list(self._unlogged)
            if log is None or not entries:
                return
            whole = False
            try:
                log.append(entries)
                whole = True
            finally:
                if not whole:
                    self._let_go()
            self._since = monotonic()
            self._logged = len(log)
            for _ in entries:
                self._unlogged.popleft()

    def _take_turn(self, mine: _Waiting[Any], *, with_later: bool) -> None:
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
                if with_later or len(self._later) >= MOST_AT_ONCE:
                    self._queue[:0], self._later = self._later, []
                batch, self._queue = self._queue[:MOST_AT_ONCE], self._queue[MOST_AT_ONCE:]
            try:
                self._write(batch)
            finally:
                with self._turn:
                    self._busy = False
                    self._turn.notify_all()

    def _write(self, batch: list[_Waiting[Any]]) -> None:
        """One transaction for all of them; `done` last, so that nobody is told too early."""
        entries: list[bytes] = []
        failed: Exception | None = StoreError("interrupted", "it was interrupted", hint="ask again")
        left: list[_Waiting[Any]] = []
        try:
            self._keep_up()
            self._opened()
            first, logged = self._size, self._logged
            with self.database.write() as db:
                for one in batch:
                    answer = one.work(db, first + len(entries))
                    if isinstance(answer, Said):
                        entries.append(open_entry(EntryKind.ACTED, answer.entry))
                        answer = answer.answer
                    one.answer = answer
                if entries:
                    told.say(db, self.holder, first, entries)
                    if logged > self._forgotten:
                        told.forget_said(db, self.holder, logged)
            failed = None
        except (StoreError, LedgerBroken) as error:
            failed, left = error, [one for one in batch if not one.awaited]
        finally:
            if failed is not None:
                # Whatever interrupted it, memory and disk may be apart: only opening again mends that.
                self._forsake()
            elif entries:
                self._kept(entries, logged)
            for one in batch:
                one.error, one.done = failed, True
            if left:
                self._again(left)

    def _again(self, left: list[_Waiting[Any]]) -> None:
        """Let what nobody waits for wait once more, before all that came after it."""
        with self._turn:
            self._later[:0] = left
            self._first = monotonic()
        self._call_hand()

    def _kept(self, entries: list[bytes], logged: int) -> None:
        """The database has entries, and the log has to get them."""
        self._size += len(entries)
        if logged > self._forgotten:
            self._forgotten = logged
        if not self._unlogged:
            self._since = monotonic()
        self._unlogged.extend(entries)
        self._call_hand()

    def _keep_up(self) -> None:
        """Wait for the log where it is too far behind."""
        if self._unlogged and (len(self._unlogged) >= MOST_WAITING or monotonic() - self._since > LATEST):
            self._hand_over()

    def _forsake(self) -> None:
        """Close a log that may no longer be what the database says; the next call opens and mends it."""
        with self._logging:
            self._let_go()

    def _let_go(self) -> None:
        log, self._log = self._log, None
        if log is not None:
            log.__exit__(None, None, None)

    def _opened(self) -> Log:
        if self._log is None:
            if self._closed.is_set():
                # A run that is cut off may come late, and would keep the log from whoever opens it next.
                raise StoreError("log-closed", "nothing is recorded any more", hint="begin it again")
            log = Log(self.folder, self.key)
            try:
                self._size = self._logged = self._forgotten = self._mended(log)
            except (StoreError, LedgerBroken):
                log.__exit__(None, None, None)
                raise
            self._unlogged = deque()
            self._log = log
        return self._log

    def _mended(self, log: Log) -> int:
        """Hand a log what only the database has; how many entries there are then.

        Raises: LedgerBroken where one of them has lost some, or an entry is another one.
        """
        with self.database.write() as db:
            least = told.entries_known(db, self.holder)
            said = told.said(db, self.holder)
            size = max([least, *(number + 1 for number in said)])
            if len(log) > size:
                hint = "restore the newest copy of the database, or the log's holder has to be named anew"
                says = f"the database is older than the log: {len(log) - size} entries have no rows"
                raise LedgerBroken("agents-database-old", says, hint=hint)
            if any(number not in said for number in range(len(log), size)):
                hint = "keep both as they are, and compare the log with a witness's last cosignature"
                says = f"the database knows of {size} entries, and the log has {len(log)}"
                raise LedgerBroken("agents-log-cut", says, hint=hint)
            if any(entry != log.entry(number) for number, entry in said.items() if number < len(log)):
                hint = "keep both as they are, and compare the log with a witness's last cosignature"
                raise LedgerBroken(
                    "agents-log-other", "the log has other entries than the database", hint=hint
                )
            if len(log) < size:
                log.append([said[number] for number in range(len(log), size)])
            told.forget_said(db, self.holder, size)
        return size


def body_of(entry: bytes) -> Mapping[str, Any]:
    """What an entry of agents says."""
    return read_entry(entry)[1]


def _forgotten(holder: str, entries: int, db: Connection, entry: int) -> None:
    told.forget_said(db, holder, entries)


def _nothing(db: Connection, entry: int) -> None:
    """No work; only a turn."""
