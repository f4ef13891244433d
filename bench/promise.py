"""Times the promise: durable appends, a check of a million entries, the atoms of a large company.

Usage: python -m bench.promise [--quick] [--runs N]
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from counterfoil.guard.atoms import Atoms, plan_first
from counterfoil.ledger.entry import sealed
from counterfoil.ledger.log import Log
from counterfoil.ledger.sign import SignerKey
from counterfoil.ledger.tiles import publish_log
from counterfoil.ledger.verify import check_published, own_entries

FOLDER = Path(".bench")
KEY = SignerKey.of("log.bench", bytes(range(32)))
SECRET = bytes(range(32))
MINE = 100
BATCH = 100


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def logged(folder: Path, size: int) -> tuple[float, float]:
    """Seconds to append entries in batches, each durable; and to write and sync as many bytes as often."""
    mine = [sealed(SECRET, n, {"n": n}).entry for n in range(MINE)]
    entries = [b"\x01" + os.urandom(48) for _ in range(size - MINE)]
    for n, entry in enumerate(mine):
        entries.insert(n * (size // MINE), entry)
    batches = [entries[start : start + BATCH] for start in range(0, size, BATCH)]
    with Log(folder, KEY) as log:
        ours = seconds(lambda: [log.append(batch) for batch in batches])
        publish_log(log, folder / "public", checkpoint=log.checkpoint)
    with (folder / "limit").open("wb", buffering=0) as file:

        def least() -> None:
            for batch in batches:
                file.write(b"".join(batch))
                os.fdatasync(file.fileno())

        limit = seconds(least)
    return ours, limit


def planned(people: int) -> float:
    """Seconds to decide a company, its divisions, departments and teams."""
    rng = np.random.default_rng(1)
    order = rng.permutation(people)
    sizes = (2_000, 200, 8)
    groups = [np.arange(people), *(order[at : at + size] for size in sizes for at in range(0, people, size))]
    return seconds(lambda: plan_first(Atoms(people=people, floor=5, colluding=2), groups))


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args(words)
    size, people = (20_000, 8_500) if asked.quick else (1_000_000, 85_000)
    runs: list[dict[str, float]] = []
    for _ in range(1 if asked.quick else asked.runs):
        with tempfile.TemporaryDirectory(dir=FOLDER if FOLDER.exists() else None) as made:
            folder = Path(made)
            append, limit = logged(folder, size)
            began = time.perf_counter()
            checked = check_published(folder / "public", KEY.verifier)
            whole = time.perf_counter() - began
            own = seconds(partial(own_entries, SECRET, checked.entries))
        runs.append({"append": append, "limit": limit, "verify": whole, "own": own, "atoms": planned(people)})
    told: dict[str, Any] = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    told |= {"size": size, "people": people, "appends_a_second": size / told["append"]}
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "promise.json").write_text(json.dumps(told, indent=1))
    print(
        f"{told['appends_a_second']:,.0f} durable appends a second in batches of {BATCH}, "
        f"{told['append'] / told['limit']:.1f} x the time of writing and syncing as many bytes\n"
        f"{size:,} entries checked offline in {told['verify']:.2f} s, "
        f"one's own found in {told['own']:.2f} s\n"
        f"{people:,} people and all their units decided in {told['atoms']:.2f} s"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
