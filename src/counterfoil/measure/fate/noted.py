"""What a replay has noted so far: columns that only grow, and the files as they are where work goes on."""

from array import array
from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from counterfoil.measure.fate.mainline import Mainline
from counterfoil.measure.fate.placed import Placed
from counterfoil.terms.history import Commit

File = tuple[str, "array[int] | None"]
"""A file's blob and its placements, never changed in place; None where it has no lines to follow."""
State = dict[str, File]
Column: TypeAlias = "array[int] | bytearray"


class Noted:
    """All that the commits replayed so far leave behind."""

    def __init__(self, commits: Sequence[Commit], *, formatting: frozenset[int]) -> None:
        self.commits = commits
        self.placed = Placed()
        self.taken = array("i")
        self.takers = array("i")
        """Pairs: how many of `taken`, and by which commit, signed by how (negative: deleted)."""
        self.mainline = Mainline(commits)
        self.removed_counted = np.zeros(len(commits), np.int32)
        self.added_counted = np.zeros(len(commits), np.int32)
        self.moved_lines = self.formatting_lines = 0
        self.formatting = set(formatting)
        self.states: dict[int, State] = {}
        """The files after each commit that still has children to come, and after the last one."""

    def columns(self) -> Mapping[str, Column]:
        """Everything that is only ever added to, so that a length says how it was at any earlier commit."""
        placed, mainline = self.placed, self.mainline
        return {
            "origin": placed.origin,
            "life": placed.life,
            "path": placed.path,
            "counted": placed.counted,
            "evidence": placed.evidence,
            "session": placed.session,
            "tool": placed.tool,
            "taken": self.taken,
            "takers": self.takers,
            "gone": mainline.gone,
            "gone_at": mainline.gone_at,
            "come": mainline.come,
            "come_at": mainline.come_at,
        }
