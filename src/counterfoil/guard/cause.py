"""Asks of figures of units what changed them: the floors, the pilots, the weeks, and nothing of a person."""

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np

from counterfoil.guard.shown import LEAST_FLOOR
from counterfoil.guard.unit_weeks import Grid, grid_of
from counterfoil.measure.causal.caused import Study, caused
from counterfoil.measure.causal.exposure import first_licensed, first_used
from counterfoil.measure.causal.panel import Counts, Flags
from counterfoil.terms.absent import Unknown
from counterfoil.terms.cause import CauseFound, Outcome, TreatedBy, UnitTable
from counterfoil.terms.period import A_WEEK
from counterfoil.terms.release import Refuse, Released

OWN_TABLE = "own-table: figures of groups that whoever runs this brought; no row of it is about a person"
RELEASED = "released: computed from figures of groups that were released, and from nothing else"
FEW = 10


def release_cause(
    table: UnitTable, outcomes: Sequence[Outcome], *, seen_until: date, clause: str = OWN_TABLE
) -> Released[Sequence[CauseFound]] | Refuse:
    """What use, and what licences, did to outcomes.

    Units below the floor and units that were picked by hand are left out and counted; a table in which no
    unit reaches the floor is refused. Both definitions of treated are told, where the table has them.
    """
    try:
        grid = grid_of(table)
    except ValueError as error:
        return Refuse("no-table", f"{str(error).capitalize()}.")
    small = grid.fewest < LEAST_FLOOR
    if small.all():
        return Refuse("floor", f"Every unit has fewer than {LEAST_FLOOR} people.")
    told = dict(_treated(table, grid))
    if not told:
        words = "The table says neither how many were active (exposure) nor from when units had licences."
        return Refuse("no-treatment", f"{words} Without one of them nothing was treated.")
    found = [
        caused(
            Study(
                outcomes={one.name: grid.outcome(one, seen_until) for one in outcomes},
                first=first,
                department=_departments(table),
                pilot=np.array([one.is_pilot for one in table.units]),
                small=small,
                notes=list(_notes(table, grid, outcomes, small)),
            ),
            treated_by=by,
        )
        for by, first in told.items()
    ]
    return Released(found, clause)


def _treated(table: UnitTable, grid: Grid) -> Iterator[tuple[TreatedBy, Counts]]:
    """From which week each unit was treated, by each definition that the table has."""
    if np.isfinite(grid.exposure).any():
        yield TreatedBy.USE, first_used(grid.exposure)
    if table.has_licences:
        since = [
            None if isinstance(one.licensed, Unknown) else (one.licensed - grid.mondays[0]) // A_WEEK
            for one in table.units
        ]
        yield TreatedBy.LICENCE, first_licensed(since, len(grid.mondays))


def _departments(table: UnitTable) -> Counts:
    """The department of each unit as a number; a unit without one is its own. Shape: (units,)."""
    names = [
        f"unit {one.unit}" if isinstance(one.department, Unknown) else f"in {one.department}"
        for one in table.units
    ]
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def _notes(table: UnitTable, grid: Grid, outcomes: Sequence[Outcome], small: Flags) -> Iterator[str]:
    if not np.isfinite(grid.people).any():
        yield f"The table does not say how many people a unit has; {LEAST_FLOOR} are the fewest of a group."
    elif (few := int(((grid.fewest < FEW) & ~small).sum())) > 0:
        yield f"{few} units have fewer than {FEW} people at times: chance alone moves such figures a lot."
    if all(isinstance(one.department, Unknown) for one in table.units):
        yield "Departments are not stated: units that share reviewers are taken as if they did not."
    if (gaps := float(np.isnan(grid.exposure).mean())) > 0 and gaps < 1:
        yield f"{gaps * 100:.0f} % of units and weeks do not say how many were active; use may be older."
    if any(one.work for one in outcomes):
        yield "Rates are of work followed for at least half of 30 days, by how long it was followed."
