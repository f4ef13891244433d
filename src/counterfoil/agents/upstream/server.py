"""One MCP server and what its tools do, as our side wrote it down: the server itself is not asked."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from counterfoil.terms.label import Integrity, Secrecy
from counterfoil.terms.tool import ArgumentRole, ArgumentSpec, ConnectorId, EffectClass, Tool

NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")


class Asked(StrEnum):
    """What a server may ask of a client, where it is let."""

    ELICITATION = "elicitation/create"
    SAMPLING = "sampling/createMessage"
    ROOTS = "roots/list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One MCP server that is asked."""

    id: ConnectorId
    command: tuple[str, ...]
    """How it is started, word by word; no shell reads it. Empty where it has a URL."""
    url: str
    folder: Path | None
    environment: tuple[str, ...]
    """Names of variables that it may see; nothing else of the environment reaches it."""
    secret: str
    """Name of the variable whose value is sent to it as a bearer token."""
    asks: frozenset[Asked]
    shared: bool
    """Whether all agents share one session with it; else each has its own, and its own process."""
    seconds: float
    """How long one call may take."""
    tools: Mapping[str, Tool]
    """By the name the server has for it."""


class ToolTable(msgspec.Struct, forbid_unknown_fields=True):
    """A tool as it is written down."""

    effect: EffectClass
    why: str
    arguments: dict[str, str] = {}
    reversible: bool = False
    output: str = "untrusted"
    secrecy: str = "private"
    typed: list[str] = []


class ServerTable(msgspec.Struct, forbid_unknown_fields=True):
    """A server as it is written down."""

    command: list[str] = []
    url: str = ""
    folder: str = ""
    environment: list[str] = []
    secret: str = ""
    asks: list[Asked] = []
    shared: bool = False
    seconds: float = 60.0
    tools: Mapping[str, ToolTable] = {}


def server_of(name: str, told: ServerTable, folder: Path) -> Server:
    """The server that a table is, in a file of this folder.

    Raises: ValueError naming what is wrong.
    """
    if not NAME.fullmatch(name):
        raise ValueError(f"server {name!r}: a name is of small letters, digits and hyphens")
    if bool(told.command) is bool(told.url):
        raise ValueError(f"server {name}: it has either a command or a url")
    if told.url and not told.url.startswith(("http://", "https://")):
        raise ValueError(f"server {name}: its url begins with http:// or https://")
    if told.url and not told.url.startswith("https://") and told.secret and not _is_near(told.url):
        raise ValueError(f"server {name}: a secret goes over https, or stays on this machine")
    if not 0 < told.seconds <= 600:
        raise ValueError(f"server {name}: seconds is from 0 to 600")
    return Server(
        id=ConnectorId(name),
        command=tuple(told.command),
        url=told.url,
        folder=(folder / told.folder) if told.folder else None,
        environment=tuple(told.environment),
        secret=told.secret,
        asks=frozenset(told.asks),
        shared=told.shared,
        seconds=told.seconds,
        tools={called: _tool(name, called, tool) for called, tool in told.tools.items()},
    )


def _is_near(url: str) -> bool:
    return urlsplit(url).hostname in {"127.0.0.1", "localhost", "::1"}


def _tool(server: str, name: str, told: ToolTable) -> Tool:
    where = f"tool {server}/{name}"
    if not told.why.strip():
        raise ValueError(f"{where}: say why it has these labels")
    try:
        output, secrecy = Integrity[told.output.upper()], Secrecy[told.secrecy.upper()]
    except KeyError as error:
        raise ValueError(f"{where}: there is no label {error.args[0].lower()}") from error
    if output is Integrity.OWNER:
        raise ValueError(f"{where}: no server speaks in its owner's words")
    return Tool(
        connector=ConnectorId(server),
        name=name,
        effect=told.effect,
        reversible=told.reversible,
        arguments={argument: _spec(where, argument, said) for argument, said in told.arguments.items()},
        output=output,
        secrecy=secrecy,
        typed=tuple(told.typed),
        why=told.why,
    )


def _spec(where: str, argument: str, said: str) -> ArgumentSpec:
    role, _, kind = said.partition(":")
    may_be_empty, role = role.endswith("?"), role.removesuffix("?")
    if role not in set(ArgumentRole):
        raise ValueError(f"{where}, argument {argument}: there is no role {role!r}")
    if (role == ArgumentRole.DESTINATION) is not bool(kind):
        raise ValueError(f"{where}, argument {argument}: a destination, and nothing else, has a kind")
    if may_be_empty and not kind:
        raise ValueError(f"{where}, argument {argument}: only a destination is marked with a question mark")
    return ArgumentSpec(role=ArgumentRole(role), kind=kind, may_be_empty=may_be_empty)
