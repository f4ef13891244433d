"""The atom rule: no combination of the sums ever released covers fewer people than the floor."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from counterfoil.terms.release import Permit, Refuse

Members = NDArray[np.integer]
CLAUSE = "atoms"


@dataclass(slots=True)
class Atoms:
    """The people of one fact table and one block of four weeks, parted by what was released about them.

    Every released sum is over whole atoms, so whatever is added to or subtracted from whatever else (totals
    and parts, weeks and days, cost and tokens, answers to several viewers) is over whole atoms as well. An
    atom has more people than the floor, so that a viewer who is in it still has the floor in others.
    Decided from membership alone: a refusal says nothing about anybody's work.

    Source: query-set auditing (Chin and Ozsoyoglu, 1982) as a partition; the argument stands above.
    """

    people: int
    """How many people the block has; its membership is frozen on its first day."""
    floor: int
    """The largest floor of any metric of the fact table, in people other than the viewer."""
    colluding: int = 1
    """How many viewers may stand in one atom and lay their answers together."""
    _of: NDArray[np.int32] = field(init=False)
    _sizes: NDArray[np.int64] = field(init=False)
    """Room for as many atoms as there can be; unused ones are zero."""
    _count: int = field(init=False, default=1)

    def __post_init__(self) -> None:
        """Begin with everybody in one atom."""
        if self.floor < 1 or self.colluding < 0 or self.people < 0:
            raise ValueError("a floor is at least one, and nothing is below zero")
        self._of = np.zeros(self.people, np.int32)
        self._sizes = np.zeros(self.people + 1, np.int64)
        self._sizes[0] = self.people

    @property
    def least(self) -> int:
        """The fewest people of an atom."""
        return self.floor + self.colluding

    def may_release(self, members: Members) -> Permit | Refuse:
        """Whether a sum over some people may be released. Nothing is remembered of the question."""
        touched, inside = self._cut(members)
        if not len(touched):
            return Refuse(CLAUSE, "Nobody is in this group.")
        outside = self._sizes[touched] - inside
        # An atom that was small before it came here, by a figure published elsewhere, is taken whole or not.
        small = self._sizes[touched] < self.least
        cut = np.where(small, outside > 0, (inside < self.least) | ((outside > 0) & (outside < self.least)))
        if small.all() or cut.any():
            return self.too_few
        return Permit(CLAUSE)

    @property
    def too_few(self) -> Refuse:
        """That a group, with what was released before, is of fewer people than the floor."""
        return Refuse(
            CLAUSE,
            f"Together with what was released before, this would tell of fewer than {self.floor} people "
            "other than whoever looks.",
        )

    def release(self, members: Members) -> Permit | Refuse:
        """Release a sum over some people, and part the atoms by it; a refusal changes nothing."""
        verdict = self.may_release(members)
        if isinstance(verdict, Permit):
            self._part(np.unique(members))
        return verdict

    def publish_elsewhere(self, members: Members) -> None:
        """Part the atoms by a group whose sum is known from elsewhere: an invoice, a vendor's own report.

        Source: rule R9; what is published already is taken into account, however small the group.
        """
        self._part(np.unique(members))

    def sizes(self) -> NDArray[np.int64]:
        """How many people each atom has.

        Shape: (atoms,).
        """
        return self._sizes[: self._count].copy()

    def atom_of(self) -> NDArray[np.int32]:
        """Each person's atom, to be kept with the block.

        Shape: (people,).
        """
        return self._of.copy()

    @classmethod
    def resumed(cls, atom_of: NDArray[np.int32], *, floor: int, colluding: int = 1) -> "Atoms":
        """The atoms of a block as they were kept, under a floor that may have been raised since.

        Raises: ValueError where an atom is named that nobody is in.
        """
        atoms = cls(people=len(atom_of), floor=floor, colluding=colluding)
        sizes = np.bincount(atom_of, minlength=1)
        if len(sizes) > 1 and not sizes.all():
            raise ValueError("an atom has nobody in it")
        atoms._of = atom_of.astype(np.int32)
        atoms._sizes[: len(sizes)] = sizes
        atoms._count = len(sizes)
        return atoms

    def _cut(self, members: Members) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The atoms that a group touches, and how many of each are in it."""
        return np.unique(self._of[np.unique(members)], return_counts=True)

    def _part(self, members: Members) -> None:
        mine = self._of[members]
        touched, inside = np.unique(mine, return_counts=True)
        for atom, count in zip(touched.tolist(), inside.tolist(), strict=True):
            if count < self._sizes[atom]:
                self._of[members[mine == atom]] = self._count
                self._sizes[atom] -= count
                self._sizes[self._count] = count
                self._count += 1


def plan_first(atoms: Atoms, groups: Iterable[Members]) -> list[Permit | Refuse]:
    """Release a fixed plan, from the company down, before any question that comes to mind.

    Source: rule R10; what is released first is kept, and later questions have to fit it.
    """
    return [atoms.release(members) for members in groups]
