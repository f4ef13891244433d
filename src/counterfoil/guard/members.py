"""Who belongs to which group, frozen on the first day of each block of four weeks."""

import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterfoil.store.lake import Lake
from counterfoil.store.registry import Change
from counterfoil.terms.ids import Pseudonym, UnitId
from counterfoil.terms.metric import Level
from counterfoil.terms.period import Block

FROZEN, OBJECTED = "frozen", "objected"
EXEMPT, TAKEN = "exempt", "exempt-kinds"
ROSTER = ("person", "membership", "unit", "exempt")
Places = NDArray[np.int64]
COMPANY = "the company"
NOBODY: Places = np.zeros(0, np.int64)


@dataclass(frozen=True, slots=True)
class Group:
    """Some people of a block, by their places in it."""

    name: str
    places: Places
    is_company: bool = False

    def has(self, place: int | None) -> bool:
        """Whether whoever has a place is in it; places are in their order."""
        if place is None:
            return False
        at = int(np.searchsorted(self.places, place))
        return at < len(self.places) and int(self.places[at]) == place


@dataclass(frozen=True, slots=True)
class Members:
    """Everybody who was there on the first day of a block, and the units of that day.

    Shape: `who`, `unit` and `role` (people,), in the order of `who`.
    """

    block: Block
    who: NDArray[np.object_]
    unit: NDArray[np.object_]
    role: NDArray[np.object_]
    parents: Mapping[UnitId, UnitId]
    """Each unit that has one above it; others stand by themselves."""
    leads: Mapping[UnitId, Pseudonym]
    below: Mapping[str, Places]
    """The places of everybody in each unit, those in the units below it among them."""
    exempt: Places | None = None
    """The places of those who are in no share of people; None where no table said who that is."""

    def __len__(self) -> int:
        return len(self.who)

    def groups(self, by: Level, filters: Mapping[str, str]) -> Sequence[Group]:
        """The groups of a level, each with those of its people that the filters leave, by name."""
        chosen = self._chosen(filters)
        if by is Level.COMPANY:
            cut = ", ".join(f"{name} {filters[name]}" for name in ("unit", "role") if name in filters)
            return [Group(cut or COMPANY, np.flatnonzero(chosen), is_company=not cut)] if chosen.any() else []
        mine = ((unit, self.below.get(unit, NOBODY)) for unit in self._units(by))
        found = [Group(unit, places[chosen[places]]) for unit, places in mine]
        return [group for group in found if len(group.places)]

    def plan(self) -> Sequence[Places]:
        """Everybody, then units from the uppermost down: what is planned for before anybody asks."""
        ordered = sorted(self.below, key=lambda unit: (len(above(unit, self.parents)), unit))
        return [np.arange(len(self)), *(self.below[unit] for unit in ordered)]

    def direct_team(self, who: Pseudonym) -> NDArray[np.bool_]:
        """Whether each person is in one team with somebody: led by them, or beside them."""
        led = {unit for unit, lead in self.leads.items() if lead == who}
        own = {str(unit) for unit in self.unit[self.who == who]}
        leads = {lead for unit, lead in self.leads.items() if self.parents.get(unit) in led}
        team: NDArray[np.bool_] = np.isin(self.unit, sorted(led | own)) | np.isin(self.who, sorted(leads))
        return team

    def counted(self) -> "Members":
        """Those of whom a share of people is: everybody but the exempt; `counted_of` has their places."""
        left = np.delete(np.arange(len(self)), self.left_out())
        return replace(
            self, who=self.who[left], unit=self.unit[left], role=self.role[left], below={}, exempt=NOBODY
        )

    def counted_of(self, places: Places) -> Places:
        """Some people's places among those of whom a share of people is; the exempt have none."""
        is_out = np.zeros(len(self), np.bool_)
        is_out[self.left_out()] = True
        among: Places = np.cumsum(~is_out) - 1
        return among[places[~is_out[places]]]

    def left_out(self) -> Places:
        """The places of the exempt, as far as a table said who that is."""
        return NOBODY if self.exempt is None else self.exempt

    def level_of(self, unit: str) -> Level:
        """Whether a unit is a team, or has others below it."""
        return Level.UNIT if unit in self.parents.values() else Level.TEAM

    def place_of(self, who: str) -> int | None:
        """The place of somebody who is in it."""
        at = int(np.searchsorted(self.who, who))
        return at if at < len(self.who) and self.who[at] == who else None

    def places_of(self, who: Sequence[str]) -> Places:
        """The places of those who are in it."""
        return np.flatnonzero(np.isin(self.who, list(who)))

    def commitment(self, group: Group) -> str:
        """What binds a log entry to the very people that it was about, without naming them."""
        return hashlib.sha256("\n".join(self.who[group.places]).encode()).hexdigest()

    def _chosen(self, filters: Mapping[str, str]) -> NDArray[np.bool_]:
        chosen = np.ones(len(self), np.bool_)
        if "role" in filters:
            chosen &= self.role == filters["role"]
        if "unit" in filters:
            inside = np.zeros(len(self), np.bool_)
            inside[self.below.get(filters["unit"], NOBODY)] = True
            chosen &= inside
        return chosen

    def _units(self, by: Level) -> Sequence[str]:
        """Teams have no unit below them; units have, or stand by themselves where there is no tree."""
        parents = set(map(str, self.parents.values()))
        return sorted(parents if by is Level.UNIT and parents else set(self.below) - parents)


def above(unit: str, parents: Mapping[UnitId, UnitId]) -> Sequence[str]:
    """A unit and all above it; a ring ends where it begins."""
    found = [unit]
    while (parent := parents.get(UnitId(found[-1]))) is not None and parent not in found:
        found.append(parent)
    return found


def members_of(lake: Lake, block: Block) -> Members:
    """The members of a block, as they were frozen; or as they would be, where nothing was released yet."""
    kept = lake.registry.kept(FROZEN, str(block))
    if kept is None:
        return _read(lake, block, block.since)
    return _frozen(block, kept, lake.registry.kept(EXEMPT, str(block)))


@lru_cache(maxsize=64)
def _frozen(block: Block, kept: bytes, exempt: bytes | None) -> Members:
    places = None if exempt is None else np.array(json.loads(zlib.decompress(exempt)), np.int64)
    return replace(_of(block, json.loads(zlib.decompress(kept))), exempt=places)


def freeze(change: Change, members: Members) -> None:
    """Keep a block's members, from its first release on."""
    kept = {
        "who": members.who.tolist(),
        "unit": members.unit.tolist(),
        "role": members.role.tolist(),
        "parents": dict(members.parents),
        "leads": dict(members.leads),
    }
    change.keep(FROZEN, str(members.block), zlib.compress(json.dumps(kept).encode()))
    if members.exempt is not None:
        _keep_exempt(change, members.block, members.exempt)


def forget_exempt(change: Change, members: Members, who: Pseudonym) -> None:
    """Forget that somebody whose data are erased was exempt; nothing new is told of their blocks any more."""
    if members.exempt is not None:
        left = members.exempt[members.exempt != members.place_of(who)]
        _keep_exempt(change, members.block, left)


def _keep_exempt(change: Change, block: Block, exempt: Places) -> None:
    # By itself, since it goes as soon as nothing new can be asked of the block.
    change.keep(EXEMPT, str(block), zlib.compress(json.dumps(exempt.tolist()).encode()))


def members_today(lake: Lake, day: date) -> Members:
    """Who is there on a day, those who object to being measured among them; nothing is kept of it."""
    return _read(lake, Block.of(day), day, objecting=True)


def _read(lake: Lake, block: Block, day: date, *, objecting: bool = False) -> Members:
    """Members as of a day, without those who object to being measured where it does not ask for them."""
    files = tuple(part.file for name in ROSTER for part in lake.registry.parts(name))
    out = () if objecting else tuple(lake.registry.all_kept(OBJECTED))
    found = _read_once(lake, files, block, day, out)
    if objecting or lake.registry.kept(TAKEN, "") is None:
        return replace(found, exempt=None)
    return found


@lru_cache(maxsize=32)
def _read_once(lake: Lake, _: tuple[str, ...], block: Block, day: date, out: tuple[str, ...]) -> Members:
    """The same files say the same: a file is replaced whole, under a name of its own."""
    found = lake.run("members", ["person", "membership"], {"day": day})
    units = lake.run("units", ["unit"], {})
    left_out = lake.run("exempt", ["exempt"], {"since": block.since, "until": block.until})["who"]
    here = ~np.isin(found["who"], out)
    tree = list(zip(units["unit"], units["parent"], units["lead"], strict=True))
    kept: dict[str, Any] = {
        **{name: found[name][here].tolist() for name in ("who", "unit", "role")},
        "parents": {unit: parent for unit, parent, _ in tree if parent is not None},
        "leads": {unit: lead for unit, _, lead in tree if lead is not None},
    }
    members = _of(block, kept)
    return replace(members, exempt=members.places_of(left_out.astype(str).tolist()))


def _of(block: Block, kept: Mapping[str, Any]) -> Members:
    who, unit, role = (np.array(kept[name], object) for name in ("who", "unit", "role"))
    parents: Mapping[UnitId, UnitId] = kept["parents"]
    return Members(block, who, unit, role, parents, kept["leads"], _below(unit, parents))


def _below(unit: NDArray[np.object_], parents: Mapping[UnitId, UnitId]) -> Mapping[str, Places]:
    """The places of everybody in each unit and below it, each person looked at once for each unit above."""
    names, of = np.unique(unit.astype(str), return_inverse=True)
    order = np.argsort(of, kind="stable")
    ends = np.searchsorted(of[order], np.arange(len(names) + 1))
    found: dict[str, list[Places]] = {}
    for number, name in enumerate(names.tolist()):
        if name:
            for upper in above(name, parents):
                found.setdefault(upper, []).append(order[ends[number] : ends[number + 1]])
    return {name: np.sort(np.concatenate(parts)) for name, parts in found.items()}
