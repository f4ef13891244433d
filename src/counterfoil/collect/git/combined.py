"""Parses git's combined diff of merges: how a file that differs from all parents stands to each."""

import re
from itertools import groupby

from counterfoil.collect.git.patch import NAMED, Reader
from counterfoil.collect.git.raw import SUBMODULE, MergedEntry, merged_entry_of, path_of
from counterfoil.collect.git.texts import hashes_of
from counterfoil.terms.error import SourceError
from counterfoil.terms.history import FilePatch, Side

COMBINED = (
    *NAMED,
    "-c",
    "-p",
    "-U1",
    "--combined-all-paths",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
)
NO_FILE = "000000"
_RANGE = re.compile(rb"[-+](\d+),(\d+)")
_LOST, _NEW, _KEPT = b"-+ "


class _Body:
    """The combined hunks of one file, as hunks against each parent."""

    def __init__(self, parents: int) -> None:
        self.hunks: list[list[int]] = [[] for _ in range(parents)]
        self.added: list[bytes] = []
        self.opaque = False


def merged_in(lines: list[bytes], reader: Reader) -> dict[str, FilePatch]:
    """Every file of the merge on these lines that differs from all its parents, by its path."""
    entries: list[MergedEntry] = []
    at, parents = 1, 0
    while at < len(lines) and lines[at][:1] == b":":
        parents = len(lines[at]) - len(lines[at].lstrip(b":"))
        entries.append(merged_entry_of(lines[at], parents))
        at += 1
    bodies = _bodies(lines, at, parents)
    return {e.paths[-1]: _merged(e, bodies.get(e.paths[-1], _Body(parents)), reader) for e in entries}


def _bodies(lines: list[bytes], at: int, parents: int) -> dict[str, _Body]:
    bodies: dict[str, _Body] = {}
    body = _Body(parents)
    while at < len(lines):
        line = lines[at]
        if line.startswith(b"@@@"):
            at = _hunk(lines, at, body, parents)
            continue
        if line.startswith(b"diff --combined "):
            body = bodies.setdefault(path_of(line[16:]), _Body(parents))
        elif line.startswith(b"Binary "):
            body.opaque = True
        at += 1
    return bodies


def _hunk(lines: list[bytes], at: int, body: _Body, parents: int) -> int:
    """Walk one hunk by its counts, as its content can say anything; the position after it.

    In a combined hunk every start is the next line's number, even where the count is zero. Lines with the
    same marks are taken in one step, as most come in runs.
    """
    ranges = [(int(start) - 1, int(count)) for start, count in _RANGE.findall(lines[at])[: parents + 1]]
    old = [start for start, _ in ranges[:-1]]
    left = [count for _, count in ranges]
    new, result = ranges[-1][0], parents
    runs: list[list[int] | None] = [None] * parents
    at += 1
    for marks, alike in groupby([line[:parents] for line in lines[at : at + sum(left)]]):
        if not any(left):
            break
        n = len(list(alike))
        lost = _LOST in marks
        for i, mark in enumerate(marks):
            if mark == (_LOST if lost else _NEW):
                run = runs[i] or [old[i], 0, new, 0]
                runs[i] = run
                run[1 if lost else 3] += n
            elif not lost:
                _close(runs[i], body.hunks[i])
                runs[i] = None
            if mark == (_LOST if lost else _KEPT):
                old[i] += n
                left[i] -= n
        if not lost:
            new += n
            left[result] -= n
            if marks.count(b"+") == parents:
                body.added += [line[parents:] for line in lines[at : at + n]]
        at += n
    if any(left):
        raise SourceError("git-cut", "git's combined diff ended early", hint="run again; then `git fsck`")
    for left_open, hunks in zip(runs, body.hunks, strict=True):
        _close(left_open, hunks)
    return at


def _close(run: list[int] | None, hunks: list[int]) -> None:
    """Write a run of differing lines as a hunk header would."""
    if run is not None:
        old, removed, new, added = run
        hunks += (old + (removed > 0), removed, new + (added > 0), added)


def _merged(entry: MergedEntry, body: _Body, reader: Reader) -> FilePatch:
    *parent_paths, path = entry.paths
    *parent_modes, mode = entry.modes
    sides = [
        Side(path=None if mode == NO_FILE else path, blob=blob, hunks=hunks)
        for path, mode, blob, hunks in zip(parent_paths, parent_modes, entry.blobs, body.hunks, strict=False)
    ]
    return FilePatch(
        path=path,
        old_path=sides[0].path,
        deleted=mode == NO_FILE,
        old_blob=entry.blobs[0],
        new_blob=entry.blobs[-1],
        hunks=(),
        removed=(),
        added=hashes_of(body.added),
        removed_keys=None,
        added_keys=None,
        counted=reader.counted(path),
        opaque=body.opaque or mode == SUBMODULE,
        sides=sides,
    )
