"""Three real coding agents, run offline against a stand-in, with or without their telemetry."""

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from counterfoil.collect.registry import SOURCES
from counterfoil.collect.scan import read
from counterfoil.collect.source import Want
from counterfoil.terms.reading import Reading

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".clients"
INSTALL = "npm install --ignore-scripts --no-audit --no-fund --prefix .clients"
PACKAGES = {
    "claude-code": "@anthropic-ai/claude-code@2.1.197",
    "codex": "@openai/codex@0.169.0",
    "gemini-cli": "@google/gemini-cli@0.61.0",
}
CANARY = "canary7f3a"
BODY = f"def {CANARY}(a, b):\n    return a + b\n"
COMMIT = f"git add -A && git commit -m 'add {CANARY}'"
KEY = b"k" * 32
CONFIG = """model = "gpt-6-sol"
model_provider = "standin"
check_for_update_on_startup = false
[analytics]
enabled = false
[model_providers.standin]
name = "standin"
base_url = "{url}/v1"
env_key = "STANDIN_KEY"
wire_api = "responses"
supports_websockets = false
"""
QUIET = '"none"'
SETTINGS = {
    "security": {"auth": {"selectedType": "gemini-api-key"}},
    "privacy": {"usageStatisticsEnabled": False},
    "general": {"enableAutoUpdate": False},
}


class Running(Protocol):
    """The stand-in, as far as a test sees it."""

    url: str
    served: Sequence[Any]


@dataclass(frozen=True)
class Telemetry:
    """Where an agent exports to, as whom, and what."""

    http: str
    grpc: str
    token: str
    protocol: str = "http/protobuf"
    logs: bool = True
    metrics: bool = True


Serve = Callable[[Sequence[tuple[str, dict[str, Any]]]], AbstractContextManager[Running]]


@dataclass
class Desk:
    """A home and a repository that nobody else has touched."""

    home: Path
    project: Path

    def run(self, *command: str | Path, **extra: str) -> str:
        """Run a program here with nothing of the outer environment but a path."""
        env = {"PATH": os.environ["PATH"], "HOME": str(self.home), **extra}
        done = subprocess.run(
            command,
            cwd=self.project,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def reading(self, tool: str) -> Reading:
        source = next(source for source in SOURCES if source.id == tool)
        return read(source, homes=[self.home], want=Want(KEY), now=datetime.now(UTC), jobs=1)


def program_of(tool: str) -> Path | None:
    pattern = {
        "claude-code": "@anthropic-ai/claude-code-*/claude",
        "codex": "@openai/codex-*/vendor/*/bin/codex",
        "gemini-cli": "@google/gemini-cli/bundle/gemini.js",
    }[tool]
    return next((CACHE / "node_modules").glob(pattern), None)


def run_claude(desk: Desk, program: Path, serve: Serve, told: Telemetry | None = None) -> Sequence[Any]:
    write = {"file_path": str(desk.project / "sums.py"), "content": BODY}
    with serve([("Write", write), ("Bash", {"command": COMMIT, "description": "commit"})]) as stand_in:
        desk.run(
            *(program, "-p", f"write {CANARY} and commit it", "--output-format", "json"),
            *("--allowedTools", "Write,Bash", "--model", "claude-sonnet-4-5"),
            ANTHROPIC_BASE_URL=stand_in.url,
            ANTHROPIC_API_KEY="dummy",
            CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1",
            DISABLE_AUTOUPDATER="1",
            **({} if told is None else claude_lines(told)),
        )
    return stand_in.served


def run_codex(desk: Desk, program: Path, serve: Serve, told: Telemetry | None = None) -> Sequence[Any]:
    lines = "".join(f"+{line}\n" for line in BODY.splitlines())
    patch = f"*** Begin Patch\n*** Add File: sums.py\n{lines}*** End Patch\n"
    home = desk.home / ".codex"
    home.mkdir()
    with serve([("apply_patch", {"input": patch}), ("exec_command", {"cmd": COMMIT})]) as stand_in:
        config = CONFIG.format(url=stand_in.url) + ("" if told is None else codex_lines(told))
        (home / "config.toml").write_text(config, "utf-8")
        desk.run(
            *(program, "exec", "--json", "-s", "danger-full-access", "--skip-git-repo-check"),
            f"write {CANARY} and commit it",
            STANDIN_KEY="dummy",
        )
    return stand_in.served


def run_gemini(desk: Desk, program: Path, serve: Serve, told: Telemetry | None = None) -> Sequence[Any]:
    write = {"file_path": str(desk.project / "sums.py"), "content": BODY}
    commit = {"command": COMMIT, "description": "commit"}
    home = desk.home / ".gemini"
    home.mkdir()
    settings = SETTINGS if told is None else {**SETTINGS, "telemetry": gemini_lines(told)}
    (home / "settings.json").write_text(json.dumps(settings), "utf-8")
    with serve([("write_file", write), ("run_shell_command", commit)]) as stand_in:
        desk.run(
            *("node", program, "-p", f"write {CANARY} and commit it", "-m", "gemini-2.5-flash"),
            *("-o", "json", "--approval-mode", "yolo", "--skip-trust"),
            GOOGLE_GEMINI_BASE_URL=stand_in.url,
            GEMINI_API_KEY="dummy",
            **({} if told is None else {"OTEL_EXPORTER_OTLP_HEADERS": f"Authorization=Bearer {told.token}"}),
        )
    return stand_in.served


def claude_lines(told: Telemetry) -> dict[str, str]:
    """What switches Claude Code's telemetry on."""
    return {
        "CLAUDE_CODE_ENABLE_TELEMETRY": "1",
        "OTEL_LOGS_EXPORTER": "otlp" if told.logs else "none",
        "OTEL_METRICS_EXPORTER": "otlp" if told.metrics else "none",
        "OTEL_EXPORTER_OTLP_PROTOCOL": told.protocol,
        "OTEL_EXPORTER_OTLP_ENDPOINT": told.grpc if told.protocol == "grpc" else told.http,
        "OTEL_EXPORTER_OTLP_HEADERS": f"Authorization=Bearer {told.token}",
        "OTEL_LOG_TOOL_DETAILS": "1",
        "OTEL_METRICS_INCLUDE_ENTRYPOINT": "true",
        "OTEL_METRICS_INCLUDE_REPOSITORY": "true",
    }


def codex_lines(told: Telemetry) -> str:
    """What switches Codex's telemetry on."""
    protocol = "json" if told.protocol == "http/json" else "binary"

    def exporter(path: str) -> str:
        headers = f'headers = {{ "Authorization" = "Bearer {told.token}" }}'
        return (
            f'{{ otlp-http = {{ endpoint = "{told.http}/v1/{path}", protocol = "{protocol}", {headers} }} }}'
        )

    return (
        "[otel]\n"
        f"exporter = {exporter('logs') if told.logs else QUIET}\n"
        f"metrics_exporter = {exporter('metrics') if told.metrics else QUIET}\n"
    )


def gemini_lines(told: Telemetry) -> dict[str, Any]:
    """What switches Gemini CLI's telemetry on; it exports logs, metrics and traces together."""
    return {
        "enabled": True,
        "target": "local",
        "useCollector": True,
        "otlpEndpoint": told.grpc if told.protocol == "grpc" else told.http,
        "otlpProtocol": "grpc" if told.protocol == "grpc" else "http",
        "logPrompts": True,
    }


RUNS: Mapping[str, Callable[..., Sequence[Any]]] = {
    "claude-code": run_claude,
    "codex": run_codex,
    "gemini-cli": run_gemini,
}
