"""A company that launches a programme, lives with it, and repairs it: the same people, week by week."""

import numpy as np

from counterfoil.simulate.company.design import Design
from counterfoil.simulate.company.live import Behaviour, Week, live
from counterfoil.simulate.company.parameters import FITTED
from counterfoil.simulate.company.people import People
from counterfoil.terms.chronicle import Chronicle, WeekSum

HALF_A_YEAR = 26


def chronicle(people: People, launched: Design, repaired: Design, *, seed: int) -> Chronicle:
    """Half a year under each design."""
    weeks = [
        _sum(week)
        for design, first in ((launched, 0), (repaired, HALF_A_YEAR))
        for week in live(people, design, FITTED, weeks=HALF_A_YEAR, seed=seed, first=first)
    ]
    return Chronicle(people=weeks[0].present, weeks=weeks, repaired_in=HALF_A_YEAR)


def _sum(week: Week) -> WeekSum:
    counts = np.bincount(week.behaviour, minlength=len(Behaviour))
    worked = week.tasks > 0
    honest = int((worked & (week.behaviour == Behaviour.HONEST)).sum())
    active = int((worked | (week.pads > 0) | (week.behaviour == Behaviour.MAXIMISE)).sum())
    return WeekSum(
        week=week.number,
        present=int(counts.sum() - counts[Behaviour.ABSENT]),
        honest=honest,
        padded=int(counts[Behaviour.PAD]),
        burned=int(counts[Behaviour.MAXIMISE]),
        resisted=int(counts[Behaviour.RESIST]),
        active=active,
        needed_tokens=round(float(week.tokens.sum(dtype=np.float64))),
        other_tokens=round(float(week.burned.sum(dtype=np.float64))),
        net_hours=float(week.net_hours.sum(dtype=np.float64)),
    )
