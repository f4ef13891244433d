"""Tells the lake what counts of the directory: who is there, in which unit, and who leads it."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import chain
from time import monotonic
from typing import Any

from counterfoil.collect.scim import dated
from counterfoil.guard.directory.shelf import Shelf, Waiting, every
from counterfoil.guard.guarded import Guarded
from counterfoil.store.engine import Columns
from counterfoil.terms.absent import Unknown
from counterfoil.terms.batch import Batch, batches
from counterfoil.terms.directory import NOWHERE, CardKind
from counterfoil.terms.ids import CardId, Pseudonym, UnitId
from counterfoil.terms.organisation import (
    NOBODY_LEADS,
    STILL_THERE,
    UPPERMOST,
    Membership,
    Person,
    Unit,
)


def tell(g: Guarded, shelf: Shelf, people: Collection[Pseudonym], units: Collection[UnitId]) -> None:
    """Let the lake have what the directory says of some people and units, at once or with what follows.

    Raises: StoreError where it can't be written.
    """
    shelf.waiting.people.update(dict.fromkeys(people))
    shelf.waiting.units.update(dict.fromkeys(units))
    shelf.waiting.day = g.now.date()
    catch_up(g, shelf)


def catch_up(g: Guarded, shelf: Shelf) -> None:
    """Tell the lake what waits, if it is time, or its day is over.

    Raises: StoreError where it can't be written; then it waits on.
    """
    waiting = shelf.waiting
    began, day = monotonic(), waiting.day
    if day is None or (began < waiting.due and day == g.now.date()):
        return
    _tell(g, shelf, list(waiting.people), list(waiting.units), day)
    shelf.waiting = Waiting(
        patience=waiting.patience, due=monotonic() + waiting.patience * (monotonic() - began)
    )


def _tell(
    g: Guarded, shelf: Shelf, people: Collection[Pseudonym], units: Collection[UnitId], day: date
) -> None:
    """Bring the lake's rows of some people and units to what the directory says on a day."""
    _leave_out_erased(g, shelf, people)
    persons: list[Person] = []
    memberships: list[Membership] = []
    one = next(iter(people)) if len(people) == 1 else None
    kept_people, kept_memberships = (_people(g, one), _memberships(g, one)) if people else ({}, {})
    for who in people:
        id = shelf.by_who.get(who)
        where = NOWHERE if id is None else shelf.placed[id]
        unit = NOWHERE.department if id is None else shelf.unit(id)
        row = dated.person(kept_people.get(who), where, who=who, day=day)
        persons += [] if row is None else [row]
        memberships += dated.memberships(kept_memberships.get(who, []), unit, who=who, day=day)
    changed = list(_units(g, shelf, units)) if units else []
    if persons or memberships or changed:
        told = (batches(Person, persons), batches(Membership, memberships), batches(Unit, changed))
        rows: Iterator[Batch[Any]] = chain(*told)
        g.lake.append(rows)


def _leave_out_erased(g: Guarded, shelf: Shelf, people: Iterable[Pseudonym]) -> None:
    """Forget those whose cards are gone with their keys: nothing is written of them again."""
    here = [shelf.by_who[who] for who in people if who in shelf.by_who]
    for id in {*here} - {card.id for card in every(g, here)}:
        shelf.drop_person(id)


def tell_everything(g: Guarded, shelf: Shelf) -> None:
    """Bring the lake to what the directory says today, whatever was cut short before."""
    tell(g, shelf, list(shelf.by_who), list(shelf.units))


def touched(shelf: Shelf, id: CardId, names: Iterable[str] = ()) -> set[UnitId]:
    """The units of which somebody's card decides who leads them: their own, and those of their reports."""
    reports = chain.from_iterable(shelf.under.get(name, ()) for name in {id, *names})
    return {unit for one in {id, *reports} if not isinstance(unit := shelf.unit(one), Unknown)}


def _units(g: Guarded, shelf: Shelf, units: Iterable[UnitId]) -> Iterator[Unit]:
    """The rows of units that change."""
    found = g.lake.run("units", ["unit"], {})
    kept = {
        unit: Unit(
            unit=unit,
            parent=UPPERMOST if parent is None else parent,
            lead=NOBODY_LEADS if lead is None else lead,
        )
        for unit, parent, lead in zip(found["unit"], found["parent"], found["lead"], strict=True)
    }
    for unit in units:
        now = kept.get(unit, Unit(unit=unit))
        then = replace(now, parent=_parent(shelf, unit, now.parent), lead=_lead(g, shelf, unit, now.lead))
        if unit not in kept or then != now:
            kept[unit] = then
            yield then
        if not isinstance(then.parent, Unknown) and then.parent not in kept:
            kept[then.parent] = Unit(unit=then.parent)
            yield kept[then.parent]


def _parent(shelf: Shelf, unit: UnitId, known: UnitId | Unknown) -> UnitId | Unknown:
    """The group that a unit's group is in, or the division that most name; else what a table said."""
    upper = (one for id in shelf.called.get(unit, ()) for one in shelf.above.get(id, ()))
    within = (shelf.names[one] for one in upper if one in shelf.names)
    divisions = (shelf.placed[id] for id in shelf.units.get(unit, ()))
    named = [p.division for p in divisions if p.department == unit and not isinstance(p.division, Unknown)]
    return next((upper for upper in (*within, *_most(named)) if upper != unit), known)


def _lead(g: Guarded, shelf: Shelf, unit: UnitId, known: Pseudonym | Unknown) -> Pseudonym | Unknown:
    """Whom most in a unit have as their manager, once that is somebody whom the directory has."""
    managers = (shelf.placed[id].manager for id in shelf.units.get(unit, ()))
    for name in _most([manager for manager in managers if not isinstance(manager, Unknown)]):
        if (who := _manager(g, shelf, name)) is not None:
            shelf.led.add(unit)
            return who
    return NOBODY_LEADS if unit in shelf.led else known


def _manager(g: Guarded, shelf: Shelf, name: str) -> Pseudonym | None:
    """Who is meant by what the directory calls a manager: mostly their id here, or else their own number."""
    card = next(iter(g.keys.cards([CardId(name)])), None) or g.keys.card_named(name)
    if card is None or card.kind is not CardKind.PERSON:
        return None
    return card.who if shelf.placed.get(card.id, NOWHERE).active else None


def _most(names: list[Any]) -> list[Any]:
    """Names, those that were said most often first."""
    return [name for name, _ in sorted(Counter(names).items(), key=lambda said: (-said[1], said[0]))]


def _people(g: Guarded, who: Pseudonym | None) -> Mapping[Pseudonym, Person]:
    found = g.lake.run("people", ["person"], {"who": who})
    return {
        Pseudonym(str(one)): Person(
            who=Pseudonym(str(one)), role=role, joined=_day(joined), left=_until(left)
        )
        for one, role, joined, left in _rows(found, "who", "role", "joined", "left")
    }


def _memberships(g: Guarded, who: Pseudonym | None) -> Mapping[Pseudonym, list[Membership]]:
    found: dict[Pseudonym, list[Membership]] = {}
    for one, unit, since, until in _rows(
        g.lake.run("memberships", ["membership"], {"who": who}), "who", "unit", "since", "until"
    ):
        row = Membership(who=one, unit=unit, since=_day(since), until=_until(until))
        found.setdefault(one, []).append(row)
    return found


def _rows(columns: Columns, *names: str) -> Iterator[tuple[Any, ...]]:
    return zip(*(columns[name].tolist() for name in names), strict=True)


def _until(day: Any) -> date | Unknown:
    return STILL_THERE if day is None or day != day else _day(day)


def _day(day: Any) -> date:
    return date.fromisoformat(str(day)[:10])
