"""Runs the replay in its environment, and says whether its figures keep their bounds and are the page's."""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.safety import environment
from bench.safety.bounds import missed
from bench.safety.told import DOC, FIGURES, fits, tell

FOLDER = Path(__file__).parents[2] / ".bench"


def main(words: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description="Attacks on agents, replayed with no model.")
    parser.add_argument("--quick", action="store_true")
    asked = parser.parse_args(words)
    printed = environment.run(*(["--quick"] if asked.quick else []))
    told = {"made": str(datetime.now(UTC).date()), **json.loads(printed.splitlines()[-1])}
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "safety.json").write_text(json.dumps(told, indent=1), "utf-8")
    wrong = list(missed(told))
    if asked.quick:
        wrong += [*fits(), *different(told, json.loads(FIGURES.read_text("utf-8")))]
    for words_ in wrong:
        print(f"agent-safety: {words_}")
    if wrong:
        raise SystemExit(1)
    if not asked.quick:
        tell(told)
        print(f"wrote {DOC} and {FIGURES}")
    print(f"every bound is kept; {told['cpu_seconds']} s")


def different(quick: Mapping[str, Any], full: Mapping[str, Any]) -> Iterator[str]:
    """Figures of the short form that are not the long form's."""
    for version, policies in quick["versions"].items():
        for name, mine in policies.items():
            theirs = full["versions"][version].get(name)
            if not isinstance(mine, dict):
                if mine != theirs:
                    yield f"{version}, {name}: not those of {FIGURES.name}"
                continue
            for part, figures in mine.items():
                if figures is not None and figures != theirs[part]:
                    yield f"{version}, {name}, {part}: not the figures of {FIGURES.name}"
