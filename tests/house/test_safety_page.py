"""The page on how safe agents are says what its figures say, and they keep their bounds."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType

import pytest

from counterfoil.terms.tool import Tool

ROOT = Path(__file__).parents[2]


@pytest.fixture
def safety(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(str(ROOT))
    for part in ("told", "bounds", "manifest", "outside"):
        import_module(f"bench.safety.{part}")
    yield import_module("bench.safety")


def test_the_tables_are_those_of_the_figures(safety: ModuleType) -> None:
    assert list(safety.told.fits()) == []


def test_the_figures_keep_every_bound(safety: ModuleType) -> None:
    told = json.loads(safety.told.FIGURES.read_text("utf-8"))
    assert list(safety.bounds.missed(told)) == []
    assert list(safety.outside.different(told, told)) == []
    told["versions"]["v1.1.2"]["ours"]["static"]["counts"]["unattended"] = 1
    told["versions"]["v1.2.2"]["ours"]["adaptive"]["counts"]["link: leaks"] = 1
    told["versions"]["v1.2.2"]["ours"]["owners"]["counts"]["alone"] = 48
    assert len(list(safety.bounds.missed(told))) == 3


def test_every_label_has_its_reason(safety: ModuleType) -> None:
    suites: list[dict[str, Tool]] = [
        safety.manifest.tools(suite) for suite in ("workspace", "travel", "banking", "slack")
    ]
    assert [len(tools) for tools in suites] == [24, 28, 11, 11]
    for tools in suites:
        for tool in tools.values():
            assert tool.why.endswith(".") and len(tool.why) > 20, tool.id
            assert not (tool.typed and tool.output.name == "TYPED"), f"{tool.id} vouches for all of it anyway"


def test_nothing_of_agentdojo_is_in_our_own_lock() -> None:
    locked = (ROOT / "requirements" / "locked.txt").read_text("utf-8")
    apart = (ROOT / "requirements" / "agentdojo.txt").read_text("utf-8")
    assert "agentdojo==" in apart and "--hash=sha256:" in apart and "http://" not in apart
    assert not [name for name in ("agentdojo", "langchain", "cohere") if f"\n{name}==" in locked]


def test_the_replay_has_all_that_our_own_code_imports_there() -> None:
    ours = {
        node.module
        for path in (ROOT / "bench" / "safety").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("counterfoil")
    }
    script = (
        "import sys; from importlib import import_module; before = set(sys.modules);"
        f"[import_module(name) for name in {sorted(ours)}]; print(*set(sys.modules) - before)"
    )
    line = [sys.executable, "-c", script]
    loaded = subprocess.run(line, check=True, stdout=subprocess.PIPE, text=True).stdout
    tops = {name.partition(".")[0] for name in loaded.split()} - {"counterfoil"}
    found = {at[0].lower().replace("_", "-") for top, at in packages_distributions().items() if top in tops}
    apart = (ROOT / "requirements" / "agentdojo.txt").read_text("utf-8")
    assert {"cedarpy", "msgspec"} <= found
    assert not [name for name in sorted(found) if f"\n{name}==" not in apart]
