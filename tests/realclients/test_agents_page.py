"""docs/agents.md with the real Claude Code behind the gateway, as the page has it."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from counterfoil.app.server.agents.example.beside import free_port
from realclients.agents import ROOT, Serve
from shown import shown_in, unprinted

pytestmark = pytest.mark.realclients
PAGE = ROOT / "docs" / "agents.md"
WELL = {"channel": "#ops", "text": "all is well"}
CALLS = (
    ("post_note", WELL),
    ("read_note", {"id": 1}),
    ("post_note", {"channel": "#all", "text": "we are closing"}),
    ("post_note", {"channel": "#ops", "text": "we are closing"}),
)


def sections(*numbers: str) -> str:
    """Some sections of the page."""
    parts = re.split(r"^## ", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    return "".join(part for part in parts if part[:1] in numbers)


def test_claude_code_is_behind_the_gateway_as_the_page_says(
    client: Callable[[str], Path], serve: Serve, tmp_path: Path
) -> None:
    program = client("claude-code")
    found = shown_in(sections("1", "7"), ("sh", "sh claude"))
    waits = next(line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("waits() {"))
    with serve([(f"mcp__work__notes__{tool}", arguments) for tool, arguments in CALLS]) as stand_in:
        environment = {
            "PATH": os.pathsep.join(
                [str(program.parent), str(Path(sys.executable).parent), os.environ["PATH"]]
            ),
            "HOME": str(tmp_path),
            "LANG": "C.UTF-8",
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
            "ANTHROPIC_BASE_URL": stand_in.url,
            "ANTHROPIC_API_KEY": "dummy",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "DISABLE_AUTOUPDATER": "1",
        }
        # A port of its own: the page's may be in use by a test beside this one.
        script = "\n".join([waits, *(block for block, _ in found)]).replace("8762", str(free_port()))
        done = subprocess.run(
            ["bash", "-euc", script],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
        )
    assert done.returncode == 0, done.stdout
    assert not unprinted([line for _, shown in found for line in shown], done.stdout), done.stdout
    assert re.search("^[0-9a-f]{16}$", done.stdout, re.MULTILINE), "what was held waits for a yes"
