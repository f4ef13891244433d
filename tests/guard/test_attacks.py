"""Attacks that work on gates as they are sold, and on ours do not: search, averaging, outliers, collusion."""

import json
import math
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pytest

from conftest import Need
from counterfoil.guard.atoms import Atoms
from counterfoil.guard.dominance import OTHERS_SHARE, TWO_SHARE, may_show_sum
from counterfoil.guard.figures import COLLUDING
from counterfoil.guard.release import release
from counterfoil.terms.release import Permit, Refuse, Released, Withheld
from guard.organisation import ask, gate, lived, people_rows, programme, put_in_force, viewer
from guard.test_atoms import FLOOR, PEOPLE, Gate, Group, Ours, Plain, given_away

SEED = 11


def attributes(seed: int = SEED) -> dict[str, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """What anybody may know of 1,200 colleagues and filter by."""
    rng = np.random.default_rng(seed)
    return {
        "unit": np.arange(PEOPLE) // 12,
        "role": rng.integers(0, 4, PEOPLE),
        "site": rng.integers(0, 9, PEOPLE),
        "joined": rng.integers(0, 20, PEOPLE),
    }


def tracker_search(gate: Gate) -> None:
    """For each person alone in some way, halve the company until a group is a tracker, then solve for them.

    Source: Denning and Schloerer, ACM TODS 5(1), 1980: a tracker is found in a number of questions that grows
    with the logarithm of the company.
    """
    everyone = np.arange(PEOPLE)
    for target in range(0, PEOPLE, 10):
        found = np.delete(everyone, target)
        while len(found) > PEOPLE - 2 * FLOOR:
            found = found[: len(found) // 2]
        rest = np.setdiff1d(everyone, found)
        for group in (np.union1d(found, [target]), np.union1d(rest, [target]), found, rest):
            gate.ask(group)


def automatic_search(gate: Gate) -> None:
    """A machine that puts filters together until an answer differs from one it has by a handful of people.

    After QueryCheetah (CCS 2024): questions are searched for, and not thought of.
    """
    rng = np.random.default_rng(SEED)
    known = attributes()
    names = list(known)
    held: list[frozenset[int]] = []
    for _ in range(1_500):
        inside = np.ones(PEOPLE, np.bool_)
        for name in rng.choice(names, int(rng.integers(1, 4)), replace=False):
            value = rng.choice(known[name])
            inside &= (known[name] != value) if rng.random() < 0.6 else (known[name] == value)
        group = frozenset(np.flatnonzero(inside).tolist())
        near = any(0 < len(group ^ other) < FLOOR for other in held)
        if (near or rng.random() < 0.25) and gate.ask(np.array(sorted(group), np.int64)):
            held.append(group)
    for other in list(held[:40]):
        for person in list(other)[:3]:
            gate.ask(np.array(sorted(other - {person}), np.int64))


@pytest.mark.parametrize("attack", [tracker_search, automatic_search], ids=lambda a: str(a.__name__))
def test_a_search_works_on_a_plain_floor_and_not_on_atoms(attack: Callable[[Gate], None]) -> None:
    plain, ours = Plain(), Ours()
    attack(plain)
    attack(ours)
    exact, kept = (given_away(gate.shown, PEOPLE, FLOOR) for gate in (plain, ours))
    print(f"{attack.__name__}: a plain floor gives {exact} people away, atoms {kept}")
    assert exact > 20
    assert kept == 0


class Noisy:
    """A floor of five and fresh noise on every answer; or the same noise for the same people."""

    def __init__(
        self, values: np.ndarray[tuple[int], np.dtype[np.float64]], scale: float, *, sticky: bool
    ) -> None:
        self.values, self.scale, self.sticky = values, scale, sticky
        self.rng = np.random.default_rng(SEED)

    def ask(self, group: Group, filters: str = "") -> float:
        rng = np.random.default_rng(crc32(group.tobytes() + filters.encode())) if self.sticky else self.rng
        return float(self.values[group].sum() + rng.laplace(0, self.scale))


def test_noise_is_averaged_away_and_an_answer_that_is_kept_is_not(tmp_path: Path) -> None:
    """Fresh noise falls by asking often; sticky noise by asking the same people in other words.

    Source: Asghar and Kaafar, arXiv 1902.06414; Gadotti et al., USENIX Security 2019.
    """
    rng = np.random.default_rng(SEED)
    values = np.exp(rng.normal(8, 1.5, PEOPLE))
    scale = float(np.median(values))
    for sticky in (False, True):
        noisy = Noisy(values, scale, sticky=sticky)
        close = 0
        for person in range(20):
            group, less = np.arange(20), np.delete(np.arange(20), person)
            guesses = [
                noisy.ask(group, f"in words {n}") - noisy.ask(less, f"in words {n}") for n in range(4_000)
            ]
            close += abs(float(np.mean(guesses)) - values[person]) < 0.1 * scale
        print(
            f"{'sticky' if sticky else 'fresh'} noise: {close} of 20 people are told to a tenth of the noise"
        )
        assert close >= 18
    with gate(tmp_path) as g:
        who = people_rows(g)
        lived(g, who)
        put_in_force(g, programme())
        told = {str(release(g, ask(), viewer(who[n * 12])).answers[0].verdict) for n in range(12)}
        assert len(told) == 1
        assert isinstance(release(g, ask(), viewer(who[5])).answers[0].verdict, Released)
        fewer = release(g, ask(role="engineering", unit="department-0"), viewer(who[5])).answers[0]
        again = release(g, ask(unit="department-0", role="engineering"), viewer(who[5])).answers[0]
        assert fewer == again


def test_whoever_is_second_can_not_work_out_the_first() -> None:
    """A team of eight with one outlier: the plain sum, less one's own part, all but tells the outlier."""
    values = np.array([10_000.0, 900, *[20.0] * 6])
    plain = float(values.sum())
    assert abs((plain - values[1]) / values[0] - 1) < 0.2
    assert isinstance(may_show_sum(values, cap=math.inf), Withheld)


def test_a_group_of_equals_is_not_told() -> None:
    """The plain sum of nothing tells of each that they did nothing."""
    assert float(np.zeros(12).sum()) == 0
    assert isinstance(may_show_sum(np.zeros(12), cap=math.inf), Withheld)
    assert isinstance(may_show_sum(np.full(12, 7.0), cap=math.inf), Withheld)


def test_viewers_in_a_group_do_not_count_for_their_own_protection() -> None:
    """In a group of five its member sees four others; in one of six, two who talk see four."""
    five, six, eight = np.arange(5), np.arange(6), np.arange(8)
    plain = Plain()
    assert plain.ask(five)
    assert plain.ask(six)
    ours = Atoms(people=PEOPLE, floor=FLOOR, colluding=COLLUDING)
    assert isinstance(ours.may_release(five), Refuse)
    assert isinstance(ours.may_release(six), Refuse)
    assert isinstance(ours.may_release(eight), Permit)
    assert ours.least - COLLUDING >= FLOOR


def groups(seed: int, count: int) -> Sequence[np.ndarray[tuple[int], np.dtype[Any]]]:
    """Groups of three to thirty with a heavy tail."""
    rng = np.random.default_rng(seed)
    return [np.round(np.exp(rng.normal(8, 1.8, int(rng.integers(3, 31)))), 3) for _ in range(count)]


def test_an_independent_checker_says_the_same_of_size_and_dominance(need: Need) -> None:
    """acro 1.0.2 with our floor and shares, on 400 groups; it pins old libraries, so it runs apart."""
    some = groups(SEED, 400)
    asked = {
        "groups": [group.tolist() for group in some],
        "threshold": FLOOR,
        "k": TWO_SHARE,
        "p": OTHERS_SHARE,
    }
    uv = Path(sys.executable).parent / "uv"
    line = [str(uv), "run", "-q", "--no-project", "--with", "acro==1.0.2", "python"]
    script = Path(__file__).with_name("oracle_acro.py")
    done = subprocess.run([*line, str(script)], input=json.dumps(asked), capture_output=True, text=True)
    need("acro", done.returncode == 0, f"{uv.name} run --with acro==1.0.2 python -c ''")
    told = json.loads(done.stdout.splitlines()[-1])
    withheld = 0
    for group, verdict in zip(some, told, strict=True):
        theirs = {name.strip() for name in verdict} & {"NKCheck", "PPercentCheck"}
        ours = isinstance(may_show_sum(group, cap=math.inf), Withheld)
        assert ours == bool(theirs), (group, verdict)
        small = "MinimumThresholdCheck" in {name.strip().rstrip(";") for name in verdict}
        assert small == (len(group) < FLOOR), (len(group), verdict)
        withheld += ours
    print(f"acro and we withhold {withheld} of {len(some)} groups")
    assert 40 < withheld < 300
