"""Programmes as tables that a test can change, and what the linter finds in them."""

import tomllib
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from counterfoil.programme.lint import lint
from counterfoil.programme.load import Loaded, load, loaded
from counterfoil.programme.rules import RULES
from counterfoil.programme.template import template
from counterfoil.terms.finding import Finding, Severity

TODAY = date(2026, 11, 25)
CASES = Path(__file__).parents[2] / "examples" / "programmes"
Table = dict[str, Any]


def written(value: Any) -> str:
    """A plain value as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date | int | float):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(written(item) for item in value)}]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def text_of(table: Table) -> str:
    """A table of tables and of lists of tables as TOML, in its own order."""
    lines: list[str] = []
    for name, value in table.items():
        entries = value if isinstance(value, list) else [value]
        for entry in entries:
            lines += ["", f"[[{name}]]" if isinstance(value, list) else f"[{name}]"]
            lines += [f"{key} = {written(item)}" for key, item in entry.items()]
    return "\n".join(lines)


@pytest.fixture(scope="session")
def today() -> date:
    return TODAY


@pytest.fixture
def passing_text() -> str:
    """The template as it is taken today."""
    return template(TODAY)


@pytest.fixture
def passing() -> Table:
    """The template as a table."""
    return tomllib.loads(template(TODAY))


@pytest.fixture
def team_outcome() -> Table:
    """The example of teams without a target, as a table."""
    return tomllib.loads((CASES / "dora-team-outcome.toml").read_text("utf-8"))


@pytest.fixture(scope="session")
def cases() -> Path:
    return CASES


@pytest.fixture(scope="session")
def load_text() -> Callable[[str], Loaded]:
    return lambda text: loaded(text, name="programme.toml", today=TODAY, rules=RULES)


@pytest.fixture(scope="session")
def load_table() -> Callable[[Table], Loaded]:
    return lambda table: loaded(text_of(table), name="programme.toml", today=TODAY, rules=RULES)


@pytest.fixture(scope="session")
def find() -> Callable[[Table], list[Finding]]:
    """What fails a check of a programme."""

    def found(table: Table) -> list[Finding]:
        findings = lint(loaded(text_of(deepcopy(table)), name="p.toml", today=TODAY, rules=RULES))
        return [f for f in findings if f.severity is not Severity.INFO]

    return found


@pytest.fixture(scope="session")
def find_file() -> Callable[[Path], list[Finding]]:
    return lambda path: list(lint(load(path, today=TODAY, rules=RULES)))
