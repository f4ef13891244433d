"""Outcome samples: which works a blind audit looks at, and the cohort's rate that comes of it."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from counterfoil.measure.interval import Counts, Floats, wilson
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

FEWEST_SAMPLED = 30
CONTROLS = 0.15
"""Share of the auditors' pile whose answer is known already: it shows how surely they judge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """How many works of each stratum are looked at, and how many controls lie among them.

    Shape: sampled (strata,).
    """

    sampled: Counts
    controls: int


def designed(frame: Counts, total: int, *, spread: Floats | None = None) -> Design:
    """Share a number of looks out over strata, by size or by size and spread.

    Strata are kinds of work (repository, size of change), never how much AI anybody used.
    Shape: frame (strata,) works of each; spread (strata,) how much outcomes vary, where that is known.
    Raises: ValueError where there is nothing to sample, or less than two works for a stratum.
    Source: Neyman (1934), Journal of the Royal Statistical Society 97, 558-625; Cochran (1977), 5.5 to 5.9.
    """
    if not len(frame) or (frame < 1).any():
        raise ValueError("a stratum has no works")
    if total < 2 * len(frame):
        raise ValueError(f"{len(frame)} strata take at least {2 * len(frame)} looks")
    weight = frame * (np.ones(len(frame)) if spread is None else np.maximum(spread, 1e-6))
    least = np.minimum(frame, 2)
    total = min(total, int(frame.sum()))
    sampled = least.astype(np.int64)
    while sampled.sum() < total:
        open_ = sampled < frame
        short = np.where(open_, weight / weight[open_].sum() * total - sampled, -np.inf)
        sampled[int(np.argmax(short))] += 1
    return Design(sampled=sampled, controls=round(CONTROLS * float(sampled.sum())))


def drawn(stratum: Counts, design: Design, *, seed: int) -> Counts:
    """Which works are looked at: drawn by chance within each stratum, in an order that says nothing.

    Shape: stratum (works,), from 0 on; the result holds places in it.
    Source: Cochran (1977), 2.1 (simple random sampling without replacement), by stratum.
    """
    chance = np.random.default_rng(seed)
    picked = [
        chance.choice(np.flatnonzero(stratum == s), size=int(many), replace=False)
        for s, many in enumerate(design.sampled)
    ]
    shuffled: Counts = chance.permutation(np.concatenate(picked))
    return shuffled


def audited_rate(
    hits: Counts, sampled: Counts, frame: Counts, *, controls: tuple[int, int, int, int] | None = None
) -> Estimate | Unknown:
    """The rate of an outcome in a cohort, from works drawn by stratum and judged blind.

    Shape: hits, sampled and frame (strata,): works with the outcome, works looked at, works there are.
    Controls are four counts: found of those known to have it, and wrongly found of those known not to.
    Source: Horvitz and Thompson (1952), JASA 47, 663-685; Cochran (1977), 5.6 for the variance; the interval
    is Wilson's at the number of independent works that would say as much (Korn and Graubard 1998, Survey
    Methodology 24, 193-201); auditors' errors as in Rogan and Gladen (1978).
    """
    if (sampled < 1).any():
        return Unknown("a stratum was not looked at")
    n = int(sampled.sum())
    if n < FEWEST_SAMPLED:
        return Unknown(f"a rate takes at least {FEWEST_SAMPLED} looks")
    weight = frame / frame.sum()
    share = hits / sampled
    value = float(weight @ share)
    smooth = (hits + 0.5) / (sampled + 1)
    left = np.maximum(1 - sampled / frame, 0)
    variance = float(np.sum(weight**2 * left * smooth * (1 - smooth) / np.maximum(sampled - 1, 1)))
    if variance <= 0:
        low = high = value
    else:
        level = min(max(value, 0.5 / n), 1 - 0.5 / n)
        alike = level * (1 - level) / variance
        low, high = wilson(value * alike, alike)
    if controls is not None:
        corrected = _corrected((low, value, high), controls)
        if isinstance(corrected, Unknown):
            return corrected
        low, value, high = corrected
    return Estimate(
        value=value,
        low=min(low, value),
        high=max(high, value),
        n=n,
        coverage=n / int(frame.sum()),
        method="outcome-sample",
    )


def _corrected(
    rates: tuple[float, float, float], controls: tuple[int, int, int, int]
) -> tuple[float, float, float] | Unknown:
    """The rate and its bounds with the auditors' own errors taken out, and their doubt put in."""
    found, known, wrongly, clean = controls
    if min(known, clean) < 1:
        return Unknown("there were no controls of one kind")
    yes, no = (found + 0.5) / (known + 1), (wrongly + 0.5) / (clean + 1)
    if yes - no < 0.2:
        return Unknown("the auditors could not tell the controls apart")
    low, value, high = (min(max((rate - no) / (yes - no), 0.0), 1.0) for rate in rates)
    doubt = sqrt(
        value**2 * yes * (1 - yes) / (known + 2) + (1 - value) ** 2 * no * (1 - no) / (clean + 2)
    ) / (yes - no)
    reach_low = sqrt((value - low) ** 2 + (1.96 * doubt) ** 2)
    reach_high = sqrt((high - value) ** 2 + (1.96 * doubt) ** 2)
    return max(value - reach_low, 0.0), value, min(value + reach_high, 1.0)
