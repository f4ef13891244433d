"""Sums of units, week by week, kept once they are known: what a number is checked by when rows are gone."""

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from counterfoil.guard.figures import COLLUDING, cap_of
from counterfoil.guard.force import Version, version
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.members import FROZEN, Members, above, freeze, members_of
from counterfoil.guard.rows import TABLES
from counterfoil.guard.shown import LEAST_FLOOR
from counterfoil.guard.workloads import workloads
from counterfoil.ledger.entry import Body, EntryKind, open_entry
from counterfoil.measure.cohort.figure import FOLLOWED, Fact
from counterfoil.store.engine import Columns
from counterfoil.store.tables import CHANGES
from counterfoil.terms.absent import Unknown
from counterfoil.terms.period import A_WEEK, Block
from counterfoil.terms.workload import Workload

KEPT = "unit-week"
LEAST_UNIT = LEAST_FLOOR + COLLUDING
"""The fewest people of a unit whose sums are kept by themselves."""
REACHED = {Fact.USAGE: timedelta(days=7), Fact.WORK: FOLLOWED, Fact.DEPLOYMENT: FOLLOWED}
"""How long after a week its sums are known: use comes in late, and work has to stand."""
SUMS = {
    Fact.USAGE: ("tokens", "cost", "capped", "prompts", "active", "declared"),
    Fact.WORK: ("landed", "kept", "standing", "merged", "reverted"),
    Fact.DEPLOYMENT: ("deployed", "failed", "needless"),
}
MOST_PROMPTS, STEPS_OF_TEN = 200, 20
"""Prompts are counted one by one up to here, and tokens in steps of a twentieth of a power of ten."""
WEEKDAYS = 7
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitWeek:
    """What the units of a company came to in one week; no unit of it has fewer people than a floor.

    Shape: `units` (units,), `above` (units,), and each of `sums` (units,).
    """

    week: date
    people: int
    """Everybody who was there, those of smaller units among them."""
    units: Sequence[str]
    above: Sequence[Sequence[str]]
    """Each unit and those above it."""
    sums: Mapping[str, Counts]
    bins: Mapping[str, Counts]
    """How many people have so much of something: active days, prompts, tokens; and how many were active on
    each weekday. Counts of the whole company alone."""


def reduce_weeks(g: Guarded) -> int:
    """Keep the sums of every week that are known by now and are not kept yet; how many weeks those are.

    Each is in the log before its rows are read, and is never changed after: whatever comes late changes no
    answer, so that two answers can't be laid together.
    """
    force = version(g)
    if force is None or not force.agreed().gaming.checks:
        return 0
    wanted = list(_missing(g, force))
    if wanted:
        g.log.append([open_entry(EntryKind.RULE, _said(g, force, *one)) for one in wanted])
    for (fact, block), some in groupby(wanted, key=lambda one: (one[0], Block.of(one[1]))):
        _keep(g, fact, members_of(g.lake, block), [week for _, week in some])
    return len(wanted)


def _keep(g: Guarded, fact: Fact, members: Members, weeks: Sequence[date]) -> None:
    """Keep the sums of some weeks of a block."""
    values = {"since": weeks[0], "until": weeks[-1] + A_WEEK}
    found = g.lake.run(f"week_{fact}", [TABLES[fact]], values, block=str(members.block))
    mine = np.isin(found["who"].astype(str), members.who.astype(str))
    found = {name: column[mine] for name, column in found.items()}
    with g.lake.registry.change() as change:
        if g.lake.registry.kept(FROZEN, str(members.block)) is None:
            freeze(change, members)
        for week in weeks:
            of = found["week"].astype("datetime64[D]") == np.datetime64(week)
            kept = _reduced(g, fact, week, members, {name: c[of] for name, c in found.items()})
            change.keep(KEPT, f"{fact}/{week}", zlib.compress(json.dumps(kept).encode()))


def weeks_kept(g: Guarded, fact: Fact) -> frozenset[date]:
    """The weeks whose sums are kept."""
    names = (name.partition("/") for name in g.lake.registry.all_kept(KEPT))
    return frozenset(date.fromisoformat(week) for of, _, week in names if of == fact)


def unit_weeks(g: Guarded, fact: Fact) -> Sequence[UnitWeek]:
    """Every week whose sums are kept, oldest first."""
    names = sorted(name for name in g.lake.registry.all_kept(KEPT) if name.startswith(f"{fact}/"))
    return [_from(g.lake.registry.kept(KEPT, name) or b"") for name in names]


def _missing(g: Guarded, force: Version) -> Iterator[tuple[Fact, date]]:
    """Weeks that are over, of blocks that still have rows."""
    there = set(g.lake.registry.all_kept(KEPT))
    begins = force.agreed().about.begins
    for fact, after in REACHED.items():
        parts = [part for part in g.lake.registry.parts(TABLES[fact]) if part.block not in {"", CHANGES}]
        for block in [Block.parse(part.block) for part in parts]:
            for n in range((block.until - block.since).days // 7):
                week = block.since + n * A_WEEK
                is_over = week + A_WEEK + after <= g.now.date()
                is_promised = isinstance(begins, Unknown) or begins <= week
                if is_over and is_promised and f"{fact}/{week}" not in there:
                    yield fact, week


def _said(g: Guarded, force: Version, fact: Fact, week: date) -> Body:
    return {"rule": KEPT, "fact": fact, "week": str(week), "programme": force.digest, "at": g.minute}


def _reduced(g: Guarded, fact: Fact, week: date, members: Members, found: Columns) -> Mapping[str, object]:
    """The sums of a week by unit, and how many people have how much of what a target can be set on."""
    if fact is Fact.USAGE:
        each, bins = _use(found, members, [one for one in workloads(g) if _holds(one, week)])
    else:
        each, bins = {name: _by_person(found, name, members) for name in SUMS[fact]}, {}
    names, of = np.unique(members.unit.astype(str), return_inverse=True)
    heads = np.bincount(of, minlength=len(names))
    large = (heads >= LEAST_UNIT) & (names != "")
    sums = {"heads": heads, **{name: _summed(of, each[name], len(names)) for name in SUMS[fact]}}
    return {
        "week": str(week),
        "people": len(members),
        "units": names[large].tolist(),
        "above": [list(above(name, members.parents)) for name in names[large].tolist()],
        "sums": {name: column[large].tolist() for name, column in sums.items()},
        "bins": {name: column.tolist() for name, column in bins.items()},
    }


def _holds(one: Workload, week: date) -> bool:
    """Whether an entry is declared in a week, from its first day to its last."""
    return one.since <= week and (isinstance(one.until, Unknown) or one.until >= week + A_WEEK)


def _use(
    found: Columns, members: Members, declared: Sequence[Workload]
) -> tuple[Mapping[str, Counts], Mapping[str, Counts]]:
    """What each person used, without what declared workloads did, and how that is spread."""
    told = found["workload"].astype(str)
    known = {name for name in np.unique(told) if name and any(one.covers(name) for one in declared)}
    apart = np.isin(told, sorted(known))
    own = {name: column[~apart] for name, column in found.items()}
    each = {name: _by_person(own, name, members) for name in ("tokens", "cost", "prompts")}
    # One person's cost is not to be seen in that of a unit.
    each["capped"] = np.minimum(each["cost"], cap_of(each["cost"])).astype(np.int64)
    each["declared"] = _by_person({n: c[apart] for n, c in found.items()}, "tokens", members)
    days = np.zeros(len(members), np.int64)
    np.bitwise_or.at(days, _places(own, members), own["days"].astype(np.int64))
    on = np.array([(days >> day) & 1 for day in range(WEEKDAYS)])
    each["active"] = (days > 0).astype(np.int64)
    steps = np.round(np.log10(np.maximum(each["tokens"], 1)) * STEPS_OF_TEN).astype(np.int64)
    bins = {
        "days": _pooled(np.bincount(on.sum(axis=0), minlength=WEEKDAYS + 1)),
        "prompts": _pooled(np.bincount(np.minimum(each["prompts"], MOST_PROMPTS))),
        "tokens": _pooled(np.bincount(steps)),
        "weekdays": np.where(on.sum(axis=1) < LEAST_UNIT, 0, on.sum(axis=1)),
    }
    return each, bins


def _places(found: Columns, members: Members) -> NDArray[np.int64]:
    places: NDArray[np.int64] = np.searchsorted(members.who.astype(str), found["who"].astype(str))
    return places


def _by_person(found: Columns, name: str, members: Members) -> Counts:
    sums = np.zeros(len(members), np.int64)
    np.add.at(sums, _places(found, members), found[name].astype(np.int64))
    return sums


def _summed(of: NDArray[np.intp], values: Counts, units: int) -> Counts:
    sums = np.zeros(units, np.int64)
    np.add.at(sums, of, values)
    return sums


def _pooled(counts: Counts) -> Counts:
    """Counts whose uppermost have enough people together: one person far out is nobody's to see."""
    kept = counts.copy()
    while len(kept) > 1 and kept[-1] < LEAST_UNIT:
        kept[-2] += kept[-1]
        kept = kept[:-1]
    return kept


def _from(kept: bytes) -> UnitWeek:
    told = json.loads(zlib.decompress(kept))
    return UnitWeek(
        week=date.fromisoformat(told["week"]),
        people=told["people"],
        units=told["units"],
        above=told["above"],
        sums={name: np.array(column, np.int64) for name, column in told["sums"].items()},
        bins={name: np.array(column, np.int64) for name, column in told["bins"].items()},
    )
