"""Rules of the house that no linter has."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "counterfoil"
MODULES = sorted(SRC.rglob("*.py"))
FORBIDDEN_NAMES = {"utils", "helpers", "common", "base", "manager", "misc", "core"}
STANDARD_LIBRARY_ONLY = ("terms", "programme")
MAX_FILE = 400
MAX_FUNCTION = 60


def trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in MODULES:
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def room(path: Path) -> str:
    parts = path.relative_to(SRC).parts
    return parts[0] if len(parts) > 1 else ""


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_files_are_under_400_lines() -> None:
    long = {
        str(p.relative_to(ROOT)): n for p in MODULES if (n := p.read_text("utf-8").count("\n")) > MAX_FILE
    }
    assert not long


def test_functions_are_under_60_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > MAX_FUNCTION
    ]
    assert not long


def test_every_module_says_in_one_sentence_what_belongs_in_it() -> None:
    silent = [
        str(path.relative_to(ROOT)) for path, tree in trees() if not (ast.get_docstring(tree) or "").strip()
    ]
    assert not silent


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [str(p.relative_to(ROOT)) for p in MODULES if p.stem in FORBIDDEN_NAMES]


def test_importlib_is_used_in_app_alone() -> None:
    users = [
        str(path.relative_to(ROOT))
        for path, tree in trees()
        if room(path) != "app" and any(m.split(".")[0] == "importlib" for m in imported(tree))
    ]
    assert not users


def test_terms_and_programme_stand_on_the_standard_library_alone() -> None:
    import sys

    foreign = [
        f"{path.relative_to(ROOT)}: {name}"
        for path, tree in trees()
        if room(path) in STANDARD_LIBRARY_ONLY
        for name in imported(tree)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not name.startswith(("counterfoil.terms", f"counterfoil.{room(path)}"))
    ]
    assert not foreign


def test_the_ledger_stands_on_cryptography_and_its_verifier_runs_alone() -> None:
    import sys

    allowed = {*sys.stdlib_module_names, "cryptography"}
    foreign = [
        f"{path.relative_to(ROOT)}: {name}"
        for path, tree in trees()
        if room(path) == "ledger"
        for name in imported(tree)
        if name.split(".")[0] not in allowed
        and (path.name == "verify.py" or not name.startswith(("counterfoil.terms", "counterfoil.ledger")))
    ]
    assert not foreign


def test_only_the_guard_builds_what_is_released() -> None:
    builders = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in trees()
        if room(path) != "guard"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Released"
    ]
    assert not builders


def test_only_the_store_speaks_sql() -> None:
    speakers = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in trees()
        if room(path) != "store"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.match(r"\s*(SELECT|INSERT|UPDATE|DELETE FROM|CREATE TABLE)\b", node.value)
    ]
    assert not speakers


def test_except_exception_stands_in_app_alone() -> None:
    broad = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path, tree in trees()
        if room(path) != "app"
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in {"Exception", "BaseException"})
    ]
    assert not broad


@pytest.mark.parametrize("room_name", ["measure", "terms"])
def test_pure_rooms_open_nothing(room_name: str) -> None:
    openers = [
        f"{path.relative_to(ROOT)}: {name}"
        for path, tree in trees()
        if room(path) == room_name
        for name in imported(tree)
        if name.split(".")[0] in {"os", "subprocess", "socket", "sqlite3", "pathlib", "shutil", "tempfile"}
    ]
    assert not openers


@pytest.mark.parametrize("name", ["locked", "oracles"])
def test_locks_carry_hashes_and_no_host(name: str) -> None:
    lock = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    assert "--hash=sha256:" in lock
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", lock)


def test_nothing_outside_simulate_knows_what_was_planted() -> None:
    """The folder of planted truth is written by simulate and read by tests alone."""
    names = re.compile(r"""truth[/\\]|["']truth["']|\bTRUTH\b|tables\.truth""")
    knowing = [str(p.relative_to(SRC)) for p in MODULES if names.search(p.read_text("utf-8"))]
    assert sorted(knowing) == [f"simulate/tables/{name}.py" for name in ("company", "machines", "truth")]
    readers = re.compile(r"read_text|read_bytes|csv\.|open\(|loadtxt|genfromtxt")
    assert not [name for name in knowing if readers.search((SRC / name).read_text("utf-8"))]
