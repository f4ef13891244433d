"""Units by week as arrays, from a table that somebody brought or from figures that were released."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from counterfoil.guard.guarded import Guarded
from counterfoil.guard.members import members_of
from counterfoil.guard.release import release_all
from counterfoil.measure.causal.exposure import rate_by_exposure
from counterfoil.measure.causal.panel import Floats
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Answered, Ask, Figure, Viewer
from counterfoil.terms.cause import NO_LICENCE, NOT_IN_TABLE, Outcome, UnitFacts, UnitTable, UnitWeek
from counterfoil.terms.ids import MetricId, UnitId
from counterfoil.terms.metric import Level
from counterfoil.terms.period import A_WEEK, Period
from counterfoil.terms.release import Refuse, Released

MOST_WEEKS = 530
USE = MetricId("weekly-use")
LEAST_OF_BAND = {"low": 0.0, "under 20 %": 0.0, "20 to 40 %": 0.2, "40 to 60 %": 0.4, "60 to 80 %": 0.6}
"""The least that a released band of people stands for; above these it is at least 0.8."""
WITHHELD = Unknown("it was withheld or refused")


@dataclass(frozen=True, slots=True)
class Grid:
    """A table of units by week as arrays."""

    units: Sequence[str]
    mondays: Sequence[date]
    """Every week from the first to the last, also those that no unit has."""
    figures: Mapping[str, Floats]
    """Shape of each: (units, weeks), NaN where missing."""
    exposure: Floats
    """Shape: (units, weeks)."""
    people: Floats
    """Shape: (units, weeks)."""

    @property
    def fewest(self) -> Floats:
        """The fewest people that a unit ever had; infinite where that is not stated. Shape: (units,)."""
        return np.asarray(np.where(np.isnan(self.people), np.inf, self.people).min(axis=1))

    def outcome(self, outcome: Outcome, seen_until: date) -> Floats:
        """An outcome; of a rate, events for each piece of work that was followed long enough.

        The last weeks, of which no unit has it yet, are no gap: they are left out.

        Shape: (units, weeks), perhaps fewer of them than the grid has.
        """
        found = self.figures[outcome.events]
        if outcome.work:
            ends = [(seen_until - (monday + A_WEEK)).days for monday in self.mondays]
            followed = np.array(ends, np.float64)
            found = rate_by_exposure(found, self.figures[outcome.work], followed)
        some = np.flatnonzero(np.isfinite(found).any(axis=0))
        return found[:, : int(some.max(initial=-1)) + 1]


def grid_of(table: UnitTable) -> Grid:
    """A table as arrays, one row for each unit and one column for each week.

    Raises: ValueError where it is empty, or longer than ten years.
    """
    if not table.weeks:
        raise ValueError("the table has no row that can be read")
    first, last = min(row.week for row in table.weeks), max(row.week for row in table.weeks)
    count = (last - first) // A_WEEK + 1
    if count > MOST_WEEKS:
        raise ValueError("the table is of more than ten years")
    units = [str(one.unit) for one in table.units]
    place = {unit: at for at, unit in enumerate(units)}
    figures = {name: np.full((len(units), count), np.nan) for name in table.weeks[0].figures}
    exposure, people = (np.full((len(units), count), np.nan) for _ in range(2))
    for row in table.weeks:
        at = place[row.unit], (row.week - first) // A_WEEK
        for name, value in row.figures.items():
            figures[name][at] = np.nan if isinstance(value, Unknown) else value
        exposure[at] = np.nan if isinstance(row.exposure, Unknown) else row.exposure
        people[at] = np.nan if isinstance(row.people, Unknown) else row.people
    return Grid(units, [first + n * A_WEEK for n in range(count)], figures, exposure, people)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which figures of a data directory are asked for."""

    outcomes: Sequence[MetricId]
    by: Level
    since: date
    """The Monday of the first week."""
    until: date
    """The Monday of the last week."""
    purpose: str
    with_use: bool = True
    """Whether to ask for how many were active, of which only a band is told."""

    def weeks(self) -> Sequence[Period]:
        """Every week of it."""
        count = (self.until - self.since) // A_WEEK + 1
        days = [(self.since + n * A_WEEK).isocalendar() for n in range(count)]
        return [Period.parse(f"{day.year}-W{day.week:02d}") for day in days]


def released_table(
    g: Guarded, wanted: Wanted, viewer: Viewer, facts: Mapping[str, UnitFacts]
) -> UnitTable | Refuse:
    """Figures of units by week as the one release lets them out: rounded, in bands, and some not at all.

    Nothing else is read of anybody, so whatever is computed from it tells no more than they do.

    Raises: StoreError or LedgerBroken where it can't be logged, kept or read.
    """
    metrics = dict.fromkeys([*wanted.outcomes, *([USE] if wanted.with_use else [])])
    asks = [
        Ask(metric=metric, by=wanted.by, period=week, purpose=wanted.purpose)
        for week in wanted.weeks()
        for metric in metrics
    ]
    answered = release_all(g, asks, viewer)
    told: dict[tuple[str, date], dict[MetricId, Figure]] = {}
    for one in answered:
        for answer in one.answers:
            if isinstance(answer.verdict, Released):
                cell = told.setdefault((answer.group, one.ask.period.since), {})
                cell[one.ask.metric] = answer.verdict.answer
    if not told:
        return _first_refusal(answered)
    parents = members_of(g.lake, wanted.weeks()[0].blocks()[0]).parents
    names = sorted({unit for unit, _ in told})
    return UnitTable(
        weeks=[_week(unit, week, told[unit, week], wanted) for unit, week in sorted(told)],
        units=[_facts(unit, parents, facts) for unit in names],
        has_licences=any(not isinstance(one.licensed, Unknown) for one in facts.values()),
    )


def _first_refusal(answered: Sequence[Answered]) -> Refuse:
    verdicts = (answer.verdict for one in answered for answer in one.answers)
    every = [verdict for verdict in verdicts if isinstance(verdict, Refuse)]
    return every[0] if every else Refuse("withheld", "Every figure of these weeks was held back.")


def _week(unit: str, week: date, cell: Mapping[MetricId, Figure], wanted: Wanted) -> UnitWeek:
    use = cell.get(USE)
    return UnitWeek(
        unit=UnitId(unit),
        week=week,
        figures={name: cell[name].value if name in cell else WITHHELD for name in wanted.outcomes},
        people=max(figure.people for figure in cell.values()),
        exposure=WITHHELD if use is None else LEAST_OF_BAND.get(use.says, 0.8),
    )


def _facts(unit: str, parents: Mapping[UnitId, UnitId], stated: Mapping[str, UnitFacts]) -> UnitFacts:
    known = stated.get(unit)
    department = known.department if known is not None else NOT_IN_TABLE
    return UnitFacts(
        unit=UnitId(unit),
        department=parents.get(UnitId(unit), NOT_IN_TABLE) if isinstance(department, Unknown) else department,
        licensed=NO_LICENCE if known is None else known.licensed,
        is_pilot=known is not None and known.is_pilot,
    )
