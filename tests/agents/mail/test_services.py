"""What services over HTTP do to a mailbox: tokens end, limits hold, answers are lost, places forgotten."""

from functools import partial
from typing import Any

import pytest

from agents.mail.service import Failed
from agents.mail.world import GmailWorld, GraphWorld, Hand, letter
from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.mail.box import SignedOut, Unsure, signed_out
from counterfoil.agents.connectors.mail.gmail import GmailBox
from counterfoil.agents.connectors.mail.graph import PREFER, GraphBox
from counterfoil.agents.connectors.mail.web import Web
from counterfoil.agents.connectors.oauth import Tokens
from counterfoil.terms.effect import EffectFate
from counterfoil.terms.error import SourceError, ToolError

SAID = {"to": ["bob@example.com"], "bcc": ["carl@example.net"], "subject": "Once", "body": "Only once"}
Either = GmailWorld | GraphWorld


def tokens_at(url: str) -> Tokens:
    over = partial(signed_out, "a@x.example")
    return Tokens(url=url, client="c", secret="s", refresh="r", system="mail", over=over, scope="mail")


@pytest.fixture(params=["gmail", "graph"])
def over_http(request: pytest.FixtureRequest) -> Either:
    found: Either = request.getfixturevalue(f"on_{request.param}")
    return found


def test_a_token_that_ran_out_is_renewed_once(over_http: Either) -> None:
    hand, service = Hand(over_http), over_http.service
    hand.do("folders")
    assert service.issued == 1
    service.expire()
    hand.do("send", **SAID)
    assert (service.issued, service.sends) == (2, 1)


def test_a_permission_that_was_revoked_is_a_state_and_not_a_loss(over_http: Either) -> None:
    hand, service = Hand(over_http), over_http.service
    hand.do("folders")
    service.revoke()
    with pytest.raises(SignedOut) as told:
        hand.do("send", "run:1", **SAID)
    assert told.value.code == "mail-signed-out"
    with pytest.raises(SignedOut):
        hand.mail.read_back("send", SAID, "run:1")
    became = hand.became("send", type("A", (), {"ref": '{"mid": "<x@y>"}'})())
    assert (became.fate, became.why) == (EffectFate.NOT_EXAMINED, "mail-signed-out")
    service.refresh = "lasting-1"
    hand.do("send", "run:1", **SAID)
    assert service.sends == 1


def test_a_new_lasting_permission_is_handed_on(on_gmail: GmailWorld) -> None:
    service, kept = on_gmail.service, list[tuple[str, str]]()
    service.rotates = True
    tokens = service.tokens(keep=lambda before, after: kept.append((before, after)))
    first = tokens.token()
    assert tokens.token(stale=first) != first
    assert kept == [("lasting-1", "lasting-2"), ("lasting-2", "lasting-3")]
    assert "lasting" not in repr(tokens)


def test_a_token_is_not_asked_for_twice_while_it_lasts(on_gmail: GmailWorld) -> None:
    clock = [0.0]
    tokens = on_gmail.service.tokens(now=lambda: clock[0])
    assert tokens.token() == tokens.token()
    clock[0] = 3600 - 59
    tokens.token()
    assert on_gmail.service.issued == 2


def test_a_busy_service_is_waited_for_as_long_as_it_says(over_http: Either) -> None:
    service, waited = over_http.service, list[float]()
    base = service.url + service.prefix
    web = Web(base, service.tokens(), address="ann@example.org", headers=PREFER, sleep=waited.append)
    kind = GmailBox if isinstance(over_http, GmailWorld) else GraphBox
    over_http.box = kind(web, address="ann@example.org")
    hand = Hand(over_http)
    service.faults = [Failed(429, {}, {"Retry-After": "7"}), Failed(503, {}, {"Retry-After": "soon"})]
    hand.do("folders")
    assert waited == [7.0, 1.0]
    service.faults = [Failed(429, {}, {"Retry-After": "3600"})]
    with pytest.raises(NotDone) as told:
        hand.do("folders")
    assert (told.value.code, told.value.hint) == ("mail-busy", "Try again after 3600 seconds.")
    service.faults = [Failed(403, {"error": {"errors": [{"reason": "rateLimitExceeded"}]}})]
    hand.do("folders")
    service.faults = [Failed(403, {"error": {"code": 403}})]
    with pytest.raises(NotDone) as told:
        hand.do("folders")
    assert "connect it again" in told.value.hint
    service.faults = [Failed(500)]
    with pytest.raises(NotDone, match="no proper answer"):
        hand.do("folders")


def test_a_send_whose_answer_was_lost_is_found_and_not_made_again(over_http: Either) -> None:
    hand, service = Hand(over_http), over_http.service
    hand.do("folders")
    draft = isinstance(over_http, GraphWorld)
    if draft:
        laid = service.answer

        def answer(asked: Any) -> Any:
            service.silent = 1 if asked.path.endswith("/send") else 0
            return laid(asked)

        service.answer = answer  # type: ignore[method-assign]
    else:
        service.silent = 1
    with pytest.raises(Unsure):
        hand.do("send", "run:1", **SAID)
    back = hand.mail.read_back("send", SAID, "run:1")
    assert back is not None
    assert hand.do("send", "run:1", **SAID).value == back.value
    assert service.sends == 1


def test_a_send_that_ends_in_a_server_error_is_unconfirmed(over_http: Either) -> None:
    hand, service = Hand(over_http), over_http.service
    hand.do("folders")
    real = service.answer

    def answer(asked: Any) -> Any:
        if asked.path.endswith("/send"):
            raise Failed(502)
        return real(asked)

    service.answer = answer  # type: ignore[method-assign]
    with pytest.raises(Unsure):
        hand.do("send", "run:1", **SAID)
    assert hand.mail.read_back("send", SAID, "run:1") is None
    if isinstance(over_http, GraphWorld):
        with pytest.raises(Unsure, match="earlier try"):
            hand.do("send", "run:1", **SAID)
    assert service.sends == 0


def test_a_send_that_is_refused_leaves_nothing(on_graph: GraphWorld) -> None:
    hand, service = Hand(on_graph), on_graph.service
    hand.do("folders")
    real = service.answer

    def answer(asked: Any) -> Any:
        if asked.path.endswith("/send"):
            raise Failed(400, {"error": {"code": "ErrorSendAsDenied"}})
        return real(asked)

    service.answer = answer  # type: ignore[method-assign]
    with pytest.raises(NotDone):
        hand.do("send", "run:1", **SAID)
    service.answer = real  # type: ignore[method-assign]
    assert hand.in_folder("Drafts", "Once") == []
    hand.do("send", "run:1", **SAID)
    assert service.sends == 1


def test_a_change_whose_answer_was_lost_is_open_until_it_is_read_back(over_http: Either) -> None:
    over_http.arrive(letter("Lost answer"))
    hand = Hand(over_http)
    asked = {"id": hand.the("Lost answer"), "folder": "Invoices"}
    over_http.service.silent = 1
    with pytest.raises(ToolError) as told:
        hand.do("move", **asked)
    assert not isinstance(told.value, NotDone)
    assert hand.mail.read_back("move", asked, "k") is not None
    assert hand.mail.needless("move", asked) == "empty-change"


def test_gmail_may_give_a_mail_another_name(on_gmail: GmailWorld) -> None:
    hand, on_gmail.service.renames = Hand(on_gmail), True
    draft = hand.do("draft", **SAID)
    answer = hand.do("send", "run:1", draft=draft.value["id"], **SAID)
    assert hand.do("send", "run:1", draft=draft.value["id"], **SAID).value == answer.value
    assert on_gmail.service.sends == 1
    assert hand.fate("draft", draft) is EffectFate.SENT
    on_gmail.arrive(letter("Re: Once", In_Reply_To="<CA+1@mail.gmail.com>"))
    assert hand.fate("send", answer) is EffectFate.ANSWERED


def test_a_history_that_was_thrown_away_hides_nothing(on_gmail: GmailWorld) -> None:
    hand = Hand(on_gmail)
    on_gmail.arrive(letter("Old"))
    start = hand.mail.watch("INBOX", "")
    on_gmail.arrive(letter("New"))
    on_gmail.service.oldest = 99
    found = hand.mail.watch("INBOX", start.cursor)
    assert [hand.do("read", id=id).value["subject"] for id in found.ids] == ["New"]


def test_a_delta_that_ran_out_hides_nothing_and_repeats_nothing(on_graph: GraphWorld) -> None:
    hand = Hand(on_graph)
    on_graph.arrive(letter("Old"))
    start = hand.mail.watch("Inbox", "")
    on_graph.arrive(letter("First"))
    first = hand.mail.watch("Inbox", start.cursor)
    on_graph.arrive(letter("Second"))
    on_graph.service.forgets = True
    found = hand.mail.watch("Inbox", first.cursor)
    assert [hand.do("read", id=id).value["subject"] for id in found.ids] == ["Second"]


def test_a_page_elsewhere_is_not_fetched_with_the_token(on_graph: GraphWorld) -> None:
    hand = Hand(on_graph)
    base = on_graph.service.url + on_graph.service.prefix
    seen = len(on_graph.service.seen)
    for link in (
        "https://evil.example/v1.0/me/messages",
        base.replace("127.0.0.1", "127.0.0.1@evil.example") + "/x",
        base + "evil/messages",
        base + "/../../admin",
    ):
        with pytest.raises(NotDone, match="another address"):
            hand.do("messages", folder="Inbox", before=link)
    assert len(on_graph.service.seen) == seen


def test_folders_in_folders_are_named_by_both(on_graph: GraphWorld) -> None:
    on_graph.arrive(letter("Deep"))
    hand = Hand(on_graph)
    moved = hand.do("move", id=hand.the("Deep"), folder="Invoices/Old")
    assert hand.do("read", id=moved.value["id"]).value["folder"] == "Invoices/Old"


def test_megabytes_are_fetched_no_further_than_they_are_read(over_http: Either) -> None:
    over_http.arrive(letter("Huge", "first words\n" + ("z" * 70 + "\n") * 85_000))
    said = Hand(over_http).do("read", id=Hand(over_http).the("Huge")).value
    assert said["text"].startswith("first words")
    assert "everything after its first 2 MB" in said["left_out"]


@pytest.mark.parametrize(
    "base", ["http://gmail.example/x", "ftp://127.0.0.1/x", "http://127.0.0.1.evil.example/"]
)
def test_no_token_goes_over_plain_http_to_elsewhere(base: str, on_gmail: GmailWorld) -> None:
    with pytest.raises(SourceError, match="not asked over https"):
        Web(base, on_gmail.service.tokens(), address="a@x.example")
    with pytest.raises(SourceError, match="not asked over https"):
        tokens_at(base)


def test_a_token_server_that_is_away_or_strange_is_nothing_done(on_gmail: GmailWorld) -> None:
    for url in ("http://127.0.0.1:1/token", f"{on_gmail.service.url}/elsewhere"):
        with pytest.raises(NotDone, match="No token"):
            tokens_at(url).token()
