"""The batch log: what was received is durable here before it is acknowledged, until the lake has it."""

import json
import os
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from counterfoil.store.place import sync_folder
from counterfoil.terms.error import StoreError

FOLDER, SUFFIX = "batches", ".batches"
HEAD = struct.Struct("<4sIII")
"""Mark, length, CRC-32 and rows of a frame."""
MARK = b"cfb2"
_LENGTH = struct.Struct("<I")
MOST_BYTES = 32 * 2**20
"""A segment is closed once it is larger, so that taking one into the lake stays small."""
TEXTS = (
    "source", "key", "session", "trace", "who", "credential", "tool", "model", "trigger", "workload",
    "repository", "commit",
)  # fmt: skip
NUMBERS = (
    "at", "rank", "claimed", "requests", "input_uncached", "cache_read", "cache_write", "output",
    "reasoning", "cost", "began",
)  # fmt: skip
SCHEMA = pa.schema([*((name, pa.string()) for name in TEXTS), *((name, pa.int64()) for name in NUMBERS)])
"""Rows as they wait: whole ids and microseconds, which the lake does not keep. Nobody is named in them."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows on their way into the log; what is the same in all of them is there once."""

    each: pa.RecordBatch
    same: Mapping[str, str | int] = field(default_factory=dict)

    @classmethod
    def of(cls, columns: Mapping[str, Any]) -> "Waiting":
        """Rows by column: an array, or the one value that all rows have."""
        same = {name: columns[name] for name in SCHEMA.names if isinstance(columns[name], (str, int))}
        schema = _without(tuple(same))
        each = [_alone(pa.array(columns[name])) for name in schema.names]
        return cls(pa.RecordBatch.from_arrays(each, schema=schema), same)


def _alone(column: pa.Array) -> pa.Array:
    """A column without what stands beside it in memory: Arrow would write that too."""
    if not pa.types.is_string(column.type):
        return column
    _, offsets, data = column.buffers()
    if column.offset == 0 and (data.size if data else 0) == _LENGTH.unpack_from(offsets, 4 * len(column))[0]:
        return column
    return pa.array(column.to_pylist(), pa.string())


@lru_cache(maxsize=1_024)
def _without(names: tuple[str, ...]) -> pa.Schema:
    return pa.schema([field for field in SCHEMA if field.name not in names])


class BatchLog:
    """Segments of frames; the last one is written, the closed ones wait for the lake.

    A frame is written and synced before `append` returns. What a crash left half written was never
    acknowledged, and is cut off when its segment is read.
    """

    def __init__(self, folder: Path) -> None:
        """Open the log below a data directory; what an earlier process left is closed.

        Raises: StoreError where it can't be written.
        """
        self._folder = folder / FOLDER
        self._lock = Lock()
        self._file = -1
        self._size = 0
        try:
            self._folder.mkdir(exist_ok=True, mode=0o700)
        except OSError as error:
            raise _unwritable(error) from error
        self._number = max((int(path.stem) for path in self._segments()), default=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.roll()

    def append(self, *rows: Waiting) -> None:
        """Make rows durable, with one write and one sync.

        Raises: StoreError where they can't be; whoever sent them is told so, and may send them again.
        """
        frames = b"".join([part for waiting in rows for part in _framed(waiting)])
        with self._lock:
            try:
                if self._file < 0:
                    self._begin()
                begin, self._size = self._size, self._size + len(frames)
                _write(self._file, frames, at=begin)
                os.fdatasync(self._file)
            except OSError as error:
                # What may stand half written all the same is cut off when it is read: a new segment is begun.
                if self._file >= 0:
                    with suppress(OSError):
                        os.ftruncate(self._file, begin)
                self._close()
                raise _unwritable(error) from error
            if self._size > MOST_BYTES:
                self._close()

    def roll(self) -> Sequence[Path]:
        """Close the segment that is written; every closed one, oldest first."""
        with self._lock:
            self._close()
            return self._segments()

    @property
    def waiting(self) -> int:
        """How many bytes wait for the lake."""
        return sum(path.stat().st_size for path in self._segments())

    def _begin(self) -> None:
        self._number += 1
        path = self._folder / f"{self._number:012d}{SUFFIX}"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._size = 0
        sync_folder(str(self._folder))

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._file = -1

    def _segments(self) -> Sequence[Path]:
        return sorted(self._folder.glob(f"*{SUFFIX}"))


def frames(path: Path) -> Iterator[pa.RecordBatch]:
    """What a segment holds; what is no whole frame is passed over, as far as the next one that is.

    At its end that is what a crash left half written, and nobody was told that it is kept.

    Raises: StoreError where it can't be read.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _unwritable(error) from error
    place = 0
    while place + HEAD.size <= len(data):
        mark, length, crc, _ = HEAD.unpack_from(data, place)
        body = memoryview(data)[place + HEAD.size : place + HEAD.size + length]
        if mark != MARK or len(body) != length or zlib.crc32(body) != crc:
            place = data.find(MARK, place + 1)
            if place < 0:
                return
            continue
        place += HEAD.size + length
        yield _unframed(body)


def _framed(rows: Waiting) -> Sequence[bytes]:
    """A head, what is the same in all rows as JSON, and the rest as Arrow has it.

    Nothing is packed: a segment lives for seconds, and packing it took longer than writing it.
    """
    same = json.dumps(rows.same).encode()
    each = rows.each.serialize().to_pybytes()
    length = _LENGTH.pack(len(same))
    crc = zlib.crc32(each, zlib.crc32(same, zlib.crc32(length)))
    head = HEAD.pack(MARK, len(length) + len(same) + len(each), crc, len(rows.each))
    return head, length, same, each


def _unframed(body: memoryview) -> pa.RecordBatch:
    (length,) = _LENGTH.unpack_from(body)
    begin = _LENGTH.size + length
    same: dict[str, str | int] = json.loads(bytes(body[_LENGTH.size : begin]))
    each = pa.ipc.read_record_batch(pa.py_buffer(body[begin:]), _without(tuple(same)))
    columns = [
        pa.repeat(pa.scalar(same[name], SCHEMA.field(name).type), len(each))
        if name in same
        else each.column(name)
        for name in SCHEMA.names
    ]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


def _write(file: int, data: bytes, *, at: int) -> None:
    done = 0
    while done < len(data):
        done += os.pwrite(file, data[done:], at + done)


def _unwritable(error: OSError) -> StoreError:
    hint = "make room on the disk and the data directory writable; senders try again"
    said = f"what arrives can't be kept: {error.strerror}"
    return StoreError("batches-unusable", said, hint=hint)
