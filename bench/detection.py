"""How good detection is, honestly: `python -m bench.detection`, told in docs/detection.md.

Usage: python -m bench.detection [--quick] [--seeds N] [--sizes] [--no-peers]
       python -m bench.detection --tables DIR [--launched DAY]

Isolation forest and boosted trees run in an environment of their own below .bench, which uv makes. The long
form writes docs/detection.json and the figures in docs/detection.md. The quick form checks that both fit each
other, and that what a few seeds give lies where the long form says. `--sizes` makes the table in
measure/gaming/power.py. `--tables` judges a folder of anybody's tables.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from bench.detect import moments, tables, watch
from bench.detect.agree import disagreements
from bench.detect.persons import judged
from bench.detect.told import DOC, FIGURES, fits, tell
from counterfoil import __version__

FOLDER = Path(__file__).parents[1] / ".bench"
Run = Callable[..., Iterable[Any]]


@contextmanager
def running() -> Iterator[Run]:
    """Runs a function over many values, on every core."""
    with ProcessPoolExecutor() as pool:
        yield lambda f, values: pool.map(f, values, chunksize=max(len(values) // 24, 1))


def figures(*, seeds: int, quick: bool, peers: bool, sizes: bool) -> dict[str, Any]:
    """Every figure, with when, how and on what it was made."""
    began = time.monotonic()
    told: dict[str, Any] = {
        "made": str(datetime.now(UTC).date()),
        "counterfoil": __version__,
        "python": ".".join(map(str, sys.version_info[:3])),
        "numpy": np.__version__,
        "seeds": seeds,
    }

    def step(name: str, value: Any) -> None:
        told[name] = value
        print(f"{time.monotonic() - began:6.1f} s  {name}", file=sys.stderr)

    few = max(seeds // 4, 2)
    with running() as run:
        people, learn, test = (4_000, 1, 2) if quick else (20_000, 4, 24)
        step("people", judged(run, people=people, learn=learn, test=test, peers=peers))
        step("watch", {name: watch.many(run, **how) for name, how in watch.suites(seeds)})
        step("small", watch.small(run, few))
        step("adaptive", watch.adaptive(run, 2 if quick else 12, (0, 10) if quick else watch.BUDGETS))
        step("levers", watch.levers(run, few))
        if sizes:
            step("sizes", watch.sizes(run, 100))
    step("line", watch.at_a_line(40 if quick else 1_000))
    step("prevalence", watch.covered(200 if quick else 4_000))
    step("moments", moments.replayed(quick=quick))
    size = (
        {"people": 200, "weeks": 14, "launch": 8} if quick else {"people": 2_000, "weeks": 30, "launch": 18}
    )
    step("tables", tables.round_trip(**size))
    return told | {"seconds": round(time.monotonic() - began)}


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--sizes", action="store_true")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--launched", type=date.fromisoformat)
    asked = parser.parse_args(words)
    if asked.tables:
        found = tables.judge(asked.tables, launched=asked.launched, peers=not asked.no_peers)
        print(json.dumps(found, indent=1))
        return
    seeds = asked.seeds or (6 if asked.quick else 200)
    told = figures(
        seeds=seeds, quick=asked.quick, peers=not (asked.quick or asked.no_peers), sizes=asked.sizes
    )
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "detection.json").write_text(json.dumps(told, indent=1))
    if not asked.quick:
        tell(told)
        print(f"wrote {DOC} and {FIGURES}")
        return
    wrong = [*fits(), *disagreements(told, json.loads(FIGURES.read_text("utf-8")))]
    for words_ in wrong:
        print(f"docs/detection.md: {words_}")
    if wrong:
        raise SystemExit(1)
    print(f"docs/detection.md fits, and {seeds} seeds agree with it; {told['seconds']} s")


if __name__ == "__main__":
    main(sys.argv[1:])
