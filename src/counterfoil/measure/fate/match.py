"""Ties landed lines to sessions: what was written is what landed, else what the commit itself claims."""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from posixpath import basename
from typing import NamedTuple

from counterfoil.measure.fate.basis import Basis
from counterfoil.measure.fate.places import relative
from counterfoil.measure.fate.reach import Call, Lines, Near, Reach, added_lines, removed_lines
from counterfoil.terms.history import Claim, Commit, FilePatch
from counterfoil.terms.ids import CommitId, LineKey, SessionId
from counterfoil.terms.mark import Committed, Evidence, Written

DAY = 86_400
BEFORE, AFTER = 2 * DAY, 21 * DAY
"""A commit is authored at most so long before or after the lines were written. Unit: seconds.

Source: Claude Code analytics, contribution matching (code.claude.com, read 2026-11-23).
"""
SHORT_NAME = 7
"""Git prints at least so many digits of a commit."""


class Named(NamedTuple):
    """A commit that a session's own log names, as git printed it."""

    commit: str
    session: int
    tool: str


class Matcher:
    """Says which added lines of a patch a session wrote, and notes the removed ones it accounts for."""

    def __init__(
        self,
        written: Sequence[Written],
        committed: Sequence[Committed],
        *,
        number: Mapping[SessionId, int],
        roots: Sequence[str],
    ) -> None:
        self._calls: list[Call] = []
        self._added: dict[LineKey, list[int]] = {}
        self._removed: dict[LineKey, list[int]] = {}
        self._at: list[int] = []
        self.wrote: defaultdict[int, list[int]] = defaultdict(list)
        """For each session that wrote anything when it did. Unit: seconds since 1970."""
        self._basis = Basis(BEFORE, AFTER)
        first: dict[int, SessionId] = {}
        for session, n in number.items():
            first.setdefault(n, session)
        self.sessions: Sequence[SessionId] = [first[n] for n in sorted(first)]
        """The session of each number; of those that share one, the first."""
        # In order of time, so that which of two sessions has a line never hangs on the order of logs.
        for w in sorted(written, key=lambda w: (w.at, w.session)):
            self._note(w, number[w.session], relative(w.path, w.directory, roots))
        self._named: defaultdict[str, list[Named]] = defaultdict(list)
        for c in sorted(committed, key=lambda c: (c.at, c.session)):
            self._named[c.commit[:SHORT_NAME]].append(Named(c.commit, number[c.session], c.source))
        self.removed_lines: defaultdict[CommitId, Counter[int]] = defaultdict(Counter)
        """For each commit how many of its removed lines each session's edits account for."""
        self._paths = {call.path for call in self._calls}

    def _note(self, w: Written, session: int, path: str) -> None:
        call = len(self._calls)
        at = int(w.at.timestamp())
        self._calls.append(Call(session, w.source, path, basename(path)))
        self._at.append(at)
        self.wrote[session].append(at)
        self._basis.note(at, (self.sessions[session], w.source, at, path, w.added, w.removed))
        for keys, by_key in ((w.added, self._added), (w.removed, self._removed)):
            for key in keys:
                by_key.setdefault(key, []).append(call)

    def begin(self, commit: Commit, patches: Sequence[FilePatch]) -> None:
        """Take up a commit; first of all, each line goes to the very file that it was written in."""
        self._commit, self._whole = commit.id, self._of_commit(commit)
        at = commit.authored_at
        self._near = Near(
            bisect_left(self._at, at - AFTER), bisect_right(self._at, at), bisect_right(self._at, at + BEFORE)
        )
        committer = self.committer_of(commit)
        self._wrote = Reach(self._calls, self._added, self._near, committer)
        self._took = Reach(self._calls, self._removed, self._near, committer)
        self._here = {
            patch.path: self._wrote.here(added_lines(patch, patch.added_keys))
            for patch in (patches if self._near.any() else ())
            if patch.added_keys and patch.path in self._paths
        }

    def added(self, patch: FilePatch) -> Claim | Sequence[Claim]:
        """One claim for the whole patch, or one per added line."""
        if not patch.added_keys or not self._near.any():
            return self._whole
        lines = added_lines(patch, patch.added_keys)
        here = self._here.get(patch.path, {})
        found = here | self._wrote.elsewhere(lines, here, lambda call: call.path != patch.path)
        if not found:
            return self._whole
        claims = [self._whole] * len(lines.keys)
        for line, call in found.items():
            by = self._calls[call]
            claims[line] = claim(max(Evidence.CONTENT, self._whole.evidence), by.session, by.tool)
        _fill_gaps(claims, lines, self._whole)
        return claims

    def removed(self, patch: FilePatch) -> None:
        """Note the removed lines that a session's own edits account for."""
        if not patch.removed_keys or not self._removed or not self._near.any():
            return
        lines = removed_lines(patch, patch.removed_keys)
        here = self._took.here(lines)
        name = basename(lines.path)
        moved = self._took.elsewhere(lines, here, lambda call: call.path != lines.path and call.name == name)
        for call in (here | moved).values():
            self.removed_lines[self._commit][self._calls[call].session] += 1

    def basis(self, commits: Sequence[Commit]) -> bytes:
        """A digest, of 16 bytes, of everything that what is said of these commits depends on."""
        named = [
            (commit.id, self.sessions[by.session], by.tool)
            for commit in commits
            if (by := self._naming(commit))
        ]
        return self._basis.of(commits, named)

    def _of_commit(self, commit: Commit) -> Claim:
        """What the commit's own words claim, or the session whose log names it."""
        evidence, tool = commit.claimed()
        if named := self._naming(commit):
            return claim(max(evidence, Evidence.MARKED), named.session, tool or named.tool)
        return claim(evidence, -1, tool)

    def committer_of(self, commit: Commit) -> int:
        """The number of the session whose own log names a commit; -1 for none."""
        named = self._naming(commit)
        return named.session if named else -1

    def _naming(self, commit: Commit) -> Named | None:
        of_that_name = self._named.get(commit.id[:SHORT_NAME], ())
        return next((named for named in of_that_name if commit.id.startswith(named.commit)), None)


@cache
def claim(evidence: int, session: int, tool: str) -> Claim:
    """One value for each distinct claim."""
    return Claim(evidence=int(evidence), session=session, tool=tool)


def _fill_gaps(claims: list[Claim], lines: Lines, whole: Claim) -> None:
    """Give lines too short to tell the claim of the lines around them, where those agree."""
    keys = lines.keys
    for hunk in lines.hunks:
        told = [line for line in hunk if keys[line] is not None]
        if not told:
            continue
        above: Claim | None = None
        rest = iter([*told, -1])
        after = next(rest)
        for line in hunk:
            if keys[line] is not None:
                above = claims[line]
                after = next(rest)
                continue
            below = claims[after] if after >= 0 else above
            if (above or below) is below and below is not None and below is not whole:
                claims[line] = below
