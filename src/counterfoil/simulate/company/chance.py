"""Random bits of a place instead of a sequence: the same at a place, whatever is asked for beside it."""

from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Bits = NDArray[np.uint64]

STEP = np.uint64(0x9E3779B97F4A7C15)
STEPS = 1 << 12
"""How finely a distribution is cut in the tables below."""
FEW = np.uint64(STEPS - 1)


def mixed(places: Bits) -> Bits:
    """Bits that look random, one word for each place.

    Source: Steele, Lea, Flood (2014), Fast splittable pseudorandom number generators: the end of SplitMix64.
    """
    bits = places * STEP
    bits ^= bits >> np.uint64(30)
    bits *= np.uint64(0xBF58476D1CE4E5B9)
    bits ^= bits >> np.uint64(27)
    bits *= np.uint64(0x94D049BB133111EB)
    bits ^= bits >> np.uint64(31)
    return bits


def seeded(seed: int, places: NDArray[np.int64]) -> Bits:
    """Places of one seed, to mix or to count on from."""
    start = mixed(np.array([seed + 1], np.uint64))
    return mixed(places.astype(np.uint64) ^ start)


def uniform(bits: Bits, lot: int = 0) -> NDArray[np.float32]:
    """Numbers from 0 to below 1; up to five lots of a word have nothing to do with each other."""
    cut = (bits >> np.uint64(12 * lot)) & FEW
    return (cut.astype(np.float32) + np.float32(0.5)) / np.float32(STEPS)


@cache
def normal_steps() -> NDArray[np.float32]:
    """The standard normal distribution in steps that are equally likely.

    Shape: (STEPS,).
    """
    normal = NormalDist()
    return np.array([normal.inv_cdf((step + 0.5) / STEPS) for step in range(STEPS)], np.float32)


@cache
def waiting_steps() -> NDArray[np.float32]:
    """The exponential distribution of mean one in steps that are equally likely.

    Shape: (STEPS,).
    """
    steps: NDArray[np.float32] = -np.log1p(
        -(np.arange(STEPS, dtype=np.float32) + np.float32(0.5)) / np.float32(STEPS)
    )
    return steps
