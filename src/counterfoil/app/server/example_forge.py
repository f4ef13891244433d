"""Takes in what the forge of an invented company tells, by the code that takes deliveries of webhooks in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from counterfoil.collect.forge.fold import take
from counterfoil.collect.forge.state import Fold, Moments
from counterfoil.guard.guarded import Guarded
from counterfoil.simulate.forge.tell import Forge
from counterfoil.simulate.tables.sheet import PERSON
from counterfoil.terms.batch import Batch, batches
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.organisation import WorkFate

IN_TABLES = ("c", "d")
"""Works whose fate the tables tell, with what corrected them; the forge tells of the others."""


@dataclass(slots=True)
class Remembered:
    """What is remembered between events: in memory, since it is over when the server stops."""

    kept: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def get(self, name: str) -> Mapping[str, Any] | None:
        """What is remembered under a name."""
        return self.kept.get(name)

    def put(self, name: str, value: Mapping[str, Any]) -> None:
        """Remember something instead of what was."""
        self.kept[name] = value

    def drop(self, name: str) -> None:
        """Remember nothing under a name."""
        self.kept.pop(name, None)


def told_by(g: Guarded, forge: Forge) -> Iterator[Batch[Any]]:
    """The rows that its events come to, with a pseudonym instead of each identity."""
    names = [PERSON % number for number in range(len(forge.teams))]
    known = dict(zip(names, g.keys.pseudonyms(names), strict=True))
    fold = Fold(Remembered(), Moments(), lambda identity: known.get(identity, Pseudonym("")))
    today = date.min
    for event in forge.events():
        at = getattr(event, "over", None) or getattr(event, "at", None) or getattr(event, "opened", None)
        if at is not None and at.date() != today:
            today = at.date()
            fold.moments.forget(at)
        take(fold, event)
    yield from _batches(fold.rows)


def _batches(rows: list[Any]) -> Iterator[Batch[Any]]:
    nouns: dict[type, dict[Any, Any]] = {}
    for row in rows:
        if not isinstance(row, WorkFate):
            nouns.setdefault(type(row), {})[id(row)] = row
        elif not row.work.startswith(IN_TABLES):
            nouns.setdefault(WorkFate, {})[row.work] = row
    for noun, mine in nouns.items():
        yield from batches(noun, list(mine.values()))
