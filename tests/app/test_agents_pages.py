"""The pages of agents over the real socket: what an owner sees, answers and switches, and nobody else."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from markupsafe import escape
from starlette.testclient import TestClient

from agents.kept import GRANTS, SEND, foreign
from app.agents_place import Place, place
from app.standing import HOST, field
from counterfoil.agents.canary import GAVE_AWAY, TEXT
from counterfoil.agents.connectors.kinds import KINDS
from counterfoil.agents.gate import Cleared, Held
from counterfoil.agents.household import Household
from counterfoil.agents.process import opened
from counterfoil.app.door.limit import Limit
from counterfoil.app.door.session import COOKIE, Sessions
from counterfoil.app.server.agents.told import edited
from counterfoil.app.server.agents.written import definition_of
from counterfoil.app.server.pages_approvals import approval_at
from counterfoil.app.server.site import Limits, Site
from counterfoil.show.server.agent_words import usd
from counterfoil.show.server.agents import NewAgent
from counterfoil.store.agents.granted import Enrolled
from counterfoil.terms.effect import Call, EffectState, Hold
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import MicroUsd, Pseudonym
from counterfoil.terms.release import Permit
from deadline import until
from guard.acting.calls import SOME, TRIAGE

CEILING = """
[organisation]
models = ["scripted:*"]
regions = ["local"]
inside = ["mail:*@example.org"]
production = []
approvers = ["p00004"]
budget = { run_usd = 1, day_usd = 5, month_usd = 50 }

[organisation.connectors]
mail = ["read", "draft", "arrange", "send"]
"""
OWNER, OTHER, NOSY = 1, 4, 5
SECRET = "canary-password-of-ann"


class World:
    """A server with pages, and an agents' process at its socket."""

    def __init__(self, at: Place, site: Site, sessions: Sessions, household: Household) -> None:
        self.at, self.site, self.sessions, self.household = at, site, sessions, household
        self.gate = household.gate
        agent = Enrolled(id=TRIAGE, owner=at.who[OWNER], budget=SOME)
        assert isinstance(self.gate.enrolment.enrol(agent, GRANTS), Permit)

    def inside(self, person: int | None) -> TestClient:
        browser = TestClient(self.site, base_url=f"http://{HOST}", follow_redirects=False)
        who = None if person is None else self.at.who[person]
        browser.cookies.set(COOKIE, self.sessions.begin(who))
        return browser

    def call(self, number: int = 1, **more: Any) -> Call:
        return replace(foreign(number, **more), owner=self.at.who[OWNER])

    def held(self, number: int = 1, **more: Any) -> str:
        answer = self.gate.begin(self.call(number, **more))
        assert isinstance(answer, Held), answer
        return answer.approval.id

    def sent(self, browser: TestClient, path: str, at: str, **form: str) -> Any:
        page = browser.get(at)
        return browser.post(
            path, data={"csrf": field(page.text, "csrf"), **form}, headers={"Origin": f"http://{HOST}"}
        )


@contextmanager
def living(folder: Path, ceiling: str = CEILING) -> Iterator[World]:
    sessions = Sessions()
    plenty = Limits(Limit(burst=10_000, per_second=100), Limit(burst=10_000, per_second=100))
    made: list[Household] = []

    def household(hearing: Any, outbox: Any) -> Household:
        made.append(Household(folder / "agents", hearing, outbox, kinds=KINDS))
        return made[0]

    with (
        place(folder, ceiling=ceiling) as at,
        at.server() as talk,
        opened(folder / "agents", at.path, household) as process,
    ):
        until(lambda: process.hearing.live)
        site = Site(at.desk, sessions, hosts={HOST}, limits=plenty, agents=talk)
        made_world = World(at, site, sessions, made[0])
        process.link.wake()
        until(lambda: isinstance(made_world.gate.judge(made_world.call()), Hold))
        yield made_world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with living(tmp_path_factory.mktemp("pages")) as made:
        yield made


NUMBERS = count(100)


def test_an_owner_sees_their_agents_and_nobody_elses(world: World) -> None:
    assert TRIAGE in world.inside(OWNER).get("/agents").text
    for person in (NOSY, OTHER):
        browser = world.inside(person)
        assert TRIAGE not in browser.get("/agents").text
        for path in (f"/agents/{TRIAGE}", f"/agents/{TRIAGE}/memory", f"/agents/{TRIAGE}/runs/run-1"):
            assert browser.get(path).status_code == 404
        stopped = world.sent(browser, "/agents/stop", "/agents", what=f"agent:{TRIAGE}", why="")
        assert stopped.status_code in (403, 404)
    assert isinstance(world.gate.judge(world.call(next(NUMBERS))), Hold)


def test_the_operator_sees_counts_and_no_names(world: World) -> None:
    text = world.inside(None).get("/agents").text
    assert "Counts of the whole organisation" in text and TRIAGE not in text


def test_a_card_shows_what_will_be_sent_and_where_each_part_comes_from(world: World) -> None:
    approval = world.held(next(NUMBERS), text="<b>urgent</b> & \u202e pay")
    text = world.inside(OWNER).get(f"/approvals/{approval}").text
    assert "&lt;b&gt;urgent&lt;/b&gt;" in text and "<b>urgent" not in text
    assert "text that somebody else may have written" in text and "ann@example.org" in text
    assert world.inside(NOSY).get(f"/approvals/{approval}").status_code in (403, 404)


def test_a_yes_is_for_exactly_what_was_shown_and_good_once(world: World) -> None:
    number = next(NUMBERS)
    approval, browser = world.held(number), world.inside(OWNER)
    at = f"/approvals/{approval}"
    digest = field(browser.get(at).text, "digest")
    other = world.sent(browser, f"{at}/approve", at, digest="0" * 64)
    assert other.status_code == 403 and "another call" in other.text
    assert world.sent(browser, f"{at}/approve", at, digest=digest).headers["location"].endswith("approved")
    cleared = world.gate.begin(world.call(number))
    assert isinstance(cleared, Cleared)
    world.gate.finish(cleared, state=EffectState.DONE)
    assert not isinstance(world.gate.begin(world.call(number)), Cleared)


def test_a_no_needs_a_reason_and_is_told(world: World) -> None:
    number = next(NUMBERS)
    approval, browser = world.held(number), world.inside(OWNER)
    at = f"/approvals/{approval}"
    assert world.sent(browser, f"{at}/deny", at, reason=" ").status_code == 403
    assert world.sent(browser, f"{at}/deny", at, reason="not to Ann").status_code == 303
    said: Any = world.gate.begin(world.call(number))
    assert "not to Ann" in said.why


def test_other_words_are_the_owners_own_and_are_what_is_made(world: World) -> None:
    number = next(NUMBERS)
    approval, browser = world.held(number), world.inside(OWNER)
    at = f"/approvals/{approval}"
    same = world.sent(browser, f"{at}/edit", at, **{"argument.text": f"re {number}"})
    assert same.status_code == 422 and "Nothing was changed" in same.text
    done = world.sent(
        browser, f"{at}/edit", at, **{"argument.text": "see you\r\nAnna", "argument.to": "ann@example.org"}
    )
    assert done.status_code == 303
    cleared = world.gate.begin(world.call(number))
    assert isinstance(cleared, Cleared)
    assert [one.json for one in cleared.call.arguments] == ['"ann@example.org"', '"see you\\nAnna"']
    world.gate.finish(cleared, state=EffectState.DONE)


def test_a_planted_question_is_told_of_before_and_after_and_nothing_comes_of_it(tmp_path: Path) -> None:
    planted = CEILING.replace("production = []", "production = []\nplanted_one_in = 20")
    with living(tmp_path, planted) as world:
        browser = world.inside(OWNER)
        for number in range(20):
            approval = world.held(number)
            if number < 19:
                world.gate.approvals.deny(approval, world.at.who[OWNER], "no")
        assert browser.get("/approvals").text.count(f"{TRIAGE} wants") == 1
        world.household.planting.chance = 1.0
        until(lambda: browser.get("/approvals").text.count(f"{TRIAGE} wants") == 2)
        text = browser.get("/approvals").text
        assert "At most one question in 20 is one that no agent asked" in text and "32 days" in text
        (canary,) = set(re.findall(r"/approvals/([0-9a-f]+)", text)) - {approval}
        at = f"/approvals/{canary}"
        card = browser.get(at).text
        assert escape(TEXT) in card and "/approvals#planted" in card
        said = world.sent(browser, f"{at}/approve", at, digest=field(card, "digest"))
        told = browser.get(said.headers["location"]).text
        assert "That question was planted" in told and GAVE_AWAY["text"] in told
        # Nothing in an address tells what was said to one: of a real question it is the same.
        assert said.headers["location"] == "/approvals?done=approved"
        assert told.count(f"{TRIAGE} wants") == 1 and not world.household.planting.sweep()
        at = f"/approvals/{approval}"
        said = world.sent(browser, f"{at}/approve", at, digest=field(browser.get(at).text, "digest"))
        assert "You said yes to exactly that" in browser.get(said.headers["location"]).text
        with world.gate.keeping.database.read() as db:
            effects, rows = (
                db.exec_driver_sql(f"SELECT * FROM {table}").all() for table in ("effect", "approval")
            )
        assert not effects and canary not in str(rows)


def test_where_nobody_decided_on_planted_questions_the_page_says_nothing_of_any(world: World) -> None:
    approval, browser = world.held(next(NUMBERS)), world.inside(OWNER)
    for path in ("/approvals", f"/approvals/{approval}"):
        assert "planted" not in browser.get(path).text


def test_where_the_organisation_asks_somebody_else_the_owner_can_not_say_yes(world: World) -> None:
    approval = world.held(next(NUMBERS), to="eve@elsewhere.example")
    assert approval not in world.inside(OWNER).get("/approvals").text
    assert approval in world.inside(OTHER).get("/approvals").text
    text = world.inside(OTHER).get(f"/approvals/{approval}").text
    assert "a person who is not the agent" in text
    at = "/approvals"
    refused = world.sent(world.inside(OWNER), f"/approvals/{approval}/approve", "/agents", digest="x")
    assert refused.status_code in (403, 404)
    denied = world.sent(world.inside(OTHER), f"/approvals/{approval}/deny", "/agents", reason="no")
    assert denied.headers["location"].startswith(at)


def test_a_switch_stops_at_once_and_its_owner_turns_it_on_again(world: World) -> None:
    browser = world.inside(OWNER)
    world.sent(browser, "/agents/stop", "/agents", what=f"agent:{TRIAGE}", of=TRIAGE)
    said: Any = world.gate.begin(world.call(next(NUMBERS)))
    assert said.clause == "stopped"
    assert "Switched off" in browser.get(f"/agents/{TRIAGE}").text
    on = world.sent(browser, "/agents/resume", "/agents", what=f"agent:{TRIAGE}", of=TRIAGE)
    assert on.headers["location"].endswith("done=on")
    assert isinstance(world.gate.begin(world.call(next(NUMBERS))), Held)


def test_the_operator_stops_everything_and_an_owner_can_not_undo_it(world: World) -> None:
    operator, owner = world.inside(None), world.inside(OWNER)
    assert (
        world.sent(operator, "/agents/stop", "/agents", what="everything", why="an incident").status_code
        == 303
    )
    until(lambda: getattr(world.gate.judge(world.call(next(NUMBERS))), "clause", "") == "stopped")
    assert "an incident" in owner.get("/agents").text
    assert world.sent(owner, "/agents/resume", "/agents", what="everything").status_code == 403
    assert world.sent(operator, "/agents/resume", "/agents", what="everything").status_code == 303
    until(lambda: isinstance(world.gate.judge(world.call(next(NUMBERS))), Hold))


def test_a_grant_is_taken_back_and_a_tool_that_nobody_has_is_not_granted(world: World) -> None:
    browser, at = world.inside(OWNER), f"/agents/{TRIAGE}"
    assert SEND.id in browser.get(at).text
    assert world.sent(browser, f"{at}/grant", at, tool="mail/none", to="mail:x").status_code == 404
    assert world.sent(browser, f"{at}/grant", at, tool="mail/none", until="soon").status_code == 403
    assert world.sent(browser, f"{at}/revoke", at, tool="mail/read").status_code == 303
    assert "mail/read" not in browser.get(at).text


def test_what_nobody_knew_is_settled_by_whoever_looked(world: World) -> None:
    number = next(NUMBERS)
    run, at = world.call(number).run, f"/agents/{TRIAGE}"
    approval, browser = world.held(number), world.inside(OWNER)
    card = f"/approvals/{approval}"
    digest = field(browser.get(card).text, "digest")
    world.sent(browser, f"{card}/approve", card, digest=digest)
    cleared = world.gate.begin(world.call(number))
    assert isinstance(cleared, Cleared)
    world.gate.finish(cleared, state=EffectState.UNCONFIRMED)
    sent = world.sent(browser, f"{at}/runs/{run}/settle", at, key=f"{run}:{number}", happened="yes")
    assert sent.status_code == 303
    effect = world.gate.effect(f"{run}:{number}")
    assert effect is not None and effect.state is EffectState.DONE


def test_without_a_page_of_ours_nothing_is_done(world: World) -> None:
    approval, browser = world.held(next(NUMBERS)), world.inside(OWNER)
    at = f"/approvals/{approval}"
    digest = field(browser.get(at).text, "digest")
    form = {"csrf": "made-up", "digest": digest}
    ours = {"Origin": f"http://{HOST}"}
    assert browser.post(f"{at}/approve", data=form, headers=ours).status_code == 403
    form = {"csrf": field(browser.get(at).text, "csrf"), "digest": digest}
    elsewhere = {"Origin": "http://elsewhere.example"}
    assert browser.post(f"{at}/approve", data=form, headers=elsewhere).status_code == 403
    assert browser.get(f"{at}/approve").status_code == 405


def test_without_the_agents_process_the_page_says_so(tmp_path: Path) -> None:
    sessions = Sessions()
    with place(tmp_path, ceiling=CEILING) as at, at.server() as talk:
        site = Site(at.desk, sessions, hosts={HOST}, agents=talk)
        browser = TestClient(site, base_url=f"http://{HOST}", follow_redirects=False)
        browser.cookies.set(COOKIE, sessions.begin(Pseudonym(at.who[OWNER])))
        text = browser.get("/agents").text
        assert "No agent does anything just now" in text
        assert browser.get("/approvals").status_code == 503


def test_a_form_becomes_a_file_and_no_field_breaks_out_of_it() -> None:
    form = NewAgent(
        name="triage",
        purpose='Sort "mail"\nname = "other"',
        instructions="Line\r\nline \\ 😀 \x7f",
        model="scripted:x@local",
        grants='mail/move folder:In"x\n\nmail/list',
        schedule="0 6 * * 1-5",
        day_usd="2,5",
    )
    import tomllib

    told = tomllib.loads(definition_of(form))
    assert told["name"] == "triage" and told["purpose"] == form.purpose
    assert told["instructions"] == "Line\nline \\ 😀 \x7f"
    assert told["grants"] == [
        {"tool": "mail/move", "to": ['folder:In"x']},
        {"tool": "mail/list", "to": []},
    ]
    assert told["budget"] == {"day_usd": 2.5}
    for wrong in ({"name": "Not So"}, {"day_usd": "-1"}, {"day_usd": "nan"}, {"day_usd": "much"}):
        with pytest.raises(SourceError):
            definition_of(replace(form, **wrong))


def test_amounts_and_links_are_in_words() -> None:
    assert usd(MicroUsd(0)) == "0.00 US dollars"
    assert usd(MicroUsd(1_234), is_floor=True) == "at least 0.0012 US dollars"
    assert usd(MicroUsd(2_500_000)) == "2.50 US dollars"
    assert approval_at("https://x", "a b") == "https://x/approvals/a%20b"
    assert edited.__doc__


def test_an_account_is_connected_shown_to_nobody_again_and_let_go(world: World) -> None:
    browser = world.inside(OWNER)
    form = {
        "kind": "imap",
        "field.address": "ann@example.org",
        "field.password": SECRET,
        "field.imap_host": "127.0.0.1",
        "field.smtp_host": "127.0.0.1",
    }
    wrong = world.sent(browser, "/accounts", "/accounts", **{**form, "field.imap_port": "much"})
    assert wrong.status_code == 422 and "is no port" in wrong.text and SECRET not in wrong.text
    assert world.sent(browser, "/accounts", "/accounts", **form).status_code == 303
    text = browser.get("/accounts").text
    assert "<b>mail</b>" in text and SECRET not in text
    assert "<b>mail</b>" not in world.inside(NOSY).get("/accounts").text
    kept = b"".join(path.read_bytes() for path in world.at.folder.rglob("*") if path.is_file())
    assert SECRET.encode() not in kept
    gone = [
        world.sent(world.inside(person), "/accounts/disconnect", "/accounts", connector="mail").status_code
        for person in (NOSY, OWNER)
    ]
    assert gone == [404, 303]
    assert "<b>mail</b>" not in world.inside(OWNER).get("/accounts").text
