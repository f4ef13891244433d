"""Opens a repository's past: its facts, its commits and one stream of what each changed."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from counterfoil.collect.git.asked import Asked
from counterfoil.collect.git.combined import merged_in
from counterfoil.collect.git.patch import Reader, patches_of
from counterfoil.collect.git.raw import SUBMODULE, entry_of
from counterfoil.terms.history import Commit, FilePatch, MergeStyle, RepoFacts
from counterfoil.terms.reading import Remembered


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
    begun: Asked | None = None
    """Git at work on the whole of it already."""

    def counts(self, path: str) -> bool:
        """False for generated, vendored, locked, minified and fixture paths."""
        return self.reader.counted(path)

    def recalled(self) -> bytes | None:
        """What the last replay of this repository kept; None for nothing, or where nothing is remembered."""
        return self.memory.recall(*self._place()) if self.memory else None

    def keep(self, replayed: Callable[[], bytes]) -> None:
        """Keep what the next replay can begin from; nobody asks for it where nothing is remembered."""
        if self.memory:
            self.memory.keep(*self._place(), replayed())

    def _place(self) -> tuple[str, str]:
        return place_of(self.git_dir, self.style, self.purpose, self.keys_since)

    def commits(self) -> Sequence[Commit]:
        """Every commit, parents first."""
        return self.history

    def patches(self, start: int = 0) -> Iterator[tuple[int, Sequence[FilePatch]]]:
        """Each commit's position from one on, with what it changed, oldest first."""
        asked = self.begun if start == 0 else None
        if asked is None:
            asked = Asked(self.git_dir, self.history, start=start, style=self.style, excluded=self.excluded)
        try:
            for position in asked.wanted:
                commit = self.history[position]
                if asked.merges(commit):
                    yield position, self._merge(*asked.merge(commit.id))
                else:
                    yield position, self._plain(commit, asked.plain(commit.id))
        finally:
            asked.close()

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


def place_of(git_dir: str, style: MergeStyle, purpose: str, keys_since: int) -> tuple[str, str]:
    """Where in the memory a replay is kept, and what else than commits its patches depend on."""
    attributes = Path(git_dir, "info", "attributes")
    stated = blake2b(attributes.read_bytes() if attributes.is_file() else b"", digest_size=8)
    return f"{git_dir}\n{style}\n{purpose}", f"replayed/{stated.hexdigest()}/{keys_since}"
