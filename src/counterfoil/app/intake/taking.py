"""Takes export requests: several are decoded together, named by pseudonyms, and synced with one write."""

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from counterfoil.app.intake.senders import Sender, Senders
from counterfoil.app.server.counters import RECORDS
from counterfoil.collect.otlp.decoded import Malformed
from counterfoil.collect.otlp.read import Arrived, Signal, read
from counterfoil.store.batches import SCHEMA, BatchLog
from counterfoil.terms.error import CounterfoilError
from counterfoil.terms.usage import Credential

MOST_TOGETHER = 32
AHEAD = 3_600_000_000
"""How far a sender's clock may be ahead, in microseconds: later than that is now."""
OLDEST = 27 * 86_400_000_000
"""How old a record may be, in microseconds: what is older can't be told from what was sent before."""


@dataclass(frozen=True, slots=True)
class Export:
    """One request as it came in."""

    signal: Signal
    as_json: bool
    body: bytes
    sender: Sender


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a request."""

    rejected: int = 0
    """Records that claim usage and can't be read, or are too old."""
    says: str = ""
    """What the sender should know."""


Outcome = Taken | CounterfoilError


@dataclass(slots=True)
class Intake:
    """The way from decoded requests to the batch log, one group after the other."""

    log: BatchLog
    senders: Senders
    _pending: list[tuple[Export, "asyncio.Future[Outcome]"]] = field(default_factory=list)
    _worker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "intake"))
    _draining: "asyncio.Task[None] | None" = None

    async def take(self, export: Export) -> Taken:
        """Take a request; what it has is durable when this returns.

        Raises: Malformed where it is none; StoreError where it can't be kept, or nobody can be named now.
        """
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._pending.append((export, future))
        if self._draining is None or self._draining.done():
            self._draining = asyncio.create_task(self._drain())
        outcome = await future
        if isinstance(outcome, CounterfoilError):
            raise outcome
        return outcome

    def close(self) -> None:
        """Finish what was begun."""
        self._worker.shutdown()

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        while self._pending:
            group, self._pending = self._pending[:MOST_TOGETHER], self._pending[MOST_TOGETHER:]
            exports = [export for export, _ in group]
            try:
                outcomes = await loop.run_in_executor(self._worker, self.work, exports)
            except CounterfoilError as error:
                outcomes = [error] * len(group)
            except Exception as error:
                for _, future in group:
                    if not future.done():
                        future.set_exception(error)
                continue
            for (_, future), outcome in zip(group, outcomes, strict=True):
                if not future.done():
                    future.set_result(outcome)

    def work(self, exports: Sequence[Export]) -> Sequence[Outcome]:
        """Take some requests with one write.

        Raises: StoreError where they can't be kept, or nobody can be named now; then none of them is.
        """
        outcomes: list[Outcome] = [Taken()] * len(exports)
        batches: list[pa.RecordBatch] = []
        kinds = dict.fromkeys((export.signal, export.as_json) for export in exports)
        for signal, as_json in kinds:
            mine = [n for n, e in enumerate(exports) if (e.signal, e.as_json) == (signal, as_json)]
            batches += self._read(exports, mine, signal, outcomes, as_json=as_json)
        if batches:
            self.log.append(batches[0] if len(batches) == 1 else pa.concat_batches(batches))
        self._count("kept", sum(map(len, batches)))
        self._count("rejected", sum(o.rejected for o in outcomes if isinstance(o, Taken)))
        self._count("malformed", sum(isinstance(o, Malformed) for o in outcomes))
        return outcomes

    def _read(
        self,
        exports: Sequence[Export],
        mine: list[int],
        signal: Signal,
        outcomes: list[Outcome],
        *,
        as_json: bool,
    ) -> list[pa.RecordBatch]:
        """The rows of requests of one kind; those that are none are told so, and the others are taken."""
        while mine:
            try:
                arrived = read(signal, [exports[n].body for n in mine], as_json=as_json)
            except Malformed as error:
                outcomes[mine[error.place]] = error
                mine = mine[: error.place] + mine[error.place + 1 :]
                continue
            self._count("read", int(arrived.records.sum()))
            batch, old = self._named([exports[n].sender for n in mine], arrived)
            for place, n in enumerate(mine):
                outcomes[n] = _taken(arrived, place, int(old[place]))
            return [batch] if len(batch) else []
        return []

    def _named(self, senders: Sequence[Sender], arrived: Arrived) -> tuple[pa.RecordBatch, np.ndarray]:
        """Rows with a pseudonym instead of each identity, and how many of each request are too old."""
        rows = arrived.rows
        request = rows.column("request").to_numpy()
        now = time.time_ns() // 1_000
        at = rows.column("at").to_numpy()
        at = np.where((at == 0) | (at > now + AHEAD), now, at)
        young = at > now - OLDEST
        old = np.bincount(request[~young], minlength=len(senders))
        who, claimed, credential = self._senders_of(senders, rows, request)
        columns = {
            **{name: rows.column(name) for name in SCHEMA.names if name in rows.schema.names},
            "at": pa.array(at),
            "who": who,
            "claimed": claimed,
            "credential": credential,
        }
        batch = pa.RecordBatch.from_arrays([columns[field.name] for field in SCHEMA], schema=SCHEMA)
        return (batch if young.all() else batch.filter(pa.array(young))), old

    def _senders_of(
        self, senders: Sequence[Sender], rows: pa.RecordBatch, request: np.ndarray
    ) -> tuple[pa.Array, pa.Array, pa.Array]:
        """Whose each row is: the token's person, else who the record claims to be; and on what credential."""
        identities = rows.column("raw_identity").dictionary_encode()
        names = self.senders.pseudonyms(identities.dictionary.to_pylist())
        claims = pa.array(names, pa.string()).take(identities.indices)
        if len({sender.who for sender in senders}) == 1:
            own = pa.repeat(pa.scalar(str(senders[0].who)), len(rows))
        else:
            own = pa.array([str(sender.who) for sender in senders], pa.string()).take(pa.array(request))
        is_own = pc.not_equal(own, "")
        who = pc.if_else(is_own, own, claims)
        claimed = pc.cast(pc.and_(pc.invert(is_own), pc.not_equal(claims, "")), pa.int64())
        kinds = [_credential(sender) for sender in senders]
        credential = pa.array(kinds, pa.string()).take(pa.array(request))
        return who, claimed, credential

    def _count(self, outcome: str, number: int) -> None:
        """Count records by what became of them (read = kept + rejected + other), and what was no request."""
        self.senders.desk.counters.count(RECORDS, number, outcome=outcome)


def _credential(sender: Sender) -> str:
    if not sender.has_token:
        return ""
    return Credential.PERSON if sender.who else Credential.SERVICE


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
