"""Runs a command and says what it took: wall, CPU with children, peak memory of the process tree."""

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread


@dataclass(frozen=True, slots=True)
class Took:
    """One run."""

    wall: float
    cpu: float
    peak_mb: float
    """Resident memory of the process and its children, summed, at its highest; sampled every 10 ms."""
    out: str


def run(task: Sequence[str], *, env: Mapping[str, str] | None = None, watch: bool = True) -> Took:
    """Run a command to its end."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(task, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    peak, over = [0.0], Event()
    watcher = Thread(target=_watch, args=(process.pid, peak, over), daemon=True)
    if watch:
        watcher.start()
    out, _ = process.communicate()
    wall = time.perf_counter() - began
    over.set()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise RuntimeError(f"{task[0]} ended with {process.returncode}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(wall, cpu, peak[0], out)


def medians(runs: Sequence[Took]) -> dict[str, float]:
    """Medians of several runs."""
    return {
        "wall_s": round(statistics.median(r.wall for r in runs), 4),
        "cpu_s": round(statistics.median(r.cpu for r in runs), 4),
        "peak_mb": round(max(r.peak_mb for r in runs), 1),
        "runs": len(runs),
    }


def _watch(root: int, peak: list[float], over: Event) -> None:
    page = os.sysconf("SC_PAGE_SIZE") / 1_048_576
    while not over.wait(0.01):
        pages = 0
        for pid in _family(root):
            try:
                pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            except (OSError, IndexError, ValueError):
                continue
        peak[0] = max(peak[0], pages * page)


def _family(root: int) -> list[int]:
    found, at = [root], 0
    while at < len(found):
        try:
            children = Path(f"/proc/{found[at]}/task/{found[at]}/children").read_text().split()
        except OSError:
            children = []
        found += [int(child) for child in children]
        at += 1
    return found
