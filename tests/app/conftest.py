"""A person's machine in small: a home with one Claude Code session, and the repository it worked in."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from counterfoil.simulate.formats.claude import write_claude
from counterfoil.simulate.formats.session import Prompt, Request, RunCommand, Talk, Tokens, WriteFile
from counterfoil.terms.ids import SessionId

if TYPE_CHECKING:
    from app.test_pages import Company

NOW = datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Machine:
    """Runs the command line on a home of its own."""

    root: Path

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def repo(self) -> Path:
        return self.root / "code" / "shop"

    def git(self, *words: str, days_ago: float = 0, cwd: Path | None = None) -> str:
        at = (NOW - timedelta(days=days_ago)).isoformat()
        environment = {
            **os.environ,
            "HOME": str(self.home),
            "GIT_AUTHOR_DATE": at,
            "GIT_COMMITTER_DATE": at,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Robin Vale",
            "GIT_COMMITTER_NAME": "Robin Vale",
            "GIT_AUTHOR_EMAIL": "robin@example.org",
            "GIT_COMMITTER_EMAIL": "robin@example.org",
        }
        done = subprocess.run(
            ["git", *words], cwd=cwd or self.repo, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, message: str, files: dict[str, str | None], *, days_ago: float) -> str:
        for name, text in files.items():
            path = self.repo / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink()
            else:
                path.write_text(text, "utf-8")
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message, days_ago=days_ago)
        return self.git("rev-parse", "HEAD")

    def session(
        self, name: str, writes: dict[str, str], *, days_ago: float, directory: Path | None = None
    ) -> None:
        """One Claude Code session of three requests that writes files."""
        at = NOW - timedelta(days=days_ago, minutes=20)
        tokens = Tokens(input_uncached=1_000, cache_read=2_000, cache_write=500, output=300)
        calls = tuple(WriteFile(path, text) for path, text in writes.items())
        turns = (
            Prompt(at, "please"),
            Request(
                at=at + timedelta(seconds=9),
                model="claude-sonnet-4-5",
                tokens=tokens,
                says="So.",
                calls=calls,
            ),
            Request(
                at=at + timedelta(seconds=40),
                model="claude-sonnet-4-5",
                tokens=tokens,
                calls=(RunCommand("ls", "x"),),
            ),
            Request(at=at + timedelta(seconds=60), model="claude-sonnet-4-5", tokens=tokens, says="Done."),
        )
        place = str(directory or self.repo)
        write_claude(
            self.home,
            [Talk(id=SessionId(name), directory=place, branch="main", version="2.1.197", turns=turns)],
        )

    def run(
        self, *words: str, code: int = 0, cwd: Path | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "COUNTERFOIL_CACHE": str(self.root / "cache"),
            "COUNTERFOIL_DATA": str(self.root / "data"),
            "LANG": "C.UTF-8",
            **more,
        }
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "counterfoil", *words],
            cwd=cwd or self.root,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stdout + done.stderr
        return done

    def report(self, *words: str) -> Any:
        return json.loads(self.run("report", "--json", *words).stdout)


@pytest.fixture(scope="session")
def company() -> Iterator["Company"]:
    """An invented company with its pages; whoever changes something puts it back."""
    from app.test_pages import Company
    from counterfoil.app.progress import Meter
    from counterfoil.app.server.example import invented, known_guests

    with invented(400, date.today(), Meter(shown=False)) as (g, _):
        yield Company(g, known_guests(g.keys))


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    found = Machine(tmp_path)
    found.home.mkdir()
    found.repo.mkdir(parents=True)
    found.git("init", "-q", "-b", "main")
    found.git("config", "user.email", "robin@example.org")
    return found


@contextmanager
def served(cache: str, *command: str) -> Iterator[str]:
    """The address of a local site as a person would serve it; it stops on Ctrl-C and stores nothing."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "counterfoil", *command, "--port", "0"],
        env={**os.environ, "COUNTERFOIL_CACHE": cache},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout is not None
        yield running.stdout.readline().strip()
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)
    assert running.returncode == 0
    assert out == ""
    assert err.splitlines()[-1] == "stopped" and len(err.splitlines()) == 2
    assert not os.listdir(cache)


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page about a programme."""
    with served(str(tmp_path_factory.mktemp("web")), "programme", "web") as address:
        yield address


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The story of the demo."""
    with served(str(tmp_path_factory.mktemp("demo")), "demo") as address:
        yield address


@pytest.fixture(scope="session")
def example() -> Iterator[str]:
    """Where a look at an invented company begins; as large as the documentation has it, for its pictures."""
    people = "2000" if os.environ.get("COUNTERFOIL_PICTURES") == "write" else "400"
    ports = ["--port", "0", "--otlp-http", "0", "--otlp-grpc", "0"]
    command = [
        sys.executable,
        "-m",
        "counterfoil",
        "serve",
        "--example",
        "--people",
        people,
        *ports,
        "--json",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        yield json.loads(running.stdout.readline())["address"]
        running.send_signal(signal.SIGINT)
        assert running.wait(30) == 0


@contextmanager
def silent_tab(browser: Any, address: str, scheme: str) -> Iterator[Any]:
    """A page of a site without scripts; it asks nobody else, and the console stays silent."""
    context = browser.new_context(
        java_script_enabled=False, color_scheme=scheme, viewport={"width": 1000, "height": 900}
    )
    opened = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    context.on("request", lambda sent: asked.append(sent.url))
    opened.on("console", lambda message: said.append(message.text))
    opened.goto(address)
    yield opened
    context.close()
    assert asked and not [url for url in asked if not url.startswith((address, "data:"))]
    assert not [text for text in said if "422" not in text]


@pytest.fixture(params=["light", "dark"])
def web_tab(request: pytest.FixtureRequest, browser: Any, web: str) -> Iterator[Any]:
    """The page about a programme, in a browser."""
    with silent_tab(browser, web, request.param) as tab:
        yield tab


@pytest.fixture(params=["light", "dark"])
def demo_tab(request: pytest.FixtureRequest, browser: Any, demo: str) -> Iterator[Any]:
    """The first page of the demo, in a browser."""
    with silent_tab(browser, demo, request.param) as tab:
        yield tab
