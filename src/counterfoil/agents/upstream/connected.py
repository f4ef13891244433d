"""A server that was greeted in a revision both speak, with everything it lists; and one call of a tool."""

import itertools
import os
from collections.abc import Mapping
from typing import Any

import msgspec
from mcp.shared.inbound import encode_header_value, mcp_param_headers, x_mcp_header_map
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_HANDSHAKE_VERSION, LATEST_MODERN_VERSION

from counterfoil import __version__
from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.upstream import line
from counterfoil.agents.upstream.http import Reached
from counterfoil.agents.upstream.line import Line, Lost, Request
from counterfoil.agents.upstream.listed import Listed, listed
from counterfoil.agents.upstream.server import Asked, Server
from counterfoil.agents.upstream.stdio import Started, environment

MOST_PAGES, MOST_TOOLS = 50, 1000
PROBE_SECONDS, GREET_SECONDS = 5.0, 20.0
WHO = {"name": "counterfoil-gateway", "version": __version__}
CAN_ASK: Mapping[Asked, Mapping[str, Any]] = {
    Asked.ELICITATION: {"elicitation": {"form": {}}},
    Asked.SAMPLING: {"sampling": {}},
    Asked.ROOTS: {"roots": {}},
}
NO_HEADERS: Mapping[str, str] = {}


class Result(msgspec.Struct, omit_defaults=True):
    """What a tool answered, of which only the frame is read here."""

    content: list[msgspec.Raw] = []
    isError: bool = False
    structuredContent: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    resultType: str = "complete"
    inputRequests: dict[str, dict[str, Any]] = {}
    requestState: str | msgspec.UnsetType = msgspec.UNSET


_result = msgspec.json.Decoder(Result)
_any = msgspec.json.Decoder(dict[str, Any])


class Connected:
    """A server that can be asked."""

    def __init__(self, server: Server, its: Line, *, modern: bool) -> None:
        self.server = server
        self.modern = modern
        self.tools: Mapping[str, Listed] = {}
        self._line = its
        self._ids = itertools.count(10)
        self._mirrored: dict[str, Any] = {}
        self._meta = meta_of(server)

    @property
    def alive(self) -> bool:
        """Whether it can still be asked."""
        return self._line.alive

    @property
    def stale(self) -> bool:
        """Whether it said that its tools are others now."""
        return self._line.stale

    async def list_tools(self) -> None:
        """Ask for all its tools, and keep how it describes them.

        Raises: Lost or NotDone where it does not say them within bounds.
        """
        self._line.stale = False
        found: dict[str, Listed] = {}
        cursors: set[str] = set()
        params: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            raw = await self._ask("tools/list", params, GREET_SECONDS)
            page = _decoded(raw)
            tools = page.get("tools")
            if not isinstance(tools, list) or not all(_is_tool(tool) for tool in tools):
                raise line.garbage()
            for tool in tools:
                if tool["name"] in found:
                    raise line.garbage()
                found[tool["name"]] = listed(tool)
            cursor = page.get("nextCursor")
            if cursor is None:
                self.tools = found
                self._mirrored = {
                    name: x_mcp_header_map(tool.said["inputSchema"]) for name, tool in found.items()
                }
                return
            if not isinstance(cursor, str) or cursor in cursors or len(found) > MOST_TOOLS:
                break
            cursors.add(cursor)
            params = {"cursor": cursor}
        raise Lost("endless-list", "its list of tools does not end", hint="ask whoever runs it")

    async def call(self, tool: str, arguments: Mapping[str, Any], more: Mapping[str, Any]) -> Result:
        """Call one tool, once.

        Raises: NotDone where surely nothing happened; Lost where that is open.
        """
        headers = NO_HEADERS
        if self.modern:
            mirrored = self._mirrored.get(tool)
            headers = {
                "mcp-name": encode_header_value(tool),
                **(mcp_param_headers(mirrored, arguments) if mirrored else {}),
            }
        params = {"name": tool, "arguments": arguments, **more}
        raw = await self._ask("tools/call", params, self.server.seconds, headers)
        try:
            return _result.decode(raw)
        except (msgspec.DecodeError, RecursionError) as error:
            raise line.garbage() from error

    async def close(self) -> None:
        """Hang up."""
        await self._line.close()

    async def _ask(
        self, method: str, params: Mapping[str, Any], seconds: float, headers: Mapping[str, str] = NO_HEADERS
    ) -> msgspec.Raw:
        if self.modern:
            params = {**params, "_meta": self._meta}
            headers = {"mcp-method": method, **headers}
        return await self._line.ask(Request(next(self._ids), method, params, headers), seconds=seconds)


def meta_of(server: Server) -> Mapping[str, Any]:
    """What each stateless request says of us: what a server may ask of clients, it is told that they can."""
    can = {name: how for asked in server.asks for name, how in CAN_ASK[asked].items()}
    return {
        "io.modelcontextprotocol/protocolVersion": LATEST_MODERN_VERSION,
        "io.modelcontextprotocol/clientInfo": WHO,
        "io.modelcontextprotocol/clientCapabilities": can,
    }


async def connect(server: Server, env: Mapping[str, str]) -> Connected:
    """Reach a server, greet it in a revision it speaks, and list its tools.

    Raises: NotDone or Lost, each with a word for what went wrong.
    """
    its = await _open(server, env)
    connected: Connected | None = None
    try:
        modern = await _discovered(server, its)
        if not its.alive:
            await its.close()
            its = await _open(server, env)
        if not modern:
            await _greeted(its)
        made = Connected(server, its, modern=modern)
        await made.list_tools()
        connected = made
    finally:
        if connected is None:
            await its.close()
    return connected


async def _open(server: Server, env: Mapping[str, str]) -> Line:
    if server.url:
        secret = env.get(server.secret, "") if server.secret else ""
        if server.secret and not secret:
            raise line.unreachable(f"its secret {server.secret} is not set")
        return Reached(server.url, secret)
    return await Started.start(server.command, environment(server.environment, env), server.folder)


async def _discovered(server: Server, its: Line) -> bool:
    """Whether it speaks the stateless revision; one that does not says so in ways of its own."""
    its.speaks(LATEST_MODERN_VERSION, modern=True)
    request = Request(1, "server/discover", {"_meta": meta_of(server)}, {"mcp-method": "server/discover"})
    try:
        told = _decoded(await its.ask(request, seconds=PROBE_SECONDS))
    except NotDone as error:
        if error.code == "server-down":
            raise
        return False
    except Lost:
        return False
    versions = told.get("supportedVersions")
    return isinstance(versions, list) and LATEST_MODERN_VERSION in versions


async def _greeted(its: Line) -> None:
    """Shake hands as the earlier revisions do."""
    its.speaks(LATEST_HANDSHAKE_VERSION, modern=False)
    params = {"protocolVersion": LATEST_HANDSHAKE_VERSION, "capabilities": {}, "clientInfo": WHO}
    told = _decoded(await its.ask(Request(2, "initialize", params, NO_HEADERS), seconds=GREET_SECONDS))
    version = told.get("protocolVersion")
    if version not in HANDSHAKE_PROTOCOL_VERSIONS:
        raise NotDone("unknown-revision", "it speaks no revision that is known", hint="update one of both")
    its.speaks(version, modern=False)
    await its.tell("notifications/initialized")


def _decoded(raw: msgspec.Raw) -> dict[str, Any]:
    try:
        return _any.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise line.garbage() from error


def _is_tool(tool: object) -> bool:
    return (
        isinstance(tool, dict)
        and isinstance(tool.get("name"), str)
        and isinstance(tool.get("inputSchema"), dict)
    )


def whole_environment() -> Mapping[str, str]:
    """The environment of this process, from which each server gets what the manifest names."""
    return dict(os.environ)
