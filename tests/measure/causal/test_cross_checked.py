"""The same data through a permissive library of other people: two ways to one number."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from counterfoil.measure.causal.aggregate import event_study
from counterfoil.measure.causal.effects import group_time_effects
from counterfoil.measure.causal.honest import Honest, honest
from counterfoil.measure.causal.panel import panel_of
from counterfoil.measure.causal.synthetic import Block, synthetic_difference_in_differences

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("not_yet", [False, True])
def test_diff_diff_finds_the_same(
    counties: Mapping[str, Any], carried: Callable[[str, str], Path], not_yet: bool
) -> None:
    carried("diff_diff", "")
    from diff_diff import CallawaySantAnna

    table = counties["table"].rename(columns={"first.treat": "first_treat"})
    control = "not_yet_treated" if not_yet else "never_treated"
    theirs = CallawaySantAnna(control_group=control, estimation_method="dr").fit(
        table,
        outcome="lemp",
        unit="countyreal",
        time="year",
        first_treat="first_treat",
        covariates=["lpop"],
    )
    ours = group_time_effects(
        panel_of(counties["outcome"], counties["first"], covariates=counties["population"]), not_yet=not_yet
    )
    cells = [
        theirs.group_time_effects[c + 2003, s + 2003] for c, s in zip(ours.cohort, ours.step, strict=True)
    ]
    # Their propensity scores stop earlier: a tenth of the last digit that anybody prints.
    assert ours.value == pytest.approx(np.array([cell["effect"] for cell in cells]), abs=1e-5)
    assert ours.error == pytest.approx(np.array([cell["se"] for cell in cells]), abs=1e-5)


def test_diff_diff_finds_the_same_synthetic_california(
    california: Block, counties: Mapping[str, Any], carried: Callable[[str, str], Path]
) -> None:
    carried("diff_diff", "")
    from diff_diff import SyntheticDiD

    rows = [
        {"state": state, "year": year, "sales": sales, "treated": int(state == 0)}
        for state, path in enumerate(np.vstack([california.treated, california.donors]))
        for year, sales in enumerate(path)
    ]
    theirs = SyntheticDiD(variance_method="placebo", n_bootstrap=2, seed=1).fit(
        type(counties["table"])(rows),
        outcome="sales",
        treatment="treated",
        unit="state",
        time="year",
        post_periods=list(range(california.since, california.donors.shape[1])),
    )
    # Theirs is by Frank-Wolfe, which stops near the optimum.
    assert synthetic_difference_in_differences(california) == pytest.approx(theirs.att, abs=0.005)


def test_honest_bounds_hold_those_of_diff_diff(
    counties: Mapping[str, Any], carried: Callable[[str, str], Path]
) -> None:
    carried("diff_diff", "")
    from diff_diff import CallawaySantAnna, HonestDiD

    table = counties["table"].rename(columns={"first.treat": "first_treat"})
    study = CallawaySantAnna(control_group="never_treated", base_period="universal").fit(
        table,
        outcome="lemp",
        unit="countyreal",
        time="year",
        first_treat="first_treat",
        aggregate="event_study",
    )
    ours = honest(
        event_study(group_time_effects(panel_of(counties["outcome"], counties["first"]))), draws=199
    )
    assert isinstance(ours, Honest)
    for times in (0.5, 1.0):
        theirs = HonestDiD(method="relative_magnitude", M=times).fit(study)
        low, high = ours.bounds(times)
        assert low <= theirs.ci_lb and theirs.ci_ub <= high
