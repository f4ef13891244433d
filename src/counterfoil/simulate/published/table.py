"""The whole table of published figures beside the model's."""

from collections.abc import Sequence
from functools import cache

from counterfoil.simulate.company.people import invent
from counterfoil.simulate.published.shares import active, adoption, gaming, hours, resistance, survival
from counterfoil.simulate.published.tokens import (
    active_day,
    deadline,
    elastic,
    request,
    screen,
    spend,
    unequal,
)
from counterfoil.terms.forecast import Moment, Standing

PEOPLE = 20_000


@cache
def published() -> Sequence[Moment]:
    """Every figure, by its number; the same each time, since the seeds are fixed."""
    people = invent(PEOPLE, seed=1, weeks=0)
    return (
        *unequal(),
        active_day(),
        deadline(),
        *gaming(people),
        *hours(people),
        active(people),
        elastic(people),
        survival(),
        adoption(people),
        spend(),
        screen(),
        *resistance(people),
        request(),
    )


def not_fitted() -> Sequence[Moment]:
    """The figures that nothing was fitted to."""
    return [moment for moment in published() if moment.standing is Standing.NOT_FITTED]
