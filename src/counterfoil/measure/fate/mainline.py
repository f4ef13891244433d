"""The first-parent line: when each commit landed, what came and went, and what was put back."""

from array import array
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from counterfoil.measure.fate.lines import NONE, Ints
from counterfoil.measure.fate.reverts import WINDOW
from counterfoil.terms.history import Commit, FilePatch, mainline_of

ABSENT = ""
Seen = tuple[int, str]
"""A change and the blob that a path had before it."""
Event = tuple[int, list[tuple[str, str, str]]]
"""A change, and each path it touched with the blob before and after."""


class Mainline:
    """HEAD's first-parent line and the events on it."""

    def __init__(self, commits: Sequence[Commit]) -> None:
        self._commits = commits
        self.positions = mainline_of(commits)
        self.index = {position: i for i, position in enumerate(self.positions)}
        self.gone = array("i")
        self.come = array("i")
        self.gone_at = array("i")
        """Pairs: how many of `gone`, and at which index."""
        self.come_at = array("i")
        self._at = self.landed_at()
        self.undone = np.full(len(self.positions), NONE, np.int32)
        self._before: defaultdict[str, list[Seen]] = defaultdict(list)
        self._touched: dict[int, int] = {}
        self._restored: defaultdict[int, set[str]] = defaultdict(set)
        self.recent: deque[Event] = deque()
        """Changes that a later one can still put back."""

    def step(
        self, position: int, patches: Sequence[FilePatch], gone: "array[int]", come: "array[int]"
    ) -> None:
        """Note what one change took away and brought."""
        i = self.index[position]
        self.gone.extend(gone)
        self.gone_at.extend((len(gone), i))
        self.come.extend(come)
        self.come_at.extend((len(come), i))
        self.put_back((i, list(_paths(patches))))

    def put_back(self, event: Event) -> None:
        """See which earlier changes have every path back as it was before them."""
        i, paths = event
        self.recent.append(event)
        while self._at[i] - self._at[self.recent[0][0]] > WINDOW:
            self.recent.popleft()
        for path, _, after in paths:
            seen = self._before[path]
            while seen and self._at[i] - self._at[seen[0][0]] > WINDOW:
                seen.pop(0)
            for change, before in seen:
                if before != after:
                    self._restored[change].discard(path)
                    continue
                self._restored[change].add(path)
                if len(self._restored[change]) == self._touched[change] and self.undone[change] == NONE:
                    self.undone[change] = i
        self._touched[i] = len(paths)
        for path, before, _ in paths:
            self._before[path].append((i, before))

    def landed_at(self) -> NDArray[np.int64]:
        """Shape: (m,): committer times, made non-decreasing. Unit: seconds since 1970."""
        times = np.array([self._commits[p].committed_at for p in self.positions], np.int64)
        return np.maximum.accumulate(times) if len(times) else times

    def landed_in(self) -> Ints:
        """Shape: (c,): for each commit the index of the change that landed it."""
        landed = np.full(len(self._commits), NONE, np.int32)
        for i, position in enumerate(self.positions):
            pending = [position]
            while pending:
                at = pending.pop()
                if landed[at] == NONE:
                    landed[at] = i
                    pending += [p for p in self._commits[at].parents if landed[p] == NONE]
        return landed


def _paths(patches: Sequence[FilePatch]) -> Iterable[tuple[str, str, str]]:
    """Each path with its blob before and after; a rename touches two."""
    for patch in patches:
        if patch.deleted:
            yield patch.path, patch.old_blob, ABSENT
        elif patch.old_path is None:
            yield patch.path, ABSENT, patch.new_blob
        elif patch.old_path == patch.path:
            yield patch.path, patch.old_blob, patch.new_blob
        else:
            yield patch.old_path, patch.old_blob, ABSENT
            yield patch.path, ABSENT, patch.new_blob
