"""The directory in order: who is where, under whom and in which group, as the cards with the keys say."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date
from typing import Any

from counterfoil.collect.scim.said import Says, placed, unit_of
from counterfoil.guard.directory.may import is_reserved
from counterfoil.guard.guarded import Guarded
from counterfoil.terms.absent import Skipped, Unknown
from counterfoil.terms.directory import NOWHERE, Card, CardKind, Placed
from counterfoil.terms.ids import CardId, Pseudonym, UnitId

MOST_AT_ONCE = 1_000
"""Cards that are asked for at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A card as the directory gets it back."""

    id: CardId
    says: Says
    created: str
    changed: str
    groups: Sequence[CardId]
    """The groups that it is in, in the order in which it was put there."""


@dataclass(slots=True)
class Waiting:
    """What the lake is to be told of: many changes at once cost hardly more than one."""

    people: dict[Pseudonym, None] = field(default_factory=dict)
    units: dict[UnitId, None] = field(default_factory=dict)
    day: date | None = None
    """The day on which it changed."""
    patience: float = 0
    """How many times as long as telling takes is waited between two times."""
    due: float = 0
    """When it may be told, on the clock that only goes forward."""


@dataclass(slots=True)
class Shelf:
    """What is known of the directory without its words; forgotten when the server stops."""

    placed: dict[CardId, Placed] = field(default_factory=dict)
    who: dict[CardId, Pseudonym] = field(default_factory=dict)
    by_who: dict[Pseudonym, CardId] = field(default_factory=dict)
    groups: dict[CardId, str] = field(default_factory=dict)
    """The name of each group."""
    names: dict[CardId, UnitId] = field(default_factory=dict)
    """The unit that each group is; those that give a role are none."""
    called: dict[UnitId, dict[CardId, None]] = field(default_factory=dict)
    """The groups that are a unit."""
    above: dict[CardId, tuple[CardId, ...]] = field(default_factory=dict)
    """The groups that a group is in."""
    inside: dict[CardId, dict[CardId, None]] = field(default_factory=dict)
    """Who is in each group: people and groups."""
    under: dict[str, dict[CardId, None]] = field(default_factory=dict)
    """Whose manager is named so."""
    units: dict[UnitId, dict[CardId, None]] = field(default_factory=dict)
    """Who is in each unit today."""
    led: set[UnitId] = field(default_factory=set)
    """Units of which the directory said who leads them."""
    settled: bool = False
    """Whether the lake has what the cards say, but for what waits."""
    waiting: Waiting = field(default_factory=Waiting)

    def unit(self, id: CardId) -> UnitId | Unknown:
        """The unit that somebody is in."""
        return unit_of(self.placed.get(id, NOWHERE), self.names)

    def put_person(self, id: CardId, who: Pseudonym, where: Placed) -> None:
        """Put somebody somewhere."""
        self.drop_person(id)
        self.placed[id], self.who[id], self.by_who[who] = where, who, id
        for group in where.groups:
            self.inside.setdefault(group, {})[id] = None
        if not isinstance(where.manager, Unknown):
            self.under.setdefault(where.manager, {})[id] = None
        self.index(id)

    def drop_person(self, id: CardId) -> None:
        """Forget somebody."""
        where = self.placed.get(id)
        if where is None:
            return
        for group in where.groups:
            self.inside.get(group, {}).pop(id, None)
        if not isinstance(where.manager, Unknown):
            self.under.get(where.manager, {}).pop(id, None)
        self.unindex(id)
        del self.placed[id]
        del self.by_who[self.who.pop(id)]

    def put_group(self, id: CardId, name: str, above: Iterable[CardId]) -> None:
        """Put a group somewhere, under a name."""
        people = [member for member in self.inside.get(id, {}) if member in self.placed]
        for member in people:
            self.unindex(member)
        for group in self.above.get(id, ()):
            self.inside.get(group, {}).pop(id, None)
        self._rename(id, None if is_reserved(name) else UnitId(name.strip()))
        self.groups[id], self.above[id] = name, tuple(above)
        for group in self.above[id]:
            self.inside.setdefault(group, {})[id] = None
        for member in people:
            self.index(member)

    def drop_group(self, id: CardId) -> None:
        """Forget a group; nobody is in it any more."""
        for group in self.above.pop(id, ()):
            self.inside.get(group, {}).pop(id, None)
        self._rename(id, None)
        self.groups.pop(id, None)
        self.inside.pop(id, None)

    def index(self, id: CardId) -> None:
        """Find somebody by their unit from now on."""
        if not isinstance(unit := self.unit(id), Unknown):
            self.units.setdefault(unit, {})[id] = None

    def unindex(self, id: CardId) -> None:
        """Find somebody by their unit no longer."""
        if not isinstance(unit := self.unit(id), Unknown):
            self.units.get(unit, {}).pop(id, None)

    def _rename(self, id: CardId, unit: UnitId | None) -> None:
        if (before := self.names.pop(id, None)) is not None:
            self.called[before].pop(id)
        if unit is not None:
            self.names[id] = unit
            self.called.setdefault(unit, {})[id] = None


def loaded(g: Guarded) -> Shelf:
    """The directory as the cards say it.

    Raises: StoreError where whoever holds the keys can't be reached.
    """
    shelf = Shelf()
    for card in every(g, g.keys.card_ids(CardKind.GROUP)):
        entry = entry_of(card)
        shelf.put_group(card.id, str(entry.says.get("displayName")), entry.groups)
    for card in every(g, g.keys.card_ids(CardKind.PERSON)):
        entry = entry_of(card)
        where = placed(entry.says, entry.groups)
        shelf.put_person(card.id, card.who, NOWHERE if isinstance(where, Skipped) else where)
    return shelf


def every(g: Guarded, ids: Sequence[CardId]) -> Iterator[Card]:
    """Cards, a stretch at a time."""
    for first in range(0, len(ids), MOST_AT_ONCE):
        yield from g.keys.cards(ids[first : first + MOST_AT_ONCE])


def entry_of(card: Card) -> Entry:
    """What a card says."""
    told: Mapping[str, Any] = json.loads(card.says)
    groups = [CardId(group) for group in told["in"]]
    return Entry(
        id=card.id, says=told["says"], created=told["created"], changed=told["changed"], groups=groups
    )


def second(g: Guarded) -> str:
    """When the directory sent something; it stays with the keys."""
    return g.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def written(entry: Entry) -> str:
    """What a card is to say."""
    told = {"says": entry.says, "in": list(entry.groups), "created": entry.created, "changed": entry.changed}
    return json.dumps(told)
