"""Weekly numbers of invented units: honest, gamed from a launch on, or changed by something innocent."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RATE = 2.0
"""Outcomes of a head and week that are the rule."""


class Innocent(StrEnum):
    """What changes numbers of usage or outcomes without anybody gaming."""

    UPGRADE = "agent upgrade x3"
    LEARNING = "learning ramp"
    MIGRATION = "migration"
    HOLIDAYS = "holidays"
    REORGANISATION = "reorganisation"
    CACHE = "cache accounting"
    OUTCOME = "outcome definition"
    OUTAGE = "outage"
    EVALS = "evals programme"
    HIRING = "hiring wave"


DECLARED = {Innocent.REORGANISATION, Innocent.CACHE, Innocent.OUTCOME}
"""What the organisation's own records say: who is in which unit, and how a metric is computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What an invented organisation recorded, week by week.

    Shape: usage, outcomes, heads and registered (units, weeks).
    """

    usage: Floats
    outcomes: Floats
    heads: Floats
    registered: Floats
    redefined: tuple[int, ...]
    """Weeks from which on something is measured otherwise."""


@dataclass(slots=True)
class _People:
    """Everybody there is, with the unit they are in each week.

    Shape: unit, tokens and present (people, weeks).
    """

    unit: NDArray[np.int64]
    tokens: Floats
    present: NDArray[np.bool_]
    units: int

    def by_unit(self, values: Floats) -> Floats:
        """Sums of people who are there.

        Shape: values (people, weeks); the result (units, weeks).
        """
        weeks = values.shape[1]
        place = self.unit * weeks + np.arange(weeks)
        sums = np.bincount(
            place.ravel(), weights=(values * self.present).ravel(), minlength=self.units * weeks
        )
        return sums.reshape(self.units, weeks).astype(np.float64)


def lived(
    seed: int,
    *,
    units: int = 300,
    weeks: int = 52,
    launch: int = 26,
    gaming: float = 0.0,
    innocent: Innocent | None = None,
    declared: bool = True,
    rate: float = RATE,
) -> Lived:
    """Let an organisation live: units of 6 to 19 people, outcomes that follow honest usage.

    From `launch` on, a share of people burn three times a usual head's tokens (lognormal, spread 1.15, so
    that a tenth of people make a sixth of the tokens), or something innocent happens. Not `declared`, neither
    the register nor the records say so.
    Source: the simulated company's people (docs/methods/simulated-company.md); outcomes grow with usage to
    the power of 0.30 to 0.45 between units (Jellyfish, 7,548 engineers, secondary).
    """
    chance = np.random.default_rng(seed)
    people = _people(chance, units, weeks, launch, innocent)
    registered = np.zeros((units, weeks))
    _usage_changes(chance, people, launch, innocent)
    heads = np.maximum(people.by_unit(np.ones_like(people.tokens)), 1.0)
    honest = people.by_unit(people.tokens)
    # Outcomes come first: an upgrade or an outage changes honest usage on the way.
    outcomes = _outcomes(chance, honest, heads, rate, launch, innocent)
    usage = honest.copy()
    if gaming:
        gamer = chance.random(len(people.tokens)) < gaming
        burnt = 3 * np.exp(chance.normal(0, 1.15, people.tokens.shape)) * gamer[:, None]
        burnt[:, :launch] = 0
        usage += people.by_unit(burnt)
    if innocent in {Innocent.MIGRATION, Innocent.EVALS}:
        workloads = _workloads(chance, usage, launch, innocent)
        usage = usage + workloads
        registered = workloads if declared else registered
    if innocent is Innocent.CACHE:
        usage[:, launch:] *= 1.5 * np.exp(chance.normal(0, 0.15, units))[:, None]
    redefined = (launch,) if declared and innocent in DECLARED else ()
    return Lived(usage=usage, outcomes=outcomes, heads=heads, registered=registered, redefined=redefined)


def _people(
    chance: np.random.Generator, units: int, weeks: int, launch: int, innocent: Innocent | None
) -> _People:
    """Tasks of a week at each person's tokens for a task, in units of what the median head burns."""
    size = chance.integers(6, 20, units)
    unit = np.repeat(np.arange(units), size)
    hired = np.zeros(len(unit), dtype=bool)
    if innocent is Innocent.HIRING:
        growing = chance.random(units) < 0.4
        new = np.flatnonzero(growing[unit] & (chance.random(len(unit)) < 0.6))
        unit, hired = np.append(unit, unit[new]), np.append(hired, np.ones(len(new), dtype=bool))
    n = len(unit)
    demand, price = np.exp(chance.normal(np.log(6), 0.9, n)), np.exp(chance.normal(0, 1.15, n)) / 6
    shock = chance.normal(0, 0.2, (units, weeks))
    for week in range(1, weeks):
        shock[:, week] = 0.6 * shock[:, week - 1] + 0.8 * shock[:, week]
    tasks = chance.poisson(demand[:, None] * np.exp(shock[unit]))
    tokens = tasks * price[:, None] * np.exp(chance.normal(0, 0.4, tasks.shape))
    where = np.repeat(unit[:, None], weeks, axis=1)
    present = np.ones(tokens.shape, dtype=bool)
    if innocent is Innocent.HIRING:
        began = launch + chance.integers(0, 8, n)
        since = np.arange(weeks) - began[:, None]
        present[hired] = since[hired] >= 0
        tokens[hired] *= np.clip((since[hired] + 2) / 10, 0, 1)
    if innocent is Innocent.REORGANISATION:
        moving = chance.random(n) < 0.3
        where[moving, launch:] = chance.integers(0, units, int(moving.sum()))[:, None]
    return _People(where, tokens, present, units)


def _usage_changes(
    chance: np.random.Generator, people: _People, launch: int, innocent: Innocent | None
) -> None:
    """What happens to honest usage itself."""
    tokens = people.tokens
    if innocent is Innocent.LEARNING:
        ramp = np.clip((np.arange(tokens.shape[1]) - launch) / 16, 0, 1)
        tokens *= 1 + 0.6 * np.exp(chance.normal(-0.18, 0.6, len(tokens)))[:, None] * ramp
    if innocent is Innocent.HOLIDAYS:
        away = chance.random(tokens.shape) < 0.5
        away[:, :launch], away[:, launch + 3 :] = False, False
        tokens *= ~away


def _outcomes(
    chance: np.random.Generator,
    honest: Floats,
    heads: Floats,
    usual: float,
    launch: int,
    innocent: Innocent | None,
) -> Floats:
    """What honest usage comes to, and what changes it beside usage."""
    units, weeks = honest.shape
    power = chance.uniform(0.30, 0.45)
    skill = chance.normal(0, 0.3, (units, 1))
    level: Floats = np.maximum(honest / heads, 1e-3) / 2.9
    luck = np.exp(chance.normal(0, 0.15, (units, weeks)))
    rate = np.asarray(usual * np.exp(skill) * level**power * heads * luck, dtype=np.float64)
    if innocent is Innocent.UPGRADE:
        honest[:, launch:] *= 3
        rate[:, launch:] *= 1.1
    if innocent is Innocent.OUTAGE:
        honest[:, launch] *= 0.1
        rate[:, launch] *= 0.85
    if innocent is Innocent.OUTCOME:
        rate[:, launch:] *= 0.6 * np.exp(chance.normal(0, 0.2, (units, 1)))
    return np.asarray(chance.poisson(rate), dtype=np.float64)


def _workloads(chance: np.random.Generator, usage: Floats, launch: int, innocent: Innocent) -> Floats:
    """Automation that is no person's own use: a migration of eight weeks, or evaluations for good."""
    units, weeks = usage.shape
    has = chance.random(units) < (0.15 if innocent is Innocent.MIGRATION else 0.1)
    size = usage[:, :launch].mean(axis=1) * np.exp(chance.normal(0.7, 0.8, units)) * has
    until = launch + 8 if innocent is Innocent.MIGRATION else weeks
    on = (np.arange(weeks) >= launch) & (np.arange(weeks) < until)
    return np.asarray(size[:, None] * on * np.exp(chance.normal(0, 0.3, (units, weeks))), dtype=np.float64)
