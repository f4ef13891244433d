"""Remembers what the tools' logs say now, and lists the sources."""

import json
from datetime import UTC, datetime
from pathlib import Path

from counterfoil.app.gather import read_logs
from counterfoil.app.memory import Memory
from counterfoil.app.printed import Printed
from counterfoil.app.progress import Meter
from counterfoil.app.replayed import Watched
from counterfoil.collect.registry import SOURCES
from counterfoil.collect.source import Want


def run_collect(*, listed: bool, homes: tuple[Path, ...], as_json: bool) -> int:
    """Read every source once, so that the evidence store has it; or only list the sources."""
    printed = Printed()
    if listed:
        rows = [{"source": s.id, "written_against": s.written_against} for s in SOURCES]
        text = "\n".join(f"{row['source']:12} {row['written_against']}" for row in rows)
        printed.data(json.dumps(rows, indent=1) if as_json else text)
        return printed.done(None)
    with Memory(cache=True, evidence=not homes) as memory, Meter() as meter:
        readings, remembered = read_logs(
            homes, (), Want(memory.line_key), memory, Watched([]), meter, now=datetime.now(UTC)
        )
    said = [
        {
            "source": r.source,
            "files": r.counts.files,
            "requests": r.counts.kept,
            "remembered": remembered[r.source],
        }
        for r in readings
    ]
    lines = (
        f"{row['source']:12} {row['requests']} requests in {row['files']} files, "
        f"{row['remembered']} more remembered from deleted logs"
        for row in said
    )
    printed.data(json.dumps(said, indent=1) if as_json else "\n".join(lines))
    return printed.done(None)
