"""Where Gemini CLI keeps its chats, and what they say together."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import BinaryIO

import msgspec

from counterfoil.collect.combine import combined
from counterfoil.collect.gemini_cli.record import CHATS, Origin
from counterfoil.collect.inventory import inventory
from counterfoil.collect.jsonl import HALVES, HALVES_SAY
from counterfoil.collect.reading import NONE, FileReading, Rows
from counterfoil.collect.source import Want
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import SourceId
from counterfoil.terms.reading import Reading

GEMINI_CLI = SourceId("gemini-cli")
MARKER, REGISTRY = ".project_root", "projects.json"
"""Beside the chats: the project's directory; above them: every project's directory and folder."""
DEFAULT_RETENTION_DAYS = 30
"""What the client does where `general.sessionRetention` is not set.

Source: docs/cli/session-management.md bundled with npm @google/gemini-cli 0.61.0, read 2026-11-23.
"""
_HOURS = {"h": 1, "d": 24, "w": 168, "m": 720}


@dataclass(frozen=True, slots=True)
class GeminiCli:
    """Reads chats in both forms, and finds the project directory that each belongs to."""

    id: SourceId = GEMINI_CLI
    version: int = 2
    written_against: str = (
        "docs/cli/{telemetry,session-management}.md bundled with npm @google/gemini-cli, "
        "read 2026-11-23; Gemini CLI 0.61.0"
    )

    def folders(self, home: Path | None) -> tuple[Path, ...]:
        """The folder of all projects' chats below a home, or of this user."""
        return ((home or Path.home()) / ".gemini" / "tmp",)

    def files(self, folders: Sequence[Path]) -> list[Path]:
        """Every chat, and the small files that say where the projects are."""
        below = map(Path, inventory(map(str, folders), (".json", ".jsonl", MARKER)))
        registries = (folder.parent / REGISTRY for folder in folders)
        return [path for path in below if path.name == MARKER or CHATS in path.parts] + [
            path for path in registries if path.is_file()
        ]

    def parse(self, path: str, file: BinaryIO, *, want: Want, now: int) -> FileReading:
        """What one chat says, or where a project is."""
        if PurePath(path).name in (MARKER, REGISTRY):
            reading = FileReading(path=path, rows=Rows())
            reading.extra = msgspec.msgpack.encode(_placed(PurePath(path), file.read()))
            return reading
        from counterfoil.collect.gemini_cli.chat import chat

        return chat(path, file.read(), line_key=want.line_key, now=now)

    def merge(self, readings: Iterable[FileReading], *, looked: Sequence[str]) -> Reading:
        """All chats united, each in its project's directory."""
        by_folder: dict[str, str] = {}
        by_hash: dict[str, str] = {}
        chats = []
        for reading in readings:
            if PurePath(reading.path).name not in (MARKER, REGISTRY):
                chats.append(reading)
                continue
            for folder, directory in sorted(
                msgspec.msgpack.decode(reading.extra, type=dict[str, str]).items()
            ):
                by_folder[folder] = min(directory, by_folder.get(folder, directory))
                by_hash[_hash(directory)] = directory
        placed = (_at_home(each, by_folder, by_hash) for each in chats)
        return combined(self.id, placed, looked=looked, notes={HALVES: HALVES_SAY})

    def retention(self, folders: Sequence[Path]) -> int | Unknown:
        """`general.sessionRetention` of the settings above the chats; the shortest of several."""
        days = [_retention(folder.parent / "settings.json") for folder in folders if folder.is_dir()]
        known = [each for each in days if isinstance(each, int)]
        return min(known) if known else (days or [Unknown("no chats folder was found")])[0]


def _hash(directory: str) -> str:
    """How a chat names its project."""
    from hashlib import sha256

    return sha256(directory.encode("utf-8", "surrogatepass")).hexdigest()


def _placed(path: PurePath, content: bytes) -> Mapping[str, str]:
    """Directories of projects by the folder that holds their chats."""
    if path.name == MARKER:
        return {str(path.parent): content.decode("utf-8", "replace").strip()}
    try:
        projects = msgspec.json.decode(content)["projects"].items()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}
    return {
        str(path.parent / "tmp" / folder): directory
        for directory, folder in projects
        if isinstance(folder, str) and folder
    }


def _at_home(reading: FileReading, by_folder: Mapping[str, str], by_hash: Mapping[str, str]) -> FileReading:
    """The chat with its directory: as its folder says, else by the hash of a known one, else as it says."""
    origin = msgspec.msgpack.decode(reading.extra, type=Origin) if reading.extra else Origin()
    folder = next(_above_chats(PurePath(reading.path)), "")
    directory = by_folder.get(folder) or by_hash.get(origin.project) or origin.directory
    if not directory:
        return reading
    rows = reading.rows
    placed = [s if s.directory != NONE else s._replace(directory=len(rows.texts)) for s in rows.settings]
    replaced = msgspec.structs.replace
    return replaced(
        reading,
        rows=replaced(rows, texts=[*rows.texts, directory], settings=placed),
        sessions=[replaced(fact, directories=[directory]) for fact in reading.sessions],
        written=[replaced(fact, directory=directory) for fact in reading.written],
        committed=[replaced(fact, directory=directory) for fact in reading.committed],
    )


def _above_chats(path: PurePath) -> Iterator[str]:
    return (str(place.parent) for place in path.parents if place.name == CHATS)


def _retention(settings: Path) -> int | Unknown:
    try:
        stated = json.loads(settings.read_bytes())["general"]["sessionRetention"]
        enabled, age = stated.get("enabled", True), stated.get("maxAge", f"{DEFAULT_RETENTION_DAYS}d")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return DEFAULT_RETENTION_DAYS
    if enabled is False:
        return Unknown("the tool is set to keep its logs")
    parts = re.fullmatch(r"(\d{1,6})([hdwm])", str(age))
    return int(parts[1]) * _HOURS[parts[2]] // 24 if parts else DEFAULT_RETENTION_DAYS
