"""A world in which agents run: a gate, a mailbox on disk, scripts for a model, and an engine that can die."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from agents.kept import KEY, Clock
from counterfoil.agents.connectors.connector import Answer, NotDone
from counterfoil.agents.gate import Gate, Held
from counterfoil.agents.keeping import Keeping
from counterfoil.agents.lifeline import Told
from counterfoil.agents.runtime.durable import DbosEngine
from counterfoil.agents.runtime.models import Place, model_of
from counterfoil.agents.runtime.runner import Runner
from counterfoil.agents.runtime.runs import Runs
from counterfoil.agents.runtime.world import Pace, Systems, World
from counterfoil.agents.triggers import Triggers
from counterfoil.ledger.sign import SignerKey
from counterfoil.store.agents import recorded, spending
from counterfoil.store.agents.database import Database
from counterfoil.store.agents.journal import journal_of
from counterfoil.store.agents.recorded import Did, Version
from counterfoil.terms.agent import AgentId, Budget, Ceiling, RunId
from counterfoil.terms.effect import Approval, Effect, EffectFate, Followed, Run, RunState
from counterfoil.terms.ids import MicroUsd, Pseudonym
from counterfoil.terms.label import Integrity, Secrecy
from counterfoil.terms.tool import ArgumentRole, ArgumentSpec, ConnectorId, EffectClass, Tool
from counterfoil.terms.usage import Usage

ANNA, BORIS = Pseudonym("anna"), Pseudonym("boris")
TRIAGE = AgentId("triage")
MAIL = ConnectorId("mail")
ENDED = {
    RunState.DONE,
    RunState.FAILED,
    RunState.STOPPED,
    RunState.OUT_OF_BUDGET,
    RunState.UNCONFIRMED,
}
PLENTY = Budget(run=MicroUsd(10**9), day=MicroUsd(10**9), month=MicroUsd(10**9))
CEILING = Ceiling(
    name="organisation",
    version=1,
    connectors={
        MAIL: tuple(EffectClass),
        ConnectorId("memory"): tuple(EffectClass),
        ConnectorId("agents"): tuple(EffectClass),
        ConnectorId("model"): (EffectClass.ASK,),
    },
    models=("scripted:*", "openai:*", "anthropic:*"),
    regions=("local", "eu"),
    inside=("mail:*@example.org", "model:*", "folder:*", "agent:*"),
    production=(),
    approvers=(BORIS,),
    budget=PLENTY,
)
TO = ArgumentSpec(role=ArgumentRole.DESTINATION, kind="mail")
FOLDER = ArgumentSpec(role=ArgumentRole.DESTINATION, kind="folder")
TEXT = ArgumentSpec(role=ArgumentRole.TEXT)
ID = ArgumentSpec(role=ArgumentRole.SELECTOR)
NOTHING = NotDone("nothing", "the server said no", hint="ask it why")


def _tool(name: str, effect: EffectClass, digest: str = "pinned", **arguments: ArgumentSpec) -> Tool:
    return Tool(
        connector=MAIL,
        name=name,
        effect=effect,
        reversible=effect is EffectClass.ARRANGE,
        arguments=arguments,
        output=Integrity.UNTRUSTED,
        secrecy=Secrecy.INTERNAL,
        typed=("*.id",),
        why="A tool of tests.",
        digest=digest,
    )


def _nothing(tool: str) -> None:
    """Nothing goes wrong."""


@dataclass
class Mailbox:
    """A mail system on disk: what is sent there stays, whoever dies. It can lie, fail and be slow."""

    folder: Path
    id: ConnectorId = MAIL
    digest: str = "pinned"
    before: Callable[[str], None] = _nothing
    """What happens before something is done."""
    after: Callable[[str], None] = _nothing
    forgets: bool = False
    """Whether it does not know what was done."""

    @property
    def tools(self) -> Mapping[str, Tool]:
        return {
            "list": _tool("list", EffectClass.READ, self.digest),
            "send": _tool("send", EffectClass.SEND, self.digest, to=TO, text=TEXT),
            "move": _tool("move", EffectClass.ARRANGE, self.digest, id=ID, folder=FOLDER),
        }

    @property
    def done(self) -> list[dict[str, Any]]:
        """Everything that was done, in order."""
        path = self.folder / "done.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def do(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer:
        if tool == "list":
            path = self.folder / "inbox.json"
            return Answer(json.loads(path.read_text()) if path.exists() else [])
        self.before(tool)
        with (self.folder / "done.jsonl").open("a") as out:
            out.write(json.dumps({"tool": tool, "key": key, **arguments}) + "\n")
        self.after(tool)
        return Answer({"sent": True}, ref=f"<{key}>")

    def read_back(self, tool: str, arguments: Mapping[str, Any], key: str) -> Answer | None:
        found = not self.forgets and any(one["key"] == key for one in self.done)
        return Answer({"sent": True}, ref=f"<{key}>") if found else None

    def needless(self, tool: str, arguments: Mapping[str, Any]) -> str:
        return ""

    def follow(self, effect: Effect, now: datetime) -> Followed:
        return Followed(key=effect.key, fate=EffectFate.NOT_EXAMINED, at=now)


@dataclass
class Access:
    """Systems of owners, some of which may be revoked."""

    mail: Mailbox
    revoked: set[str] = field(default_factory=set)
    others: Systems | None = None

    def of(self, agent: AgentId, owner: Pseudonym) -> Mapping[ConnectorId, Any]:
        others = self.others.of(agent, owner) if self.others else {}
        return {} if str(owner) in self.revoked else {MAIL: self.mail, **others}


@dataclass
class Kept:
    """An outbox in memory."""

    rows: list[Usage] = field(default_factory=list)

    def put(self, *rows: Usage) -> None:
        self.rows += rows


GRANTS = """
[[grants]]
tool = "mail/list"
[[grants]]
tool = "mail/send"
to = ["mail:ann@example.org", "mail:*@example.org"]
[[grants]]
tool = "mail/move"
to = ["folder:Invoices"]
"""
SEND = """
[[turn]]
call = "mail/send"
arguments = { to = "ann@example.org", text = "something came" }
[[turn]]
say = "Told."
"""
TAINTED = """
[[turn]]
call = "mail/list"
[[turn]]
call = "mail/send"
arguments = { to = "ann@example.org", text = "It says: ${1.0.text}" }
[[turn]]
say = "Told: ${2}"
"""


@dataclass
class Life:
    """All that."""

    folder: Path
    url: URL | None = None
    address: URL | None = None
    clock: Clock = field(default_factory=Clock)
    places: dict[str, Place] = field(default_factory=dict)
    ceiling: Ceiling = CEILING
    asked: list[Held] = field(default_factory=list)
    outbox: Kept = field(default_factory=Kept)

    def open(self) -> "Life":
        self.folder.mkdir(exist_ok=True, parents=True)
        self.mail = Mailbox(self.folder)
        self.systems = Access(self.mail)
        self.told = Told([self.ceiling])
        database = Database(self.address) if self.address else Database.in_file(self.folder / "agents.sqlite")
        key = SignerKey.of("agents.example/one", KEY)
        self.gate = Gate(Keeping(self.folder, key, database, self.told, self.clock))
        self.world = World(
            gate=self.gate,
            systems=self.systems,
            outbox=self.outbox,
            model=lambda made: model_of(made.model, self, scripts=self.folder),
            ask=self.asked.append,
            pace=Pace(look_every=0.05, again_after=0.02),
        )
        url = self.url or journal_of(self.folder)
        self.engine = DbosEngine(url, Runner(self.world), quick=True)
        self.runs = Runs(self.world, self.engine)
        self.triggers = Triggers(self.runs)
        return self

    def place(self, provider: str, region: str) -> Place | None:
        return self.places.get(provider)

    def close(self) -> None:
        self.engine.close()
        self.gate.close()

    def again(self) -> "Life":
        """After the process ended, and another one began."""
        self.close()
        return self.open()

    def script(self, text: str, name: str = "demo") -> None:
        (self.folder / f"{name}.script.toml").write_text(text)

    def inbox(self, *mails: Mapping[str, Any]) -> None:
        (self.folder / "inbox.json").write_text(json.dumps(mails))

    def agent(
        self,
        more: str = "",
        *,
        name: str = "triage",
        model: str = "scripted:demo@local",
        grants: str = GRANTS,
        top: str = "",
        owner: Pseudonym = ANNA,
    ) -> Version:
        """Keep an agent; `top` are fields of its own, `more` are tables."""
        text = (
            f'name = "{name}"\npurpose = "Sorts my mail."\n'
            'instructions = "Tell ann@example.org when something came. Put it into Invoices."\n'
            f'model = "{model}"\n{top}\n{grants}\n{more}'
        )
        kept = self.runs.keep(text, owner)
        assert isinstance(kept, Version), kept
        return kept

    def run(self, said: str = "Go.", agent: str = "triage", who: Pseudonym = ANNA) -> RunId:
        run = self.triggers.by_hand(AgentId(agent), who, said)
        assert isinstance(run, str), run
        return RunId(run)

    def state(self, run: RunId) -> Run:
        with self.gate.keeping.database.read() as db:
            found = spending.run(db, run)
        assert found is not None
        return found

    def until(self, run: RunId, *states: RunState, seconds: float = 15) -> Run:
        """Wait until a run stands somewhere, or has ended."""
        wanted, end = set(states) or ENDED, time.monotonic() + seconds
        while (found := self.state(run)).state not in wanted:
            assert time.monotonic() < end, found
            time.sleep(0.01)
        return found

    def steps(self, run: RunId) -> Sequence[Did]:
        with self.gate.keeping.database.read() as db:
            return recorded.steps(db, run)

    def said(self, run: RunId) -> str:
        with self.gate.keeping.database.read() as db:
            begun = recorded.begun(db, run)
        return "" if begun is None else begun.ended_with

    def waiting(self, count: int = 1, who: Pseudonym = ANNA) -> Sequence[Approval]:
        end = time.monotonic() + 10
        while len(found := self.gate.approvals.open_for(who)) < count:
            assert time.monotonic() < end
            time.sleep(0.01)
        return found

    def yes(self, approval: Approval, by: Pseudonym = ANNA) -> None:
        assert isinstance(self.gate.approvals.approve(approval.id, by), Approval)
        self.runs.decided(approval.run)


@contextmanager
def life(folder: Path, **more: Any) -> Iterator[Life]:
    made = Life(folder, **more).open()
    try:
        yield made
    finally:
        made.close()
