"""The works that a sample is drawn from, and how: by kind and block, never by how much AI was used."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from counterfoil.guard.sample_judged import Judging
from counterfoil.guard.shown import LEAST_FLOOR
from counterfoil.measure.gaming.assessed import picked_by
from counterfoil.measure.gaming.sample import FEWEST_SAMPLED, designed
from counterfoil.measure.interval import Counts
from counterfoil.store.lake import Lake
from counterfoil.terms.metric import Level
from counterfoil.terms.release import Refuse
from counterfoil.terms.sample import Arm, SamplePlan

TABLES = ("work_fate", "landing", "deployment", "joined")
AGENT = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One work that could be drawn."""

    who: str
    """Only counted while it is drawn, and never kept."""
    kind: str
    work: str
    repository: str
    commits: str
    group: str
    arm: Arm
    block: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a sheet, with the stratum that its work was drawn from."""

    line: str
    kind: str
    work: str
    repository: str
    commits: str
    stratum: int
    again: bool = False
    """Whether it is the second look at a work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One arm of one group: how many works there are and whose, in counts alone, and the lines drawn."""

    group: str
    arm: Arm
    frame: Sequence[int]
    """Works that there are, by stratum."""
    people: int
    """People whose works were drawn."""
    largest: int
    """Works of whoever has the most of them."""
    lines: Sequence[Line]

    def written(self) -> Mapping[str, object]:
        """What is kept of it."""
        return asdict(self)

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> "Cell":
        """A cell as it was kept."""
        return cls(**{**told, "arm": Arm(told["arm"]), "lines": [Line(**line) for line in told["lines"]]})


def read_frame(lake: Lake, judging: Judging) -> Sequence[Found]:
    """Every work of the groups, of those who were members in its block and don't object; the log has it.

    Where works have commits, those that have none are left out: nobody could find AI in them, so they would
    be controls by name alone, and an empty cell would tell whoever assesses them so.
    """
    found: list[Found] = []
    for members, groups in zip(judging.members, judging.groups, strict=True):
        values = {"since": members.block.since, "until": members.block.until}
        rows = lake.run("sampled", TABLES, values)
        group_of = {members.who[at]: group.name for group in groups for at in group.places}
        company = next((group.name for group in groups if group.is_company), None)
        if company is not None:
            group_of[AGENT] = company
        columns = (rows[name] for name in ("who", "kind", "work", "repository", "commits", "assisted"))
        found += [
            Found(
                who=str(who), kind=str(kind), work=str(work), repository=str(repository),
                commits=str(commits), group=group_of[who],
                arm=Arm.ASSISTED if assisted else Arm.CONTROL, block=str(members.block),
            )
            for who, kind, work, repository, commits, assisted in zip(*columns, strict=True)
            if who in group_of
        ]  # fmt: skip
    return [one for one in found if one.commits] or found


def drawn_lines(found: Sequence[Found], plan: SamplePlan, start: str) -> Sequence[Cell] | Refuse:
    """The lines of every group that has enough works of enough people."""
    cells: list[Cell] = []
    for group in sorted({one.group for one in found}):
        mine = [cell for cell in _cells(found, plan, group, start) if _is_told(cell)]
        # Controls alone would say nothing of AI.
        if any(cell.arm is Arm.ASSISTED for cell in mine) or (mine and plan.by is Level.COMPANY):
            cells += mine
    if not cells:
        return Refuse("sample-few", "No group has enough works of enough people to draw from.")
    return cells


def _is_told(cell: Cell) -> bool:
    """Whether so many works of so many people were drawn that something could be told of them."""
    drawn = sum(not line.again for line in cell.lines)
    return drawn >= FEWEST_SAMPLED and cell.people >= 2 * LEAST_FLOOR and 2 * cell.largest <= drawn


def _cells(found: Sequence[Found], plan: SamplePlan, group: str, start: str) -> Iterator[Cell]:
    controls = round(plan.works * plan.controls)
    for arm, looks in ((Arm.ASSISTED, plan.works - controls), (Arm.CONTROL, controls)):
        mine = [one for one in found if one.group == group and one.arm is arm]
        if len(mine) >= FEWEST_SAMPLED:
            yield _cell(mine, group, arm, looks, plan.twice, start)


def _cell(mine: Sequence[Found], group: str, arm: Arm, looks: int, twice: float, start: str) -> Cell:
    """Draw the works of one arm of a group."""
    stratum = _strata(mine, looks)
    frame = np.bincount(stratum)
    order = np.array([_chance(start, "work", one) for one in mine])
    picked = picked_by(order, stratum, designed(frame, looks).sampled).tolist()
    again = sorted(picked, key=lambda at: _chance(start, "twice", mine[at]))[: round(twice * len(picked))]
    makers = Counter(mine[at].who or mine[at].work for at in picked)
    people = Counter(mine[at].who for at in picked if mine[at].who != AGENT)
    return Cell(
        group=group,
        arm=arm,
        frame=frame.tolist(),
        people=len(people),
        largest=max(makers.values()),
        lines=[
            *(_line(mine[at], int(stratum[at]), start, again=False) for at in picked),
            *(_line(mine[at], int(stratum[at]), start, again=True) for at in again),
        ],
    )


def _strata(mine: Sequence[Found], looks: int) -> Counts:
    """The stratum of each work: its kind and block; fewer where they would be too small to be looked at."""
    for names in ([f"{one.kind} {one.block}" for one in mine], [one.kind for one in mine]):
        found, stratum = np.unique(names, return_inverse=True)
        if 4 * len(found) <= looks:
            return stratum.astype(np.int64)
    return np.zeros(len(mine), np.int64)


def _line(one: Found, stratum: int, start: str, *, again: bool) -> Line:
    name = _hash(start, "again" if again else "line", one)[:10]
    return Line(
        line=name, kind=one.kind, work=one.work, repository=one.repository, commits=one.commits,
        stratum=stratum, again=again,
    )  # fmt: skip


def _chance(start: str, what: str, one: Found) -> float:
    return int(_hash(start, what, one)[:13], 16) / 16**13


def _hash(start: str, what: str, one: Found) -> str:
    return hashlib.sha256(f"{start}\n{what}\n{one.kind}\n{one.work}".encode()).hexdigest()
