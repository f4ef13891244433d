"""Shares work on files among processes; what a lost process leaves undone is done here."""

import gc
import os
import struct
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import accumulate
from typing import TypeVar

Result = TypeVar("Result")
Progress = Callable[[int, int], None]
"""Told how many bytes are done, of how many in all."""
CHUNK = 4 << 20
"""Files are handed out in chunks of about this size.

Unit: bytes.
"""
_NUMBER = struct.Struct("<I")
_FRAME = struct.Struct("<IQ")
_ROOM = 1 << 20
"""The most that Linux gives a pipe unasked. Unit: bytes."""
_PART = 64 << 10
"""Read from a pipe at once. Unit: bytes."""
_MOST_CHUNKS = 4_000
"""Numbers of so many chunks fit in a pipe of 16 KiB, the smallest of any system we run on."""


def shared(
    work: Callable[[str], Result],
    sizes: Mapping[str, int],
    *,
    packed: Callable[[Result], bytes],
    jobs: int,
    progress: Progress | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> Iterator[tuple[str, Result | bytes]]:
    """The result of the work on every file, in any order; packed, where another process did it.

    Work is shared by forking, so it needs no pickling and starts at once; where a system can't fork, one
    process does it all. Each process takes the number of the next chunk from a pipe when it is free, so
    this one may do something else `meanwhile`, and whoever takes the results may work on each as it comes.
    """
    chunks = _chunks(sizes)
    if not hasattr(os, "fork"):
        jobs = 1
    queue = _queue(len(chunks))
    others = [
        _start(lambda path: packed(work(path)), chunks, queue) for _ in range(min(jobs, len(chunks)) - 1)
    ]
    left = dict.fromkeys(path for chunk in chunks for path in chunk)
    ends = list(accumulate(sum(sizes[path] for path in chunk) for chunk in chunks))
    try:
        if others and meanwhile is not None:
            meanwhile()
        while taken := os.read(queue, _NUMBER.size):
            number = _NUMBER.unpack(taken)[0]
            for path in chunks[number]:
                del left[path]
                yield path, work(path)
            for other in others:
                for path, result in other.results(wait=False):
                    del left[path]
                    yield path, result
            if progress is not None:
                progress(ends[number], ends[-1])
        for other in others:
            for path, result in other.results(wait=True):
                del left[path]
                yield path, result
        for path in left:
            yield path, work(path)
    finally:
        os.close(queue)
        for other in others:
            os.close(other.pipe)
            os.waitpid(other.pid, 0)


def _chunks(sizes: Mapping[str, int]) -> list[list[str]]:
    """Files in chunks, the largest first, so that the processes end together."""
    chunk_size = max(CHUNK, 1 + sum(sizes.values()) // _MOST_CHUNKS)
    most_files = max(64, len(sizes) // _MOST_CHUNKS)
    chunks: list[list[str]] = []
    room = 0
    for path in sorted(sizes, key=lambda path: (-sizes[path], path)):
        if room <= 0 or len(chunks[-1]) >= most_files:
            chunks.append([])
            room = chunk_size
        chunks[-1].append(path)
        room -= sizes[path]
    return chunks


def _queue(count: int) -> int:
    """A pipe that holds the number of every chunk; reading four bytes takes one."""
    reader, writer = os.pipe()
    os.write(writer, b"".join(map(_NUMBER.pack, range(count))))
    os.close(writer)
    return reader


class _Other:
    """Another process, and what has come of its results."""

    __slots__ = ("come", "paths", "pid", "pipe")

    def __init__(self, pid: int, pipe: int, chunks: Sequence[Sequence[str]]) -> None:
        self.pid = pid
        self.pipe = pipe
        self.paths = [path for chunk in chunks for path in chunk]
        self.come = bytearray()

    def results(self, *, wait: bool) -> Iterator[tuple[str, bytes]]:
        """The whole results that have come, or all; what the process could not finish is missing."""
        os.set_blocking(self.pipe, wait)
        with suppress(BlockingIOError):
            while part := os.read(self.pipe, _PART):
                self.come += part
        start = 0
        while (begin := start + _FRAME.size) <= len(self.come):
            index, length = _FRAME.unpack_from(self.come, start)
            if begin + length > len(self.come):
                break
            start = begin + length
            yield self.paths[index], bytes(self.come[begin:start])
        del self.come[:start]


def _start(work: Callable[[str], bytes], chunks: Sequence[Sequence[str]], queue: int) -> _Other:
    """Fork a process that works on chunks; it waits for its results to be read only when no chunk is left."""
    reader, writer = os.pipe()
    _widen(writer)
    pid = os.fork()
    if pid:
        os.close(writer)
        return _Other(pid, reader, chunks)
    status = 1
    try:
        os.close(reader)
        os.set_blocking(writer, False)
        gc.disable()
        first = list(accumulate((len(chunk) for chunk in chunks), initial=0))
        done = bytearray()
        while taken := os.read(queue, _NUMBER.size):
            number = _NUMBER.unpack(taken)[0]
            for index, path in enumerate(chunks[number], start=first[number]):
                result = work(path)
                done += _FRAME.pack(index, len(result)) + result
            _send(writer, done)
        os.set_blocking(writer, True)
        _send(writer, done)
        status = 0
    finally:
        os._exit(status)


def _widen(pipe: int) -> None:
    """Let a pipe hold all that comes while this process is busy, so that little is left for the end."""
    if sys.platform == "linux":
        import fcntl

        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _ROOM)


def _send(pipe: int, done: bytearray) -> None:
    """Take off what the pipe has room for."""
    with suppress(BlockingIOError):
        while done:
            del done[: os.write(pipe, done)]
