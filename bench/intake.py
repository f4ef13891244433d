"""Times telemetry on its way in: events for each second of the server's CPU, and how long an answer takes.

Usage: python -m bench.intake [--quick] [--peers] [--seconds N]

The same bytes go to each server over four connections. What is counted is the CPU that the server's process
took. `--peers` starts arize-phoenix and mlflow too, each in an environment of its own, which uv installs.
"""

import argparse
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

FOLDER = Path(".bench")
CONNECTIONS = 4
TICKS = os.sysconf("SC_CLK_TCK")
PEERS = {"arize-phoenix": "20.26.1", "mlflow": "3.17.2"}
"""Peers with the versions that are installed."""


def log_request(rng: random.Random, count: int) -> bytes:
    """Records as Claude Code exports them: 18 attributes each, 5 of the resource."""
    request = ExportLogsServiceRequest()
    part = request.resource_logs.add()
    for key in ("os.type", "os.version", "host.arch", "service.version"):
        part.resource.attributes.add(key=key).value.string_value = "linux"
    part.resource.attributes.add(key="service.name").value.string_value = "claude-code"
    scope = part.scope_logs.add()
    scope.scope.name = "com.anthropic.claude_code.events"
    session = f"{rng.getrandbits(128):032x}"
    for number in range(count):
        record = scope.log_records.add(time_unix_nano=time.time_ns() + number)
        record.body.string_value = "claude_code.api_request"
        for key, value in {
            "user.id": "a" * 64, "session.id": session, "user.email": f"p{rng.randrange(2_000)}@example.org",
            "organization.id": "org-123", "user.account_uuid": f"{rng.getrandbits(128):032x}",
            "terminal.type": "xterm", "event.name": "api_request", "event.timestamp": "2026-11-01T00:00:00Z",
            "prompt.id": f"{rng.getrandbits(128):032x}", "model": rng.choice(["opus", "sonnet"]),
            "request_id": f"req_{rng.getrandbits(96):024x}", "duration_ms": str(rng.randrange(5_000)),
        }.items():  # fmt: skip
            record.attributes.add(key=key).value.string_value = value
        for key, most in {
            "input_tokens": 5_000, "output_tokens": 500, "cache_read_tokens": 50_000,
            "cache_creation_tokens": 500, "cost_usd_micros": 10**6, "event.sequence": 1_000,
        }.items():  # fmt: skip
            record.attributes.add(key=key).value.int_value = rng.randrange(most)
    return request.SerializeToString()


def span_request(rng: random.Random, count: int) -> bytes:
    """Spans that OpenInference and GenAI readers both count: 12 attributes each."""
    request = ExportTraceServiceRequest()
    part = request.resource_spans.add()
    part.resource.attributes.add(key="service.name").value.string_value = "shop"
    scope = part.scope_spans.add()
    for _ in range(count):
        at = time.time_ns()
        span = scope.spans.add(
            trace_id=rng.randbytes(16), span_id=rng.randbytes(8), name="chat", kind=3,
            start_time_unix_nano=at, end_time_unix_nano=at + 10**9,
        )  # fmt: skip
        for key, value in {
            "openinference.span.kind": "LLM", "llm.model_name": "gpt-6", "llm.provider": "openai",
            "session.id": f"{rng.getrandbits(64):016x}", "user.id": "u1", "gen_ai.operation.name": "chat",
        }.items():  # fmt: skip
            span.attributes.add(key=key).value.string_value = value
        for key in (
            "llm.token_count.prompt", "llm.token_count.completion", "llm.token_count.total",
            "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens", "x.attempt",
        ):  # fmt: skip
            span.attributes.add(key=key).value.int_value = rng.randrange(5_000)
    return request.SerializeToString()


@dataclass
class Run:
    """What one server did with the load."""

    events: int = 0
    cpu: float = 0.0
    answers: list[float] = field(default_factory=list)
    resident: int = 0

    @property
    def per_cpu_second(self) -> float:
        return self.events / self.cpu if self.cpu else 0.0

    @property
    def p99(self) -> float:
        """Unit: milliseconds."""
        return statistics.quantiles(self.answers, n=100)[98] * 1e3 if len(self.answers) > 1 else 0.0


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process and its children took so far."""
    total = 0.0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(path.parent.name) == pid or int(words[1]) == pid:
            total += (int(words[11]) + int(words[12])) / TICKS
    return total


def resident(pid: int) -> int:
    """Unit: bytes; the most so far."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1_024
    return 0


def loaded(port: int, path: str, bodies: Sequence[bytes], count: int, *, pid: int, seconds: float) -> Run:
    """Send bodies over some connections, again and again, each as soon as the last was answered."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\ncontent-length: "
    )
    requests = [f"{head}{len(body)}\r\n\r\n".encode() + body for body in bodies]
    run, lock = Run(), threading.Lock()
    until = time.monotonic() + seconds

    def one(first: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            number = first
            while time.monotonic() < until:
                began = time.perf_counter()
                connection.sendall(requests[number % len(requests)])
                answer = connection.recv(65_536)
                took = time.perf_counter() - began
                assert answer.startswith(b"HTTP/1.1 20"), answer[:200]
                with lock:
                    run.events += count
                    run.answers.append(took)
                number += CONNECTIONS

    before = cpu_of(pid)
    threads = [threading.Thread(target=one, args=(n,)) for n in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.cpu, run.resident = cpu_of(pid) - before, resident(pid)
    return run


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
def reading_alone(_: Path) -> Iterator[tuple[int, int]]:
    """A server that reads a body and answers: what no receiver on this machine can be cheaper than."""
    program = (
        "import uvicorn\n"
        "async def app(scope, receive, send):\n"
        "    while (await receive()).get('more_body'): pass\n"
        "    head = [(b'content-length', b'0')]\n"
        "    await send({'type': 'http.response.start', 'status': 200, 'headers': head})\n"
        "    await send({'type': 'http.response.body', 'body': b''})\n"
        "uvicorn.run(app, port=%d, log_config=None, access_log=False, interface='asgi3', lifespan='off')\n"
    )
    yield from _started([sys.executable, "-c", program % (port := _free())], port, {})


def peer(name: str) -> Callable[[Path], Any]:
    """A peer in an environment of its own."""

    @contextmanager
    def server(folder: Path) -> Iterator[tuple[int, int]]:
        port = _free()
        python = folder / name / "bin" / "python"
        subprocess.run([_uv(), "venv", "-q", "--python", sys.executable, str(folder / name)], check=True)
        install = [_uv(), "pip", "install", "-q", "--python", str(python), f"{name}=={PEERS[name]}"]
        subprocess.run(install, check=True)
        if name == "mlflow":
            store = f"sqlite:///{folder}/mlflow.db"
            words = ["server", "--backend-store-uri", store, "--port", str(port), "--workers", "1"]
            yield from _started([str(python.with_name("mlflow")), *words], port, {}, wait=120)
        else:
            told = {
                "PHOENIX_PORT": str(port),
                "PHOENIX_WORKING_DIR": str(folder),
                "PHOENIX_GRPC_PORT": str(_free()),
            }
            yield from _started([str(python.with_name("phoenix")), "serve"], port, told, wait=120)

    return server


def timed(server: Any, path: str, bodies: Sequence[bytes], size: int, seconds: float) -> Run:
    """One server under load, warm."""
    with (
        tempfile.TemporaryDirectory(dir=FOLDER if FOLDER.exists() else None) as made,
        server(Path(made)) as at,
    ):
        port, pid = at
        loaded(port, path, bodies, size, pid=pid, seconds=min(1.0, seconds))
        return loaded(port, path, bodies, size, pid=pid, seconds=seconds)


def _started(
    command: Sequence[str], port: int, extra: dict[str, str], *, wait: float = 20
) -> Iterator[tuple[int, int]]:
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet, env={**os.environ, **extra}) as process:
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
            process.kill()


def _free() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


def _uv() -> str:
    return shutil.which("uv") or str(Path(sys.executable).with_name("uv"))


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--seconds", type=float, default=8.0)
    asked = parser.parse_args(words)
    seconds, rng, found = 2.0 if asked.quick else asked.seconds, random.Random(1), {}
    servers: dict[str, Any] = {"counterfoil": ours, "reading alone": reading_alone}
    servers |= {name: peer(name) for name in PEERS} if asked.peers else {}
    kinds = {"logs": ("/v1/logs", log_request), "spans": ("/v1/traces", span_request)}
    for name, server in servers.items():
        for kind, (path, make) in kinds.items():
            for size in (100, 512):
                if name in PEERS and kind == "logs":
                    continue
                bodies = [make(rng, size) for _ in range(40 if size == 100 else 16)]
                run = timed(server, path, bodies, size, seconds)
                found[f"{name} {kind} {size}"] = {
                    "events_a_cpu_second": round(run.per_cpu_second, 1),
                    "p99_ms": round(run.p99, 2),
                    "resident_mb": round(run.resident / 2**20),
                }
                told = f"{run.per_cpu_second:12,.0f} events a CPU-second, p99 {run.p99:7.2f} ms"
                print(f"{name:14} {kind:5} batches of {size:3}: {told}, {run.resident / 2**20:5.0f} MB")
    for kind, size in ((kind, size) for kind in kinds for size in (100, 512)):
        mine = found[f"counterfoil {kind} {size}"]["events_a_cpu_second"]
        for name in servers:
            if name != "counterfoil" and f"{name} {kind} {size}" in found:
                ratio = mine / max(found[f"{name} {kind} {size}"]["events_a_cpu_second"], 1e-9)
                print(f"{kind} {size}: {ratio:,.2f}x {name}")
    if FOLDER.exists():
        (FOLDER / "intake.json").write_text(json.dumps(found, indent=1), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
