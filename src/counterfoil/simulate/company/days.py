"""Spreads what people did in weeks over days, with what a tool would report of each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from counterfoil.simulate.company.design import Design
from counterfoil.simulate.company.live import DAILY, WEEK_DAYS, Behaviour, Week, live
from counterfoil.simulate.company.parameters import FITTED, Parameters
from counterfoil.simulate.company.people import Floats, People, Workload

WEEKEND_SHARE = 0.04
"""Share of tasks that are done on each day of a weekend."""
LAST_DAY_SHARE = 0.75
"""Share of padding that happens on the last day of its week."""
TASK_SIGMA = 0.4
MODELS = 8
UNATTENDED = (Workload.EVALUATION, Workload.PIPELINE, Workload.MIGRATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """What a tool would report of each person and day.

    Shape: every array (people, days).
    """

    tokens: Floats
    """All of them, needed or not."""
    needed: Floats
    """Those of tasks that were there to do: part of the planted truth, not of what a tool can see."""
    cache_read: Floats
    longest: Floats
    """Unit: hours of the longest session."""
    models: NDArray[np.uint8]
    """Models used, one bit each."""
    tasks: NDArray[np.int16]
    weeks: Sequence[Week]
    """The weeks that the days are of, with what everybody did in each: part of the planted truth."""


def person_days(
    people: People,
    design: Design,
    *,
    days: int,
    seed: int,
    p: Parameters = FITTED,
    began: int = 26,
) -> Days:
    """Every person's days under a design, the same for the same seed; the company is settled by default.

    The first day is a Monday.
    """
    weeks = -(-days // WEEK_DAYS)
    rng = np.random.Generator(np.random.SFC64([seed, len(people), 11]))
    shape = (len(people), weeks * WEEK_DAYS)
    needed, extra = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    tasks = np.zeros(shape, np.int16)
    lived = list(live(people, design, p, weeks=weeks, seed=seed, began=began))
    for week in lived:
        span = slice(week.number * WEEK_DAYS, (week.number + 1) * WEEK_DAYS)
        tasks[:, span], needed[:, span] = _worked(rng, people, week)
        extra[:, span] = _gamed(rng, week)
    tokens = (needed + extra)[:, :days]
    return Days(
        tokens=tokens,
        needed=needed[:, :days],
        cache_read=tokens * _cached(rng, len(people)),
        longest=_longest(people, tokens, extra[:, :days], tasks[:, :days]),
        models=_models(rng, people, tokens),
        tasks=tasks[:, :days],
        weeks=lived,
    )


def _worked(rng: np.random.Generator, people: People, week: Week) -> tuple[NDArray[np.int16], Floats]:
    """Tasks on the days they were done, and their tokens.

    Shape: each (people, 7).
    """
    count = len(people)
    who = np.repeat(np.arange(count, dtype=np.int32), week.tasks)
    edges = np.cumsum([(1 - 2 * WEEKEND_SHARE) / 5] * 5 + [WEEKEND_SHARE] * 2)
    day = np.searchsorted(edges, rng.random(len(who), np.float32) * np.float32(0.9999999), side="right")
    cell = who * WEEK_DAYS + np.minimum(day, WEEK_DAYS - 1)
    size = np.exp(np.float32(TASK_SIGMA) * rng.standard_normal(len(who), np.float32))
    weights = size * np.repeat(people.tokens_per_task, week.tasks)
    counts = np.bincount(cell, minlength=count * WEEK_DAYS).reshape(count, WEEK_DAYS)
    tokens = np.bincount(cell, weights, minlength=count * WEEK_DAYS).reshape(count, WEEK_DAYS)
    return counts.astype(np.int16), tokens.astype(np.float32)


def _gamed(rng: np.random.Generator, week: Week) -> Floats:
    """Padding close to the end of the week; a loop that runs day and night.

    Shape: (people, 7).
    """
    spread = np.zeros((len(week.burned), WEEK_DAYS), np.float32)
    pads = week.behaviour == Behaviour.PAD
    friday = (rng.random(int(pads.sum())) < LAST_DAY_SHARE).astype(np.float32)
    spread[pads, 4] = friday
    spread[pads, :4] = ((1 - friday) / 4)[:, None]
    spread[(week.behaviour == Behaviour.MAXIMISE) | np.isin(week.tactic, DAILY)] = np.float32(1 / WEEK_DAYS)
    return spread * week.burned[:, None]


def _cached(rng: np.random.Generator, count: int) -> Floats:
    """The share of each person's tokens that is read from a cache.

    Shape: (people, 1).
    """
    return rng.beta(17.0, 3.0, count).astype(np.float32)[:, None]


def _longest(people: People, tokens: Floats, extra: Floats, tasks: NDArray[np.int16]) -> Floats:
    """Hours of the longest session: half an hour a task, day and night where an agent runs on."""
    alone = np.isin(people.workload, np.array(UNATTENDED))[:, None]
    hours = np.minimum(0.5 * np.sqrt(tasks.astype(np.float32)), 9) * (1 + alone)
    runs_on = extra > np.float32(0.5) * np.maximum(tokens - extra, 1) + 1e6
    return np.where(runs_on, np.float32(24.0), hours).astype(np.float32)


def _models(rng: np.random.Generator, people: People, tokens: Floats) -> NDArray[np.uint8]:
    """Models used on each day: most people use one, and some try all of them."""
    curious = (rng.random(len(people), np.float32) < 0.25 * people.skill)[:, None]
    usual = (1 << rng.integers(0, 3, len(people))).astype(np.uint8)[:, None]
    other = (1 << rng.integers(0, MODELS, tokens.shape, np.uint8)).astype(np.uint8)
    return np.where(tokens > 0, usual | np.where(curious, other, np.uint8(0)), np.uint8(0)).astype(np.uint8)
