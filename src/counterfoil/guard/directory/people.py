"""Takes in what the directory says of people: who they are, and that they stay who they are."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from counterfoil.collect.scim.said import Names, Says, names_of, placed
from counterfoil.guard.directory import wrong
from counterfoil.guard.directory.shelf import Entry, Shelf, entry_of, second, written
from counterfoil.guard.directory.telling import tell, touched
from counterfoil.guard.guarded import Guarded
from counterfoil.ledger.keys import ERASED
from counterfoil.terms.absent import Skipped
from counterfoil.terms.directory import Card, CardKind, Placed
from counterfoil.terms.ids import CardId, Pseudonym, UnitId


@contextmanager
def careful(shelf: Shelf) -> Iterator[None]:
    """Whatever is cut short in the block is put right before the next request."""
    was, shelf.settled = shelf.settled, False
    yield
    shelf.settled = was


def person(g: Guarded, id: CardId) -> Entry:
    """What the directory said of somebody.

    Raises: SourceError where it has nobody of that id.
    """
    return entry_of(_card(g, id))


def create_person(g: Guarded, shelf: Shelf, says: Says) -> Entry:
    """Take somebody in; whoever is known by one of their names stays who they are.

    Raises: SourceError where somebody else has their name, or they had their data erased.
    """
    names, id = names_of(says), CardId(secrets.token_hex(16))
    now = second(g)
    entry = Entry(id=id, says=says, created=now, changed=now, groups=())
    where = _placed(entry)
    who, former = _whose(g, shelf, names, says)
    mine, others = _named(g, id, names)
    if who is None:
        who = _enrolled(g, id, names)
    before = [name for card in g.keys.cards(former) for name in card.names]
    every = tuple(dict.fromkeys((*mine, *before)))
    card = Card(id=id, kind=CardKind.PERSON, who=who, names=every, says=written(entry))
    with careful(shelf):
        g.keys.put_cards([*(other for other in others if other.id not in former), card])
        g.keys.remove_cards(former)
        _put(g, shelf, card, where, names)
    return entry


def replace_person(g: Guarded, shelf: Shelf, id: CardId, says: Says) -> Entry:
    """Take in what changed of somebody.

    Raises: SourceError where the directory has nobody of that id, or somebody else has their name.
    """
    old = _card(g, id)
    entry = replace(entry_of(old), says=says, changed=second(g))
    where, names = _placed(entry), names_of(says)
    mine, others = _named(g, id, names)
    # What they were called before is theirs until somebody else is called so: use may come in late.
    every = tuple(dict.fromkeys((*mine, *old.names)))
    card = replace(old, names=every, says=written(entry))
    with careful(shelf):
        before = touched(shelf, id, old.names)
        g.keys.put_cards([*others, card])
        _put(g, shelf, card, where, names, before)
    return entry


def remove_person(g: Guarded, shelf: Shelf, id: CardId) -> None:
    """Somebody whom the directory no longer has is no longer there; their names stay theirs.

    Raises: SourceError where it has nobody of that id.
    """
    old = _card(g, id)
    entry = entry_of(old)
    left = replace(entry, says={"externalId": entry.says.get("externalId")}, groups=())
    with careful(shelf):
        units = touched(shelf, id, old.names)
        g.keys.put_cards([replace(old, kind=CardKind.FORMER, says=written(left))])
        shelf.drop_person(id)
        tell(g, shelf, [old.who], units)


def _put(
    g: Guarded, shelf: Shelf, card: Card, where: Placed, names: Names, before: Iterable[UnitId] = ()
) -> None:
    shelf.put_person(card.id, card.who, where)
    tell(g, shelf, [card.who], {*before, *touched(shelf, card.id, (*card.names, *names.own))})


def _card(g: Guarded, id: CardId) -> Card:
    found = [card for card in g.keys.cards([id]) if card.kind is CardKind.PERSON]
    if not found:
        raise wrong.no_such()
    return found[0]


def _placed(entry: Entry) -> Placed:
    where = placed(entry.says, entry.groups)
    if isinstance(where, Skipped):
        raise wrong.no_word()
    return where


def _whose(g: Guarded, shelf: Shelf, names: Names, says: Says) -> tuple[Pseudonym | None, Sequence[CardId]]:
    """Who is meant, and the card that they had before; None where it is somebody new.

    A user name that another number had before is somebody else's now.
    """
    every = (*names.own, *names.shared)
    for name, who in zip(every, g.keys.known(every), strict=True):
        card = g.keys.card_named(name)
        if card is None and who == ERASED:
            raise wrong.erased()
        if card is None and who is not None and who not in shelf.by_who:
            return who, ()
        if card is not None and card.kind is CardKind.FORMER and not _recycled(card, name, says):
            return card.who, [card.id]
    return None, ()


def _recycled(former: Card, name: str, says: Says) -> bool:
    numbers = {entry_of(former).says.get("externalId"), says.get("externalId")} - {None}
    return len(numbers) == 2 and name not in numbers


def _named(g: Guarded, id: CardId, names: Names) -> tuple[tuple[str, ...], list[Card]]:
    """The names that somebody has from now on, and the cards that have one less.

    Raises: SourceError where one of their own is somebody else's own.
    """
    mine: list[str] = []
    others: dict[CardId, Card] = {}
    for name in (*names.own, *names.shared):
        holder = g.keys.card_named(name)
        if holder is None or holder.id == id:
            mine.append(name)
            continue
        theirs = names_of(entry_of(holder).says) if holder.kind is CardKind.PERSON else Names((), ())
        if name in theirs.own and name in names.own:
            raise wrong.taken()
        if name in (*theirs.own, *theirs.shared) and name in names.shared:
            continue
        mine.append(name)
        less = others.get(holder.id, holder)
        others[holder.id] = replace(less, names=tuple(kept for kept in less.names if kept != name))
    return tuple(dict.fromkeys(mine)), list(others.values())


def _enrolled(g: Guarded, id: CardId, names: Names) -> Pseudonym:
    """A new pseudonym, under a name that was nobody's."""
    known = zip(names.own, g.keys.known(names.own), strict=True)
    free = [name for name, who in known if who is None]
    (who,) = g.keys.pseudonyms([free[0] if free else f"directory:{id}"])
    return who
