"""Finds the lines that a commit moved or reformatted: they are put elsewhere and live on."""

from array import array
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from counterfoil.terms.history import MOVABLE, WEIGHTY, FilePatch

FEW_REFLOWED = 0.95
"""A commit of which at least this share of two-sided hunks only reflow text is formatting."""


@dataclass(slots=True)
class Edit:
    """What a commit did to one file, with the placements it took away and those it made."""

    patch: FilePatch
    taken: Sequence[int]
    put: range


def is_formatting(edits: Sequence[Edit]) -> bool:
    """True where a commit only reflowed text: white space, quotes and commas."""
    reflowed = sum(e.patch.reflowed for e in edits)
    if not reflowed:
        return False
    two_sided = sum(
        bool(h[1]) and bool(h[3]) for e in edits for h in zip(*[iter(e.patch.hunks)] * 4, strict=True)
    )
    return reflowed >= FEW_REFLOWED * two_sided


def reformatted(edits: Sequence[Edit], life: "array[int]") -> tuple[int, int]:
    """Give the new lines of each hunk the lives of the old ones at the same place, moved ones apart.

    Gives how many live on so, and how many more old lines were joined into them.
    """
    kept = joined = 0
    moved_on = {life[n] for edit in edits for n in edit.put}
    for edit in edits:
        taken = put = 0
        hunks = iter(edit.patch.hunks)
        for _, old, _, new in zip(hunks, hunks, hunks, hunks, strict=True):
            before = [n for n in edit.taken[taken : taken + old] if n not in moved_on]
            after = [n for n in edit.put[put : put + new] if life[n] == n]
            for was, now in zip(before, after, strict=False):
                life[now] = was
            kept += min(len(before), len(after))
            joined += max(len(before) - len(after), 0) if new else 0
            taken += old
            put += new
    return kept, joined


def moved(edits: Sequence[Edit], life: "array[int]") -> tuple[int, int]:
    """Give each line that was taken away and put back in the same commit its old life.

    A line alone must be weighty; lines that follow each other on both sides need not be.
    Gives how many moved to another file or place, and how many were only respaced in theirs.
    """
    gone = {h for e in edits for h in e.patch.removed if h & MOVABLE}
    if not gone:
        return 0, 0
    back = gone.intersection(chain.from_iterable(e.patch.added for e in edits))
    if not back:
        return 0, 0
    pool: defaultdict[int, deque[tuple[int, int, int]]] = defaultdict(deque)
    for number, edit in enumerate(edits):
        for at, h in enumerate(edit.patch.removed):
            if h in back:
                pool[h].append((number, at, edit.taken[at]))
    moves = respaced = 0
    for number, edit in enumerate(edits):
        for run in _runs(edit, number, pool, back):
            if len(run) < 2 and not edit.patch.added[run[0][0]] & WEIGHTY:
                for at, source in run:
                    pool[edit.patch.added[at]].appendleft(source)
                continue
            for at, (origin, _, old) in run:
                life[edit.put[at]] = old
                if origin == number:
                    respaced += 1
                else:
                    moves += 1
    return moves, respaced


Run = list[tuple[int, tuple[int, int, int]]]


def _runs(
    edit: Edit,
    number: int,
    pool: "defaultdict[int, deque[tuple[int, int, int]]]",
    back: "set[int]",
) -> "list[Run]":
    """Added lines that find a removed one, in runs that follow each other on both sides."""
    runs: list[Run] = []
    last: tuple[int, int, int] | None = None
    for at, h in enumerate(edit.patch.added):
        if h not in back or not pool[h]:
            last = None
            continue
        source = _pick(pool[h], number, last)
        follows = last is not None and source[:2] == (last[0], last[1] + 1)
        if follows:
            runs[-1].append((at, source))
        else:
            runs.append([(at, source)])
        last = source
    return runs


def _pick(
    sources: "deque[tuple[int, int, int]]", number: int, last: tuple[int, int, int] | None
) -> tuple[int, int, int]:
    """The removed line that continues the run, else one of the same file, else the first."""
    best = 0
    for i, source in enumerate(sources):
        if last is not None and source[:2] == (last[0], last[1] + 1):
            best = i
            break
        if source[0] == number and sources[best][0] != number:
            best = i
        if i > 50:
            break
    source = sources[best]
    del sources[best]
    return source
