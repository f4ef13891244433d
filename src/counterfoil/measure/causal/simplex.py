"""Weights that are not below zero and come to one, for the mix of columns that is nearest to a target."""

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.causal.panel import Floats

NEAR = 1e-12
MOST_STEPS = 10_000


def simplex_weights(mix: Floats, target: Floats, *, ridge: float = 0.0) -> Floats:
    """The weights w that make |mix w - target|^2 + ridge |w|^2 least, none below zero, their sum one.

    An active-set method: it stops at the exact optimum after finitely many steps.

    Shape: mix (n, k), target (n,); the result (k,).
    Source: Wolfe (1976), Mathematical Programming 11, 128-149 (finding the nearest point in a polytope).
    """
    # The target in each column makes it the point of a polytope that is nearest to zero.
    points = mix - target[:, None]
    gram = points.T @ points + ridge * np.eye(points.shape[1])
    scale = max(float(np.diag(gram).max(initial=0.0)), 1e-300)
    weights = np.zeros(len(gram))
    active = [int(np.argmin(np.diag(gram)))]
    weights[active] = 1.0
    for _ in range(MOST_STEPS):
        slope = gram @ weights
        best = int(np.argmin(slope))
        if slope[best] >= weights @ slope - NEAR * scale or best in active:
            break
        active.append(best)
        weights, active = _inside(gram, weights, active)
    return np.asarray(weights / weights.sum())


def _inside(gram: Floats, weights: Floats, active: list[int]) -> tuple[Floats, list[int]]:
    """The best mix of the active columns, where those that it would take below zero are let go of."""
    while True:
        best = _affine(gram, active)
        if best.min() > NEAR:
            done = np.zeros_like(weights)
            done[active] = best
            return done, active
        before = weights[active]
        falling: NDArray[np.bool_] = best <= NEAR
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.where(falling & (before > best), before / (before - best), np.inf)
        way = min(1.0, float(part.min()))
        mixed = before + way * (best - before)
        mixed[mixed <= NEAR] = 0.0
        if mixed.all():
            mixed[int(np.argmin(part))] = 0.0
        weights = np.zeros_like(weights)
        weights[active] = mixed
        active = [place for place, weight in zip(active, mixed, strict=True) if weight > 0]


def _affine(gram: Floats, active: list[int]) -> Floats:
    """The mix of some columns that is nearest, whose weights come to one and may be below zero."""
    k = len(active)
    system = np.zeros((k + 1, k + 1))
    system[:k, :k] = gram[np.ix_(active, active)]
    system[:k, k] = system[k, :k] = 1.0
    wanted = np.zeros(k + 1)
    wanted[k] = 1.0
    return np.asarray(np.linalg.lstsq(system, wanted, rcond=None)[0][:k])
