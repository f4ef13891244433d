"""Takes in what agents used and made, on the way on which telemetry and forges come in."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa

from counterfoil.agents.wire import Rows
from counterfoil.app.server.counters import RECORDS
from counterfoil.app.server.desk import Desk
from counterfoil.guard.late import take_late
from counterfoil.guard.person import GONE
from counterfoil.store.batches import SCHEMA, BatchLog, Waiting
from counterfoil.terms.absent import Unknown
from counterfoil.terms.arrived import Rank
from counterfoil.terms.batch import batches
from counterfoil.terms.organisation import STILL_STANDS, WorkFate
from counterfoil.terms.usage import Credential, Trigger, Usage
from counterfoil.terms.work import BY_AGENT, Fate, Work, WorkFated

SOURCE, TOOL = "agents", "counterfoil-agents"
OLDEST = timedelta(days=27)
"""What is older can't be told from what was handed on before."""
AHEAD = timedelta(hours=1)
LONGEST = 300
"""Of a key or a name."""
_PLAIN: dict[str, str | int] = {
    "source": SOURCE,
    "trace": "",
    "credential": Credential.SERVICE.value,
    "tool": TOOL,
    "trigger": Trigger.AGENT.value,
    "workload": "",
    "claimed": 0,
    "began": 0,
}
_NONE: dict[str, str | int] = {
    "model": "",
    "repository": "",
    "commit": "",
    "requests": 0,
    "input_uncached": 0,
    "cache_read": 0,
    "cache_write": 0,
    "output": 0,
    "reasoning": -1,
    "cost": -1,
}


def take(desk: Desk, log: BatchLog, rows: Rows, now: datetime) -> int:
    """Make rows durable; how many of them were left out, since they are too old, or of somebody erased.

    Whatever is handed on twice has the same key, and is there once.

    Raises: StoreError where they can't be kept now.
    """
    gone = desk.aside.lake.registry.all_kept(GONE)
    usage = [one for one in rows.usage if _is_sound(one, now) and one.who not in gone]
    made = {work.key: work for work in rows.work}
    fates = {fate.work.key: fate for fate in rows.fates}
    works = [
        fates.get(key, work) for key, work in (made | {key: fate.work for key, fate in fates.items()}).items()
    ]
    sound = [one for one in works if _work_is_sound(_work(one), now) and _work(one).who not in gone]
    if waiting := list(_waiting(usage, [_work(one) for one in sound], now)):
        log.append(*waiting)
    if sound:
        with desk.hold() as g:
            # Whoever was erased while this waited for the desk stays so.
            gone = g.lake.registry.all_kept(GONE)
            sound = [one for one in sound if _work(one).who not in gone]
            appended = g.lake.append(batches(WorkFate, [_fate(one) for one in sound]))
            if any(counts.late for counts in appended.values()):
                take_late(g)
    rejected = len(rows.usage) - len(usage) + len(works) - len(sound)
    desk.counters.count(RECORDS, len(rows.usage) + len(works), outcome="read")
    desk.counters.count(RECORDS, len(usage) + len(sound), outcome="kept")
    desk.counters.count(RECORDS, rejected, outcome="rejected")
    return rejected


def _work(one: Work | Fate) -> Work:
    return one.work if isinstance(one, Fate) else one


def _is_sound(one: Usage, now: datetime) -> bool:
    counts = (one.input_uncached, one.cache_read, one.cache_write, one.output)
    names = (one.key, one.session, one.model if isinstance(one.model, str) else "")
    return (
        not isinstance(one.who, Unknown)
        and bool(one.key)
        and all(len(name) <= LONGEST for name in names)
        and all(0 <= count < 2**40 for count in counts)
        and one.at > now - OLDEST
    )


def _work_is_sound(one: Work, now: datetime) -> bool:
    names = (one.key, one.session, one.repository, one.commit)
    first, last = date(2000, 1, 1), (now + timedelta(days=1)).date()
    return bool(one.key) and all(len(name) <= LONGEST for name in names) and first <= one.day <= last


def _waiting(usage: Sequence[Usage], works: Sequence[Work], now: datetime) -> Iterator[Waiting]:
    """Requests, and commits by which the ordinary examination finds what a run made."""
    if usage:
        yield _rows([_request(one, now) for one in usage], Rank.EVENT)
    young = (now - OLDEST).date()
    if commits := [_commit(one) for one in works if one.commit and one.repository and one.day > young]:
        yield _rows(commits, Rank.COMMIT)


def _rows(each: Sequence[dict[str, Any]], rank: Rank) -> Waiting:
    same = {**_PLAIN, "rank": int(rank)}
    return Waiting.of(
        {
            name: same[name]
            if name in same
            else pa.array([row[name] for row in each], SCHEMA.field(name).type)
            for name in SCHEMA.names
        }
    )


def _request(one: Usage, now: datetime) -> dict[str, Any]:
    at = now if one.at > now + AHEAD else one.at
    return {
        **_NONE,
        "key": one.key,
        "session": one.session,
        "who": one.who,
        "model": _known(one.model, ""),
        "at": int(at.timestamp() * 1_000_000),
        "requests": 1,
        "input_uncached": one.input_uncached,
        "cache_read": one.cache_read,
        "cache_write": one.cache_write,
        "output": one.output,
        "reasoning": _known(one.reasoning, -1),
        "cost": _known(one.cost, -1),
    }


def _commit(one: Work) -> dict[str, Any]:
    noon = datetime(one.day.year, one.day.month, one.day.day, 12, tzinfo=UTC)
    return {
        **_NONE,
        "key": f"commit {one.key}",
        "session": one.session,
        "who": one.who,
        "repository": one.repository,
        "commit": one.commit,
        "at": int(noon.timestamp() * 1_000_000),
    }


def _fate(one: Work | Fate) -> WorkFate:
    work, fated = _work(one), one if isinstance(one, Fate) else None
    undone = fated is not None and fated.fate is not WorkFated.STANDING
    reverted = fated is not None and fated.fate is WorkFated.REVERTED
    return WorkFate(
        who=work.who,
        kind=f"{BY_AGENT}{work.kind}",
        work=work.key,
        landed=work.day,
        undone=fated.day if fated is not None and undone else STILL_STANDS,
        reverted=fated.day if fated is not None and reverted else STILL_STANDS,
    )


def _known(value: Any, absent: str | int) -> Any:
    return absent if isinstance(value, Unknown) else value
