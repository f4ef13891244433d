"""Plans a rollout, deals it, and analyses it: the dealing is in the log before there is anything to see."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import numpy as np

from counterfoil.guard.guarded import Guarded
from counterfoil.guard.sealed import altered, digest_of, last_entry, seal, sealed
from counterfoil.guard.shown import LEAST_FLOOR
from counterfoil.ledger.entry import Body, EntryKind, open_entry
from counterfoil.measure.causal.panel import Counts
from counterfoil.measure.causal.randomised import FEWEST_DEALS, deals, dealt
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import UnitId
from counterfoil.terms.release import Refuse
from counterfoil.terms.rollout import Assignment, Planned, Rollout

KIND = "rollout"
TAG = "counterfoil/rollout/v1"
ASSIGNED = "assigned"
FEWEST_BEFORE = timedelta(weeks=4)


def looked_over(plan: Rollout, today: date) -> Planned | Refuse:
    """A plan that could be dealt, or why it can't."""
    refused = next(_unsound(plan, today), None)
    if refused is not None:
        return refused
    ways = deals(_strata(plan), len(plan.waves))
    return Planned(plan=plan, sha256=_digest(plan), seed_sha256="", entry=-1, ways=ways)


def plan_rollout(g: Guarded, plan: Rollout) -> Planned | Refuse:
    """Log a plan, with the hash of a seed that nobody sees until units are dealt.

    A plan can be replaced until it is dealt; the log has them all. One that was dealt stays.
    """
    found = looked_over(plan, g.now.date())
    if isinstance(found, Refuse):
        return found
    if last_entry(g, KIND, plan.name, ASSIGNED) is not None:
        return Refuse("rollout-dealt", "A rollout of this name was dealt already, and is not dealt again.")
    new = seal(g, KIND, plan.name, plan.written())
    if isinstance(new, Refuse):
        return new
    return Planned(
        plan=plan, sha256=found.sha256, seed_sha256=new.seed_sha256, entry=new.entry, ways=found.ways
    )


def assign_rollout(g: Guarded, name: str, drawn: str) -> Assignment | Refuse:
    """Deal units to waves by the seed of the plan and the public value that it named, and log it.

    Once, not before the day of that value, and before the first wave begins.
    """
    planned = _planned(g, name)
    if isinstance(planned, Refuse):
        return planned
    plan, seed = planned
    if last_entry(g, KIND, name, ASSIGNED) is not None:
        return Refuse("rollout-dealt", "It was dealt already; who shops for a draw finds the first one.")
    if g.now.date() < plan.drawn_on:
        return Refuse("rollout-early", f"Its public value is of {plan.drawn_on}: nobody can know it yet.")
    if g.now.date() >= plan.first_start:
        return Refuse("rollout-late", f"Its first wave began on {plan.first_start}: it is too late to deal.")
    wave = _waves(plan, seed, drawn)
    body: Body = {
        "rule": KIND,
        "state": ASSIGNED,
        "name": name,
        "plan": _digest(plan),
        "seed": seed,
        "drawn": drawn,
        "sha256": _digest_of(wave),
        "at": g.minute,
    }
    entry = g.log.append([open_entry(EntryKind.RULE, body)])
    return Assignment(plan=plan, wave=wave, seed=seed, drawn=drawn, entry=entry, at=g.minute)


def assignment_of(g: Guarded, name: str) -> Assignment | Refuse:
    """The dealing of a rollout as the log has it, dealt again and held against it.

    Raises: LedgerBroken where the plan or the dealing are not those that were logged.
    """
    planned = _planned(g, name)
    if isinstance(planned, Refuse):
        return planned
    found = last_entry(g, KIND, name, ASSIGNED)
    if found is None:
        return Refuse("not-dealt", "The log has no dealing of this rollout; what it did can't be told.")
    plan = planned[0]
    entry, body = found
    seed, drawn, at = (str(body[key]) for key in ("seed", "drawn", "at"))
    wave = _waves(plan, seed, drawn)
    if body["plan"] != _digest(plan) or body["sha256"] != _digest_of(wave):
        raise altered(KIND)
    if at[:10] >= str(plan.first_start):
        return Refuse("rollout-late", "The log has its dealing only from after the first wave began.")
    return Assignment(plan=plan, wave=wave, seed=seed, drawn=drawn, entry=entry, at=at)


def _planned(g: Guarded, name: str) -> tuple[Rollout, str] | Refuse:
    """The plan of a name, and its seed.

    Raises: LedgerBroken where it is not the one that the log has.
    """
    found = sealed(g, KIND, name)
    return found if isinstance(found, Refuse) else (Rollout.read(found.plan), found.seed)


def _waves(plan: Rollout, seed: str, drawn: str) -> Mapping[UnitId, str]:
    """The wave of each unit: hashes give each its place in its stratum, and each stratum its first wave."""
    start = digest_of("\n".join([TAG, _digest(plan), seed, drawn]))
    order = np.array([_number(start, "unit", unit.unit) / 2**64 for unit in plan.units])
    names = sorted({unit.stratum for unit in plan.units})
    offset = np.array([_number(start, "stratum", name) % len(plan.waves) for name in names], np.int64)
    wave = dealt(order, offset, _strata(plan), len(plan.waves))
    return {u.unit: plan.waves[w].name for u, w in zip(plan.units, wave.tolist(), strict=True)}


def _number(start: str, what: str, name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{start}\n{what}\n{name}".encode()).digest()[:8])


def _strata(plan: Rollout) -> Counts:
    """The stratum of each unit as a number. Shape: (units,)."""
    return np.unique([unit.stratum for unit in plan.units], return_inverse=True)[1].astype(np.int64)


def _digest(plan: Rollout) -> str:
    return digest_of(plan.written())


def _digest_of(wave: Mapping[UnitId, str]) -> str:
    return digest_of(json.dumps(sorted(wave.items())))


def _unsound(plan: Rollout, today: date) -> Iterator[Refuse]:
    """What keeps a plan from being dealt."""
    starts = [wave.starts for wave in plan.waves if not isinstance(wave.starts, Unknown)]
    names = [unit.unit for unit in plan.units]
    if len(plan.waves) < 2 or not starts:
        yield Refuse("rollout-waves", "There have to be two waves, one of which gets it.")
    elif len(set(starts)) < len(starts) or len(starts) < len(plan.waves) - 1:
        yield Refuse("rollout-waves", "Each wave has a first week of its own, and one at most has none.")
    elif len({wave.name for wave in plan.waves}) < len(plan.waves):
        yield Refuse("rollout-waves", "Two waves have one name.")
    elif plan.first_start <= today:
        yield Refuse("rollout-late", f"The first wave begins on {plan.first_start}, which is not ahead.")
    elif not today < plan.drawn_on < plan.first_start:
        yield Refuse("rollout-drawn", "Its public value is of a day after today, and before the first wave.")
    elif plan.first_start - plan.begins < FEWEST_BEFORE:
        yield Refuse("rollout-weeks", "There have to be four weeks before the first wave.")
    elif plan.ends < max(starts):
        yield Refuse("rollout-weeks", "It has to be looked at until the last wave begins.")
    if len(set(names)) < len(names) or set(names) & set(plan.pilots):
        yield Refuse(
            "rollout-units", "A unit is named twice; pilots, who were picked by hand, are not dealt."
        )
    if small := sum(unit.people < LEAST_FLOOR for unit in plan.units):
        yield Refuse("floor", f"{small} units have fewer than {LEAST_FLOOR} people.")
    if deals(_strata(plan), len(plan.waves)) < FEWEST_DEALS:
        yield Refuse("rollout-few", "There are so few ways to deal these units that nothing could be told.")
