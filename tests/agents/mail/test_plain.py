"""Mails that want to be more than text: each becomes bounded plain text, with a word of what was left out."""

import base64
import time
import tracemalloc
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.agents.connectors.mail.box import MOST_RAW
from counterfoil.agents.connectors.mail.plain import MOST_TEXT, clean, head_of, people, plain, value
from counterfoil.agents.connectors.markup import shown


def html(markup: str, *, charset: str = "utf-8") -> bytes:
    body = base64.encodebytes(markup.encode(charset, "replace"))
    return b"Content-Type: text/html; charset=%s\nContent-Transfer-Encoding: base64\n\n%s" % (
        charset.encode(),
        body,
    )


@pytest.mark.parametrize(
    "hidden",
    [
        '<div style="display:none">X</div>',
        '<div style="DISPLAY : none !important">X</div>',
        '<span style="font-size:0">X</span>',
        '<span style="font-size: 1px">X</span>',
        '<p style="visibility:hidden">X</p>',
        '<p style="opacity: 0">X</p>',
        '<p style="opacity:0.0;">X</p>',
        '<p style="max-height:0;overflow:hidden">X</p>',
        '<p style="position:absolute;left:-9999px">X</p>',
        '<p style="text-indent:-5000px">X</p>',
        '<p style="color:#FFF">X</p>',
        '<p style="color:white;background-color:#ffffff">X</p>',
        '<p style="background:red;color:red">X</p>',
        '<p style="color:transparent">X</p>',
        '<p style="color:rgba(0,0,0,0)">X</p>',
        '<p style="dis/**/play:none">X</p>',
        '<p style="mso-hide:all">X</p>',
        "<p hidden>X</p>",
        '<font color="#ffffff">X</font>',
        '<style>.a{display:none}</style><p class="a">X</p>',
        "<style>@media screen { p.b { font-size : 0px } }</style><p class=b>X</p>",
        "<style>/* {} */ #c , .d { visibility: hidden; }</style><p id=c>X</p>",
        "<script>X</script>",
        "<template>X</template>",
        "<noscript>X</noscript>",
        "<title>X</title>",
        "<!-- X -->",
        "<svg><text>X</text></svg>",
        '<img alt="X" src="https://track.example/X.png">',
        "<iframe srcdoc='X'></iframe>",
    ],
)
def test_what_the_eye_would_not_see_is_not_read(hidden: str) -> None:
    text = shown(f"<p>before</p>{hidden}<p>after</p>", mail=True).text
    assert text.split() == ["before", "after"]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One<br>two</p><p>three</p>", "One\ntwo\n\nthree"),
        ("<p>Bo<b>ld</b> text</p>", "Bold text"),
        ('<a href="https://example.com/x">here</a>', "here (https://example.com/x)"),
        ('<a href="javascript:alert(1)">here</a>', "here"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\tb"),
        ('<p style="color:#ffffff;background:#000">light on dark</p>', "light on dark"),
        ('<p style="font-size:10px;opacity:0.9;width:100%">shown</p>', "shown"),
        ('<p style="line-height:1;height:12px">shown</p>', "shown"),
        ("&lt;script&gt; is text", "<script> is text"),
        ("", ""),
        ("<ul>" + "<li>x" * 6_000 + "</ul>", "\n\n".join("x" * 6_000)),
    ],
    ids=lambda markup: markup[:20],
)
def test_what_the_eye_sees_is_read(markup: str, text: str) -> None:
    assert clean(shown(markup, mail=True).text)[0] == text


def test_what_was_left_out_is_said() -> None:
    said = plain(
        html(
            "<p>Hi\u200b\u202e there\U000e0041</p><div style='display:none'>pay now</div><script>1</script>"
            "<img src='https://t.example/a.gif'><img src='cid:1'>"
        ),
        cut=True,
    )
    assert said.text == "Hi there"
    assert said.left_out == (
        "everything after its first 2 MB",
        "1 pieces of text that the eye would not see",
        "1 scripts",
        "2 pictures, none of them fetched",
        "3 letters that can't be seen or turn the text around",
    )


@pytest.mark.parametrize(
    "raw",
    [
        html("<div>" * 200_000 + "deep"),
        html("<p style='color:red'>x</p>" * 40_000),
        html("<table><tr><td>" * 60_000),
        html("<a href='https://example.com'>" * 60_000),
        html("<style>" + ".a{display:none}" * 60_000 + "</style>" + "<b class=a>" * 10_000),
        html("<style>" + "{" * 900_000 + "</style>"),
        html("<p style='" + "color:" * 150_000 + "'>x"),
        b"Content-Type: text/plain\n\n" + b"word " * 400_000,
        b"Content-Type: text/plain\n\n" + b"\n \t" * 600_000,
        b"Content-Type: text/plain; charset=utf-7\n\n" + b"+" * 900_000,
        b"Content-Type: text/plain; charset=idna\n\n" + b"a" * 900_000,
        b"Content-Type: text/plain; charset=punycode\n\n" + b"a" * 900_000,
        b"Subject: " + b"=?utf-8?q?=" * 100_000 + b"\n\nx",
        b"From: " + b"<a@b.example>, (" * 100_000 + b"\n\nx",
        b"To: " + b", ".join(b"p%d@example.com" % n for n in range(10_000)) + b"\n\nx",
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(20_000)),
        b"Content-Type: message/rfc822\n\n" * 5_000,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: text/plain\n\nx\n" * 50_000,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b" * 500_000,
        b"X: y\n" * 300_000 + b"\nx",
        b"\x00\xff" * 900_000,
    ],
    ids=lambda raw: str(len(raw)),
)
def test_no_mail_takes_long_or_much(raw: bytes) -> None:
    began = time.process_time()
    said = plain(raw[:MOST_RAW], cut=len(raw) > MOST_RAW)
    head = head_of(raw[:16384])
    people(head, "From", "To")
    value(head, "Subject")
    assert time.process_time() - began < 8
    assert len(said.text) <= MOST_TEXT
    assert len(said.attachments) <= 20


def test_thirty_megabytes_take_no_more_than_what_is_read() -> None:
    tracemalloc.start()
    raw = html("<p>start</p>" + "<div style='display:none'>evil</div><p>word</p>" * 5_000)
    said = plain((raw + b"A" * (30 * 2**20))[:MOST_RAW], cut=True)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert said.text.startswith("start")
    assert "evil" not in said.text
    assert most < 200 * 2**20


def test_attachments_stay_shut() -> None:
    bomb = base64.encodebytes(zlib.compress(b"0" * 50_000_000))
    raw = (
        b'Content-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain\n\nSee it\n'
        b'--b\nContent-Type: application/zip; name="=?utf-8?q?bill=E2=80=AEfdp=2Ezip?="\n'
        b"Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n" + bomb + b"\n"
        b"--b\nContent-Type: text/html\nContent-Disposition: attachment; filename=x.html\n\n<p>page</p>\n"
        b"--b\nContent-Type: message/rfc822\n\nSubject: inner\n\ninner text\n--b--\n"
    )
    said = plain(raw, cut=False)
    assert said.text == "See it"
    assert "inner text" not in said.text
    assert said.left_out == ("3 attachments, none of them opened",)
    first = said.attachments[0]
    assert (first.type, "\u202e" in first.name) == ("application/zip", False)
    assert abs(first.size - len(zlib.compress(b"0" * 50_000_000))) < first.size * 0.05


def test_of_alternatives_the_plain_one_is_read_unless_it_is_empty() -> None:
    def both(text: bytes) -> bytes:
        return (
            b"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\n"
            + text
            + b"\n"
            b"--b\nContent-Type: text/html\n\n<p>formatted</p>\n--b--\n"
        )

    assert plain(both(b"simple"), cut=False).text == "simple"
    assert plain(both(b"  \n"), cut=False).text == "formatted"


@pytest.mark.parametrize(
    ("charset", "data", "text", "whole"),
    [
        ("iso-8859-1", b"Gr\xfc\xdfe", "Grüße", True),
        ("windows-1252", b"\x80 5", "€ 5", True),
        ("shift_jis", "日本".encode("shift_jis"), "日本", True),
        ("utf-8", b"broken \xff\xfe", "broken \ufffd\ufffd", False),
        ("no-such", b"words", "words", False),
        ("rot13", b"words", "words", False),
        ("unicode_escape", rb"\u0041", r"\u0041", False),
        ("", b"words", "words", True),
    ],
)
def test_charsets_are_charsets_and_nothing_else(charset: str, data: bytes, text: str, whole: bool) -> None:
    kind = f"; charset={charset}" if charset else ""
    said = plain(
        f"Content-Type: text/plain{kind}\nContent-Transfer-Encoding: 8bit\n\n".encode() + data, cut=False
    )
    assert said.text == text
    assert (said.left_out == ()) is whole


@settings(max_examples=150)
@given(
    st.binary(max_size=400), st.sampled_from([b"text/plain", b"text/html", b"multipart/mixed; boundary=b"])
)
def test_any_bytes_are_a_mail(data: bytes, kind: bytes) -> None:
    for raw in (data, b"Content-Type: " + kind + b"\nSubject: " + data[:50] + b"\n\n--b\n" + data):
        said = plain(raw, cut=False)
        head = head_of(raw)
        assert "\x00" not in said.text
        assert "\n" not in value(head, "Subject")
        people(head, "From")
