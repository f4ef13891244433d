"""Counts anew what became of what sessions cost, once more is known of their changes."""

from collections.abc import Iterator
from datetime import date, timedelta

from counterfoil.store.engine import Columns
from counterfoil.store.lake import Appended, Lake
from counterfoil.store.tables import BY_NAME
from counterfoil.terms.batch import MAX_ROWS, Batch
from counterfoil.terms.period import Block, Period
from counterfoil.terms.spend import Spend

FOLLOWED_FOR = timedelta(days=75)
"""For how long a day is counted anew: a change takes its time to land, and 30 days more to stand."""
READ_FROM = timedelta(days=60)
"""How long before that sessions are looked at, so that a change is counted with its first one."""
READ = ("usage_day", "session_cost", "joined", "pushed_mark", "landing", "work_fate", "spend")


def recount(lake: Lake, today: date) -> Appended:
    """Count what became of the spend of the last weeks; of all there is, where none was counted yet.

    What is the same as before changes nothing.

    Raises: StoreError where the lake can't be read or written.
    """
    since = today - FOLLOWED_FOR
    blocks = [Period.parse(part.block).since for part in lake.registry.parts("usage_day")]
    if blocks and not lake.registry.parts("spend"):
        since = min(since, min(blocks))
    # A change may have landed before the day of a session that names it: whole blocks are read.
    first = min(since - READ_FROM, Block.of(since).previous.since)
    days = [first + timedelta(days=n) for n in range((today - first).days + 1)]
    told = ",".join(map(str, sorted(lake.registry.sealed("spend"))))
    columns = lake.run_of("spend_counted", READ, days, {"since": since, "today": today, "told": told})
    return lake.append(_batches(columns)).get("spend", Appended())


def _batches(columns: Columns) -> Iterator[Batch[Spend]]:
    for start in range(0, len(columns["day"]), MAX_ROWS):
        some = {name: columns[name][start : start + MAX_ROWS] for name in BY_NAME["spend"].columns()}
        yield Batch(Spend, {name: column.tolist() for name, column in some.items()})
