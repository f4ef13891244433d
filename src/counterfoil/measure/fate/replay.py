"""Replays a whole history line by line: each line's birth, moves and death, exact to git's own diffs."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from counterfoil.measure.fate.checkpoint import Points, children_from
from counterfoil.measure.fate.lines import NONE, LineFates
from counterfoil.measure.fate.merged import differing, merged_lines
from counterfoil.measure.fate.moves import Edit, is_formatting, moved, reformatted
from counterfoil.measure.fate.noted import Noted, State
from counterfoil.measure.fate.saved import resume, saved
from counterfoil.measure.fate.settled import ints, settled
from counterfoil.terms.history import CODE_LINE, FilePatch, LineEvidence, MergeStyle, Past

BULK_LINES = 2_000
"""A commit that adds more counted lines is bulk: an import, not writing."""
NO_LINES = array("i")
EVERY = 256
"""Progress is told once in so many commits."""


def replay(
    past: Past,
    *,
    evidence: LineEvidence | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> LineFates:
    """The life of every line that ever stood on the main line."""
    return _Replay(past, evidence).run(progress).fates()


@dataclass(frozen=True, slots=True)
class Origins:
    """Where each line of each file at the last commit comes from.

    Shape: per file (lines,).
    """

    files: Mapping[str, Sequence[int]]
    """For each path the number of the placement of each line."""
    origin: Sequence[int]
    """For each placement the position of the commit that blame names."""
    first: Sequence[int]
    """For each placement the position of the commit that first wrote the text."""
    evidence: Sequence[int]
    tool: Sequence[str]
    landed: Mapping[int, int]
    """For each commit position the committer time at which it reached the main line."""


def origins(past: Past, *, evidence: LineEvidence | None = None) -> Origins:
    """Where each line at the last commit comes from, as `git blame` has it."""
    return _Replay(past, evidence).run(None).origins()


class _Replay(Noted):
    """One pass over a history."""

    def __init__(self, past: Past, evidence: LineEvidence | None) -> None:
        super().__init__(past.commits(), formatting=past.formatting)
        self.past = past
        self.evidence = evidence
        self.children: list[int] = []
        """For each commit how many of its children are still to come."""

    def run(self, progress: Callable[[int, int], None] | None) -> "_Replay":
        """Replay every commit, oldest first, from where an earlier replay left off."""
        whole = len(self.commits)
        start = resume(self, self.past, self.evidence)
        self.children = children_from(start, self.past, self.mainline.positions)
        points = Points(self, start)
        for position, patches in self.past.patches(start):
            points.reach(position)
            if progress is not None and position % EVERY == 0:
                progress(position, whole)
            self._commit(position, patches)
        if worth := points.all():
            self.past.keep(lambda: saved(worth, self, self.past, self.evidence))
        return self

    def _commit(self, position: int, patches: Sequence[FilePatch]) -> None:
        commit = self.commits[position]
        if self.evidence is not None:
            self.evidence.begin(commit, patches)
        full = self.past.style is MergeStyle.FULL
        parents = commit.parents if full else commit.parents[:1]
        others = [self.states.get(p, {}) for p in parents[1:]]
        before = self.states.get(parents[0], {}) if parents else {}
        state = self._inherited(parents[0]) if parents else {}
        if len(parents) > 1:
            gone, come = self._merge(position, patches, [before, *others], state)
        else:
            gone, come = self._plain(position, patches, before, state)
        for parent in parents[1:]:
            self._release(parent)
        self.states[position] = state
        if position in self.mainline.index:
            self.mainline.step(position, patches, gone, come)

    def _inherited(self, parent: int) -> State:
        """The parent's files: its own map for its last child, a copy for the others."""
        self.children[parent] -= 1
        state = self.states[parent]
        if self.children[parent] == 0:
            del self.states[parent]
            return state
        return dict(state)

    def _release(self, parent: int) -> None:
        self.children[parent] -= 1
        if self.children[parent] == 0:
            self.states.pop(parent, None)

    def _plain(
        self, position: int, patches: Sequence[FilePatch], before: State, state: State
    ) -> tuple["array[int]", "array[int]"]:
        """Apply a commit's hunks; the placements it took away and those it made."""
        edits: list[Edit] = []
        old = [before.get(p.old_path) if p.old_path is not None else None for p in patches]
        for patch in patches:
            if patch.old_path is not None and (patch.deleted or patch.old_path != patch.path):
                state.pop(patch.old_path, None)
        gone, come = array("i"), array("i")
        for patch, was in zip(patches, old, strict=True):
            lines = was[1] if was is not None else None
            if patch.deleted or patch.opaque or (lines is None and was is not None):
                if lines is not None:
                    self._delete(position, lines)
                    gone.extend(lines)
                    if patch.removed and patch.counted:
                        edits.append(Edit(patch, lines, range(0)))
                if not patch.deleted:
                    state[patch.path] = (patch.new_blob, None)
                continue
            edit, after = self._edit(position, patch, lines if lines is not None else array("i"))
            state[patch.path] = (patch.new_blob, after)
            edits.append(edit)
            gone.extend(edit.taken)
            come.extend(edit.put)
        if edits:
            self._settle(position, edits)
        return gone, come

    def _edit(self, position: int, patch: FilePatch, lines: "array[int]") -> tuple[Edit, "array[int]"]:
        hunks = patch.hunks
        put = self.placed.put(position, patch, sum(hunks[3::4]), self.evidence)
        if self.evidence is not None and patch.removed:
            self.evidence.removed(patch)
        after, taken = array("i"), array("i")
        at, made = 0, put.start
        fields = iter(hunks)
        for start, old, _, new in zip(fields, fields, fields, fields, strict=True):
            cut = start - 1 if old else start
            after += lines[at:cut]
            at = cut + old
            if old:
                lost = lines[cut:at]
                taken += lost
                self.takers.extend((len(lost), position if new else ~position))
            if new:
                after.extend(range(made, made + new))
                made += new
        after += lines[at:]
        self.taken += taken
        return Edit(patch, taken, put), after

    def _delete(self, position: int, lines: "array[int]") -> None:
        self.taken += lines
        self.takers.extend((len(lines), ~position))

    def _settle(self, position: int, edits: list[Edit]) -> None:
        """Find what only moved or was reflowed, and count the rest."""
        life = self.placed.life
        moves, kept = moved(edits, life)
        joined = 0
        if position in self.formatting or is_formatting(edits):
            self.formatting.add(position)
            reflowed, joined = reformatted(edits, life)
            kept += reflowed
        self.moved_lines += moves
        self.formatting_lines += kept
        kept += moves
        removed = sum([h & CODE_LINE for e in edits if e.patch.counted for h in e.patch.removed])
        added = sum([sum(self.placed.counted[e.put.start : e.put.stop]) for e in edits])
        self.removed_counted[position] = max(removed - kept - joined, 0)
        self.added_counted[position] = max(added - kept, 0)

    def _merge(
        self, position: int, patches: Sequence[FilePatch], parents: Sequence[State], state: State
    ) -> tuple["array[int]", "array[int]"]:
        """Take each changed file from the parent that has it, or line by line from all of them."""
        gone, come = array("i"), array("i")
        before = parents[0]
        # `state` may be the first parent's own map: everything is looked up before anything is put.
        old = [before.get(p.path if p.old_path is None else p.old_path, ("", None))[1] for p in patches]
        new = [None if p.deleted else self._merged(position, p, parents) for p in patches]
        for patch in patches:
            if patch.old_path is not None and (patch.deleted or patch.old_path != patch.path):
                state.pop(patch.old_path, None)
        for patch, was, lines in zip(patches, old, new, strict=True):
            if not patch.deleted:
                state[patch.path] = (patch.new_blob, lines)
            if position in self.mainline.index:
                was_there, is_there = differing(was or NO_LINES, lines or NO_LINES)
                gone.extend(was_there - is_there)
                come.extend(is_there - was_there)
        return gone, come

    def _merged(self, position: int, patch: FilePatch, parents: Sequence[State]) -> "array[int] | None":
        if patch.opaque:
            return None
        if not patch.sides:
            return _held(patch, parents)
        fresh = self.placed.put(position, patch, len(patch.added), self.evidence)
        sides = [
            (side, (state.get(side.path) or ("", None))[1] if side.path is not None else None)
            for side, state in zip(patch.sides, parents, strict=False)
        ]
        # As blame does: a parent that has the very blob under an older name goes before a likeness by name.
        same = (lines for side, lines in sides if side.blob == patch.new_blob and lines is not None)
        return next(same, None) or merged_lines(sides, fresh)

    def fates(self) -> LineFates:
        """The columns of lives, for those lines that ever stood on the main line."""
        return settled(
            self.past,
            self.placed,
            self.mainline,
            taken=self.taken,
            takers=self.takers,
            head={path: lines for path, (_, lines) in self.head().items() if lines is not None},
            removed_counted=self.removed_counted,
            formatting=self.formatting,
            bulk=self.added_counted > BULK_LINES,
            moved_lines=self.moved_lines,
            formatting_lines=self.formatting_lines,
        )

    def head(self) -> State:
        """The files at the last commit."""
        return self.states[len(self.commits) - 1] if self.commits else {}

    def origins(self) -> Origins:
        """Where each line at the last commit comes from."""
        placed = self.placed
        lives = placed.lives()
        origin = ints(placed.origin)
        evidence = np.frombuffer(bytes(placed.evidence), np.uint8)
        tools = [*placed.tools, ""]
        landed = self.mainline.landed_in()
        at = self.mainline.landed_at()
        return Origins(
            files={path: lines.tolist() for path, (_, lines) in self.head().items() if lines is not None},
            origin=origin.tolist(),
            first=origin[lives].tolist(),
            evidence=evidence[lives].tolist(),
            tool=[tools[t] for t in ints(placed.tool)[lives].tolist()],
            landed={c: int(at[m]) for c, m in enumerate(landed.tolist()) if m != NONE},
        )


def _held(patch: FilePatch, parents: Sequence[State]) -> "array[int] | None":
    """The lines of the parent that holds the very same blob."""
    for state in parents:
        file = state.get(patch.path)
        if file is not None and file[0] == patch.new_blob:
            return file[1]
    for state in parents:
        for blob, lines in state.values():
            if blob == patch.new_blob:
                return lines
    return None
