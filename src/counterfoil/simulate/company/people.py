"""Invents people: what work they have, what AI does for it, and what they fear, as arrays."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

NEVER = 1 << 20
"""Unit: weeks; longer than any company lives."""
TEAM_SIZES = (5, 12)
TASK_TOKENS = 2_100_000.0
"""Tokens of a median task, at which an average active day costs what it is known to cost.

Source: Claude Code documentation, costs: $13 on an average active day, at list prices (read 2026-11).
"""
WEEKS_AWAY = 0.115
"""Share of weeks that somebody is on leave: six of 52."""
LEAVES_A_YEAR = 0.12
"""Share of people who leave in a year, each replaced in the same team within weeks."""
REORGANISED_A_YEAR = 0.15
"""Share of people whose team changes in a year."""


class Workload(IntEnum):
    """What heavy use is honestly for: nobody here games anything."""

    ORDINARY = 0
    EVALUATION = 1
    """Runs the same prompts over many inputs, at night, and keeps a table."""
    PIPELINE = 2
    """Agents that review and repair in CI, on a person's own key."""
    MIGRATION = 3
    EXPLORATION = 4
    LEARNER = 5
    IRREGULAR_HOURS = 6
    """Incidents, other time zones, part-time, assistive tools: odd hours and retries."""
    RUNAWAY = 7
    """An agent that ran on by mistake."""
    BEST_OF_N = 8
    LARGE_CONTEXT = 9


WORKLOADS = {
    Workload.EVALUATION: (0.008, 14.0),
    Workload.PIPELINE: (0.008, 9.0),
    Workload.MIGRATION: (0.008, 7.0),
    Workload.EXPLORATION: (0.03, 2.0),
    Workload.LEARNER: (0.05, 0.8),
    Workload.IRREGULAR_HOURS: (0.05, 1.0),
    Workload.RUNAWAY: (0.002, 10.0),
    Workload.BEST_OF_N: (0.01, 5.0),
    Workload.LARGE_CONTEXT: (0.02, 4.0),
}
"""Share of people with it, and how many times the tokens of an ordinary task it takes: assumptions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Everyone who is ever in the company.

    Shape: every array (people,).
    """

    team: Ints
    """The team on the first day."""
    teams: int
    zone: NDArray[np.int8]
    """Unit: hours from UTC."""
    hours: Floats
    """Unit: share of a full week."""
    demand: Floats
    """Tasks a week that AI might help with."""
    benefit: Floats
    """Unit: hours a task, net of rework; below zero where it costs more than it saves."""
    tokens_per_task: Floats
    fear: Floats
    """How much somebody has to lose, at a median of one."""
    status: Floats
    """How much a place in an order is worth to them."""
    moral_cost: Floats
    """How much pretending costs them."""
    skill: Floats
    """In automating, from 0 to 1."""
    adopts_at: Floats
    """Place in the order of taking AI up, from 0 to 1."""
    workload: NDArray[np.int8]
    joins: Ints
    """Unit: weeks from the first day; below one for those who are there."""
    leaves: Ints
    moves: Ints
    """The week in which the team changes; NEVER for most."""
    next_team: Ints
    leave_begins: Ints
    leave_lasts: Ints

    def __len__(self) -> int:
        return len(self.team)

    def team_in(self, week: int) -> Ints:
        """Each person's team in a week."""
        return np.where(self.moves <= week, self.next_team, self.team)

    def present(self, week: int) -> Flags:
        """Who is there in a week: joined, not left, not on leave.

        Shape: (people,).
        """
        employed = (self.joins <= week) & (week < self.leaves)
        away = (self.leave_begins <= week) & (week < self.leave_begins + self.leave_lasts)
        return employed & ~away


def invent(count: int, *, seed: int, weeks: int = 52, median_task_tokens: float = TASK_TOKENS) -> People:
    """People of a company of `count`, the same for the same seed; leavers and joiners come on top."""
    rng = np.random.Generator(np.random.SFC64([seed, count]))
    leavers = round(count * LEAVES_A_YEAR * weeks / 52)
    total = count + leavers
    team, teams = _teams(rng, count)
    leaves = np.full(total, NEVER, np.int32)
    joins = np.zeros(total, np.int32)
    if leavers:
        who = rng.choice(count, leavers, replace=False)
        leaves[who] = rng.integers(1, weeks + 1, leavers)
        joins[count:] = leaves[who] + rng.integers(0, 6, leavers)
        team = np.concatenate([team, team[who]])
    workload, factor = _workloads(rng, total)
    return People(
        team=team,
        teams=teams,
        zone=rng.choice(np.array([-8, -5, 0, 1, 1, 2, 5, 8], np.int8), teams)[team],
        hours=np.where(rng.random(total) < 0.15, 0.6, 1.0).astype(np.float32),
        demand=_lognormal(rng, total, 6.0, 0.9),
        benefit=(0.15 + 0.35 * rng.standard_normal(total)).astype(np.float32),
        tokens_per_task=_lognormal(rng, total, median_task_tokens, 1.15) * factor,
        fear=_lognormal(rng, total, 1.0, 0.6),
        status=_lognormal(rng, total, np.exp(-0.3), 0.8),
        moral_cost=_lognormal(rng, total, 1.0, 0.7),
        skill=rng.beta(1.5, 3.0, total).astype(np.float32),
        adopts_at=rng.random(total, np.float32),
        workload=workload,
        joins=joins,
        leaves=leaves,
        **_moves(rng, team, teams, weeks),
        **_leave(rng, total, weeks),
    )


def _teams(rng: np.random.Generator, count: int) -> tuple[Ints, int]:
    """Teams of a handful to a dozen, filled one after the other."""
    low, high = TEAM_SIZES
    sizes = rng.integers(low, high + 1, count // low + 1)
    edges = np.cumsum(sizes)
    team = np.searchsorted(edges, np.arange(count), side="right").astype(np.int32)
    return team, int(team[-1]) + 1


def _lognormal(rng: np.random.Generator, count: int, median: float, sigma: float) -> Floats:
    draws = rng.standard_normal(count, np.float32)
    values: Floats = np.exp(np.float32(np.log(median)) + np.float32(sigma) * draws)
    return values


def _workloads(rng: np.random.Generator, count: int) -> tuple[NDArray[np.int8], Floats]:
    shares = np.array([share for share, _ in WORKLOADS.values()])
    edges = np.cumsum(shares)
    kind = np.searchsorted(edges, rng.random(count), side="right").astype(np.int8)
    kinds = np.array([*WORKLOADS, Workload.ORDINARY], np.int8)
    factors = np.array([*(factor for _, factor in WORKLOADS.values()), 1.0], np.float32)
    return kinds[kind], factors[kind]


def _leave(rng: np.random.Generator, count: int, weeks: int) -> dict[str, Any]:
    """One span of leave for each person, which may have begun before the first day."""
    lasts = rng.poisson(WEEKS_AWAY * weeks, count).astype(np.int32)
    begins = rng.integers(-lasts, weeks + 1, count).astype(np.int32)
    return {"leave_begins": begins, "leave_lasts": lasts}


def _moves(rng: np.random.Generator, team: Ints, teams: int, weeks: int) -> dict[str, Any]:
    """Some teams are dissolved in a reorganisation; their people go to teams that stay."""
    gone = rng.random(teams) < REORGANISED_A_YEAR * weeks / 52
    week = np.where(gone, rng.integers(1, max(weeks, 1) + 1, teams), NEVER).astype(np.int32)
    staying = np.flatnonzero(~gone)
    target = rng.choice(staying, len(team)).astype(np.int32) if len(staying) else team
    return {"moves": week[team], "next_team": np.where(gone[team], target, team).astype(np.int32)}
