"""How far an effect may be off where units would not have moved alike, and what it takes to undo it."""

from dataclasses import dataclass

import numpy as np

from counterfoil.measure.causal.aggregate import Aggregate
from counterfoil.measure.causal.band import DRAWS, simultaneous, wider_for_few
from counterfoil.measure.causal.effects import standard_error
from counterfoil.measure.causal.panel import Floats
from counterfoil.terms.absent import Unknown

MOST_TIMES = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Honest:
    """Bounds of the mean effect after treatment, as wide as a multiple of the largest break before it."""

    value: float
    reach: float
    """How far chance goes."""
    reach_by_times: float
    """How much further for each multiple of the largest break from step to step before treatment."""

    def bounds(self, times: float) -> tuple[float, float]:
        """The least and the most that the effect may be, if breaks after are at most so many times as large.

        Source: Rambachan and Roth (2023), section 2.4.2 (bounds on relative magnitudes).
        """
        wide = self.reach + times * self.reach_by_times
        return self.value - wide, self.value + wide

    @property
    def undone_at(self) -> float:
        """The multiple from which the bounds hold zero; 0 where they always do.

        Source: Rambachan and Roth (2023), section 6 (breakdown values).
        """
        left = abs(self.value) - self.reach
        if left <= 0:
            return 0.0
        return MOST_TIMES if self.reach_by_times <= 0 else min(MOST_TIMES, left / self.reach_by_times)


def honest(
    study: Aggregate,
    *,
    anticipation: int = 0,
    stretch: int = 1,
    far: float | None = None,
    draws: int = DRAWS,
) -> Honest | Unknown:
    """What is left of an event study's overall effect where trends were not parallel.

    From each stretch of steps to the next, treated and others may drift apart by at most M times the largest
    such drift before treatment; by the step e after treatment that makes (e + 1) / stretch times M, and of an
    overall effect `far` steps from its base, on average, far / stretch times M. Placebos of a varying base
    are drifts from step to step, and sum up over a stretch. One band holds for the overall effect and all
    drifts at once, 95 times in 100, and the bounds take from it the largest drift that it leaves possible:
    wider than the paper's hybrid intervals, and never too narrow.

    Source: Rambachan and Roth (2023), Review of Economic Studies 90, 2555-2591, section 2.4.2; the interval
    is the projection of a simultaneous band.
    """
    drifts = _drifts(study, anticipation, stretch)
    if isinstance(drifts, Unknown):
        return drifts
    value, influence = drifts
    together = np.column_stack([study.overall_influence, influence])
    wide = simultaneous(together, study.cluster, draws=draws)
    wide *= wider_for_few(max(len(np.unique(study.cluster)), 2))
    error = standard_error(together, study.cluster)
    largest = float((np.abs(value) + wide * error[1:]).max())
    if far is None:
        far = float((study.at[study.at >= 0] + 1 + anticipation).mean())
    return Honest(value=study.overall, reach=wide * float(error[0]), reach_by_times=far / stretch * largest)


def _drifts(study: Aggregate, anticipation: int, stretch: int) -> tuple[Floats, Floats] | Unknown:
    """How far treated and others drifted apart in each whole stretch of steps before treatment.

    Shape: (k,) and (units, k).
    """
    places = {int(at): place for place, at in enumerate(study.at)}
    found = []
    last = -anticipation - 1
    while all(last - back in places for back in range(stretch)):
        found.append([places[last - back] for back in range(stretch)])
        last -= stretch
    if not found:
        return Unknown(f"it takes {stretch} steps in a row before treatment to hold the effect against")
    value = np.array([study.value[mine].sum() for mine in found])
    return value, np.column_stack([study.influence[:, mine].sum(axis=1) for mine in found])
