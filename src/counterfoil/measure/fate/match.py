"""Ties landed lines to sessions: what was written is what landed, else what the commit itself claims."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from posixpath import basename
from typing import NamedTuple

from counterfoil.measure.fate.places import relative
from counterfoil.terms.history import Claim, Commit, FilePatch
from counterfoil.terms.ids import LineKey, SessionId
from counterfoil.terms.mark import Committed, Evidence, Written

DAY = 86_400
BEFORE, AFTER = 2 * DAY, 21 * DAY
"""A commit is authored at most so long before or after the lines were written. Unit: seconds.

Source: Claude Code analytics, contribution matching (code.claude.com, read 2026-11-23).
"""
FEW_SESSIONS = 3
"""In another file than the one written, a line counts only if at most so many sessions wrote it."""
RUN = 3
"""... and only in a run of so many lines of the same session."""
SHORT_NAME = 7
"""Git prints at least so many digits of a commit."""


class Call(NamedTuple):
    """One tool call that wrote to one file."""

    session: int
    tool: str
    at: int
    path: str


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
        self._span = (1 << 62, -(1 << 62))
        # In order of time, so that which of two sessions has a line never hangs on the order of logs.
        for w in sorted(written, key=lambda w: (w.at, w.session)):
            self._note(w, number[w.session], relative(w.path, w.directory, roots))
        self._named: defaultdict[str, list[tuple[str, int, str]]] = defaultdict(list)
        for c in sorted(committed, key=lambda c: (c.at, c.session)):
            self._named[c.commit[:SHORT_NAME]].append((c.commit, number[c.session], c.source))
        self.committed: dict[str, int] = {}
        """Commits that a session's own log names, with the session's number."""
        self.removed_lines: defaultdict[str, Counter[int]] = defaultdict(Counter)
        """For each commit how many of its removed lines each session's edits account for."""
        self.writers = {call.session for call in self._calls}
        """Sessions that wrote anything."""

    def _note(self, w: Written, session: int, path: str) -> None:
        call = len(self._calls)
        at = int(w.at.timestamp())
        self._calls.append(Call(session, w.source, at, path))
        self._span = (min(self._span[0], at - BEFORE), max(self._span[1], at + AFTER))
        for keys, by_key in ((w.added, self._added), (w.removed, self._removed)):
            for key in keys:
                by_key.setdefault(key, []).append(call)

    def added(self, commit: Commit, patch: FilePatch) -> Claim | Sequence[Claim]:
        """One claim for the whole patch, or one per added line."""
        whole = self._of_commit(commit)
        keys = patch.added_keys
        if keys is None or not self._in_span(commit):
            return whole
        found = self._found(commit, patch, keys)
        if not found:
            return whole
        claims = [whole] * len(keys)
        for line, call in found.items():
            claims[line] = claim(max(Evidence.CONTENT, whole.evidence), call.session, call.tool)
        _fill_gaps(claims, keys, _hunks(patch), whole)
        return claims

    def removed(self, commit: Commit, patch: FilePatch) -> None:
        """Note the removed lines that a session's own edits account for."""
        keys = patch.removed_keys
        if keys is None or not self._removed or not self._in_span(commit):
            return
        used: Counter[tuple[LineKey, int]] = Counter()
        for key in keys:
            for call in self._near(commit, self._removed.get(key, ()) if key is not None else ()):
                if _same_file(self._calls[call].path, patch.old_path or patch.path) and not used[key, call]:  # type: ignore[index]
                    used[key, call] += 1  # type: ignore[index]
                    self.removed_lines[commit.id][self._calls[call].session] += 1
                    break

    def _of_commit(self, commit: Commit) -> Claim:
        """What the commit's own words claim, or the session whose log names it."""
        evidence, tool = Evidence.UNKNOWN, ""
        for mark in commit.marks:
            tier = mark.evidence if mark.whole else min(mark.evidence, Evidence.ASSIST)
            if tier > evidence:
                evidence, tool = tier, mark.tool
        for name, session, source in self._named.get(commit.id[:SHORT_NAME], ()):
            if commit.id.startswith(name):
                self.committed[commit.id] = session
                return claim(max(evidence, Evidence.MARKED), session, tool or source)
        return claim(evidence, -1, tool)

    def _in_span(self, commit: Commit) -> bool:
        return self._span[0] <= commit.authored_at <= self._span[1]

    def _near(self, commit: Commit, calls: Sequence[int]) -> Iterator[int]:
        for call in calls:
            at = self._calls[call].at
            if at - BEFORE <= commit.authored_at <= at + AFTER:
                yield call

    def _found(self, commit: Commit, patch: FilePatch, keys: Sequence[LineKey | None]) -> dict[int, Call]:
        """The call behind each added line that has one; a call's line serves one landed line."""
        found: dict[int, Call] = {}
        elsewhere: dict[int, Call] = {}
        used: Counter[tuple[LineKey, int]] = Counter()
        for line, key in enumerate(keys):
            calls = self._added.get(key) if key is not None else None
            if key is None or not calls:
                continue
            written = Counter(self._near(commit, calls))
            free = [call for call in written if used[key, call] < written[call]]
            here = next((c for c in reversed(free) if _same_file(self._calls[c].path, patch.path)), None)
            if here is not None:
                used[key, here] += 1
                found[line] = self._calls[here]
            elif free and len({self._calls[c].session for c in calls}) <= FEW_SESSIONS:
                elsewhere[line] = self._calls[free[-1]]
        for run in _runs(elsewhere, keys, found):
            found |= {line: elsewhere[line] for line in run}
        return found


@cache
def claim(evidence: int, session: int, tool: str) -> Claim:
    """One value for each distinct claim."""
    return Claim(evidence=int(evidence), session=session, tool=tool)


def _same_file(written: str, landed: str) -> bool:
    """The same path, or the same name in a folder that may have been renamed since."""
    return written == landed or basename(written) == basename(landed)


def _runs(
    elsewhere: Mapping[int, Call], keys: Sequence[LineKey | None], found: Mapping[int, Call]
) -> Iterator[list[int]]:
    """Lines found in other files that stand together, lines too short to tell aside."""
    run: list[int] = []
    for line, key in enumerate(keys):
        if line in elsewhere and (not run or elsewhere[run[-1]].session == elsewhere[line].session):
            run.append(line)
        elif key is None and run:
            continue
        else:
            if len(run) >= RUN:
                yield run
            run = [line] if line in elsewhere else []
    if len(run) >= RUN:
        yield run


def _hunks(patch: FilePatch) -> Iterator[range]:
    """Positions of each hunk's added lines; a merge states none and is one hunk."""
    if not patch.hunks:
        yield range(len(patch.added))
    start = 0
    for added in patch.hunks[3::4]:
        yield range(start, start + added)
        start += added


def _fill_gaps(
    claims: list[Claim], keys: Sequence[LineKey | None], hunks: Iterator[range], whole: Claim
) -> None:
    """Give lines too short to tell the claim of the lines around them, where those agree."""
    for hunk in hunks:
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
