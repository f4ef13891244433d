"""A message from anybody as bounded plain text, with a word of what was left out; attachments stay shut."""

import codecs
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser

from counterfoil.agents.connectors.mail.address import addresses_in
from counterfoil.agents.connectors.markup import LEFT_OUT, shown

MOST_TEXT = 20_000
MOST_VALUE = 1_000
MOST_PARTS = 100
MOST_NESTED = 200
"""Words in a message that may each open a level; more of them, and its body is not taken apart."""
MOST_LISTED = 20
_OPENS = re.compile(rb"multipart/|message/", re.I)
_CHARSETS = re.compile(
    r"utf-8|utf-16(-[bl]e)?|ascii|iso8859-\d+|iso2022_jp(_\w+)?|cp(125\d|437|85\d|932|949|950)|koi8-[rut]|gb2312|gbk"
    r"|gb18030|big5(hkscs)?|shift_jis(\w+)?|euc_(jp|kr)|mac-roman|tis-620|hz"
)
_SELECTORS = range(0xE0100, 0xE01F0)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that stays shut: what its sender calls it, and how long it is."""

    name: str
    type: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """What can be read of one message."""

    text: str
    left_out: tuple[str, ...]
    attachments: tuple[Attachment, ...]


def head_of(raw: bytes) -> Message:
    """The header of a message, never its body."""
    return BytesHeaderParser().parsebytes(raw.partition(b"\r\n\r\n")[0] if b"\r\n\r\n" in raw else raw)


def value(head: Message, name: str) -> str:
    """One header as text, on one line, decoded, cleaned and cut."""
    raw = str(head.get(name, ""))[: 4 * MOST_VALUE]
    try:
        pieces = decode_header(raw)
    except (HeaderParseError, ValueError):
        pieces = [(raw, None)]
    joined = "".join(
        piece if isinstance(piece, str) else _decoded(piece, charset or "ascii")[0]
        for piece, charset in pieces
    )
    return clean(" ".join(joined.split()))[0][:MOST_VALUE]


def people(head: Message, *names: str) -> tuple[str, ...]:
    """The plain addresses that headers name."""
    return tuple(addresses_in(str(one) for name in names for one in head.get_all(name, ())[:MOST_LISTED]))


def is_automatic(head: Message) -> bool:
    """Whether a machine sent it, or a list: nobody there waits for an agent's answer.

    Source: RFC 3834 section 2, RFC 2919.
    """
    said = value(head, "Auto-Submitted").lower()
    return (
        (said not in {"", "no"})
        or "List-Id" in head
        or value(head, "Precedence").lower() in {"bulk", "junk", "list"}
    )


def plain(raw: bytes, *, cut: bool) -> Plain:
    """The text of a message."""
    left = ["everything after its first 2 MB"] if cut else []
    if len(_OPENS.findall(raw)) > MOST_NESTED:
        return Plain(text="", left_out=(*left, "its body, which is nested too deep"), attachments=())
    message = BytesParser().parsebytes(raw)
    said: list[str] = []
    shut: list[Attachment] = []
    for number, part in enumerate(_parts(message)):
        if number >= MOST_PARTS:
            left.append(f"every part after the first {MOST_PARTS}")
            break
        if _is_text(part):
            text, missing = _text(part)
            said.append(text)
            left += missing
        else:
            shut.append(_attachment(part))
    if shut:
        left.append(f"{len(shut)} attachments, none of them opened")
    text, invisible = clean("\n\n".join(said))
    if invisible:
        left.append(f"{invisible} letters that can't be seen or turn the text around")
    if len(text) > MOST_TEXT:
        text = text[:MOST_TEXT]
        left.append(f"everything after the first {MOST_TEXT:,} letters")
    return Plain(text=text, left_out=tuple(dict.fromkeys(left)), attachments=tuple(shut[:MOST_LISTED]))


def clean(text: str) -> tuple[str, int]:
    """Text without letters that nobody sees, and how many of them there were."""
    kept = [
        letter
        for letter in text.replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\u2028", "\n")
        .replace("\u2029", "\n")
        if letter in "\n\t" or (unicodedata.category(letter)[0] != "C" and ord(letter) not in _SELECTORS)
    ]
    taken = len(text) - text.count("\r\n") - len(kept)
    lines = re.sub(r"[ \t\xa0\u3000]+(?=\n|$)", "", "".join(kept))
    return re.sub(r"\n{3,}", "\n\n", lines).strip("\n"), taken


def _parts(part: Message) -> Iterator[Message]:
    """The parts that say something, of alternatives the plain one alone; other messages stay shut."""
    inside = part.get_payload()
    if part.get_content_maintype() != "multipart" or not isinstance(inside, list):
        yield part
        return
    parts = [one for one in inside if isinstance(one, Message)]
    if part.get_content_subtype() == "alternative":
        words = [one for one in parts if _is_text(one) and _payload(one).strip()]
        simple = [one for one in words if one.get_content_type() == "text/plain"]
        parts = simple[:1] or words[-1:] or parts
    for one in parts:
        yield from _parts(one)


def _is_text(part: Message) -> bool:
    return (
        part.get_content_type() in {"text/plain", "text/html"}
        and part.get_content_disposition() != "attachment"
        and not _name(part)
    )


def _text(part: Message) -> tuple[str, list[str]]:
    text, broken = _decoded(_payload(part), _charset(part))
    left = ["letters in a charset that is not known or broken"] if broken else []
    if part.get_content_type() == "text/html":
        seen = shown(text, mail=True)
        text = seen.text
        left += seen.cut
        left += [f"{seen.pieces[kind]} {words}" for kind, words in LEFT_OUT.items() if seen.pieces[kind]]
    return text, left


def _payload(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _charset(part: Message) -> str:
    try:
        return str(part.get_content_charset("utf-8"))
    except (LookupError, UnicodeError, ValueError):
        return ""


def _decoded(data: bytes, charset: str) -> tuple[str, bool]:
    """Text, and whether some of it could not be read. Only charsets are taken, not every codec of Python."""
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        name = ""
    known = bool(_CHARSETS.fullmatch(name))
    text = data.decode(("utf-8" if name == "ascii" else name) if known else "utf-8", errors="replace")
    return text, not known or "\ufffd" in text


def _name(part: Message) -> str:
    try:
        return str(part.get_filename() or "")
    except (LookupError, UnicodeError, ValueError):
        return "?"


def _attachment(part: Message) -> Attachment:
    body = part.get_payload()
    size = len(body) if isinstance(body, str) else 0
    if part.get("Content-Transfer-Encoding", "").lower() == "base64":
        size = size * 3 // 4
    return Attachment(name_of(_name(part)), part.get_content_type()[:100], size)


def name_of(raw: str) -> str:
    """A file's name as its sender has it, on one line."""
    return " ".join(clean(raw[:MOST_VALUE])[0].split())[:120]


def lists(head: Message) -> Mapping[str, str]:
    """What a list says of itself."""
    return {
        name.lower(): value(head, name)
        for name in ("List-Id", "List-Unsubscribe", "List-Post")
        if name in head
    }
