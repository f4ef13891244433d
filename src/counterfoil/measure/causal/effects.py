"""Effects by cohort and step: each cohort of units against those that are not treated by then."""

from dataclasses import dataclass

import numpy as np

from counterfoil.measure.causal.panel import NEVER, Counts, Flags, Floats, Panel
from counterfoil.measure.causal.robust import doubly_robust


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """The effect on each cohort at each step, with what every unit does to it."""

    cohort: Counts
    """The first treated step of the cohort. Shape: (cells,)."""
    step: Counts
    """Shape: (cells,)."""
    value: Floats
    """Shape: (cells,)."""
    influence: Floats
    """Each unit's influence, of mean zero. Shape: (units, cells)."""
    first: Counts
    """As in the panel. Shape: (units,)."""
    cluster: Counts
    """As in the panel. Shape: (units,)."""
    anticipation: int
    """Steps before treatment at which units may act on it already."""
    seen: float
    """The share of units and steps that is not missing."""

    @property
    def error(self) -> Floats:
        """The standard error of each, units of one cluster taken together.

        Shape: (cells,).
        """
        return standard_error(self.influence, self.cluster)

    @property
    def is_before(self) -> Flags:
        """Which cells lie before treatment, and before anybody acted on it.

        Shape: (cells,).
        """
        before: Flags = self.step < self.cohort - self.anticipation
        return before


def group_time_effects(panel: Panel, *, not_yet: bool = False, anticipation: int = 0) -> Effects:
    """Estimate the effect of each cohort at each step against units that are not treated by then.

    Compared with are those never treated or, with `not_yet`, also those treated later. From treatment on the
    base is the last step at which nobody acted on it; before, it is the step before (a varying base), so that
    each such cell is a placebo. A cohort that was treated from the first step on has no base, and a cell
    without any unit to compare with has no effect; both are left out. A cell rests on units seen at both of
    its steps.

    Raises: ValueError where no cell can be estimated.
    Source: Callaway and Sant'Anna (2021), Journal of Econometrics 225, 200-230, theorem 1 and 3.
    """
    cells = [
        (int(cohort), step, found)
        for cohort in np.unique(panel.first)
        if 0 < cohort < panel.steps
        for step in range(1, panel.steps)
        if (found := _cell(panel, int(cohort), step, not_yet, anticipation)) is not None
    ]
    if not cells:
        raise ValueError("no unit can be compared with one that was not treated at the time")
    return Effects(
        cohort=np.array([cohort for cohort, _, _ in cells], np.int64),
        step=np.array([step for _, step, _ in cells], np.int64),
        value=np.array([found[0] for _, _, found in cells]),
        influence=np.column_stack([found[1] for _, _, found in cells]),
        first=panel.first,
        cluster=panel.cluster,
        anticipation=anticipation,
        seen=panel.seen,
    )


def _cell(
    panel: Panel, cohort: int, step: int, not_yet: bool, anticipation: int
) -> tuple[float, Floats] | None:
    """The effect of one cohort at one step, and the influence of all units; None where there is none."""
    base = cohort - anticipation - 1 if step >= cohort - anticipation else step - 1
    if base < 0:
        return None
    mine = panel.first == cohort
    others = panel.first == NEVER
    if not_yet:
        others = others | ((panel.first > max(step, base) + anticipation) & ~mine)
    change = panel.outcome[:, step] - panel.outcome[:, base]
    used = (mine | others) & np.isfinite(change)
    if not (used & mine).any() or not (used & others).any():
        return None
    value, influence = doubly_robust(change[used], mine[used], panel.covariates[used])
    spread = np.zeros(panel.units)
    spread[used] = influence * panel.units / used.sum()
    return value, spread


def standard_error(influence: Floats, cluster: Counts) -> Floats:
    """The standard error of what has such influences, units of one cluster taken together.

    Shape: influence (units, k), cluster (units,); the result (k,).
    Source: Callaway and Sant'Anna (2021), theorem 2; summed by cluster as in their remark 10.
    """
    summed = by_cluster(influence, cluster)
    return np.asarray(np.sqrt(np.square(summed).sum(axis=0)) / len(influence))


def by_cluster(influence: Floats, cluster: Counts) -> Floats:
    """Influences summed over the units of each cluster.

    Shape: influence (units, k), cluster (units,); the result (clusters, k).
    """
    names, place = np.unique(cluster, return_inverse=True)
    summed = np.zeros((len(names), influence.shape[1]))
    np.add.at(summed, place, influence)
    return summed
