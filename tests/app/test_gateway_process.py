"""The gateway as a process beside a server: pinned, granted and called as its page says."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from click.testing import CliRunner

from agents.gateway.front import TOOLS, Up, running
from agents.gateway.servers import notes
from app.agents_place import place
from counterfoil.app.commands import cli
from counterfoil.guard.acting.ceilings import example
from deadline import until

GRANTS = '[agents.coder.grants]\n"notes/read_note" = []\n"notes/post_note" = ["channel:#ops"]\n'
CEILING = (
    example()
    .replace("[organisation.connectors]", '[organisation.connectors]\nnotes = ["read", "post"]')
    .replace("approvers = []", 'approvers = ["p00003"]')
    .replace('"mail:*@example.org"', '"channel:#ops", "channel:#all"')
)


@pytest.fixture
def up() -> Iterator[Up]:
    deeds: list[str] = []
    with running(notes(deeds.append).streamable_http_app()) as port:
        yield Up(port, deeds)


def said(*words: str) -> Any:
    done = CliRunner().invoke(cli, ["agent", "gateway", *words, "--json"])
    assert done.exception is None, done.output
    return json.loads(done.stdout)


def test_a_file_is_pinned_granted_and_served_until_it_is_stopped(up: Up, tmp_path: Path) -> None:
    file, folder = tmp_path / "gateway.toml", tmp_path / "own"
    server = f'[servers.notes]\nurl = "http://127.0.0.1:{up.port}/mcp"\n{TOOLS}'
    file.write_text(f'[agents.coder]\nowner = "p00000"\nreads = "nothing"\n{GRANTS}{server}')
    assert {row["state"] for row in said(str(file), "--pin")} == {"pinned", "denied: not in the file"}
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = str(one.getsockname()[1])
    command = [sys.executable, "-m", "counterfoil", "agent", "gateway", str(file), "--port", port, "--grant"]
    (tmp_path / "data").mkdir()
    with place(tmp_path / "data", ceiling=CEILING) as found, found.server():
        command += ["--agents", str(folder), "--socket", str(found.path)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            try:
                assert "in front of notes" in process.stderr.readline()
                assert process.stderr.readline() == "coder: granted\n"
                token = said(str(file), "--agents", str(folder), "--token", "coder")["token"]
                headers = {"Authorization": f"Bearer {token}"}

                def called(channel: str) -> str:
                    call = {"name": "notes__post_note", "arguments": {"channel": channel, "text": "hi"}}
                    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
                    url = f"http://127.0.0.1:{port}/mcp"
                    told = httpx2.post(url, json=body, headers=headers, timeout=30).json()
                    return str(told["result"]["content"][0]["text"])

                until(lambda: called("#ops") == "posted" or up.deeds)
                assert "Refused" in called("#all")
            finally:
                process.send_signal(signal.SIGTERM)
                assert process.wait(30) == 0
    assert up.deeds == ["post #ops hi"]
