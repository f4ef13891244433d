"""OWASP MCP Top 10, as far as it concerns the gateway: a test for each row, named by it.

Source: owasp.org/www-project-mcp-top-10 (beta), read 2026-11-23. MCP06 is bench/safety's replay.
"""

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from agents.gateway.conftest import journal, up, w
from agents.gateway.front import TOOLS, Up, front, reached, run, running, stdio
from agents.gateway.servers import notes
from agents.gateway.test_calls import effects_of
from agents.gateway.test_hostile import POISON
from agents.kept import World
from counterfoil.agents.gateway.granting import grants_of, issue
from counterfoil.agents.gateway.manifest import parse
from counterfoil.agents.gateway.pins import Pins, pins_beside, read_pins, write_pins
from counterfoil.agents.tokens import Tokens
from counterfoil.agents.upstream.listed import listed
from counterfoil.agents.upstream.stdio import Started
from counterfoil.app.commands import cli
from counterfoil.ledger.log import Log
from counterfoil.terms.agent import AgentId, Grant
from counterfoil.terms.error import LedgerBroken, SourceError
from guard.acting.calls import TRIAGE

__all__ = ["journal", "up", "w"]
CANARY = "canary-4f1c9e"


def test_mcp01_no_secret_of_ours_reaches_a_server_a_client_or_a_record(
    w: World, journal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", CANARY)
    monkeypatch.setenv("ITS_OWN", "fine")

    async def names() -> list[str]:
        at = await front(w, stdio("notes", journal, 'environment = ["ITS_OWN"]'))
        told = await at.ask("tools/call", {"name": "notes__seen", "arguments": {}})
        return list(told["result"]["structuredContent"]["result"])

    seen = run(names())
    assert "ITS_OWN" in seen
    assert "SOME_API_KEY" not in seen
    assert not any(name.startswith("COUNTERFOIL") for name in seen)
    kept = b"".join(path.read_bytes() for path in w.folder.rglob("*") if path.is_file())
    assert CANARY.encode() not in kept


def test_mcp02_an_agent_has_what_the_file_grants_and_a_tool_that_nobody_granted_is_refused(
    w: World, up: Up
) -> None:
    async def go() -> None:
        at = await front(w, reached(up.port))
        kept = [
            Grant(
                agent=TRIAGE,
                tool="notes/read_note",
                digest=at.gateway.pins.tools["notes/read_note"].digest,
                to=(),
            )
        ]
        w.enrol(*kept)
        assert "note 1" in await at.call("read_note", id=1)
        assert "Refused (not-granted)" in await at.call("wipe")

    run(go())
    assert up.deeds == ["read 1"]


def test_mcp03_poisoned_words_in_a_description_decide_nothing(w: World) -> None:
    deeds: list[str] = []

    async def go(words: str) -> None:
        with running(notes(deeds.append, describe=words).streamable_http_app()) as port:
            at = await front(w, reached(port), to=("channel:#ops",))
            assert "Refused" in await at.call("post_note", channel="#all", text="the key")
            assert "Refused (unknown-tool)" in await at.call("surprise")

    for words in POISON[:2]:
        run(go(words))
    assert deeds == []


def test_mcp04_what_a_tool_was_when_it_was_pinned_is_kept_and_a_changed_file_is_noticed(
    tmp_path: Path,
) -> None:
    path = pins_beside(tmp_path / "gateway.toml")
    tool = listed({"name": "post_note", "description": "Post.", "inputSchema": {"type": "object"}})
    write_pins(path, Pins({"notes/post_note": tool}))
    assert read_pins(path).tools == {"notes/post_note": tool}
    path.write_text(path.read_text().replace("Post.", "Post it to everybody."))
    with pytest.raises(SourceError) as refused:
        read_pins(path)
    assert refused.value.code == "pins-unreadable"
    manifest = parse(
        f'[agents.triage]\n[agents.triage.grants]\n"notes/wipe" = []\n[servers.notes]\nurl = "http://x/mcp"\n{TOOLS}'.encode(),
        tmp_path,
    )
    with pytest.raises(SourceError) as unpinned:
        grants_of(manifest.clients[TRIAGE], Pins({"notes/post_note": tool}))
    assert unpinned.value.code == "unpinned-tool"


@pytest.mark.parametrize(
    "word",
    ["; touch {mark}", "$(touch {mark})", "`touch {mark}`", "| touch {mark}", "\n touch {mark}", "&& {mark}"],
)
def test_mcp05_no_shell_reads_how_a_server_is_started(word: str, tmp_path: Path) -> None:
    mark, out = tmp_path / "mark", tmp_path / "out"
    argument = word.format(mark=mark)

    async def go() -> None:
        script = f"import sys, pathlib; pathlib.Path({str(out)!r}).write_text(sys.argv[1])"
        started = await Started.start(["/usr/bin/env", "python3", "-c", script, argument], os.environ, None)
        for _ in range(500):
            if out.exists() and out.read_text():
                break
            await asyncio.sleep(0.01)
        await started.close()

    run(go())
    assert out.read_text() == argument
    assert not mark.exists()


def test_mcp07_a_credential_is_for_one_agent_one_use_and_a_day(w: World, up: Up, tmp_path: Path) -> None:
    async def go() -> None:
        at = await front(w, reached(up.port))
        ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        beside = issue(w.folder, TRIAGE, w.clock())
        assert (await at.post(ping, Authorization=f"Bearer {beside}")).status_code == 200
        w.clock.on(hours=25)
        for token in (beside, at.token):
            assert (await at.post(ping, Authorization=f"Bearer {token}")).status_code == 401
        assert (await at.post(ping, Origin="http://evil.example")).status_code == 403

    run(go())
    with pytest.raises(SourceError):
        issue(w.folder, AgentId("nobody"), datetime.now(UTC))


def test_mcp08_each_effect_is_in_the_log_and_a_log_that_was_cut_is_noticed(w: World, up: Up) -> None:
    async def go() -> None:
        vouched = 'effect = "post"\noutput = "typed"\nsecrecy = "internal"'
        at = await front(w, reached(up.port).replace('effect = "post"', vouched))
        for number in range(3):
            await at.call("post_note", channel="#ops", text=str(number))

    run(go())
    assert len(effects_of(w)) == len(up.deeds) == 3
    log = w.gate.keeping.recorder.log
    entries = b"".join(log.entry(index) for index in range(len(log)))
    assert all(effect.key.encode() in entries for effect in effects_of(w))
    w.gate.keeping.recorder.close()
    file = next(path for path in (w.folder / "log").iterdir() if path.name == "entries")
    file.write_bytes(file.read_bytes()[:-40])
    with pytest.raises(LedgerBroken):
        Log(w.folder / "log", w.gate.keeping.key)


def test_mcp09_a_server_or_tool_that_nobody_registered_is_listed_and_denied(up: Up, tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(reached(up.port))
    asked = ["agent", "gateway", str(file), "--json"]
    before = CliRunner().invoke(cli, [*asked, "--check"])
    states = {row["tool"]: row["state"] for row in json.loads(before.stdout)}
    assert states["notes/surprise"] == "denied: not in the file"
    assert states["notes/wipe"] == "denied: not pinned"
    after = CliRunner().invoke(cli, [*asked, "--pin"])
    states = {row["tool"]: row["state"] for row in json.loads(after.stdout)}
    assert states["notes/wipe"] == "pinned"
    assert states["notes/surprise"] == "denied: not in the file"


def test_mcp10_no_session_sees_another_and_what_is_private_goes_nowhere_unnamed(w: World, up: Up) -> None:
    async def go() -> None:
        at = await front(w, reached(up.port), to=("channel:*",))
        other = Tokens(w.gate.keeping).issue(TRIAGE, "gateway")
        theirs = {"Authorization": f"Bearer {other}"}
        call = {"name": "notes__post_note", "arguments": {"channel": "#ops", "text": "same"}}
        mine = (await at.ask("tools/call", call))["result"]["_meta"]["counterfoil/approval"]
        also = (await at.ask("tools/call", call, **theirs))["result"]["_meta"]["counterfoil/approval"]
        assert mine != also
        assert "looked" in await at.call("wipe")
        assert "private-to-unnamed" in str(await at.ask("tools/call", call))
        free = {"name": "notes__post_note", "arguments": {"channel": "#ops", "text": "another"}}
        assert "Held" in str(await at.ask("tools/call", free, **theirs))
        assert len(at.gateway.calls._pool._slots) == 2

    run(go())
