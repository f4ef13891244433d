"""Real coding agents export to the real server: what was served is what the lake has, to the token."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.server import served
from app.test_intake import rows
from counterfoil.app.directory import opened
from counterfoil.guard.tokens import Scope, issue
from realclients.agents import CANARY, RUNS, Desk, Serve, Telemetry

pytestmark = pytest.mark.realclients
CASES = [
    ("claude-code", "http/protobuf", True, True),
    ("claude-code", "http/json", True, False),
    ("claude-code", "grpc", False, True),
    ("codex", "http/protobuf", True, True),
    ("codex", "http/json", False, True),
    ("gemini-cli", "http/protobuf", True, True),
    ("gemini-cli", "grpc", True, True),
]


@pytest.mark.parametrize(("tool", "protocol", "logs", "metrics"), CASES)
def test_what_was_served_is_what_the_lake_has(
    tool: str,
    protocol: str,
    logs: bool,
    metrics: bool,
    desk: Desk,
    client: Callable[[str], Path],
    serve: Serve,
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    program = client(tool)
    with opened(data, make=True) as g:
        (ann,) = g.keys.pseudonyms(["ann@example.org"])
        token = issue(g, Scope.INGEST, "laptop", who=ann)
    with served(data) as server:
        told = Telemetry(server.otlp_http, server.otlp_grpc, token, protocol, logs=logs, metrics=metrics)
        billed = RUNS[tool](desk, program, serve, told)
    counts = "sum(input_uncached), sum(cache_read), sum(cache_write), sum(output)"
    assert rows(data, "usage_day", counts) == [
        (
            sum(one.input_uncached for one in billed),
            sum(one.cache_read for one in billed),
            sum(one.cache_write for one in billed),
            sum(one.output for one in billed),
        )
    ]
    if logs:
        assert rows(data, "usage_day", "sum(requests)") == [(len(billed),)]
    assert rows(data, "usage_day", "DISTINCT who, tool, trigger, credential") == [(ann, tool, "", "person")]
    if tool == "claude-code" and logs:
        head = desk.run("git", "rev-parse", "HEAD").strip()
        ((commit,),) = rows(data, "joined", "commit")
        assert head.startswith(commit)
    kept = [path for path in data.rglob("*") if path.is_file() and "keys" not in path.parts]
    assert not [path for path in kept if CANARY.encode() in path.read_bytes()]


@pytest.mark.parametrize("tool", ["claude-code", "codex"])
def test_what_somebody_shares_joins_their_sessions_to_commits_and_says_nothing_else(
    tool: str, desk: Desk, client: Callable[[str], Path], serve: Serve, tmp_path: Path
) -> None:
    data, token = tmp_path / "data", tmp_path / "token"
    desk.run("git", "remote", "add", "origin", "git@Example.org:Acme/Shop.git")
    billed = RUNS[tool](desk, client(tool), serve)
    with opened(data, make=True) as g:
        (ann,) = g.keys.pseudonyms(["ann@example.org"])
        token.write_text(issue(g, Scope.INGEST, "laptop", who=ann))
    with served(data) as server:
        command = [sys.executable, "-m", "counterfoil", "share", "--to", server.otlp_http]
        command += ["--token", str(token), "--home", str(desk.home)]
        asked = subprocess.run(command, input="n\n", capture_output=True, text=True, check=True)
        assert "nothing was sent" in asked.stderr
        done = subprocess.run([*command, "--yes"], capture_output=True, text=True, check=True)
    body, _, _ = done.stdout.rpartition("\n}\n")
    told = json.loads(body + "\n}")
    names = {r["eventName"] for part in told["resourceLogs"] for r in part["scopeLogs"][0]["logRecords"]}
    assert names == {"counterfoil.usage", "counterfoil.commit"}
    assert CANARY not in done.stdout
    assert str(desk.project) not in done.stdout
    head = desk.run("git", "rev-parse", "HEAD").strip()
    ((repository, commit, path, who),) = rows(data, "joined", "repository, commit, path, who")
    assert head.startswith(commit)
    assert (repository, path, who) == ("example.org/acme/shop", "shared", ann)
    assert rows(data, "usage_day", "sum(requests), sum(output)") == [
        (len(billed), sum(one.output for one in billed))
    ]
