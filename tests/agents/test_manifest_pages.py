"""The pages on connectors name every tool, as its manifest has it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from counterfoil.agents.connectors.git.manifest import TOOLS as GIT
from counterfoil.agents.connectors.github.manifest import TOOLS as GITHUB
from counterfoil.agents.connectors.gitlab.manifest import TOOLS as GITLAB
from counterfoil.terms.tool import Tool

PAGES = Path(__file__).parents[2] / "docs" / "reference" / "connectors"


@pytest.mark.parametrize(
    ("page", "tools"), [("deployments", GIT), ("deployments", GITHUB), ("deployments", GITLAB)]
)
def test_a_page_has_every_tool_and_its_labels(page: str, tools: Mapping[str, Tool]) -> None:
    rows = [line for line in (PAGES / f"{page}.md").read_text("utf-8").splitlines() if line.startswith("| `")]
    for tool in tools.values():
        row = next(row for row in rows if row.startswith(f"| `{tool.id}` |"))
        assert tool.why in row and f"| {tool.effect}" in row
        assert all(f"`{name}`" in row for name in (*tool.arguments, *tool.typed))
