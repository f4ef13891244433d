"""Takes in the directory's groups: those that are units, and those whose members hold a role."""

import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from counterfoil.collect.scim.said import Says, is_word
from counterfoil.guard.directory import wrong
from counterfoil.guard.directory.may import is_reserved, role_of
from counterfoil.guard.directory.people import careful
from counterfoil.guard.directory.shelf import Entry, Shelf, entry_of, every, second, written
from counterfoil.guard.directory.telling import tell
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.roles import give, holders, take
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Role
from counterfoil.terms.directory import Card, CardKind
from counterfoil.terms.ids import CardId, UnitId


def group(g: Guarded, id: CardId) -> Entry:
    """What the directory said of a group.

    Raises: SourceError where it has none of that id.
    """
    return entry_of(_card(g, id))


def members(g: Guarded, shelf: Shelf, entry: Entry) -> Mapping[CardId, CardKind]:
    """Who is in a group; in one that gives a role, whoever holds it and is in the directory."""
    role = role_of(_name(entry.says))
    if role is not None:
        held = sorted(shelf.by_who[who] for who in holders(g, role) if who in shelf.by_who)
        return dict.fromkeys(held, CardKind.PERSON)
    return {
        id: CardKind.PERSON if id in shelf.placed else CardKind.GROUP for id in shelf.inside.get(entry.id, ())
    }


def create_group(g: Guarded, shelf: Shelf, says: Says, inside: Collection[CardId]) -> Entry:
    """Take in a group with its members.

    Raises: SourceError where one of them is nobody here, or its name is none.
    """
    now = second(g)
    entry = Entry(id=CardId(secrets.token_hex(16)), says=says, created=now, changed=now, groups=())
    if is_reserved(_name(says)) and _has_role_group(shelf, _name(says)):
        raise wrong.role_twice()
    _kept(g, shelf, entry, inside)
    return entry


def replace_group(g: Guarded, shelf: Shelf, id: CardId, says: Says, inside: Collection[CardId]) -> Entry:
    """Take in what changed of a group.

    Raises: SourceError where there is none of that id, it can't have that name, or a member is nobody here.
    """
    old = entry_of(_card(g, id))
    if role_of(_name(old.says)) is not role_of(_name(says)):
        raise wrong.no_role()
    entry = replace(old, says=says, changed=second(g))
    _kept(g, shelf, entry, inside)
    return entry


def remove_group(g: Guarded, shelf: Shelf, id: CardId) -> None:
    """Nobody is in a group any more, or holds the role that it gave.

    Raises: SourceError where there is none of that id.
    """
    entry = entry_of(_card(g, id))
    if (role := role_of(_name(entry.says))) is not None:
        _give(g, shelf, role, members(g, shelf, entry), ())
    with careful(shelf):
        units = _units(shelf, id)
        changed = _moved(g, shelf, id, members(g, shelf, entry), ()) if role is None else []
        people = [card.who for card in changed if card.who]
        g.keys.put_cards(changed)
        g.keys.remove_cards([id])
        _placed_anew(shelf, changed)
        shelf.drop_group(id)
        tell(g, shelf, people, units | _units_of(shelf, changed))


def _kept(g: Guarded, shelf: Shelf, entry: Entry, inside: Collection[CardId]) -> None:
    name, now = _name(entry.says), members(g, shelf, entry)
    _check(g, shelf, name, [id for id in inside if id not in now])
    card = Card(id=entry.id, kind=CardKind.GROUP, says=written(entry))
    role = role_of(name)
    with careful(shelf):
        if role is not None:
            # A group that is new takes the role from nobody who was given it before.
            is_new = entry.id not in shelf.groups
            g.keys.put_cards([card])
            shelf.put_group(entry.id, name, ())
            _give(g, shelf, role, now, [*inside, *now] if is_new else inside)
            return
        units = _units(shelf, entry.id)
        is_renamed = shelf.groups.get(entry.id, name) != name
        changed = _moved(g, shelf, entry.id, now, inside)
        whole = [shelf.who[id] for id in now if id in shelf.who] if is_renamed else []
        g.keys.put_cards([card, *changed])
        shelf.put_group(entry.id, name, shelf.above.get(entry.id, ()))
        before = _units_of(shelf, changed)
        _placed_anew(shelf, changed)
        after = _units_of(shelf, changed) | _units(shelf, entry.id)
        people = dict.fromkeys([*whole, *(card.who for card in changed if card.who)])
        tell(g, shelf, list(people), units | before | after)


def _check(g: Guarded, shelf: Shelf, name: str, come: Sequence[CardId]) -> None:
    if not name.strip() or not is_word(name):
        raise wrong.no_word()
    if is_reserved(name) and role_of(name) is None:
        raise wrong.no_role()
    kinds = {CardKind.PERSON} if is_reserved(name) else {CardKind.PERSON, CardKind.GROUP}
    here = {card.id for card in every(g, come) if card.kind in kinds}
    if not here.issuperset(come):
        raise wrong.no_member()


def _moved(
    g: Guarded, shelf: Shelf, id: CardId, now: Collection[CardId], then: Collection[CardId]
) -> list[Card]:
    """The cards of those who come into a group or go out of it."""
    come, gone = [one for one in then if one not in now], [one for one in now if one not in then]
    cards = []
    for card in every(g, [*dict.fromkeys(come), *gone]):
        entry = entry_of(card)
        groups = [group for group in entry.groups if group != id] + ([id] if card.id in then else [])
        cards.append(replace(card, says=written(replace(entry, groups=groups))))
    return cards


def _placed_anew(shelf: Shelf, cards: Sequence[Card]) -> None:
    for card in cards:
        groups = tuple(entry_of(card).groups)
        if card.kind is CardKind.PERSON:
            shelf.put_person(card.id, card.who, replace(shelf.placed[card.id], groups=groups))
        else:
            shelf.put_group(card.id, shelf.groups[card.id], groups)


def _give(g: Guarded, shelf: Shelf, role: Role, now: Collection[CardId], then: Collection[CardId]) -> None:
    """Give a role to those who come, and take it from those who go; each of it is in the log."""
    for id in then:
        if id not in now:
            give(g, role, shelf.who[id])
    for id in now:
        if id not in then:
            take(g, role, shelf.who[id])


def _units(shelf: Shelf, id: CardId) -> set[UnitId]:
    """The unit that a group is, and those right below it."""
    names = shelf.names
    below = (one for one in shelf.inside.get(id, ()) if one in shelf.groups)
    return {names[one] for one in (id, *below) if one in names}


def _units_of(shelf: Shelf, cards: Iterable[Card]) -> set[UnitId]:
    """The units that people and groups are in, or are."""
    groups = [_units(shelf, card.id) for card in cards if card.kind is CardKind.GROUP]
    people = [shelf.unit(card.id) for card in cards if card.kind is CardKind.PERSON]
    return {unit for unit in people if not isinstance(unit, Unknown)}.union(*groups)


def _has_role_group(shelf: Shelf, name: str) -> bool:
    return any(role_of(known) is role_of(name) for known in shelf.groups.values() if is_reserved(known))


def _name(says: Says) -> str:
    return str(says.get("displayName") or "")


def _card(g: Guarded, id: CardId) -> Card:
    found = [card for card in g.keys.cards([id]) if card.kind is CardKind.GROUP]
    if not found:
        raise wrong.no_such()
    return found[0]
