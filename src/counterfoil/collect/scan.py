"""Reads every file of a source: in parallel, from memory where a file has not changed."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from counterfoil.collect.parallel import shared
from counterfoil.collect.reading import FileReading, decoded, encoded, unreadable
from counterfoil.collect.source import Source, Want
from counterfoil.terms.absent import SkipReason
from counterfoil.terms.reading import Reading, Remembered

Progress = Callable[[int, int], None]
"""Told how many bytes are done, of how many in all."""
READING_VERSION = 3
"""Raised whenever `FileReading` changes its form."""
BUFFER = 256 << 10
"""What is read at once stays in a core's own cache until its lines are decoded.

Unit: bytes.
"""
WORTH_SHARING = 16 << 20
"""With less to read than this, a second process costs more than it saves.

Unit: bytes.
"""


def read(
    source: Source,
    *,
    homes: Sequence[Path] | None,
    want: Want,
    now: datetime,
    remembered: Remembered | None = None,
    jobs: int = 2,
    progress: Progress | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> Reading:
    """Everything a source's logs say, below the given homes or this user's own.

    A file that vanishes is not there; one that can't be opened is one record left out. Where other
    processes help to read, `meanwhile` is done first.
    """
    folders = folders_of(source, homes)
    looked = [str(folder) for folder in folders]
    readings = _readings(source, source.files(folders), want, now, remembered, jobs, progress, meanwhile)
    reading = source.merge(readings, looked=looked)
    return replace(reading, looked=tuple(looked), retention_days=source.retention(folders))


def folders_of(source: Source, homes: Sequence[Path] | None) -> tuple[Path, ...]:
    """Where a source's logs are looked for, each place once."""
    below: Iterable[Path | None] = [None] if homes is None else homes
    return tuple(dict.fromkeys(folder for home in below for folder in source.folders(home)))


def _readings(
    source: Source,
    files: Sequence[Path],
    want: Want,
    now: datetime,
    remembered: Remembered | None,
    jobs: int,
    progress: Progress | None,
    meanwhile: Callable[[], None] | None,
) -> Iterator[FileReading]:
    """One reading per file that is there, in any order; those that are remembered first."""
    prefix = f"{source.id}/{source.version}/{READING_VERSION}/{want.fingerprint}"
    sizes: dict[str, int] = {}
    marks: dict[str, str] = {}
    for path in map(str, files):
        if (state := _state(path)) is None:
            continue
        size, mark = state[0], f"{prefix}/{state[1]}"
        kept = remembered.recall(path, mark) if remembered is not None else None
        reading = decoded(kept) if kept is not None else None
        if reading is not None:
            yield reading
        else:
            sizes[path], marks[path] = size, mark

    def parse(path: str) -> FileReading | None:
        return _parsed(source, path, want, now)

    if sum(sizes.values()) < WORTH_SHARING:
        jobs = 1
    done = shared(parse, sizes, packed=_packed, jobs=jobs, progress=progress, meanwhile=meanwhile)
    for path, result in done:
        reading = decoded(result) if isinstance(result, bytes) else result
        if reading is not None:
            yield reading
            if remembered is not None and _may_be_kept(reading):
                raw = result if isinstance(result, bytes) else encoded(reading)
                remembered.keep(path, marks[path], raw)


def _state(path: str) -> tuple[int, str] | None:
    """Size and everything that changes when a file does; None for a file that is gone."""
    try:
        now = os.stat(path)
    except FileNotFoundError:
        return None
    except OSError:
        return 0, ""
    return now.st_size, f"{now.st_size}-{now.st_mtime_ns}-{now.st_ino}"


def _parsed(source: Source, path: str, want: Want, now: datetime) -> FileReading | None:
    """What a file says; None for a file that vanished."""
    try:
        with open(path, "rb", buffering=BUFFER) as file:
            return source.parse(path, file, want=want, now=round(now.timestamp() * 1000))
    except FileNotFoundError:
        return None
    except OSError:
        return unreadable(path)


def _packed(reading: FileReading | None) -> bytes:
    return b"" if reading is None else encoded(reading)


def _may_be_kept(reading: FileReading) -> bool:
    """False where the same bytes may say something else tomorrow, or the file could not be opened."""
    passing = {SkipReason.FUTURE_TIME, SkipReason.UNREADABLE_FILE}
    return passing.isdisjoint(reading.skipped)
