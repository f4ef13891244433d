"""Tests at a line: published values, and planted answers."""

import csv
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from counterfoil.measure.gaming.adjacent import Contrast, adjacent_contrast
from counterfoil.measure.gaming.excess import Excess, excess_mass
from counterfoil.measure.gaming.fit import correlation, count_model, ranks
from counterfoil.measure.gaming.jump import Jump, density_jump
from counterfoil.terms.absent import Unknown

KINK = np.loadtxt(Path(__file__).with_name("kink.csv"), delimiter=",", skiprows=3)
VALUES, COUNTS = KINK[:, 0], KINK[:, 1].astype(np.int64)
AT = int(np.flatnonzero(VALUES == 10_000)[0])


def excess(counts: np.ndarray, **how: object) -> Excess:
    found = excess_mass(VALUES, counts, 10_000, **how)  # type: ignore[arg-type]
    assert isinstance(found, Excess)
    return found


def test_the_excess_mass_is_that_of_the_vignette_of_bunching() -> None:
    plain, corrected = excess(COUNTS, corrected=False), excess(COUNTS)
    assert plain.normalised.value == pytest.approx(1.9885156, abs=1e-6)
    assert corrected.normalised.value == pytest.approx(1.8220879, abs=1e-6)
    diffuse = COUNTS.copy()
    diffuse[[AT - 2, AT - 1, AT + 1, AT + 2]] += [190, 80, 80, 80]
    spread = excess(diffuse, below=2, above=2, corrected=False)
    assert spread.normalised.value == pytest.approx(3.3195398, abs=1e-6)
    assert isinstance(plain.moved.low, float) and plain.moved.low < plain.moved.value == pytest.approx(
        648.751
    )


def test_the_excess_leaves_to_round_numbers_what_is_theirs() -> None:
    liked = COUNTS.copy()
    liked[VALUES % 250 == 0] += 130
    without, with_them = excess(liked, corrected=False), excess(liked, corrected=False, rounds=(250.0,))
    own = excess(COUNTS, corrected=False).moved.value
    assert without.moved.value > own + 90
    assert with_them.moved.value == pytest.approx(own, rel=0.1)
    flat = excess_mass(VALUES, np.full(len(VALUES), 300), 10_000)
    assert isinstance(flat, Excess) and flat.moved.value == pytest.approx(0, abs=1e-6)


def test_the_excess_abstains_where_there_is_no_line_to_see() -> None:
    assert excess_mass(VALUES, COUNTS, 20_000) == Unknown("the threshold lies outside the data")
    assert isinstance(excess_mass(VALUES[:6], COUNTS[:6], 9_100), Unknown)
    assert isinstance(excess_mass(np.empty(0), np.empty(0, np.int64), 5), Unknown)
    assert isinstance(excess_mass(VALUES, np.zeros(len(VALUES), np.int64), 10_000), Unknown)


def test_senate_margins_jump_as_published(need: Callable[[str, bool, str], None]) -> None:
    spec = find_spec("rdrobust")
    how = "pip install --require-hashes --no-deps -r requirements/oracles.txt"
    need("the data set of rdrobust", spec is not None, how)
    assert spec is not None and spec.submodule_search_locations
    table = Path(spec.submodule_search_locations[0]) / "data" / "rdrobust_RDsenate.csv"
    with table.open(encoding="utf-8") as lines:
        margins = [float(row["margin"]) for row in csv.DictReader(lines) if row["margin"] not in {"", "NA"}]
    found = density_jump(np.array(margins))
    assert isinstance(found, Jump)
    assert (len(margins), found.difference.n) == (1390, 1390)
    assert round(found.t, 4) == -0.8753 and round(found.p, 4) == 0.3814
    assert round(found.below, 6) == 0.021686 and round(found.above, 6) == 0.018138
    assert list(found.bandwidth) == pytest.approx([19.841, 27.119], abs=5e-4)


def test_a_planted_jump_is_found_and_a_smooth_density_left_alone() -> None:
    chance, spoke = np.random.default_rng(5), 0
    for _ in range(100):
        found = density_jump(chance.normal(0.4, 1, 800))
        assert isinstance(found, Jump)
        spoke += found.p < 0.05
    assert spoke <= 11
    use = chance.normal(0, 1, 4_000)
    use[(use < 0) & (use > -0.3) & (chance.random(4_000) < 0.3)] *= -0.1
    moved = density_jump(use)
    assert isinstance(moved, Jump) and moved.t > 4
    assert density_jump(use, 10.0) == Unknown("the threshold lies outside the data, or too near to its end")
    assert isinstance(density_jump(chance.poisson(5, 4_000).astype(float), 5), Unknown)


def spoken(chance: np.random.Generator, people: int, moved: float, cutoff: int, runs: int) -> float:
    spoke = 0
    for _ in range(runs):
        use = chance.poisson(np.exp(chance.normal(np.log(6), 0.9, people)))
        use[(use == cutoff - 1) & (chance.random(people) < moved)] = cutoff
        found = adjacent_contrast(np.bincount(use, minlength=cutoff + 4), cutoff)
        spoke += isinstance(found, Contrast) and found.p < 0.05
    return spoke / runs


@pytest.mark.parametrize(("people", "least"), [(500, 0.5), (2_000, 0.97), (10_000, 0.99)])
def test_the_contrast_of_neighbours_has_its_size_and_power(people: int, least: float) -> None:
    chance = np.random.default_rng(people)
    assert spoken(chance, people, 0.0, 5, 200) <= 0.08
    assert spoken(chance, people, 0.3, 5, 100) >= least


def test_the_contrast_abstains() -> None:
    assert adjacent_contrast(np.array([3, 4, 5]), 9) == Unknown("the threshold lies outside the data")
    assert adjacent_contrast(np.array([3, 4, 5]), 2) == Unknown("the threshold lies outside the data")
    assert isinstance(adjacent_contrast(np.array([1, 2, 3, 2, 1, 1, 1]), 3), Unknown)
    assert isinstance(adjacent_contrast(np.array([40, 30, 0, 20, 10, 9, 8]), 3), Unknown)


def test_the_shared_arithmetic_is_that_of_scipy() -> None:
    from scipy.optimize import minimize
    from scipy.stats import rankdata, spearmanr

    chance = np.random.default_rng(2)
    x, y = chance.poisson(3, 60).astype(float), chance.normal(0, 1, 60)
    assert ranks(x) == pytest.approx(rankdata(x))
    assert correlation(ranks(x), ranks(y)) == pytest.approx(spearmanr(x, y).statistic)
    assert correlation(np.ones(60), y) == 0
    design = np.column_stack([np.ones(60), y])
    best = minimize(lambda b: float(np.sum(np.exp(design @ b) - x * (design @ b))), [0, 0], method="BFGS")
    assert count_model(design, x).value == pytest.approx(best.x, abs=1e-4)
