"""Reads every file of a source: in parallel, from memory where a file has not changed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from counterfoil.collect.source import Source, Want
from counterfoil.terms.reading import Reading, Remembered


def read(
    source: Source,
    *,
    homes: Sequence[Path] | None,
    want: Want,
    now: datetime,
    remembered: Remembered | None = None,
    jobs: int = 2,
    progress: Callable[[int, int], None] | None = None,
) -> Reading:
    """Everything a source's logs say, below the given homes or this user's own.

    Unit: `progress` is called with (bytes done, bytes in all).
    """
    raise NotImplementedError
