"""The atoms of each fact and block, kept on disk: one partition for all viewers, figures and filters."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from counterfoil.guard.atoms import Atoms, plan_first
from counterfoil.guard.figures import COLLUDING
from counterfoil.guard.members import Members, Places
from counterfoil.guard.shown import floor_of_fact
from counterfoil.measure.cohort.metric import METRICS, Fact
from counterfoil.store.lake import Lake
from counterfoil.store.registry import Change
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Kind
from counterfoil.terms.period import Block
from counterfoil.terms.programme import Programme
from counterfoil.terms.release import Permit, Refuse

ATOMS = "atoms"


@dataclass(frozen=True, slots=True)
class Partition:
    """The atoms of one fact and block."""

    fact: Fact
    members: Members
    atoms: Atoms
    is_new: bool
    """Whether nothing was released of it before."""
    of_counted: bool = False
    """Whether it parts those alone of whom a share of people is, without the exempt."""

    @property
    def name(self) -> str:
        """Its name in the registry."""
        return _name(self.fact, self.members.block, of_counted=self.of_counted)

    def may_release(self, places: Places) -> Permit | Refuse:
        """Whether a sum over some of the block's people may be released; nothing is remembered of it."""
        some = self.some(places)
        # That everybody in a group is exempt is not to be told from that many of it are.
        return self.atoms.may_release(some) if len(some) or not len(places) else self.atoms.too_few

    def release(self, places: Places) -> Permit | Refuse:
        """Release it, and part the atoms by it; a refusal changes nothing."""
        verdict = self.may_release(places)
        return self.atoms.release(self.some(places)) if isinstance(verdict, Permit) else verdict

    def some(self, places: Places) -> Places:
        """The places of some of the block's people among those that it parts."""
        return self.members.counted_of(places) if self.of_counted else places

    def keep(self, change: Change) -> None:
        """Keep the atoms as they are now; before anything that parted them is read."""
        kept = {"atom_of": self.atoms.atom_of().tolist()}
        change.keep(ATOMS, self.name, zlib.compress(json.dumps(kept).encode()))


def named(fact: Fact, block: Block) -> str:
    """The name of a fact's atoms of a block; facts that share them have one name."""
    return f"{fact.parted_as}/{block}"


def _name(fact: Fact, block: Block, *, of_counted: bool) -> str:
    return f"{named(fact, block)}/counted" if of_counted else named(fact, block)


def _kinds(fact: Fact) -> Mapping[MetricId, Kind]:
    return {m.id: m.kind for m in METRICS.values() if m.fact.parted_as is fact.parted_as}


def partition_of(
    lake: Lake, fact: Fact, members: Members, programme: Programme, *, of_counted: bool = False
) -> Partition:
    """The atoms of a fact and block as they were kept, under the largest floor of any figure of the fact.

    New ones begin with the plan. Shares of people have atoms of their own beside these, without the exempt:
    an atom of people some of whom are in no share would be fewer than the floor.

    Source: rule R10, the plan is released before any other question.
    """
    floor = floor_of_fact(programme, _kinds(fact))
    kept = lake.registry.kept(ATOMS, _name(fact, members.block, of_counted=of_counted))
    if kept is not None:
        atom_of = np.array(json.loads(zlib.decompress(kept))["atom_of"], np.int32)
        atoms = Atoms.resumed(atom_of, floor=floor, colluding=COLLUDING)
        return Partition(fact, members, atoms, is_new=False, of_counted=of_counted)
    people = len(members) - (len(members.left_out()) if of_counted else 0)
    atoms = Atoms(people=people, floor=floor, colluding=COLLUDING)
    found = Partition(fact, members, atoms, is_new=True, of_counted=of_counted)
    plan_first(atoms, [found.some(places) for places in members.plan()])
    return found
