"""Where Claude Code keeps its transcripts, and what they say together."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from counterfoil.collect.claude_code.usage import UNFINISHED, usage_of
from counterfoil.collect.combine import combined
from counterfoil.collect.inventory import inventory
from counterfoil.collect.jsonl import HALVES, HALVES_SAY
from counterfoil.collect.reading import FileReading
from counterfoil.collect.source import Want
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import SourceId
from counterfoil.terms.reading import Reading

CLAUDE_CODE = SourceId("claude-code")
DEFAULT_RETENTION_DAYS = 30
"""What the client does where `cleanupPeriodDays` is not set.

Source: Claude Code settings (code.claude.com/docs/en/settings, read 2026-11-23).
"""
FOLDERS = (".claude", ".config/claude")
NOTES = {
    UNFINISHED: "{n} requests were logged in mid-stream and never again; their output tokens are understated",
    HALVES: HALVES_SAY,
}


@dataclass(frozen=True, slots=True)
class ClaudeCode:
    """Reads session transcripts, subagents and sidechains, current and legacy layouts."""

    id: SourceId = CLAUDE_CODE
    version: int = 3
    written_against: str = "code.claude.com/docs/en/claude-directory, read 2026-11-23; Claude Code 2.1.197"

    def folders(self, home: Path | None) -> tuple[Path, ...]:
        """The `projects` folders below a home, or this user's, heeding CLAUDE_CONFIG_DIR (commas)."""
        if home is None:
            stated = [part.strip() for part in os.environ.get("CLAUDE_CONFIG_DIR", "").split(",")]
            roots = [Path(part).expanduser() for part in stated if part]
            if roots:
                return tuple(dict.fromkeys(_projects(root) for root in roots))
            home = Path.home()
        return tuple(home / folder / "projects" for folder in FOLDERS)

    def files(self, folders: Sequence[Path]) -> list[Path]:
        """Every transcript below the folders, however deep."""
        return [*map(Path, inventory(map(str, folders), (".jsonl",)))]

    def parse(self, path: str, file: BinaryIO, *, want: Want, now: int) -> FileReading:
        """What one transcript says."""
        if want.line_key is None:
            return usage_of(path, file, now=now)
        from counterfoil.collect.claude_code.evidence import add_evidence
        from counterfoil.collect.lines import LineHasher

        content = file.read()
        reading = usage_of(path, BytesIO(content), now=now)
        add_evidence(reading, content, LineHasher(want.line_key))
        return reading

    def merge(self, readings: Iterable[FileReading], *, looked: Sequence[str]) -> Reading:
        """All transcripts united; a request is named by its message id across all of them."""
        return combined(self.id, readings, looked=looked, notes=NOTES)

    def retention(self, folders: Sequence[Path]) -> int | Unknown:
        """`cleanupPeriodDays` of the settings beside the transcripts; the shortest of several."""
        days = [_cleanup_days(folder.parent / "settings.json") for folder in folders if folder.is_dir()]
        return min(days) if days else Unknown("no transcripts folder was found")


def _projects(root: Path) -> Path:
    return root if root.name == "projects" else root / "projects"


def _cleanup_days(settings: Path) -> int:
    try:
        stated = json.loads(settings.read_bytes()).get("cleanupPeriodDays")
    except (OSError, ValueError, AttributeError, RecursionError):
        return DEFAULT_RETENTION_DAYS
    return stated if type(stated) is int and stated >= 0 else DEFAULT_RETENTION_DAYS
