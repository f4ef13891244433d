"""A small organisation as processes: a server, its agents, a real mailbox, repositories, and a chat."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

from agents.connectors.workspace import Workspace, serving
from app.server import served
from app.standing import field
from counterfoil.app.agents.console import Console
from counterfoil.app.directory import opened
from counterfoil.app.server.agents.example.mailbox import Mailbox, mailbox
from counterfoil.app.server.agents.example.repositories import Repositories, repositories
from counterfoil.guard.acting.ceilings import read_ceilings
from counterfoil.guard.acting.force import sign
from counterfoil.guard.roles import give
from counterfoil.ledger.keyholder import Keyholder
from counterfoil.ledger.keys import secret_text
from counterfoil.terms.ask import Role, Viewer
from counterfoil.terms.error import StoreError
from deadline import until
from guard.organisation import people_rows

CEILING = """
[organisation]
models = ["scripted:*"]
regions = ["local"]
inside = ["mail:*@example.org", "channel:#*"]
production = ["environment:production"]
approvers = ["p00004"]
budget = { run_usd = 1, day_usd = 5, month_usd = 50 }

[organisation.connectors]
mail = ["read", "draft", "arrange", "send"]
git = ["read", "deploy"]
slack = ["read", "post"]
memory = ["read", "draft"]
"""
OWNER, OTHER, OPERATOR = "p00000", "p00004", ""
UNDER_WAY = {"queued", "running"}
TILL_DONE = UNDER_WAY | {"waiting"}


@dataclass
class Company:
    """What runs, and how somebody asks it."""

    folder: Path
    address: str
    mail: Mailbox
    repositories: Repositories
    chat: Workspace

    def ask(self, name: str, who: str = OWNER, /, **arguments: Any) -> Any:
        """The answer to a question of the command line."""
        secret = self.folder / f"{who}.secret" if who else None
        return Console(self.folder / "data", None, secret).ask(name, **arguments)

    @contextmanager
    def browser(self) -> Iterator[httpx2.Client]:
        """The owner's browser, signed in."""
        with httpx2.Client(base_url=self.address, follow_redirects=True, timeout=30) as client:
            csrf = field(client.get("/sign-in").text, "csrf")
            form = {"csrf": csrf, "next": "/agents", "text": (self.folder / f"{OWNER}.secret").read_text()}
            entered = client.post("/sign-in/secret", data=form, headers={"Origin": self.address})
            assert entered.status_code == 200
            yield client

    def sent(self, client: httpx2.Client, path: str, at: str, **form: str) -> httpx2.Response:
        csrf = field(client.get(at).text, "csrf")
        return client.post(path, data={"csrf": csrf, **form}, headers={"Origin": self.address})

    def agent(self, name: str, turns: Sequence[str], grants: dict[str, Sequence[str]], more: str = "") -> Any:
        """An agent that follows a script, kept as its file says."""
        self.script(name, turns)
        table = "".join(
            f"[[grants]]\ntool = {json.dumps(tool)}\nto = {json.dumps(to)}\n" for tool, to in grants.items()
        )
        return self.ask("keep", definition=definition(name) + more + table)

    def script(self, name: str, turns: Sequence[str]) -> None:
        text = "".join(f"[[turn]]\n{turn}\n" for turn in turns)
        (self.folder / "written" / f"{name}.script.toml").write_text(text)

    def run(self, name: str, said: str = "") -> Any:
        """A run by hand, as far as it comes by itself."""
        run = self.ask("begin", agent=name, said=said)["of"]
        return self.ended(run, UNDER_WAY)

    def ended(self, run: str, under_way: set[str] = TILL_DONE) -> Any:
        until(lambda: self.ask("run", run=run)["run"]["state"] not in under_way, 60)
        return self.ask("run", run=run)

    def waits(self, agent: str, tool: str, who: str = OWNER) -> list[str]:
        """What waits for somebody's yes."""
        told = self.ask("waiting", who)
        both = [*told["as_owner"], *told["as_other"]]
        return [one["approval"] for one in both if (one["agent"], one["tool"]) == (agent, tool)]

    def approve(self, approval: str, who: str = OWNER) -> None:
        digest = self.ask("card", who, approval=approval)["card"]["digest"]
        self.ask("approve", who, approval=approval, digest=digest)

    def named(self, repository: str, ref: str) -> str:
        command = ["git", "-C", str(self.repositories.folder / f"{repository}.git"), "rev-parse", ref]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def definition(name: str) -> str:
    """The beginning of an agent's file."""
    return (
        f'name = "{name}"\npurpose = "Does one thing."\ninstructions = "Do it."\n'
        f'model = "scripted:{name}@local"\n'
    )


def clauses(told: Any) -> list[tuple[str, str, str]]:
    """What was said of each call of a run."""
    return [(one["tool"], one["verdict"], one["clause"]) for one in told["steps"] if one["number"]]


def prepared(folder: Path) -> None:
    """A data directory with a ceiling that two people signed, and three secrets."""
    with opened(folder / "data", make=True) as g:
        who = people_rows(g, 12)
        give(g, Role.DPO, who[3])
        for by in (Viewer(who=None, role=Role.OPERATOR), Viewer(who=who[3], role=Role.DPO)):
            sign(g, read_ceilings(CEILING), by)
        assert isinstance(g.keys, Keyholder)
        for person in (OWNER, OTHER):
            (folder / f"{person}.secret").write_text(secret_text(g.keys.secret_of(person)))


@contextmanager
def living(folder: Path) -> Iterator[Company]:
    """Everything, until it is let go of; the owner has connected three systems."""
    prepared(folder)
    for name in ("written", "git"):
        (folder / name).mkdir()
    repos = repositories(folder / "git")
    command = [sys.executable, "-m", "counterfoil", "agent", "run", "--agents", str(folder / "own")]
    command += ["--socket", str(folder / "data" / "agents.sock"), "--from", str(folder / "written")]
    with (
        mailbox() as mail,
        serving() as chat,
        served(folder / "data") as server,
        (folder / "said").open("wb") as out,
        subprocess.Popen(command, stderr=out) as process,
    ):
        assert mail is not None and repos is not None
        found = Company(folder, server.address.partition("/enter")[0], mail, repos, chat)
        try:
            until(lambda: at_work(found), 60)
            found.ask("connect", kind="imap", entered=dict(mail.account))
            found.ask("connect", kind="git", entered=dict(repos.account))
            found.ask("connect", kind="slack", entered={"token": chat.token, "url": chat.url})
            yield found
        finally:
            process.terminate()
            process.wait(30)


def at_work(company: Company) -> bool:
    """Whether the agents' process is there, and carries runs."""
    try:
        health = company.ask("health", OPERATOR)
    except StoreError:
        return False
    return bool(health["live"] and health["runs"])


def now() -> datetime:
    return datetime.now(UTC)
