"""The agents' process as a process: killed, left alone by its server, switched off, as a user of its own."""

import fcntl
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.agents_place import made, place
from app.server import Served, served
from counterfoil.app.agents.console import Console
from counterfoil.app.directory import opened
from counterfoil.app.run import run
from counterfoil.app.server.agents.example.agents_process import agents_beside
from counterfoil.app.server.agents.opened import agents_key, agents_open
from counterfoil.guard.acting.ceilings import example, read_ceilings
from counterfoil.guard.acting.force import sign
from counterfoil.guard.roles import give
from counterfoil.ledger.keyholder import Keyholder
from counterfoil.ledger.keys import secret_text
from counterfoil.terms.ask import Role, Viewer
from counterfoil.terms.error import StoreError
from counterfoil.terms.ids import Pseudonym
from deadline import until
from guard.organisation import people_rows

NOBODY = "nobody"
CEILING = example().replace('"anthropic:*"', '"scripted:*"').replace('"eu"', '"local"')
DEFINITION = """
name = "{name}"
purpose = "Says something."
instructions = "Say it."
model = "scripted:{name}@local"
"""
SCRIPTS = {
    "quick": '[[turn]]\nsay = "Done."\nusd = 0.01\n',
    "slow": '[[turn]]\nsay = "Late."\nseconds = 600\n',
}


@contextmanager
def living(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """The agents' process, over the definitions of one person."""
    command = [sys.executable, "-m", "counterfoil", "agent", "run", "--agents", str(folder / "agents")]
    command += ["--socket", str(folder / "data" / "agents.sock"), "--from", str(folder / "written")]
    with subprocess.Popen([*command, "--me", "p00000"], stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                assert process.wait(30) == 0


def prepared(folder: Path) -> Pseudonym:
    """A data directory with people and a ceiling, and two agents of one of them."""
    (folder / "written").mkdir()
    for name, script in SCRIPTS.items():
        (folder / "written" / f"{name}.toml").write_text(DEFINITION.format(name=name))
        (folder / "written" / f"{name}.script.toml").write_text(script)
    with opened(folder / "data", make=True) as g:
        who = people_rows(g, 12)
        give(g, Role.DPO, who[3])
        for by in (Viewer(who=None, role=Role.OPERATOR), Viewer(who=who[3], role=Role.DPO)):
            sign(g, read_ceilings(CEILING), by)
        assert isinstance(g.keys, Keyholder)
        (folder / "secret").write_text(secret_text(g.keys.secret_of("p00000")))
    return who[0]


@dataclass
class Place:
    """Where everything lies, and the command line beside it."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    who: Pseudonym

    @contextmanager
    def server(self, *, code: int = 0) -> Iterator[Served]:
        with served(self.folder / "data", code=code) as server:
            yield server

    def asked(self, *words: str, code: int = 0, mine: bool = True) -> Any:
        """What a command says, as whose agents they are or as the operator."""
        secret = ["--secret", str(self.folder / "secret")] if mine else []
        assert run(["agent", *words, "--data", str(self.folder / "data"), "--json", *secret]) == code
        return json.loads(self.capsys.readouterr().out)

    def is_there(self) -> bool:
        """Whether the server is heard, and every agent is kept."""
        try:
            console = Console(self.folder / "data", None, None)
            health, counts = console.ask("health"), console.ask("counts")
            return bool(health["live"] and health["runs"] and counts["agents"] == len(SCRIPTS))
        except StoreError:
            return False


@pytest.fixture
def here(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Place:
    return Place(tmp_path, capsys, prepared(tmp_path))


def test_agents_are_run_stopped_killed_and_taken_up_again(here: Place) -> None:
    with here.server():
        with living(here.folder) as process:
            until(here.is_there, 30)
            done = here.asked("run", "quick")
            assert (done["run"]["state"], done["said"]) == ("done", "Done.")
            # A model that hangs: the switch is out of its way, and is felt within seconds.
            mine = Console(here.folder / "data", None, here.folder / "secret")
            assert mine.ask("replay", run=done["run"]["id"]) == []
            hangs = mine.ask("begin", agent="slow")["of"]
            until(lambda: mine.ask("run", run=hangs)["run"]["state"] == "running")
            assert here.asked("stop", "--everything", mine=False)["off"]
            until(lambda: mine.ask("run", run=hangs)["run"]["state"] == "stopped", 5)
            assert here.asked("run", "quick", code=1)["run"]["state"] == "stopped"
            assert not here.asked("resume", "--everything", mine=False)["off"]
            process.kill()
            process.wait(10)
        assert here.asked("list", mine=False, code=4)["error"]["code"] == "agents-away"
        with living(here.folder):
            until(here.is_there, 30)
            assert here.asked("run", "quick")["run"]["state"] == "done"
            until(lambda: here.asked("list")["process"]["outbox"] == 0)
    with opened(here.folder / "data") as g:
        days = g.lake.rows_of(here.who)["usage_day"]
    assert list(days["trigger"]) == ["agent"]
    assert list(days["requests"]) == [2]


def test_while_its_server_is_gone_nothing_has_an_effect(here: Place) -> None:
    with living(here.folder) as process:
        with here.server(code=-signal.SIGKILL) as server:
            until(here.is_there, 30)
            server.process.kill()
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert any("no agent does anything: nobody answers" in line for line in lines)
        # Off while nothing runs, and so off when it is back.
        assert here.asked("stop", "quick", mine=False)["what"] == "agent:quick"
        with here.server():
            assert any("agents may act" in line for line in lines)
            until(here.is_there, 30)
            assert here.asked("run", "quick", code=1)["run"]["state"] == "stopped"
            assert here.asked("show", "quick")["stops"][0]["what"] == "agent:quick"


def test_the_process_of_an_invented_company_ends_with_its_server(tmp_path: Path) -> None:
    with place(made(tmp_path / "data")) as found, found.server() as talk:
        said = tmp_path / "said"
        with agents_beside(found.folder, socket=talk.path, key=talk.key, definitions=tmp_path, said=said):
            until(lambda: talk.is_there, 30)
        until(lambda: not talk.is_there)
        lock = os.open(tmp_path / "agents" / "lock", os.O_RDWR)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.close(lock)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can start a process as another user")
def test_as_a_user_of_its_own_it_opens_nothing_of_the_server_and_is_heard() -> None:
    other = pwd.getpwnam(NOBODY)
    folder = Path(tempfile.mkdtemp(prefix="counterfoil-user-"))
    try:
        for name, mode, owner in (("data", 0o700, 0), ("run", 0o755, 0), ("own", 0o700, other.pw_uid)):
            (folder / name).mkdir(mode=mode)
            os.chown(folder / name, owner, -1)
        folder.chmod(0o711)
        agents, socket = folder / "agents", folder / "run" / "agents.sock"
        agents.mkdir(mode=0o711)
        (folder / "own").rename(agents / "own")
        with place(folder / "data") as found:
            key = str(agents_key(found.folder).verifier)
            with agents_open(found.desk, found.log, found.folder, path=socket, user=NOBODY) as talk:
                assert not talk.same_user
                assert (socket.stat().st_mode & 0o777, socket.stat().st_gid) == (0o660, other.pw_gid)
                command = [sys.executable, str(Path(__file__).with_name("other_user.py"))]
                command += [str(found.folder), str(agents), str(socket), key]
                around = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
                done = subprocess.run(
                    [*command, str(other.pw_uid), str(other.pw_gid)],
                    capture_output=True, text=True, timeout=60, env=around,
                )  # fmt: skip
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        assert told.pop("files") > 10
        assert told == {"opened": [], "listed": False, "trouble": "", "console": "refused"}
    finally:
        shutil.rmtree(folder)
