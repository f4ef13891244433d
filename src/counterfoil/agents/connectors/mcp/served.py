"""Which MCP servers owners may connect, and what their tools do: the operator's file servers.toml."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import msgspec

from counterfoil.agents.upstream.server import Server, ServerTable, ToolTable, server_of
from counterfoil.agents.upstream.stdio import ALWAYS
from counterfoil.terms.error import SourceError
from counterfoil.terms.tool import ConnectorId, EffectClass, Tool

FILE = "servers.toml"
MOST_BYTES = 1 << 20
HINT = "docs/reference/connectors/mcp.md has a whole servers.toml"
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,60}")
OWN = frozenset({"agents", "memory", "model"})
"""Names that tools of our own have."""


class Errors(StrEnum):
    """What is known of an effect whose server answered with an error."""

    OPEN = "open"
    """Nothing: a part of it may have happened."""
    NOTHING = "nothing"
    """That nothing happened."""


@dataclass(frozen=True, slots=True)
class Look:
    """How it is found out whether something was made."""

    tool: str
    """A tool that only reads; it is given the key."""
    found: str
    """Field of its answer that has the key of what was made."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What is known of a tool beside its labels."""

    errors: Errors = Errors.OPEN
    key: str = ""
    """The argument that takes a key of ours; the server makes nothing twice for one, or can look it up."""
    look: Look | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One server that owners may connect."""

    server: Server
    says: str
    """What it is, as owners read it."""
    deeds: Mapping[str, Deed]
    """By the tool's name."""

    @property
    def needs_token(self) -> bool:
        """Whether each owner has a token of their own for it."""
        return bool(self.server.secret)


class _Look(msgspec.Struct, forbid_unknown_fields=True):
    tool: str
    found: str


class _Tool(ToolTable, forbid_unknown_fields=True):
    errors: Errors = Errors.OPEN
    key: str = ""
    look: _Look | None = None


class _Server(ServerTable, forbid_unknown_fields=True):
    says: str = ""
    tools: Mapping[str, _Tool] = {}


class _File(msgspec.Struct, forbid_unknown_fields=True):
    servers: dict[str, _Server]


def served_in(folder: Path, taken: Sequence[str]) -> Mapping[ConnectorId, Served]:
    """The servers of a folder's file; none where there is no file. No server has a name that is taken.

    Raises: SourceError where it can't be read, or says what no such file can.
    """
    path = folder / FILE
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SourceError("servers-file", f"{path}: {error.strerror}", hint=HINT) from error
    if len(text) > MOST_BYTES:
        raise SourceError("servers-file", f"{path}: longer than {MOST_BYTES} bytes", hint=HINT)
    try:
        return parse(text, folder.absolute(), taken)
    except (msgspec.DecodeError, ValueError) as error:
        raise SourceError("servers-file", f"{path}: {error}", hint=HINT) from error


def parse(text: bytes, folder: Path, taken: Sequence[str] = ()) -> Mapping[ConnectorId, Served]:
    """The servers that a text names.

    Raises: ValueError naming what is wrong.
    """
    file = msgspec.toml.decode(text, type=_File)
    if names := sorted(file.servers.keys() & OWN.union(taken)):
        raise ValueError(f"server {names[0]}: another system has this name")
    return {ConnectorId(name): _served(name, told, folder) for name, told in file.servers.items()}


def _served(name: str, told: _Server, folder: Path) -> Served:
    where = f"server {name}"
    if told.shared:
        raise ValueError(f"{where}: it can't be shared, since each owner has a session of their own")
    if told.asks:
        raise ValueError(f"{where}: it can't ask back, since nobody sits before a run")
    if told.secret and (not VARIABLE.fullmatch(told.secret) or told.secret in ALWAYS):
        raise ValueError(f"{where}: secret is a variable of its own, in capital letters")
    server = server_of(name, told, folder)
    deeds = {
        called: _deed(f"tool {name}/{called}", tool, server.tools) for called, tool in told.tools.items()
    }
    if server.command and server.secret:
        server = replace(server, environment=(*server.environment, server.secret))
    return Served(server=server, says=told.says or f"{name}, an MCP server", deeds=deeds)


def _deed(where: str, told: _Tool, tools: Mapping[str, Tool]) -> Deed:
    if told.key and told.key in told.arguments:
        raise ValueError(f"{where}: key is an argument that no agent gives")
    if told.look is None:
        return Deed(told.errors, told.key)
    looking = tools.get(told.look.tool)
    if not told.key:
        raise ValueError(f"{where}: what is looked for is its key")
    if looking is None or looking.effect is not EffectClass.READ:
        raise ValueError(f"{where}: {told.look.tool} is no tool of it that only reads")
    return Deed(told.errors, told.key, Look(told.look.tool, told.look.found))
