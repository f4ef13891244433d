"""What goes out goes out once: over a real server, and over one that fails in each way."""

import time
from email.parser import BytesParser
from typing import Any

import pytest

from agents.mail.conftest import imap_box
from agents.mail.outgoing import Outgoing
from agents.mail.servers import PASSWORD, Running
from agents.mail.service import Service
from agents.mail.world import OWNER, Hand, ImapWorld
from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.mail.box import SignedOut, Unsure
from counterfoil.agents.connectors.mail.imap import ImapBox
from counterfoil.agents.connectors.mail.session import Imap
from counterfoil.agents.connectors.mail.smtp import Smtp

SAID = {"to": ["bob@example.com"], "bcc": ["carl@example.net"], "subject": "Once", "body": "Only once"}


def lying(hand: Hand, folder: str) -> list[str]:
    known = {one["name"] for one in hand.do("folders").value["folders"]}
    return (
        [one["subject"] for one in hand.do("messages", folder=folder).value["messages"]]
        if folder in known
        else []
    )


def arrived(hand: Hand, subject: str) -> dict[str, Any]:
    for _ in range(100):
        if found := hand.inbox(subject):
            return dict(hand.do("read", id=found[0]["id"]).value)
        time.sleep(0.05)
    raise AssertionError("it never came")


def test_a_mail_over_postfix_reaches_everybody_and_shows_no_hidden_copy(
    real_dovecot: Running, real_postfix: int
) -> None:
    def of(user: str) -> Hand:
        box = imap_box(real_dovecot.imap, real_postfix, user, signs_in=True)
        return Hand(ImapWorld(box, real_dovecot.imap, user, PASSWORD, "Sent Messages"))

    ann, bob, carl = of("ann-s@example.org"), of("bob-s@example.org"), of("carl-s@example.org")
    said = {"subject": "Round trip ✓", "body": ".\nFrom the top\n..\n" + "x" * 2000}
    ann.do("send", to=["bob-s@example.org"], bcc=["carl-s@example.org"], **said)
    for hand in (bob, carl):
        got = arrived(hand, "Round trip")
        assert got["text"] == said["body"].strip("\n")
        assert (got["to"], got["automatic"]) == (["bob-s@example.org"], True)
        raw = hand.world.box.fetch(got["id"]).raw
        assert (
            b"carl-s"
            not in b"\n".join(
                line
                for line in raw.split(b"\n")
                if not line.lower().startswith((b"delivered-to", b"\tfor", b"received"))
            ).partition(b"Return-Path")[0]
        )
        assert BytesParser().parsebytes(raw)["Bcc"] is None
    (kept,) = ann.in_folder("Sent Messages", said["subject"])
    assert b"Bcc: carl-s@example.org" in ann.world.box.fetch(kept["id"]).raw


@pytest.mark.parametrize("mode", ["4xx", "5xx", "refuse-rcpt"])
def test_a_refusal_is_surely_nothing(on_dovecot: ImapWorld, failing: Outgoing, mode: str) -> None:
    hand, failing.mode = Hand(on_dovecot), mode
    said = SAID | {"cc": ["nobody@example.com"]}
    with pytest.raises(NotDone, match="nobody got it"):
        hand.do("send", "run:1", **said)
    assert failing.taken == []
    assert lying(hand, "Outbox") == lying(hand, "Sent Messages") == []
    failing.mode = ""
    hand.do("send", "run:1", **said)
    assert len(failing.taken) == 1


def test_no_server_is_surely_nothing(on_dovecot: ImapWorld, failing: Outgoing) -> None:
    on_dovecot.box = imap_box(on_dovecot.port, 1, on_dovecot.user)
    hand = Hand(on_dovecot)
    with pytest.raises(NotDone, match="could not be reached"):
        hand.do("send", **SAID)
    assert lying(hand, "Outbox") == []


@pytest.mark.parametrize("mode", ["drop-after", "drop-before"])
def test_a_break_after_the_words_is_for_a_person_and_never_sent_again(
    on_dovecot: ImapWorld, failing: Outgoing, mode: str
) -> None:
    """Nobody can tell from here whether it was taken, so it is said, kept in Outbox, and left alone."""
    hand, failing.mode = Hand(on_dovecot), mode
    with pytest.raises(Unsure, match="nobody said that it was taken"):
        hand.do("send", "run:1", **SAID)
    taken, failing.mode = len(failing.taken), ""
    assert hand.mail.read_back("send", SAID, "run:1") is None
    for _ in range(2):
        with pytest.raises(Unsure, match="earlier try"):
            hand.do("send", "run:1", **SAID)
    assert len(failing.taken) == taken
    assert lying(hand, "Outbox") == ["Once"]
    assert hand.mail.needless("send", SAID) == "duplicate"
    (waits,) = hand.in_folder("Outbox", "Once")
    with pytest.raises(NotDone, match="stay where they are"):
        hand.do("trash", id=waits["id"])


def test_the_envelope_has_everybody_and_the_words_nobody_hidden(
    on_dovecot: ImapWorld, failing: Outgoing
) -> None:
    Hand(on_dovecot).do("send", **SAID)
    (taken,) = failing.taken
    assert taken.rcpt_tos == ["bob@example.com", "carl@example.net"]
    assert taken.mail_from == on_dovecot.user
    assert isinstance(taken.content, bytes)
    assert b"carl" not in taken.content
    assert b"Auto-Submitted: auto-generated" in taken.content


@pytest.fixture
def signed_in(real_dovecot: Running, real_postfix: int, permission: Service) -> ImapWorld:
    """With a token, at Dovecot and at Postfix."""
    permission.refresh = "lasting-1"
    tokens = permission.tokens()
    imap = Imap(
        host="127.0.0.1", port=real_dovecot.imap, security="none", user=OWNER, tokens=tokens, timeout=20
    )
    smtp = Smtp(host="127.0.0.1", port=real_postfix, security="none", user=OWNER, tokens=tokens, timeout=20)
    box = ImapBox(address=OWNER, imap=imap, smtp=smtp)
    return ImapWorld(box, real_dovecot.imap, OWNER, PASSWORD, "Sent Messages", real_dovecot.lmtp)


def test_a_token_that_ran_out_is_renewed_and_one_that_was_revoked_says_so(
    signed_in: ImapWorld, permission: Service
) -> None:
    hand = Hand(signed_in)
    hand.do("send", to=[OWNER], subject="With a token", body="x")
    assert arrived(hand, "With a token")["automatic"]
    issued = permission.issued
    permission.expire()
    hand.do("send", to=[OWNER], subject="With the next token", body="x")
    assert permission.issued == issued + 1
    permission.revoke()
    revoked: dict[str, Any] = {"to": [OWNER], "subject": "Revoked", "body": "x"}
    for tool, asked in (("messages", {"folder": "INBOX"}), ("send", revoked)):
        with pytest.raises(SignedOut) as told:
            hand.do(tool, "run:5", **asked)
        assert told.value.code == "mail-signed-out"
        assert "Sign in" in told.value.hint
    permission.refresh = "lasting-1"
    hand.do("send", "run:5", **revoked)
    assert len(hand.in_folder("Sent Messages", "Revoked")) == 1


def test_a_wrong_password_is_the_same_state(on_dovecot: ImapWorld) -> None:
    box = on_dovecot.box
    assert isinstance(box, ImapBox)
    wrong = Imap(host="127.0.0.1", port=on_dovecot.port, security="none", user=on_dovecot.user, password="no")
    on_dovecot.box = ImapBox(
        address=on_dovecot.user, imap=wrong, smtp=Smtp(host="127.0.0.1", port=1, security="none")
    )
    with pytest.raises(SignedOut):
        Hand(on_dovecot).do("folders")
    assert "no" not in repr(wrong).split("password")


def test_a_mailbox_that_is_away_is_nothing_done(on_dovecot: ImapWorld) -> None:
    on_dovecot.box = imap_box(1, 1, on_dovecot.user)
    with pytest.raises(NotDone, match="can't be reached"):
        Hand(on_dovecot).do("folders")
