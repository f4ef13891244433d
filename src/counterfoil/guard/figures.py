"""Turns what was computed into what may be shown: capped, checked for dominance, rounded, banded."""

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from counterfoil.guard.dominance import banded_share, may_show_sum, rounded, rounded_count
from counterfoil.guard.shown import HARD_FLOORS, LEAST_FLOOR
from counterfoil.measure.cohort.flow import OPEN_ENDED, median_step
from counterfoil.measure.cohort.metric import Metric, Shape
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Figure
from counterfoil.terms.delivered import STEPS
from counterfoil.terms.metric import Kind
from counterfoil.terms.release import Permit, Withheld

CAP_PERCENTILE = 95
COLLUDING = 2
"""How many viewers may lay their answers together, and still have the floor in others."""
BAND = Unknown("a share of people is shown as a band")
EXTREME = Unknown("a share of which one or two people make a side is shown in words")
TOO_FEW_PEOPLE = Unknown("too few people did any of it for an interval")
MADE_BY_FEW = Unknown("a median that one or two people make is shown in words")
BANDS_OF_TIME = {
    60: "under an hour",
    1_440: "an hour to a day",
    10_080: "a day to a week",
    43_200: "a week to a month",
    10**9: "over a month",
}
"""Durations in words, by the minutes that they are below.

Source: the bands of DORA's clusters (dora.dev), read 2026-11-26.
"""
Sums = Mapping[str, NDArray[np.int64]]


def cap_of(values: NDArray[np.int64]) -> float:
    """What a contribution is capped at: the 95th percentile of those who have any.

    Shape: `values` (people,) of the whole company, of the period before.
    Source: rule R3; Handbook on Statistical Disclosure Control, chapter 4 (top coding).
    """
    some = values[values > 0]
    return float(np.percentile(some, CAP_PERCENTILE)) if len(some) else np.inf


def least_users(kind: Kind) -> int:
    """The fewest people who have to have rows of what a question chooses: the floor, and two who talk."""
    return HARD_FLOORS.get(kind, LEAST_FLOOR) + COLLUDING


def tellable(used: Mapping[str, NDArray[np.bool_]], *, least: int) -> frozenset[str]:
    """Which values of a field may be told of a group: each has enough people, and so has the rest together.

    Were all but one told, the total less all of them would be that one. Which are told hangs on the group and
    its period alone, and not on what was asked before.

    Shape: who has rows of each value, (people,).
    Source: complementary suppression, Handbook on Statistical Disclosure Control, chapter 4.
    """
    order = sorted(used, key=lambda value: (-int(used[value].sum()), value))
    told = [value for value in order if used[value].sum() >= least]
    while told:
        rest = [used[value] for value in order if value not in told]
        pooled = int(np.any(rest, axis=0).sum()) if rest else 0
        if pooled == 0 or pooled >= least:
            break
        told.pop()
    return frozenset(told)


def figure_of(
    metric: Metric, sums: Sums, *, caps: Mapping[str, float], coverage: float | Unknown
) -> Figure | Withheld | Unknown:
    """A figure of a group as it may be shown; withheld where it would tell of one or two people.

    Shape: each of `sums` (people,).
    """
    people = len(next(iter(sums.values())))
    if metric.shape is Shape.TOTAL:
        sums = {
            name: np.minimum(values, caps.get(name, np.inf)).astype(np.int64) for name, values in sums.items()
        }
    if metric.shape is not Shape.SHARE_OF_PEOPLE and (
        (sums[metric.sums[0]] > 0).sum() < LEAST_FLOOR + COLLUDING
        or isinstance(_dominated(sums, metric), Withheld)
    ):
        return Withheld()
    estimate = metric.estimate(sums, coverage)
    if isinstance(estimate, Unknown):
        return estimate
    base = base_of(sums[metric.sums[0]]) / metric.scale if metric.shape is Shape.TOTAL else 0.0
    value, low, high = (_scaled(x, metric, base) for x in (estimate.value, estimate.low, estimate.high))
    says = _words(metric, sums, value)
    if metric.shape is Shape.SHARE_OF_PEOPLE:
        value = low = high = BAND
    elif metric.shape is Shape.RATIO and says in {"low", "high"}:
        value = low = high = EXTREME
    elif metric.shape is Shape.MEDIAN and says in BANDS_OF_TIME.values():
        value = low = high = MADE_BY_FEW
    return Figure(
        value=value,
        low=low,
        high=high,
        says=says,
        between="" if isinstance(low, Unknown) or isinstance(high, Unknown) else _between(low, high, metric),
        unit=metric.unit,
        people=rounded_count(people),
        coverage=coverage,
        method=estimate.method,
    )


def _dominated(sums: Sums, metric: Metric) -> Permit | Withheld:
    """Whether one or two people make most of what a figure is made of, or everybody the same."""
    is_told = metric.shape is Shape.TOTAL
    looked_at = metric.sums[:2] if metric.shape is Shape.RATE else metric.sums[:1]
    verdicts = [may_show_sum(sums[name].astype(np.float64), cap=np.inf, told=is_told) for name in looked_at]
    return next((one for one in verdicts if isinstance(one, Withheld)), verdicts[0])


def base_of(values: NDArray[np.int64]) -> float:
    """What a total is rounded to, at least: the next of 1, 2, 5, 10 ... above the largest contribution.

    Answers that are subtracted from each other (a week and its days, a department and its teams) then miss by
    as much as any single person can have made, also where what is left is one person.

    Example:
    >>> base_of(np.array([3, 40, 17])), base_of(np.array([0, 0]))
    (50.0, 1.0)
    """
    largest = float(values.max(initial=0))
    power = 10.0 ** math.floor(math.log10(largest)) if largest else 1.0
    return next(step * power for step in (1, 2, 5, 10) if step * power >= largest)


def _scaled(value: float | Unknown, metric: Metric, base: float) -> float | Unknown:
    if isinstance(value, Unknown):
        return value if value is OPEN_ENDED else TOO_FEW_PEOPLE
    scaled = value / metric.scale
    return rounded(base * round(scaled / base) if base else scaled)


def _between(low: float, high: float, metric: Metric) -> str:
    return f"{in_words(low, metric.unit).removesuffix(f' {metric.unit}')} to {in_words(high, metric.unit)}"


def _is_of_few(part: NDArray[np.int64]) -> bool:
    """Whether a part of some work is one piece, or that of one or two people; of nothing as well."""
    return part.sum() <= 1 or isinstance(may_show_sum(part.astype(np.float64), cap=np.inf), Withheld)


def in_words(value: float | Unknown, unit: str) -> str:
    """A rounded value as people write it.

    Example:
    >>> in_words(1.7e11, "tokens"), in_words(0.89, "share of work"), in_words(0.037, "US dollars")
    ('170,000,000,000 tokens', '89 %', '0.037 US dollars')
    """
    if isinstance(value, Unknown):
        return "unknown"
    if unit.startswith("share"):
        return f"{value * 100:.0f} %"
    return f"{value:,.0f} {unit}" if value >= 10 else f"{value:.10g} {unit}"


def _words(metric: Metric, sums: Sums, value: float | Unknown) -> str:
    if metric.shape is Shape.SHARE_OF_PEOPLE:
        return banded_share(int(sums[metric.sums[0]].sum()), len(sums[metric.sums[0]]))
    if metric.shape is Shape.RATIO and not isinstance(value, Unknown):
        whole, part = (sums[name] for name in metric.sums)
        extreme = any(_is_of_few(side) for side in (part, whole - part))
        return ("low" if value < 0.5 else "high") if extreme else in_words(value, metric.unit)
    if metric.shape is Shape.MEDIAN:
        counts = np.stack([sums[name] for name in metric.sums[1:]], axis=1)
        place = median_step(counts)
        if _is_of_few(counts[:, place]):
            return next(words for below, words in BANDS_OF_TIME.items() if STEPS[place] < below)
    return in_words(value, metric.unit)
