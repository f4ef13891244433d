"""The lines that “Connect your tools” shows, taken as they stand, connect the real agents."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from app.server import served
from app.test_intake import rows
from counterfoil.app.directory import opened
from counterfoil.guard.tokens import Scope, issue
from counterfoil.show.server.frame import frame_of
from counterfoil.show.server.tools import tools_page
from counterfoil.terms.ask import Role
from realclients import agents
from realclients.agents import RUNS, Desk, Serve, Telemetry

pytestmark = pytest.mark.realclients


class Lined(Desk):
    """A home whose shell has some lines in its profile."""

    exported: Mapping[str, str] = {}

    def run(self, *command: str | Path, **extra: str) -> str:
        """Run a program with what the lines export, and nothing else that could connect it."""
        return super().run(*command, **{**extra, **self.exported})


def lines_of(tool: str, endpoint: str, token: str) -> tuple[str, Mapping[str, str]]:
    """What the page shows for a tool: what belongs into its file, and what into the shell's profile."""
    frame = frame_of(here="/me", role=Role.EMPLOYEE, csrf="", example=False)
    page = tools_page(frame, endpoint=endpoint, token=token, tokens=[])
    (found,) = [one for one in page.tools if one.id == tool]
    exported = dict(re.findall(r'(?m)^export (\w+)="?([^"\n]*)"?$', found.lines))
    return re.sub(r"(?m)^export .*$", "", found.lines), exported


@pytest.mark.parametrize("tool", ["claude-code", "codex", "gemini-cli"])
def test_the_lines_of_the_page_connect_the_real_agent(
    tool: str,
    desk: Desk,
    client: Callable[[str], Path],
    serve: Serve,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data, program = tmp_path / "data", client(tool)
    with opened(data, make=True) as g:
        (ann,) = g.keys.pseudonyms(["ann@example.org"])
        token = issue(g, Scope.INGEST, "", who=ann)
    with served(data) as server:
        file, exported = lines_of(tool, server.otlp_http, token)
        lined = Lined(desk.home, desk.project)
        lined.exported = exported
        monkeypatch.setattr(agents, "claude_lines", lambda _: {})
        monkeypatch.setattr(agents, "codex_lines", lambda _: file)
        monkeypatch.setattr(
            agents, "gemini_lines", lambda _: json.loads(file)["telemetry"] if tool == "gemini-cli" else {}
        )
        billed = RUNS[tool](lined, program, serve, Telemetry(server.otlp_http, server.otlp_grpc, token))
    assert rows(data, "usage_day", "DISTINCT who, tool, trigger, credential") == [
        (ann, tool, "human", "person")
    ]
    assert rows(data, "usage_day", "sum(requests), sum(output)") == [
        (len(billed), sum(one.output for one in billed))
    ]
