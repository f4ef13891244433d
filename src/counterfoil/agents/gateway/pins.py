"""What servers said of their tools when a person pinned them."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from counterfoil.agents.gateway.manifest import Manifest
from counterfoil.agents.upstream.listed import Listed, listed
from counterfoil.terms.error import SourceError, StoreError
from counterfoil.terms.tool import ConnectorId

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Pins:
    """What each tool was when somebody looked at it and kept it, by id."""

    tools: Mapping[str, Listed] = field(default_factory=dict)


def pins_beside(manifest: Path) -> Path:
    """Where the pins of a manifest lie."""
    return manifest.with_name(f"{manifest.stem}.pins.json")


def read_pins(path: Path) -> Pins:
    """The pins as they were written; none where there is no file.

    Raises: SourceError where the file is not what it was written as.
    """
    try:
        told = json.loads(path.read_bytes())
        found = {name: listed(said) for name, said in told["tools"].items()}
        same = told["format"] == FORMAT and all(
            found[name].digest == digest for name, digest in told["digests"].items()
        )
    except FileNotFoundError:
        return Pins()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unreadable(path) from error
    if not same or found.keys() != told["digests"].keys():
        raise _unreadable(path)
    return Pins(found)


def write_pins(path: Path, pins: Pins) -> None:
    """Keep the pins, whole or not at all."""
    told = {
        "format": FORMAT,
        "digests": {name: tool.digest for name, tool in sorted(pins.tools.items())},
        "tools": {name: tool.said for name, tool in sorted(pins.tools.items())},
    }
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(json.dumps(told, indent=1, ensure_ascii=True) + "\n", "utf-8")
        beside.replace(path)
    except OSError as error:
        hint = "name a gateway.toml in a folder that you can write"
        raise StoreError("pins-unwritable", f"{path}: {error.strerror}", hint=hint) from error


def pinned(manifest: Manifest, found: Mapping[ConnectorId, Mapping[str, Listed]]) -> Pins:
    """The pins of those tools that the manifest knows, as their servers describe them now."""
    return Pins(
        {
            tool.id: found[server.id][name]
            for server in manifest.servers.values()
            for name, tool in server.tools.items()
            if name in found.get(server.id, {})
        }
    )


def _unreadable(path: Path) -> SourceError:
    hint = "look at what the servers say now and pin it: counterfoil agent gateway --pin"
    return SourceError("pins-unreadable", f"{path} is not as it was written", hint=hint)
