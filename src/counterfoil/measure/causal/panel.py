"""Outcomes of units over steps of time, and from when each was treated: what every design starts from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]

NEVER = 2**31
"""The first treated step of a unit that was never treated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Outcomes of units, which are groups of people, over equal steps of time.

    Raises: ValueError where its columns do not fit each other.
    """

    outcome: Floats
    """Shape: (units, steps); NaN where a step is missing."""
    first: Counts
    """The first treated step of each unit, NEVER where none. Shape: (units,)."""
    cluster: Counts
    """Units of one cluster share their luck: a department, whose reviewers they share. Shape: (units,)."""
    covariates: Floats
    """What is known of units before any was treated, without an intercept. Shape: (units, k), k from 0."""

    def __post_init__(self) -> None:
        units = len(self.outcome)
        if not units == len(self.first) == len(self.cluster) == len(self.covariates):
            raise ValueError("outcome, first, cluster and covariates have one row for each unit")

    @property
    def units(self) -> int:
        """How many units there are."""
        return len(self.first)

    @property
    def steps(self) -> int:
        """How many steps of time there are."""
        return int(self.outcome.shape[1])

    @property
    def seen(self) -> float:
        """The share of units and steps that is not missing."""
        return float(np.isfinite(self.outcome).mean()) if self.outcome.size else 0.0

    def only(self, keep: Flags) -> "Panel":
        """The same panel of some of its units.

        Shape: keep (units,).
        """
        return Panel(
            outcome=self.outcome[keep],
            first=self.first[keep],
            cluster=self.cluster[keep],
            covariates=self.covariates[keep],
        )


def panel_of(
    outcome: Floats, first: Counts, *, cluster: Counts | None = None, covariates: Floats | None = None
) -> Panel:
    """A panel whose units share their luck with none, and of which nothing more is known, unless stated.

    Shape: outcome (units, steps); first and cluster (units,); covariates (units, k).
    """
    units = len(first)
    return Panel(
        outcome=outcome.astype(np.float64),
        first=first.astype(np.int64),
        cluster=np.arange(units) if cluster is None else cluster.astype(np.int64),
        covariates=np.empty((units, 0)) if covariates is None else covariates.astype(np.float64),
    )
