"""The processes of bench.gateway: a server, our gateway over a real gate, and FastMCP's proxies before it.

Usage: python -m bench.gateway_servers server|ours|connected|url PORT [UPSTREAM FOLDER]
"""

import asyncio
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn

MANIFEST = """
[agents.coder]
reads = "nothing"
per_second = 1000
[servers.up]
url = "http://127.0.0.1:{up}/mcp"
[servers.up.tools.post]
effect = "change"
output = "typed"
secrecy = "internal"
why = "A tool of the benchmark."
arguments = {{ text = "text" }}
[servers.up.tools.look]
effect = "read"
output = "typed"
secrecy = "internal"
why = "A tool of the benchmark."
arguments = {{ text = "text" }}
"""
OTHERS = 100
"""Agents with grants of their own, whose rules are not asked."""


def listen(app: Any, port: int) -> Any:
    config = uvicorn.Config(app, host="127.0.0.1", port=port, access_log=False, log_level="error")
    return uvicorn.Server(config).serve()


async def server(port: int) -> None:
    from mcp.server import MCPServer

    made = MCPServer("up")

    def post(text: str) -> str:
        return text

    made.add_tool(post, "post")
    made.add_tool(post, "look")
    await listen(made.streamable_http_app(), port)


async def ours(port: int, up: int, folder: Path) -> None:
    from counterfoil.agents.gate import Gate
    from counterfoil.agents.gateway.gateway import Gateway, look
    from counterfoil.agents.gateway.granting import NOTHING
    from counterfoil.agents.gateway.manifest import parse
    from counterfoil.agents.gateway.pins import pinned
    from counterfoil.agents.keeping import Keeping
    from counterfoil.agents.lifeline import Told
    from counterfoil.agents.tokens import Tokens
    from counterfoil.ledger.sign import SignerKey
    from counterfoil.store.agents.database import Database
    from counterfoil.store.agents.granted import Enrolled
    from counterfoil.terms.agent import AgentId, Ceiling, Grant
    from counterfoil.terms.error import ToolError
    from counterfoil.terms.ids import Pseudonym
    from counterfoil.terms.tool import ConnectorId, EffectClass

    manifest = parse(MANIFEST.format(up=up).encode(), folder)
    found = await look(manifest, os.environ)
    pins = pinned(manifest, {k: v for k, v in found.items() if not isinstance(v, ToolError)})
    ceiling = Ceiling(
        name="organisation",
        version=1,
        connectors={ConnectorId("up"): tuple(EffectClass)},
        models=(),
        regions=(),
        inside=(),
        production=(),
        approvers=(),
        budget=NOTHING,
    )
    key = SignerKey.of("agents.example/bench", bytes(range(32)))
    gate = Gate(Keeping(folder, key, Database.of(folder), Told([ceiling])))
    for agent in ["coder", *(f"agent{n}" for n in range(OTHERS))]:
        grants = [
            Grant(agent=AgentId(agent), tool=id, digest=tool.digest, to=()) for id, tool in pins.tools.items()
        ]
        gate.enrolment.enrol(Enrolled(id=AgentId(agent), owner=Pseudonym("anna"), budget=NOTHING), grants)
    tokens = Tokens(gate.keeping)
    (folder / "token").write_text(str(tokens.issue(AgentId("coder"), "gateway")), "utf-8")
    gateway = Gateway(manifest, pins, gate, tokens, lambda: datetime.now(UTC), os.environ)
    await listen(gateway.app(port), port)


async def connected(port: int, up: int) -> None:
    from fastmcp import Client
    from fastmcp.server import create_proxy

    async with Client(f"http://127.0.0.1:{up}/mcp") as client:
        await listen(create_proxy(client).http_app(), port)


async def url(port: int, up: int) -> None:
    from fastmcp.server import create_proxy

    await listen(create_proxy(f"http://127.0.0.1:{up}/mcp").http_app(), port)


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    kind, port = sys.argv[1], int(sys.argv[2])
    up = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    deeds = {
        "server": lambda: server(port),
        "ours": lambda: ours(port, up, Path(sys.argv[4])),
        "connected": lambda: connected(port, up),
        "url": lambda: url(port, up),
    }
    try:
        import uvloop
    except ModuleNotFoundError:
        asyncio.run(deeds[kind]())
    else:
        uvloop.run(deeds[kind]())
