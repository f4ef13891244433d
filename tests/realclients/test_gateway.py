"""Claude Code and Codex behind the gateway, offline: one call let through, one held, one refused."""

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest

from agents.gateway.conftest import NOTES
from agents.gateway.front import Front, Up, front, listening, reached, running
from agents.gateway.servers import notes
from agents.gateway.test_calls import effects_of
from agents.kept import world
from guard.acting.calls import ANNA
from realclients.agents import CONFIG, ROOT, Desk, Running, Serve

pytestmark = pytest.mark.realclients
ALLOWED = {"channel": "#ops", "text": "all is well"}
REFUSED = {"channel": "#all", "text": "all is well"}
HELD = {"channel": "#ops", "text": "as the note says"}
CALLS = (("post_note", ALLOWED), ("post_note", REFUSED), ("read_note", {"id": 1}), ("post_note", HELD))
PAGE = ROOT / "docs" / "reference" / "gateway.md"
DONE = ["post #ops all is well", "read 1"]


@pytest.fixture
def up() -> Iterator[Up]:
    deeds: list[str] = []
    with running(notes(deeds.append).streamable_http_app()) as port:
        yield Up(port, deeds)


def documented(kind: str) -> str:
    """The last block of its kind on the page of the gateway: what a client's configuration needs."""
    return str(re.findall(rf"```{kind}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)[-1])


def claude(desk: Desk, program: Path, serve: Serve, port: int, at: Front) -> tuple[Running, str]:
    """Claude Code, with the gateway in its configuration as docs/reference/gateway.md has it."""
    (desk.project / ".mcp.json").write_text(documented("json").replace(":8752/", f":{port}/"), "utf-8")
    with serve([(f"mcp__work__notes__{tool}", arguments) for tool, arguments in CALLS]) as stand_in:
        told = desk.run(
            *(program, "-p", "post what is to be posted", "--output-format", "stream-json", "--verbose"),
            *("--mcp-config", ".mcp.json", "--allowedTools", "mcp__work", "--model", "claude-sonnet-4-5"),
            ANTHROPIC_BASE_URL=stand_in.url,
            ANTHROPIC_API_KEY="dummy",
            CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1",
            DISABLE_AUTOUPDATER="1",
            COUNTERFOIL_GATEWAY_TOKEN=at.token,
        )
    return stand_in, told


def codex(desk: Desk, program: Path, serve: Serve, port: int, at: Front) -> tuple[Running, str]:
    """Codex, whose model calls tools from a script."""
    home = desk.home / ".codex"
    home.mkdir()
    scripts = [
        f"text(await tools.mcp__work__notes__{tool}({json.dumps(arguments)}))" for tool, arguments in CALLS
    ]
    with serve([("exec", {"input": script}) for script in scripts]) as stand_in:
        config = CONFIG.format(url=stand_in.url) + documented("toml").replace(":8752/", f":{port}/")
        (home / "config.toml").write_text(config, "utf-8")
        told = desk.run(
            *(program, "exec", "--json", "-s", "danger-full-access", "--skip-git-repo-check"),
            "post what is to be posted",
            STANDIN_KEY="dummy",
            COUNTERFOIL_GATEWAY_TOKEN=at.token,
        )
    return stand_in, told


@pytest.mark.parametrize(("tool", "go"), [("claude-code", claude), ("codex", codex)])
def test_a_real_client_is_let_through_refused_and_held_and_understands_it(
    tool: str,
    go: Callable[..., tuple[Running, str]],
    desk: Desk,
    client: Callable[[str], Path],
    serve: Serve,
    up: Up,
    tmp_path: Path,
) -> None:
    program = client(tool)
    with world(tmp_path / "gate", ceilings=[NOTES]) as w:
        at = asyncio.run(front(w, reached(up.port)))
        with listening(at) as port:
            _, told = go(desk, program, serve, port, at)
            (asked,) = w.gate.approvals.open_for(ANNA)
            assert f"waits for approval {asked.id}" in told
            assert up.deeds == DONE
            assert re.search(r"Refused \((not-granted|private-to-unnamed)\)", told)
            assert {(one.cause.kind, one.cause.ref) for one in effects_of(w)} == {("ticket", "OPS-12")}
            w.gate.approvals.approve(asked.id, ANNA)
            call = {"name": "notes__post_note", "arguments": HELD}
            again = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
            url = f"http://127.0.0.1:{port}/mcp"
            posted = httpx2.post(url, json=again, headers={"Authorization": f"Bearer {at.token}"})
            assert posted.json()["result"]["content"][0]["text"] == "posted"
    assert up.deeds == [*DONE, "post #ops as the note says"]
