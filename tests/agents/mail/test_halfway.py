"""What a mailbox did by half is never said to be undone: a real server, with somebody on the line."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from imapclient import IMAPClient  # type: ignore[import-untyped]

from agents.mail.between import Between, between
from agents.mail.conftest import imap_box
from agents.mail.outgoing import Outgoing
from agents.mail.service import Answered, Asked, Failed
from agents.mail.world import GmailWorld, GraphWorld, Hand, ImapWorld, letter
from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.mail.box import Unsure
from counterfoil.terms.error import ToolError

SAID = {"to": ["bob@example.com"], "subject": "Once", "body": "Only once"}
PLACED = re.compile(rb"\[(COPYUID|APPENDUID) [^]]*\] ?")
SELECT = re.compile(rb" (LIST|SELECT|EXAMINE) ")


@pytest.fixture
def line(on_dovecot: ImapWorld, failing: Outgoing) -> Iterator[Between]:
    """The line to Dovecot, on which the agent talks and its owner does not."""
    with between(on_dovecot.port) as made:
        on_dovecot.box = imap_box(made.port, failing.port, on_dovecot.user)
        yield made


def lying(world: ImapWorld, folder: str) -> int:
    """How many messages its owner finds in a folder."""
    with world.client() as client:
        if not client.folder_exists(folder):
            return 0
        client.select_folder(folder, readonly=True)
        return len(client.search("ALL"))


def breaks(line: Between, how: str, after: bytes, what: re.Pattern[bytes]) -> None:
    line.after = re.compile(after)
    setattr(line, how, what)


@pytest.mark.parametrize("how", ["refuses", "cuts"])
@pytest.mark.parametrize("what", [rb"STORE", rb"EXPUNGE"])
def test_a_message_that_was_copied_and_not_taken_away_is_not_said_to_be_where_it_was(
    on_dovecot: ImapWorld, line: Between, monkeypatch: pytest.MonkeyPatch, how: str, what: bytes
) -> None:
    on_dovecot.arrive(letter("By halves"))
    has = IMAPClient.has_capability
    monkeypatch.setattr(IMAPClient, "has_capability", lambda self, name: name != "MOVE" and has(self, name))
    hand = Hand(on_dovecot)
    asked = {"id": hand.the("By halves"), "folder": "Invoices"}
    breaks(line, how, rb"UID COPY", re.compile(what))
    with pytest.raises(ToolError) as told:
        hand.do("move", **asked)
    assert not isinstance(told.value, NotDone) and len(line.broke) == 1
    assert lying(on_dovecot, "Invoices") == lying(on_dovecot, "INBOX") == 1
    assert hand.mail.read_back("move", asked, "run:1") is None


@pytest.mark.parametrize("how", ["refuses", "cuts"])
@pytest.mark.parametrize("tool", ["move", "draft"])
def test_what_was_put_and_can_not_be_looked_at_is_not_said_to_be_undone(
    on_dovecot: ImapWorld, line: Between, tool: str, how: str
) -> None:
    on_dovecot.arrive(letter("Put"))
    hand = Hand(on_dovecot)
    asked = {"id": hand.the("Put"), "folder": "Invoices"} if tool == "move" else SAID
    line.hides = PLACED
    breaks(line, how, rb"UID MOVE|APPEND", SELECT)
    with pytest.raises(ToolError) as told:
        hand.do(tool, "run:1", **asked)
    assert not isinstance(told.value, NotDone) and len(line.broke) == 1
    assert lying(on_dovecot, "Invoices" if tool == "move" else "Drafts") == 1
    line.after = re.compile(rb"(?!)")
    assert (hand.mail.read_back(tool, asked, "run:1") is not None) is (tool == "draft")


@pytest.mark.parametrize(
    ("tool", "what"), [("move", rb"UID MOVE"), ("mark", rb"STORE"), ("draft", rb"APPEND")]
)
def test_what_a_mailbox_refused_at_once_is_surely_nothing(
    on_dovecot: ImapWorld, line: Between, tool: str, what: bytes
) -> None:
    on_dovecot.arrive(letter("Stays"))
    hand = Hand(on_dovecot)
    id = hand.the("Stays")
    asked: dict[str, dict[str, Any]] = {
        "move": {"id": id, "folder": "Invoices"},
        "mark": {"id": id, "flag": "seen", "on": True},
        "draft": SAID,
    }
    line.refuses = re.compile(what)
    with pytest.raises(NotDone, match="nothing was changed"):
        hand.do(tool, **asked[tool])
    assert (lying(on_dovecot, "INBOX"), lying(on_dovecot, "Invoices"), lying(on_dovecot, "Drafts")) == (
        1,
        0,
        0,
    )
    assert "seen" not in hand.do("read", id=id).value["flags"]


@pytest.mark.parametrize("how", ["refuses", "cuts"])
def test_what_was_sent_stays_sent_where_its_copy_can_not_be_put_by(
    on_dovecot: ImapWorld, line: Between, failing: Outgoing, how: str
) -> None:
    hand = Hand(on_dovecot)
    breaks(line, how, rb"LOGIN", re.compile(rb"UID MOVE"))
    first = hand.do("send", "run:1", **SAID)
    assert len(failing.taken) == len(line.broke) == 1
    assert (lying(on_dovecot, "Outbox"), lying(on_dovecot, "Sent Messages")) == (1, 0)
    # Not under the same key either, nor as what would be new.
    with pytest.raises(Unsure, match="earlier try"):
        hand.do("send", "run:1", **SAID)
    assert hand.mail.needless("send", SAID) == "duplicate" and len(failing.taken) == 1
    assert hand.became("send", first).why == "no copy of it lies in Sent"


@pytest.mark.parametrize("how", ["refuses", "cuts"])
def test_what_could_not_be_kept_first_is_not_sent(
    on_dovecot: ImapWorld, line: Between, failing: Outgoing, how: str
) -> None:
    hand = Hand(on_dovecot)
    line.hides = PLACED
    breaks(line, how, rb"APPEND", SELECT)
    with pytest.raises(NotDone, match="nobody got it") as told:
        hand.do("send", **SAID)
    assert "Outbox" in told.value.hint and failing.taken == []


def test_a_refusal_stays_one_where_the_copy_can_not_be_taken_back(
    on_dovecot: ImapWorld, line: Between, failing: Outgoing
) -> None:
    hand, failing.mode = Hand(on_dovecot), "5xx"
    line.cuts = re.compile(rb"STORE")
    with pytest.raises(NotDone, match="nobody got it"):
        hand.do("send", **SAID)
    assert failing.taken == [] and len(line.broke) == 1


def answering(world: GmailWorld | GraphWorld, **faults: int) -> None:
    """Each request whose path ends so is answered with that status, and nothing is done."""
    real = world.service.answer

    def answer(asked: Asked) -> Answered:
        for end, status in faults.items():
            if asked.path.endswith(f"/{end}"):
                raise Failed(status)
        return real(asked)

    world.service.answer = answer  # type: ignore[method-assign]


@pytest.mark.parametrize("status", [400, 404, 503])
def test_what_is_out_of_the_trash_is_not_said_to_be_in_it(on_gmail: GmailWorld, status: int) -> None:
    on_gmail.arrive(letter("Thrown"))
    hand = Hand(on_gmail)
    id = hand.do("trash", id=hand.the("Thrown")).value["id"]
    answering(on_gmail, modify=status)
    with pytest.raises(ToolError) as told:
        hand.do("move", id=id, folder="Invoices")
    assert not isinstance(told.value, NotDone)
    assert "TRASH" not in on_gmail.service.mails[id].labels


def test_what_never_left_the_trash_is_surely_nothing(on_gmail: GmailWorld) -> None:
    on_gmail.arrive(letter("Thrown"))
    hand = Hand(on_gmail)
    id = hand.do("trash", id=hand.the("Thrown")).value["id"]
    answering(on_gmail, untrash=400)
    with pytest.raises(NotDone):
        hand.do("move", id=id, folder="Invoices")
    assert "TRASH" in on_gmail.service.mails[id].labels


@pytest.mark.parametrize("mailbox", ["on_gmail", "on_graph"])
def test_a_service_that_did_not_wait_for_the_whole_request_says_nothing_of_it(
    request: pytest.FixtureRequest, mailbox: str
) -> None:
    """Source: RFC 9110 section 15.5.9; what stands behind the one who says so may have it."""
    world: GmailWorld | GraphWorld = request.getfixturevalue(mailbox)
    hand = Hand(world)
    answering(world, send=408)
    with pytest.raises(Unsure):
        hand.do("send", **SAID)


def test_a_refused_mail_stays_refused_where_its_draft_can_not_be_thrown_away(on_graph: GraphWorld) -> None:
    hand = Hand(on_graph)
    answering(on_graph, send=400, move=503)
    with pytest.raises(NotDone):
        hand.do("send", **SAID)
    assert on_graph.service.sends == 0
