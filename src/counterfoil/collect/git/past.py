"""Opens a repository's past: its facts, its commits and one stream of what each changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from counterfoil.collect.git.combined import COMBINED, merged_in
from counterfoil.collect.git.command import Stream
from counterfoil.collect.git.patch import NAMED, PATCHES, Reader, commits_in, patches_of
from counterfoil.collect.git.raw import SUBMODULE, entry_of
from counterfoil.terms.history import Commit, FilePatch, MergeStyle, RepoFacts
from counterfoil.terms.reading import Remembered

_CONFLICTS = (*NAMED, "-c")


@dataclass(slots=True)
class GitPast:
    """A repository's past, to be read once."""

    facts: RepoFacts
    style: MergeStyle
    mode_why: str
    formatting: frozenset[int]
    git_dir: str
    history: Sequence[Commit]
    reader: Reader
    keys_since: int
    excluded: Sequence[str] = ()
    """Paths that can't be followed, since some of their content is missing."""
    memory: Remembered | None = None
    purpose: str = ""
    """What the replay is for: what one purpose keeps is never another's."""

    def counts(self, path: str) -> bool:
        """False for generated, vendored, locked, minified and fixture paths."""
        return self.reader.counted(path)

    def recalled(self) -> bytes | None:
        """What the last replay of this repository kept; None for nothing, or where nothing is remembered."""
        return self.memory.recall(*self._place()) if self.memory else None

    def keep(self, replayed: bytes) -> None:
        """Keep what the next replay can begin from."""
        if self.memory:
            self.memory.keep(*self._place(), replayed)

    def _place(self) -> tuple[str, str]:
        """Where in the memory it is kept, and what else than commits its patches depend on."""
        attributes = Path(self.git_dir, "info", "attributes")
        stated = blake2b(attributes.read_bytes() if attributes.is_file() else b"", digest_size=8)
        name = f"{self.git_dir}\n{self.style}\n{self.purpose}"
        return name, f"replayed/{stated.hexdigest()}/{self.keys_since}"

    def commits(self) -> Sequence[Commit]:
        """Every commit, parents first."""
        return self.history

    def patches(self, start: int = 0) -> Iterator[tuple[int, Sequence[FilePatch]]]:
        """Each commit's position from one on, with what it changed, oldest first."""
        if self.style is MergeStyle.FIRST_PARENT:
            wanted: Sequence[int] = [p for p in mainline_of(self.history) if p >= start]
            names = [" ".join(_with_first_parent(self.history, p)) for p in wanted]
            plain = _Changes(self.git_dir, (*PATCHES, *self._paths()), names)
            merges = conflicts = renamed = _NOTHING
        else:
            wanted = range(start, len(self.history))
            single = [self.history[p].id for p in wanted if len(self.history[p].parents) < 2]
            plain = _Changes(self.git_dir, (*PATCHES, *self._paths()), single)
            merged = [p for p in wanted if len(self.history[p].parents) > 1]
            names = [" ".join(_with_first_parent(self.history, p)) for p in merged]
            merges = _Changes(self.git_dir, (*NAMED, *self._paths()), names)
            same_name, new_name = self._conflicted(merged)
            conflicts = _Changes(self.git_dir, (*COMBINED, "--no-renames", *self._paths()), same_name)
            renamed = _Changes(self.git_dir, (*COMBINED, "-M", *self._paths()), new_name)
        try:
            for position in wanted:
                commit = self.history[position]
                if merges is not _NOTHING and len(commit.parents) > 1:
                    yield (
                        position,
                        self._merge(merges.of(commit.id), conflicts.of(commit.id) or renamed.of(commit.id)),
                    )
                else:
                    yield position, self._plain(commit, plain.of(commit.id))
        finally:
            for changes in (plain, merges, conflicts, renamed):
                changes.close()

    def _paths(self) -> tuple[str, ...]:
        return ("--", ".", *(f":(exclude,literal){path}" for path in self.excluded)) if self.excluded else ()

    def _plain(self, commit: Commit, lines: list[bytes]) -> Sequence[FilePatch]:
        if not lines:
            return ()
        keyed = self.reader.hasher is not None and commit.committed_at >= self.keys_since
        return patches_of(lines, self.reader, keyed=keyed)

    def _merge(self, raw: list[bytes], combined: list[bytes]) -> Sequence[FilePatch]:
        """What a merge changed against its first parent, with sides where it differs from all."""
        differing = merged_in(combined, self.reader) if combined else {}
        return [differing.get(p.path, p) for p in map(self._taken, raw[1:])]

    def _taken(self, line: bytes) -> FilePatch:
        entry = entry_of(line)
        return FilePatch(
            path=entry.path,
            old_path=None if entry.status == "A" else entry.old_path,
            deleted=entry.status == "D",
            old_blob=entry.old_blob,
            new_blob=entry.new_blob,
            hunks=(),
            removed=(),
            added=(),
            removed_keys=None,
            added_keys=None,
            counted=self.reader.counted(entry.path),
            opaque=entry.new_mode == SUBMODULE,
        )

    def _conflicted(self, merged: Sequence[int]) -> tuple[list[str], list[str]]:
        """The merges with a file that no parent has so; apart those where some parent lacks its name.

        Only the latter can have a rename, and to look for renames takes most of the time.
        """
        stream = Stream(self.git_dir, *_CONFLICTS, *self._paths(), names=[self.history[p].id for p in merged])
        names: tuple[list[str], list[str]] = ([], [])
        for name, *entries in commits_in(stream.blocks()):
            if entries:
                new = any(b"A" in entry[: entry.index(b"\t")].rsplit(b" ", 1)[1] for entry in entries)
                names[new].append(name.decode())
        return names


class _Changes:
    """A stream of commits asked for in its own order; commits that changed nothing are absent from it."""

    def __init__(self, git_dir: str, arguments: Sequence[str], names: Sequence[str]) -> None:
        self._stream = Stream(git_dir, *arguments, names=names) if names else None
        self._commits = commits_in(self._stream.blocks()) if self._stream else iter(())
        self._next = next(self._commits, None)

    def of(self, name: str) -> list[bytes]:
        """The lines of one commit; empty where it changed nothing."""
        lines = self._next
        if lines is None or lines[0] != name.encode():
            return []
        self._next = next(self._commits, None)
        return lines

    def close(self) -> None:
        """End the stream."""
        if self._stream:
            self._stream.close()


_NOTHING = _Changes("", (), ())


def mainline_of(history: Sequence[Commit]) -> list[int]:
    """Positions of the first-parent line of the last commit, oldest first."""
    line = []
    position: int | None = len(history) - 1 if history else None
    while position is not None:
        line.append(position)
        parents = history[position].parents
        position = parents[0] if parents else None
    return line[::-1]


def _with_first_parent(history: Sequence[Commit], position: int) -> tuple[str, ...]:
    commit = history[position]
    return (commit.id, *(history[p].id for p in commit.parents[:1]))
