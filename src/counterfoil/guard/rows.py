"""Reads the rows of a question once it is logged: one row of sums for each person of the company."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from counterfoil.guard.figures import COLLUDING, cap_of
from counterfoil.guard.members import Members
from counterfoil.guard.shown import LEAST_FLOOR
from counterfoil.measure.cohort.metric import Fact, Metric
from counterfoil.store.engine import Columns, Values
from counterfoil.store.lake import Lake
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Ask
from counterfoil.terms.period import Period

TABLES = {
    Fact.USAGE: "usage_day",
    Fact.WORK: "work_fate",
    Fact.SEAT: "seat",
    Fact.DELIVERY: "delivery",
    Fact.DEPLOYMENT: "deployment",
    Fact.SPEND: "spend",
}
STOCK = Unknown("a stock is counted at the end of a block, and not collected by the day")
UNPRICED = ("unpriced", "requests")
"""What has no price, of all."""
WEEKDAYS = 5
ATTRIBUTED = frozenset({Fact.DELIVERY, Fact.DEPLOYMENT})
"""Facts of things that somebody may have made or nobody: coverage is the share that members made."""
COVERED_TO = 0.05
"""How finely such a share is told."""
ROW_FILTERS = ("tool", "model", "trigger", "kind", "path")
"""Filters that choose rows, and not people."""
CHOSEN_BY = {
    Fact.USAGE: ("tool", "model", "trigger"),
    Fact.WORK: ("kind",),
    Fact.SEAT: ("tool",),
    Fact.SPEND: ("path",),
}
"""By what each fact can be asked for."""
Sums = Mapping[str, NDArray[np.int64]]
Read = dict[tuple[object, ...], Columns]
"""What was read for the questions of one batch, by fact and values: figures share rows."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What was read of the whole company, once for all groups of a question.

    Shape: each array (people,), in the order of the members; over more blocks than one, of everybody in any.
    """

    sums: Sums
    caps: Mapping[str, float]
    coverage: float | Unknown
    used: Mapping[str, NDArray[np.bool_]]
    """Where a question chooses rows by one of their fields: who has rows of each value of it."""


def read_rows(lake: Lake, ask: Ask, metric: Metric, members: Sequence[Members], read: Read) -> Rows:
    """Every person's sums of a period, with what each is capped at, and how much of it has data."""
    reading = _Reading(lake, ask, metric, members, read)
    now = reading.sums(ask.period, ask.filters)
    before = now if metric.fact is Fact.SEAT else reading.sums(_before(ask.period), ask.filters)
    caps = {name: cap_of(before[name] if before[name].any() else now[name]) for name in metric.sums}
    parts = {name: now[name] > 0 for name in metric.parts}
    return Rows(now, caps, reading.coverage(now), parts or dict(reading.used()))


@dataclass(frozen=True, slots=True)
class _Reading:
    lake: Lake
    ask: Ask
    metric: Metric
    members: Sequence[Members]
    read: Read

    def sums(self, period: Period, filters: Mapping[str, str]) -> Sums:
        """Each person's sums, of the days of those blocks alone that they are a member of.

        Were somebody's days before their first block counted, a month less its weeks would be those days.
        """
        who = self._who()
        columns = dict.fromkeys(
            (*self.metric.sums, *self.metric.parts, *(name for pair in self._told_of() for name in pair))
        )
        sums = {name: np.zeros(len(who), np.int64) for name in columns}
        for some, since, until in self._stretches(period):
            by = () if self.metric.reads else CHOSEN_BY.get(self.metric.fact, ())
            chosen = {name: filters.get(name) for name in by}
            values: Values = {"since": since, "until": until, **chosen}
            found = self._run(self._reduced, values)
            mine = np.isin(found["who"].astype(str), some.who.astype(str))
            places = np.searchsorted(who.astype(str), found["who"][mine].astype(str))
            for name, column in sums.items():
                column[places] += found[name][mine].astype(np.int64)
        return sums

    def coverage(self, now: Sums) -> float | Unknown:
        """Share of what should have been seen: of days or pieces, and of what the figure is told of."""
        if self.metric.fact is Fact.SEAT:
            return STOCK
        covered = self._attributed() if self.metric.fact in ATTRIBUTED else self._days()
        for part, whole in self._told_of():
            if now[whole].sum():
                missing = part == UNPRICED[0]
                told = now[whole].sum() - now[part].sum() if missing else now[part].sum()
                covered *= _coarse(int(told), int(now[whole].sum()))
        return covered

    def _told_of(self) -> Sequence[tuple[str, str]]:
        """What the figure is told of, and what it should be told of."""
        return [
            *([UNPRICED] if self.metric.is_priced else []),
            *([self.metric.told_of] if self.metric.told_of else []),
        ]

    def _attributed(self) -> float:
        """Share of a period's pieces that members made; the others are agents', or of people who are none."""
        found = self._found("pieces")
        mine = np.isin(found["who"].astype(str), self._who().astype(str))
        pieces = found["pieces"].astype(np.int64)
        share = float(pieces[mine].sum() / pieces.sum()) if pieces.sum() else 1.0
        return round(share / COVERED_TO) * COVERED_TO

    def _days(self) -> float:
        """Share of the period's weekdays on which members have data."""
        days = [
            self.ask.period.since + timedelta(days=n)
            for n in range((self.ask.period.until - self.ask.period.since).days)
        ]
        working = [day for day in days if day.weekday() < WEEKDAYS]
        found = self._found("days")
        mine = np.isin(found["who"].astype(str), self._who().astype(str))
        told, people = np.unique(found["day"][mine].astype("datetime64[D]"), return_counts=True)
        # A day on which few have rows would tell of them.
        seen = set(told[people >= LEAST_FLOOR + COLLUDING].tolist())
        return sum(day in seen for day in working) / len(working) if working else 1.0

    def used(self) -> Iterator[tuple[str, NDArray[np.bool_]]]:
        """Who has rows of each value of the field by which rows are chosen, or of each part of a whole."""
        for name in set(self.ask.filters) & set(ROW_FILTERS):
            for value in np.unique(self._found("values")[name].astype(str)):
                sums = self.sums(self.ask.period, {name: value})
                yield str(value), np.any([sums[column] > 0 for column in self.metric.sums], axis=0)

    def _found(self, fact: str) -> Columns:
        values: Values = {"since": self.ask.period.since, "until": self.ask.period.until}
        return self._run(f"{self._reduced}_{fact}", values)

    @property
    def _reduced(self) -> str:
        return self.metric.reads or self.metric.fact

    def _run(self, fact: str, values: Values) -> Columns:
        """A fact over its table; of a stock, over the copy that its block has."""
        block = str(self.members[0].block) if self.metric.fact is Fact.SEAT else None
        place = (fact, block, *sorted((name, str(value)) for name, value in values.items()))
        if place not in self.read:
            self.read[place] = self.lake.run(fact, [TABLES[self.metric.fact]], values, block=block)
        return self.read[place]

    def _who(self) -> NDArray[np.object_]:
        return everybody(self.members)

    def _stretches(self, period: Period) -> Iterator[tuple[Members, date, date]]:
        """Each block's members with the days of the period that are its own."""
        if len(self.members) == 1:
            yield self.members[0], period.since, period.until
            return
        first, last = self.members[0].block, self.members[-1].block
        for some in self.members:
            since = period.since if some.block == first else max(period.since, some.block.since)
            until = period.until if some.block == last else min(period.until, some.block.until)
            yield some, since, until


def everybody(members: Sequence[Members]) -> NDArray[np.object_]:
    """Those who are in any of some blocks, in their order."""
    if len(members) == 1:
        return members[0].who
    whole: NDArray[np.object_] = np.unique(np.concatenate([some.who for some in members]))
    return whole


def _coarse(part: int, whole: int) -> float:
    """A share in whole hundredths, down: from one to the last digit both of its numbers could be told.

    Example:
        >>> _coarse(2, 3), _coarse(999, 1000), _coarse(7, 7)
        (0.66, 0.99, 1.0)
    """
    return 100 * part // whole / 100


def _before(period: Period) -> Period:
    """As long a time, just before."""
    return Period("", period.span, period.since - (period.until - period.since), period.since)
