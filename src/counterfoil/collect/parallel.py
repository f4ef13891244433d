"""Shares work on files among processes; what a lost process leaves undone is done here."""

import gc
import os
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    this one may do something else `meanwhile`.
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
            if progress is not None:
                progress(ends[number], ends[-1])
        for _, results in others:
            for path, result in _results(results, chunks):
                del left[path]
                yield path, result
        for path in left:
            yield path, work(path)
    finally:
        os.close(queue)
        for pid, results in others:
            os.close(results)
            os.waitpid(pid, 0)


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


def _start(work: Callable[[str], bytes], chunks: Sequence[Sequence[str]], queue: int) -> tuple[int, int]:
    """Fork a process that works on chunks, and writes its results once no chunk is left to take."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writer)
        return pid, reader
    status = 1
    try:
        os.close(reader)
        gc.disable()
        first = list(accumulate((len(chunk) for chunk in chunks), initial=0))
        frames: list[bytes] = []
        while taken := os.read(queue, _NUMBER.size):
            number = _NUMBER.unpack(taken)[0]
            for index, path in enumerate(chunks[number], start=first[number]):
                result = work(path)
                frames += (_FRAME.pack(index, len(result)), result)
        with os.fdopen(writer, "wb") as pipe:
            pipe.writelines(frames)
        status = 0
    finally:
        os._exit(status)


def _results(pipe: int, chunks: Sequence[Sequence[str]]) -> Iterator[tuple[str, bytes]]:
    """The whole results that a process wrote; what it could not finish is missing."""
    paths = [path for chunk in chunks for path in chunk]
    with os.fdopen(pipe, "rb", closefd=False) as stream:
        while len(head := stream.read(_FRAME.size)) == _FRAME.size:
            index, length = _FRAME.unpack(head)
            result = stream.read(length)
            if len(result) < length:
                return
            yield paths[index], result
