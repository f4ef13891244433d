"""Parses git's raw change lines and quoted paths."""

import re
from typing import NamedTuple

SUBMODULE = "160000"
_ESCAPE = re.compile(rb'\\([abtnvfr"\\]|[0-7]{3})')
_LETTERS = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}


class Entry(NamedTuple):
    """One changed path of one commit against one parent."""

    old_mode: str
    new_mode: str
    old_blob: str
    new_blob: str
    status: str
    """The letter only: A, D, M, T, R."""
    old_path: str
    path: str


class MergedEntry(NamedTuple):
    """One path of a merge that differs from all its parents."""

    blobs: list[str]
    """One for each parent, then that of the merge."""
    modes: list[str]
    paths: list[str]


def path_of(name: bytes) -> str:
    r"""A path as git prints it, unquoted; bytes that are not UTF-8 as surrogate escapes.

    Example:
        >>> path_of(b'"a\\tb"') == "a" + chr(9) + "b"
        True
    """
    if name[:1] == b'"':
        name = _ESCAPE.sub(_unescaped, name[1:-1])
    return name.decode("utf-8", "surrogateescape")


def entry_of(line: bytes) -> Entry:
    """A line such as `:100644 100644 <blob> <blob> M<tab>path`."""
    fields, *names = line.split(b"\t")
    old_mode, new_mode, old_blob, new_blob, status = fields[1:].decode().split(" ")
    paths = [path_of(n) for n in names]
    return Entry(old_mode, new_mode, old_blob, new_blob, status[0], paths[0], paths[-1])


def merged_entry_of(line: bytes, parents: int) -> MergedEntry:
    """A line of a combined diff with all paths: modes, blobs, statuses, then a path for each."""
    fields, *names = line[parents:].split(b"\t")
    words = fields.decode().split(" ")
    return MergedEntry(
        words[parents + 1 : 2 * parents + 2], words[: parents + 1], [path_of(n) for n in names]
    )


def _unescaped(found: re.Match[bytes]) -> bytes:
    code = found[1]
    return bytes([int(code, 8)]) if len(code) == 3 else _LETTERS.get(code, code)
