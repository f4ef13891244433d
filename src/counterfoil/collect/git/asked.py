"""Git at work on a history: streams of what each commit changed, begun before anybody reads them."""

from collections.abc import Sequence

from counterfoil.collect.git.combined import COMBINED
from counterfoil.collect.git.command import Stream
from counterfoil.collect.git.patch import NAMED, PATCHES, commits_in
from counterfoil.terms.history import Linked, MergeStyle, mainline_of
from counterfoil.terms.ids import CommitId

_CONFLICTS = (*NAMED, "-c")


class Asked:
    """What git is asked for the commits from one position on; each stream runs ahead until it is read."""

    def __init__(
        self,
        git_dir: str,
        history: Sequence[Linked],
        *,
        start: int,
        style: MergeStyle,
        excluded: Sequence[str] = (),
    ) -> None:
        self._git_dir = git_dir
        self._paths = ("--", ".", *(f":(exclude,literal){path}" for path in excluded)) if excluded else ()
        self._full = style is MergeStyle.FULL
        self.wanted: Sequence[int] = (
            range(start, len(history)) if self._full else [p for p in mainline_of(history) if p >= start]
        )
        """Positions of the commits whose changes are asked for, oldest first."""
        merged = [p for p in self.wanted if len(history[p].parents) > 1] if self._full else []
        single = (
            [history[p].id for p in self.wanted if len(history[p].parents) < 2]
            if self._full
            else [_with_first_parent(history, p) for p in self.wanted]
        )
        self._plain = self._changes(PATCHES, single)
        self._merges = self._changes(NAMED, [_with_first_parent(history, p) for p in merged])
        self._differing = self._stream(_CONFLICTS, [history[p].id for p in merged])
        self._conflicts: tuple[_Changes, _Changes] | None = None

    def plain(self, name: CommitId) -> list[bytes]:
        """The lines of a commit against its first parent; empty where it changed nothing."""
        return self._plain.of(name)

    def merge(self, name: CommitId) -> tuple[list[bytes], list[bytes]]:
        """What a merge changed against its first parent, and the combined diff where it differs from all."""
        if self._conflicts is None:
            same_name, new_name = self._conflicted()
            self._conflicts = (
                self._changes((*COMBINED, "--no-renames"), same_name),
                self._changes((*COMBINED, "-M"), new_name),
            )
        conflicts, renamed = self._conflicts
        return self._merges.of(name), conflicts.of(name) or renamed.of(name)

    def merges(self, commit: Linked) -> bool:
        """Whether a commit is read as a merge."""
        return self._full and len(commit.parents) > 1

    def close(self) -> None:
        """End every stream."""
        for changes in (self._plain, self._merges, *(self._conflicts or ())):
            changes.close()
        if self._differing is not None:
            self._differing.close()

    def _stream(self, arguments: Sequence[str], names: Sequence[str]) -> Stream | None:
        return Stream(self._git_dir, *arguments, *self._paths, names=names) if names else None

    def _changes(self, arguments: Sequence[str], names: Sequence[str]) -> "_Changes":
        return _Changes(self._stream(arguments, names))

    def _conflicted(self) -> tuple[list[str], list[str]]:
        """The merges with a file that no parent has so; apart those where some parent lacks its name.

        Only the latter can have a rename, and to look for renames takes most of the time.
        """
        names: tuple[list[str], list[str]] = ([], [])
        for name, *entries in commits_in(self._differing.blocks()) if self._differing else ():
            if entries:
                new = any(b"A" in entry[: entry.index(b"\t")].rsplit(b" ", 1)[1] for entry in entries)
                names[new].append(name.decode())
        return names


class _Changes:
    """A stream of commits asked for in its own order; commits that changed nothing are absent from it."""

    def __init__(self, stream: Stream | None) -> None:
        self._stream = stream
        self._commits = commits_in(stream.blocks()) if stream else iter(())
        self._next: list[bytes] | None = []

    def of(self, name: str) -> list[bytes]:
        """The lines of one commit; empty where it changed nothing."""
        if self._next == []:
            self._next = next(self._commits, None)
        lines = self._next
        if lines is None or lines[0] != name.encode():
            return []
        self._next = []
        return lines

    def close(self) -> None:
        """End the stream."""
        if self._stream:
            self._stream.close()


def _with_first_parent(history: Sequence[Linked], position: int) -> str:
    commit = history[position]
    return " ".join((commit.id, *(history[p].id for p in commit.parents[:1])))
