"""From when a unit counts as treated, and how much of a piece of work's fate could be seen so far."""

from collections.abc import Sequence

import numpy as np

from counterfoil.measure.causal.panel import NEVER, Counts, Floats

HALF = 0.5
"""From this share of its people on, a unit counts as one that uses AI.

Source: the threshold of Faros AI's study of engineering organisations.
"""
ANTICIPATION_STEPS = 2
"""Weeks before treatment in which units may act on it already: they were told, and prepare."""
FOLLOWED_DAYS = 30
LEAST_FOLLOWED = 0.5
"""A week whose work was followed for less than this share of its time says too little."""


def first_used(active: Floats, *, threshold: float = HALF) -> Counts:
    """The first step at which at least half of a unit's people were active; NEVER where none.

    Shape: active (units, steps), shares of people, NaN where missing; the result (units,).
    Source: the definition in docs/methods/cause.md.
    """
    reached = np.nan_to_num(active, nan=0.0) >= threshold
    return np.where(reached.any(axis=1), reached.argmax(axis=1), NEVER).astype(np.int64)


def first_licensed(licence: Sequence[int | None], steps: int) -> Counts:
    """The first step at which a unit had licences; NEVER where it had none by the last.

    Shape: licence has a step, counted from the first, or None for each unit; the result (units,).
    Source: the definition in docs/methods/cause.md.
    """
    return np.array([NEVER if s is None or s >= steps else max(s, 0) for s in licence], np.int64)


def rate_by_exposure(
    events: Floats, work: Floats, followed_days: Floats, *, window_days: int = FOLLOWED_DAYS
) -> Floats:
    """What became of work within a window, for each piece, where some was not followed for all of it yet.

    Events so far are held against the pieces of work times the share of the window that they were followed:
    a recent week is not better than an old one only since less of its fate is known. A step that was followed
    for less than half of the window, or has no work, is missing.

    Shape: events and work (units, steps); followed_days (steps,) from the step's end until the last look.
    Source: Rothman, Greenland and Lash (2008), Modern Epidemiology, chapter 3 (incidence by person-time); it
    takes the hazard to be even within the window.
    """
    share = np.clip(followed_days / window_days, 0.0, 1.0)
    exposed = work * share[None, :]
    usable = (share >= LEAST_FOLLOWED)[None, :] & (work > 0) & np.isfinite(events)
    return np.asarray(np.divide(events, exposed, out=np.full(events.shape, np.nan), where=usable))
