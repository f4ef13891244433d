"""Starts the server as a process, over a data directory of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Served:
    """Where a server listens, and its process."""

    process: "subprocess.Popen[str]"
    address: str
    otlp_http: str
    otlp_grpc: str
    agents: str


@contextmanager
def served(
    data: Path | None, *options: str, port: int = 0, every: float = 0.3, code: int = 0, **environment: str
) -> Iterator[Served]:
    """A server on free ports; it ends as it should, unless it was killed."""
    ports = ["--port", str(port), "--otlp-http", "0", "--otlp-grpc", "0", "--every", str(every)]
    command = [sys.executable, "-m", "counterfoil", "serve", *ports, "--json", *options]
    command += [] if data is None else ["--data", str(data)]
    around = {**os.environ, **environment}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=around) as process:
        assert process.stdout is not None
        try:
            yield Served(process=process, **json.loads(process.stdout.readline()))
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            assert process.wait(30) == code
