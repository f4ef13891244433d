"""Times one tool call: direct, through our gateway with its gate and record, and through FastMCP's proxies.

Usage: python -m bench.gateway [--quick]

All in one run, in turns, by the MCP SDK's own client over HTTP, in the stateless revision and an earlier one.
"""

import argparse
import asyncio
import importlib.util
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

FOLDER = Path(".bench")
AIM_P50_MS, AIM_P99_MS, AIM_RATIO = 2.0, 6.0, 0.5
ERAS = {"stateless": "auto", "handshake": "legacy"}
TICKS = os.sysconf("SC_CLK_TCK")
TEXT = "x" * 50
PATHS = {
    "direct": ("server", "post"),
    "ours, recorded": ("ours", "up__post"),
    "ours, only judged": ("ours", "up__look"),
    "FastMCP, connected": ("connected", "post"),
    "FastMCP, url": ("url", "post"),
}
SLOW = "FastMCP, url"
"""It opens a session for each call; fewer calls show as much."""


@dataclass
class Taken:
    """Calls of one path: how long each took, and what the process in the way burnt for all of them."""

    ms: list[float] = field(default_factory=list)
    cpu_s: float = 0.0


def free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def started(kind: str, *words: str) -> Iterator[tuple[int, int]]:
    """A process of its own: where it listens, and its number."""
    port = free()
    command = [sys.executable, "-m", "bench.gateway_servers", kind, str(port), *words]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None:
                raise RuntimeError(f"{kind} ended with {process.returncode}")
            time.sleep(0.05)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(30)


async def timed(port: int, tool: str, token: str, mode: str, calls: int) -> list[float]:
    """Milliseconds of each call, the first ones left out."""
    from mcp import Client
    from mcp.client.streamable_http import streamable_http_client

    took = []
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
        there = streamable_http_client(f"http://127.0.0.1:{port}/mcp", http_client=http)
        async with Client(there, mode=mode) as client:
            for number in range(calls + 10):
                began = time.perf_counter()
                done = await client.call_tool(tool, {"text": f"{TEXT}{number}"})
                if done.is_error:
                    raise RuntimeError(f"{tool}: {done.content}")
                if number >= 10:
                    took.append((time.perf_counter() - began) * 1000)
    return took


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rounds(quick: bool, folder: Path) -> dict[str, dict[str, Taken]]:
    """Every path in every era, in turns, so that a busy moment hits all of them."""
    found: dict[str, dict[str, Taken]] = {era: {path: Taken() for path in PATHS} for era in ERAS}
    has_peer = importlib.util.find_spec("fastmcp") and importlib.util.find_spec("cyclopts")
    with started("server") as up, started("ours", str(up[0]), str(folder)) as ours:
        at = {"server": up, "ours": ours}
        with started("connected", str(up[0])) as connected, started("url", str(up[0])) as url:
            at |= {"connected": connected, "url": url} if has_peer else {}
            token = (folder / "token").read_text("utf-8")
            for _ in range(2 if quick else 5):
                for era, mode in ERAS.items():
                    for path, (kind, tool) in PATHS.items():
                        calls = (60 if quick else 200) // (4 if path == SLOW else 1)
                        if kind in at:
                            port, pid = at[kind]
                            before, taken = cpu_s(pid), found[era][path]
                            taken.ms += asyncio.run(timed(port, tool, token, mode, calls))
                            taken.cpu_s += cpu_s(pid) - before
    return found


def told(found: dict[str, dict[str, Taken]]) -> dict[str, dict[str, dict[str, float]]]:
    """The median and the 99th percentile of each path, what it adds, and its part of what the peer adds."""
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for era, paths in found.items():
        rows = figures[era] = {}
        for path, took in paths.items():
            if took.ms:
                cut = statistics.quantiles(took.ms, n=100)
                rows[path] = {"p50_ms": round(statistics.median(took.ms), 2), "p99_ms": round(cut[98], 2)}
                rows[path]["cpu_ms"] = round(took.cpu_s * 1000 / len(took.ms), 2)
        for row in rows.values():
            row["added_p50_ms"] = round(row["p50_ms"] - rows["direct"]["p50_ms"], 2)
            row["added_p99_ms"] = round(row["p99_ms"] - rows["direct"]["p99_ms"], 2)
        peer = rows.get("FastMCP, connected")
        if peer is not None and peer["added_p50_ms"] > 0:
            for row in rows.values():
                row["of_connected"] = round(row["added_p50_ms"] / peer["added_p50_ms"], 2)
    return figures


def main(words: Sequence[str] | None = None) -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--quick", action="store_true")
    options = asked.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        figures = told(rounds(options.quick, Path(folder)))
    for era, rows in figures.items():
        for path, row in rows.items():
            share = (
                f", {row['of_connected']:.2f} of what the connected proxy adds"
                if "of_connected" in row
                else ""
            )
            print(
                f"gateway, {era}: {path}: {row['p50_ms']:.2f} ms (p99 {row['p99_ms']:.2f}), "
                f"adds {row['added_p50_ms']:.2f} ms{share}; {row['cpu_ms']:.2f} ms of its CPU"
            )
    print(
        f"gateway: aim {AIM_P50_MS} ms (p99 {AIM_P99_MS}) added, {AIM_RATIO} of the connected proxy at most"
    )
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "gateway.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
