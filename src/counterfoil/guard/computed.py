"""Reads the rows of a question that was released, and computes each group's figure once and for all."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterfoil.guard.figures import cap_of, figure_of
from counterfoil.guard.members import Group, Members
from counterfoil.measure.cohort.metric import Fact, Metric
from counterfoil.store.lake import Lake
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Ask, Figure
from counterfoil.terms.period import Period
from counterfoil.terms.release import Withheld

ANSWER = "answer"
TABLES = {Fact.USAGE: "usage_day", Fact.WORK: "work_fate"}
WEEKDAYS = 5
Sums = Mapping[str, NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class _Rows:
    """What was read of the whole company, once for all groups."""

    sums: Sums
    caps: Mapping[str, float]
    coverage: float


@dataclass(slots=True)
class Computation:
    """One question's figures; a group that was answered before gets the very same answer.

    Source: rule R7; asking again can't average anything away, and late rows can't show who came late.
    """

    lake: Lake
    ask: Ask
    metric: Metric
    members: Sequence[Members]
    _rows: "_Rows | None" = None
    _answers: Mapping[str, bytes] | None = None
    _fresh: dict[str, bytes] = field(default_factory=dict)

    def known(self, group: Group) -> bool:
        """Whether this was answered before."""
        return self._name(group) in self._kept()

    def figure(self, group: Group) -> Figure | Withheld | Unknown:
        """The figure of a group whose reading is logged; `keep` has to follow before anybody sees it."""
        kept = self._kept().get(self._name(group))
        if kept is not None:
            return _figure_from(json.loads(kept))
        rows = self._rows = self._rows or self._all_rows()
        places = group.places if len(self.members) == 1 else slice(None)
        mine = {name: rows.sums[name][places] for name in self.metric.sums}
        caps = {} if group.is_company else rows.caps
        found = figure_of(self.metric, mine, caps=caps, coverage=rows.coverage)
        self._fresh[self._name(group)] = json.dumps(_figure_to(found)).encode()
        return found

    def keep(self) -> None:
        """Keep every figure that was computed, at once, so that it stays what it is."""
        if self._fresh:
            with self.lake.registry.change() as change:
                for name, value in self._fresh.items():
                    change.keep(ANSWER, name, value)

    def _all_rows(self) -> "_Rows":
        now, before = self._read(self.ask.period), self._read(_before(self.ask.period))
        caps = {name: cap_of(before[name] if before[name].any() else now[name]) for name in self.metric.sums}
        return _Rows(now, caps, self._coverage())

    def _kept(self) -> Mapping[str, bytes]:
        if self._answers is None:
            self._answers = self.lake.registry.all_kept(ANSWER)
        return self._answers

    def _name(self, group: Group) -> str:
        blocks = "+".join(str(some.block) for some in self.members)
        asked = sha256(f"{self.ask.written()}|{group.name}".encode()).hexdigest()
        return f"{self.metric.fact}/{blocks}/{asked}"

    def _read(self, period: Period) -> Sums:
        """Each person's sums over a period, in the order of the members; those with no row have zero.

        Shape: each (people,); over more than one block, everybody who is in one of them.
        """
        chosen = {name: self.ask.filters.get(name) for name in self.metric.filters}
        since, until = period.since, period.until
        found = self.lake.run(
            self.metric.fact, [TABLES[self.metric.fact]], {"since": since, "until": until, **chosen}
        )
        who = (
            self.members[0].who
            if len(self.members) == 1
            else np.unique(np.concatenate([m.who for m in self.members]))
        )
        places = np.searchsorted(who.astype(str), found["who"].astype(str)) if len(who) else np.zeros(0, int)
        here = np.zeros(len(places), np.bool_)
        inside = places < len(who)
        here[inside] = who[places[inside]] == found["who"][inside]
        sums: dict[str, NDArray[np.int64]] = {}
        for name in self.metric.sums:
            sums[name] = np.zeros(len(who), np.int64)
            sums[name][places[here]] = found[name][here].astype(np.int64)
        return sums

    def _coverage(self) -> float:
        """Share of the period's weekdays on which anybody has data."""
        period = self.ask.period
        found = self.lake.run(
            f"{self.metric.fact}_days",
            [TABLES[self.metric.fact]],
            {"since": period.since, "until": period.until},
        )
        seen = {day for value in found["day"].astype("datetime64[D]").tolist() if (day := value)}
        days = [period.since + timedelta(days=n) for n in range((period.until - period.since).days)]
        working: list[date] = [day for day in days if day.weekday() < WEEKDAYS]
        return sum(day in seen for day in working) / len(working) if working else 1.0


def _before(period: Period) -> Period:
    """As long a time, just before."""
    return Period("", period.span, period.since - (period.until - period.since), period.since)


def _figure_to(found: Figure | Withheld | Unknown) -> Mapping[str, Any]:
    if not isinstance(found, Figure):
        return {"withheld": True}
    return {
        name: {"unknown": value["why"]} if isinstance(value, dict) else value
        for name, value in asdict(found).items()
    }


def _figure_from(kept: Mapping[str, Any]) -> Figure | Withheld:
    if "withheld" in kept:
        return Withheld()
    told: dict[str, Any] = {
        name: Unknown(value["unknown"]) if isinstance(value, dict) else value for name, value in kept.items()
    }
    return Figure(**told)
