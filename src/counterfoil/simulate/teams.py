"""Weekly numbers of an invented company's teams, half a year under one programme, then under another."""

import numpy as np
from numpy.typing import NDArray

from counterfoil.simulate.company.days import UNATTENDED, Days, person_days
from counterfoil.simulate.company.design import Design
from counterfoil.simulate.company.live import WEEK_DAYS
from counterfoil.simulate.company.people import People, invent
from counterfoil.simulate.company.portions import habits
from counterfoil.simulate.company.roles import Made
from counterfoil.simulate.company.works import Planter
from counterfoil.simulate.units import Floats, Lived

HALF_A_YEAR = 26
"""Unit: weeks."""


def lived_under(before: Design, after: Design, *, people: int, seed: int) -> Lived:
    """Tokens, needed changes, heads, and tokens of work that runs by itself, by team and week."""
    company = invent(people, seed=seed, weeks=HALF_A_YEAR)
    halves = [_half(company, design, seed, again=n) for n, design in enumerate((before, after))]
    usage, outcomes, heads, registered = (np.hstack(pair) for pair in zip(*halves, strict=True))
    return Lived(usage=usage, outcomes=outcomes, heads=heads, registered=registered, redefined=())


def _half(people: People, design: Design, seed: int, *, again: int) -> tuple[Floats, Floats, Floats, Floats]:
    days = person_days(people, design, days=WEEK_DAYS * HALF_A_YEAR, seed=seed + again)
    tokens = days.tokens.reshape(len(people), HALF_A_YEAR, WEEK_DAYS).sum(axis=2, dtype=np.float64)
    there = np.stack([people.present(week) for week in range(HALF_A_YEAR)], axis=1)
    runs_by_itself = np.isin(people.workload, UNATTENDED)[:, None]
    return (
        _by_team(people, tokens),
        _changes(people, days, seed),
        _by_team(people, there.astype(np.float64)),
        _by_team(people, tokens * runs_by_itself),
    )


def _by_team(people: People, values: Floats) -> Floats:
    sums = np.zeros((int(people.team.max()) + 1, values.shape[1]))
    np.add.at(sums, people.team.astype(np.int64), values)
    return sums


def _changes(people: People, days: Days, seed: int) -> Floats:
    """Changes that were there to do. Roles hang on the seed, and so it is that of both halves."""
    plan = Planter(people, days, habits(people, days, seed=seed), seed=seed).plan(Made.CHANGE)
    who: NDArray[np.int64] = plan.who[plan.needed]
    made = np.zeros((len(people), HALF_A_YEAR))
    np.add.at(made, (who, plan.day[plan.needed] // WEEK_DAYS), 1)
    return _by_team(people, made)
