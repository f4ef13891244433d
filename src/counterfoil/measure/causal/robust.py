"""One comparison of two steps of time, doubly robust in what is known of the units before."""

import numpy as np

from counterfoil.measure.causal.panel import Flags, Floats

MOST_STEPS = 50
ENOUGH = 1e-10
SURE = 1 - 1e-6
TRIMMED = 0.995
"""A comparison unit that is this sure to have been treated says nothing of those that were not."""


def logit(x: Floats, treated: Floats) -> tuple[Floats, Floats]:
    """How likely each unit was to be treated, and the inverse of the information on the coefficients.

    Shape: x (n, k) with an intercept; treated (n,) of 0 and 1; the results (n,) and (k, k).
    Raises: ValueError where what is known of units tells exactly which are treated.
    Source: McCullagh and Nelder (1989), Generalized Linear Models, 2.5 (reweighted least squares).
    """
    beta = np.zeros(x.shape[1])
    for _ in range(MOST_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(x @ beta, -500, 500)))
        weight = chance * (1 - chance)
        information = (x * weight[:, None]).T @ x
        if not np.all(np.isfinite(information)) or np.linalg.cond(information) > 1e14:
            break
        step = np.linalg.solve(information, x.T @ (treated - chance))
        beta = beta + step
        if float(np.abs(step).max()) < ENOUGH:
            chance = 1 / (1 + np.exp(-(x @ beta)))
            weight = chance * (1 - chance)
            return chance, np.linalg.inv((x * weight[:, None]).T @ x).astype(np.float64)
    raise ValueError("what is known of the units tells exactly which of them are treated")


def doubly_robust(change: Floats, treated: Flags, covariates: Floats) -> tuple[float, Floats]:
    """The effect on the treated of one pair of steps, and each unit's influence on it.

    It is right where either how likely units were to be treated or how untreated outcomes change is modelled
    rightly. Without covariates it is the difference of the two mean changes.

    Shape: change and treated (n,), covariates (n, k) without an intercept; the influence (n,).
    Raises: ValueError where either side is empty, or the two sides can't be compared.
    Source: Sant'Anna and Zhao (2020), Journal of Econometrics 219, 101-122, equations 2.6 and 3.1 (panels).
    """
    d = treated.astype(np.float64)
    if not 0 < d.sum() < len(d):
        raise ValueError("a comparison takes both treated units and others")
    x = np.column_stack([np.ones(len(d)), covariates])
    if (1 - d).sum() < x.shape[1]:
        raise ValueError("there are fewer comparison units than things known of them")
    chance, spread = (
        logit(x, d) if x.shape[1] > 1 else (np.full(len(d), d.mean()), 1 / (len(d) * _var(d)) * np.eye(1))
    )
    chance = np.minimum(chance, SURE)
    others = x[~treated]
    if np.linalg.matrix_rank(others) < x.shape[1]:
        raise ValueError("what is known of the comparison units does not tell them apart")
    beta = np.linalg.lstsq(others, change[~treated], rcond=None)[0]
    left = change - x @ beta
    usable = treated | (chance < TRIMMED)
    odds = np.where(usable, (1 - d) * chance / (1 - chance), 0.0)
    if odds.sum() <= 0:
        raise ValueError("no comparison unit is like the treated ones")
    of_treated, of_others = (d * left).mean() / d.mean(), (odds * left).mean() / odds.mean()
    n = len(d)
    regression = ((1 - d) * left)[:, None] * x @ np.linalg.inv(others.T @ others / n)
    likelihood = ((d - chance)[:, None] * x) @ (spread * n)
    mine = d * (left - of_treated) - regression @ (d[:, None] * x).mean(axis=0)
    theirs = (
        odds * (left - of_others)
        + likelihood @ ((odds * (left - of_others))[:, None] * x).mean(axis=0)
        - regression @ (odds[:, None] * x).mean(axis=0)
    )
    return float(of_treated - of_others), mine / d.mean() - theirs / odds.mean()


def _var(d: Floats) -> float:
    return float(d.mean() * (1 - d.mean()))
