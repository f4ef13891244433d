"""Writes an organisation down as tables, takes them in as any company's, and audits what lies in the lake."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from bench.detect.persons import Crowd, crowd_of, judged_crowds
from bench.detect.rows import columns_of, read_lives
from counterfoil.measure.gaming.audit import audited
from counterfoil.measure.gaming.panel import Aimed, Panel
from counterfoil.simulate.company.cases import AMAZON, NOTHING
from counterfoil.simulate.company.days import Days, person_days
from counterfoil.simulate.company.people import People, invent
from counterfoil.simulate.tables.company import Company, write_company
from counterfoil.store.lake import Lake
from counterfoil.terms.absent import Unknown
from counterfoil.terms.metric import Level

MONDAY = date(2026, 1, 5)
A_WEEK = timedelta(days=7)
MONTH = 4
"""Unit: weeks that a detector of people looks at."""
ROOT = Path(__file__).parents[2]
NEVER_ASKED = Unknown("no target was named")


def relived(people: People, weeks: int, launch: int, seed: int) -> Days:
    """Weeks without a programme, then weeks under one like Amazon's."""
    before, after = (person_days(people, d, days=7 * weeks, seed=seed) for d in (NOTHING, AMAZON))
    cut = 7 * launch

    def spliced(name: str) -> Any:
        return np.hstack([getattr(before, name)[:, :cut], getattr(after, name)[:, cut:]])

    arrays = {name: spliced(name) for name in ("tokens", "needed", "cache_read", "longest", "tasks")}
    usual = (1 << np.arange(len(people)) % 3).astype(np.uint8)[:, None]
    models = np.where(arrays["tokens"] > 0, usual, np.uint8(0))
    lived = [*before.weeks[:launch], *after.weeks[launch:]]
    return replace(before, weeks=lived, models=models, **arrays)


def taken_in(folder: Path, data: Path) -> Mapping[str, Any]:
    """Read a folder's tables into a lake, as `counterfoil collect table` does."""
    files = [str(path) for path in sorted(folder.glob("*.csv"))]
    command = [sys.executable, "-m", "counterfoil", "collect", "table", *files, "--data", str(data), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        raise SystemExit(done.stderr)
    told: Mapping[str, Any] = json.loads(done.stdout)
    return told


def panel_of(data: Path, weeks: list[date], launched: date | Unknown, target: Aimed | Unknown) -> Panel:
    """Units by week from what lies in a lake: tokens, kept works, heads, tokens of registered workloads."""
    with Lake(data) as lake:
        told = [_week(lake, week) for week in weeks]
    units = sorted({unit for week in told for unit in week})
    values = np.array([[week.get(unit, (np.nan,) * 4) for week in told] for unit in units])
    return Panel(
        metric="tokens",
        weeks=tuple(weeks),
        usage=values[:, :, 0],
        outcomes=values[:, :, 2],
        heads=values[:, :, 3],
        people=int(np.nansum(values[:, -1, 3])),
        launched=launched,
        registered=values[:, :, 1],
        target=target,
        shown=not isinstance(target, Unknown),
    )


def _week(lake: Lake, week: date) -> dict[str, tuple[float, float, float, float]]:
    """Each unit's tokens, tokens of registered workloads, kept works and heads of one week."""
    until = week + A_WEEK
    period: dict[str, Any] = {"since": week, "until": until}
    members = lake.run("members", ["person", "membership"], {"day": until - timedelta(days=1)})
    work = lake.run("work", ["work_fate"], {**period, "kind": None})
    files = [str(path) for path in lake.files("usage_day", [week + timedelta(days=n) for n in range(7)])]
    used = duckdb.execute(
        "SELECT who, sum(input_uncached + cache_read + cache_write + output) AS tokens, sum(CASE WHEN"
        " workload <> '' THEN input_uncached + cache_read + cache_write + output ELSE 0 END) AS registered"
        " FROM read_parquet($files) WHERE day >= $since AND day < $until GROUP BY who",
        {"files": files, **period},
    ).fetchnumpy()
    tokens = dict(zip(used["who"], zip(used["tokens"], used["registered"], strict=True), strict=True))
    kept = dict(zip(work["who"], work["kept"], strict=True))
    found: dict[str, tuple[float, float, float, float]] = {}
    for who, unit in zip(members["who"], members["unit"], strict=True):
        if unit:
            whole, registered = tokens.get(who, (0, 0))
            now = found.get(unit, (0.0, 0.0, 0.0, 0.0))
            mine = (float(whole), float(registered), float(kept.get(who, 0)), 1.0)
            found[unit] = tuple(a + b for a, b in zip(now, mine, strict=True))  # type: ignore[assignment]
    return found


def round_trip(*, people: int, weeks: int, launch: int, seed: int = 1) -> dict[str, Any]:
    """One organisation through its tables and the lake to a verdict."""
    began = time.monotonic()
    who = invent(people, seed=seed, weeks=weeks)
    days = relived(who, weeks, launch, seed)
    company = Company(people=who, days=days, first=MONDAY, seed=seed, asked=people)
    with tempfile.TemporaryDirectory() as made:
        folder, data = Path(made) / "tables", Path(made) / "data"
        folder.mkdir()
        programme = (ROOT / "examples" / "programmes" / "amazon-2026.toml").read_text("utf-8")
        write_company(folder, company, programme=programme, progress=lambda *_: None)
        told = taken_in(folder, data)
        mondays = [MONDAY + n * A_WEEK for n in range(weeks)]
        target = Aimed(level=Level.PERSON, threshold=1.0, window=A_WEEK)
        panel = panel_of(data, mondays, mondays[launch], target)
    said = audited(panel)
    return {
        "people": people,
        "units": len(panel.usage),
        "weeks": weeks,
        "launch": launch,
        "rows": sum(one["kept"] for one in told["read"]),
        "tokens_in_the_lake": round(float(np.nansum(panel.usage) / days.tokens.sum(dtype=np.float64)), 4),
        "verdict": said.verdict.value,
        "says": said.says,
        "weeks_since_launch": None
        if isinstance(said.since, Unknown)
        else (said.since - mondays[launch]).days // 7,
        "seconds": round(time.monotonic() - began, 1),
    }


def judge(folder: Path, *, launched: date | None, peers: bool) -> dict[str, Any]:
    """What an audit says of somebody's tables; where they say what is true, how detectors of people do."""
    days = columns_of(folder / "usage_days.csv")["day"]
    first, last = (date.fromisoformat(day[:10]) for day in (min(days), max(days)))
    monday = first + timedelta(days=-first.weekday() % 7)
    weeks = [monday + n * A_WEEK for n in range((last - monday).days // 7 + (last.weekday() == 6))]
    since = Unknown("no launch was named") if launched is None else launched
    with tempfile.TemporaryDirectory() as made:
        told = taken_in(folder, Path(made) / "data")
        said = audited(panel_of(Path(made) / "data", weeks, since, NEVER_ASKED))
    found: dict[str, Any] = {
        "read": told["read"],
        "verdict": said.verdict.value,
        "says": said.says,
        "levers": [f"{one.rule}: {one.says}" for one in said.levers],
        "signs": {sign.test: sign.says for sign in said.signs},
    }
    crowds = _crowds(folder, weeks)
    if crowds is not None:
        found["people"] = judged_crowds(*crowds, peers=peers, adapt=False)
    return found


def _crowds(folder: Path, weeks: list[date]) -> tuple[Crowd, Crowd] | None:
    """People to learn from, half of them in the last month but one; people to judge, half in the last."""
    halves = [read_lives(folder, since=weeks[start], weeks=MONTH) for start in (-2 * MONTH, -MONTH)]
    if len(weeks) < 2 * MONTH or halves[0] is None or halves[1] is None:
        return None
    names = sorted({*halves[0].tactics, *halves[1].tactics})
    seen = names[::2] if len(names) > 1 else names
    known, unknown = (crowd_of(half, n, seen) for n, half in enumerate(halves) if half is not None)
    even = np.random.default_rng(1).random(len(known.x)) < 0.5
    other = np.random.default_rng(2).random(len(unknown.x)) < 0.5
    return known.part(even), unknown.part(other)
