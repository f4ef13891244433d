"""Effects of cohorts and steps taken together: in all, by time since treatment, by cohort, by calendar."""

from dataclasses import dataclass

import numpy as np

from counterfoil.measure.causal.effects import Effects, standard_error
from counterfoil.measure.causal.panel import Counts, Flags, Floats

DRIFT_STEPS = 26
"""Steps before treatment at which a drift is looked for: not the distant past."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """Some effects, each an average over cells, and the one over all of them."""

    at: Counts
    """Steps since treatment, the cohort's first step, or the calendar step. Shape: (k,)."""
    value: Floats
    """Shape: (k,)."""
    influence: Floats
    """Shape: (units, k)."""
    overall: float
    overall_influence: Floats
    """Shape: (units,)."""
    cluster: Counts
    """Shape: (units,)."""
    seen: float

    @property
    def error(self) -> Floats:
        """The standard error of each. Shape: (k,)."""
        return standard_error(self.influence, self.cluster)

    @property
    def overall_error(self) -> float:
        """The standard error of the one over all."""
        return float(standard_error(self.overall_influence[:, None], self.cluster)[0])


def simple(effects: Effects) -> Aggregate:
    """All effects after treatment, by the size of their cohorts.

    Source: Callaway and Sant'Anna (2021), section 3.1.1.
    """
    value, influence = _weighted(effects, effects.step >= effects.cohort)
    return _aggregate(effects, np.zeros(1, np.int64), [(value, influence)], value, influence)


def event_study(effects: Effects) -> Aggregate:
    """Effects by steps since treatment; those before it are placebos. Over all: those from treatment on.

    Source: Callaway and Sant'Anna (2021), section 3.1.1, equation 3.4; the overall one is equation 3.11.
    """
    since = effects.step - effects.cohort
    at = np.unique(since)
    parts = [_weighted(effects, since == e) for e in at]
    return _mean_over(effects, at, parts, at >= 0)


def by_cohort(effects: Effects) -> Aggregate:
    """The mean effect on each cohort from its treatment on; over all, by the size of cohorts.

    Source: Callaway and Sant'Anna (2021), section 3.1.2, equations 3.7 and 3.8.
    """
    after = effects.step >= effects.cohort
    at = np.unique(effects.cohort[after])
    parts = []
    for cohort in at:
        mine = after & (effects.cohort == cohort)
        parts.append((float(effects.value[mine].mean()), effects.influence[:, mine].mean(axis=1)))
    value = np.array([v for v, _ in parts])
    influence = np.column_stack([i for _, i in parts])
    overall = _by_size(effects, at, value, influence)
    return _aggregate(effects, at, parts, *overall)


def by_calendar(effects: Effects) -> Aggregate:
    """Effects of each calendar step on all who are treated by then, by the size of cohorts.

    Source: Callaway and Sant'Anna (2021), section 3.1.3, equations 3.9 and 3.10.
    """
    after = effects.step >= effects.cohort
    at = np.unique(effects.step[after])
    parts = [_weighted(effects, after & (effects.step == step)) for step in at]
    return _mean_over(effects, at, parts, np.ones(len(at), np.bool_))


def _mean_over(effects: Effects, at: Counts, parts: list[tuple[float, Floats]], chosen: Flags) -> Aggregate:
    if not chosen.any():
        raise ValueError("no step after treatment can be compared")
    value = np.array([v for v, _ in parts])[chosen].mean()
    influence = np.column_stack([i for _, i in parts])[:, chosen].mean(axis=1)
    return _aggregate(effects, at, parts, float(value), influence)


def _aggregate(
    effects: Effects, at: Counts, parts: list[tuple[float, Floats]], overall: float, influence: Floats
) -> Aggregate:
    return Aggregate(
        at=at,
        value=np.array([v for v, _ in parts]),
        influence=np.column_stack([i for _, i in parts]),
        overall=overall,
        overall_influence=influence,
        cluster=effects.cluster,
        seen=effects.seen,
    )


def drift_before(effects: Effects, *, steps: int = DRIFT_STEPS) -> tuple[float, Floats] | None:
    """How fast treated and others drifted apart before treatment, and its influence; None without such steps.

    For each cohort the least-squares slope of the path that its placebos add up to, then by cohorts' sizes.

    Unit: of the outcome, for each step.
    Shape: the influence (units,).
    Source: the slope of a path by its increments: the s-th of n has the weight s (n + 1 - s), as least
    squares on 0..n gives; averaged as in Callaway and Sant'Anna (2021), equation 3.8.
    """
    near = effects.is_before & (effects.step >= effects.cohort - effects.anticipation - steps)
    if not near.any():
        return None
    cohorts = np.unique(effects.cohort[near])
    slopes, influences = [], []
    for cohort in cohorts:
        mine = np.flatnonzero(near & (effects.cohort == cohort))
        place = np.arange(1, len(mine) + 1)
        weight = place * (len(mine) + 1 - place) / (place * (len(mine) + 1 - place)).sum()
        slopes.append(float(weight @ effects.value[mine]))
        influences.append(effects.influence[:, mine] @ weight)
    return _by_size(effects, cohorts, np.array(slopes), np.column_stack(influences))


def _weighted(effects: Effects, chosen: Flags) -> tuple[float, Floats]:
    """The mean of some cells, by the size of their cohorts, and its influence."""
    if not chosen.any():
        raise ValueError("no step after treatment can be compared")
    return _by_size(effects, effects.cohort[chosen], effects.value[chosen], effects.influence[:, chosen])


def _by_size(effects: Effects, cohort: Counts, value: Floats, influence: Floats) -> tuple[float, Floats]:
    """A mean weighted by cohorts' shares, whose own uncertainty is part of the influence.

    Shape: cohort and value (k,), influence (units, k).
    Source: Callaway and Sant'Anna (2021), corollary 2.
    """
    member = effects.first[:, None] == cohort[None, :]
    share = member.mean(axis=0)
    weight = share / share.sum()
    off = (member - share) / share.sum()
    mean = float(weight @ value)
    return mean, influence @ weight + off @ value - off.sum(axis=1) * mean
