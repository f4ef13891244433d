"""What became of what agents did, over a real repository, and what a person is asked when it fails."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agents.git.test_git import Server
from agents.kept import NOON, World, cleared, world
from counterfoil.agents.connectors.connector import Connector, NotDone
from counterfoil.agents.connectors.git.manifest import TOOLS
from counterfoil.agents.connectors.git.repository import STATES
from counterfoil.agents.following import Following
from counterfoil.agents.gate import Held
from counterfoil.agents.watching import Watching, made
from counterfoil.store.agents import followed
from counterfoil.terms.agent import AgentId, CauseKind, Grant
from counterfoil.terms.effect import Approval, Call, EffectFate, EffectState, Followed
from counterfoil.terms.error import ToolError
from counterfoil.terms.label import OWNERS
from counterfoil.terms.tool import ConnectorId, EffectClass
from counterfoil.terms.work import Fate, Work, WorkFated, WorkKind
from guard.acting.calls import ANNA, BORIS, CEILING, REQUEST, TRIAGE, argument, call

GIT = replace(
    CEILING,
    connectors={**CEILING.connectors, ConnectorId("git"): tuple(EffectClass)},
    inside=(*CEILING.inside, "repo:*"),
)
HERE = ("repo:shop", "environment:production", "environment:staging")
GRANTS = tuple(Grant(agent=TRIAGE, tool=tool.id, digest="", to=HERE) for tool in TOOLS.values())


@dataclass
class Handed:
    rows: list[Work | Fate] = field(default_factory=list)

    def put(self, *rows: Work | Fate) -> None:
        self.rows += rows


class Shop:
    """An agent that deploys, whoever follows it, and whoever watches it."""

    def __init__(self, server: Server, made_world: World) -> None:
        self.server, self.world, self.handed = server, made_world, Handed()
        self.gone = False
        made_world.enrol(*GRANTS)
        self.following = Following(made_world.gate, self.connected, self.handed)
        self.watching = Watching(made_world.gate, self.connected)

    def connected(self, agent: AgentId, connector: ConnectorId) -> Connector | None:
        return None if self.gone or connector != "git" else self.server.connector

    def deploy(self, which: int, number: int) -> None:
        tool, arguments = TOOLS["deploy"], {"repo": "shop", "environment": "production"}
        whole = {**arguments, "revision": self.server.revisions[which]}
        asked = replace(
            call(tool, number=number),
            arguments=tuple(
                argument(name, value, OWNERS, role=tool.arguments[name].role, kind=tool.arguments[name].kind)
                for name, value in whole.items()
            ),
        )
        waits = self.world.gate.begin(asked)
        assert isinstance(waits, Held), waits
        assert isinstance(self.world.gate.approvals.approve(waits.approval.id, BORIS), Approval)
        made(self.world.gate, cleared(self.world.gate.begin(asked)), self.server.connector, "deploy")

    def fails(self, which: int) -> None:
        """The server's hook says that a revision does not work."""
        done = subprocess.run(
            ["git", "-C", self.server.bare, "hash-object", "-w", "--stdin"],
            input=b"failed",
            capture_output=True,
            check=True,
        )
        ref = f"{STATES}/production/{self.server.revisions[which]}"
        subprocess.run(
            ["git", "-C", self.server.bare, "update-ref", ref, done.stdout.decode().strip()], check=True
        )

    def look(self) -> list[Followed]:
        self.world.clock.on(hours=3)
        self.following.sweep()
        self.watching.sweep()
        with self.world.database.read() as db:
            return list(followed.of(db, [f"run-1:{n}" for n in range(5)] + ["run-1.watch:2"]))

    def asked(self) -> list[Approval]:
        return list(self.world.gate.approvals.open_for(BORIS))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with world(tmp_path / "agents", ceilings=[GIT]) as made_world:
        yield Shop(Server(tmp_path), made_world)


def fates(shop: Shop) -> dict[str, EffectFate]:
    return {one.key: one.fate for one in shop.look()}


def test_a_deployment_is_work_that_stands_until_somebody_takes_it_back(shop: Shop) -> None:
    shop.deploy(0, 1)
    shop.deploy(1, 2)
    assert fates(shop) == {"run-1:1": EffectFate.STANDING, "run-1:2": EffectFate.DEPLOYED}
    works = [row for row in shop.handed.rows if isinstance(row, Work)]
    assert [(work.key, work.kind, work.who, work.session) for work in works] == [
        (f"run-1:{n}", WorkKind.DEPLOYMENT, ANNA, "run-1") for n in (1, 2)
    ]
    before = len(shop.handed.rows)
    shop.look()
    assert len(shop.handed.rows) == before, "what is the same is handed on once"
    shop.server.push(f"{shop.server.revisions[0]}:refs/heads/production")
    assert fates(shop)["run-1:2"] is EffectFate.ROLLED_BACK
    last = shop.handed.rows[-1]
    assert isinstance(last, Fate) and last.fate is WorkFated.REVERTED and last.work.key == "run-1:2"


def test_one_that_fails_is_taken_back_by_a_persons_yes_alone(shop: Shop) -> None:
    shop.deploy(0, 1)
    shop.deploy(1, 2)
    shop.fails(1)
    shop.look()
    assert shop.server.running() == shop.server.revisions[1]
    (asked,) = shop.asked()
    assert (asked.tool, asked.run, asked.number) == ("git/rollback", "run-1.watch", 2)
    shop.look()
    assert [one.id for one in shop.asked()] == [asked.id], "it is asked once"
    assert isinstance(shop.world.gate.approvals.approve(asked.id, BORIS), Approval)
    shop.watching.sweep()
    assert shop.server.running() == shop.server.revisions[0]
    assert fates(shop)["run-1:2"] is EffectFate.ROLLED_BACK
    assert not shop.asked()
    effect = shop.world.gate.effect("run-1.watch:2")
    assert effect is not None and effect.state is EffectState.DONE and effect.cause.ref == "run-1:2"


def test_a_no_stays_a_no(shop: Shop) -> None:
    shop.deploy(0, 1)
    shop.deploy(1, 2)
    shop.fails(1)
    shop.look()
    (asked,) = shop.asked()
    shop.world.gate.approvals.deny(asked.id, BORIS, "we fix it forward")
    shop.look()
    assert shop.server.running() == shop.server.revisions[1] and not shop.asked()


def test_outside_of_production_it_is_asked_too(shop: Shop) -> None:
    shop.server.connector.repositories["shop"].environments["staging"] = "refs/heads/staging"  # type: ignore[index]
    tool = TOOLS["rollback"]
    asked: Call = replace(
        call(tool),
        arguments=tuple(
            argument(name, value, OWNERS, role=tool.arguments[name].role, kind=tool.arguments[name].kind)
            for name, value in {
                "repo": "shop",
                "environment": "staging",
                "revision": shop.server.revisions[0],
            }.items()
        ),
    )
    cleared(shop.world.gate.begin(asked))
    by_itself = replace(asked, number=2, cause=replace(REQUEST, kind=CauseKind.EFFECT))
    answer: Any = shop.world.gate.begin(by_itself)
    assert isinstance(answer, Held) and answer.hold.clause == "proposed"


def test_a_system_that_is_gone_was_not_examined(shop: Shop) -> None:
    shop.deploy(0, 1)
    shop.gone = True
    assert fates(shop) == {"run-1:1": EffectFate.NOT_EXAMINED}
    assert shop.handed.rows == []
    shop.gone = False
    assert fates(shop) == {"run-1:1": EffectFate.DEPLOYED}


STRANGE = (ToolError("line", "the line broke", hint="look there"), KeyError("sha"), RecursionError())


@pytest.mark.parametrize("strange", STRANGE)
def test_what_nobody_knew_is_found_again_and_never_made_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, strange: Exception
) -> None:
    connector = type(shop.server.connector)
    do = connector.do

    def breaks_off(self: Any, tool: str, arguments: Any, key: str) -> Any:
        do(self, tool, arguments, key)
        raise strange

    monkeypatch.setattr(connector, "do", breaks_off)
    shop.deploy(0, 1)
    effect = shop.world.gate.effect("run-1:1")
    assert effect is not None and effect.state is EffectState.UNCONFIRMED
    shop.look()
    effect = shop.world.gate.effect("run-1:1")
    assert effect is not None and effect.state is EffectState.DONE


@pytest.mark.parametrize("strange", STRANGE)
def test_a_system_that_answers_nonsense_keeps_nothing_else_from_being_looked_at(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, strange: Exception
) -> None:
    def says_nonsense(*asked: Any) -> Any:
        raise strange

    shop.deploy(0, 1)
    shop.deploy(1, 2)
    shop.fails(1)
    shop.look()
    (asked,) = shop.asked()
    connector = type(shop.server.connector)
    with monkeypatch.context() as now:
        for what in ("follow", "needless", "read_back", "undo"):
            now.setattr(connector, what, says_nonsense)
        assert fates(shop) == dict.fromkeys(("run-1:1", "run-1:2"), EffectFate.NOT_EXAMINED)
        shop.watching.sweep()
    assert isinstance(shop.world.gate.approvals.approve(asked.id, BORIS), Approval)
    shop.fails(1)
    with monkeypatch.context() as now:
        now.setattr(connector, "do", says_nonsense)
        shop.look()
    effect = shop.world.gate.effect("run-1.watch:2")
    assert effect is not None and effect.state is EffectState.UNCONFIRMED


def test_what_surely_did_not_happen_is_failed_and_not_followed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(self: Any, tool: str, arguments: Any, key: str) -> Any:
        raise NotDone("no", "the server refused", hint="ask somebody")

    monkeypatch.setattr(type(shop.server.connector), "do", refuses)
    shop.deploy(0, 1)
    effect = shop.world.gate.effect("run-1:1")
    assert effect is not None and effect.state is EffectState.FAILED
    assert shop.look() == []


def test_after_a_month_nobody_looks_any_more(shop: Shop) -> None:
    shop.deploy(0, 1)
    shop.look()
    shop.world.clock.on(days=31)
    shop.look()
    assert shop.following.sweep() == 0
    assert shop.world.clock.at > NOON + timedelta(days=31)
