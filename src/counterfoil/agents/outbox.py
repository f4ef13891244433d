"""What agents used and made, durable here until the server has it."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

import msgspec

from counterfoil.agents.wire import MOST_ROWS, Rows
from counterfoil.terms.error import StoreError
from counterfoil.terms.usage import Usage
from counterfoil.terms.work import Fate, Work

FOLDER, SUFFIX = "outbox", ".rows"
Row = Usage | Work | Fate


class _Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One row as it waits."""

    usage: Usage | None = None
    work: Work | None = None
    fate: Fate | None = None


_LINE = msgspec.json.Decoder(_Line)


class Outbox:
    """Segments of rows, one a line; the last is written, and the first is handed on.

    Each row is synced before `put` returns, and its segment is removed once the server has it. A row that is
    handed on twice has the same key, and so is one row there.
    """

    def __init__(self, folder: Path) -> None:
        """Open the outbox below a folder.

        Raises: StoreError where it can't be written.
        """
        self._folder = folder / FOLDER
        self._lock = Lock()
        self._file, self._rows = -1, 0
        self.put_one: Callable[[], object] = lambda: None
        """Told after something was put."""
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise _unwritable(error) from error
        self._number = max((int(path.stem) for path in self._segments()), default=0)

    def put(self, *rows: Row) -> None:
        """Make rows durable; the server gets them when it can.

        Raises: StoreError where they can't be.
        """
        for first in range(0, len(rows), MOST_ROWS):
            self._put(rows[first : first + MOST_ROWS])
        self.put_one()

    def _put(self, rows: Sequence[Row]) -> None:
        data = b"".join(msgspec.json.encode(_line(row)) + b"\n" for row in rows)
        with self._lock:
            try:
                # A segment is what is handed on at a time.
                if self._file < 0 or self._rows + len(rows) > MOST_ROWS:
                    self._begin()
                self._rows += len(rows)
                done = 0
                while done < len(data):
                    done += os.write(self._file, data[done:])
                os.fdatasync(self._file)
            except OSError as error:
                # What stands half written is passed over when it is read.
                self._close()
                raise _unwritable(error) from error

    def _begin(self) -> None:
        self._close()
        self._number += 1
        path = self._folder / f"{self._number:012d}{SUFFIX}"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._rows = 0
        _sync(self._folder)

    def next(self) -> Rows | None:
        """The oldest rows that wait, with the number that they are acknowledged by; None where none do.

        Raises: StoreError where they can't be read.
        """
        with self._lock:
            self._close()
            segments = self._segments()
        for path in segments:
            rows = list(_rows(path))
            if rows:
                return Rows(
                    number=int(path.stem),
                    usage=tuple(row for row in rows if isinstance(row, Usage)),
                    work=tuple(row for row in rows if isinstance(row, Work)),
                    fates=tuple(row for row in rows if isinstance(row, Fate)),
                )
            path.unlink(missing_ok=True)
        return None

    def kept(self, number: int) -> None:
        """The server has the rows that were handed on under a number."""
        (self._folder / f"{number:012d}{SUFFIX}").unlink(missing_ok=True)

    @property
    def waiting(self) -> int:
        """How many rows wait."""
        return sum(sum(1 for _ in _rows(path)) for path in self._segments())

    def close(self) -> None:
        """Let go of it."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._file = -1

    def _segments(self) -> Sequence[Path]:
        return sorted(self._folder.glob(f"*{SUFFIX}"))


def _line(row: Row) -> _Line:
    if isinstance(row, Usage):
        return _Line(usage=row)
    return _Line(work=row) if isinstance(row, Work) else _Line(fate=row)


def _rows(path: Path) -> Iterator[Row]:
    """The rows of a segment; what a crash left half written was never said to be kept."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        # The server has them since it was listed.
        return
    except OSError as error:
        raise _unwritable(error) from error
    for line in data.splitlines():
        with suppress(msgspec.DecodeError, ValueError):
            told = _LINE.decode(line)
            row = told.usage or told.work or told.fate
            if row is not None:
                yield row


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _unwritable(error: OSError) -> StoreError:
    hint = "make room on the disk and the agents' folder writable"
    return StoreError("outbox-unusable", f"what agents did can't be kept: {error.strerror}", hint=hint)
