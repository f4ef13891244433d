"""Lays the kept sums of units side by side, week by week: what an audit looks at, and never leaves guard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from counterfoil.guard.guarded import Guarded
from counterfoil.guard.weekly import UnitWeek, unit_weeks, weeks_kept
from counterfoil.measure.cohort.metric import Fact
from counterfoil.terms.audited import AuditAsk
from counterfoil.terms.ids import MetricId
from counterfoil.terms.period import A_WEEK

Floats = NDArray[np.float64]
AUDITED: Mapping[MetricId, str] = {
    MetricId("tokens"): "tokens",
    MetricId("list-cost"): "cost",
    MetricId("weekly-use"): "active",
    MetricId("landed"): "landed",
}
"""The numbers that can be audited, with the sums that each is made of."""
TOLD = (
    "heads",
    "tokens",
    "cost",
    "capped",
    "prompts",
    "active",
    "declared",
    "landed",
    "kept",
    "standing",
    "merged",
    "reverted",
    "deployed",
    "failed",
    "needless",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The units of a company, or of one unit, side by side.

    Shape: each of `sums` (units, weeks), not a number where a unit was not there; `bins` by known week.
    """

    weeks: Sequence[date]
    units: Sequence[str]
    above: Sequence[Sequence[str]]
    """Each unit, and those above it."""
    people: int
    """Everybody who was there in the last week."""
    sums: Mapping[str, Floats]
    known: Sequence[date]
    """The weeks without the gaps."""
    bins: Sequence[Mapping[str, NDArray[np.int64]]]
    """Of the whole company alone; empty of a unit."""


def weeks_of(g: Guarded, ask: AuditAsk) -> Sequence[date]:
    """The weeks that an audit looks at: those of which use and work are known."""
    both = weeks_kept(g, Fact.USAGE) & weeks_kept(g, Fact.WORK)
    return [week for week in sorted(both) if ask.since is None or week >= ask.since]


def seen(g: Guarded, ask: AuditAsk, known: Sequence[date]) -> Seen:
    """What is known of some weeks, from the first to the last, gaps among them."""
    use = {one.week: one for one in unit_weeks(g, Fact.USAGE)}
    work = {one.week: one for one in unit_weeks(g, Fact.WORK)}
    deployed = {one.week: one for one in unit_weeks(g, Fact.DEPLOYMENT)}
    weeks = [known[0] + n * A_WEEK for n in range((known[-1] - known[0]).days // 7 + 1)]
    upper = {name: above for week in known for name, above in _chosen(use[week], ask)}
    units = sorted(upper)
    places = {name: place for place, name in enumerate(units)}
    sums = {name: np.full((len(units), len(weeks)), np.nan) for name in TOLD}
    for column, week in enumerate(weeks):
        for one in (use.get(week), work.get(week), deployed.get(week)):
            if one is not None:
                _lay(one, places, sums, column)
    last, heads = use[known[-1]], sums["heads"][:, -1]
    return Seen(
        weeks=weeks,
        units=units,
        above=[upper[name] for name in units],
        people=last.people if ask.unit is None else int(np.nansum(heads)),
        sums=sums,
        known=known,
        bins=[use[week].bins for week in known] if ask.unit is None else (),
    )


def _chosen(one: UnitWeek, ask: AuditAsk) -> Sequence[tuple[str, Sequence[str]]]:
    """Units whose figures are looked at: all, or those below one; an event needs the others as well."""
    every = ask.unit is None or bool(ask.event)
    named = zip(one.units, one.above, strict=True)
    return [(unit, above) for unit, above in named if every or ask.unit in above]


def _lay(one: UnitWeek, places: Mapping[str, int], sums: Mapping[str, Floats], week: int) -> None:
    mine = [(n, places[unit]) for n, unit in enumerate(one.units) if unit in places]
    of, at = [n for n, _ in mine], [place for _, place in mine]
    for name, values in one.sums.items():
        sums[name][at, week] = values[of]
