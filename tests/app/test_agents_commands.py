"""The commands of agents: a ceiling by two people, a card and a yes, refusals with their exit code."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest

from app.agents_place import Place, place
from counterfoil.agents.canary import GAVE_AWAY
from counterfoil.agents.household import Household
from counterfoil.agents.process import opened
from counterfoil.app.commands import cli
from counterfoil.app.directory import opened as data_opened
from counterfoil.app.run import run
from counterfoil.guard.acting.ceilings import example
from counterfoil.guard.roles import give
from counterfoil.ledger.keyholder import Keyholder
from counterfoil.ledger.keys import secret_text
from counterfoil.store.agents.granted import Enrolled
from counterfoil.terms.agent import Grant
from counterfoil.terms.ask import Role
from counterfoil.terms.effect import Call
from counterfoil.terms.release import Permit, Refuse
from counterfoil.terms.tool import EffectClass
from deadline import until
from guard.acting.calls import FOREIGN, SOME, TRIAGE, call, tool

SENDS = (
    example()
    .replace('"arrange"]', '"arrange", "send"]')
    .replace("approvers = []", 'approvers = ["p00001"]')
    .replace("planted_one_in = 0", "planted_one_in = 20")
)
ANN, EVE = "ann@example.org", "eve@elsewhere.example"
SEND = tool(EffectClass.SEND)
Saying = Callable[..., Any]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Saying:
    """What a command prints, as JSON where it is asked for."""

    def said(*words: str | Path, code: int = 0) -> Any:
        assert run([str(word) for word in words]) == code
        out = capsys.readouterr().out
        return json.loads(out) if "--json" in words else out

    return said


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Household]]:
    """A server with its agents' process, in which somebody has an agent that may send mail."""
    with place(tmp_path_factory.mktemp("c"), ceiling=SENDS) as found, found.server():
        lived: list[Household] = []

        def household(*parts: Any) -> Household:
            lived.append(Household(found.folder / "agents", *parts))
            return lived[0]

        assert isinstance(found.g.keys, Keyholder)
        for n in range(3):
            (found.folder / f"{n}.secret").write_text(secret_text(found.g.keys.secret_of(f"p{n:05d}")))
        with opened(found.folder / "agents", found.path, household) as process:
            agent = Enrolled(id=TRIAGE, owner=found.who[0], budget=SOME)
            to = (f"mail:{ANN}", f"mail:{EVE}")
            grants = [Grant(agent=TRIAGE, tool=SEND.id, digest=SEND.digest, to=to)]
            assert isinstance(lived[0].gate.enrolment.enrol(agent, grants), Permit)
            process.link.wake()
            until(lambda: process.hearing.owners.get(found.who[0]) and process.hearing.live)
            yield found, lived[0]


def asks(here: tuple[Place, Household], number: int, to: str = ANN) -> str:
    """Something that the agent asks of a person."""
    found, household = here
    made: Call = replace(
        call(SEND, to=to, text=f"hello {number}", text_label=FOREIGN, number=number), owner=found.who[0]
    )
    held = household.gate.begin(made)
    return str(held.approval.id)  # type: ignore[union-attr]


def test_a_card_is_shown_and_answered(here: tuple[Place, Household], say: Saying) -> None:
    folder = here[0].folder
    mine = ("--data", folder, "--secret", folder / "0.secret")
    first, second = asks(here, 1), asks(here, 2)
    told = say("agent", "list", *mine, "--json")
    assert [one["approval"] for one in told["waiting"]["as_owner"]] == [first, second]
    assert f"waits: {first}" in say("agent", "list", *mine)
    card = say("agent", "show", first, *mine)
    assert "text that somebody else may have written" in card
    assert f"mail:{ANN}" not in card and ANN in card
    done = say("agent", "approve", first, "--yes", *mine, "--json")
    assert done == {"of": first, "state": "approved", "planted": ""}
    assert say("agent", "deny", second, "--reason", "not now", *mine) == f"{second}: denied\n"
    assert "not-open" in say("agent", "approve", first, "--yes", *mine, code=3)
    assert "triage, version 0" in say("agent", "show", "triage", *mine)


def test_a_planted_question_is_told_of_before_and_after(
    here: tuple[Place, Household],
    say: Saying,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found, household = here
    mine = ("--data", str(found.folder), "--secret", str(found.folder / "0.secret"))
    for number in range(100, 120):
        real = asks(here, number)
        if number < 119:
            household.gate.approvals.deny(real, found.who[0], "no")
    monkeypatch.setattr(household.planting, "chance", 1.0)

    def waits() -> set[str]:
        return {one["approval"] for one in say("agent", "list", *mine, "--json")["waiting"]["as_owner"]}

    until(lambda: len(waits()) == 2)
    assert "At most one question in 20 is one that no agent asked" in say("agent", "list", *mine)
    (canary,) = waits() - {real}
    assert run(["agent", "approve", canary, "--yes", *mine]) == 0
    told = capsys.readouterr()
    assert told.out == f"{canary}: withdrawn\n"
    assert "At most one question in 20" in told.err and "planted: no agent wanted" in told.err
    assert GAVE_AWAY["text"] in told.err
    household.gate.approvals.deny(real, found.who[0], "no")


def test_only_the_other_one_answers_for_outsiders(here: tuple[Place, Household], say: Saying) -> None:
    folder = here[0].folder
    asked = asks(here, 3, EVE)
    for secret, code in ((0, 3), (2, 3), (1, 0)):
        who = ("--data", folder, "--secret", folder / f"{secret}.secret")
        say("agent", "approve", asked, "--yes", *who, code=code)


def test_counts_and_switches_are_the_operators(here: tuple[Place, Household], say: Saying) -> None:
    folder = here[0].folder
    told = say("agent", "list", "--socket", folder / "agents.sock", "--json")
    assert told["counts"]["agents"] == 1
    assert told["process"]["same_user"]
    assert "the same user" in say("agent", "list", "--data", folder)
    other = ("--data", folder, "--secret", folder / "2.secret")
    assert "not-yours" in say("agent", "stop", "--everything", *other, code=3)
    assert "no-such-agent" in say("agent", "stop", "triage", *other, code=3)
    mine = ("--data", folder, "--secret", folder / "0.secret")
    assert say("agent", "stop", "triage", "--why", "odd", *mine) == "agent:triage: off\n"
    assert "off: agent:triage  odd" in say("agent", "list", *mine)
    assert say("agent", "resume", "triage", *mine) == "agent:triage: on\n"
    assert "no-runs" in say("agent", "run", "triage", *mine, code=3)


def test_security_reads_events_that_name_nobody(here: tuple[Place, Household], say: Saying) -> None:
    refused = replace(call(SEND, to="x@elsewhere.example", number=77), owner=here[0].who[0])
    assert isinstance(here[1].gate.begin(refused), Refuse)
    data = here[0].folder
    lines = say("agent", "events", "--data", data).splitlines()
    told = [json.loads(line) for line in lines]
    assert "Denied" in {event["action"] for event in told}
    assert str(here[0].who[0]) not in "".join(lines)
    assert len({event["metadata"]["uid"] for event in told}) == len(told)
    say("agent", "events", "--data", data, "--secret", data / "0.secret", code=3)
    say("agent", "events", "--data", data, "--since", "soon", code=2)


@pytest.mark.parametrize(
    "words",
    [
        ("stop",),
        ("stop", "triage", "--everything"),
        ("list",),
        ("run",),
        ("run", "triage", "--agents", "x"),
        ("run", "triage", "--key", "x", "--data", "x"),
    ],
)
def test_what_makes_no_sense_is_usage(words: tuple[str, ...], say: Saying) -> None:
    say("agent", *words, code=2)


def test_without_a_server_it_is_said(tmp_path: Path, say: Saying) -> None:
    assert say("agent", "list", "--data", tmp_path, "--json", code=4)["error"]["code"] == "no-server-here"
    told = say("agent", "list", "--data", tmp_path, "--secret", tmp_path / "none", "--json", code=4)
    assert told["error"]["code"] == "no-secret"
    assert (
        say("agent", "stop", "x", "--data", tmp_path, "--json", code=4)["error"]["code"]
        == "no-data-directory"
    )


def test_a_definition_is_written_and_checked(tmp_path: Path, say: Saying) -> None:
    file = Path(say("agent", "new", "triage", "--dir", tmp_path / "agents", "--json")["file"])
    assert say("agent", "check", file) == "nothing is wrong\n"
    say("agent", "new", "triage", "--dir", tmp_path / "agents", code=4)
    say("agent", "new", "No Name", "--dir", tmp_path / "agents", code=4)
    file.write_text(file.read_text().replace("purpose", "porpoise"))
    assert "porpoise" in say("agent", "check", file, code=1)
    assert say("agent", "check", file, "--json", code=1)[0]["wrong"]


def test_a_ceiling_is_signed_by_two(tmp_path: Path, say: Saying) -> None:
    file, data, secret = tmp_path / "ceiling.toml", tmp_path / "data", tmp_path / "secret"
    say("agent", "ceiling", "new", file)
    say("agent", "ceiling", "new", file, code=4)
    assert "mail: read, draft, arrange" in say("agent", "ceiling", "check", file)
    with data_opened(data, make=True) as g:
        (who,) = g.keys.pseudonyms(["dpo"])
        give(g, Role.DPO, who)
        assert isinstance(g.keys, Keyholder)
        secret.write_text(secret_text(g.keys.secret_of("dpo")))
    assert say("agent", "ceiling", "show", "--data", data) == "version 0\nnone: agents do nothing\n"
    assert "waits for the yes of data protection" in say(
        "agent", "ceiling", "sign", file, "--data", data, code=1
    )
    as_dpo = ("--data", data, "--secret", secret, "--as", "dpo", "--json")
    told = say("agent", "ceiling", "sign", file, *as_dpo)
    assert (told["signed"]["state"], told["signed"]["version"]) == ("in-force", 1)
    assert told["key"] == say("agent", "ceiling", "key", "--data", data, "--json")["key"]
    assert say("agent", "ceiling", "show", "--data", data, "--json")["version"] == 1
    assert "agents-ceiling" in say(
        "agent", "ceiling", "sign", file, "--data", data, "--secret", secret, code=3
    )
    file.write_text(file.read_text().replace('"draft"', '"execute"'))
    assert "no agent may execute" in say("agent", "ceiling", "check", file, code=1)
    assert say("agent", "ceiling", "check", tmp_path / "none", "--json", code=4)["error"]["hint"]
    say("agent", "ceiling", "key", "--data", tmp_path / "none", code=4)


def test_every_command_has_json() -> None:
    group = cli.commands["agent"]
    assert isinstance(group, click.Group)
    todo = list(group.commands.values())
    while todo:
        command = todo.pop()
        if isinstance(command, click.Group):
            todo += command.commands.values()
        else:
            assert any("--json" in one.opts for one in command.params), command.name


def test_systems_are_held_against_what_agents_did(here: tuple[Place, Household], say: Saying) -> None:
    found, _ = here
    mine = ("--data", found.folder, "--secret", found.folder / "0.secret")
    assert say("agent", "reconcile", *mine) == "All of it fits.\n"
    assert say("agent", "reconcile", *mine, "--json") == []


def test_whoever_asks_the_server_opens_no_lake_and_waits_for_no_library_of_one() -> None:
    names = ("looking", "deciding", "connecting", "keeping", "reconciling", "streaming", "writing")
    modules = ", ".join(f"counterfoil.app.agents.{name}" for name in names)
    code = f"import sys, {modules}; print(*sys.modules)"
    listed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"duckdb", "numpy", "sqlalchemy", "pydantic_ai", "fastapi"} & set(listed.stdout.split())
