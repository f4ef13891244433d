"""Parses git's stream of patches into what each commit did to each file, with memory for one commit."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from counterfoil.collect.git.raw import SUBMODULE, Entry, entry_of
from counterfoil.collect.git.texts import hashes_of, reflowed
from counterfoil.collect.lines import LineHasher
from counterfoil.terms.error import SourceError
from counterfoil.terms.history import FilePatch
from counterfoil.terms.ids import LineKey

NAMED = ("diff-tree", "--stdin", "-r", "--raw", "--no-abbrev", "--format=%x00%H")
"""A commit's name follows a zero byte at the start of a line, where no content can have one."""
PATCHES = (
    *NAMED,
    "--root",
    "-p",
    "-U0",
    "-M",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--inter-hunk-context=0",
    "--output-indicator-new= ",  # so that every line of content begins with a space, and no other line does
    "--output-indicator-old= ",
)
_NEWLINE = b"\n"
_BREAK = b"\n\0"
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_NO_NEWLINE = b"\\"
Keys = list[LineKey | None]


@dataclass(slots=True)
class Reader:
    """How lines become numbers while patches are read."""

    counted: Callable[[str], bool]
    hasher: LineHasher | None = None
    content: bool = True
    """False where only origins are wanted: no line is hashed."""


@dataclass(slots=True)
class _Body:
    """The hunks of one file."""

    hunks: list[int]
    removed: list[bytes]
    added: list[bytes]
    reflowed: int = 0
    opaque: bool = False


def commits_in(blocks: Iterable[bytes]) -> Iterator[list[bytes]]:
    """The lines of each commit in a stream asked for with NAMED; the first of them is its name."""
    commit: list[bytes] = []
    held = _NEWLINE
    for block in blocks:
        whole = held + block
        # A break may lie across two blocks.
        held = _NEWLINE if block.endswith(_NEWLINE) else b""
        first, *others = whole.removesuffix(_NEWLINE).split(_BREAK)
        if first:
            commit.append(first)
        for other in others:
            if commit:
                yield _lines(commit)
            commit = [other]
    if commit:
        if not held:
            raise SourceError(
                "git-cut", "git's output ended within a line", hint="run again; then `git fsck`"
            )
        yield _lines(commit)


def _lines(commit: list[bytes]) -> list[bytes]:
    """A commit's lines without the blank one below its name."""
    lines = b"".join(commit).split(_NEWLINE)
    del lines[1:2]
    return lines


def patches_of(lines: list[bytes], reader: Reader, *, keyed: bool) -> list[FilePatch]:
    """What the commit on these lines did to each file."""
    entries: list[Entry] = []
    at = 1
    while at < len(lines) and lines[at][:1] == b":":
        entries.append(entry_of(lines[at]))
        at += 1
    at += 1
    bodies = []
    for entry in entries:
        sections = 2 if entry.status == "T" else 1
        body = _Body([], [], [])
        for _ in range(sections):
            at = _section(lines, at, body, reader)
        if sections == 2:
            old, new = sum(body.hunks[1::4]), sum(body.hunks[3::4])
            body.hunks = [min(old, 1), old, min(new, 1), new]
        bodies.append(body)
    if at < len(lines):
        raise SourceError("git-shape", "git's patch has lines of no file", hint="report the git version")
    # The lines of all files in one go: most commits change a few lines in a few files.
    hashes = iter(hashes_of([line for body in bodies for line in (*body.removed, *body.added)]))
    return [
        _patch(entry, body, hashes, reader, keyed=keyed) for entry, body in zip(entries, bodies, strict=True)
    ]


def _section(lines: list[bytes], at: int, body: _Body, reader: Reader) -> int:
    """Read one `diff --git` section; the position after it."""
    if at >= len(lines) or not lines[at].startswith(b"diff --git"):
        raise SourceError("git-shape", "git's patch lacks a file it lists", hint="report the git version")
    at += 1
    end = len(lines)
    while at < end:
        line = lines[at]
        if line[:2] == b"@@":
            at = _hunk(lines, at, body, reader)
        elif line[:10] == b"diff --git":
            break
        else:
            body.opaque |= line[:7] == b"Binary "
            at += 1
    return at


def _hunk(lines: list[bytes], at: int, body: _Body, reader: Reader) -> int:
    found = _HUNK.match(lines[at])
    if found is None:
        raise SourceError("git-shape", "git's patch has a broken hunk", hint="report the git version")
    old, old_lines, new, new_lines = map(int, found.groups(b"1"))
    at += 1
    removed = lines[at : at + old_lines]
    at += old_lines
    if old_lines and at < len(lines) and lines[at][:1] == _NO_NEWLINE:
        at += 1
    added = lines[at : at + new_lines]
    at += new_lines
    if new_lines and at < len(lines) and lines[at][:1] == _NO_NEWLINE:
        at += 1
    if at > len(lines):
        raise SourceError("git-cut", "git's patch ended within a hunk", hint="run again; then `git fsck`")
    body.hunks += (old, old_lines, new, new_lines)
    if reader.content:
        body.removed += removed
        body.added += added
        body.reflowed += reflowed(removed, added)
    return at


def _patch(entry: Entry, body: _Body, hashes: Iterator[int], reader: Reader, *, keyed: bool) -> FilePatch:
    deleted = entry.status == "D"
    return FilePatch(
        path=entry.path,
        old_path=None if entry.status == "A" else entry.old_path,
        deleted=deleted,
        old_blob=entry.old_blob,
        new_blob=entry.new_blob,
        hunks=body.hunks,
        removed=list(islice(hashes, len(body.removed))),
        added=list(islice(hashes, len(body.added))),
        removed_keys=_keys(body.removed, reader.hasher) if keyed else None,
        added_keys=_keys(body.added, reader.hasher) if keyed else None,
        counted=reader.counted(entry.path),
        opaque=body.opaque or entry.new_mode == SUBMODULE,
        reflowed=body.reflowed,
    )


def _keys(lines: Sequence[bytes], hasher: LineHasher | None) -> Keys | None:
    return None if hasher is None else [hasher.key_of(line) for line in lines]
