"""Lets the agents' process live beside a server for as long as that lives; for the invented company."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECONDS = 10.0
STATE = "agents"


@contextmanager
def agents_beside(data: Path, *, socket: Path, key: str, definitions: Path, said: Path) -> Iterator[None]:
    """The process, over definitions, in a folder beside the data directory; what it says goes into a file.

    It ends once its standard input does, so that it does not outlive a server that was killed.
    """
    command = [sys.executable, "-m", "counterfoil", "agent", "run", "--while-stdin"]
    command += ["--agents", str(data.parent / STATE), "--socket", str(socket.absolute())]
    command += ["--key", key, "--from", str(definitions)]
    # Its own interpreter, with paths that it made itself.
    with (
        said.open("ab") as out,
        subprocess.Popen(  # noqa: S603
            command, stdin=subprocess.PIPE, stderr=out, start_new_session=True
        ) as process,
    ):
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
