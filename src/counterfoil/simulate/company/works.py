"""Plants what was made, with its fate: from each day's tasks, and from the ways of making a number up."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterfoil.simulate.company.days import Days
from counterfoil.simulate.company.live import WEEK_DAYS, Behaviour
from counterfoil.simulate.company.people import Flags, Floats, Ints, People
from counterfoil.simulate.company.portions import Habits
from counterfoil.simulate.company.roles import RATES, Made, roles
from counterfoil.simulate.company.tactics import TACTICS

HOUR, DAY = 3_600, 86_400
WORSE_IF_COSTLY = 2.0
"""How many times as often work goes wrong for people whom AI costs more time than it saves: an assumption."""
WORSE_IF_GAMING = 1.3
"""The same in a week in which somebody games a number, for work that was there to do: an assumption."""
EXTRA: Mapping[str, Mapping[Made, float]] = {
    "empty-deployment": {Made.DEPLOYMENT: 12},
    "unread-documents": {Made.DRAFT: 15},
    "discarded": {Made.CHANGE: 10},
    "parallel": {Made.CHANGE: 8},
    "adaptive": {Made.CHANGE: 3},
    "dearest-model": {Made.CHANGE: 1, Made.DRAFT: 1},
    "splitting": {Made.CHANGE: 2},
    "minimal-use": {Made.DRAFT: 1},
}
"""Works a week that nobody needed, by tactic: assumptions. The other tactics make nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Works of one kind, before anything happens to them.

    Shape: every array (works,).
    """

    who: NDArray[np.int64]
    day: NDArray[np.int64]
    at: NDArray[np.int64]
    """Unit: seconds from the first midnight, UTC."""
    needed: Flags
    tactic: NDArray[np.int8]
    """Place in TACTICS of what it was made for; -1 where it was there to do."""
    behaviour: NDArray[np.int8]
    """What its maker did in that week."""
    inflated: Flags
    """Whether its maker's tool claimed in that week what it did not write."""
    worse: Floats
    """How many times as often it goes wrong."""

    def __len__(self) -> int:
        return len(self.who)

    def made_for(self, name: str) -> Flags:
        """Those that one tactic made."""
        made: Flags = self.tactic == _place(name)
        return made


class Planter:
    """Plans the works of a company, kind by kind; the same for the same seed."""

    def __init__(self, people: People, days: Days, usual: Habits, *, seed: int) -> None:
        self._people, self._days, self._usual, self._seed = people, days, usual, seed
        self._roles = roles(people, seed=seed)

    def plan(self, kind: Made) -> Plan:
        """The works of a kind, in order of time."""
        rng = np.random.Generator(
            np.random.SFC64([self._seed, len(self._people), 13, list(Made).index(kind)])
        )
        done, made = self._needed(rng, kind), self._extra(rng, kind)
        who, day = (np.concatenate(pair) for pair in zip(done, made, strict=True))
        needed = np.arange(len(who)) < len(done[0])
        p, u = self._people, self._usual
        local = (u.begins[who] + u.lasts[who] * rng.random(len(who))) * HOUR
        at = day * DAY + local.astype(np.int64) - p.zone[who].astype(np.int64) * HOUR
        order = np.argsort(at, kind="stable")
        who, day, needed, at = who[order], day[order], needed[order], at[order]
        behaviour, tactic = self._week("behaviour", who, day), self._week("tactic", who, day)
        gaming = (behaviour == Behaviour.PAD) | (behaviour == Behaviour.MAXIMISE)
        worse = np.where(p.benefit[who] < 0, WORSE_IF_COSTLY, 1.0) * np.where(gaming, WORSE_IF_GAMING, 1.0)
        return Plan(
            who=who,
            day=day,
            at=at,
            needed=needed,
            tactic=np.where(needed, np.int8(-1), tactic),
            behaviour=behaviour,
            inflated=tactic == _place("inflated-marks"),
            worse=worse.astype(np.float32),
        )

    def _needed(self, rng: np.random.Generator, kind: Made) -> tuple[NDArray[np.int64], ...]:
        """Who made what was there to do, and when: at a rate for each task."""
        who, day = np.nonzero(self._days.tasks)
        rates = np.array(RATES[kind], np.float32)[self._roles[who]]
        return _repeated(who, day, rng.poisson(self._days.tasks[who, day] * rates))

    def _extra(self, rng: np.random.Generator, kind: Made) -> tuple[NDArray[np.int64], ...]:
        """Who made what nobody needed, and when: as their tokens for it are spread over the days."""
        rates = np.array([EXTRA.get(tactic.name, {}).get(kind, 0.0) for tactic in TACTICS] + [0.0])
        makers, days = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        width = self._days.tokens.shape[1]
        for week in self._days.weeks:
            someone = np.flatnonzero((rates[week.tactic] > 0) & (week.behaviour != Behaviour.ABSENT))
            span = slice(week.number * WEEK_DAYS, min((week.number + 1) * WEEK_DAYS, width))
            spent = (self._days.tokens - self._days.needed)[someone, span]
            resists = week.behaviour[someone] == Behaviour.RESIST
            spent[resists] = self._days.needed[someone[resists], span]
            whole = np.where(resists, week.tokens[someone], week.burned[someone])
            share = np.minimum(spent / np.maximum(whole, 1)[:, None], 1)
            counts = rng.poisson(share * rates[week.tactic[someone]][:, None])
            place, day = np.nonzero(counts)
            who, day = _repeated(someone[place], day + span.start, counts[place, day])
            makers.append(who)
            days.append(day)
        return np.concatenate(makers), np.concatenate(days)

    def _week(self, name: str, who: NDArray[np.int64], day: NDArray[np.int64]) -> NDArray[np.int8]:
        column = np.stack([getattr(week, name) for week in self._days.weeks])
        found: NDArray[np.int8] = column[day // WEEK_DAYS, who].astype(np.int8)
        return found


def _repeated(
    who: NDArray[np.int64], day: NDArray[np.int64], counts: NDArray[Any]
) -> tuple[NDArray[np.int64], ...]:
    return np.repeat(who, counts), np.repeat(day, counts)


def _place(name: str) -> int:
    return next(place for place, tactic in enumerate(TACTICS) if tactic.name == name)


def kept_shares() -> Floats:
    """The share of what each tactic makes that is still there a month later.

    Shape: (tactics,).
    """
    return np.array([tactic.kept for tactic in TACTICS], np.float32)


def later(rng: np.random.Generator, at: NDArray[np.int64], hours: float, spread: float) -> NDArray[np.int64]:
    """Moments after some others: half of them within `hours`."""
    waited = np.exp(np.log(hours) + spread * rng.standard_normal(len(at))) * HOUR
    moments: NDArray[np.int64] = at + np.maximum(waited, 60).astype(np.int64)
    return moments


def sizes(rng: np.random.Generator, median: Floats | float, spread: float, count: int) -> Ints:
    """Whole sizes of at least one."""
    drawn: Ints = np.ceil(median * np.exp(spread * rng.standard_normal(count))).astype(np.int32)
    return drawn
