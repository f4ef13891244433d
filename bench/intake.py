"""Times telemetry on its way in: events for each second of the server's CPU, and how long an answer takes.

Usage: python -m bench.intake [--quick] [--peers] [--seconds N] [--rounds N] [--connections N]

The same bytes go to each server, in turns; medians of all rounds. What is counted is the CPU that the
server's processes took. Beside ours run servers that do a part of its work alone: it can't be cheaper.
`--peers` starts arize-phoenix and mlflow too, each in an environment of its own, which uv installs; they are
sent little, and their CPU is counted until they rest, since some answer first and store after.
"""

import argparse
import json
import os
import random
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from bench.intake_servers import PEERS, ours, part, peer, uvicorn_alone

FOLDER = Path(".bench")
TICKS = os.sysconf("SC_CLK_TCK")
KEPT = {"logs": 220, "spans": 260}
"""How many bytes of a thousand on the wire ours writes."""
MOST_TO_PEERS = 40
"""Requests of 100 that a peer is sent."""


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
    """Seconds of CPU that a process and all that it started took so far."""
    ticks, parents = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        number = int(path.parent.name)
        parents[number], ticks[number] = int(words[1]), int(words[11]) + int(words[12])
    mine = {pid}
    while more := {number for number, parent in parents.items() if parent in mine} - mine:
        mine |= more
    return sum(ticks.get(number, 0) for number in mine) / TICKS


def rested(pid: int, most: float = 600) -> float:
    """Wait until it does nothing any more; the CPU it took so far."""
    until, last = time.monotonic() + most, -1.0
    while (now := cpu_of(pid)) > last + 0.15 and time.monotonic() < until:
        last = now
        time.sleep(3)
    return now


def resident(pid: int) -> int:
    """Unit: bytes; the most so far."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1_024
    return 0


@dataclass(frozen=True)
class Load:
    """What is sent: bodies again and again, over some connections, each as soon as the last was answered."""

    path: str
    bodies: Sequence[bytes]
    size: int
    """Events in a body."""
    connections: int

    def sent(self, port: int, pid: int, *, seconds: float, most: int | None = None) -> Run:
        """Send for a while, or so many requests."""
        head = f"POST {self.path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-protobuf\r\n"
        # mlflow takes nothing without the name of an experiment.
        head += "x-mlflow-experiment-id: 0\r\n"
        requests = [f"{head}content-length: {len(body)}\r\n\r\n".encode() + body for body in self.bodies]
        run, lock = Run(), threading.Lock()
        before = cpu_of(pid) if most is None else rested(pid, 60)
        until = time.monotonic() + seconds

        def one(first: int) -> None:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                number = first
                while time.monotonic() < until and (most is None or number < most):
                    began = time.perf_counter()
                    connection.sendall(requests[number % len(requests)])
                    answer = connection.recv(65_536)
                    took = time.perf_counter() - began
                    assert answer.startswith(b"HTTP/1.1 20"), answer[:200]
                    with lock:
                        run.events += self.size
                        run.answers.append(took)
                    number += self.connections

        threads = [threading.Thread(target=one, args=(n,)) for n in range(self.connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert run.answers, "nothing was answered"
        after = cpu_of(pid) if most is None else rested(pid)
        run.cpu, run.resident = after - before, resident(pid)
        return run


def timed(server: Any, load: Load, seconds: float, *, is_peer: bool) -> Run:
    """One server under load, warm."""
    with (
        tempfile.TemporaryDirectory(dir=FOLDER if FOLDER.exists() else None) as made,
        server(Path(made)) as (port, pid),
    ):
        if is_peer:
            load.sent(port, pid, seconds=60, most=4)
            return load.sent(port, pid, seconds=600, most=MOST_TO_PEERS * 100 // load.size)
        load.sent(port, pid, seconds=min(1.0, seconds))
        return load.sent(port, pid, seconds=seconds)


KINDS = {"logs": ("/v1/logs", log_request), "spans": ("/v1/traces", span_request)}
SIZES = (100, 512)


def servers_of(kind: str, *, peers: bool, quick: bool) -> dict[str, Any]:
    """Every server that takes a kind of telemetry, by name."""
    if quick:
        return {"counterfoil": ours, "read, sync, answer": part(KEPT[kind])}
    found: dict[str, Any] = {
        "counterfoil": ours,
        "read, answer": part(0),
        "read, sync, answer": part(KEPT[kind]),
    }
    found["uvicorn alone"] = uvicorn_alone
    return found | ({name: peer(name) for name in PEERS} if peers and kind == "spans" else {})


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=4)
    asked = parser.parse_args(words)
    seconds, rounds = (1.0, 1) if asked.quick else (asked.seconds, asked.rounds)
    rng, found = random.Random(1), {}
    for kind, (path, make) in KINDS.items():
        for size in SIZES:
            bodies = [make(rng, size) for _ in range(40 if size == 100 else 16)]
            load = Load(path, bodies, size, asked.connections)
            runs: dict[str, list[Run]] = {}
            for number in range(rounds):
                for name, server in servers_of(
                    kind, peers=asked.peers and not number, quick=asked.quick
                ).items():
                    runs.setdefault(name, []).append(timed(server, load, seconds, is_peer=name in PEERS))
            found |= {f"{name} {kind} {size}": medians(each) for name, each in runs.items()}
            told(kind, size, {name: medians(each) for name, each in runs.items()})
    if FOLDER.exists():
        (FOLDER / "intake.json").write_text(json.dumps(found, indent=1), "utf-8")


def medians(runs: Sequence[Run]) -> dict[str, float]:
    """What some runs of one server came to."""
    return {
        "events_a_cpu_second": round(statistics.median(run.per_cpu_second for run in runs), 1),
        "p99_ms": round(statistics.median(run.p99 for run in runs), 2),
        "resident_mb": max(run.resident for run in runs) >> 20,
    }


def told(kind: str, size: int, found: dict[str, dict[str, float]]) -> None:
    """Print each server's figures, and ours over them."""
    mine = found["counterfoil"]["events_a_cpu_second"]
    for name, each in found.items():
        speed = each["events_a_cpu_second"]
        figures = f"{speed:12,.0f} events a CPU-second, p99 {each['p99_ms']:8.2f} ms"
        ratio = f"{mine / max(speed, 1e-9):10,.2f}x"
        print(f"{name:18} {kind:5} of {size:3}: {figures}, {each['resident_mb']:5,} MB, {ratio}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
