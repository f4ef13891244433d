"""Lists log files; standard library only, so that a remembered report starts at once."""

import os
from collections.abc import Iterable, Iterator


def inventory(roots: Iterable[str], suffixes: tuple[str, ...]) -> list[str]:
    """Every file below the roots whose name ends in one of the suffixes, sorted by path.

    What is missing or may not be listed has no files; a folder reached twice (through a link, or named
    twice) is read once. Pipes and other things that are no files are left out.
    """
    been: set[tuple[int, int]] = set()
    return sorted(path for root in roots for path in _below(root, suffixes, been))


def _below(folder: str, suffixes: tuple[str, ...], been: set[tuple[int, int]]) -> Iterator[str]:
    try:
        here = os.stat(folder)
        entries = list(os.scandir(folder))
    except OSError:
        return
    if (here.st_dev, here.st_ino) in been:
        return
    been.add((here.st_dev, here.st_ino))
    for entry in entries:
        try:
            inside, wanted = entry.is_dir(), entry.name.endswith(suffixes) and entry.is_file()
        except OSError:
            continue
        if inside:
            yield from _below(entry.path, suffixes, been)
        elif wanted:
            yield entry.path
