"""Reads the rows of a question that was released, and computes each group's figure once and for all."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Any

from counterfoil.guard.exempt import people_told
from counterfoil.guard.figures import figure_of, least_users, tellable
from counterfoil.guard.members import Group, Members
from counterfoil.guard.rows import ROW_FILTERS, Read, Rows, everybody, read_rows
from counterfoil.measure.cohort.metric import Metric
from counterfoil.store.lake import Lake
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Ask, Figure
from counterfoil.terms.release import Withheld

ANSWER = "answer"


@dataclass(slots=True)
class Computation:
    """One question's figures; a group that was answered before gets the very same answer.

    Source: rule R7; asking again can't average anything away, and late rows can't show who came late.
    """

    lake: Lake
    ask: Ask
    metric: Metric
    members: Sequence[Members]
    """Those of each block whom it is of: of a share of people, without the exempt."""
    of: Sequence[Members]
    """Everybody of each block, by whom groups are told."""
    answers: Mapping[str, bytes]
    """What was answered before, by name."""
    read: Read = field(default_factory=dict)
    """What was read for other questions of the same batch."""
    _rows: Rows | None = None
    _fresh: dict[str, bytes] = field(default_factory=dict)

    def known(self, group: Group) -> bool:
        """Whether this was answered before."""
        return self.name(group) in self.answers

    def figure(self, group: Group) -> Figure | Withheld | Unknown:
        """The figure of a group whose reading is logged; `keep` has to follow before anybody sees it."""
        kept = self.answers.get(self.name(group))
        if kept is not None:
            return _figure_from(json.loads(kept))
        rows = self._rows
        if rows is None:
            rows = self._rows = read_rows(self.lake, self.ask, self.metric, self.members, self.read)
        one = self.of[0].counted_of(group.places) if self.metric.is_of_people else group.places
        places = one if len(self.members) == 1 else slice(None)
        mine = {name: rows.sums[name][places] for name in self.metric.sums}
        caps = {} if group.is_company else rows.caps
        used = {value: people[places] for value, people in rows.used.items()}
        chosen = next((self.ask.filters[name] for name in ROW_FILTERS if name in self.ask.filters), None)
        if self.metric.parts:
            chosen = self.metric.sums[-1]
        found: Figure | Withheld | Unknown = Withheld()
        if chosen is None or chosen in tellable(used, least=least_users(self.metric.kind)):
            found = figure_of(self.metric, mine, caps=caps, coverage=rows.coverage)
        if isinstance(found, Figure) and self.metric.is_of_people:
            whole = len(group.places if len(self.members) == 1 else everybody(self.of))
            found = replace(found, people=people_told(whole, len(next(iter(mine.values())))))
        self._fresh[self.name(group)] = json.dumps(_figure_to(found)).encode()
        return found

    def keep(self) -> None:
        """Keep every figure that was computed, at once, so that it stays what it is."""
        if self._fresh:
            with self.lake.registry.change() as change:
                for name, value in self._fresh.items():
                    change.keep(ANSWER, name, value)

    def name(self, group: Group) -> str:
        """By what the answer of a group is known."""
        blocks = "+".join(str(some.block) for some in self.members)
        asked = sha256(json.dumps([self.ask.written(), group.name]).encode()).hexdigest()
        return f"{self.metric.fact}/{blocks}/{asked}"


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
