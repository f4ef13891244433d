"""Publishes a log as files that any implementation of C2SP tlog-tiles can read."""

import os
import struct
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from counterfoil.ledger.log import Log
from counterfoil.ledger.verify import BUNDLE, tile_path
from counterfoil.terms.error import StoreError

TILE_LEVELS = 8


def publish_log(log: Log, folder: Path, *, checkpoint: str) -> int:
    """Write every tile and bundle that is not there yet, then the checkpoint; how many files were new.

    Raises: StoreError where they can't be written.
    Source: C2SP tlog-tiles 0.1.0.
    """
    written, level = 0, 0
    try:
        while hashes := log.tree.nodes(level * TILE_LEVELS):
            tiles = folder / "tile" / str(level)
            written += _written(tiles, len(hashes), partial(_joined, hashes))
            level += 1
        written += _written(folder / "tile" / "entries", len(log), partial(_bundle, log))
        _replace(folder / "checkpoint", checkpoint.encode())
    except OSError as error:
        hint = "make room on the disk, or name a folder that you can write"
        raise StoreError("log-unpublished", f"{folder}: {error.strerror}", hint=hint) from error
    return written


def _written(folder: Path, count: int, content: Callable[[int, int], bytes]) -> int:
    """Write the files of one kind that are missing; the last one may be partial."""
    new = 0
    for number in range(-(-count // BUNDLE)):
        start = number * BUNDLE
        width = min(count - start, BUNDLE)
        path = folder / tile_path(number, width)
        if not path.exists():
            _replace(path, content(start, start + width))
            new += 1
    return new


def _joined(hashes: Sequence[bytes], start: int, end: int) -> bytes:
    return b"".join(hashes[start:end])


def _bundle(log: Log, start: int, end: int) -> bytes:
    entries: Sequence[bytes] = [log.entry(index) for index in range(start, end)]
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def _replace(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.partial")
    unfinished.write_bytes(data)
    os.replace(unfinished, path)
