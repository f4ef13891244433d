"""Addresses have one form, headers can't be smuggled in, and a mail is known again by its keyed hash."""

import json
import re
from datetime import UTC, datetime
from email import policy
from email.parser import BytesParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.mail.address import address, addresses_in, recipients
from counterfoil.agents.connectors.mail.box import Kind, Stored
from counterfoil.agents.connectors.mail.letter import Letter, Seal, letter_in, letter_of, on_the_way, written
from counterfoil.agents.connectors.mail.plain import head_of

AT = datetime(2026, 11, 26, 7, tzinfo=UTC)
SEAL = Seal(b"key")


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("ann@example.org", "ann@example.org"),
        (" Ann@EXAMPLE.org ", "ann@example.org"),
        ("Ann B. <ANN+x@example.org>", "ann+x@example.org"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@Bücher.example", "ann@xn--bcher-kva.example"),
        ("o'neil@example.org", "o'neil@example.org"),
    ],
)
def test_an_address_has_one_form(raw: str, plain: str) -> None:
    assert address(raw) == plain
    assert address(plain) == plain


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "ann",
        "@example.org",
        "ann@",
        "ann@localhost",
        "ann@example.org, eve@example.net",
        "ann@example.org; eve@example.net",
        "ann@example.org eve@example.net",
        "ann@example.org\r\nBcc: eve@example.net",
        "ann@example.org\n",
        "ann@example.org\x00",
        '"ann@example.org" <eve@example.net>',
        "ann@example.org <eve@example.net>",
        "<ann@example.org> <eve@example.net>",
        '"ann"@example.org',
        "ann(comment)@example.org",
        "team: ann@example.org, eve@example.net;",
        "ann@example.org@eve.example",
        "eve%example.net@example.org <x@y>",
        ".ann@example.org",
        "ann..b@example.org",
        "änn@example.org",
        "\u0430nn@example.org",
        "ann@[127.0.0.1]",
        "ann@exa mple.org",
        "ann@-example.org",
        "ann@example.org\u202e",
        "ann\u200b@example.org",
        "a" * 65 + "@example.org",
        "ann@" + "a." * 130 + "org",
        "mailto:ann@example.org",
        "<@relay.example:ann@example.org>",
        "ann@example.org>",
    ],
)
def test_whatever_could_be_two_or_another_is_no_address(raw: str) -> None:
    with pytest.raises(NotDone, match="plain mail address"):
        address(raw)


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_an_address_is_ascii_and_stays_itself(raw: str) -> None:
    try:
        found = address(raw)
    except NotDone:
        return
    assert re.fullmatch(r"[!-~]+@[a-z0-9.-]+", found)
    assert address(found) == found


def test_everybody_is_named_once_and_not_too_many() -> None:
    found = recipients(
        {"to": ["B@x.example", "b@x.example"], "cc": ["b@x.example", "c@x.example"], "bcc": None}
    )
    assert found == {"to": ("b@x.example",), "cc": ("c@x.example",), "bcc": ()}
    assert recipients({"to": "a@x.example"})["to"] == ("a@x.example",)
    with pytest.raises(NotDone, match="more than 20"):
        recipients({"bcc": [f"p{number}@x.example" for number in range(21)]})
    for wrong in ({"to": 5}, {"to": [5]}, {"cc": {"a": "b"}}):
        with pytest.raises(NotDone, match="not a list"):
            recipients(wrong)


def test_a_strangers_header_gives_plain_addresses_alone() -> None:
    assert addresses_in(['"a, b" <A@x.example>, broken@, c@y.example', "nonsense"]) == (
        "a@x.example",
        "c@y.example",
    )


@settings(max_examples=150)
@given(subject=st.text(max_size=200), body=st.text(max_size=300))
def test_no_text_becomes_a_header_or_another_message(subject: str, body: str) -> None:
    try:
        letter = letter_of({"to": ["a@x.example"], "bcc": ["h@x.example"], "subject": subject, "body": body})
    except NotDone:
        return
    raw = written(
        letter, sender="ann@example.org", at=AT, mid=SEAL.mid("k"), thread="<1@x.example> <2@x.example>"
    )
    assert raw.isascii()
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert re.search(rb"(?m)^\.\r$", raw.replace(b"\r\n.\r\n", b"\r\n.\r\n")) is None or "." in body
    head = BytesParser().parsebytes(raw, headersonly=True)
    assert sorted(set(head.keys())) == sorted(
        [
            "From",
            "To",
            "Bcc",
            "Subject",
            "Date",
            "Message-ID",
            "X-Counterfoil",
            "In-Reply-To",
            "References",
            "Content-Type",
            "Content-Transfer-Encoding",
            "MIME-Version",
        ]
    )
    out = BytesParser().parsebytes(on_the_way(raw), headersonly=True)
    assert out["Bcc"] is None
    assert out["Auto-Submitted"] == "auto-generated"
    read = BytesParser(policy=policy.default).parsebytes(raw)
    assert "".join(str(read["Subject"]).split()) == "".join(letter.subject.split())
    assert letter_in(kept(raw)).everybody == ("a@x.example", "h@x.example")


def kept(raw: bytes) -> Stored:
    return Stored(id="1", folder="Drafts", kind=Kind.DRAFTS, at=AT, flags=(), size=len(raw), raw=raw)


@pytest.mark.parametrize(
    "subject", ["a\nb", "a\rb", "a\u2028b", "a\x85b", "a\u202eb", "a\u200bb", "a\x00b", "a\x7f"]
)
def test_a_subject_is_one_line_that_shows_what_it_says(subject: str) -> None:
    with pytest.raises(NotDone, match="line break"):
        letter_of({"subject": subject, "body": "x"})


def test_texts_have_bounds() -> None:
    for wrong in (
        {"body": 5},
        {"subject": ["x"]},
        {"body": "a\x00"},
        {"body": "\ud800"},
        {"body": "x" * 100_001},
    ):
        with pytest.raises(NotDone):
            letter_of(wrong)


def test_a_hash_knows_the_same_letter_and_tells_nothing() -> None:
    one = Letter(to=("a@x.example",), cc=(), bcc=(), subject="Bill", body="Ten  pounds\n\nplease\n")
    raw = written(one, sender="ann@example.org", at=AT, mid=SEAL.mid("k"))
    assert SEAL.letter(letter_in(kept(raw))) == SEAL.letter(one)
    assert SEAL.letter(one) != Seal(b"other").letter(one)
    moved = Letter(to=(), cc=("a@x.example",), bcc=(), subject="Bill", body=one.body)
    assert SEAL.letter(moved) != SEAL.letter(one)
    assert SEAL.of("a", "b") != SEAL.of("ab")
    assert SEAL.mid("run:1") == SEAL.mid("run:1") != SEAL.mid("run:2")
    assert re.fullmatch(r"<[0-9a-f]{32}@counterfoil\.invalid>", SEAL.mid("run:1"))
    assert "ounds" not in json.dumps([SEAL.letter(one), SEAL.mid("run:1")])


def test_long_bcc_leaves_the_wire_whole() -> None:
    many = tuple(f"person-with-a-long-name-{number}@example.com" for number in range(15))
    raw = written(
        Letter(to=(), cc=(), bcc=many, subject="s", body="b"), sender="a@x.example", at=AT, mid=SEAL.mid("k")
    )
    assert b"person-with" not in on_the_way(raw)
    assert on_the_way(raw, hidden=True).count(b"person-with") == 15
    assert letter_in(kept(raw)).bcc == many
    assert head_of(raw)["Bcc"]
