"""Puts a merged file together from its parents' lines, as blame would pass them."""

from array import array
from collections.abc import Sequence

from counterfoil.measure.fate.lines import Ints
from counterfoil.measure.fate.settled import ints
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
    at = 0
    for number in fresh[: merged.count(OPEN)]:
        at = merged.index(OPEN, at)
        merged[at] = number
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
    before, after = ints(was), ints(now)
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    return set(was[start : len(was) - end]), set(now[start : len(now) - end])


def _alike(one: Ints, other: Ints) -> int:
    """How many numbers two rows begin with alike."""
    length = min(len(one), len(other))
    differ = one[:length] != other[:length]
    first = int(differ.argmax()) if length else 0
    return first if length and differ[first] else length
