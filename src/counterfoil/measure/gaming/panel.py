"""What an audit takes: the numbers of a cohort by unit and week, and what the programme asks of them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.gaming.apart import Tracks
from counterfoil.measure.interval import Counts, Floats
from counterfoil.terms.absent import Unknown
from counterfoil.terms.metric import NOT_SAID, Level

NO_LAUNCH = Unknown("no launch is known")
NO_TARGET = Unknown("there is no target")
NO_VALUES = Unknown("no histogram was given")


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """How often each value of what is counted against the target occurs, in one window of the cohort.

    Shape: values and counts (bins,); before (bins,), the same for a window before the launch.
    """

    values: Floats
    """Middles of bins in equal steps."""
    counts: Counts
    before: Counts | None = None
    finely: Floats | None = None
    """Where the measure is continuous: each value as it is, in any order and of nobody in particular.

    Shape: (n,).
    """
    rounds: tuple[float, ...] = ()
    """Numbers whose multiples people like anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aimed:
    """The target that the programme sets on the number."""

    level: Level
    threshold: float | Unknown
    window: timedelta | Unknown = NOT_SAID
    cliff: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A number's past in a cohort: units by week, no person and no name.

    Shape: usage, outcomes, heads and registered (units, weeks), nan where a week was not seen; weeks are
    Mondays in order, and may leave some out.
    """

    metric: str
    weeks: tuple[date, ...]
    usage: Floats
    """The number that is audited, summed over a unit."""
    outcomes: Floats
    """What came of the work: changes that lasted, tickets that stayed closed."""
    heads: Floats
    people: int
    """How many people the cohort has."""
    launched: date | Unknown = NO_LAUNCH
    """When target or board began; a Monday or any day of the first week."""
    registered: Floats | None = None
    """Usage of registered workloads, summed over a unit."""
    redefined: tuple[date, ...] = ()
    """When the metric's or the outcome's definition, the cache rule or the cut of units changed."""
    target: Aimed | Unknown = NO_TARGET
    shown: bool = False
    """Whether a board or display shows it to others."""
    running: Running | Unknown = NO_VALUES
    met: Counts | None = None
    """For a target of units: people who count.

    Shape: (units, weeks), with `members`.
    """
    members: Counts | None = None
    by_day: Counts | None = None
    """Uses by day of the target's window, the last day last, summed over the cohort.

    Shape: (weeks, days).
    """

    def tracks(self) -> Tracks:
        """The part that is watched week by week."""
        return Tracks(
            usage=self.usage,
            outcomes=self.outcomes,
            heads=self.heads,
            registered=np.zeros_like(self.usage) if self.registered is None else self.registered,
            redefined=tuple(self.place(day) for day in self.redefined),
        )

    def place(self, day: date) -> int:
        """The first week that a day is in, or that comes after it."""
        monday = day - timedelta(days=day.weekday())
        return sum(week < monday for week in self.weeks)

    @property
    def begins(self) -> int:
        """The week from which on the number is watched: the launch, else after half of what is known."""
        if isinstance(self.launched, Unknown):
            return len(self.weeks) // 2
        return self.place(self.launched)


def whole_numbers(values: NDArray[Any]) -> bool:
    """Whether bins are the whole numbers themselves, so that neighbours can be compared.

    Shape: (bins,).
    Source: own definition.
    """
    return bool(len(values) > 1 and np.allclose(values, np.round(values)) and np.allclose(np.diff(values), 1))
