"""Asks git which paths a repository itself marks as generated or vendored."""

import os
import subprocess
from collections.abc import Callable
from functools import cache
from tempfile import TemporaryDirectory
from weakref import finalize

from counterfoil.collect.git.command import command, environment, output
from counterfoil.collect.git.paths import counted

NAMES = ("linguist-generated", "linguist-vendored")
UNSET = (b"unspecified", b"unset", b"false")


def counts(git_dir: str, rev: str) -> Callable[[str], bool]:
    """Says of a path whether its lines enter figures, by its name and by .gitattributes at a revision."""
    if not _mentions_linguist(git_dir, rev):
        return cache(counted)
    marked = _Marked(git_dir, rev)
    return cache(lambda path: counted(path) and not marked(path))


def _mentions_linguist(git_dir: str, rev: str) -> bool:
    return bool(
        output(
            git_dir,
            "grep",
            "-l",
            "-e",
            "linguist-",
            rev,
            "--",
            ".gitattributes",
            "**/.gitattributes",
            may_fail=True,
        )
    )


class _Marked:
    """One `git check-attr` that answers path after path, from an index of its own."""

    def __init__(self, git_dir: str, rev: str) -> None:
        self._folder = TemporaryDirectory(prefix="counterfoil-")
        variables = environment() | {"GIT_INDEX_FILE": os.path.join(self._folder.name, "index")}
        subprocess.run(command(git_dir, "read-tree", rev), env=variables, check=True, capture_output=True)  # noqa: S603
        self._process = subprocess.Popen(  # noqa: S603
            command(git_dir, "check-attr", "--cached", "--stdin", "-z", *NAMES),
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        finalize(self, _end, self._process, self._folder)

    def __call__(self, path: str) -> bool:
        """Whether the repository says that a path is generated or vendored."""
        asked, answers = self._process.stdin, self._process.stdout
        if asked is None or answers is None:
            return False
        asked.write(path.encode("utf-8", "surrogateescape") + b"\0")
        asked.flush()
        said = b""
        while said.count(b"\0") < 3 * len(NAMES):
            more = os.read(answers.fileno(), 1 << 16)
            if not more:
                return False
            said += more
        return any(value not in UNSET for value in said.split(b"\0")[2::3])


def _end(process: "subprocess.Popen[bytes]", folder: "TemporaryDirectory[str]") -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()
    process.wait()
    folder.cleanup()
