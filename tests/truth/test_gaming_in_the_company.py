"""The watch on a model that was written before it: the simulated company and its programmes."""

import numpy as np

from counterfoil.measure.gaming.apart import Apart, Tracks, come_apart
from counterfoil.simulate.company.cases import AMAZON, NOTHING
from counterfoil.simulate.company.design import Design
from counterfoil.simulate.teams import HALF_A_YEAR, lived_under


def seen(after: Design, seed: int) -> Apart:
    told = lived_under(NOTHING, after, people=2_600, seed=seed)
    tracks = Tracks(usage=told.usage, outcomes=told.outcomes, heads=told.heads, registered=told.registered)
    found = come_apart(tracks, HALF_A_YEAR)
    assert isinstance(found, Apart)
    return found


def test_a_company_without_a_programme_stays_silent_and_a_board_with_a_line_is_found() -> None:
    assert [seen(NOTHING, seed).watch.alarmed for seed in (1, 2)] == [None, None]
    weeks = []
    for seed in (1, 2, 3):
        alarmed = seen(AMAZON, seed).watch.alarmed
        weeks.append(np.inf if alarmed is None else alarmed - HALF_A_YEAR + 1)
    assert np.median(weeks) <= 12
