"""What only IMAP has: UIDVALIDITY, IDLE, folders of many thousands, flags of servers."""

import threading
import time

import pytest
from imapclient import IMAPClient  # type: ignore[import-untyped]

from agents.mail.world import Hand, ImapWorld, letter
from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.mail import imap_folder
from counterfoil.agents.connectors.mail.box import Query
from counterfoil.agents.connectors.mail.cursor import Cursor


def test_new_numbers_for_a_folder_neither_hide_nor_repeat_mail(on_dovecot: ImapWorld) -> None:
    hand = Hand(on_dovecot)
    with on_dovecot.client() as client:
        client.create_folder("Desk")
        client.append("Desk", letter("Seen by the trigger"))
    start = hand.mail.watch("Desk", "")
    with on_dovecot.client() as client:
        client.append("Desk", letter("Second"))
    first = hand.mail.watch("Desk", start.cursor)
    assert len(first.ids) == 1
    time.sleep(1.1)
    with on_dovecot.client() as client:
        client.rename_folder("Desk", "Old desk")
        client.create_folder("Desk")
        client.select_folder("Old desk")
        client.copy("1:*", "Desk")
        client.append("Desk", letter("After"))
        client.delete_folder("Old desk")
    found = hand.mail.watch("Desk", first.cursor)
    assert [hand.do("read", id=id).value["subject"] for id in found.ids] == ["After"]
    assert hand.mail.watch("Desk", found.cursor).ids == ()
    with pytest.raises(NotDone, match="no message"):
        hand.do("read", id=first.ids[0])


def test_waiting_ends_when_mail_comes(on_dovecot: ImapWorld) -> None:
    hand = Hand(on_dovecot)
    start = hand.mail.watch("INBOX", "")
    late = threading.Timer(0.3, lambda: on_dovecot.arrive(letter("While waiting")))
    late.start()
    began = time.monotonic()
    found = hand.mail.watch("INBOX", start.cursor, seconds=20)
    late.join()
    assert len(found.ids) == 1
    assert time.monotonic() - began < 15


def test_a_cursor_survives_being_kept() -> None:
    assert Cursor.read("") is None
    assert Cursor.read('["1", "x", "y"]') is None
    kept = Cursor.read('["1795677237", 7, "2026-11-26T07:00:00+00:00"]')
    assert kept is not None
    assert Cursor.read(kept.text()) == kept


def test_fifty_thousand_messages_are_a_page(on_dovecot: ImapWorld, real_dovecot_home: str) -> None:
    """The mail directory is written directly: delivering so many would take minutes."""
    import os
    import shutil
    from pathlib import Path

    with on_dovecot.client() as client:
        client.create_folder("Many")
    place = Path(real_dovecot_home) / "mail" / on_dovecot.user / ".Many"
    raw = letter("One of many")
    first = place / "cur" / "1.seed:2,"
    first.write_bytes(raw)
    for number in range(50_000):
        os.link(first, place / "cur" / f"{number + 2}.many:2,")
    if os.getuid() == 0:
        shutil.chown(first, "mail", "mail")
    hand = Hand(on_dovecot)
    hand.do("messages", folder="Many", limit=1)
    began = time.monotonic()
    said = hand.do("messages", folder="Many").value
    assert len(said["messages"]) == 50
    assert time.monotonic() - began < 10
    more = hand.do("messages", folder="Many", before=said["more"]).value
    assert {one["id"] for one in said["messages"]}.isdisjoint(one["id"] for one in more["messages"])


def test_a_large_mail_is_fetched_no_further_than_it_is_read(on_dovecot: ImapWorld) -> None:
    raw = letter("Huge", "first words\n" + ("y" * 70 + "\n") * 150_000)
    with on_dovecot.client() as client:
        client.append("INBOX", raw)
    hand = Hand(on_dovecot)
    said = hand.do("read", id=hand.the("Huge")).value
    assert said["size"] > 10_000_000
    assert said["text"].startswith("first words")
    assert said["left_out"] == [
        "everything after its first 2 MB",
        "everything after the first 20,000 letters",
    ]


def test_a_folder_with_any_name_is_reached(on_dovecot: ImapWorld) -> None:
    hand = Hand(on_dovecot)
    name = 'Kunden & "Grüße" 1.5 \\'
    with on_dovecot.client() as client:
        client.create_folder(name)
    on_dovecot.arrive(letter("For there"))
    moved = hand.do("move", id=hand.the("For there"), folder=name)
    assert hand.do("read", id=moved.value["id"]).value["folder"] == name


@pytest.mark.parametrize("lacks", ["MOVE", "MOVE UIDPLUS"])
def test_a_server_that_can_less_moves_all_the_same_or_says_no(
    on_dovecot: ImapWorld, monkeypatch: pytest.MonkeyPatch, lacks: str
) -> None:
    on_dovecot.arrive(letter("By copying"))
    hand = Hand(on_dovecot)
    has = IMAPClient.has_capability
    monkeypatch.setattr(
        IMAPClient, "has_capability", lambda self, name: name not in lacks and has(self, name)
    )
    if "UIDPLUS" in lacks:
        with pytest.raises(NotDone, match="can't move"):
            hand.do("move", id=hand.the("By copying"), folder="Invoices")
        return
    moved = hand.do("move", id=hand.the("By copying"), folder="Invoices")
    assert hand.do("read", id=moved.value["id"]).value["folder"] == "Invoices"
    assert hand.inbox("By copying") == []


def test_a_query_is_words_and_days() -> None:
    assert imap_folder.criteria(Query()) == ["ALL"]
    assert imap_folder.criteria(Query(unseen=True, text='a"b')) == ["TEXT", 'a"b', "UNSEEN"]
