"""Which call wrote which line of one commit: the calls near it in time, and what its lines left of them."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from posixpath import basename
from typing import NamedTuple

from counterfoil.terms.history import WEIGHTY, FilePatch
from counterfoil.terms.ids import LineKey

FEW_SESSIONS = 3
"""A line that more sessions wrote tells nothing by itself in another file than the one written."""
RUN = 3
"""So many telling lines of one session must stand together there."""
NOBODY = Counter[int]()


class Call(NamedTuple):
    """One tool call that wrote to one file."""

    session: int
    tool: str
    path: str
    name: str
    """The last part of the path."""


class Near(NamedTuple):
    """The calls near a commit in time, as positions in order of time."""

    first: int
    after: int
    """The first that was made after the commit."""
    end: int

    def any(self) -> bool:
        """Whether there are such calls."""
        return self.first < self.end


class Lines(NamedTuple):
    """The added, or the removed, lines of one patch."""

    path: str
    keys: Sequence[LineKey | None]
    flags: Sequence[int]
    hunks: Sequence[range]
    """Positions of each hunk's lines."""


def added_lines(patch: FilePatch, keys: Sequence[LineKey | None]) -> Lines:
    """What a patch adds; a merge states no hunks and is one."""
    return Lines(patch.path, keys, patch.added, _hunks(patch.hunks[3::4] or [len(keys)]))


def removed_lines(patch: FilePatch, keys: Sequence[LineKey | None]) -> Lines:
    """What a patch removes."""
    return Lines(patch.old_path or patch.path, keys, patch.removed, _hunks(patch.hunks[1::4]))


def _hunks(lengths: Iterable[int]) -> list[range]:
    hunks, start = [], 0
    for length in lengths:
        hunks.append(range(start, start + length))
        start += length
    return hunks


class Reach:
    """What calls near one commit wrote (or removed); each line of a call serves one line of the commit."""

    def __init__(
        self, calls: Sequence[Call], by_key: Mapping[LineKey, Sequence[int]], near: Near, committer: int
    ) -> None:
        self._calls = calls
        self._by_key = by_key
        self._near = near
        self._committer = committer
        """The session whose log names the commit; -1 for none."""
        self._free: dict[LineKey, Counter[int]] = {}

    def here(self, lines: Lines) -> dict[int, int]:
        """The call behind each line that was written in this very file."""
        found: dict[int, int] = {}
        for hunk in lines.hunks:
            found |= self._chosen(lines, hunk, lambda call: call.path == lines.path)
        return found

    def elsewhere(self, lines: Lines, found: Collection[int], fits: Callable[[Call], bool]) -> dict[int, int]:
        """The call behind each other line, of those for fitting files.

        A line counts in a run with enough telling lines; alone where it tells, is long, and the file has the
        same name.
        """
        kept: dict[int, int] = {}
        for hunk in lines.hunks:
            chosen = self._chosen(lines, [line for line in hunk if line not in found], fits)
            in_runs = {line for run in self._runs(lines, hunk, chosen) for line in run} if chosen else ()
            for line, call in chosen.items():
                if line in in_runs or self._alone(lines, line, call):
                    kept[line] = call
                else:
                    self._left(lines.keys[line])[call] += 1
        return kept

    def _chosen(self, lines: Lines, among: Iterable[int], fits: Callable[[Call], bool]) -> dict[int, int]:
        """For each line one of the fitting calls that wrote it, which is taken.

        A call for a file of that name goes first, then one of the session whose log names the commit, one
        made before the commit, one of the session that wrote most of these lines, the latest.
        """
        calls, name = self._calls, basename(lines.path)
        wrote = {
            line: fitting
            for line in among
            if (fitting := [call for call in self._left(lines.keys[line]) if fits(calls[call])])
        }
        most = Counter(session for of in wrote.values() for session in {calls[call].session for call in of})

        def rank(call: int) -> tuple[bool, bool, bool, int, int]:
            session = calls[call].session
            return (
                calls[call].name == name,
                session == self._committer,
                call < self._near.after,
                most[session],
                call,
            )

        chosen: dict[int, int] = {}
        for line, of in wrote.items():
            left = self._left(lines.keys[line])
            call = max((call for call in of if left[call]), key=rank, default=None)
            if call is not None:
                left[call] -= 1
                chosen[line] = call
        return chosen

    def _left(self, key: LineKey | None) -> Counter[int]:
        """Every near call that wrote a line, with how many of the times it did are still free."""
        if key is None or key not in self._by_key:
            return NOBODY
        left = self._free.get(key)
        if left is None:
            calls = self._by_key[key]
            near = slice(bisect_left(calls, self._near.first), bisect_left(calls, self._near.end))
            left = self._free[key] = Counter(calls[near])
        return left

    def _tells(self, key: LineKey | None) -> bool:
        return len({self._calls[call].session for call in self._left(key)}) <= FEW_SESSIONS

    def _alone(self, lines: Lines, line: int, call: int) -> bool:
        of_that_name = self._calls[call].name == basename(lines.path)
        return of_that_name and bool(lines.flags[line] & WEIGHTY) and self._tells(lines.keys[line])

    def _runs(self, lines: Lines, hunk: range, chosen: Mapping[int, int]) -> Iterator[list[int]]:
        """Lines of one session that stand together, those too short to tell aside."""
        run: list[int] = []
        of = -1
        for line in (*hunk, -1):
            if line >= 0 and line not in chosen and lines.keys[line] is None:
                continue
            session = self._calls[chosen[line]].session if line in chosen else -1
            if session != of:
                if sum(self._tells(lines.keys[told]) for told in run) >= RUN:
                    yield run
                run, of = [], session
            if line in chosen:
                run.append(line)
