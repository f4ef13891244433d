"""Times an invented company: single requests, its tables, a year of behaviour and the historical board.

Usage: python -m bench.invented [--quick] [--runs N]
"""

import argparse
import json
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from counterfoil.simulate.board import META_TASK_TOKENS, historical_board
from counterfoil.simulate.company.cases import AMAZON, META
from counterfoil.simulate.company.days import person_days
from counterfoil.simulate.company.events import AT_ONCE, Events, events
from counterfoil.simulate.company.live import live
from counterfoil.simulate.company.parameters import FITTED
from counterfoil.simulate.company.people import invent
from counterfoil.simulate.company.portions import habits, portions
from counterfoil.simulate.tables.company import company, write_company

FOLDER = Path(".bench")
DRAWN = 3
"""Random numbers that a request takes: its gap, its size, how much of it was said."""
WEEKS, DAYS = 52, 30


def spelled_out(people: int, at_once: int) -> tuple[int, Callable[[], object], Callable[[], object]]:
    """How many requests there are, the work of spelling them out, and the least that any such work takes."""
    crowd = invent(people, seed=1, weeks=5)
    month = person_days(crowd, AMAZON, days=DAYS, seed=1)
    usual = habits(crowd, month, seed=1)
    some = portions(crowd, month, usual, slice(0, at_once))
    total = int(some.requests.sum())
    (first, *_) = events(some, usual, seed=1)
    columns = [getattr(first, field.name) for field in fields(Events)]

    def ours() -> int:
        return sum(len(block) for block in events(some, usual, seed=1))

    def least() -> int:
        rng = np.random.Generator(np.random.SFC64(1))
        done = 0
        for _ in range(-(-total // AT_ONCE)):
            rng.random(DRAWN * AT_ONCE, np.float32)
            done += sum(column.copy().nbytes for column in columns)
        return done

    return total, ours, least


def tables(people: int, folder: Path) -> dict[str, Callable[[], object]]:
    """The work of writing a month of a company down, and that of writing as many bytes."""

    def written() -> Path:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        made = company(people, AMAZON, days=DAYS, seed=1, first=date(2026, 9, 7))
        write_company(folder, made, programme="", progress=lambda *_: None)
        return folder

    def least() -> None:
        for path in folder.rglob("*.csv"):
            (folder / "copy").write_bytes(path.read_bytes())

    return {"tables": written, "copied": least}


def timed(tasks: dict[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """The median CPU seconds of each, interleaved."""
    took: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(runs):
        for name, task in tasks.items():
            began = time.process_time()
            task()
            took[name].append(time.process_time() - began)
    return {name: statistics.median(times) for name, times in took.items()}


def measured(people: int, runs: int) -> dict[str, Any]:
    """Everything, at one size of company."""
    total, ours, least = spelled_out(people, min(people, 700))
    crowd = invent(people, seed=1, weeks=WEEKS)
    settled = invent(people, seed=1, weeks=0, median_task_tokens=META_TASK_TOKENS)
    month = person_days(settled, META, days=DAYS, seed=1)
    folder = FOLDER / "invented"
    written = timed(tables(people, folder), min(runs, 3))
    size = sum(path.stat().st_size for path in folder.rglob("*.csv"))
    shutil.rmtree(folder)
    took = timed(
        {
            "events": ours,
            "least": least,
            "behaviour": lambda: list(live(crowd, AMAZON, FITTED, weeks=WEEKS, seed=1)),
            "board": lambda: historical_board(month),
        },
        runs,
    )
    return {
        "people": people,
        "runs": runs,
        "requests": total,
        "requests_per_cpu_second": round(total / took["events"]),
        "least_per_cpu_second": round(total / took["least"]),
        "ratio_to_least": round(took["events"] / took["least"], 2),
        "behaviour_of_52_weeks_cpu_s": round(took["behaviour"], 3),
        "board_of_30_days_cpu_s": round(took["board"], 4),
        "tables_of_30_days_cpu_s": round(written["tables"], 2),
        "tables_mb": round(size / 1e6),
        "copying_their_bytes_cpu_s": round(written["copied"], 2),
    }


def main(arguments: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--runs", type=int, default=9)
    chosen = parser.parse_args(arguments)
    FOLDER.mkdir(exist_ok=True)
    found = measured(5_000, 3) if chosen.quick else measured(85_000, chosen.runs)
    (FOLDER / "invented.json").write_text(json.dumps(found, indent=1), "utf-8")
    print(json.dumps(found, indent=1))
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
