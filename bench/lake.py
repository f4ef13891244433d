"""Measures the bytes of a month of single requests in the lake, and what each choice of layout saves.

Usage: python -m bench.lake [--quick]
"""

import argparse
import json
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

FOLDER = Path(".bench")
TARGET = 16
"""Unit: bytes a request, a month later."""
SINCE = date(2026, 10, 1)
TOOLS = ("claude-code", "codex", "gemini-cli", "copilot")
ORDER = "who, tool, model, session, cache_read"
NOW = "PARQUET_VERSION v2, COMPRESSION zstd, COMPRESSION_LEVEL 9, ROW_GROUP_SIZE 245760"
PLAIN = "COMPRESSION zstd"
NUMBERED = f"* REPLACE (row_number() OVER (ORDER BY {ORDER}, key) AS key)"
LAYOUTS = {
    "by key, as they come": ("*", "key", PLAIN),
    "like beside like": ("*", f"{ORDER}, key", PLAIN),
    "and encoded by difference": ("*", f"{ORDER}, key", NOW),
    "and at zstd level 19": ("*", f"{ORDER}, key", NOW.replace("LEVEL 9", "LEVEL 19")),
    "and numbered once settled": (NUMBERED, f"{ORDER}, key", NOW),
}
"""What is read, in which order it lies, and how it is written; the last is what a month-old day has."""


def a_day(rng: np.random.Generator, people: int, size: int) -> dict[str, Any]:
    """Requests of a day: heavy-tailed people, sessions whose context grows, tokens as they are spread."""
    weight = np.exp(rng.normal(0, 1.7, people)) * (rng.random(people) > 0.15)
    lengths = np.maximum(1, (rng.pareto(1.3, size) * 8).astype(int) + 1)
    ends = np.cumsum(lengths)
    sessions = int(np.searchsorted(ends, size)) + 1
    of = np.repeat(np.arange(sessions), lengths[:sessions])[:size]
    place = np.arange(size) - np.concatenate([[0], ends[: sessions - 1]])[of]
    who = rng.choice(people, sessions, p=weight / weight.sum())
    names = np.array([np.random.default_rng(n).bytes(16).hex() for n in range(people)], object)
    tool = rng.choice(4, sessions, p=[0.6, 0.2, 0.1, 0.1])
    read = np.where(place > 0, 15_000 + place * 2_500 * np.exp(rng.normal(0, 0.3, size)), 0).astype(int)
    write, fresh, output = (
        np.exp(rng.normal(mean, sd, size)).astype(int) for mean, sd in ((7.5, 1), (2, 1.5), (5.7, 1.2))
    )
    cost = (fresh * 3 + read * 0.3 + write * 3.75 + output * 15).astype(int)
    models = np.array([f"model-{n}" for n in range(12)], object)
    return {
        "key": rng.integers(1, 2**63, size),
        "band": rng.choice(4, sessions, p=[0.02, 0.45, 0.48, 0.05])[of],
        "who": names[who[of]],
        "tool": np.array(TOOLS, object)[tool[of]],
        "model": models[(rng.integers(0, 3, sessions) + tool * 3)[of]],
        "session": rng.integers(1, 2**63, sessions)[of],
        "input_uncached": fresh,
        "cache_read": read,
        "cache_write": write,
        "output": output,
        "cost": np.where(tool[of] == 0, cost, -1),
    }


def measured(folder: Path, days: int, people: int, size: int) -> dict[str, Any]:
    """Bytes a request and CPU seconds a million of them, of each layout."""
    rng = np.random.default_rng(1)
    found = {name: {"bytes": 0.0, "cpu_s": 0.0} for name in LAYOUTS}
    for n in range(days):
        with duckdb.connect() as db:
            db.register("made", a_day(rng, people, size))
            db.execute(
                f"CREATE TABLE day AS SELECT DATE '{SINCE + timedelta(days=n)}' AS day, 0 AS claimed, "
                "tool AS source, 1 AS rank, 'human' AS trigger, 'person' AS credential, '' AS workload, "
                "0 AS trace, 0 AS series, 1 AS requests, * EXCLUDE cost, nullif(cost, -1) AS cost FROM made"
            )
            for name, (columns, order, how) in LAYOUTS.items():
                path, began = folder / "day.parquet", time.process_time()
                query = f"SELECT {columns} FROM day ORDER BY {order}"
                db.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet, {how})")
                found[name]["cpu_s"] += (time.process_time() - began) / (days * size / 1e6)
                found[name]["bytes"] += path.stat().st_size / (days * size)
    return found


def main(words: list[str]) -> dict[str, Any]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args(words)
    days, people, size = (2, 2_000, 100_000) if asked.quick else (30, 2_000, 200_000)
    with tempfile.TemporaryDirectory() as made:
        layouts = measured(Path(made), days, people, size)
    month_old = layouts[list(LAYOUTS)[-1]]["bytes"]
    told = {
        "requests": days * size,
        "layouts": {
            name: {field: round(value, 2) for field, value in one.items()} for name, one in layouts.items()
        },
        "target": TARGET,
        "ratio": round(TARGET / month_old, 2),
    }
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "lake.json").write_text(json.dumps(told, indent=1), "utf-8")
    for name, one in layouts.items():
        print(f"{one['bytes']:6.2f} bytes a request, {one['cpu_s']:5.2f} CPU-s a million  {name}")
    print(f"a month-old request takes 1/{told['ratio']} of the {TARGET} bytes that it may")
    return told


if __name__ == "__main__":
    main(sys.argv[1:])
