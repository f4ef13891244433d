"""Agents set off from outside, through the server and the socket, until what they did is in the lake."""

import base64
import hmac
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from agents.git.test_git import Server, git
from app.agents_place import Place, place
from app.standing import HOST
from counterfoil.agents.at_work import AtWork
from counterfoil.agents.connectors.kinds import KINDS
from counterfoil.agents.household import Household
from counterfoil.agents.office import Office
from counterfoil.agents.process import opened
from counterfoil.agents.shown import RunShown, WebhookShown
from counterfoil.agents.wire import Asker
from counterfoil.app.door.session import COOKIE, Sessions
from counterfoil.app.server.compacting import Compactor
from counterfoil.app.server.site import Site
from counterfoil.terms.agent import AgentId, RunId
from counterfoil.terms.ask import Role
from deadline import until

CEILING = """
[organisation]
models = ["scripted:*"]
regions = ["local"]
inside = ["repo:shop", "environment:staging"]
production = ["environment:production"]
approvers = ["p00004"]
budget = { run_usd = 1, day_usd = 5, month_usd = 50 }

[organisation.connectors]
git = ["read", "deploy"]
"""
SHIPPER = """
name = "shipper"
purpose = "Puts out what is ready."
instructions = "Deploy shop to staging."
model = "scripted:shipper@local"

[[grants]]
tool = "git/deploy"
to = ["repo:shop", "environment:staging"]

[[triggers]]
on = "webhook"
name = "ready"

[[triggers]]
on = "hand"
"""
SCRIPT = """
[[turn]]
call = "git/deploy"
arguments = {{ repo = "shop", environment = "staging", revision = "{first}" }}
usd = 0.25

[[turn]]
call = "git/deploy"
arguments = {{ repo = "shop", environment = "staging", revision = "{second}" }}

[[turn]]
call = "git/deploy"
arguments = {{ repo = "shop", environment = "staging", revision = "{second}" }}

[[turn]]
say = "It is out."
"""
AGENT = AgentId("shipper")


class World:
    """A server, an agents' process beside it, and a bare repository."""

    def __init__(self, at: Place, site: Site, sessions: Sessions, household: Household, shop: Server) -> None:
        self.at, self.site, self.household, self.shop = at, site, household, shop
        self.browser = TestClient(site, base_url=f"http://{HOST}", follow_redirects=False)
        self.browser.cookies.set(COOKIE, sessions.begin(at.who[0]))
        self.me = Asker(who=at.who[0], roles=(Role.EMPLOYEE,))

    def ask(self, method: Any, *given: Any) -> Any:
        return self.at.talk.ask(method, self.me, *given)

    def runs(self) -> list[RunShown]:
        return [self.ask(Office.run, RunId(one.id)) for one in self.ask(Office.runs, AGENT)]

    def answered(self) -> list[str]:
        """How every run stands; what waits for its owner's yes gets it."""
        for waits in self.ask(Office.waiting).as_owner:
            card = self.ask(Office.card, waits.approval).card
            self.ask(Office.approve, waits.approval, card.digest)
        return [one.run.state.value for one in self.runs()]

    def rows(self, table: str) -> list[dict[str, Any]]:
        """What the lake has of the owner, once all of it was handed on."""
        told = self.at.g.lake.rows_of(self.at.who[0])[table]
        return [dict(zip(told, row, strict=True)) for row in zip(*told.values(), strict=True)]


@contextmanager
def living(folder: Path) -> Iterator[World]:
    made: list[Household] = []
    shop = Server(folder)
    (folder / "shipper.script.toml").write_text(
        SCRIPT.format(first=shop.revisions[0], second=shop.revisions[1])
    )

    def household(hearing: Any, outbox: Any) -> Household:
        def lives(one: Household) -> AtWork:
            return AtWork.over(one, one.accounts, scripts=folder)

        made.append(Household(folder / "agents", hearing, outbox, lives=lives, kinds=KINDS))
        return made[0]

    (folder / "data").mkdir(mode=0o700)
    with (
        place(folder / "data", ceiling=CEILING) as at,
        at.server() as talk,
        opened(folder / "agents", at.path, household),
    ):
        sessions = Sessions()
        world = World(at, Site(at.desk, sessions, hosts={HOST}, agents=talk), sessions, made[0], shop)
        until(lambda: made[0].is_at_work)
        line = f"shop {shop.bare} staging=refs/heads/staging"
        world.ask(Office.connect, "git", {"repositories": line})
        world.ask(Office.keep, SHIPPER)
        until(lambda: made[0].hearing.owners.get(at.who[0]))
        yield world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with living(tmp_path_factory.mktemp("lived")) as made:
        yield made


def delivered(world: World, hook: WebhookShown, mid: str, **more: Any) -> int:
    """What the server says to a webhook that is signed."""
    key, at, body = base64.b64decode(hook.secret.removeprefix("whsec_")), str(int(time.time())), b'{"a": 1}'
    signed = base64.b64encode(hmac.digest(key, f"{mid}.{at}.".encode() + body, sha256)).decode()
    headers = {"webhook-id": mid, "webhook-timestamp": at, "webhook-signature": f"v1,{signed}"}
    found = TestClient(world.site, base_url=f"http://{HOST}").post(
        f"{hook.path}/ready", content=more.get("body", body), headers=headers
    )
    return found.status_code


def test_what_a_webhook_set_off_is_in_the_lake_with_its_cost_and_its_fate(world: World) -> None:
    hook = world.ask(Office.webhook, AGENT)
    assert delivered(world, hook, "m-1", body=b"altered") == 403
    assert delivered(world, hook, "m-1") == 202
    until(lambda: world.answered() == ["done"], 30)
    assert delivered(world, hook, "m-1") == 202
    (run,) = world.runs()
    assert (run.run.cause.kind, run.run.cause.ref) == ("alert", "m-1")
    # The third deployment is of the tree that runs: refused as needless, and counted.
    said = [(one.verdict, one.clause) for one in run.steps if one.kind == "call"]
    # What to deploy is not what its owner said, so each deployment needed their yes.
    assert [clause for verdict, clause in said if verdict == "hold"] == ["tainted-target"] * 2
    assert said[-1] == ("refuse", "needless")
    staging = "refs/heads/staging"
    assert git(world.shop.bare, "rev-parse", staging) == world.shop.revisions[1]
    page = world.browser.get(f"/agents/{AGENT}/runs/{run.run.id}?replay=1").text
    assert "Every call would be judged as it was." in page
    # Somebody puts back what ran before, which nobody has to tell us.
    world.household.work_once()
    world.shop.push(f"{world.shop.revisions[0]}:{staging}")
    world.household.gate.keeping.clock = lambda: datetime.now(UTC) + timedelta(minutes=3)
    world.household.work_once()
    until(lambda: world.household.outbox.waiting == 0)
    Compactor(world.at.desk, world.at.log).once()
    days = world.rows("usage_day")
    assert {(day["trigger"], day["credential"], day["tool"]) for day in days} == {
        ("agent", "service", "counterfoil-agents")
    }
    assert sum(day["cost"] for day in days) == 250_000
    works = world.rows("work_fate")
    undone = {row["work"]: str(row["undone"])[:10] for row in works if row["kind"] == "agent-deployment"}
    first, second = (one.key for one in run.effects)
    assert undone.keys() == {first, second}
    assert undone[second] == str(datetime.now(UTC).date())
    (needless,) = [row["work"] for row in works if row["kind"] == "agent-needless"]
    assert needless.startswith(f"{run.run.id}:")
    shown = world.ask(Office.run, run.run.id)
    assert shown.fates[second] == "rolled_back"
