"""Whoever may answer is told once by mail, with a link and nothing of what is in a call."""

import json
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from itertools import count
from pathlib import Path

import pytest

from agents.mail.outgoing import Outgoing, outgoing
from app.test_agents_pages import OTHER, OWNER, World, living
from counterfoil.agents.gate import Held
from counterfoil.app.agents.console import Console, Refused
from counterfoil.app.door.limit import Limit
from counterfoil.app.server.notices.outgoing import FILE, NoticesTable, Unsent
from counterfoil.app.server.notices.outgoing import Outgoing as Way
from counterfoil.app.server.notices.telling import AN_HOUR, Telling
from counterfoil.terms.directory import Card, CardKind
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import CardId

ADDRESS = "https://counterfoil.example.org"
SECRET = "canary-password-of-the-mail-server"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with living(tmp_path_factory.mktemp("notices")) as made:
        for number, (person, says) in enumerate(
            (
                (OWNER, {"userName": "p1", "emails": [{"value": "ann@example.org", "primary": True}]}),
                (OTHER, {"userName": "olga@example.org"}),
            )
        ):
            said = json.dumps({"says": says, "in": [], "created": "", "changed": ""})
            card = Card(
                id=CardId(f"{number:032x}"),
                kind=CardKind.PERSON,
                who=made.at.who[person],
                names=(f"name{number}",),
                says=said,
            )
            made.at.g.keys.put_cards([card])
        yield made


@pytest.fixture
def sink() -> Iterator[Outgoing]:
    with outgoing() as server:
        yield server


@pytest.fixture
def telling(world: World, sink: Outgoing) -> Telling:
    told = NoticesTable(sender="no-reply@example.org", host="127.0.0.1", port=sink.port, security="none")
    return Telling(world.at.desk, world.at.talk, Way(told), ADDRESS)


NUMBERS = count(5_000)


def texts(sink: Outgoing) -> list[tuple[str, EmailMessage, str]]:
    found = []
    for envelope in sink.taken:
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        found.append((str(envelope.rcpt_tos[0]), message, str(message.get_content())))
    return found


def asked(world: World) -> Held:
    answer = world.gate.begin(world.call(next(NUMBERS)))
    assert isinstance(answer, Held)
    return answer


def test_a_held_call_is_one_message_with_a_link_and_none_of_its_arguments(
    world: World, telling: Telling, sink: Outgoing
) -> None:
    telling.once()
    sink.taken.clear()
    waits = asked(world)
    for _ in range(3):
        telling.once()
    (to, message, text) = texts(sink)[0]
    assert len(sink.taken) == 1
    needs = waits.approval.needs.value
    assert to == ("ann@example.org" if needs == "owner" else "olga@example.org")
    assert f"{ADDRESS}/approvals/{waits.approval.id}" in text
    assert "triage" in str(message["Subject"])
    parts = [part.text for argument in world.call().arguments for part in argument.parts]
    assert parts
    assert not [part for part in parts if part in f"{message['Subject']} {text}"]
    # Another server that begins anew tells nobody twice.
    again = Telling(world.at.desk, world.at.talk, telling.outgoing, ADDRESS)
    again.once()
    assert len(sink.taken) == 1


def test_more_than_some_an_hour_are_one_message(world: World, telling: Telling, sink: Outgoing) -> None:
    now = [0.0]
    telling.limit = Limit(burst=AN_HOUR, per_second=AN_HOUR / 3_600, now=lambda: now[0])
    for _ in range(AN_HOUR):
        asked(world)
        telling.once()
    first = len(sink.taken)
    assert first == AN_HOUR
    for _ in range(4):
        asked(world)
        telling.once()
    assert len(sink.taken) == first
    now[0] = 601
    telling.once()
    (_, message, text) = texts(sink)[-1]
    assert len(sink.taken) == first + 1
    assert str(message["Subject"]).startswith("4 calls")
    assert text.count("- triage:") == 4


def test_what_was_answered_meanwhile_and_what_nobody_took(
    world: World, telling: Telling, sink: Outgoing
) -> None:
    telling.once()
    sink.taken.clear()
    sink.mode = "4xx"
    waits = asked(world)
    with pytest.raises(Unsent) as failed:
        telling.once()
    assert "@" not in str(failed.value)
    sink.mode = ""
    telling.once()
    assert len(sink.taken) == 1
    sink.mode = "4xx"
    asked_again = asked(world)
    with pytest.raises(Unsent):
        telling.once()
    person = world.at.who[OWNER if waits.approval.needs.value == "owner" else OTHER]
    world.gate.approvals.deny(asked_again.approval.id, person, "No.")
    sink.mode = ""
    telling.once()
    assert len(sink.taken) == 1


def test_only_the_server_is_told_whose_calls_wait(world: World) -> None:
    with pytest.raises(Refused):
        Console(None, world.at.path, None).ask("to_tell")
    page = world.inside(OWNER).get("/approvals").text
    assert "no mail server" in page


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('sender = "a"\nhost = "h"\n', "no plain mail address"),
        ('sender = "a@b"\nhost = "h"\nuser = "u"\n', "one password"),
        (
            'sender = "a@b"\nhost = "h"\nuser = "u"\npassword_file = "p"\nsecurity = "none"\n',
            "for all to read",
        ),
        ('sender = "a@b"\nhost = "h"\naddress = "example.org"\n', "https://"),
        ('sender = "a@b"\nhost = "h"\npassword = "x"\n', "unknown field"),
        ('sender = "a@b"\nhost = "h"\nuser = "u"\npassword_file = "p"\n', "read by others"),
    ],
)
def test_what_is_wrong_with_the_settings_is_said(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / FILE).write_text(text)
    (tmp_path / "p").write_text(SECRET)
    (tmp_path / "p").chmod(0o644)
    with pytest.raises(SourceError, match=says):
        Way.of(tmp_path)
    (tmp_path / "p").chmod(0o600)


def test_a_password_shows_nowhere(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('sender = "a@b"\nhost = "h"\nuser = "u"\npassword_file = "p"\n')
    (tmp_path / "p").write_text(SECRET)
    (tmp_path / "p").chmod(0o600)
    way = Way.of(tmp_path)
    assert way is not None and way.password == SECRET
    assert SECRET not in repr(way)
    assert Way.of(tmp_path / "nothing") is None
