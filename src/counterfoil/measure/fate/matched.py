"""AI lines against others of the same month and kind of code, the only comparison made between the two."""

import re
from collections.abc import Sequence

import numpy as np

from counterfoil.measure.fate.ends import AI_TIER
from counterfoil.measure.fate.lines import Flags, LineFates
from counterfoil.measure.fate.rework import lifetimes
from counterfoil.measure.hazard import hazard_ratio
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate

TEST_PATH = re.compile(r"(^|/)(__)?(tests?|specs?|testing)(__)?/|(^|/)test_[^/]*$|[._-](test|spec)\.[^/]*$")


def matched_hazard_ratio(fates: LineFates) -> Estimate | Unknown:
    """How fast AI lines end in their first 90 days against other lines landed in the same month.

    Tests are compared with tests. Commits that add more than 2,000 lines are left out: one import can decide.
    Source: as in `hazard_ratio`; why to match: docs/methods/survival.md.
    """
    line = np.flatnonzero(fates.counted & ~fates.bulk[fates.origin])
    if not line.size:
        return Unknown("nothing to count")
    chosen = np.zeros(len(fates.landed), np.bool_)
    chosen[line] = True
    month = (
        fates.landed_at[fates.landed[line]].astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
    )
    test = are_tests(fates.paths)[fates.path[line]]
    return hazard_ratio(lifetimes(fates, chosen), fates.evidence[line] >= AI_TIER, month * 2 + test)


def are_tests(paths: Sequence[str]) -> Flags:
    """Which paths are tests, by their names.

    Example:
        >>> are_tests(["tests/a.py", "src/a_test.go", "src/latest.py", "app/a.spec.ts"]).tolist()
        [True, True, False, True]
    """
    return np.array([TEST_PATH.search(path.lower()) is not None for path in paths], np.bool_)
