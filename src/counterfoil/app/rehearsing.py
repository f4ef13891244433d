"""Lets a part of the invented company live beside the story: what would an audit have seen of it."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from counterfoil.guard.rehearsed import Rehearsal, rehearsed, repaired
from counterfoil.simulate.company.design import design_of
from counterfoil.simulate.teams import HALF_A_YEAR, lived_under
from counterfoil.simulate.units import Lived
from counterfoil.terms.audited import AuditTold
from counterfoil.terms.programme import Programme
from counterfoil.terms.promise import Check
from counterfoil.terms.release import Released

PEOPLE = 3_000
"""A part of a company this large is enough to be audited, and takes a second to live."""


def rehearsed_tale(launched: Programme, after: Programme, *, day: date, seed: int) -> Released[AuditTold]:
    """What an audit says of half a year without a target and one with it; and of a repair in half of it."""
    checked = replace(launched, gaming=replace(launched.gaming, checks=(Check.DECOUPLING,)))
    quiet = design_of(replace(launched, targets=(), displays=()))
    then, later = design_of(launched), design_of(after)
    first = day - timedelta(days=day.weekday()) - timedelta(weeks=2 * HALF_A_YEAR)
    told = rehearsed(_rehearsal(lived_under(quiet, then, people=PEOPLE, seed=seed), first), checked)
    went_on, changed = (
        _rehearsal(lived_under(then, design, people=PEOPLE, seed=seed), first) for design in (then, later)
    )
    touched = np.arange(len(went_on.usage)) % 2 == 0
    mixed = {
        name: np.where(touched[:, None], getattr(changed, name), getattr(went_on, name))
        for name in ("usage", "outcomes", "heads", "registered")
    }
    return repaired(told, replace(went_on, **mixed), touched)


def _rehearsal(lived: Lived, first: date) -> Rehearsal:
    return Rehearsal(
        usage=lived.usage,
        outcomes=lived.outcomes,
        heads=lived.heads,
        registered=lived.registered,
        first=first,
        at=HALF_A_YEAR,
    )
