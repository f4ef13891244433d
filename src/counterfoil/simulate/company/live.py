"""Lets a company live week by week, drawing what each person does."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from counterfoil.simulate.company.behave import adopters, expected_tasks, odds, pull
from counterfoil.simulate.company.design import Design
from counterfoil.simulate.company.parameters import Parameters
from counterfoil.simulate.company.people import Flags, Floats, Ints, People
from counterfoil.simulate.company.settled import PAD_TOKENS, RESISTED
from counterfoil.simulate.company.tactics import TACTICS, Way

KEEPS = 0.8
"""How likely somebody is in the same mood as last week."""
BURN_SIGMA = 1.0
MOST_CALLS = 7 * 24 * 60 * 60
"""Calls that somebody makes in a week for a target at most: one a second, however much it asks."""
WEEK_DAYS = 7
DAILY = np.array([place for place, tactic in enumerate(TACTICS) if tactic.daily], np.int8)
"""Places in TACTICS of what is done every day."""


class Behaviour(IntEnum):
    """What somebody does in a week."""

    HONEST = 0
    PAD = 1
    MAXIMISE = 2
    RESIST = 3
    ABSENT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What everybody did in one week.

    Shape: every array (people,).
    """

    number: int
    behaviour: NDArray[np.int8]
    tasks: Ints
    """Tasks done with AI because they were there to do."""
    pads: Ints
    """Calls made to be over the line."""
    tokens: Floats
    """Tokens of the tasks."""
    burned: Floats
    """Tokens that nobody needed."""
    net_hours: Floats
    """Unit: hours, net of rework and of the time that gaming took."""
    tactic: NDArray[np.int8]
    """Place in TACTICS of somebody who games or resists; -1 for everybody else."""


def live(
    people: People, design: Design, p: Parameters, *, weeks: int, seed: int, began: int = 0, first: int = 0
) -> Iterator[Week]:
    """Each week of a company, the same for the same seed.

    `began` weeks had passed since the launch on the company's first day; `first` is the first week to live.
    """
    rng = np.random.Generator(np.random.SFC64([seed, len(people), 7, first]))
    count = len(people)
    drawn = pull(people, design, p)
    mood = rng.random(count, np.float32)
    by_way = {way: _tactics(rng, count, way) for way in Way}
    whole = expected_tasks(people, p)
    usual = float((whole * people.tokens_per_task).mean(dtype=np.float64))
    peers: Floats = np.zeros(count, np.float32)
    for number in range(first, first + weeks):
        present = people.present(number)
        mood = np.where(rng.random(count, np.float32) < KEEPS, mood, rng.random(count, np.float32))
        means = expected_tasks(people, p, adopted=adopters(began + number, p)) * present
        tasks = rng.poisson(means).astype(np.int32)
        chances = odds(drawn, tasks < design.target, peers, p)
        gaming = chances.pad + chances.maximise
        behaviour = np.select(
            [~present, mood < chances.pad, mood < gaming, mood < gaming + chances.resist],
            [Behaviour.ABSENT, Behaviour.PAD, Behaviour.MAXIMISE, Behaviour.RESIST],
            Behaviour.HONEST,
        ).astype(np.int8)
        yield _week(people, design, p, rng, number, behaviour, tasks, usual, by_way)
        peers = _peers(people, number, behaviour, present)


def _week(
    people: People,
    design: Design,
    p: Parameters,
    rng: np.random.Generator,
    number: int,
    behaviour: NDArray[np.int8],
    tasks: Ints,
    usual: float,
    by_way: dict[Way, NDArray[np.int8]],
) -> Week:
    count = len(people)
    resists = behaviour == Behaviour.RESIST
    tasks[resists] = rng.binomial(tasks[resists], RESISTED)
    pads_now = behaviour == Behaviour.PAD
    maximises = behaviour == Behaviour.MAXIMISE
    tactic = np.full(count, -1, np.int8)
    for at, way in ((pads_now, Way.PAD), (maximises, Way.BURN), (resists, Way.RESIST)):
        tactic[at] = by_way[way][at]
    least = np.where(np.isin(tactic, DAILY), WEEK_DAYS, 1)
    short = np.minimum(np.ceil(design.target) - tasks, MOST_CALLS)
    pads = np.where(pads_now, np.maximum(short, least), 0).astype(np.int32)
    noise = np.exp(np.float32(0.4) * rng.standard_normal(count, np.float32))
    burned = pads.astype(np.float32) * np.float32(PAD_TOKENS)
    median = p.burn * usual / np.exp(BURN_SIGMA**2 / 2)
    burned[maximises] += rng.lognormal(np.log(median), BURN_SIGMA, int(maximises.sum())).astype(np.float32)
    spread = np.float32(p.task_noise) * np.sqrt(tasks.astype(np.float32))
    gain = tasks * people.benefit + spread * rng.standard_normal(count, np.float32)
    lost = pads * np.float32(p.pad_minutes / 60) + maximises * np.float32(p.max_hours)
    return Week(
        number=number,
        behaviour=behaviour,
        tasks=tasks,
        pads=pads,
        tokens=(tasks * people.tokens_per_task * noise).astype(np.float32),
        burned=burned,
        net_hours=(gain - lost).astype(np.float32),
        tactic=tactic,
    )


def _tactics(rng: np.random.Generator, count: int, way: Way) -> NDArray[np.int8]:
    """The tactic that each person would choose."""
    places = [place for place, tactic in enumerate(TACTICS) if tactic.way is way]
    weights = np.array([TACTICS[place].weight for place in places])
    chosen = np.searchsorted(np.cumsum(weights / weights.sum()), rng.random(count), side="right")
    return np.array(places, np.int8)[np.minimum(chosen, len(places) - 1)]


def _peers(people: People, week: int, behaviour: NDArray[np.int8], present: Flags) -> Floats:
    """The share of each person's team that gamed."""
    team = people.team_in(week)
    games = (behaviour == Behaviour.PAD) | (behaviour == Behaviour.MAXIMISE)
    gaming = np.bincount(team, games, minlength=people.teams)
    there = np.bincount(team, present, minlength=people.teams)
    return (gaming / np.maximum(there, 1)).astype(np.float32)[team]
