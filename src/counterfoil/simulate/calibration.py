"""Holds behaviour to published figures, and draws parameters as uncertain as those figures leave them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from counterfoil.simulate.company.cases import AMAZON, CLEAR, EXPECTED, NOTHING, UNCLEAR
from counterfoil.simulate.company.design import Design
from counterfoil.simulate.company.parameters import FITTED, Parameters
from counterfoil.simulate.company.people import People
from counterfoil.simulate.company.settled import settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A published share that behaviour was fitted to."""

    id: str
    design: Design
    measure: str
    """A field of `Settled`."""
    share: float
    doubt: float
    """Unit: logits, one standard deviation; the survey's own error is the smaller part of it."""


ANCHORS = (
    Anchor(id="C5", design=EXPECTED, measure="padding", share=0.16, doubt=0.2),
    Anchor(id="C6", design=AMAZON, measure="tokenmaxxing", share=0.045, doubt=0.35),
    Anchor(id="C13a", design=UNCLEAR, measure="quiet_resistance", share=0.25, doubt=0.4),
    Anchor(id="C13b", design=CLEAR, measure="quiet_resistance", share=0.04, doubt=0.6),
    Anchor(id="none", design=NOTHING, measure="gaming", share=0.01, doubt=0.5),
)
FREE = ("pad", "maximise", "resist", "stake", "unclear")
"""As many parameters as anchors: a fit that hits every one of them, so none of them is evidence."""
RESPONSE = np.array(
    [
        [0.004, -0.004, 0.0, 0.0, 0.999],
        [-2.109, 1.789, 0.0, 0.0, 1.919],
        [0.521, 0.005, -0.194, 1.199, -0.222],
        [8.693, 0.086, 0.0, 0.0, -4.876],
        [0.197, 0.002, 1.937, -1.712, -0.036],
    ]
)
"""How far each free parameter moves for one logit of each anchor: the inverse of the fit's Jacobian."""
ASSUMED = (
    "peer", "pad_status", "max_status", "max_skill", "max_stake", "pad_cost", "max_cost", "useless",
    "clear_cost", "seen_pad", "seen_max", "unsuited", "pad_minutes", "max_hours",
)  # fmt: skip
ASSUMED_DOUBT = 0.25
"""Unit: logarithms, one standard deviation of whatever was assumed."""
BURN_DOUBT = 0.5
STEPS = 4


def misses(people: People, p: Parameters) -> NDArray[np.float64]:
    """How far each anchor is missed.

    Shape: (anchors,), in logits.
    """
    return np.array(
        [_logit(getattr(settle(people, a.design, p), a.measure)) - _logit(a.share) for a in ANCHORS]
    )


def parameters(people: People, count: int, *, seed: int) -> Iterator[Parameters]:
    """Parameters that still hit every anchor, each anchor and each assumption moved within its doubt."""
    rng = np.random.default_rng(seed)
    doubts = np.array([a.doubt for a in ANCHORS])
    for _ in range(count):
        factors = np.exp(ASSUMED_DOUBT * rng.standard_normal(len(ASSUMED)))
        assumed = {name: getattr(FITTED, name) * f for name, f in zip(ASSUMED, factors.tolist(), strict=True)}
        burn = FITTED.burn * float(np.exp(BURN_DOUBT * rng.standard_normal()))
        yield _refitted(
            people, replace(FITTED, burn=burn, **assumed), doubts * rng.standard_normal(len(doubts))
        )


def _refitted(people: People, p: Parameters, moved: NDArray[np.float64]) -> Parameters:
    """The free parameters at which every anchor, moved so far, is hit again."""
    for _ in range(STEPS):
        step = RESPONSE @ (moved - misses(people, p))
        now = np.array([getattr(p, name) for name in FREE]) + np.clip(step, -4, 4)
        p = replace(p, **dict(zip(FREE, now.tolist(), strict=True)))
    return p


def _logit(share: float) -> float:
    kept = min(max(share, 1e-9), 1 - 1e-9)
    return float(np.log(kept / (1 - kept)))
