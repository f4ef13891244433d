"""What real clients logged when run offline, with long texts elided, and all that is read of it."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from counterfoil.collect.registry import SOURCES
from counterfoil.collect.scan import read
from counterfoil.collect.source import Want
from counterfoil.terms.absent import Unknown
from counterfoil.terms.reading import Reading

GOLDENS = Path(__file__).parents[1] / "goldens"
CASES = [
    ("codex", "patches"),
    ("codex", "resumed-and-forked"),
    ("gemini-cli", "edits"),
    *(("claude-code", case.name) for case in sorted((GOLDENS / "claude-code").iterdir()) if case.is_dir()),
]


def told(reading: Reading) -> dict[str, Any]:
    """All that a reading says, without what depends on where it was read."""
    usage = [row for batch in reading.usage for row in batch.rows()]
    plain = {name: getattr(reading, name) for name in ("sessions", "written", "committed")}
    counts = reading.counts
    book = {
        name: getattr(counts, name) for name in ("files", "records", "kept", "merged", "skipped", "other")
    }
    said = {"caveats": list(reading.caveats)} if reading.caveats else {}
    return {"counts": book, "usage": [fields(row) for row in usage], **said} | {
        name: [fields(fact) for fact in facts] for name, facts in plain.items()
    }


def fields(noun: Any) -> dict[str, Any]:
    """What a noun states; what is Unknown is left out."""
    stated = {name: getattr(noun, name) for name in noun.__slots__}
    return {name: value for name, value in stated.items() if not isinstance(value, Unknown)}


@pytest.mark.parametrize(("tool", "case"), CASES)
def test_golden_log(tool: str, case: str) -> None:
    source = next(source for source in SOURCES if source.id == tool)
    now = datetime(2026, 12, 1, tzinfo=UTC)
    reading = read(source, homes=[GOLDENS / tool / case], want=Want(b"k" * 32), now=now, jobs=1)
    got = json.dumps(told(reading), indent=1, default=str) + "\n"
    expected = GOLDENS / tool / f"{case}.json"
    if os.environ.get("COUNTERFOIL_GOLDENS") == "write":
        expected.write_text(got, "utf-8")
    assert got == expected.read_text("utf-8")
