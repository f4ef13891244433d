"""What tools and systems report of people, as columns: invented here, or read from somebody's tables."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterfoil.simulate.company.days import Days
from counterfoil.simulate.company.fates import FATE, Planted, changes, deployments, drafts, tickets
from counterfoil.simulate.company.live import Behaviour
from counterfoil.simulate.company.manner import EVEN, MANNERS, column
from counterfoil.simulate.company.people import People
from counterfoil.simulate.company.portions import Habits, habits, portions
from counterfoil.simulate.company.roles import Made
from counterfoil.simulate.company.tactics import TACTICS
from counterfoil.simulate.company.works import Planter
from counterfoil.terms.usage import Credential, Trigger

Floats = NDArray[np.float64]
OWN = 0.5
"""How much people differ in the same manner of work, as a standard deviation of logarithms and logits; the
simulated company's tools report each manner alike, which would tell a detector too much. An assumption."""
SUMMED = ("requests", "input_uncached", "cache_read", "cache_write", "output")
PATTERN = ("repeated", "human_turns", "tool_calls", "night", "gap_spread")
"""What a table of usage may have beside the columns that docs/reference/organisation.md names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """Rows of usage: one for each person, day, model and kind of request.

    Shape: every array (rows,).
    """

    who: NDArray[np.int64]
    day: NDArray[np.int64]
    model: NDArray[np.int64]
    requests: Floats
    input_uncached: Floats
    cache_read: Floats
    cache_write: Floats
    output: Floats
    cost: Floats
    sessions: Floats
    declared: Floats
    """1 where a service's key paid, or the workload is in the register."""
    unattended: Floats
    """1 where something else than a person set it off."""
    repeated: Floats
    """Prompts that were sent before; nan where nobody reports it, as for what follows."""
    human_turns: Floats
    tool_calls: Floats
    night: Floats
    """Requests between 22 and 6 o'clock."""
    gap_spread: Floats
    """Deviation of the gaps between requests over their mean: near zero for a timer, one for chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """What was made, and whether anything became of it.

    Shape: every array (works,).
    """

    who: NDArray[np.int64]
    day: NDArray[np.int64]
    kept: Floats
    """1 where it stood, ran, was sent, or stayed closed."""
    empty: Floats
    """1 where a deployment put in place what ran already, or nobody opened a draft."""


def used(people: People, days: Days, usual: Habits, *, seed: int) -> Used:
    """What tools would report of an invented company, with people who differ within a manner."""
    rows = portions(people, days, usual, slice(0, len(people)))
    manner = rows.manner.astype(np.int64)
    mine = np.random.default_rng([seed, 23]).standard_normal((len(people), len(MANNERS), 7), np.float32)
    own = OWN * mine[rows.who, manner].astype(np.float64)
    timed = column("metronomic", np.bool_)[manner] | (column("spread")[manner] == np.float32(EVEN))
    requests = np.maximum(np.rint(rows.requests * np.exp(own[:, 0])), 1)
    parts = {
        name: getattr(rows, name).astype(np.float64)
        for name in ("input_uncached", "cache_read", "cache_write", "cost")
    }
    turns = requests * column("human_turns")[manner] * np.exp(own[:, 3])
    calls = requests * column("tool_calls")[manner] * np.exp(own[:, 4])
    return Used(
        who=rows.who.astype(np.int64),
        day=rows.day.astype(np.int64),
        model=rows.model.astype(np.int64),
        requests=requests,
        **parts,
        output=rows.output * np.exp(own[:, 1]),
        sessions=np.maximum(rows.sessions * np.exp(own[:, 6]), 1),
        declared=rows.registered.astype(np.float64),
        unattended=(rows.trigger != tuple(Trigger).index(Trigger.HUMAN)).astype(np.float64),
        repeated=requests * _moved(column("repeat")[manner], own[:, 2]),
        human_turns=turns,
        tool_calls=calls,
        night=requests * _moved(column("night")[manner], own[:, 5]),
        gap_spread=np.where(timed, 0.06, 1.0) * np.exp(0.5 * own[:, 0]),
    )


def _moved(share: NDArray[Any], by: Floats) -> Floats:
    """Shares, each moved on the scale of log odds."""
    kept = np.clip(share.astype(np.float64), 0.002, 0.998)
    moved: Floats = 1 / (1 + (1 - kept) / kept * np.exp(-by))
    return moved


def worked(people: People, days: Days, usual: Habits, *, seed: int) -> Worked:
    """What an invented company made, with what becomes of it in the end."""
    planter, found = Planter(people, days, usual, seed=seed), []
    for place, kind in enumerate(Made):
        plan, rng = planter.plan(kind), np.random.Generator(np.random.SFC64([seed, 17, place]))
        empty = np.zeros(len(plan))
        match kind:
            case Made.CHANGE:
                kept = changes(plan, rng).fate == FATE[Planted.STANDING]
            case Made.DEPLOYMENT:
                put = deployments(plan, people.team[plan.who].astype(np.int64), rng)
                empty = (put.before == put.after).astype(np.float64)
                kept = (put.fate == FATE[Planted.DEPLOYED]) & (empty == 0)
            case Made.DRAFT:
                drafted = drafts(plan, rng)
                kept, empty = drafted.sends, (~drafted.opens).astype(np.float64)
            case Made.TICKET:
                kept = tickets(plan, rng).fate == FATE[Planted.CLOSED]
        found.append((plan.who, plan.day, kept.astype(np.float64), empty))
    who, day, kept, empty = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Worked(who=who.astype(np.int64), day=day.astype(np.int64), kept=kept, empty=empty)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """People of one organisation over some weeks, with what is true of them.

    Shape: every array (people,).
    """

    used: Used
    worked: Worked
    burns: NDArray[np.bool_]
    """Ran AI for the number in at least half of the weeks."""
    pads: NDArray[np.bool_]
    """Made small calls to be over the line in at least half of the weeks, and did not burn."""
    honest: NDArray[np.bool_]
    """Neither, in any week, and there in at least half of them."""
    tactic: NDArray[np.int64]
    """Of those who burn or pad: a number for each way of doing so; -1 for the others."""
    tactics: tuple[str, ...]
    """What the numbers stand for."""
    workload: NDArray[np.int64]
    part_time: NDArray[np.bool_]
    weeks: int


def lives(people: People, days: Days, *, seed: int) -> Lives:
    """People who were invented, as tools see them, with their truth."""
    usual = habits(people, days, seed=seed)
    behaviour = np.stack([week.behaviour for week in days.weeks], axis=1)
    tactic = np.stack([week.tactic for week in days.weeks], axis=1).astype(np.int64)
    weeks = behaviour.shape[1]
    half = weeks / 2
    burning, padding = behaviour == Behaviour.MAXIMISE, behaviour == Behaviour.PAD
    burns = burning.sum(axis=1) >= half
    pads = (padding.sum(axis=1) >= half) & ~burning.any(axis=1)
    working = behaviour == Behaviour.HONEST
    honest = (working | (behaviour == Behaviour.ABSENT)).all(axis=1) & (working.sum(axis=1) >= half)
    shown = np.where(burns[:, None] & burning, tactic, np.where(pads[:, None] & padding, tactic, -1))
    return Lives(
        used=used(people, days, usual, seed=seed),
        worked=worked(people, days, usual, seed=seed),
        burns=burns,
        pads=pads,
        honest=honest,
        tactic=shown.max(axis=1),
        tactics=tuple(tactic.name for tactic in TACTICS),
        workload=people.workload.astype(np.int64),
        part_time=people.hours < 1,
        weeks=weeks,
    )


def read_lives(folder: Path, *, since: date, weeks: int) -> Lives | None:
    """People of somebody's tables over some weeks; None where truth/weeks.csv does not say who did what."""
    truth = folder / "truth" / "weeks.csv"
    if not truth.exists():
        return None
    table, told = columns_of(folder / "usage_days.csv"), columns_of(truth)
    names = sorted({*table["who"], *told["person"]})
    places = {name: place for place, name in enumerate(names)}
    ways = told.get("tactic", [""] * len(told["person"]))
    tactics = {name: place for place, name in enumerate(sorted({way for way in ways if way}))}
    did = {behaviour: np.zeros(len(names)) for behaviour in ("honest", "pad", "maximise", "absent", "other")}
    tactic = np.full(len(names), -1)
    for person, week, behaviour, way in zip(
        told["person"], told["week"], told["behaviour"], ways, strict=True
    ):
        if 0 <= (date.fromisoformat(week) - since).days < weeks * 7:
            did[behaviour if behaviour in did else "other"][places[person]] += 1
            if behaviour in {"pad", "maximise"} and way:
                tactic[places[person]] = tactics[way]
    burns = did["maximise"] >= weeks / 2
    pads = (did["pad"] >= weeks / 2) & (did["maximise"] == 0)
    gamed = did["maximise"] + did["pad"] + did["other"]
    return Lives(
        used=_used(table, places, since, range(weeks * 7)),
        worked=_worked(folder, places, since, range(weeks * 7)),
        burns=burns,
        pads=pads,
        honest=(gamed == 0) & (did["honest"] >= weeks / 2),
        tactic=np.where(burns | pads, tactic, -1),
        tactics=tuple(tactics),
        workload=np.zeros(len(names), np.int64),
        part_time=np.zeros(len(names), np.bool_),
        weeks=weeks,
    )


def columns_of(path: Path) -> Mapping[str, list[str]]:
    """A CSV table by column."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file)
        names = next(rows)
        return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def _used(table: Mapping[str, list[str]], places: Mapping[str, int], since: date, span: range) -> Used:
    size = len(table["who"])
    models = {name: place for place, name in enumerate(dict.fromkeys(table["model"]))}
    day = np.array([(date.fromisoformat(d[:10]) - since).days for d in table["day"]])

    def numbers(name: str, without: float = np.nan) -> Floats:
        told = table.get(name)
        return np.full(size, without) if told is None else np.array([float(v or without) for v in told])

    def words(name: str) -> NDArray[Any]:
        return np.array(table.get(name, [""] * size))

    declared = (words("workload") != "") | (words("credential") == Credential.SERVICE.value)
    trigger = words("trigger")
    columns: dict[str, NDArray[Any]] = {name: numbers(name) for name in (*SUMMED, *PATTERN)}
    columns |= {
        "who": np.array([places[w] for w in table["who"]]),
        "day": day,
        "model": np.array([models[m] for m in table["model"]]),
        "cost": numbers("cost", 0.0),
        "sessions": numbers("sessions"),
        "declared": declared.astype(np.float64),
        "unattended": ((trigger != "") & (trigger != Trigger.HUMAN.value)).astype(np.float64),
    }
    kept = (day >= span.start) & (day < span.stop)
    return Used(**{name: values[kept] for name, values in columns.items()})


def _worked(folder: Path, places: Mapping[str, int], since: date, span: range) -> Worked:
    found = [row for row in _each_work(folder) if row[0] in places and row[1]]
    day = np.array([(date.fromisoformat(at[:10]) - since).days for _, at, _, _ in found], np.int64)
    inside = (day >= span.start) & (day < span.stop)
    whole = Worked(
        who=np.array([places[who] for who, _, _, _ in found], np.int64),
        day=day,
        kept=np.array([kept for _, _, kept, _ in found], np.float64),
        empty=np.array([empty for _, _, _, empty in found], np.float64),
    )
    return replace(whole, **{f.name: getattr(whole, f.name)[inside] for f in fields(Worked)})


def _each_work(folder: Path) -> Iterator[tuple[str, str, bool, bool]]:
    """Who made each work, when, whether anything came of it, and whether it was empty."""
    for kind in ("changes", "deployments", "drafts", "tickets"):
        path = folder / f"{kind}.csv"
        if not path.exists():
            continue
        with path.open(newline="", encoding="utf-8-sig") as file:
            for row in csv.DictReader(file):
                get = row.get
                at = get("at") or get("landed_at") or get("closed_at") or get("sent_at") or ""
                tree = get("tree_before")
                empty = (bool(tree) and tree == get("tree_after")) or get("opened_at", "-") == ""
                undone = (
                    get("reverted_at") or get("corrected_at") or get("rolled_back_at") or get("reopened_at")
                )
                done = get("landed_at") or get("sent_at") or get("closed_at") or get("result") == "succeeded"
                lost = kind == "changes" and not get("landed_at")
                yield row["who"], at, bool(done) and not undone and not empty and not lost, empty
