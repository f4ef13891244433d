"""What a replay of a history leaves: one row for each line that ever stood on the main line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from counterfoil.terms.history import Commit, MergeStyle

STANDS, REWRITTEN, DELETED, JOINED = 0, 1, 2, 3
NONE = -1

Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFates:
    """Every line that ever stood on the main line, and what became of it.

    Shape: per commit (c,); per main-line commit (m,); per line (n,).
    A main-line commit is a change: the merge, squash or commit that landed its lines.
    """

    style: MergeStyle
    commits: Sequence[Commit]
    """Shape: (c,), in topological order."""
    mainline: Ints
    """Shape: (m,): positions in `commits` of HEAD's first-parent line, oldest first."""
    landed_in: Ints
    """Shape: (c,): for each commit the index into `mainline` of the change that landed it; -1 for none."""
    landed_at: NDArray[np.int64]
    """Shape: (m,): committer times made non-decreasing along the main line. Unit: seconds since 1970."""
    undone: Ints
    """Shape: (m,): index into `mainline` of the first change, within 30 days, that put every path this one
    touched back to its state before it; -1 for none."""

    origin: Ints
    """Shape: (n,): position of the commit that wrote the line (in first-parent style: that landed it)."""
    landed: Ints
    """Shape: (n,): index into `mainline` of the change whose tree first held it."""
    ended: Ints
    """Shape: (n,): index into `mainline` of the change whose tree no longer holds it; -1 while it stands."""
    killer: Ints
    """Shape: (n,): position of the last commit on any branch that removed it and landed with or before
    the change in which it ended; -1 while it stands."""
    how: Bytes
    """Shape: (n,): STANDS, REWRITTEN (the same hunk adds lines), DELETED, or JOINED: a formatting commit put
    its text into another line."""
    counted: Flags
    """Shape: (n,): a code line in a counted path."""
    path: Ints
    """Shape: (n,): index into `paths`, where it was written."""
    evidence: Bytes
    """Shape: (n,): evidence tier, 0 to 5."""
    session: Ints
    """Shape: (n,): the matcher's session number; -1 for none."""
    tool: Ints
    """Shape: (n,): index into `tools`; -1 for none."""

    paths: Sequence[str]
    tools: Sequence[str]
    head: Mapping[str, Ints]
    """For each file at HEAD its lines' numbers, top to bottom."""
    removed_counted: Ints
    """Shape: (c,): counted code lines each commit removed, moves and formatting left out."""
    moved_lines: int
    formatting_lines: int
    bulk: Flags
    """Shape: (c,): commits that add over 2,000 counted lines; reported apart where they decide."""
    caveats: Sequence[str]
    _positions: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    def position_of(self, commit: str) -> int:
        """The position of a commit by its full name; -1 for one that is not here."""
        if not self._positions:
            self._positions.update((c.id, position) for position, c in enumerate(self.commits))
        return self._positions.get(commit, NONE)
