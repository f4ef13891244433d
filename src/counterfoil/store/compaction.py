"""Takes what was received into the lake: each request once, with half hashes for ids and hours for times."""

import json
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from counterfoil.store.batches import SCHEMA, frames
from counterfoil.store.engine import Values, unreadable, view, whole
from counterfoil.store.lake import Lake
from counterfoil.store.tables import BY_NAME
from counterfoil.terms.arrived import SessionCost
from counterfoil.terms.batch import Batch
from counterfoil.terms.organisation import UsageDay
from counterfoil.terms.rate import Rate, Rates

BEFORE = 7
"""Days before one in which a running count may have begun."""
COUNTS = ("requests", "input_uncached", "cache_read", "cache_write", "output", "cost")
_DAY = 'CAST(make_timestamp("at") AS DATE)'
_BAND = 'CAST(hour(make_timestamp("at")) // 6 AS BIGINT)'


_SERIES = "split_part(key, ' ', 1) || ' ' || split_part(key, ' ', 2)"
"""A running count's key without its day."""


def _half(name: str) -> str:
    """Half of a hash of a text, the same on every engine and in every year; 0 for no text."""
    return f"CASE WHEN ({name}) = '' THEN 0 ELSE CAST(md5_number_lower({name}) >> 1 AS BIGINT) END"


# One row for each request: the nearest signal holds. A running count grows: its largest value holds.
_USAGE = f"""
CREATE TEMP TABLE fresh AS
WITH named AS (
  SELECT {_DAY} AS day, {_half("source || ' ' || key")} AS key, {_BAND} AS band, who, claimed, source, rank,
    tool, model, trigger, credential, workload, {_half("session")} AS session, {_half("trace")} AS trace,
    CASE WHEN began = 0 THEN 0 ELSE {_half(_SERIES)} END AS series,
    requests, input_uncached, cache_read, cache_write, output,
    CASE WHEN cost < 0 THEN NULL ELSE cost END AS cost
  FROM arrived WHERE rank < 9
)
SELECT * FROM named
"""
_KNOWN = """
CREATE TEMP TABLE known AS
SELECT u.* FROM usage AS u SEMI JOIN fresh AS f ON u.day = f.day AND u.key = f.key
"""
_MERGED = """
SELECT * FROM (
  SELECT * FROM known UNION ALL BY NAME SELECT * FROM fresh
) QUALIFY row_number() OVER (
  PARTITION BY day, key
  ORDER BY rank, output + cache_read + cache_write DESC, abs(input_uncached) DESC, requests DESC,
    cost DESC NULLS LAST, claimed, who DESC
) = 1
"""
_JOINED = f"""
SELECT {_DAY} AS day, {_half("session")} AS session, repository, "commit", max(who) AS who, max(tool) AS tool,
  min(CASE WHEN rank <> 9 THEN 'span' WHEN source = 'shared' THEN 'shared' ELSE 'event' END) AS path
FROM arrived WHERE "commit" <> ''
GROUP BY ALL
"""


_BY_DAY = f"""
SELECT who, CAST(day AS DATE) AS day, tool, model, trigger, credential, workload,
  {", ".join(f"CAST(sum({name}) AS BIGINT) AS {name}" for name in COUNTS)}
FROM counted GROUP BY ALL
"""
_BY_SESSION = """
SELECT who, CAST(day AS DATE) AS day, tool, session, CAST(sum(requests) AS BIGINT) AS requests,
  CAST(sum(CASE WHEN cost IS NULL THEN requests ELSE 0 END) AS BIGINT) AS unpriced,
  CAST(sum(coalesce(cost, 0)) AS BIGINT) AS cost
FROM (
  SELECT who, day, tool, session, requests, cost FROM counted WHERE requests <> 0 OR cost <> 0
  UNION ALL
  SELECT t.who, CAST($day AS DATE), t.tool, t.session, 0, 0 FROM told AS t
)
GROUP BY ALL
"""


def no_rates(wanted: Iterable[tuple[str, str, str]]) -> Mapping[tuple[str, str], Rate]:
    """No price of anything."""
    return {}


def compact(
    lake: Lake, segment: Path, *, gone: Collection[str] = (), rates: Rates = no_rates
) -> Sequence[date]:
    """Take one closed segment into the lake and remove it; the days that it has rows of.

    Rows of those who are gone are left out. What states no cost has its list price, where there is one.

    A crash on the way repeats it, which changes nothing: the same request has the same key.

    Raises: StoreError where the segment or the lake can't be read or written.
    """
    table = pa.Table.from_batches(frames(segment), SCHEMA)
    days: Sequence[date] = []
    if gone:
        table = table.filter(pc.invert(pc.is_in(table["who"], value_set=pa.array(sorted(gone)))))
    if len(table):
        days = _merged(lake, table)
        for day in days:
            lake.append(reduced(lake, day, rates))
    segment.unlink()
    return days


def _merged(lake: Lake, arrived: pa.Table) -> Sequence[date]:
    """Merge rows with those that the lake has of the same requests."""
    work = lake.folder.parent / "compacting"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    usage, joined = BY_NAME["usage"], BY_NAME["joined"]
    paths = {usage: work / "usage.parquet", joined: work / "joined.parquet"}
    try:
        with lake.reader() as db:
            db.register("arrived", arrived)
            db.execute(_USAGE)
            days = [day for (day,) in db.execute("SELECT DISTINCT day FROM fresh ORDER BY day").fetchall()]
            view(db, usage, lake.files("usage", days))
            db.execute(_KNOWN)
            for name, query in ((usage, _MERGED), (joined, _JOINED)):
                columns = ", ".join(f'"{column}"' for column in name.columns())
                db.execute(f"COPY (SELECT {columns} FROM ({query})) TO '{paths[name]}' (FORMAT parquet)")
        lake.append_files({name: [path] for name, path in paths.items()})
    except duckdb.Error as error:
        raise unreadable(error) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return days


def reduced(lake: Lake, day: date, rates: Rates = no_rates) -> Iterator[Batch[Any]]:
    """Each person's use of a day, and each session's cost.

    Each request is counted once, as the nearest signal of its session tells it.
    """
    days = [day - timedelta(days=ago) for ago in range(BEFORE + 1)]
    values: Values = {"day": day, "before": BEFORE, "rates": json.dumps(list(_tiers(lake, day, rates)))}
    columns = lake.run_of("usage_counted", ["usage", "usage_day"], days, values)
    told = lake.run_of("sessions_told", ["session_cost"], [day], {"day": day})
    with lake.reader() as db:
        db.register("counted", dict(columns))
        db.register("told", dict(told))
        for noun, query in ((UsageDay, _BY_DAY), (SessionCost, _BY_SESSION)):
            found = db.execute(query, {"day": day} if "$day" in query else None).fetchnumpy()
            yield Batch(noun, {name: whole(column).tolist() for name, column in found.items()})


def _tiers(lake: Lake, day: date, rates: Rates) -> Iterator[Mapping[str, str | int]]:
    """The prices of a day's models that state no cost, as far as they have any. Unit: pico-dollars."""
    if rates is no_rates:
        return
    found = lake.run_of("usage_unpriced", ["usage"], [day], {"day": day})
    models = list(zip(found["tool"].tolist(), found["model"].tolist(), strict=True))
    for tool, model in models:
        rate = rates([(tool, model, str(day))]).get((model, str(day)))
        for tier in () if rate is None else rate.tiers:
            buckets = {name: getattr(tier, name) for name in COUNTS[1:5]}
            yield {"tool": tool, "model": model, "over": tier.over, **buckets}
