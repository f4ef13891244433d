"""Traced files as JSON lines and as a blame that knows about AI; no author is in either."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from counterfoil.show.words import TIERS, safe
from counterfoil.terms.absent import Unknown
from counterfoil.terms.release import Released
from counterfoil.terms.trace import TracedFile, TracedLine

GLYPHS = ("·", "░", "▒", "▓", "█", "█")
"""One for each evidence tier; none is not human."""
PLAIN_GLYPHS = (".", "?", "+", "A", "#", "#")
SHORT = 10


def as_json_lines(released: Released[Sequence[TracedFile]]) -> str:
    """One object for each file on a line of its own."""
    return "".join(json.dumps(_file(file), separators=(",", ":")) + "\n" for file in released.answer)


def _file(file: TracedFile) -> dict[str, Any]:
    return {"path": file.path, "lines": [_line(line) for line in file.lines]}


def _line(line: TracedLine) -> dict[str, Any]:
    moved = {} if line.moved_from is None else {"moved_from": line.moved_from}
    tool = {"unknown": line.tool.why} if isinstance(line.tool, Unknown) else line.tool
    return {
        "commit": line.commit,
        "evidence": line.evidence,
        "tool": tool,
        "landed_at": line.landed_at,
        **moved,
    }


def as_text(
    released: Released[Sequence[TracedFile]], *, width: int = 80, color: bool = False, unicode: bool = True
) -> str:
    """Runs of lines with the same origin: where, which commit, what evidence, when it landed."""
    glyphs = GLYPHS if unicode else PLAIN_GLYPHS
    lines = [line[:width] for file in released.answer for line in _runs(file, glyphs)]
    return "\n".join(lines) + "\n" if lines else "No file has lines to trace.\n"


def _runs(file: TracedFile, glyphs: Sequence[str]) -> Iterator[str]:
    yield safe(file.path)
    number = 1
    for line, run in groupby(file.lines):
        last = number + sum(1 for _ in run) - 1
        tool = "" if isinstance(line.tool, Unknown) else f", {line.tool}"
        moved = "" if line.moved_from is None else f", moved from {line.moved_from[:SHORT]}"
        where = f"{number}" if last == number else f"{number}-{last}"
        yield (
            f"  {where:>11}  {glyphs[line.evidence]} {line.commit[:SHORT]}  {line.landed_at[:10]}  "
            f"{TIERS[str(line.evidence)]}{tool}{moved}"
        )
        number = last + 1
