"""Lets a program run beside this one for as long as this one lives, however this one ends."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection, create_server

SECONDS = 10.0
WHILE = '"$@" </dev/null & pid=$!; cat >/dev/null; kill "$pid" 2>/dev/null; wait "$pid"'
"""The pipe ends when whoever holds its other end does, also by kill -9; then the program is ended."""


@contextmanager
def beside(command: Sequence[str], said: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A program, until it is let go of, or this process is gone; what it says goes into a file."""
    with (
        said.open("ab") as out,
        # Our own shell line; the program is a word of its own in it.
        subprocess.Popen(  # noqa: S603
            ["/bin/sh", "-c", WHILE, "sh", *command],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            if process.stdin is not None:
                process.stdin.close()
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def free_port() -> int:
    """A port of this machine that nobody listens on just now."""
    with create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


def listens(port: int, process: "subprocess.Popen[bytes]", *, seconds: float = 2 * SECONDS) -> bool:
    """Whether somebody listens on a port before time is up."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and process.poll() is None:
        try:
            create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False
