"""Writes an organisation down as tables, takes them in as any company's, and audits what lies in the lake."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import duckdb
import numpy as np

from bench.detect.persons import Crowd, crowd_of, judged_crowds
from bench.detect.rows import columns_of, read_lives
from counterfoil.app.directory import opened
from counterfoil.guard.force import FIRST, consent_text, digest_of
from counterfoil.guard.publish import publish
from counterfoil.ledger.sign import SignerKey, signed_note
from counterfoil.measure.gaming.audit import audited
from counterfoil.measure.gaming.panel import Aimed, Panel
from counterfoil.programme.example import example
from counterfoil.simulate.company.cases import AMAZON, NOTHING
from counterfoil.simulate.company.days import Days, person_days
from counterfoil.simulate.company.people import People, invent
from counterfoil.simulate.tables.company import Company, write_company
from counterfoil.store.lake import Lake
from counterfoil.terms.absent import Unknown
from counterfoil.terms.release import Refuse

A_WEEK = timedelta(days=7)
FOLLOWED = timedelta(days=63)
"""From the last week to today, so that what was made in it has been followed."""
PARTIES = ("employer", "works-council", "data-protection")
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


def put_in_force(data: Path, *, people: int, begins: date) -> None:
    """Put the example's programme in force, with the consent of parties whose keys nobody keeps."""
    text = example(datetime.now(UTC).date(), begins=begins, people=people)
    keys, digest = [SignerKey.new(party, witness=False) for party in PARTIES], digest_of(text)
    consents = [signed_note(consent_text(digest, FIRST, str(key.verifier), []), key) for key in keys]
    with opened(data) as g:
        now = datetime.combine(begins, time(9), UTC)
        published = publish(replace(g, now=now), text, consents=consents, witnesses=[])
    if isinstance(published, Refuse):
        raise SystemExit(published.why)


def asked(data: Path) -> dict[str, Any]:
    """What `counterfoil audit tokens` says of a data directory."""
    command = [sys.executable, "-m", "counterfoil", "audit", "tokens", "--data", str(data), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    if not done.stdout:
        raise SystemExit(done.stderr)
    (told,) = json.loads(done.stdout)
    return {name: told["audit"][name] for name in ("verdict", "says", "units", "since")}


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
    """One organisation through its tables, the lake and the gate to a verdict, and without the gate."""
    began = monotonic()
    last = datetime.now(UTC).date() - FOLLOWED
    first = last - timedelta(days=last.weekday()) - weeks * A_WEEK
    who = invent(people, seed=seed, weeks=weeks)
    days = relived(who, weeks, launch, seed)
    company = Company(people=who, days=days, first=first, seed=seed, asked=people)
    with tempfile.TemporaryDirectory() as made:
        folder, data = Path(made) / "tables", Path(made) / "data"
        folder.mkdir()
        write_company(folder, company, programme="", progress=lambda *_: None)
        told = taken_in(folder, data)
        mondays = [first + n * A_WEEK for n in range(weeks)]
        panel = panel_of(data, mondays, mondays[launch], NEVER_ASKED)
        put_in_force(data, people=people, begins=first)
        released = asked(data)
    said = audited(panel)
    return {
        "people": people,
        "units": len(panel.usage),
        "weeks": weeks,
        "launch": launch,
        "launched": _named(mondays[launch]),
        "rows": sum(one["kept"] for one in told["read"]),
        "tokens_in_the_lake": round(float(np.nansum(panel.usage) / days.tokens.sum(dtype=np.float64)), 4),
        "says": said.says,
        "released": released,
        "seconds": round(monotonic() - began, 1),
    }


def _named(week: date) -> str:
    year, number, _ = week.isocalendar()
    return f"week {number} of {year}"


def judge(folder: Path, *, launched: date | None, peers: bool) -> dict[str, Any]:
    """What an audit says of somebody's tables; where they say what is true, how detectors of people do."""
    if not (folder / "usage_days.csv").exists():
        raise SystemExit(f"{folder} has no usage_days.csv; docs/detection.md says which tables are read")
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
