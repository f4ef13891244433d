"""Puts a merged file together from its parents' lines, as blame would pass them."""

from array import array
from collections.abc import Sequence

from counterfoil.terms.history import Side

OPEN = -1


def merged_lines(sides: Sequence[tuple[Side, "array[int] | None"]], fresh: range) -> "array[int]":
    """Each line from the first parent that has it; those new to all parents take the fresh numbers, in order.

    Shape: each side's lines (its length,); the result (merged length,).
    """
    length = max(
        (_merged_length(side, lines) for side, lines in sides if lines is not None), default=len(fresh)
    )
    merged = array("i", (OPEN,)) * length
    for side, lines in sides:
        if lines is not None:
            _fill(merged, side.hunks, lines)
    new = iter(fresh)
    for at, line in enumerate(merged):
        if line == OPEN:
            merged[at] = next(new, OPEN)
    return merged


def _merged_length(side: Side, lines: "array[int]") -> int:
    return len(lines) - sum(side.hunks[1::4]) + sum(side.hunks[3::4])


def _fill(merged: "array[int]", hunks: Sequence[int], lines: "array[int]") -> None:
    at = to = 0
    for i in range(0, len(hunks), 4):
        start, old, begin, new = hunks[i : i + 4]
        cut = start if old == 0 else start - 1
        _keep(merged, to, lines, at, cut)
        at = cut + old
        to = (begin if new == 0 else begin - 1) + new
    _keep(merged, to, lines, at, len(lines))


def _keep(merged: "array[int]", to: int, lines: "array[int]", at: int, end: int) -> None:
    until = to + end - at
    still_open = merged[to:until].count(OPEN)
    if still_open == end - at:
        merged[to:until] = lines[at:end]
    elif still_open:
        for offset in range(end - at):
            if merged[to + offset] == OPEN:
                merged[to + offset] = lines[at + offset]


def differing(was: "array[int]", now: "array[int]") -> tuple[set[int], set[int]]:
    """The placements of each of two versions of a file, without what they begin and end with alike.

    Example:
        >>> differing(array("i", [1, 2, 4]), array("i", [1, 3, 4]))
        ({2}, {3})
    """
    before, after = was.tobytes(), now.tobytes()
    start = _alike(before, after) // was.itemsize
    cut = start * was.itemsize
    end = _alike(before[cut:][::-1], after[cut:][::-1]) // was.itemsize
    return set(was[start : len(was) - end]), set(now[start : len(now) - end])


def _alike(one: bytes, other: bytes) -> int:
    """How many bytes two strings begin with alike, found by halving."""
    same, end = 0, min(len(one), len(other))
    while same < end:
        middle = (same + end + 1) // 2
        if one[same:middle] == other[same:middle]:
            same = middle
        else:
            end = middle - 1
    return same
