"""The protocol's side that clients see: every revision, over HTTP and through the relay; who is let in."""

import asyncio
import json
import os
import warnings
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp_types import (
    ElicitRequest,
    ElicitRequestFormParams,
    InputRequiredResult,
    SamplingMessage,
    TextContent,
)
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from agents.gateway.front import MODERN, OPEN, Up, front, listening, reached, run, running
from agents.gateway.test_calls import effects_of
from agents.kept import World
from counterfoil.agents.gateway.state import States
from counterfoil.agents.gateway.stdio import Relay
from counterfoil.agents.tokens import Tokens
from counterfoil.terms.agent import CauseKind
from guard.acting.calls import TRIAGE


@pytest.mark.parametrize("version", [*HANDSHAKE_PROTOCOL_VERSIONS, "2031-01-01"])
def test_each_earlier_revision_is_greeted_and_answered(version: str, w: World, up: Up) -> None:
    async def go() -> None:
        at = await front(w, reached(up.port))
        told = await at.ask("initialize", {"protocolVersion": version, "capabilities": {}, "clientInfo": {}})
        known = version if version in HANDSHAKE_PROTOCOL_VERSIONS else HANDSHAKE_PROTOCOL_VERSIONS[-1]
        assert told["result"]["protocolVersion"] == known
        done = await at.post({"jsonrpc": "2.0", "method": "notifications/initialized"})
        assert (done.status_code, done.content) == (202, b"")
        assert (await at.ask("ping"))["result"] == {}
        tools = (await at.ask("tools/list"))["result"]["tools"]
        assert [tool["name"] for tool in tools] == [
            "notes__post_note",
            "notes__read_note",
            "notes__seen",
            "notes__wipe",
        ]
        assert (await at.ask("resources/list"))["error"]["code"] == -32601
        assert "note 1" in await at.call("read_note", id=1)
        both = [{"jsonrpc": "2.0", "id": n, "method": "ping"} for n in (1, 2)]
        assert [one["id"] for one in (await at.post(both)).json()] == [1, 2]

    run(go())


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_the_sdks_own_client_sees_tools_and_calls_them(mode: str, w: World, up: Up) -> None:
    async def go() -> None:
        at = await front(w, reached(up.port))
        with listening(at) as port:
            headers = {"Authorization": f"Bearer {at.token}", "Counterfoil-Cause": "ticket:OPS-12"}
            async with httpx2.AsyncClient(headers=headers) as http:
                url = f"http://127.0.0.1:{port}/mcp"
                async with Client(streamable_http_client(url, http_client=http), mode=mode) as client:
                    listed = await client.list_tools()
                    assert {tool.annotations.read_only_hint for tool in listed.tools if tool.annotations} == {
                        True,
                        False,
                    }
                    done = await client.call_tool("notes__post_note", {"channel": "#ops", "text": "hi"})
                    assert not done.is_error
                    refused = await client.call_tool("notes__post_note", {"channel": "#all", "text": "hi"})
                    assert refused.is_error
                    assert refused.meta is not None
                    assert refused.meta["counterfoil/clause"] == "private-to-unnamed"

    run(go())
    (effect,) = effects_of(w)
    assert (effect.cause.kind, effect.cause.ref) == (CauseKind.TICKET, "OPS-12")


def test_the_stateless_revision_is_held_to_its_headers(w: World, up: Up) -> None:
    async def go() -> None:
        at = await front(w, reached(up.port))
        found = (await at.modern("server/discover", {})).json()["result"]
        assert found["supportedVersions"] == [MODERN]
        assert (found["resultType"], found["cacheScope"]) == ("complete", "private")
        asked = {"name": "notes__read_note", "arguments": {"id": 1}}
        assert (await at.modern("tools/call", asked)).json()["result"]["resultType"] == "complete"
        for wrong in (
            {"Mcp-Name": "notes__wipe"},
            {"Mcp-Method": "tools/list"},
            {"MCP-Protocol-Version": "2099-1-1"},
        ):
            refused = await at.modern("tools/call", asked, **wrong)
            assert (refused.status_code, "error" in refused.json()) == (400, True)
        assert (await at.modern("prompts/list", {})).status_code == 404

    run(go())
    assert up.deeds == ["read 1"]


def test_only_a_good_credential_for_the_gateway_and_no_web_page_is_let_in(w: World, up: Up) -> None:
    async def go() -> None:
        at = await front(w, reached(up.port))
        ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        tokens = Tokens(w.gate.keeping)
        other_use, short = (
            tokens.issue(TRIAGE, "socket"),
            tokens.issue(TRIAGE, "gateway", timedelta(minutes=1)),
        )
        for token in ("", "x", "cfa_x", at.token + "x", str(other_use)):
            assert (await at.post(ping, Authorization=f"Bearer {token}")).status_code == 401
        assert (await at.post(ping, Authorization=at.token)).status_code == 401
        assert (await at.post(ping, Authorization=f"Bearer {short}")).status_code == 200
        w.clock.on(minutes=2)
        assert (await at.post(ping, Authorization=f"Bearer {short}")).status_code == 401
        for host in ("evil.example", "127.0.0.1:1", "127.0.0.1.evil.example:8752", ""):
            assert (await at.post(ping, Host=host)).status_code == 403
        for origin in ("http://evil.example", "null", "http://127.0.0.1:8752", "http://localhost:8752"):
            assert (await at.post(ping, Origin=origin)).status_code == 403
        assert (await at.post(ping, **{"Content-Type": "text/plain"})).status_code == 415
        big = {**ping, "params": {"x": "y" * (5 << 20)}}
        assert (await at.post(big)).status_code == 413
        tokens.revoke(TRIAGE)
        for session in at.app._sessions._by_text.values():
            session.looked -= 10
        assert (await at.post(ping)).status_code == 401

    run(go())


def test_whoever_asks_too_often_waits(w: World, up: Up) -> None:
    async def go() -> None:
        at = await front(w, reached(up.port).replace("per_second = 1000", "per_second = 0.5"))
        ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        codes = [(await at.post(ping)).status_code for _ in range(4)]
        assert codes == [200, 200, 429, 429]
        guesses = [(await at.post(ping, Authorization=f"Bearer cfa_{n}")).status_code for n in range(60)]
        assert guesses.count(429) >= 5

    run(go())


def test_state_that_comes_back_is_ours_of_this_session_and_of_this_call() -> None:
    states = States()
    sealed = states.sealed("theirs", session="s", call="c", at=0)
    assert states.opened(sealed, session="s", call="c", at=1) == "theirs"
    for session, call, at in (("t", "c", 1), ("s", "d", 1), ("s", "c", 10_000)):
        assert states.opened(sealed, session=session, call=call, at=at) is None
    assert States().opened(sealed, session="s", call="c", at=1) is None
    for place in range(0, len(sealed), 7):
        other = "A" if sealed[place] != "A" else "B"
        assert (
            states.opened(sealed[:place] + other + sealed[place + 1 :], session="s", call="c", at=1) is None
        )


ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["jsonrpc", "id", "method", "params", "name", "arguments", "_meta", "channel", "text"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


def test_whatever_is_sent_is_answered_and_nothing_of_it_reaches_the_server(w: World, up: Up) -> None:
    loop = asyncio.Runner()
    at = loop.run(front(w, reached(up.port), to=()))

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        body=ANY, method=st.sampled_from(["tools/call", "tools/list", "initialize", "x"]), wrap=st.booleans()
    )
    def answered(body: Any, method: str, wrap: bool) -> None:
        call = {"name": "notes__post_note", "arguments": body}
        sent = {"jsonrpc": "2.0", "id": 1, "method": method, "params": call if wrap else body}
        reply = loop.run(at.post(sent))
        assert reply.status_code in {200, 202, 400}
        assert reply.status_code == 202 or json.loads(reply.content)["jsonrpc"] == "2.0"

    with loop:
        answered()
        loop.run(OPEN.pop().close())
    assert up.deeds == []


def test_a_client_that_starts_a_program_is_carried_to_the_gateway(w: World, up: Up) -> None:
    async def go() -> list[Any]:
        at = await front(w, reached(up.port))
        with listening(at) as port:
            relay = Relay(f"http://127.0.0.1:{port}/mcp", at.token, "")
            reading, writing = os.pipe()
            out, into = os.pipe()
            with (
                os.fdopen(reading, "rb") as source,
                os.fdopen(into, "wb") as sink,
                os.fdopen(writing, "wb") as to,
            ):
                call = {"name": "notes__read_note", "arguments": {"id": 1}}
                meta = {"io.modelcontextprotocol/protocolVersion": MODERN}
                meta["io.modelcontextprotocol/clientCapabilities"] = {}  # type: ignore[assignment]
                for id, params in ((1, call), (2, {**call, "_meta": meta})):
                    message = {"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}
                    to.write(json.dumps(message).encode() + b"\n")
                to.write(b"not json\n")
                to.close()
                await relay.speak(source, sink)
            with os.fdopen(out, "rb") as told:
                answers = [json.loads(row) for row in told.read().splitlines()]
        return answers

    answers = run(go())
    assert sorted(("result" in one, one.get("id") or 0) for one in answers) == [
        (False, 0),
        (True, 1),
        (True, 2),
    ]


def asking(deeds: list[str]) -> MCPServer:
    """A server that wants to know something before it posts."""
    server = MCPServer("asking")

    @server.tool(structured_output=False, description="Post a note.")
    async def post_note(channel: str, text: str, ctx: Context[Any, Any]) -> Any:
        if ctx.input_responses is None:
            schema = {"type": "object", "properties": {"sure": {"type": "boolean"}}}
            asked = ElicitRequestFormParams.model_validate({"message": "Sure?", "requestedSchema": schema})
            return InputRequiredResult(
                input_requests={"sure": ElicitRequest(params=asked)}, request_state="theirs"
            )
        deeds.append(f"post {channel} {text} {ctx.request_state}")
        return "posted"

    return server


@pytest.mark.parametrize("asks", ["", 'asks = ["elicitation/create"]'])
def test_what_a_server_asks_is_passed_on_only_where_the_file_lets_it_and_its_state_is_signed(
    asks: str, w: World
) -> None:
    deeds: list[str] = []

    async def go() -> None:
        with running(asking(deeds).streamable_http_app()) as port:
            vouched = 'effect = "post"\noutput = "typed"\nsecrecy = "internal"'
            at = await front(w, reached(port, asks).replace('effect = "post"', vouched))
            call = {"name": "notes__post_note", "arguments": {"channel": "#ops", "text": "hi"}}
            told = (await at.modern("tools/call", call)).json()["result"]
            if not asks:
                assert told["isError"]
                assert told["resultType"] == "complete"
                return
            assert told["resultType"] == "input_required"
            assert told["inputRequests"]["sure"]["params"]["message"] == "Sure?"
            answers = {"sure": {"action": "accept", "content": {"sure": True}}}
            other = {**call, "arguments": {"channel": "#ops", "text": "other"}}
            for wrong, state in (
                (call, "theirs"),
                (call, told["requestState"][:-4] + "AAAA"),
                (other, told["requestState"]),
            ):
                again = {**wrong, "inputResponses": answers, "requestState": state}
                refused = (await at.modern("tools/call", again)).json()["result"]
                assert refused["_meta"]["counterfoil/clause"] == "request-state"
            again = {**call, "inputResponses": answers, "requestState": told["requestState"]}
            done = (await at.modern("tools/call", again)).json()["result"]
            assert done["content"][0]["text"] == "posted"

    run(go())
    assert deeds == (["post #ops hi theirs"] if asks else [])


class Earlier:
    """A server that has never heard of the stateless revision."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = dict(scope.get("headers", ()))
        if headers.get(b"mcp-protocol-version") == MODERN.encode():
            await send({"type": "http.response.start", "status": 400, "headers": []})
            await send({"type": "http.response.body", "body": b"no such revision"})
        else:
            await self.app(scope, receive, send)


def test_a_server_of_an_earlier_revision_has_a_session_with_us_and_asks_no_model(w: World) -> None:
    server = MCPServer("earlier")

    @server.tool(structured_output=False, description="Post a note.")
    async def post_note(channel: str, text: str, ctx: Context[Any, Any]) -> str:
        await ctx.report_progress(1, 2)
        try:
            message = SamplingMessage(role="user", content=TextContent(type="text", text="Say yes."))
            await ctx.session.create_message([message], max_tokens=9, related_request_id=ctx.request_id)  # type: ignore[deprecated,unused-ignore]
        except Exception as error:
            return f"posted, without {error}"
        return "listed"

    async def go() -> None:
        with running(Earlier(server.streamable_http_app())) as port:
            at = await front(w, reached(port))
            told = await at.call("post_note", channel="#ops", text="hi")
            assert told.startswith("posted, without")
            (slot,) = at.gateway.calls._pool._slots.values()
            assert slot.made is not None
            assert not slot.made.modern

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run(go())
