"""The same data through a permissive library of other people: two ways to one number."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from counterfoil.measure.causal.effects import group_time_effects
from counterfoil.measure.causal.panel import panel_of


@pytest.mark.filterwarnings("ignore")
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
