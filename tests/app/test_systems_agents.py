"""The first three systems that Counterfoil answers, over real processes: what agents do, and do not do."""

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from app.agents_company import OPERATOR, OTHER, OWNER, Company, clauses, definition, living, now
from counterfoil.app.agents.console import Refused
from counterfoil.simulate.example.letters import COLLEAGUE, THIS_MORNING
from counterfoil.simulate.example.written import written
from deadline import until

NUMBERS = count(1)
NIGHTLY = 'memory = true\nconsolidate = "* * * * *"\n[[triggers]]\non = "schedule"\ncron = "* * * * *"\n'


def turn(tool: str, **arguments: Any) -> str:
    """One call of a script."""
    pairs = ", ".join(f"{name} = {value!r}" for name, value in arguments.items())
    return f'call = "{tool}"\narguments = {{ {pairs} }}'.replace("'", '"')


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with living(tmp_path_factory.mktemp("systems")) as found:
        notes = [
            turn("memory/list"),
            turn("memory/write", name="Joined", text="what holds"),
            'say = "Joined."',
        ]
        found.agent("nightly", notes, {}, NIGHTLY)
        found.ask("remember", agent="nightly", name="Monday", text="Priya wants numbers on Wednesday.")
        yield found


# MeshClaw


def test_an_employee_makes_an_agent_in_a_page_and_in_a_file(company: Company) -> None:
    form = {"purpose": "Looks.", "instructions": "Look.", "model": "scripted:by-page@local", "day_usd": "1"}
    with company.browser() as browser:
        made = company.sent(browser, "/agents/new", "/agents", name="by-page", grants="mail/messages", **form)
        assert "does nothing before you let it" in made.text
    company.ask("keep", definition=definition("by-file"))
    mine = {one["id"] for one in company.ask("agents")}
    assert {"by-page", "by-file"} <= mine
    company.script("by-page", [turn("mail/messages", folder="INBOX"), 'say = "Looked."'])
    assert company.run("by-page")["run"]["state"] == "done"


def test_it_sorts_a_real_mailbox_and_an_attack_comes_to_nothing(company: Company) -> None:
    """With the files that the invented company of `make up` has."""
    files = written(night="0 3 * * *", shop="", search="")
    company.mail.deliver(THIS_MORNING, now())
    (company.folder / "written" / "triage.script.toml").write_text(files["triage.script.toml"])
    company.ask("keep", definition=files["triage.toml"])
    told = company.run("triage")
    for approval in company.waits("triage", "mail/move"):
        company.approve(approval)
    until(lambda: company.waits("triage", "mail/send"), 30)
    told = company.ask("run", run=told["run"]["id"])
    assert ("mail/send", "refuse", "private-to-unnamed") in clauses(told)
    done = [(one["tool"], one["to"], one["state"]) for one in told["effects"]]
    assert done.count(("mail/move", ["folder:Invoices"], "done")) == 2
    assert ("mail/draft_reply", [f"mail:{COLLEAGUE}"], "done") in done
    assert "mail/send" not in [one["tool"] for one in told["effects"]]
    with pytest.raises(Refused):
        company.ask("card", OTHER, approval=company.waits("triage", "mail/send")[0])
    company.approve(company.waits("triage", "mail/send")[0])
    after = company.ended(told["run"]["id"])
    assert [one["to"] for one in after["effects"] if one["tool"] == "mail/send"] == [[f"mail:{COLLEAGUE}"]]


def test_it_posts_in_chat_what_its_owner_says_and_what_it_read_waits(company: Company) -> None:
    before = len(company.chat.messages.get("C0OPS", ()))
    posts = [turn("slack/post", channel="#ops", text="The shop is up."), 'say = "Posted."']
    company.agent("chatty", posts, {"slack/post": ["channel:#ops"], "mail/messages": []})
    told = company.run("chatty", 'Say "The shop is up." in #ops')
    assert clauses(told) == [("slack/post", "permit", "grant:chatty:slack/post")]
    assert [one["text"] for one in company.chat.messages["C0OPS"][before:]] == ["The shop is up."]
    company.script(
        "chatty", [turn("mail/messages", folder="INBOX"), turn("slack/post", channel="#ops", text="x")]
    )
    assert clauses(company.run("chatty"))[-1][1] == "hold"
    assert len(company.chat.messages["C0OPS"]) == before + 1


def test_it_deploys_watches_and_proposes_the_way_back(company: Company) -> None:
    newest, before = company.repositories.newest["search"], company.named("search", "main~1")
    at = {"repo": "search", "environment": "staging"}
    to = [f"{kind}:{name}" for kind, name in zip(("repo", "environment"), at.values(), strict=True)]
    deploys = [turn("git/deploy", **at, revision=newest), 'say = "It runs."']
    company.agent("ops", deploys, {"git/deploy": to, "git/rollback": to})
    logged = company.folder / "logged"
    hook = company.repositories.folder / "search.git" / "hooks" / "pre-receive"
    hook.write_text(f"#!/bin/sh\ncat {company.folder}/own/agents.sqlite* > {logged}\n")
    hook.chmod(0o755)
    told = company.run("ops", f"Let {newest} run on staging")
    assert told["run"]["state"] == "done" and company.named("search", "staging") == newest
    # Recorded before it happened: when the server was asked to move the ref, it was durable.
    (effect,) = told["effects"]
    assert effect["key"].encode() in logged.read_bytes()
    until(lambda: company.waits("ops", "git/rollback"), 30)
    assert company.named("search", "staging") == newest
    company.approve(company.waits("ops", "git/rollback")[0])
    until(lambda: company.named("search", "staging") == before, 30)


def test_it_runs_on_a_schedule_and_joins_its_notes_overnight(company: Company) -> None:
    def causes() -> set[str]:
        return {
            one["cause"]["kind"] for one in company.ask("runs", agent="nightly") if one["state"] == "done"
        }

    until(lambda: causes() == {"schedule"}, 100)
    until(lambda: "Joined" in {one["name"] for one in company.ask("memory", agent="nightly")}, 60)
    with company.browser() as browser:
        at = "/agents/nightly/memory"
        assert "Priya wants numbers" in browser.get(at).text
        company.sent(browser, at, at, name="Monday", text="On Thursday.", deed="keep")
        assert "On Thursday." in browser.get(at).text


# The fear around it


def test_a_new_agent_can_read_nothing_and_do_nothing(company: Company) -> None:
    company.agent("new", [turn("mail/messages", folder="INBOX"), turn("git/deploy", repo="shop")], {})
    told = company.run("new")
    assert not told["effects"] and not [
        one for one in told["steps"] if one["verdict"] == "permit" and one["number"]
    ]
    assert [one["tool"] for one in company.ask("agent", agent="new")["grants"]] == ["model/complete"]


def test_a_grant_beyond_the_ceiling_lets_nothing_through(company: Company) -> None:
    company.ask("connect", kind="web", entered={})
    company.agent(
        "wide",
        [turn("web/fetch", host="example.org"), 'say = "Fetched."'],
        {"web/fetch": ["host:example.org"]},
    )
    assert clauses(company.run("wide")) == [("web/fetch", "refuse", "ceiling:organisation")]


def test_production_is_for_somebody_else_to_say_yes_to(company: Company) -> None:
    newest = company.repositories.newest["shop"]
    to = ["repo:shop", "environment:production"]
    company.agent(
        "shipper",
        [turn("git/deploy", repo="shop", environment="production", revision=newest), 'say = "It runs."'],
        {"git/deploy": to},
    )
    told = company.run("shipper", f"Let {newest} run")
    (approval,) = company.waits("shipper", "git/deploy", OTHER)
    with pytest.raises(Refused):
        company.ask("approve", OWNER, approval=approval, digest="")
    assert company.named("shop", "production") != newest
    company.approve(approval, OTHER)
    assert company.ended(told["run"]["id"])["run"]["state"] == "done"
    assert company.named("shop", "production") == newest
    # Needless from now on: just that tree runs there.
    assert clauses(company.run("shipper", f"Let {newest} run")) == [("git/deploy", "refuse", "needless")]


def test_one_switch_stops_everything(company: Company) -> None:
    company.agent("slow", ['say = "Late."\nseconds = 600'], {})
    run = company.ask("begin", agent="slow", said="")["of"]
    until(lambda: company.ask("run", run=run)["run"]["state"] == "running", 30)
    company.ask("stop", OPERATOR, what="everything", why="an incident")
    until(lambda: company.ask("run", run=run)["run"]["state"] == "stopped", 10)
    with company.browser() as browser:
        assert "an incident" in browser.get("/agents").text
    company.ask("resume", OPERATOR, what="everything")


# Needless actions


def test_a_duplicate_and_an_empty_change_are_denied_and_every_effect_names_its_cause(
    company: Company,
) -> None:
    number = next(NUMBERS)
    letter = replace(THIS_MORNING[3], subject=f"Lift {number}")
    company.mail.deliver([letter], now())
    draft = turn("mail/draft", to=[COLLEAGUE], subject="Lift", body="It stands still on Friday.")
    mark = 'each = "1.messages"\n' + turn("mail/mark", id="${it.id}", flag="flagged").replace(
        " }", ", on = true }"
    )
    search = turn("mail/search", folder="INBOX", text=letter.subject)
    company.agent(
        "twice",
        [search, draft, mark, 'say = "So."'],
        {"mail/search": [], "mail/draft": ["mail:*"], "mail/mark": []},
    )
    told = company.run("twice")
    for approval in company.waits("twice", "mail/mark"):
        company.approve(approval)
    first = company.ended(told["run"]["id"])
    assert {one["tool"] for one in first["effects"]} == {"mail/draft", "mail/mark"}
    assert {one["cause"]["kind"] for one in first["effects"]} == {"request"}
    assert all(one["cause"]["ref"] for one in first["effects"])
    again = clauses(company.run("twice"))
    assert again[1:] == [("mail/draft", "refuse", "needless"), ("mail/mark", "refuse", "needless")]


def test_the_invented_company_grants_what_its_files_say(tmp_path: Path) -> None:
    for name, text in written(night="0 3 * * *", shop="a" * 40, search="b" * 40).items():
        assert tomllib.loads(text), name
        assert "@shop@" not in text and "@night@" not in text
