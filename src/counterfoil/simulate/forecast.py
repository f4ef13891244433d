"""What a programme will make people do, with what the calibration leaves open. A model, not a measurement."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from counterfoil.programme.stakes import aims
from counterfoil.simulate.calibration import parameters
from counterfoil.simulate.company.design import design_of, levers
from counterfoil.simulate.company.parameters import FITTED
from counterfoil.simulate.company.people import invent
from counterfoil.simulate.company.settled import Settled, settle
from counterfoil.simulate.published.table import not_fitted
from counterfoil.terms.forecast import Expected, Forecast, Foreseen
from counterfoil.terms.metric import Kind
from counterfoil.terms.programme import Programme

PEOPLE, POPULATION = 20_000, 2_000
POPULATIONS, DRAWS = 8, 25
"""Companies invented for the interval, and parameters drawn for each."""
MIDDLE = (2.5, 97.5)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Measure:
    name: str
    says: str
    unit: str
    of: Callable[[Settled], float]


MEASURES = (
    _Measure("honest-use", "people who use AI in a week and leave the number alone", "share",
             lambda s: s.honest_use),
    _Measure("padding", "people who make calls only to be over a line", "share", lambda s: s.padding),
    _Measure("tokenmaxxing", "people who burn tokens for their place or their review", "share",
             lambda s: s.tokenmaxxing),
    _Measure("quiet-resistance", "people who quietly do the least that counts", "share",
             lambda s: s.quiet_resistance),
    _Measure("weekly-active", "people whom a dashboard shows as active", "share", lambda s: s.weekly_active),
    _Measure("gamed-tokens", "tokens that nobody needed", "share", lambda s: s.gamed_share),
    _Measure("cost", "cost for 100 people in a week, at list price", "usd", lambda s: 100 * s.usd),
    _Measure("net-hours", "hours gained by 100 people in a week, after rework and gaming", "hours",
             lambda s: 100 * s.net_hours),
    _Measure("redone-hours", "hours they spend putting AI's work right", "hours",
             lambda s: 100 * s.redone_hours),
)  # fmt: skip


def forecast(
    programme: Programme, passing: Programme, *, seed: int = 1, progress: Progress | None = None
) -> Forecast:
    """A programme once people have settled, beside the nearest passing one: same people, same draws."""
    designs = (design_of(programme), design_of(passing))
    whole = invent(PEOPLE, seed=seed, weeks=0)
    middle = [settle(whole, design, FITTED) for design in designs]
    drawn: list[list[Settled]] = []
    for number in range(POPULATIONS):
        people = invent(POPULATION, seed=seed + 1 + number, weeks=0)
        drawn += [
            [settle(people, design, p) for design in designs]
            for p in parameters(people, DRAWS, seed=seed + number)
        ]
        if progress is not None:
            progress(number + 1, POPULATIONS)
    return Forecast(
        name=programme.about.name,
        levers=levers(programme),
        passing_levers=levers(passing),
        passes=programme == passing,
        foreseen=[_foreseen(measure, middle, drawn) for measure in MEASURES],
        moments=not_fitted(),
        people=PEOPLE,
        draws=POPULATIONS * DRAWS,
        notes=list(_notes(programme)),
    )


def _foreseen(measure: _Measure, middle: Sequence[Settled], drawn: Sequence[Sequence[Settled]]) -> Foreseen:
    values = np.array([[measure.of(s) for s in pair] for pair in drawn])
    mine, passing = (measure.of(s) for s in middle)
    return Foreseen(
        name=measure.name,
        says=measure.says,
        unit=measure.unit,
        programme=_expected(mine, values[:, 0]),
        passing=_expected(passing, values[:, 1]),
        gap=_expected(passing - mine, values[:, 1] - values[:, 0]),
    )


def _expected(value: float, draws: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Expected:
    low, high = np.percentile(draws, MIDDLE).tolist()
    return Expected(value=value, low=low, high=high)


def _notes(programme: Programme) -> Iterator[str]:
    yield "The intervals hold what the calibration leaves open. That the model is wrong is not in them."
    yield (
        "Not in the model: targets on outcomes, exemptions, budgets, gaming checks and what they suspend, "
        "and what pressure does to the quality of work."
    )
    made = sorted({aim.metric.called for aim in aims(programme) if aim.metric.kind is Kind.OUTPUT})
    if made:
        yield f"A target on what is made ({', '.join(made)}) is read as if it were one on use."
