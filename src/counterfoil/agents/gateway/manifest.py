"""Which servers stand behind the gateway, what their tools do, and who asks: the file gateway.toml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import msgspec

from counterfoil.agents.upstream.server import Server, ServerTable, server_of
from counterfoil.terms.agent import AgentId
from counterfoil.terms.error import SourceError
from counterfoil.terms.tool import ConnectorId, Tool

MOST_BYTES = 1 << 20
UNSAID = re.compile(r"[^A-Za-z0-9_-]")
"""What no client takes in the name of a tool."""
HINT = "docs/reference/gateway.md has a whole gateway.toml"


class Reads(StrEnum):
    """What else a client reads, besides what it reads through the gateway."""

    PRIVATE = "private"
    """Files and pages of its own, secrets among them: nothing is known of what it says."""
    UNTRUSTED = "untrusted"
    """Text that others wrote, but nothing that is for the owner alone."""
    NOTHING = "nothing"
    """The gateway is its only way to the world."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An agent that somebody already uses, such as Claude Code."""

    agent: AgentId
    reads: Reads
    words: str
    """The owner's own words to it: destinations that they name are the owner's. Else it has none."""
    wait_seconds: float
    """How long a held call waits for a person before it is answered."""
    per_second: float
    """How often it may ask; four times as many at once."""
    owner: str
    """Whose it is, as the organisation's directory calls them; asked of the server, and never kept."""
    grants: Mapping[str, tuple[str, ...]]
    """Destinations by the tool's id, as they are granted with `--grant`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """All of gateway.toml."""

    servers: Mapping[ConnectorId, Server]
    clients: Mapping[AgentId, Client]
    hosts: tuple[str, ...]
    """Names under which the gateway is reached, besides those of this machine."""
    origins: tuple[str, ...]
    """Web pages that may ask; none."""


class _Client(msgspec.Struct, forbid_unknown_fields=True):
    reads: Reads = Reads.PRIVATE
    words: str = ""
    wait_seconds: float = 0.0
    per_second: float = 50.0
    owner: str = ""
    grants: dict[str, list[str]] = {}


class _File(msgspec.Struct, forbid_unknown_fields=True):
    servers: dict[str, ServerTable]
    agents: dict[str, _Client] = {}
    hosts: list[str] = []
    origins: list[str] = []


def read_manifest(path: Path) -> Manifest:
    """The manifest as it stands in a file.

    Raises: SourceError where it can't be read, or says what no manifest can.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise SourceError("no-gateway-file", f"{path}: {error.strerror}", hint=HINT) from error
    if len(text) > MOST_BYTES:
        raise SourceError("gateway-file", f"{path}: longer than {MOST_BYTES} bytes", hint=HINT)
    try:
        return parse(text, path.absolute().parent)
    except (msgspec.DecodeError, ValueError) as error:
        raise SourceError("gateway-file", f"{path}: {error}", hint=HINT) from error


def parse(text: bytes, folder: Path) -> Manifest:
    """The manifest that a text is.

    Raises: ValueError naming what is wrong.
    """
    file = msgspec.toml.decode(text, type=_File)
    servers = {ConnectorId(name): server_of(name, told, folder) for name, told in file.servers.items()}
    names = [said_name(tool) for server in servers.values() for tool in server.tools.values()]
    if twice := {name for name in names if names.count(name) > 1}:
        raise ValueError(f"two tools would have one name: {sorted(twice)[0]}")
    return Manifest(
        servers=servers,
        clients={AgentId(name): _client(name, told) for name, told in file.agents.items()},
        hosts=tuple(file.hosts),
        origins=tuple(file.origins),
    )


def said_name(tool: Tool) -> str:
    """What clients call a tool: its server and its name, in letters that all of them take."""
    return f"{tool.connector}__{UNSAID.sub('_', tool.name)}"


def _client(name: str, told: _Client) -> Client:
    if not 0 <= told.wait_seconds <= 300:
        raise ValueError(f"agent {name}: wait_seconds is from 0 to 300")
    if not 0 < told.per_second <= 1000:
        raise ValueError(f"agent {name}: per_second is from 0 to 1000")
    return Client(
        agent=AgentId(name),
        words=told.words,
        reads=told.reads,
        wait_seconds=told.wait_seconds,
        per_second=told.per_second,
        owner=told.owner,
        grants={tool: tuple(to) for tool, to in told.grants.items()},
    )
