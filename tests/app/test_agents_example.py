"""What stands in for mail and deployments in an invented company: it ends with whoever started it."""

import signal
import smtplib
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from counterfoil.agents.connectors.kinds import KINDS
from counterfoil.app.server.agents.example import mailbox as mailboxes
from counterfoil.app.server.agents.example import repositories as repos
from counterfoil.app.server.agents.example.beside import beside
from counterfoil.app.server.agents.example.outgoing import taking
from counterfoil.guard.acting.ceilings import read_ceilings
from counterfoil.simulate.example.written import ceiling
from deadline import until

PARENT = """
import sys, time
from pathlib import Path
from counterfoil.app.server.agents.example.beside import beside
child = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
with beside([sys.executable, "-c", child], Path(sys.argv[1])):
    time.sleep(600)
"""


def is_running(pid: int) -> bool:
    """Whether it runs, and is not only waited for; it may end between any two looks."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return "Z" not in told.rpartition(")")[2].split()[0]


def test_what_runs_beside_a_server_ends_with_it_also_by_kill_9(tmp_path: Path) -> None:
    said = tmp_path / "said"
    with subprocess.Popen([sys.executable, "-c", PARENT, str(said)]) as parent:
        until(lambda: said.exists() and said.read_text().strip())
        pid = int(said.read_text())
        parent.send_signal(signal.SIGKILL)
        parent.wait(10)
    until(lambda: not is_running(pid))
    with beside([sys.executable, "-c", "import time; time.sleep(600)"], tmp_path / "other") as process:
        pass
    assert process.poll() is not None


def test_mail_that_is_sent_is_taken_and_comes_to_nobody() -> None:
    with taking() as port, smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        assert client.sendmail("a@example.org", ["b@example.org"], b"Subject: x\r\n\r\n..y\r\n.z\r\n") == {}
        assert client.docmd("VRFY", "a")[0] == 502


def test_without_a_mail_server_or_git_the_example_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(mailboxes, "DOVECOT", "")
    monkeypatch.setattr(mailboxes, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    with mailboxes.mailbox() as none:
        assert none is None
    assert repos.repositories(tmp_path) is None


def test_a_mail_server_that_does_not_start_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailboxes, "_command", lambda home, port: [sys.executable, "-c", "pass"])
    monkeypatch.setattr(mailboxes, "listens", lambda port, process: False)
    with mailboxes.mailbox() as none:
        assert none is None


def test_its_ceiling_can_be_put_into_force() -> None:
    assert not read_ceilings(ceiling()).wrong


@pytest.mark.parametrize("kind", KINDS)
def test_every_tool_of_a_system_can_be_handed_to_a_run(kind: str) -> None:
    """As the journal of a run keeps it."""
    for tool in _built(kind).tools.values():
        assert msgspec.json.decode(msgspec.json.encode(tool))["name"] == tool.name


def _built(kind: str) -> Any:
    from counterfoil.agents.accounts import Account, Place

    given = {one.name: one.default or "x" for one in KINDS[kind].wants}
    given |= {name: "1" for name in given if name.endswith("_port")} | {
        "repositories": "",
        "url": "https://example.org",
        "token_url": "https://example.org/token",
    }
    return KINDS[kind].built(Account(kind=kind, entered=given), Place(folder=Path("x"), seal=b"k" * 32))
