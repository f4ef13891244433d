"""A CSV file that takes columns, many rows at a time."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from counterfoil.simulate.company.chance import mixed

ROWS_AT_ONCE = 65_536
PERSON, UNIT, DEPARTMENT = "p%06d", "team-%05d", "department-%04d"
TEXT, WHOLE, SHARE = "%s", "%d", "%.2f"
DIGEST = 40
"""Digits of the name of a git tree."""


class Sheet:
    """One table; each column has a name and a form. No value has a comma, a quote or a line's end."""

    def __init__(self, path: Path, columns: Mapping[str, str]) -> None:
        self._row = ",".join(columns.values()) + "\n"
        self._file = path.open("w", encoding="ascii", newline="", buffering=1 << 20)
        self._file.write(",".join(columns) + "\n")
        self.rows = 0

    def add(self, columns: Sequence[NDArray[Any] | Sequence[Any]]) -> None:
        """Add rows, given as columns in the order of their names."""
        whole = len(columns[0])
        for start in range(0, whole, ROWS_AT_ONCE):
            parts = [column[start : start + ROWS_AT_ONCE] for column in columns]
            values = [part.tolist() if isinstance(part, np.ndarray) else part for part in parts]
            self._file.write("".join(map(self._row.__mod__, zip(*values, strict=True))))
        self.rows += whole

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def words(names: Sequence[str], places: NDArray[Any]) -> NDArray[Any]:
    """The names at some places; nothing where a place is below zero."""
    found: NDArray[Any] = np.array([*names, ""], object)[places]
    return found


def dates(first: np.datetime64, days: NDArray[Any], shown: NDArray[np.bool_] | bool = True) -> NDArray[Any]:
    """Days, counted from the first one, as they are written; nothing where one is not shown."""
    told = np.datetime_as_string(first + days.astype("timedelta64[D]")).astype(object)
    return np.where(shown, told, "")


def moments(
    first: np.datetime64, seconds: NDArray[Any], shown: NDArray[np.bool_] | bool = True
) -> NDArray[Any]:
    """Seconds from the first midnight, UTC, as they are written; nothing where one is not shown."""
    shown = np.broadcast_to(shown, seconds.shape)
    told = np.full(len(seconds), "", object)
    at = first.astype("datetime64[s]") + seconds[shown].astype("timedelta64[s]")
    told[shown] = np.datetime_as_string(at, timezone="UTC").astype(object)
    return told


def digests(trees: NDArray[np.uint64]) -> list[str]:
    """Numbers of trees as names of the length that git gives them."""
    parts = np.stack([mixed(trees + np.uint64(part)) for part in range(3)], axis=1)
    told, width = parts.tobytes().hex(), 3 * 16
    return [told[start : start + DIGEST] for start in range(0, len(told), width)]
