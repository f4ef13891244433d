"""What the gateway answers to each message of the protocol, in any revision and over any transport."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from mcp.shared.inbound import InboundLadderRejection, classify_inbound_request, validate_mcp_param_headers
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS, LATEST_HANDSHAKE_VERSION, MODERN_PROTOCOL_VERSIONS

from counterfoil import __version__
from counterfoil.agents.gateway.calls import Calls
from counterfoil.agents.gateway.pins import Pins
from counterfoil.agents.gateway.session import MOST_BUSY, Session
from counterfoil.terms.tool import EffectClass

PARSE, INVALID, NO_METHOD, BAD_PARAMS, BUSY = -32700, -32600, -32601, -32602, -32000
WHO = {"name": "counterfoil-gateway", "version": __version__}
CAN: dict[str, dict[str, Any]] = {"tools": {}}
SAYS = (
    "Tools here go through a gate. A call can be held until a person says yes: tell your user, and make "
    "exactly the same call again later. A refused call stays refused: do not look for another way to it."
)
VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
LIST_MS = 60_000
encode = msgspec.json.Encoder().encode
Headers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back: nothing for what needs no answer."""

    body: bytes = b""
    status: int = 200


class Serving:
    """The protocol's side that clients see."""

    def __init__(self, calls: Calls, pins: Pins) -> None:
        self._calls = calls
        self._tools = [
            _shown(name, tool.effect, pins.tools[tool.id].said)
            for name, (_, tool) in sorted(calls.known.items())
            if tool.id in pins.tools
        ]
        self._schemas = {tool["name"]: tool["inputSchema"] for tool in self._tools}

    async def answer(self, session: Session, message: Any, headers: Headers | None) -> Reply:
        """Answer one message; the headers are those of HTTP, None where there are none."""
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
            return failed(None, INVALID, "this is no message of JSON-RPC 2.0", status=400)
        method, id = message.get("method"), message.get("id")
        if method is None and id is not None and ("result" in message or "error" in message):
            return Reply(status=202)
        if not isinstance(method, str):
            return failed(None, INVALID, "it has no method", status=400)
        if "id" not in message:
            return Reply(status=202)
        if not isinstance(id, str | int) or isinstance(id, bool):
            return failed(None, INVALID, "its id is neither a text nor a whole number", status=400)
        params = message.get("params")
        params = {} if params is None else params
        if not isinstance(params, dict):
            return failed(id, BAD_PARAMS, "params is no object", status=400)
        if not _is_modern(params, headers):
            return await self._handshake_era(session, id, method, params, headers)
        route = classify_inbound_request(message, headers=headers)
        if isinstance(route, InboundLadderRejection):
            return failed(id, route.code, route.message, route.data, status=400)
        return await self._stateless(session, id, method, params, headers)

    async def _handshake_era(
        self, session: Session, id: str | int, method: str, params: Mapping[str, Any], headers: Headers | None
    ) -> Reply:
        match method:
            case "tools/call":
                return await self._call(session, id, params, headers, modern=False)
            case "initialize":
                asked = params.get("protocolVersion")
                version = asked if asked in HANDSHAKE_PROTOCOL_VERSIONS else LATEST_HANDSHAKE_VERSION
                return _result(
                    id,
                    {
                        "protocolVersion": version,
                        "capabilities": CAN,
                        "serverInfo": WHO,
                        "instructions": SAYS,
                    },
                )
            case "tools/list":
                return _result(id, {"tools": self._tools})
            case "ping":
                return _result(id, {})
            case "server/discover":
                return failed(id, BAD_PARAMS, "server/discover says its revision in _meta")
        return failed(id, NO_METHOD, "the gateway passes on tools, and nothing else")

    async def _stateless(
        self, session: Session, id: str | int, method: str, params: Mapping[str, Any], headers: Headers | None
    ) -> Reply:
        match method:
            case "tools/call":
                schema = self._schemas.get(str(params.get("name")))
                if headers is not None and schema is not None and isinstance(params.get("arguments"), dict):
                    wrong = validate_mcp_param_headers(schema, params["arguments"], headers)
                    if wrong is not None:
                        return failed(id, wrong.code, wrong.message, wrong.data, status=400)
                return await self._call(session, id, params, headers, modern=True)
            case "server/discover":
                said = {"supportedVersions": list(MODERN_PROTOCOL_VERSIONS), "capabilities": CAN}
                return _result(id, {**said, "instructions": SAYS, **_kept(LIST_MS)}, modern=True)
            case "tools/list":
                return _result(id, {"tools": self._tools, **_kept(LIST_MS)}, modern=True)
        return failed(id, NO_METHOD, "the gateway passes on tools, and nothing else", status=404)

    async def _call(
        self,
        session: Session,
        id: str | int,
        params: Mapping[str, Any],
        headers: Headers | None,
        *,
        modern: bool,
    ) -> Reply:
        arguments = params.get("arguments")
        if not isinstance(params.get("name"), str) or not (arguments is None or isinstance(arguments, dict)):
            return failed(id, BAD_PARAMS, "a call has a name, and arguments by name", status=400)
        if session.busy >= MOST_BUSY:
            return failed(id, BUSY, f"{MOST_BUSY} calls are under way; wait for one of them", status=429)
        try:
            cause = session.cause((headers or {}).get("counterfoil-cause", ""))
        except ValueError as error:
            return failed(id, BAD_PARAMS, str(error), status=400)
        session.busy += 1
        try:
            return _result(id, await self._calls.made(session, params, cause, modern=modern), modern=modern)
        finally:
            session.busy -= 1


def failed(id: str | int | None, code: int, says: str, data: Any = None, *, status: int = 200) -> Reply:
    """An error of the protocol."""
    error = {"code": code, "message": says, **({} if data is None else {"data": data})}
    return Reply(encode({"jsonrpc": "2.0", "id": id, "error": error}), status)


def _result(id: str | int, result: Mapping[str, Any], *, modern: bool = False) -> Reply:
    if modern:
        meta = {**result.get("_meta", {}), "io.modelcontextprotocol/serverInfo": WHO}
        result = {"resultType": "complete", **result, "_meta": meta}
    return Reply(encode({"jsonrpc": "2.0", "id": id, "result": result}))


def _kept(ms: int) -> Mapping[str, Any]:
    return {"ttlMs": ms, "cacheScope": "private"}


def _is_modern(params: Mapping[str, Any], headers: Headers | None) -> bool:
    """Whether a request says itself, in its header or its envelope, that it has no session."""
    if headers is not None and (version := headers.get("mcp-protocol-version")):
        return version not in HANDSHAKE_PROTOCOL_VERSIONS
    meta = params.get("_meta")
    return isinstance(meta, dict) and VERSION_KEY in meta


def _shown(name: str, effect: EffectClass, said: Mapping[str, Any]) -> dict[str, Any]:
    """A tool as clients see it: the words that were pinned, and hints that are ours."""
    shown = {key: value for key, value in said.items() if key not in {"annotations", "execution"}}
    reads = effect is EffectClass.READ
    hints = {"readOnlyHint": reads, "destructiveHint": not reads, "openWorldHint": not reads}
    return {**shown, "name": name, "annotations": hints}
