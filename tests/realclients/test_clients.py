"""Three real coding agents, offline: what they were served, wrote and committed is what is read."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import msgspec
import pytest

from counterfoil.collect.lines import LineHasher
from counterfoil.collect.registry import SOURCES
from counterfoil.collect.scan import read
from counterfoil.collect.source import Want
from counterfoil.terms.reading import Reading

pytestmark = pytest.mark.realclients

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
SETTINGS = {
    "security": {"auth": {"selectedType": "gemini-api-key"}},
    "privacy": {"usageStatisticsEnabled": False},
    "general": {"enableAutoUpdate": False},
}


class Running(Protocol):
    """The stand-in, as far as a test sees it."""

    url: str
    served: Sequence[Any]


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


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "home", tmp_path / "project")
    made.home.mkdir()
    made.project.mkdir()
    made.run("git", "init", "-q", "-b", "main")
    made.run("git", "config", "user.name", "someone")
    made.run("git", "config", "user.email", "someone@example.org")
    return made


@pytest.fixture(scope="session")
def client(need: Callable[[str, bool, str], None]) -> Callable[[str], Path]:
    """The program of a client, installed on first use."""

    def program(tool: str) -> Path:
        found = _program(tool)
        if found is None and shutil.which("npm"):
            command = [*INSTALL.split(), PACKAGES[tool]]
            subprocess.run(command, cwd=ROOT, capture_output=True, timeout=540, check=False)
            found = _program(tool)
        need(tool, found is not None, f"{INSTALL} {PACKAGES[tool]}")
        if tool == "gemini-cli":
            need("node", shutil.which("node") is not None, "apt-get install nodejs")
        assert found is not None
        return found

    return program


def _program(tool: str) -> Path | None:
    pattern = {
        "claude-code": "@anthropic-ai/claude-code-*/claude",
        "codex": "@openai/codex-*/vendor/*/bin/codex",
        "gemini-cli": "@google/gemini-cli/bundle/gemini.js",
    }[tool]
    return next((CACHE / "node_modules").glob(pattern), None)


def run_claude(desk: Desk, program: Path, serve: Serve) -> Sequence[Any]:
    write = {"file_path": str(desk.project / "sums.py"), "content": BODY}
    with serve([("Write", write), ("Bash", {"command": COMMIT, "description": "commit"})]) as stand_in:
        desk.run(
            *(program, "-p", f"write {CANARY} and commit it", "--output-format", "json"),
            *("--allowedTools", "Write,Bash", "--model", "claude-sonnet-4-5"),
            ANTHROPIC_BASE_URL=stand_in.url,
            ANTHROPIC_API_KEY="dummy",
            CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC="1",
            DISABLE_AUTOUPDATER="1",
        )
    return stand_in.served


def run_codex(desk: Desk, program: Path, serve: Serve) -> Sequence[Any]:
    lines = "".join(f"+{line}\n" for line in BODY.splitlines())
    patch = f"*** Begin Patch\n*** Add File: sums.py\n{lines}*** End Patch\n"
    home = desk.home / ".codex"
    home.mkdir()
    with serve([("apply_patch", {"input": patch}), ("exec_command", {"cmd": COMMIT})]) as stand_in:
        (home / "config.toml").write_text(CONFIG.format(url=stand_in.url), "utf-8")
        desk.run(
            *(program, "exec", "--json", "-s", "danger-full-access", "--skip-git-repo-check"),
            f"write {CANARY} and commit it",
            STANDIN_KEY="dummy",
        )
    return stand_in.served


def run_gemini(desk: Desk, program: Path, serve: Serve) -> Sequence[Any]:
    write = {"file_path": str(desk.project / "sums.py"), "content": BODY}
    commit = {"command": COMMIT, "description": "commit"}
    home = desk.home / ".gemini"
    home.mkdir()
    (home / "settings.json").write_text(json.dumps(SETTINGS), "utf-8")
    with serve([("write_file", write), ("run_shell_command", commit)]) as stand_in:
        desk.run(
            *("node", program, "-p", f"write {CANARY} and commit it", "-m", "gemini-2.5-flash"),
            *("-o", "json", "--approval-mode", "yolo", "--skip-trust"),
            GOOGLE_GEMINI_BASE_URL=stand_in.url,
            GEMINI_API_KEY="dummy",
        )
    return stand_in.served


RUNS: Mapping[str, Callable[[Desk, Path, Serve], Sequence[Any]]] = {
    "claude-code": run_claude,
    "codex": run_codex,
    "gemini-cli": run_gemini,
}


@pytest.mark.parametrize("tool", sorted(RUNS))
def test_what_a_client_was_served_wrote_and_committed_is_what_is_read(
    tool: str, desk: Desk, client: Callable[[str], Path], serve: Serve
) -> None:
    served = RUNS[tool](desk, client(tool), serve)
    reading = desk.reading(tool)

    usage = [row for batch in reading.usage for row in batch.rows()]
    usage.sort(key=lambda row: row.at)
    assert len(served) == 3
    assert [(u.input_uncached, u.cache_read, u.cache_write, u.output) for u in usage] == [
        (s.input_uncached, s.cache_read, s.cache_write, s.output) for s in served
    ]
    if tool != "claude-code":
        assert [u.reasoning for u in usage] == [s.reasoning for s in served]
    assert {u.directory for u in usage} == {str(desk.project)}
    assert reading.counts.skipped_total == 0
    assert reading.counts.records == reading.counts.kept + reading.counts.merged

    (written,) = reading.written
    assert tuple(written.added) == LineHasher(KEY).keys_of(BODY)
    assert (Path(written.directory) / written.path) == desk.project / "sums.py"
    head = desk.run("git", "rev-parse", "HEAD").strip()
    assert [head.startswith(made.commit) for made in reading.committed] == [True]
    assert [session.human_turns for session in reading.sessions] == [1]

    assert CANARY.encode() not in msgspec.json.encode(_plain(reading))


def _plain(reading: Reading) -> Any:
    """Everything a reading holds, as text."""
    return [repr(reading)] + [repr(batch) for batch in reading.usage]
