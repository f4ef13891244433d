"""One or a few units that were treated at once, against a mix of others that moved as they did before."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.causal.panel import Floats
from counterfoil.measure.causal.simplex import simplex_weights
from counterfoil.measure.interval import SEED, Z
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

PLACEBOS = 200
FEWEST_DONORS = 10
"""With fewer to stand in for the treated, chance can't be told from an effect."""
FEWEST_BEFORE = 4
"""With fewer steps before treatment, a mix that fits them fits by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Units treated at one step, and donors that were not.

    Raises: ValueError where there is nothing to compare with.
    """

    treated: Floats
    """Shape: (treated units, steps)."""
    donors: Floats
    """Shape: (donors, steps)."""
    since: int
    """The first treated step."""

    def __post_init__(self) -> None:
        if not 0 < self.since < self.donors.shape[1]:
            raise ValueError("there have to be steps before treatment and from it on")
        if len(self.treated) < 1 or len(self.donors) < 2:
            raise ValueError("a comparison takes a treated unit and two that are not")
        if not np.isfinite(self.treated).all() or not np.isfinite(self.donors).all():
            raise ValueError("a synthetic unit is mixed from units that are seen at every step")


Design = Callable[[Block], float]
"""How an effect is estimated."""


def difference_in_differences(block: Block) -> float:
    """How much more the treated changed than the donors did, on average.

    Source: Card and Krueger (1994), American Economic Review 84, 772-793.
    """
    changes = [
        float(one[:, block.since :].mean() - one[:, : block.since].mean())
        for one in (block.treated, block.donors)
    ]
    return changes[0] - changes[1]


def synthetic_control(block: Block) -> float:
    """How far the treated are from a mix of donors that was nearest to them before.

    Source: Abadie, Diamond and Hainmueller (2010), Journal of the American Statistical Association 105,
    493-505; matched on outcomes before treatment alone, as in Arkhangelsky et al. (2021).
    """
    target = block.treated.mean(axis=0)
    mix = donor_weights(block) @ block.donors
    return float((target - mix)[block.since :].mean())


def donor_weights(block: Block) -> Floats:
    """The mix of donors that is nearest to the treated before treatment.

    Shape: (donors,).
    Source: Abadie, Diamond and Hainmueller (2010), equation 2.
    """
    before = block.donors[:, : block.since].T
    return simplex_weights(before, block.treated[:, : block.since].mean(axis=0))


def synthetic_difference_in_differences(block: Block) -> float:
    """A difference in differences against donors and steps that are weighted to be like the treated ones.

    Weights of donors make their trend before treatment parallel to that of the treated, and are kept from
    resting on few by a penalty of (treated units x treated steps)^(1/4) standard deviations of the donors'
    changes from step to step; weights of steps make those before like those after.

    Source: Arkhangelsky, Athey, Hirshberg, Imbens and Wager (2021), American Economic Review 111, 4088-4118,
    algorithm 1 and equations 4 to 6.
    """
    before, after = block.donors[:, : block.since], block.donors[:, block.since :]
    changes = np.diff(before, axis=1)
    noise = float(changes.std(ddof=1)) if changes.size > 1 else 0.0
    penalty = np.sqrt(len(block.treated) * after.shape[1]) * noise**2
    target = block.treated[:, : block.since].mean(axis=0)
    units = simplex_weights(_centred(before.T), target - target.mean(), ridge=penalty * block.since)
    # As good as no penalty; it makes the weights unique.
    aim = after.mean(axis=1)
    steps = simplex_weights(_centred(before), aim - aim.mean(), ridge=(1e-6 * noise) ** 2 * len(block.donors))
    gap = block.treated.mean(axis=0) - units @ block.donors
    return float(gap[block.since :].mean() - steps @ gap[: block.since])


def _centred(columns: Floats) -> Floats:
    """Columns less their means: the fit may have an intercept."""
    return np.asarray(columns - columns.mean(axis=0))


def placebo_effects(block: Block, design: Design, *, draws: int = PLACEBOS, seed: int = SEED) -> Floats:
    """The effect found on donors that nothing happened to: each in turn, or sets as many as the treated.

    Shape: (placebos,).
    Raises: ValueError where there are no more donors than treated units.
    Source: Abadie, Diamond and Hainmueller (2010), section 2.4; Arkhangelsky et al. (2021), algorithm 4.
    """
    donors, size = len(block.donors), len(block.treated)
    if donors < size + 2:
        raise ValueError("placebos take more donors than there are treated units")
    chance = np.random.default_rng(seed)
    sets: list[NDArray[np.intp]] = (
        [np.array([place]) for place in range(donors)]
        if size == 1
        else [chance.choice(donors, size, replace=False) for _ in range(draws)]
    )
    return np.array(
        [
            design(
                Block(
                    treated=block.donors[chosen],
                    donors=np.delete(block.donors, chosen, axis=0),
                    since=block.since,
                )
            )
            for chosen in sets
        ]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Placebos:
    """An effect beside those that were found where nothing happened."""

    effect: Estimate
    """With the interval of the placebos' spread."""
    chance: float
    """The share of placebos, the treated counted in, whose effect is as large."""
    error: float
    """The standard deviation of the placebos."""


def against_placebos(block: Block, design: Design, *, method: str, seed: int = SEED) -> Placebos | Unknown:
    """An effect with the interval and the chance that placebos give; Unknown where there are too few.

    Donors have to vary as the treated do: with one treated unit nothing else can be known of its noise.

    Source: Arkhangelsky et al. (2021), algorithm 4 and section 5; Abadie, Diamond and Hainmueller (2010).
    """
    if len(block.donors) < FEWEST_DONORS:
        return Unknown(f"{len(block.donors)} units were not treated; a mix takes at least {FEWEST_DONORS}")
    if block.since < FEWEST_BEFORE:
        return Unknown(f"{block.since} steps lie before treatment; a mix takes at least {FEWEST_BEFORE}")
    value, placebos = design(block), placebo_effects(block, design, seed=seed)
    error = float(placebos.std())
    return Placebos(
        effect=Estimate(
            value=value,
            low=value - Z * error,
            high=value + Z * error,
            n=len(block.treated) + len(block.donors),
            coverage=1.0,
            method=method,
        ),
        chance=float((1 + (np.abs(placebos) >= abs(value)).sum()) / (1 + len(placebos))),
        error=error,
    )
