"""Takes export requests: several are decoded together, named by pseudonyms, and synced with one write."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from counterfoil.app.intake.named import named
from counterfoil.app.intake.senders import Sender, Senders
from counterfoil.app.server.counters import RECORDS
from counterfoil.collect.otlp.decoded import Malformed
from counterfoil.collect.otlp.read import Arrived, Signal, read, read_quickly
from counterfoil.store.batches import BatchLog, Waiting

MOST_TOGETHER = 64
"""Requests that are taken together."""
MOST_BYTES = 2**20
"""Bytes of requests that are taken together: the first of them waits for the last."""
ENOUGH_BYTES = 2**18
"""Bytes of requests that are worth a sync; fewer wait a moment for others."""
A_MOMENT = 0.004
"""Unit: seconds."""


@dataclass(frozen=True, slots=True)
class Export:
    """One request as it came in."""

    signal: Signal
    as_json: bool
    body: bytes
    sender: Sender

    @property
    def is_quick(self) -> bool:
        """Whether it is read in no time, so that whoever waits may wait for it."""
        return not self.as_json and self.signal is not Signal.METRICS and len(self.body) <= MOST_BYTES


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a request."""

    rejected: int = 0
    """Records that claim usage and can't be read, or are too old."""
    says: str = ""
    """What the sender should know."""


ALL = Taken()
Outcome = Taken | Exception
Told = Callable[[Outcome], None]
"""Who is told what came of a request."""


class _Slow(Exception):
    """What can't be taken in no time: it needs the reference decoder, or somebody to be looked up."""


@dataclass(slots=True)
class Intake:
    """The way from requests to the batch log, one group after the other.

    What is quick is done where requests are read, without a word to another thread: a few hundred records
    take a millisecond, and handing them over took half of that. Everything else is done beside it.
    """

    log: BatchLog
    senders: Senders
    _quick: list[tuple[Export, Told]] = field(default_factory=list)
    _slow: list[tuple[Export, Told]] = field(default_factory=list)
    _quick_bytes: int = 0
    _due: asyncio.Handle | None = None
    _is_soon: bool = False
    _worker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "intake"))
    _beside: "asyncio.Task[None] | None" = None

    async def take(self, export: Export) -> Taken:
        """Take a request; what it has is durable when this returns.

        Raises: Malformed where it is none; StoreError where it can't be kept, or nobody can be named now.
        """
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.offer(export, lambda outcome: None if future.done() else future.set_result(outcome))
        outcome = await future
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def offer(self, export: Export, told: Told) -> None:
        """Take a request soon, with those beside it; what it has is durable when somebody is told."""
        if not export.is_quick:
            self._do_beside([(export, told)])
            return
        self._quick.append((export, told))
        self._quick_bytes += len(export.body)
        if self._due is None:
            self._due = asyncio.get_running_loop().call_later(A_MOMENT, self._next)
        if self._quick_bytes >= ENOUGH_BYTES and not self._is_soon:
            self._due.cancel()
            self._due = asyncio.get_running_loop().call_soon(self._next)
            self._is_soon = True

    def close(self) -> None:
        """Finish what was begun."""
        self._worker.shutdown()

    def _next(self) -> None:
        group, self._quick = _first(self._quick)
        self._quick_bytes = sum(len(export.body) for export, _ in self._quick)
        self._is_soon = bool(self._quick)
        self._due = asyncio.get_running_loop().call_soon(self._next) if self._quick else None
        try:
            outcomes = self._work([export for export, _ in group], quickly=True)
        except _Slow:
            self._do_beside(group)
        except Exception as error:
            _tell(group, [error] * len(group))
        else:
            _tell(group, outcomes)

    def _do_beside(self, group: Sequence[tuple[Export, Told]]) -> None:
        self._slow += group
        if self._beside is None or self._beside.done():
            self._beside = asyncio.get_running_loop().create_task(self._drain())

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._slow:
            group, self._slow = _first(self._slow)
            exports = [export for export, _ in group]
            try:
                outcomes = await loop.run_in_executor(self._worker, self.work, exports)
            except Exception as error:
                outcomes = [error] * len(group)
            _tell(group, outcomes)

    def work(self, exports: Sequence[Export]) -> Sequence[Outcome]:
        """Take some requests with one write, as long as it takes.

        Raises: StoreError where they can't be kept, or nobody can be named now; then none of them is.
        """
        return self._work(exports, quickly=False)

    def _work(self, exports: Sequence[Export], *, quickly: bool) -> Sequence[Outcome]:
        outcomes: list[Outcome] = [ALL] * len(exports)
        waiting: list[Waiting] = []
        read_of = 0
        for signal, as_json in dict.fromkeys((export.signal, export.as_json) for export in exports):
            mine = [n for n, e in enumerate(exports) if (e.signal, e.as_json) == (signal, as_json)]
            arrived, mine = self._read(exports, mine, outcomes, quickly=quickly)
            if arrived is None:
                continue
            read_of += int(arrived.records.sum())
            waiting += self._named(exports, mine, arrived, outcomes, quickly=quickly)
        if waiting:
            self.log.append(*waiting)
        self._count("read", read_of)
        self._count("kept", sum(len(rows.each) for rows in waiting))
        self._count("rejected", sum(o.rejected for o in outcomes if isinstance(o, Taken)))
        self._count("malformed", sum(isinstance(o, Malformed) for o in outcomes))
        return outcomes

    def _read(
        self, exports: Sequence[Export], mine: list[int], outcomes: list[Outcome], *, quickly: bool
    ) -> tuple[Arrived | None, list[int]]:
        """What requests of one kind claim; those that are none are told so, and the others are taken."""
        signal, as_json = exports[mine[0]].signal, exports[mine[0]].as_json
        if quickly:
            arrived = read_quickly(signal, [exports[n].body for n in mine])
            if arrived is None:
                raise _Slow
            return arrived, mine
        while mine:
            try:
                return read(signal, [exports[n].body for n in mine], as_json=as_json), mine
            except Malformed as error:
                outcomes[mine[error.place]] = error
                mine = mine[: error.place] + mine[error.place + 1 :]
        return None, mine

    def _named(
        self,
        exports: Sequence[Export],
        mine: list[int],
        arrived: Arrived,
        outcomes: list[Outcome],
        *,
        quickly: bool,
    ) -> list[Waiting]:
        """Rows under pseudonyms; and what each request is told."""
        senders = [exports[n].sender for n in mine]
        name = self.senders.known if quickly else self.senders.pseudonyms
        found: list[Waiting] = []
        old = [0] * len(mine)
        for part in arrived.parts:
            rows = named(part, senders, name)
            if rows is None:
                raise _Slow
            waiting, too_old = rows
            if len(waiting.each):
                found.append(waiting)
            if too_old is not None:
                old = [a + int(b) for a, b in zip(old, too_old, strict=True)]
        if any(old) or arrived.content or arrived.wrong.any():
            for place, n in enumerate(mine):
                outcomes[n] = _taken(arrived, place, old[place])
        return found

    def _count(self, outcome: str, number: int) -> None:
        """Count records by what became of them (read = kept + rejected + other), and what was no request."""
        if number:
            self.senders.desk.counters.count(RECORDS, number, outcome=outcome)


def _first(waiting: list[tuple[Export, Told]]) -> tuple[list[tuple[Export, Told]], list[tuple[Export, Told]]]:
    """Those that are taken together now, and the rest."""
    size = number = 0
    for export, _ in waiting[:MOST_TOGETHER]:
        size += len(export.body)
        if number and size > MOST_BYTES:
            break
        number += 1
    return waiting[:number], waiting[number:]


def _tell(group: Sequence[tuple[Export, Told]], outcomes: Sequence[Outcome]) -> None:
    for (_, told), outcome in zip(group, outcomes, strict=True):
        told(outcome)


def _taken(arrived: Arrived, place: int, old: int) -> Taken:
    wrong = int(arrived.wrong[place])
    says = []
    if wrong:
        says.append(f"{wrong} records claim usage and have a count that is none")
    if old:
        says.append(f"{old} records are older than 27 days")
    if place in arrived.content:
        says.append(
            f"what people or models wrote came along ({arrived.content[place]}) and was dropped: "
            "switch its export off"
        )
    return Taken(wrong + old, "; ".join(says))
