"""Columns of whole numbers and of repeating texts as one short string of bytes, and back."""

import json
import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

WIDTHS = tuple((code, 1 << (8 * array(code).itemsize - 1)) for code in "bhiq")
SWAPPED = sys.byteorder == "big"


def packed(numbers: Mapping[str, Sequence[int]], texts: Mapping[str, Sequence[str | None]]) -> bytes:
    """Columns in the narrowest whole-number width that holds them; a repeated text is kept once.

    Shape: every column has its own length.
    Example:
        >>> unpacked(packed({"n": [1, -1]}, {"name": ["a", None]}))
        {'n': [1, -1], 'name': ['a', None]}
    """
    head: list[list[Any]] = []
    body: list[bytes] = []
    for name, column in numbers.items():
        head.append([name, *_put(column, body)])
    for name, words in texts.items():
        seen: dict[str | None, int] = {}
        places = [seen.setdefault(word, len(seen)) for word in words]
        head.append([name, *_put(places, body), list(seen)])
    return json.dumps(head, separators=(",", ":")).encode() + b"\n" + b"".join(body)


def _put(column: Sequence[int], body: list[bytes]) -> tuple[str, int, int]:
    """Add a column to the body; its width, length, and the value of one that is all the same."""
    low, high = min(column, default=0), max(column, default=0)
    if low == high:
        return "=", len(column), low
    code = next(code for code, bound in WIDTHS if -bound <= low and high < bound)
    cells = array(code, column)
    if SWAPPED:
        cells.byteswap()
    body.append(cells.tobytes())
    return code, len(column), 0


def unpacked(blob: bytes) -> dict[str, list[Any]]:
    """The columns that were packed, by name, in their order.

    Raises: ValueError when the bytes are not whole.
    """
    end = blob.index(b"\n")
    return dict(_columns(json.loads(blob[:end]), blob, end + 1))


def _columns(head: list[list[Any]], blob: bytes, at: int) -> Iterator[tuple[str, list[Any]]]:
    for name, code, length, value, *words in head:
        if code == "=":
            column = [value] * length
        else:
            cells = array(code)
            cells.frombytes(blob[at : at + length * cells.itemsize])
            at += length * cells.itemsize
            if SWAPPED:
                cells.byteswap()
            if len(cells) != length:
                raise ValueError(f"column {name} is cut short")
            column = cells.tolist()
        yield name, [words[0][i] for i in column] if words else column
