"""Tokens and roles on the command line: printed once, listed without people, held by those who are named."""

import json
from pathlib import Path
from typing import Any

import pytest

from counterfoil.app.directory import opened
from counterfoil.app.run import run
from counterfoil.guard.person import erase
from counterfoil.guard.roles import holders
from counterfoil.guard.tokens import Scope, token_of
from counterfoil.terms.ask import Role


class Desk:
    def __init__(self, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data, self.capsys = data, capsys

    def run(self, *command: str, code: int = 0) -> str:
        assert run([*command, "--data", str(self.data)]) == code
        self.words = (captured := self.capsys.readouterr()).err
        return captured.out

    def json(self, *command: str, code: int = 0) -> Any:
        return json.loads(self.run(*command, "--json", code=code))


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path / "data", capsys)


def test_a_token_is_alone_on_stdout_and_holds_for_its_scope(desk: Desk) -> None:
    token = desk.run("token", "new", "ingest", "--name", "build server").strip()
    mine = desk.json("token", "new", "ingest", "--person", "ann@x.org")["token"]
    assert "nothing has named this person yet" in desk.words
    reads = desk.json("token", "new", "read", "--name", "grafana", "--role", "finance")["token"]
    with opened(desk.data) as g:
        machine, person, asks = (
            token_of(g, one, scope)
            for one, scope in ((token, Scope.INGEST), (mine, Scope.INGEST), (reads, Scope.READ))
        )
        assert machine is not None
        assert (machine.name, machine.who) == ("build server", "")
        assert person is not None
        assert [person.who] == g.keys.pseudonyms(["ann@x.org"])
        assert asks is not None
        assert asks.role == "finance"
    desk.run("token", "new", "ingest", "--person", "ann@x.org")
    assert "nothing has named" not in desk.words


def test_tokens_are_listed_without_whose_they_are_and_withdrawn_by_their_hash(desk: Desk) -> None:
    desk.run("token", "new", "scim", "--name", "entra")
    desk.run("token", "new", "ingest", "--person", "ann@x.org", "--name", "ann's laptop")
    assert "ann" not in (listed := desk.run("token", "list"))
    assert "entra" in listed
    assert "a person" in listed
    rows = desk.json("token", "list")
    assert {(row["scope"], row["of"], row["name"]) for row in rows} == {
        ("scim", "a program", "entra"),
        ("ingest", "a person", ""),
    }
    for row in rows:
        desk.run("token", "withdraw", row["hash"])
    assert "no token holds" in desk.run("token", "list")
    assert desk.json("token", "withdraw", rows[0]["hash"], code=4)["error"]["code"] == "no-token"


@pytest.mark.parametrize(
    "options",
    [
        ("scim", "--person", "ann"),
        ("scim",),
        ("ingest",),
        ("read", "--name", "x"),
        ("ingest", "--name", "x", "--role", "dpo"),
        ("everything", "--name", "x"),
    ],
)
def test_what_makes_no_token_is_told(desk: Desk, options: tuple[str, ...]) -> None:
    desk.run("token", "new", *options, code=2)
    assert not desk.data.exists()


def test_a_role_is_given_and_taken_by_any_name(desk: Desk) -> None:
    desk.run("role", "give", "council", "ann@x.org")
    with opened(desk.data) as g:
        assert holders(g, Role.COUNCIL) == set(g.keys.pseudonyms(["ann@x.org"]))
    assert desk.json("role", "take", "council", "nobody@x.org", code=4)["error"]["code"] == "unknown-identity"
    desk.run("role", "take", "council", "ann@x.org")
    with opened(desk.data) as g:
        assert holders(g, Role.COUNCIL) == frozenset()
        erase(g, g.keys.pseudonyms(["ann@x.org"])[0])
    assert desk.json("role", "give", "dpo", "ann@x.org", code=4)["error"]["code"] == "erased"
    desk.run("role", "give", "leader", "ann@x.org", code=2)
