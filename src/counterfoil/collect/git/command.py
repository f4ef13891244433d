"""How git is called: read-only, in one locale, and deaf to the caller's configuration of diffs."""

import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO
from weakref import finalize

from counterfoil.terms.error import SourceError, ToolError
from counterfoil.terms.ids import RepoPath

BLOCK = 1 << 20
_SETTINGS = (
    "core.quotepath=off",
    "core.abbrev=40",
    "core.attributesFile=/dev/null",
    "core.fsmonitor=false",
    "core.deltaBaseCacheLimit=256m",
    "diff.renameLimit=4000",
    "safe.directory=*",
    "log.showSignature=false",
)
_OURS = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_INDEX_FILE": "/nonexistent/index",  # .gitattributes in an index would hide text from the diff
    "LC_ALL": "C",
    # What one blob took serves the next; else the C library hands it back to the system each time.
    "MALLOC_TOP_PAD_": str(16 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(256 << 20),
}


def environment() -> dict[str, str]:
    """The caller's environment without what would steer git elsewhere."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    return kept | _OURS


def command(git_dir: str, *arguments: str) -> list[str]:
    """A git command line against one repository."""
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    return ["git", f"--git-dir={os.path.abspath(git_dir)}", "--no-pager", *settings, *arguments]


def output(git_dir: str, *arguments: str, stdin: bytes = b"", may_fail: bool = False) -> bytes:
    """What a short git command prints; empty where it may fail and does."""
    try:
        done = subprocess.run(  # noqa: S603
            command(git_dir, *arguments),
            input=stdin,
            capture_output=True,
            env=environment(),
            cwd="/",
            check=False,
        )
    except FileNotFoundError as error:
        raise no_git() from error
    if done.returncode and not may_fail:
        raise failed(RepoPath(git_dir), arguments[0], done.returncode)
    return b"" if done.returncode else done.stdout


def no_git() -> ToolError:
    """Git is not installed."""
    return ToolError("no-git", "git was not found", hint="install git 2.31 or later")


def failed(path: RepoPath, task: str, status: int) -> SourceError:
    """Git ended with an error; its words are not repeated, as they may quote content."""
    return SourceError(
        "git-failed",
        f"git {task} ended with status {status} in {path}",
        hint=f"run `git -C {path} fsck --connectivity-only` to see what is missing",
    )


class Stream:
    """A git process that reads names from a list and writes to us, block by block."""

    def __init__(self, git_dir: str, *arguments: str, names: Iterable[str] = ()) -> None:
        self._task = arguments[0]
        self._git_dir = git_dir
        feed = TemporaryFile()  # noqa: SIM115
        feed.write("\n".join(names).encode() + b"\n")
        feed.seek(0)
        try:
            self._process = subprocess.Popen(  # noqa: S603
                command(git_dir, *arguments),
                stdin=feed,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment() | {"GIT_FLUSH": "0"},  # full buffers are handed on, not each commit
                cwd="/",  # .gitattributes in the caller's folder would hide text from the diff
                bufsize=0,
            )
        except FileNotFoundError as error:
            raise no_git() from error
        finally:
            feed.close()
        _widen(self._pipe)
        self.close = finalize(self, _end, self._process)
        """End the process if it still runs; at the latest when nobody holds the stream any more."""

    @property
    def _pipe(self) -> IO[bytes]:
        if self._process.stdout is None:
            raise ValueError("the stream has no pipe")
        return self._process.stdout

    def blocks(self) -> Iterator[bytes]:
        """Everything git writes; SourceError if it ends with an error, even after partial output."""
        while block := self._pipe.read(BLOCK):
            yield block
        status = self._process.wait()
        self.close()
        if status:
            raise failed(RepoPath(self._git_dir), self._task, status)


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _widen(pipe: IO[bytes]) -> None:
    """Let git run ahead of us by a block where the system allows it."""
    with suppress(ImportError, OSError, AttributeError):
        import fcntl

        fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, BLOCK)
