"""Writes an invented history into a real git repository, through one `git fast-import`."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from counterfoil.simulate.histories.people import Identity
from counterfoil.terms.error import ToolError
from counterfoil.terms.ids import CommitId

MAIN = "refs/heads/main"


class GitStream:
    """A new repository that takes commits and names each at once.

    Raises: ToolError when git is missing or fails.
    """

    def __init__(self, repository: Path, owner: Identity) -> None:
        self._repository = repository
        self._owner = owner
        self._marks: dict[CommitId, int] = {}

    def __enter__(self) -> Self:
        self._repository.mkdir(parents=True)
        self._git("init", "--quiet", "--template=", "--object-format=sha1", "--initial-branch=main")
        with (self._repository / ".git" / "config").open("a", encoding="utf-8") as config:
            config.write(f"[user]\n\tname = {self._owner.name}\n\temail = {self._owner.mail}\n")
        self._import = subprocess.Popen(  # noqa: S603 - git with words of our own
            _command("fast-import", "--quiet", "--done"),
            cwd=self._repository,
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._to_git.write(b"done\n")
        self._to_git.close()
        self._from_git.close()
        if self._import.wait() and kind is None:
            raise _failed("fast-import")
        if kind is None:
            self._git("reset", "--quiet", "--hard", "main")

    def commit(
        self,
        message: str,
        files: Mapping[str, bytes | None],
        *,
        at: datetime,
        author: Identity,
        committer: Identity,
        parents: Sequence[CommitId],
        ref: str = MAIN,
    ) -> CommitId:
        """One commit on `ref`: `files` says what is written, None what is deleted. Its name."""
        mark = len(self._marks) + 1
        when = f"{int(at.timestamp())} +0000"
        head = [f"commit {ref}", f"mark :{mark}", f"author {author} {when}", f"committer {committer} {when}"]
        self._to_git.write("\n".join(head).encode() + b"\n" + _data(message.encode()))
        for word, parent in zip(("from", *["merge"] * len(parents)), parents, strict=False):
            self._to_git.write(f"{word} :{self._marks[parent]}\n".encode())
        for path, content in sorted(files.items()):
            if content is None:
                self._to_git.write(f"D {path}\n".encode())
            else:
                self._to_git.write(f"M 100644 inline {path}\n".encode() + _data(content))
        self._to_git.write(f"\nget-mark :{mark}\n".encode())
        self._to_git.flush()
        name = CommitId(self._from_git.readline().decode().strip())
        if not name:
            raise _failed("fast-import")
        self._marks[name] = mark
        return name

    def forget_branch(self, ref: str) -> None:
        """Delete a merged branch, as people do."""
        self._to_git.write(f"reset {ref}\nfrom {'0' * 40}\n\n".encode())

    @property
    def _to_git(self) -> IO[bytes]:
        if self._import.stdin is None:
            raise _failed("fast-import")
        return self._import.stdin

    @property
    def _from_git(self) -> IO[bytes]:
        if self._import.stdout is None:
            raise _failed("fast-import")
        return self._import.stdout

    def _git(self, *words: str) -> None:
        done = subprocess.run(  # noqa: S603 - git with words of our own
            _command(*words), cwd=self._repository, env=_environment(), capture_output=True, check=False
        )
        if done.returncode:
            raise _failed(words[0])


def _command(*words: str) -> list[str]:
    git = shutil.which("git")
    if git is None:
        raise ToolError("git-missing", "git was not found", hint="install git")
    return [git, *words]


def _failed(what: str) -> ToolError:
    return ToolError("git-failed", f"git {what} failed", hint="check that the folder is empty and has space")


def _environment() -> dict[str, str]:
    """The caller's environment without anything that would change what git writes."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)
