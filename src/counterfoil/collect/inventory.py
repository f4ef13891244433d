"""Lists log files with size and time; standard library only, so that a remembered report starts at once."""

import os
from collections.abc import Iterable, Iterator
from stat import S_ISREG

Seen = tuple[str, int, int]
"""Path, size in bytes, time of last change in nanoseconds."""


def inventory(roots: Iterable[str], suffixes: tuple[str, ...]) -> list[Seen]:
    """Every file below the roots whose name ends in one of the suffixes, sorted by path.

    What is missing or may not be listed has no files; a folder reached twice (through a link, or named
    twice) is read once. Pipes and other things that are no files are left out.
    """
    been: set[tuple[int, int]] = set()
    return sorted(seen for root in roots for seen in _below(root, suffixes, been))


def _below(folder: str, suffixes: tuple[str, ...], been: set[tuple[int, int]]) -> Iterator[Seen]:
    try:
        here = os.stat(folder)
        entries = list(os.scandir(folder))
    except OSError:
        return
    if (here.st_dev, here.st_ino) in been:
        return
    been.add((here.st_dev, here.st_ino))
    for entry in entries:
        if entry.is_dir():
            yield from _below(entry.path, suffixes, been)
        elif entry.name.endswith(suffixes):
            try:
                state = entry.stat()
            except OSError:
                continue
            if S_ISREG(state.st_mode):
                yield entry.path, state.st_size, state.st_mtime_ns
