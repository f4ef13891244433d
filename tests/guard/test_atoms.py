"""The atom rule against known attacks: each succeeds against a plain floor, and fails against the rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from counterfoil.guard.atoms import Atoms, plan_first
from counterfoil.terms.release import Permit, Refuse

Group = NDArray[np.int64]
PEOPLE, FLOOR = 1_200, 5


@dataclass
class Plain:
    """What products do: a group of at least the floor is shown."""

    floor: int = FLOOR
    shown: list[Group] = field(default_factory=list)

    def ask(self, group: Group) -> bool:
        if len(group) < self.floor:
            return False
        self.shown.append(group)
        return True


@dataclass
class Ours:
    """The atom rule."""

    atoms: Atoms = field(default_factory=lambda: Atoms(people=PEOPLE, floor=FLOOR))
    shown: list[Group] = field(default_factory=list)

    def ask(self, group: Group) -> bool:
        if isinstance(self.atoms.release(group), Refuse):
            return False
        self.shown.append(group)
        return True


Gate = Plain | Ours


def given_away(shown: Sequence[Group], people: int, floor: int) -> int:
    """People in groups of fewer than the floor whose sum is a linear combination of the sums that were shown.

    An audit that knows nothing of atoms: people in exactly the same groups are one column, and what can be
    solved for a column is told by the row space of the questions.
    """
    if not any(len(group) for group in shown):
        return 0
    matrix = np.zeros((len(shown), people), np.int8)
    for row, group in enumerate(shown):
        matrix[row, group] = 1
    columns, counts = np.unique(matrix, axis=1, return_counts=True)
    kept = columns.any(axis=0)
    columns, counts = columns[:, kept].astype(np.float64), counts[kept]
    _, values, right = np.linalg.svd(columns, full_matrices=False)
    rank = int((values > values.max() * 1e-9).sum())
    solved = (right[:rank] ** 2).sum(axis=0) > 1 - 1e-6
    return int(counts[solved & (counts < floor)].sum())


def organisation(seed: int) -> tuple[list[list[Group]], list[Group]]:
    """Company, divisions, departments and teams; and what a filter can choose: place, level, gender, tool."""
    rng = np.random.default_rng(seed)
    everybody = np.arange(PEOPLE)
    levels = [[everybody]]
    for size in (300, 60, 8):
        below = []
        for unit in levels[-1]:
            cuts = np.cumsum(
                rng.integers(max(size // 2, 3), size * 3 // 2, len(unit) // max(size // 2, 3) + 1)
            )
            below += [part for part in np.split(unit, cuts[cuts < len(unit)]) if len(part)]
        levels.append(below)
    filters = [np.flatnonzero(rng.random(PEOPLE) < share) for share in (0.5, 0.3, 0.1, 0.03)]
    return levels, filters


def plan(gate: Gate, levels: list[list[Group]]) -> None:
    for level in levels:
        for unit in level:
            gate.ask(unit)


def everything(gate: Gate) -> None:
    """The whole plan, then every filter in every unit, and what is left beside it."""
    levels, filters = organisation(1)
    plan(gate, levels)
    for level in levels:
        for unit in level:
            for chosen in filters:
                gate.ask(np.intersect1d(unit, chosen))
                gate.ask(np.setdiff1d(unit, chosen))


def total_minus_parts(gate: Gate) -> None:
    """A hidden small team is its department less the teams that are shown. No filter is needed."""
    levels, _ = organisation(2)
    plan(gate, levels)


def all_but_one(gate: Gate) -> None:
    """Seven men and a woman: everybody, and the men."""
    gate.ask(np.arange(8))
    gate.ask(np.arange(7))


def tracker(gate: Gate) -> None:
    """A person known by three traits, padded with a tracker.

    Source: Denning, Denning and Schwartz (1979), The Tracker, ACM TODS 4(1).
    """
    rng = np.random.default_rng(3)
    target = np.array([600])
    half = np.setdiff1d(np.flatnonzero(rng.random(PEOPLE) < 0.5), target)
    rest = np.setdiff1d(np.arange(PEOPLE), half)
    for group in (np.union1d(half, target), np.union1d(rest, target), half, rest, np.arange(PEOPLE)):
        gate.ask(group)


def joiner(gate: Gate) -> None:
    """The same team before and after somebody joined it."""
    gate.ask(np.arange(20))
    gate.ask(np.arange(21))


def cost_against_tokens(gate: Gate) -> None:
    """Some groups by tokens, others by cost: the two are proportional, so their sums can be subtracted."""
    for start, end in ((0, 30), (0, 24), (24, 30), (3, 30)):
        gate.ask(np.arange(start, end))


def random_subsets(gate: Gate) -> None:
    """Sums over random groups until they can be solved.

    Source: Dinur and Nissim (2003), Revealing information while preserving privacy, PODS.
    """
    rng = np.random.default_rng(4)
    pool = np.arange(40)
    for _ in range(200):
        gate.ask(pool[rng.random(40) < 0.5])


ATTACKS: Sequence[Callable[[Gate], None]] = (
    total_minus_parts,
    all_but_one,
    tracker,
    joiner,
    cost_against_tokens,
    random_subsets,
    everything,
)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: str(attack.__name__))
def test_an_attack_works_on_a_plain_floor_and_not_on_atoms(attack: Callable[[Gate], None]) -> None:
    plain, ours = Plain(), Ours()
    attack(plain)
    attack(ours)
    exact, kept = (given_away(gate.shown, PEOPLE, FLOOR) for gate in (plain, ours))
    print(f"{attack.__name__}: a plain floor gives {exact} people away, atoms {kept}")
    assert exact > 0
    assert kept == 0
    assert ours.atoms.sizes().min() >= FLOOR + 1


def test_most_units_are_still_shown() -> None:
    gate = Ours()
    levels, _ = organisation(1)
    plan(gate, levels)
    units = sum(len(unit) for unit in levels[3])
    shown = sum(len(group) for group in gate.shown if len(group) < 13)
    assert shown > 0.5 * units


members = st.lists(st.integers(0, 59), min_size=0, max_size=60, unique=True)


@given(st.lists(members, max_size=25), st.integers(1, 6), st.integers(0, 2))
def test_no_combination_of_releases_covers_fewer_than_the_floor(
    asked: list[list[int]], floor: int, colluding: int
) -> None:
    """Every released group is whole atoms, and every atom is large."""
    atoms = Atoms(people=60, floor=floor, colluding=colluding)
    shown = []
    for group in asked:
        before = atoms.atom_of()
        verdict = atoms.release(np.array(group, np.int64))
        if isinstance(verdict, Permit):
            shown.append(group)
        else:
            assert (atoms.atom_of() == before).all()
    assert atoms.sizes().sum() == 60
    assert atoms.sizes().min() >= floor + colluding or len(atoms.sizes()) == 1
    assert (np.bincount(atoms.atom_of(), minlength=len(atoms.sizes())) == atoms.sizes()).all()
    assert given_away([np.array(g, np.int64) for g in shown], 60, floor) == 0
    for group in shown:
        inside = np.bincount(atoms.atom_of()[group], minlength=len(atoms.sizes()))
        assert set(inside[inside > 0].tolist()) <= set(atoms.sizes()[inside > 0].tolist())
        assert (inside[inside > 0] == atoms.sizes()[inside > 0]).all()


@given(st.lists(members, max_size=12))
def test_the_same_question_is_answered_the_same_later(asked: list[list[int]]) -> None:
    atoms = Atoms(people=60, floor=3)
    permitted = [g for g in asked if isinstance(atoms.release(np.array(g, np.int64)), Permit)]
    assert all(isinstance(atoms.release(np.array(g, np.int64)), Permit) for g in permitted)
    kept = Atoms.resumed(atoms.atom_of(), floor=3)
    for group in asked:
        one, two = (a.may_release(np.array(group, np.int64)) for a in (atoms, kept))
        assert one == two


def test_a_refusal_says_a_clause_and_no_name() -> None:
    atoms = Atoms(people=20, floor=5)
    for group in ([], [1, 2], list(range(17))):
        verdict = atoms.may_release(np.array(group, np.int64))
        assert isinstance(verdict, Refuse)
        assert verdict.clause == "atoms"
        assert verdict.why
    assert isinstance(atoms.may_release(np.arange(20)), Permit)


def test_what_can_not_be_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Atoms(people=5, floor=0)
    with pytest.raises(ValueError, match="nobody"):
        Atoms.resumed(np.array([0] * 10 + [2], np.int32), floor=5)


def test_what_is_known_from_elsewhere_is_taken_whole_or_not_at_all() -> None:
    """An invoice names a cost centre of three: from then on no answer may be an answer without it."""
    atoms = Atoms(people=40, floor=5)
    atoms.publish_elsewhere(np.arange(3))
    assert atoms.sizes().tolist() == [37, 3]
    assert isinstance(atoms.may_release(np.arange(3)), Refuse)
    assert isinstance(atoms.may_release(np.arange(2, 20)), Refuse)
    assert isinstance(atoms.may_release(np.arange(8)), Refuse)
    assert isinstance(atoms.release(np.arange(9)), Permit)
    assert isinstance(atoms.release(np.arange(40)), Permit)
    resumed = Atoms.resumed(atoms.atom_of(), floor=5)
    assert resumed.sizes().tolist() == atoms.sizes().tolist()
    assert isinstance(resumed.may_release(np.arange(3, 9)), Permit)


def test_a_floor_that_is_raised_later_leaves_older_atoms_whole() -> None:
    atoms = Atoms(people=60, floor=5)
    assert isinstance(atoms.release(np.arange(8)), Permit)
    raised = Atoms.resumed(atoms.atom_of(), floor=20)
    assert isinstance(raised.may_release(np.arange(8)), Refuse)
    assert isinstance(raised.may_release(np.arange(4, 40)), Refuse)
    assert isinstance(raised.may_release(np.arange(30)), Permit)


def test_a_large_organisation_is_planned_from_the_top() -> None:
    """85,000 people in some 13,000 units."""
    sizes = (7_000, 600, 60, 8)
    groups: list[Group] = [np.arange(85_000)]
    for size in sizes:
        groups += [np.arange(start, min(start + size, 85_000)) for start in range(0, 85_000, size)]
    atoms = Atoms(people=85_000, floor=5)
    verdicts = plan_first(atoms, groups)
    shown = sum(isinstance(v, Permit) for v in verdicts)
    assert len(groups) > 12_000
    assert shown > 0.5 * len(groups)
    assert atoms.sizes().min() >= 6
