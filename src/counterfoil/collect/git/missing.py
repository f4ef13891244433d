"""Objects that a copy of a repository lacks, and the paths that can't be followed without them."""

from collections.abc import Iterator

from counterfoil.collect.git.command import Stream
from counterfoil.collect.git.raw import path_of
from counterfoil.terms.error import SourceError

MOST_PATHS = 200
"""With more paths to leave out, the copy is too incomplete for any figure."""


class Missing:
    """Git at work on what is missing, beside whatever else is done until it is asked."""

    def __init__(self, git_dir: str, rev: str) -> None:
        self._git_dir = git_dir
        self._rev = rev
        self._stream = Stream(git_dir, "rev-list", "--objects", "--quiet", "--missing=print", rev)

    def paths(self) -> tuple[str, ...]:
        """Every path that at some time had a content which is not here.

        Raises: SourceError where the copy lacks too much.
        """
        listed = b"".join(self._stream.blocks())
        missing = {line[1:] for line in listed.split(b"\n") if line[:1] == b"?"}
        if not missing:
            return ()
        paths = sorted(set(_paths_of(self._git_dir, self._rev, missing)))
        if len(paths) > MOST_PATHS or not paths:
            raise SourceError(
                "repository-incomplete",
                f"{self._git_dir} lacks the content of {len(missing)} objects",
                hint="fetch them: git fetch --refetch --no-filter, or clone without --filter",
            )
        return tuple(paths)


def _paths_of(git_dir: str, rev: str, missing: set[bytes]) -> Iterator[str]:
    stream = Stream(
        git_dir, "log", "--format=", "--raw", "--no-abbrev", "-m", "-r", "--no-renames", "--root", rev, "--"
    )
    carry = b""
    for block in stream.blocks():
        lines = (carry + block).split(b"\n")
        carry = lines.pop()
        for line in lines:
            fields = line.split(b"\t")
            words = fields[0].split(b" ")
            if len(words) == 5 and (words[2] in missing or words[3] in missing):
                yield path_of(fields[-1])
