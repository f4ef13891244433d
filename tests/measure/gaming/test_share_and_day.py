"""Units that stop at a share, use that waits for the last day, and the share that is padding."""

import numpy as np
import pytest

from counterfoil.measure.gaming.heaping import Heap, LastDay, heap_at_share, last_day_mass
from counterfoil.measure.gaming.prevalence import METHOD, Proven, prevalence
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate


def shares(chance: np.random.Generator, heaped: bool, units: int = 80) -> Heap:
    members = np.repeat(chance.integers(6, 20, (units, 1)), 8, axis=1)
    met = chance.binomial(members, np.clip(chance.normal(0.75, 0.08, (units, 1)), 0.3, 0.98))
    needed = np.ceil(0.8 * members).astype(np.int64)
    if heaped:
        met = np.where((met == needed - 1) & (chance.random(met.shape) < 0.5), needed, met)
    found = heap_at_share(met, members, 0.8)
    assert isinstance(found, Heap)
    return found


def test_units_that_stop_at_the_share_are_seen() -> None:
    chance = np.random.default_rng(1)
    assert sum(shares(chance, heaped=False).p < 0.05 for _ in range(60)) <= 6
    assert sum(shares(chance, heaped=True).p < 0.05 for _ in range(20)) >= 18


def test_the_chance_of_a_heap_is_the_exact_binomial() -> None:
    from scipy.stats import binom

    members = np.full((40, 2), 10)
    met = np.stack([np.array([8] * 30 + [7] * 10), np.array([5] * 30 + [6] * 10)], axis=1)
    found = heap_at_share(met, members, 0.8)
    assert isinstance(found, Heap) and found.share.value == 0.75
    assert found.p == pytest.approx(binom.sf(29, 40, found.expected))
    assert found.expected == pytest.approx(3 / 8 * 1.857 / (1 + 3 / 8 * 1.857), abs=0.001)


def test_few_units_near_the_target_say_nothing() -> None:
    assert heap_at_share(np.full((3, 4), 8), np.full((3, 4), 10), 0.8) == Unknown(
        "too few units are near the target"
    )


def weeks(chance: np.random.Generator, last: float, many: int = 12) -> np.ndarray:
    return chance.multinomial(chance.poisson(900, many), [(1 - last) / 6] * 6 + [last])


def test_a_rush_on_the_last_day_is_told_from_an_old_habit() -> None:
    chance = np.random.default_rng(3)
    rush, habit = (
        last_day_mass(weeks(chance, 0.22), weeks(chance, 1 / 7)),
        last_day_mass(weeks(chance, 0.22), weeks(chance, 0.22)),
    )
    assert isinstance(rush, LastDay) and isinstance(rush.rise, Estimate) and isinstance(rush.p, float)
    assert rush.p < 0.001 and rush.rise.value == pytest.approx(0.08, abs=0.02)
    assert rush.against_even == pytest.approx(0.08, abs=0.02)
    assert isinstance(habit, LastDay) and isinstance(habit.p, float) and habit.p > 0.05
    alone = last_day_mass(weeks(chance, 0.22), np.zeros((0, 7), np.int64))
    assert isinstance(alone, LastDay) and isinstance(alone.rise, Unknown) and isinstance(alone.p, Unknown)
    assert isinstance(last_day_mass(weeks(chance, 0.2, 3), weeks(chance, 0.2)), Unknown)


@pytest.mark.parametrize("true", [0.02, 0.1, 0.3])
def test_the_interval_of_a_prevalence_covers(true: float) -> None:
    chance, held = np.random.default_rng(int(100 * true)), 0
    for _ in range(400):
        padded = chance.binomial(500, true)
        found = prevalence(
            int(chance.binomial(padded, 0.7) + chance.binomial(500 - padded, 0.02)),
            500,
            sensitivity=Proven(int(chance.binomial(100, 0.7)), 100),
            specificity=Proven(int(chance.binomial(1000, 0.98)), 1000),
        )
        assert isinstance(found, Estimate) and found.method == METHOD
        assert isinstance(found.low, float) and isinstance(found.high, float)
        held += found.low <= true <= found.high
    assert held / 400 >= 0.9


def test_a_prevalence_needs_a_cohort_and_a_screen() -> None:
    good = {"sensitivity": Proven(90, 100), "specificity": Proven(99, 100)}
    assert isinstance(prevalence(3, 499, **good), Unknown)
    assert isinstance(prevalence(30, 500, **good), Estimate)
    blind = prevalence(300, 500, sensitivity=Proven(5, 10), specificity=Proven(5, 10))
    assert blind == Unknown("the screen picks the honest as often as the padded")
    assert isinstance(prevalence(3, 500, sensitivity=Proven(0, 0), specificity=Proven(9, 10)), Unknown)
