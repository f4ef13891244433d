"""Where Codex keeps its rollouts, and what they say together."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from counterfoil.collect.codex.lineage import own_parts
from counterfoil.collect.combine import combined
from counterfoil.collect.inventory import inventory
from counterfoil.collect.jsonl import HALVES, HALVES_SAY
from counterfoil.collect.reading import FileReading
from counterfoil.collect.source import Want
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import SourceId
from counterfoil.terms.reading import NO_RETENTION, Reading

CODEX = SourceId("codex")
ACTIVE, ARCHIVED = "sessions", "archived_sessions"
SUFFIXES = (".jsonl", ".jsonl.zst")


@dataclass(frozen=True, slots=True)
class Codex:
    """Reads rollouts, plain or compressed, active or archived, forks and subagents without their copies."""

    id: SourceId = CODEX
    version: int = 2
    written_against: str = "codex-rs/rollout of github.com/openai/codex, read 2026-11-23; Codex 0.169.0"

    def folders(self, home: Path | None) -> tuple[Path, ...]:
        """The session folders below a home, or of this user, heeding CODEX_HOME."""
        stated = os.environ.get("CODEX_HOME") if home is None else None
        root = Path(stated).expanduser() if stated else (home or Path.home()) / ".codex"
        return (root / ACTIVE, root / ARCHIVED)

    def files(self, folders: Sequence[Path]) -> list[Path]:
        """Every rollout once: plain before compressed, active before archived."""
        found = [*map(Path, inventory(map(str, folders), SUFFIXES))]
        plain = {path for path in found if path.suffix != ".zst"}
        once = [path for path in found if path.suffix != ".zst" or path.with_suffix("") not in plain]
        active = {(_root(path, folders), _stem(path)) for path in once if not _archived(path, folders)}
        return [
            path
            for path in once
            if not _archived(path, folders) or (_root(path, folders), _stem(path)) not in active
        ]

    def parse(self, path: str, file: BinaryIO, *, want: Want, now: int) -> FileReading:
        """What one rollout says."""
        from counterfoil.collect.codex.rollout import rollout

        return rollout(path, file.read(), line_key=want.line_key, now=now)

    def merge(self, readings: Iterable[FileReading], *, looked: Sequence[str]) -> Reading:
        """All rollouts united, without what forks copied."""
        return combined(self.id, own_parts(readings), looked=looked, notes={HALVES: HALVES_SAY})

    def retention(self, folders: Sequence[Path]) -> int | Unknown:
        """Codex deletes no logs by itself."""
        return NO_RETENTION


def _stem(path: Path) -> str:
    return path.name.removesuffix(".zst").removesuffix(".jsonl")


def _folder(path: Path, folders: Sequence[Path]) -> Path:
    return next((folder for folder in folders if path.is_relative_to(folder)), path.parent)


def _root(path: Path, folders: Sequence[Path]) -> Path:
    return _folder(path, folders).parent


def _archived(path: Path, folders: Sequence[Path]) -> bool:
    return _folder(path, folders).name == ARCHIVED
