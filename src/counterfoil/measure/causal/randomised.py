"""A rollout whose order chance decided: how it is dealt, and what that chance alone says of its effect."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.causal.panel import NEVER, Counts, Flags, Floats
from counterfoil.measure.interval import SEED
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.rollout import DealtEffect

DRAWS = 1_999
LEVEL = 0.05
FEWEST_DEALS = 20
"""With fewer ways to deal, no result is rarer than one in twenty."""


def dealt(order: Floats, offset: Counts, stratum: Counts, waves: int) -> Counts:
    """The wave of each unit: within each stratum by order, one for each wave in turn, from an offset on.

    Shape: order (units,), one number of chance each; offset (strata,), the wave of each stratum's first;
    stratum (units,), from 0; the result (units,), from 0.
    Source: Fisher (1935), The Design of Experiments (randomised blocks).
    """
    wave = np.empty(len(order), np.int64)
    for name in range(len(offset)):
        mine = np.flatnonzero(stratum == name)
        place = np.empty(len(mine), np.int64)
        place[np.argsort(order[mine], kind="stable")] = np.arange(len(mine))
        wave[mine] = (place + offset[name]) % waves
    return wave


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a randomised rollout came to, so far.

    Raises: ValueError where its columns do not fit each other.
    """

    outcome: Floats
    """Shape: (units, steps); none missing."""
    exposure: Floats
    """How much each unit used what was given, such as the share of people who did. Shape: (units, steps)."""
    wave: Counts
    """The wave that chance gave each unit. Shape: (units,)."""
    stratum: Counts
    """Within which units were dealt, from 0. Shape: (units,)."""
    starts: Sequence[int]
    """The first step of each wave; NEVER for one that gets nothing. The earliest is the first wave's."""

    def __post_init__(self) -> None:
        if not self.outcome.shape == self.exposure.shape or len(self.outcome) != len(self.wave):
            raise ValueError("outcome, exposure and wave have one row for each unit")
        if not np.isfinite(self.outcome).all() or not np.isfinite(self.exposure).all():
            raise ValueError("a trial has no missing steps")


@dataclass(frozen=True, slots=True)
class _Dealt:
    """Statistics of the true dealing and of those dealt anew."""

    outcome: Floats
    exposure: Floats
    given: Floats
    """Shape of each: (1 + draws,), the true one first."""


def intention_to_treat(trial: Trial, *, draws: int = DRAWS, seed: int = SEED) -> DealtEffect:
    """What being given it did, whether it was used or not.

    The mean gap between units given it and units of the same stratum not yet given it, over all steps at
    which there are both; each unit's mean before the first wave is taken off its outcome. Its chance is that
    of the very dealing, and its interval holds every constant effect that dealing anew does not contradict.

    Raises: ValueError where nobody was given it, or nobody was left to compare with.
    Source: Fisher (1935), chapter 2; Rosenbaum (2002), Observational Studies, 2.4 (test inversion); for
    rollouts Wang and De Gruttola (2017), Statistics in Medicine 36, and Ji et al. (2017), Biometrics 73.
    """
    found = _statistics(trial, draws, seed)
    value, anew = float(found.outcome[0]), found.outcome[1:]
    # Under a constant effect t the statistic of another dealing is anew - t * given.
    low, high = _inverted(value, 1.0, anew, found.given[1:])
    return _effect(trial, value, _chance(value, anew), (low, high), draws, "rollout")


def effect_of_use(trial: Trial, *, draws: int = DRAWS, seed: int = SEED) -> DealtEffect | Unknown:
    """What use did among those who used it because they were given it, by random access as an instrument.

    Unit: of the outcome, for each 1.0 of exposure. The interval holds every effect of use that dealing anew
    does not contradict; it has an open end where being given it hardly moved use.

    Raises: ValueError where nobody was given it, or nobody was left to compare with.
    Source: Imbens and Angrist (1994), Econometrica 62, 467-475; Imbens and Rosenbaum (2005), Journal of the
    Royal Statistical Society A 168, 109-126 (exact intervals with an instrument).
    """
    found = _statistics(trial, draws, seed)
    moved = float(found.exposure[0])
    if abs(moved) < 1e-9:
        return Unknown("being given it moved use by nothing, so nothing is known of what use did")
    value = float(found.outcome[0]) / moved
    bounds = _inverted(float(found.outcome[0]), moved, found.outcome[1:], found.exposure[1:])
    chance = _chance(float(found.outcome[0]), found.outcome[1:])
    return _effect(trial, value, chance, bounds, draws, "rollout")


def use_moved(trial: Trial, *, draws: int = DRAWS, seed: int = SEED) -> DealtEffect:
    """How much more units used it because they were given it.

    Raises: ValueError where nobody was given it, or nobody was left to compare with.
    Source: as in `intention_to_treat`.
    """
    found = _statistics(trial, draws, seed)
    value = float(found.exposure[0])
    bounds = _inverted(value, 1.0, found.exposure[1:], found.given[1:])
    return _effect(trial, value, _chance(value, found.exposure[1:]), bounds, draws, "rollout")


def deals(stratum: Counts, waves: int) -> float:
    """About how many ways there are to deal, at most 1e300.

    Shape: (units,).
    Source: multinomial coefficients of Fisher (1935).
    """
    from math import lgamma

    total = 0.0
    for size in np.unique(stratum, return_counts=True)[1]:
        parts = [size // waves + (place < size % waves) for place in range(waves)]
        total += lgamma(size + 1) - sum(lgamma(part + 1) for part in parts)
    return float(np.exp(min(total, 690.0)))


def _effect(
    trial: Trial,
    value: float,
    chance: float,
    bounds: tuple[float | Unknown, float | Unknown],
    draws: int,
    method: str,
) -> DealtEffect:
    low, high = bounds
    if deals(trial.stratum, len(trial.starts)) < FEWEST_DEALS:
        few = Unknown("there are too few ways to deal these units for an interval")
        low = high = few
    return DealtEffect(
        effect=Estimate(value=value, low=low, high=high, n=len(trial.wave), coverage=1.0, method=method),
        chance=chance,
        draws=draws,
    )


def _chance(value: float, anew: Floats) -> float:
    """The share of dealings, the true one counted in, whose statistic is as large."""
    near = abs(value) * (1 - 1e-9)
    return float((1 + (np.abs(anew) >= near).sum()) / (1 + len(anew)))


def _inverted(
    value: float, moved: float, anew: Floats, given: Floats
) -> tuple[float | Unknown, float | Unknown]:
    """Every t for which |value - t moved| is not among the largest of |anew - t given|.

    A dealing supports the effects between two roots around value / moved, or all on both sides where it moves
    as much as the true one; the interval ends where fewer than one in twenty support it.

    Shape: anew and given (draws,).
    """
    centre = value / moved
    weak = np.abs(given) >= abs(moved) * (1 - 1e-9)
    with np.errstate(divide="ignore", invalid="ignore"):
        roots = np.stack([(value - anew) / (moved - given), (value + anew) / (moved + given)])
    low = np.where(weak, -np.inf, np.minimum(roots.min(axis=0), centre))
    high = np.where(weak, np.inf, np.maximum(roots.max(axis=0), centre))
    # p(t) = (1 + supporting) / (1 + draws) > LEVEL
    needed = int(np.floor(LEVEL * (1 + len(anew))))
    least, most = np.sort(low)[max(needed - 1, 0)], np.sort(high)[::-1][max(needed - 1, 0)]
    open_end = Unknown("being given it moved use too little, or there are too few units, for an end")
    return (
        float(least) if np.isfinite(least) else open_end,
        float(most) if np.isfinite(most) else open_end,
    )


def _statistics(trial: Trial, draws: int, seed: int) -> _Dealt:
    """The gap in outcome and in exposure between given and not, and how much anew dealings share of the true.

    Each is the coefficient of being given on the column, both less the means of their stratum and step.
    """
    starts = np.array(trial.starts, np.int64)
    steps = trial.outcome.shape[1]
    first = int(starts.min())
    if not 0 < first < steps:
        raise ValueError("there have to be steps before the first wave, and from it on")
    given = _given(trial.wave, starts, steps)[:, first:]
    outcome, exposure = (
        (column - column[:, :first].mean(axis=1, keepdims=True))[:, first:]
        for column in (trial.outcome, trial.exposure)
    )
    means = _means_of(trial.stratum)
    true = _less(given, means)
    if not np.square(true).sum():
        raise ValueError(
            "at no step are there units that were given it and others of their stratum that were not"
        )
    columns = np.stack([_less(one, means).ravel() for one in (outcome, exposure)] + [true.ravel()], axis=1)
    found = np.empty((1 + draws, 3))
    chance = np.random.default_rng(seed)
    strata = len(means)
    for draw in range(1 + draws):
        if draw:
            order = chance.random(len(trial.wave))
            wave = dealt(order, chance.integers(len(starts), size=strata), trial.stratum, len(starts))
            true = _less(_given(wave, starts, steps)[:, first:], means)
        weight = np.square(true).sum()
        found[draw] = true.ravel() @ columns / weight if weight else 0.0
    return _Dealt(outcome=found[:, 0], exposure=found[:, 1], given=found[:, 2])


def _given(wave: Counts, starts: NDArray[np.int64], steps: int) -> Floats:
    """Which units were given it by which step. Shape: (units, steps)."""
    now: Flags = np.arange(steps)[None, :] >= np.minimum(starts[wave], NEVER)[:, None]
    return now.astype(np.float64)


def _means_of(stratum: Counts) -> Floats:
    """What takes the mean of each stratum. Shape: (strata, units)."""
    member = (np.arange(int(stratum.max()) + 1)[:, None] == stratum[None, :]).astype(np.float64)
    return np.asarray(member / np.maximum(member.sum(axis=1, keepdims=True), 1))


def _less(column: Floats, means: Floats) -> Floats:
    """A column less the means of its stratum and step. Shape: (units, steps)."""
    return np.asarray(column - (means > 0).T.astype(np.float64) @ (means @ column))
