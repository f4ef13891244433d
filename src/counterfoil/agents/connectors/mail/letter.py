"""A mail that an agent writes: plain text, nothing else, and known again by a keyed hash of it."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage, Message
from email.utils import format_datetime
from hashlib import sha256
from hmac import compare_digest, new
from typing import Any

from counterfoil.agents.connectors.mail.address import FIELDS, recipients
from counterfoil.agents.connectors.mail.box import MOST_HEAD, Stored, not_done
from counterfoil.agents.connectors.mail.plain import head_of, people, plain, value

OURS = "X-Counterfoil"
"""Header that names a mail of ours, and the draft that it was: servers may give it another Message-ID."""
HEADERS = (
    "From",
    "To",
    "Cc",
    "Bcc",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Content-Type",
    "Auto-Submitted",
    "Precedence",
    "List-Id",
    "List-Post",
    "List-Unsubscribe",
    OURS,
)
"""What is read of the header of any message."""
MOST_SUBJECT, MOST_BODY, MOST_REFERENCES = 500, 100_000, 20
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_MID = re.compile(r"<[^<>\s]{1,240}>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Whom a mail is for and what it says; nothing that isn't an argument of the call."""

    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    subject: str
    body: str

    @property
    def everybody(self) -> tuple[str, ...]:
        """Each person whom it reaches."""
        return (*self.to, *self.cc, *self.bcc)


class Seal:
    """Keyed hashes of mails: known again by whoever holds the key, and nothing of the text in them."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, *parts: str) -> str:
        """The hash of some words."""
        return new(self._key, json.dumps(parts).encode(), sha256).hexdigest()[:32]

    def mid(self, key: str) -> str:
        """The Message-ID of whatever a call makes; the same call has the same one."""
        return f"<{self.of('message', key)}@counterfoil.invalid>"

    def letter(self, letter: Letter) -> str:
        """Of whom it is for and all that it says, however it is wrapped."""
        return self.of(self.whom(letter), _squeezed(letter.subject), _squeezed(letter.body))

    def whom(self, letter: Letter) -> str:
        """Of whom it is for."""
        return self.of(*(",".join(sorted(getattr(letter, field))) for field in FIELDS))

    def thing(self, message: Stored) -> str:
        """By which a message is known in whatever folder: its Message-ID, arrival and size."""
        return self.of(value(head_of(message.raw), "Message-ID"), message.at.isoformat(), str(message.size))

    @staticmethod
    def same(one: str, other: str) -> bool:
        """Whether two hashes are one."""
        return compare_digest(one, other)


def letter_of(arguments: Mapping[str, Any]) -> Letter:
    """What a call says shall be written. Raises: NotDone."""
    subject, body = arguments.get("subject") or "", arguments.get("body") or ""
    if not isinstance(subject, str) or not isinstance(body, str):
        raise not_done("mail-text", "Subject and body are texts.", "Give each as a text.")
    if _UNSEEN.search(subject):
        raise not_done(
            "mail-header", "The subject has a line break or letters that nobody sees.", "Leave them out."
        )
    if "\x00" in body or any("\ud800" <= one <= "\udfff" for one in body + subject):
        raise not_done("mail-text", "It has letters that no mail can have.", "Leave them out.")
    if len(subject) > MOST_SUBJECT or len(body) > MOST_BODY:
        raise not_done("mail-too-long", f"It is longer than {MOST_BODY:,} letters.", "Write a shorter one.")
    return Letter(**recipients(arguments), subject=subject.strip(), body=body.replace("\r\n", "\n"))


def written(
    letter: Letter, *, sender: str, at: datetime, mid: str, of: Sequence[str] = (), thread: str = ""
) -> bytes:
    """The message as it is kept, in ASCII; `of` are drafts that it was, `thread` what a reply refers to."""
    message = EmailMessage(policy=policy.SMTP.clone(cte_type="7bit", max_line_length=78))
    message["From"] = sender
    for field in FIELDS:
        if getattr(letter, field):
            message[field.capitalize()] = ", ".join(getattr(letter, field))
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = mid
    message[OURS] = " ".join((mid, *of))
    if answered := _MID.findall(thread):
        message["In-Reply-To"] = answered[-1]
        message["References"] = " ".join(answered[-MOST_REFERENCES:])
    message.set_content(letter.body, charset="utf-8", cte="quoted-printable")
    return message.as_bytes()


def on_the_way(raw: bytes, *, hidden: bool = False) -> bytes:
    """The message as it goes out: marked as sent by a machine; where no server does that, without Bcc.

    Source: RFC 5322 section 3.6.3, RFC 3834 section 5.
    """
    head, _, body = raw.partition(b"\r\n\r\n")
    kept = head + b"\r\n" if hidden else re.sub(rb"(?im)^Bcc:.*\r\n([ \t].*\r\n)*", b"", head + b"\r\n")
    return kept + b"Auto-Submitted: auto-generated\r\n\r\n" + body


def head_from(named: Iterable[tuple[str, str]]) -> bytes:
    """A header as bytes, from what a service says of it piece by piece; each piece on one line."""
    wanted = {name.lower() for name in HEADERS}
    lines = [f"{name}: {' '.join(said.split())}\r\n" for name, said in named if name.lower() in wanted]
    return "".join(lines).encode("utf-8", "replace")[:MOST_HEAD]


def thread_of(head: Message) -> str:
    """What a reply to a message refers to."""
    return " ".join(_MID.findall(f"{value(head, 'References')} {value(head, 'Message-ID')}"))


def is_ours(head: Message) -> bool:
    """Whether an agent wrote it."""
    return OURS in head


def names_ours(head: Message, mid: str) -> bool:
    """Whether a message is the one with a Message-ID of ours, or was made from that draft."""
    return mid in (value(head, "Message-ID"), *value(head, OURS).split())


def letter_in(message: Stored) -> Letter:
    """What a message that is kept says, in the form in which letters are compared."""
    head = head_of(message.raw)
    whom = {field: people(head, field.capitalize()) for field in FIELDS}
    return Letter(**whom, subject=value(head, "Subject"), body=plain(message.raw, cut=message.cut).text)


def _squeezed(text: str) -> str:
    return " ".join(text.split())
