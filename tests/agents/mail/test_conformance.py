"""What holds for every mailbox, whichever way it is reached."""

from datetime import UTC, datetime
from typing import Any

import pytest

from agents.mail.world import Hand, World, effect, letter
from counterfoil.agents.connectors.connector import NotDone
from counterfoil.terms.effect import EffectFate


def sent(hand: Hand, subject: str) -> list[dict[str, Any]]:
    return hand.in_folder(hand.world.sent, subject)


def test_folders_are_named_and_counted(hand: Hand, world: World) -> None:
    world.arrive(letter("One"))
    folders = {one["name"]: one for one in hand.do("folders").value["folders"]}
    assert folders[world.inbox] == {"name": world.inbox, "kind": "inbox", "messages": 1, "unseen": 1}
    assert folders[world.sent]["kind"] == "sent"
    assert folders[world.drafts]["kind"] == "drafts"
    assert world.invoices in folders


def test_messages_come_newest_first_page_by_page(hand: Hand, world: World) -> None:
    for number in range(5):
        world.arrive(letter(f"Number {number}"))
    seen, before = [], ""
    for _ in range(3):
        said = hand.do(
            "messages", folder=world.inbox, limit=2, **({"before": before} if before else {})
        ).value
        seen += [one["subject"] for one in said["messages"]]
        before = said["more"]
    assert seen == [f"Number {number}" for number in reversed(range(5))]
    assert before == ""


def test_reading_leaves_no_trace(hand: Hand, world: World) -> None:
    world.arrive(
        letter("Quiet", "Grüße, nothing more", Reply_To="desk@example.com", List_Id="<l.example.com>")
    )
    said = hand.do("read", id=hand.the("Quiet")).value
    assert said["text"] == "Grüße, nothing more"
    assert (said["from"], said["from_address"]) == ("Bob <bob@example.com>", "bob@example.com")
    assert (said["reply_to"], said["list"]) == (["desk@example.com"], {"list-id": "<l.example.com>"})
    assert hand.inbox("Quiet")[0]["flags"] == []
    assert said["flags"] == []


def test_search_finds_by_words_sender_and_day(hand: Hand, world: World) -> None:
    world.arrive(letter("Offer", "a blue bicycle"))
    world.arrive(letter("Bill", "a red bicycle", sender="carl@example.net"))

    def found(**asked: Any) -> list[str]:
        return sorted(
            one["subject"] for one in hand.do("search", folder=world.inbox, **asked).value["messages"]
        )

    assert found(text="bicycle") == ["Bill", "Offer"]
    assert found(text="blue bicycle") == ["Offer"]
    assert found(sender="carl@example.net") == ["Bill"]
    assert found(since="2020-01-01", unseen=True) == ["Bill", "Offer"]
    assert found(until="2020-01-01") == []
    assert found(text='" OR in:anywhere "') == []
    with pytest.raises(NotDone, match="not a day"):
        found(since="yesterday")


def test_a_draft_is_laid_once_and_reads_back(hand: Hand, world: World) -> None:
    asked = {
        "to": ["bob@example.com"],
        "bcc": ["carl@example.net"],
        "subject": "Tuesday",
        "body": "At ten?\n",
    }
    first = hand.do("draft", "run:7", **asked)
    again = hand.do("draft", "run:7", **asked)
    assert first == again == hand.mail.read_back("draft", asked, "run:7")
    assert hand.mail.read_back("draft", asked, "run:8") is None
    (lies,) = hand.in_folder(world.drafts, "Tuesday")
    assert lies["id"] == first.value["id"]
    assert hand.mail.needless("draft", asked) == "duplicate"
    assert hand.mail.needless("draft", asked | {"body": "At nine?"}) == ""
    assert hand.mail.needless("draft", asked | {"body": " \n"}) == "empty-change"


def test_a_draft_is_changed_only_while_it_is_as_it_was(hand: Hand, world: World) -> None:
    first = hand.do("draft", to=["bob@example.com"], subject="Plan", body="one").value
    changed = {"to": ["bob@example.com"], "subject": "Plan", "body": "two"}
    with pytest.raises(NotDone, match="does not say that any more"):
        hand.do("update_draft", id=first["id"], digest="0" * 32, **changed)
    second = hand.do("update_draft", **first, **changed).value
    (lies,) = hand.in_folder(world.drafts, "Plan")
    assert lies["id"] == second["id"]
    assert hand.do("read", id=second["id"]).value["text"] == "two"
    assert hand.mail.needless("update_draft", second | changed) == "empty-change"


def test_a_mail_goes_out_once_and_lies_in_sent(hand: Hand, world: World) -> None:
    asked = {
        "to": ["bob@example.com"],
        "cc": ["carl@example.net"],
        "subject": "Grüße",
        "body": "Done.\n.\nYours",
    }
    assert hand.mail.needless("send", asked) == ""
    first = hand.do("send", "run:1", **asked)
    assert hand.do("send", "run:1", **asked).value == first.value
    (kept,) = sent(hand, "Grüße")
    assert hand.do("read", id=kept["id"]).value["text"] == "Done.\n.\nYours"
    back = hand.mail.read_back("send", asked, "run:1")
    assert back is not None
    assert back.value == first.value
    assert hand.mail.read_back("send", asked, "run:2") is None
    assert hand.mail.needless("send", asked) == "duplicate"
    assert hand.mail.needless("send", asked | {"to": ["dora@example.com"]}) == ""


def test_a_draft_is_sent_with_exactly_the_words_of_the_call(hand: Hand, world: World) -> None:
    said = {"to": ["bob@example.com"], "subject": "Draft to send", "body": "As it is"}
    draft = hand.do("draft", **said)
    with pytest.raises(NotDone, match="does not say that any more"):
        hand.do("send", draft=draft.value["id"], **said | {"body": "Something else"})
    with pytest.raises(NotDone, match="does not say that any more"):
        hand.do("send", draft=draft.value["id"], **said | {"to": ["eve@example.com"]})
    answer = hand.do("send", "run:9", draft=draft.value["id"], **said)
    assert hand.do("send", "run:9", draft=draft.value["id"], **said).value == answer.value
    assert len(sent(hand, "Draft to send")) == 1
    assert hand.in_folder(world.drafts, "Draft to send") == []
    assert hand.fate("draft", draft) is EffectFate.SENT
    assert hand.fate("send", answer) is EffectFate.TOO_YOUNG


def test_a_reply_goes_to_nobody_who_was_not_there(hand: Hand, world: World) -> None:
    world.arrive(letter("Question", mid="<q@elsewhere.example>"))
    id = hand.the("Question")
    said = {"subject": "Re: Question", "body": "Yes"}
    with pytest.raises(NotDone, match="was not in that mail"):
        hand.do("reply", id=id, to=["bob@example.com"], bcc=["eve@example.net"], **said)
    hand.do("reply", id=id, to=["bob@example.com"], **said)
    hand.do("draft_reply", id=id, to=["bob@example.com"], **said)
    (kept,) = sent(hand, "Re: Question")
    raw = world.box.fetch(kept["id"]).raw
    assert b"In-Reply-To: <q@elsewhere.example>" in raw
    assert b"References: <q@elsewhere.example>" in raw
    with pytest.raises(NotDone, match="nothing"):
        hand.do("reply", id=id, to=["bob@example.com"], subject="Re", body=" ")


def test_a_machine_is_not_answered(hand: Hand, world: World) -> None:
    world.arrive(letter("Away", Auto_Submitted="auto-replied"))
    with pytest.raises(NotDone, match="is not answered"):
        hand.do("reply", id=hand.the("Away"), to=["bob@example.com"], subject="Re: Away", body="Thanks")


def test_a_message_is_moved_marked_archived_trashed_and_back(hand: Hand, world: World) -> None:
    world.arrive(letter("Invoice 7"))
    id = hand.the("Invoice 7")
    assert hand.mail.needless("move", {"id": id, "folder": world.inbox}) == "empty-change"
    assert hand.mail.needless("mark", {"id": id, "flag": "flagged", "on": False}) == "empty-change"
    marked = hand.do("mark", id=id, flag="flagged", on=True)
    assert hand.mail.needless("mark", {"id": id, "flag": "flagged", "on": True}) == "empty-change"
    assert hand.mail.read_back("mark", {"id": id, "flag": "flagged", "on": True}, "k") is not None
    assert hand.fate("mark", marked) is EffectFate.STANDING
    hand.do("mark", id=id, flag="seen", on=True)
    moved = hand.do("move", id=id, folder=world.invoices)
    (there,) = hand.in_folder(world.invoices, "Invoice 7")
    assert there["id"] == moved.value["id"]
    assert there["flags"] == ["flagged", "seen"]
    assert hand.fate("mark", marked) is EffectFate.STANDING
    assert hand.fate("move", moved) is EffectFate.TOO_YOUNG
    assert hand.fate("move", moved, days=2) is EffectFate.STANDING
    trashed = hand.do("trash", id=moved.value["id"])
    assert hand.fate("move", moved, days=2) is EffectFate.DISCARDED
    assert hand.fate("trash", trashed, days=2) is EffectFate.STANDING
    back = hand.do("move", id=trashed.value["id"], folder=world.inbox)
    assert hand.fate("trash", trashed) is EffectFate.MOVED_BACK
    archived = hand.do("archive", id=back.value["id"])
    assert hand.inbox("Invoice 7") == []
    assert hand.fate("archive", archived, days=2) is EffectFate.STANDING
    assert hand.mail.needless("archive", {"id": archived.value["id"]}) == "empty-change"


def test_what_a_person_takes_back_is_seen(hand: Hand, world: World) -> None:
    world.arrive(letter("Not an invoice"))
    moved = hand.do("move", id=hand.the("Not an invoice"), folder=world.invoices)
    world.person_moves(moved.value["id"], world.inbox)
    assert hand.fate("move", moved, days=2) is EffectFate.MOVED_BACK


@pytest.mark.parametrize("tool", ["move", "archive", "trash", "mark"])
def test_what_was_arranged_can_be_taken_back(on_graph: Any, tool: str) -> None:
    hand, now = Hand(on_graph), datetime.now(UTC)
    on_graph.arrive(letter("Undo me"))
    ways: dict[str, dict[str, Any]] = {"move": {"folder": "Invoices"}, "mark": {"flag": "seen", "on": True}}
    more = ways.get(tool, {})
    answer = hand.do(tool, id=hand.the("Undo me"), **more)
    back = hand.mail.undo(effect(tool, answer.ref, now))
    assert back is not None
    hand.do(back[0], **back[1])
    (one,) = hand.inbox("Undo me")
    assert one["flags"] == []
    assert hand.fate(tool, answer) is EffectFate.MOVED_BACK
    assert hand.mail.undo(effect("send", "{}", now)) is None


def test_no_agent_wipes_out_its_traces(hand: Hand, world: World) -> None:
    hand.do("send", to=["bob@example.com"], subject="Trace", body="x")
    world.person_sends(letter("By hand", sender=world.box.address))
    for subject in ("Trace", "By hand"):
        (kept,) = sent(hand, subject)
        for tool, more in (("trash", {}), ("archive", {}), ("move", {"folder": world.inbox})):
            with pytest.raises(NotDone, match="stay where they are"):
                hand.do(tool, id=kept["id"], **more)
    world.arrive(letter("Forged"))
    with pytest.raises(NotDone, match="not an agent's to fill"):
        hand.do("move", id=hand.the("Forged"), folder=world.sent)


def test_what_became_of_drafts_is_read_from_the_mailbox(hand: Hand, world: World) -> None:
    def laid(subject: str) -> Any:
        return hand.do("draft", to=["bob@example.com"], subject=subject, body="Dear Bob,\nas agreed.")

    same, other, left, gone = (laid(name) for name in ("Same", "Other", "Left", "Gone"))
    ours = world.box.address
    world.person_sends(letter("Same", "Dear Bob,\nas  agreed.\n", sender=ours, to="Bob <bob@example.com>"))
    world.person_sends(letter("Other", "Dear Bob,\nnot as agreed.", sender=ours, to="bob@example.com"))
    assert hand.fate("draft", same) is EffectFate.SENT
    assert hand.fate("draft", other) is EffectFate.EDITED
    assert hand.fate("draft", left) is EffectFate.TOO_YOUNG
    assert hand.fate("draft", left, days=30) is EffectFate.STANDING
    world.person_empties_drafts()
    assert hand.fate("draft", gone) is EffectFate.DISCARDED
    assert hand.fate("draft", same) is EffectFate.SENT


def test_a_draft_in_a_thread_is_known_by_what_it_answers(hand: Hand, world: World) -> None:
    world.arrive(letter("Price", mid="<price@elsewhere.example>"))
    draft = hand.do(
        "draft_reply", id=hand.the("Price"), to=["bob@example.com"], subject="Re: Price", body="Ten."
    )
    world.person_empties_drafts()
    world.person_sends(
        letter(
            "Re: Price, twelve",
            "Twelve.",
            sender=world.box.address,
            to="bob@example.com, carl@example.net",
            In_Reply_To="<price@elsewhere.example>",
        )
    )
    assert hand.fate("draft_reply", draft) is EffectFate.EDITED


def test_an_answer_and_a_bounce_are_seen(hand: Hand, world: World) -> None:
    answered = hand.do("send", to=["bob@example.com"], subject="Asked", body="Well?")
    lost = hand.do("send", to=["nobody-there@example.com"], subject="Lost", body="Well?")
    assert hand.fate("send", answered, days=30) is EffectFate.SENT
    mid = answered.value["id"]
    world.arrive(letter("Re: Asked", "Well.", In_Reply_To=mid, References=mid))
    assert hand.fate("send", answered) is EffectFate.ANSWERED
    report = letter("Undelivered", f"Message-ID: {lost.value['id']}", sender="MAILER-DAEMON@example.org")
    kind = b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n'
    head, _, body = report.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.startswith(b"Content-")]
    refers = b"In-Reply-To: " + lost.value["id"].encode()
    world.arrive(
        b"\r\n".join([*lines, refers]) + b"\r\n" + kind + b"\r\n--b\r\n\r\n" + body + b"\r\n--b--\r\n"
    )
    became = hand.became("send", lost)
    assert (became.fate, became.why) == (EffectFate.DISCARDED, "it came back undelivered")


def test_new_mail_is_told_once(hand: Hand, world: World) -> None:
    world.arrive(letter("Old"))
    start = hand.mail.watch(world.inbox, "")
    assert start.ids == ()
    for number in range(5):
        world.arrive(letter(f"New {number}"))
    found = hand.mail.watch(world.inbox, start.cursor)
    assert list(found.ids) == [one["id"] for one in reversed(hand.inbox("New"))]
    assert hand.mail.watch(world.inbox, found.cursor).ids == ()
    assert hand.mail.watch(world.inbox, "garbage").ids == ()


def test_what_is_not_there_is_said(hand: Hand, world: World) -> None:
    for id in ("1.1.INBOX", "nonsense", "../../x", "9" * 200):
        with pytest.raises(NotDone):
            hand.do("read", id=id)
    for folder in ("Nowhere", "../etc", '" \\Deleted'):
        with pytest.raises(NotDone, match="no such folder"):
            hand.do("messages", folder=folder)
    world.arrive(letter("Here"))
    with pytest.raises(NotDone, match="no such folder"):
        hand.do("move", id=hand.the("Here"), folder="Nowhere")


@pytest.mark.parametrize(
    ("tool", "asked", "says"),
    [
        ("fly", {}, "no such tool"),
        ("read", {"id": "1", "and": "more"}, "no such argument"),
        ("read", {}, "needs id"),
        ("read", {"id": "1\r\nA1 LOGOUT"}, "one line"),
        ("search", {"folder": "INBOX", "text": "a\r\nb"}, "one line"),
        ("mark", {"id": "1", "flag": "deleted", "on": True}, "no such flag"),
        ("draft", {"to": ["Ann <ANN@example.org>"], "body": "x"}, "plain form"),
        ("send", {"to": [], "subject": "s", "body": "x"}, "for nobody"),
        (
            "send",
            {"to": ["a@example.org"], "subject": "s\r\nBcc: eve@example.org", "body": "x"},
            "line break",
        ),
        (
            "send",
            {"to": ["a@example.org\r\nBcc: e@example.org"], "subject": "s", "body": "x"},
            "plain mail address",
        ),
    ],
)
def test_a_call_that_was_not_judged_so_is_not_made(
    on_gmail: Any, tool: str, asked: dict[str, Any], says: str
) -> None:
    hand = Hand(on_gmail)
    with pytest.raises(NotDone, match=says):
        hand.do(tool, **asked)
    assert on_gmail.service.mails == {}
