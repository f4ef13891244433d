"""Histories told by hand: changes that land, lines that end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from counterfoil.measure.fate.lines import DELETED, REWRITTEN, STANDS, LineFates
from counterfoil.terms.absent import Unknown
from counterfoil.terms.history import Commit, MergeStyle, Says
from counterfoil.terms.ids import CommitId
from counterfoil.terms.mark import Evidence, Mark

DAY = 86_400
SILENT = Says()
START = 1_700_000_000 // DAY * DAY


def marked(evidence: Evidence) -> Mark:
    return Mark(evidence=evidence, tool="claude-code", session=Unknown("none named"), whole=True)


@dataclass
class Lines:
    origin: int
    landed: int
    evidence: int
    path: str
    counted: bool
    count: int
    ended: int = -1
    killer: int = -1


@dataclass
class Story:
    """Every change is one commit on the main line, or a merge of the commits of its branch."""

    commits: list[Commit] = field(default_factory=list)
    mainline: list[int] = field(default_factory=list)
    landed_in: list[int] = field(default_factory=list)
    landed_at: list[int] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    undone: dict[int, int] = field(default_factory=dict)
    lines: list[Lines] = field(default_factory=list)

    def change(
        self,
        day: float,
        says: Says = SILENT,
        *,
        branch: Sequence[Says] = (),
        evidence: int = 0,
        author: int = 0,
        mine: bool = False,
        removed: int = 0,
    ) -> int:
        """Land a change; its index into the main line."""
        at = START + int(day * DAY)
        change = len(self.mainline)
        marks = (marked(Evidence(evidence)),) if evidence else ()
        own = (*branch, says)
        parents = tuple(range(2 if branch else 1))
        for n, words in enumerate(own):
            position = len(self.commits)
            last = n == len(own) - 1
            self.commits.append(
                Commit(
                    id=self.name(position),
                    parents=parents if last else (0,),
                    authored_at=at,
                    committed_at=at,
                    author=author,
                    mine=mine,
                    marks=marks,
                    says=words,
                )
            )
            self.landed_in.append(change)
            self.removed.append(removed if n == 0 else 0)
        self.mainline.append(len(self.commits) - 1)
        self.landed_at.append(at)
        return change

    @staticmethod
    def name(position: int) -> CommitId:
        """The position in hex, 40 digits, backwards, so that short names differ."""
        return CommitId(f"{position:040x}"[::-1])

    def name_of(self, change: int, part: int = -1) -> str:
        """Name of a change's own commit, or of a commit of its branch."""
        first = self.landed_in.index(change)
        return self.name(self.mainline[change] if part < 0 else first + part)

    def write(
        self,
        count: int,
        landed: int,
        ended: int = -1,
        *,
        evidence: int = 0,
        part: int = -1,
        by_part: int = -1,
        path: str = "src/a.py",
        counted: bool = True,
    ) -> None:
        """Lines that a change lands, and the change that ends them; a part is a commit of a branch."""

        def commit(change: int, of: int) -> int:
            return self.mainline[change] if of < 0 else self.landed_in.index(change) + of

        killer = commit(ended, by_part) if ended >= 0 else -1
        self.lines.append(Lines(commit(landed, part), landed, evidence, path, counted, count, ended, killer))

    def fates(self) -> LineFates:
        lines = [line for line in self.lines for _ in range(line.count)]
        paths = sorted({line.path for line in lines})
        size = len(lines)
        undone = [self.undone.get(change, -1) for change in range(len(self.mainline))]
        return LineFates(
            style=MergeStyle.FULL,
            commits=[replace(c) for c in self.commits],
            mainline=np.array(self.mainline, np.int32),
            landed_in=np.array(self.landed_in, np.int32),
            landed_at=np.array(self.landed_at, np.int64),
            undone=np.array(undone, np.int32),
            origin=np.array([line.origin for line in lines], np.int32),
            landed=np.array([line.landed for line in lines], np.int32),
            ended=np.array([line.ended for line in lines], np.int32),
            killer=np.array([line.killer for line in lines], np.int32),
            how=np.array(
                [STANDS if line.ended < 0 else (REWRITTEN, DELETED)[line.ended % 2] for line in lines],
                np.uint8,
            ),
            counted=np.array([line.counted for line in lines], np.bool_),
            path=np.array([paths.index(line.path) for line in lines], np.int32),
            evidence=np.array([line.evidence for line in lines], np.uint8),
            session=np.full(size, -1, np.int32),
            tool=np.full(size, -1, np.int32),
            paths=paths,
            tools=(),
            head={},
            removed_counted=np.array(self.removed, np.int32),
            moved_lines=0,
            formatting_lines=0,
            bulk=np.zeros(len(self.commits), np.bool_),
            caveats=(),
        )


@pytest.fixture(scope="session")
def story() -> Callable[[], Story]:
    """A new, empty history at each call."""
    return Story


def later(day: float) -> int:
    """The moment so many days after the story began."""
    return START + int(day * DAY)


@pytest.fixture(scope="session")
def on_day() -> Callable[[float], int]:
    """The moment so many days after the story began."""
    return later
