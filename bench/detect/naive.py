"""Detectors of people that need no training, after their papers; they need numpy alone."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Score = Callable[[Floats], Floats]


def z_score(reference: Floats, place: dict[str, int]) -> Score:
    """How many spreads above the middle somebody's tokens lie."""
    column = place["log tokens"]
    middle, spread = reference[:, column].mean(), reference[:, column].std()
    return lambda x: (x[:, column] - middle) / spread


def ecod(reference: Floats, place: dict[str, int]) -> Score:
    """Tails of each feature's own distribution, summed.

    Source: Li, Zhao, Hu, Botta, Ionescu and Chen (2022), IEEE TKDE (ECOD): the largest of the sums of left
    tails, right tails, and the tail on the side to which each feature is skewed.
    """
    ordered = np.sort(reference, axis=0)
    centred = reference - reference.mean(axis=0)
    skew = (centred**3).mean(axis=0)
    n = len(reference)

    def score(x: Floats) -> Floats:
        left, right = np.empty(x.shape), np.empty(x.shape)
        for j in range(x.shape[1]):
            left[:, j] = np.searchsorted(ordered[:, j], x[:, j], side="right")
            right[:, j] = n - np.searchsorted(ordered[:, j], x[:, j], side="left")
        left, right = (-np.log(np.clip(tail, 1, n) / n) for tail in (left, right))
        auto = np.where(skew < 0, left, right)
        return np.maximum(np.maximum(left.sum(axis=1), right.sum(axis=1)), auto.sum(axis=1))

    return score


def rules(_: Floats, place: dict[str, int]) -> Score:
    """Mechanical pattern plus waste, less what is registered."""

    def score(x: Floats) -> Floats:
        turns = np.exp(x[:, place["human turns a request"]])
        mechanical = (
            x[:, place["share repeated"]]
            + (1 - np.minimum(turns / 0.1, 1))
            + (1 - np.minimum(x[:, place["spread of gaps"]], 1))
        ) / 3
        waste = 1 - np.minimum(np.exp(x[:, place["kept works for a million tokens"]]), 1)
        size = np.clip((x[:, place["log tokens"]] - 14) / 6, 0, 1)
        return mechanical + waste * size - 2 * x[:, place["declared share"]]

    return score


NAIVE = {"z-score of log tokens": z_score, "ECOD": ecod, "rules": rules}
"""Beside these stand the isolation forest and boosted trees, which scikit-learn has."""
