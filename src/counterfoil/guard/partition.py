"""The atoms of each fact and block, kept on disk: one partition for all viewers, figures and filters."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from counterfoil.guard.atoms import Atoms, plan_first
from counterfoil.guard.figures import COLLUDING
from counterfoil.guard.members import Members
from counterfoil.guard.shown import floor_of_fact
from counterfoil.measure.cohort.metric import METRICS, Fact
from counterfoil.store.lake import Lake
from counterfoil.store.registry import Change
from counterfoil.terms.ids import MetricId
from counterfoil.terms.metric import Kind
from counterfoil.terms.period import Block
from counterfoil.terms.programme import Programme

ATOMS = "atoms"


@dataclass(frozen=True, slots=True)
class Partition:
    """The atoms of one fact and block."""

    fact: Fact
    members: Members
    atoms: Atoms
    is_new: bool
    """Whether nothing was released of it before."""

    @property
    def name(self) -> str:
        """Its name in the registry."""
        return named(self.fact, self.members.block)

    def keep(self, change: Change) -> None:
        """Keep the atoms as they are now; before anything that parted them is read."""
        kept = {"atom_of": self.atoms.atom_of().tolist()}
        change.keep(ATOMS, self.name, zlib.compress(json.dumps(kept).encode()))


def named(fact: Fact, block: Block) -> str:
    """The name of a fact's atoms of a block; facts that share them have one name."""
    return f"{fact.parted_as}/{block}"


def _kinds(fact: Fact) -> Mapping[MetricId, Kind]:
    return {m.id: m.kind for m in METRICS.values() if m.fact.parted_as is fact.parted_as}


def partition_of(lake: Lake, fact: Fact, members: Members, programme: Programme) -> Partition:
    """The atoms of a fact and block as they were kept, under the largest floor of any figure of the fact.

    New ones begin with the plan.

    Source: rule R10, the plan is released before any other question.
    """
    floor = floor_of_fact(programme, _kinds(fact))
    kept = lake.registry.kept(ATOMS, named(fact, members.block))
    if kept is not None:
        atom_of = np.array(json.loads(zlib.decompress(kept))["atom_of"], np.int32)
        return Partition(
            fact, members, Atoms.resumed(atom_of, floor=floor, colluding=COLLUDING), is_new=False
        )
    atoms = Atoms(people=len(members), floor=floor, colluding=COLLUDING)
    plan_first(atoms, members.plan())
    return Partition(fact, members, atoms, is_new=True)
