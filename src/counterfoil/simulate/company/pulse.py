"""What people of an invented company say when they are asked: hours, a yes or a no, a list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from counterfoil.simulate.company.days import Days
from counterfoil.simulate.company.people import Floats

REDONE = 0.37
"""Of the time saved, what is spent redoing.

Source: Workday, 3,200 people of whom half are leaders, 2026 (financial-planning.com), as in `calibration`.
"""
UNSEEN = 0.5
"""Of the time that AI costs somebody, what they do not see.

Source: METR (2025), arXiv:2507.09089: developers believed to be 20 % faster, and were 19 % slower; the share
is an assumption.
"""
OTHERS = 0.3
"""Of that, what is spent on what AI did for others: an assumption."""
ANSWER = {True: 0.75, False: 0.58}
"""Share of those who lead, and of the others, who answer: an assumption."""
YES: Mapping[str, tuple[float, float]] = {
    "believed": (0.85, 0.55),
    "watched": (0.25, 0.45),
    "strategy": (0.8, 0.5),
    "fear": (0.15, 0.35),
    "leaving": (0.08, 0.12),
}
"""Share who say yes, of those who lead and of the others: assumptions."""
TRUE, FOR_THE_NUMBER, ON_THE_LIST = 0.5, 0.25, 4
MOST, QUARTERS = 40.0, 4
"""Hours that anybody states, and how finely: quarters."""


@dataclass(frozen=True, slots=True)
class Said:
    """One answered form; nothing in it says whose."""

    leads: bool
    has_statement: bool
    answers: Mapping[str, float]


def said(days: Days, *, leaders: int, people: int, seed: int) -> Sequence[Said]:
    """What those who answer say: of hours, what they gained in the last week and what that took."""
    rng = np.random.Generator(np.random.SFC64([seed, 29]))
    net = days.weeks[-1].net_hours
    told = []
    for leads, count in ((True, leaders), (False, people)):
        answering = int(rng.binomial(count, ANSWER[leads]))
        saved, mine, others = _hours(rng, rng.choice(net, answering))
        for n in range(answering):
            long = bool(rng.random() < 0.5)
            true = rng.binomial(ON_THE_LIST, TRUE) + (long and rng.random() < FOR_THE_NUMBER)
            yes = {name: float(rng.random() < share[not leads]) for name, share in YES.items()}
            hours = {"saved": saved[n], "fixing-mine": mine[n], "fixing-others": others[n]}
            answers = {name: float(value) for name, value in hours.items()}
            told.append(Said(leads, long, {**answers, **yes, "for-the-number": float(true)}))
    return told


def _hours(rng: np.random.Generator, net: Floats) -> tuple[Floats, Floats, Floats]:
    """Hours saved and redone, whose difference is what was gained, or what somebody sees of a loss."""
    net = np.where(net > 0, net, (1 - UNSEEN) * net)
    gross = np.where(net > 0, net / (1 - REDONE), np.abs(net) * rng.uniform(0.2, 0.6, len(net)))
    redone = gross - net
    others = redone * OTHERS * rng.uniform(0.5, 1.5, len(net))
    parts = (
        np.minimum(np.rint(hours * QUARTERS) / QUARTERS, MOST) for hours in (gross, redone - others, others)
    )
    saved, mine, theirs = (part.astype(np.float32) for part in parts)
    return saved, mine, theirs
