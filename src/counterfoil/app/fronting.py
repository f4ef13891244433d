"""Runs the gateway, and what is done beside it: check, pin, grant, a credential, a relay."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import click

from counterfoil.app.printed import Printed
from counterfoil.show.exported import written
from counterfoil.terms.agent import AgentId
from counterfoil.terms.error import CounterfoilError, SourceError, ToolError
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.release import Refuse

if TYPE_CHECKING:
    from counterfoil.agents.gateway.manifest import Manifest
    from counterfoil.agents.gateway.pins import Pins
    from counterfoil.agents.household import Household
    from counterfoil.agents.process import Process
    from counterfoil.agents.upstream.listed import Listed
    from counterfoil.terms.tool import ConnectorId

TOKEN = "COUNTERFOIL_GATEWAY_TOKEN"  # noqa: S105
"""The variable in which a relay finds its credential."""
HEARD_SECONDS = 60
Found = Mapping["ConnectorId", "Mapping[str, Listed] | ToolError"]


def run_gateway(
    file: Path,
    *,
    agents: Path | None,
    data: Path | None,
    socket: Path | None,
    key: str,
    port: int,
    check: bool,
    pin: bool,
    grant: bool,
    agent: str | None,
    relay: bool,
    cause: str,
    as_json: bool,
) -> int:
    """One of them, as was asked."""
    if sum((check, pin, agent is not None, relay)) > 1:
        raise click.UsageError("--check, --pin, --token and --relay are asked one at a time")
    if relay:
        return _relay(port, cause)
    if check or pin:
        return _look(file, pin=pin, as_json=as_json)
    if agents is None:
        raise click.UsageError("name the folder of its gate with --agents")
    if agent is not None:
        return _token(agents, agent, as_json=as_json)
    from counterfoil.app.agents.console import Console

    at = Console(data, socket, None).path
    return _serve(file, agents, at, key=key, port=port, grant=grant, as_json=as_json)


def _relay(port: int, cause: str) -> int:
    from counterfoil.agents.gateway.stdio import Relay

    token = os.environ.get(TOKEN, "")
    if not token:
        hint = f"put it into {TOKEN}: counterfoil agent gateway --agents DIR --token AGENT"
        raise SourceError("no-credential", "a relay needs a credential", hint=hint)
    speaking = Relay(f"http://127.0.0.1:{port}/mcp", token, cause)
    asyncio.run(speaking.speak(sys.stdin.buffer, sys.stdout.buffer))
    return 0


def _token(agents: Path, agent: str, *, as_json: bool) -> int:
    from counterfoil.agents.gateway.granting import issue

    text = issue(agents, AgentId(agent), datetime.now(UTC))
    printed = Printed()
    printed.words(f"a credential of {agent}, good for a day at most and shown this once:")
    printed.data(written({"token": text}) if as_json else text)
    return printed.done(None)


def _look(file: Path, *, pin: bool, as_json: bool) -> int:
    """What the servers say now; with `pin` that is kept."""
    from counterfoil.agents.gateway.gateway import look, read
    from counterfoil.agents.gateway.pins import pinned, pins_beside, write_pins

    manifest, pins = read(file)
    found = asyncio.run(look(manifest, os.environ))
    if pin:
        told = {id: tools for id, tools in found.items() if not isinstance(tools, ToolError)}
        kept = pinned(manifest, told)
        gone = {id: old for id, old in pins.tools.items() if id.partition("/")[0] not in told}
        pins = type(pins)({**gone, **kept.tools})
        write_pins(pins_beside(file), pins)
    rows = _rows(manifest, pins, found)
    printed = Printed()
    if as_json:
        printed.data(written(rows))
    else:
        for row in rows:
            printed.data("  ".join(str(value) for value in row.values() if value))
    if pin:
        printed.words(f"wrote {pins_beside(file)}; a running gateway takes it up when it starts again")
    return printed.done(None, 1 if any(row["state"] != "pinned" for row in rows) else 0)


def _rows(manifest: "Manifest", pins: "Pins", found: Found) -> list[dict[str, Any]]:
    """Each tool of each server: what it is now, and as what it would be used."""
    from counterfoil.agents.upstream.listed import changes, stricter

    rows: list[dict[str, Any]] = []
    for id, server in manifest.servers.items():
        tools = found[id]
        if isinstance(tools, ToolError):
            rows.append({"tool": str(id), "state": tools.code, "why": tools.message})
            continue
        for name in sorted({*tools, *server.tools}):
            tool, now, pin = server.tools.get(name), tools.get(name), pins.tools.get(f"{id}/{name}")
            row = {"tool": f"{id}/{name}", "state": "pinned", "hash": now.digest[:16] if now else ""}
            if tool is None:
                row["state"] = "denied: not in the file"
            elif now is None:
                row["state"] = "gone"
            else:
                row["as"] = stricter(tool, now).effect.value
                row["hints"] = ",".join(f"{hint}={value}".lower() for hint, value in now.hinted.items())
                if pin is None:
                    row["state"] = "denied: not pinned"
                elif pin.digest != now.digest:
                    row["state"] = f"denied: changed ({', '.join(changes(pin, now))})"
            rows.append(row)
    return rows


def _serve(file: Path, agents: Path, socket: Path, *, key: str, port: int, grant: bool, as_json: bool) -> int:
    """Answer at a port of this machine, until it is stopped."""
    try:
        import uvicorn

        from counterfoil.agents.gateway.gateway import Gateway, read
        from counterfoil.agents.tokens import Tokens
    except ModuleNotFoundError as error:
        hint = "pip install 'counterfoil[agents]'"
        raise ToolError("no-agents", f"{error.name} is not installed", hint=hint) from error
    from counterfoil.agents.household import Household
    from counterfoil.agents.process import opened

    manifest, pins = read(file)
    lived: list[Household] = []

    def household(*beside: Any) -> Household:
        lived.append(Household(agents, *beside))
        return lived[0]

    with opened(agents, socket, household, key=key) as process:
        gate = lived[0].gate
        if grant:
            Thread(target=_granted, args=(process, lived[0], manifest, pins), daemon=True).start()
        served = Gateway(manifest, pins, gate, Tokens(gate.keeping), gate.keeping.now, dict(os.environ))
        address = f"http://127.0.0.1:{port}/mcp"
        printed = Printed()
        printed.words(f"in front of {', '.join(manifest.servers)} at {address}; stop with Ctrl-C")
        if as_json:
            printed.data(written({"address": address}))
        printed.done(None)
        config = uvicorn.Config(
            served.app(port), host="127.0.0.1", port=port, access_log=False, log_level="error", lifespan="on"
        )
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run()
    return 0


def _granted(process: "Process", household: "Household", manifest: "Manifest", pins: "Pins") -> None:
    """Grant what the file says, once the server is heard and can say who the owners are."""
    from counterfoil.agents.gateway.granting import grant

    def whose(identity: str) -> Pseudonym:
        (who,) = process.link.pseudonyms([identity])
        if not who:
            hint = "write owner = as your organisation's directory does"
            raise SourceError("no-owner", f"nobody is known as {identity!r}", hint=hint)
        return who

    try:
        until = time.monotonic() + HEARD_SECONDS
        while not process.hearing.live and time.monotonic() < until:
            time.sleep(0.1)
        done = grant(household.gate.enrolment, manifest, pins, whose)
        said = [f"{agent}: {a.why if isinstance(a, Refuse) else 'granted'}" for agent, a in done.items()]
        process.link.wake()
    except CounterfoilError as error:
        said = [f"nothing was granted: {error.message}; {error.hint}"]
    sys.stderr.write("\n".join([*said, ""]))
    sys.stderr.flush()
