"""A gateway as tests need it: a real gate, real servers behind it, and clients with a credential."""

import asyncio
import os
import socket
import sys
import threading
import time
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import uvicorn

from agents.gateway import servers
from agents.kept import World
from counterfoil.agents.gateway.gateway import Gateway, look
from counterfoil.agents.gateway.manifest import parse
from counterfoil.agents.gateway.pins import Pins, pinned
from counterfoil.agents.tokens import Tokens
from counterfoil.terms.agent import Grant
from counterfoil.terms.error import ToolError
from guard.acting.calls import TRIAGE

VERSION = "io.modelcontextprotocol/protocolVersion"
CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"
MODERN = "2026-07-28"
TOOLS = """
[servers.notes.tools.read_note]
effect = "read"
secrecy = "internal"
why = "It reads one note, which anybody can have written."
arguments = { id = "typed" }

[servers.notes.tools.post_note]
effect = "post"
why = "It posts to a channel that others read."
arguments = { channel = "destination:channel", text = "text" }

[servers.notes.tools.wipe]
effect = "read"
why = "Its server says that it only looks."

[servers.notes.tools.seen]
effect = "read"
output = "typed"
secrecy = "internal"
why = "It says names of variables."
"""
AGENT = '[agents.triage]\nreads = "nothing"\nper_second = 1000\n'


OPEN: list[Gateway] = []
Told = TypeVar("Told")


def run(go: Coroutine[Any, Any, Told]) -> Told:
    """Run to the end, and hang up what was opened on the way."""

    async def through() -> Told:
        try:
            return await go
        finally:
            while OPEN:
                await OPEN.pop().close()

    return asyncio.run(through())


@contextmanager
def listening(at: "Front") -> Iterator[int]:
    """A gateway on a port of this machine, which hangs up by itself."""
    OPEN.remove(at.gateway)
    with free() as listening, running(at.gateway.app(listening.getsockname()[1]), listening) as port:
        yield port


@contextmanager
def free() -> Iterator[socket.socket]:
    """A port that nobody has."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening


@contextmanager
def running(app: Any, at: socket.socket | None = None) -> Iterator[int]:
    """An ASGI application on a port of this machine."""
    with ExitStack() as stack:
        listening = at or stack.enter_context(free())
        config = uvicorn.Config(
            app, log_level="critical", access_log=False, fd=listening.fileno(), lifespan="auto"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        until = time.monotonic() + 20
        while not server.started and thread.is_alive() and time.monotonic() < until:
            time.sleep(0.01)
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(20)


def stdio(kind: str, journal: Path, more: str = "") -> str:
    """A server that is started, as the manifest has it."""
    here = Path(servers.__file__)
    command = [sys.executable, str(here), kind, str(journal)]
    return f"{AGENT}\n[servers.notes]\ncommand = {command}\nseconds = 2\n{more}\n{TOOLS}"


def reached(port: int, more: str = "") -> str:
    """A server that runs, as the manifest has it."""
    return f'{AGENT}\n[servers.notes]\nurl = "http://127.0.0.1:{port}/mcp"\nseconds = 5\n{more}\n{TOOLS}'


@dataclass
class Up:
    """A well-behaved server that runs, and what it did."""

    port: int
    deeds: list[str]


@dataclass
class Front:
    """A gateway and one client's credential."""

    w: World
    gateway: Gateway
    token: str
    port: int = 8752
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.app = self.gateway.app(self.port)
        self.headers = {"Authorization": f"Bearer {self.token}", "Host": f"127.0.0.1:{self.port}"}

    async def post(self, body: Any, **headers: str) -> httpx2.Response:
        transport = httpx2.ASGITransport(app=self.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8752") as client:
            return await client.post("/mcp", json=body, headers={**self.headers, **headers})

    async def ask(self, method: str, params: Mapping[str, Any] | None = None, **headers: str) -> Any:
        """As a client of the handshake era does."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": dict(params or {})}
        return (await self.post(body, **headers)).json()

    async def call(self, tool: str, **arguments: Any) -> str:
        """The words that a client's model reads."""
        told = await self.ask("tools/call", {"name": f"notes__{tool}", "arguments": arguments})
        return said(told["result"])

    async def modern(self, method: str, params: Mapping[str, Any], **headers: str) -> httpx2.Response:
        """As a client of the stateless revision does."""
        meta = {VERSION: MODERN, CAPABILITIES: {}}
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": meta}}
        named = {"Mcp-Name": params["name"]} if "name" in params else {}
        routing = {"MCP-Protocol-Version": MODERN, "Mcp-Method": method, **named, **headers}
        return await self.post(body, **routing)


def said(result: Mapping[str, Any]) -> str:
    return "\n".join(one.get("text", "") for one in result["content"])


async def front(
    w: World, text: str, *, to: Sequence[str] = ("channel:#ops",), pins: Pins | None = None
) -> Front:
    """A gateway over a manifest, every tool pinned as it is now and granted."""
    manifest = parse(text.encode(), Path())
    if pins is None:
        found = await look(manifest, os.environ)
        pins = pinned(
            manifest, {id: tools for id, tools in found.items() if not isinstance(tools, ToolError)}
        )
    grants = [
        Grant(agent=TRIAGE, tool=id, digest=tool.digest, to=tuple(to)) for id, tool in pins.tools.items()
    ]
    w.enrol(*grants)
    tokens = Tokens(w.gate.keeping)
    token = tokens.issue(TRIAGE, "gateway")
    assert isinstance(token, str)
    OPEN.append(Gateway(manifest, pins, w.gate, tokens, w.clock, os.environ))
    return Front(w, OPEN[-1], token)
