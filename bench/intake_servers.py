"""The servers that telemetry is sent to: ours, those that do a part of its work alone, and the peers."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PEERS = {"arize-phoenix": "20.26.1", "mlflow": "3.17.2"}
"""Peers with the versions that are installed."""
_UVICORN = """
import uvicorn
async def app(scope, receive, send):
    while (await receive()).get("more_body"): pass
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})
uvicorn.run(app, port=PORT, log_config=None, access_log=False, interface="asgi3", lifespan="off")
"""
_OURS = """
import asyncio, os, uvloop
from counterfoil.app.intake.http import Receiver
from counterfoil.app.intake.senders import Sender
from counterfoil.app.intake.taking import ALL, Intake
class Anybody:
    def of(self, _):
        return Sender()
class Kept:
    def append(self, size):
        os.pwrite(self.file, bytes(size), self.place)
        self.place += size
        os.fdatasync(self.file)
class Part(Intake):
    def _work(self, exports, *, quickly):
        if EACH:
            self.log.append(EACH * sum(len(e.body) for e in exports) // 1_000)
        return [ALL] * len(exports)
async def serve():
    kept = Kept()
    kept.file, kept.place = os.open(FILE, os.O_RDWR | os.O_CREAT), 0
    receiver = Receiver(Part(kept, Anybody()))
    server = await asyncio.get_running_loop().create_server(receiver.connection, "127.0.0.1", PORT)
    await server.serve_forever()
uvloop.run(serve())
"""


@contextmanager
def ours(folder: Path) -> Iterator[tuple[int, int]]:
    """Our server; its port and process. Rows go into the lake after the load, so that both are told apart."""
    command = [sys.executable, "-m", "counterfoil", "serve", "--data", str(folder / "data"), "--json"]
    command += ["--port", "0", "--otlp-http", "0", "--otlp-grpc", "0", "--every", "3600"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        where = json.loads(process.stdout.readline())
        yield int(where["otlp_http"].rsplit(":", 1)[1]), process.pid
        process.send_signal(signal.SIGKILL)


@contextmanager
def uvicorn_alone(_: Path) -> Iterator[tuple[int, int]]:
    """uvicorn that reads a body and answers."""
    port = _free()
    yield from _started([sys.executable, "-c", _UVICORN.replace("PORT", str(port))], port, {})


def part(each: int) -> Callable[[Path], Any]:
    """What our server can't be cheaper than: it reads and answers, and syncs so many bytes of a thousand."""

    @contextmanager
    def server(folder: Path) -> Iterator[tuple[int, int]]:
        port = _free()
        program = _OURS.replace("PORT", str(port)).replace("FILE", repr(str(folder / "kept")))
        yield from _started([sys.executable, "-c", program.replace("EACH", str(each))], port, {})

    return server


def peer(name: str) -> Callable[[Path], Any]:
    """A peer in an environment of its own, made once."""

    @contextmanager
    def server(folder: Path) -> Iterator[tuple[int, int]]:
        port = _free()
        home = Path(".bench") / f"peer-{name}-{PEERS[name]}"
        python = home.absolute() / "bin" / "python"
        if not python.exists():
            subprocess.run([_uv(), "venv", "-q", "--python", sys.executable, str(home)], check=True)
            install = [_uv(), "pip", "install", "-q", "--python", str(python), f"{name}=={PEERS[name]}"]
            subprocess.run(install, check=True)
        if name == "mlflow":
            store = f"sqlite:///{folder.absolute()}/mlflow.db"
            words = ["server", "--backend-store-uri", store, "--port", str(port), "--workers", "1"]
            # Its jobs take CPU while nothing comes in: without them it is quicker.
            told = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
            yield from _started([str(python.with_name("mlflow")), *words], port, told, wait=120)
        else:
            told = {
                "PHOENIX_PORT": str(port),
                "PHOENIX_WORKING_DIR": str(folder.absolute()),
                "PHOENIX_GRPC_PORT": str(_free()),
            }
            yield from _started([str(python.with_name("phoenix")), "serve"], port, told, wait=120)

    return server


def _started(
    command: Sequence[str], port: int, extra: dict[str, str], *, wait: float = 20
) -> Iterator[tuple[int, int]]:
    quiet = subprocess.DEVNULL
    with subprocess.Popen(
        command, stdout=quiet, stderr=quiet, env={**os.environ, **extra}, start_new_session=True
    ) as process:
        until = time.monotonic() + wait
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.2)
        time.sleep(2)
        try:
            yield port, process.pid
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def _free() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


def _uv() -> str:
    return shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
