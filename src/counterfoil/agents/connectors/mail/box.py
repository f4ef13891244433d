"""What a mailbox offers, whichever way it is reached, and how it says that it could not."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.service import Missing
from counterfoil.terms.error import ToolError

MOST_RAW = 2 * 2**20
"""Bytes of one message that are ever fetched."""
MOST_HEAD = 16 * 2**10
"""Bytes of the header of one message in a list."""
MOST_SCANNED = 200
"""Messages looked through to find one of ours where the system can't search for it."""


class Kind(StrEnum):
    """What a folder is for."""

    INBOX = "inbox"
    DRAFTS = "drafts"
    SENT = "sent"
    OUTBOX = "outbox"
    """On its way: kept until the server that sends has said yes."""
    TRASH = "trash"
    ARCHIVE = "archive"
    JUNK = "junk"
    OTHER = ""


class Flag(StrEnum):
    """A mark on a message that an agent may set."""

    SEEN = "seen"
    FLAGGED = "flagged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder of the mailbox; with Gmail, a label."""

    id: str
    name: str
    kind: Kind
    messages: int
    unseen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One message as the mailbox keeps it."""

    id: str
    """What the mailbox itself calls it; no sender can choose it."""
    folder: str
    kind: Kind
    at: datetime
    """When the mailbox got it."""
    flags: tuple[str, ...]
    size: int | None
    """None where the mailbox does not say it in a list."""
    raw: bytes
    """Its first bytes; in lists those of its header alone."""
    cut: bool = False
    """Whether there is more of it than `raw`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What to look for in a folder."""

    text: str = ""
    sender: str = ""
    since: date | None = None
    until: date | None = None
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Some messages, the newest first, and where the next page begins."""

    messages: tuple[Stored, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Arrived:
    """New messages since a cursor, and the cursor after them."""

    ids: tuple[str, ...]
    cursor: str


class Box(Protocol):
    """A mailbox, reached one way or another. Reading changes nothing in it."""

    @property
    def address(self) -> str:
        """The owner's own address."""

    def folders(self) -> Sequence[Folder]:
        """Every folder."""

    def page(self, folder: str, query: Query, *, before: str, limit: int) -> Page:
        """Messages of a folder that a query finds, with their headers."""

    def fetch(self, id: str, *, head: bool = False) -> Stored:
        """One message, or its header alone. Raises: NotDone where it is not there."""

    def put_draft(self, raw: bytes) -> str:
        """Lay a draft, and say what it is called."""

    def move(self, id: str, folder: str) -> str:
        """Move a message, and say what it is called there."""

    def put(self, id: str, kind: Kind) -> str:
        """Move a message to the folder of a kind: trash, archive."""

    def mark(self, id: str, flag: Flag, on: bool) -> None:
        """Set a flag, or take it off."""

    def submit(self, raw: bytes, recipients: Sequence[str], mid: str) -> str:
        """Send a message once. Raises: NotDone where surely nothing went out, Unsure where nobody knows."""

    def find(self, mid: str) -> Stored | None:
        """The newest message of ours with a Message-ID: sent before draft before thrown away."""

    def recent(self, kind: Kind, since: date) -> Sequence[Stored]:
        """The headers of what lies in a folder of a kind since a day, the newest first; a bounded number."""

    def answers(self, sent: Stored, mid: str) -> Sequence[Stored]:
        """What came in that names a message of ours."""

    def trace(self, id: str, day: date, is_it: Callable[[Stored], bool]) -> Stored | None:
        """Where a message that came on a day is now; None where it is nowhere any more."""

    def arrived(self, folder: str, cursor: str) -> Arrived:
        """What is new in a folder since a cursor; an empty cursor is now."""

    def wait(self, folder: str, seconds: float) -> None:
        """Until something may be new in a folder, or for so long."""


class SignedOut(NotDone):
    """The mailbox no longer takes the owner's permission; the owner can give it again."""


class Unsure(ToolError):
    """It was handed over, and nobody said whether it was taken: for a person, never tried again."""


def signed_out(address: str) -> SignedOut:
    """The one state for a permission that was taken back or ran out, in words."""
    return SignedOut(
        "mail-signed-out",
        f"The mailbox {address} no longer accepts the permission that its owner gave; nothing was done.",
        hint="Sign in to this mailbox again; the run goes on from where it stands.",
    )


def unsure(why: str) -> Unsure:
    """A message that may have gone out."""
    return Unsure(
        "mail-unconfirmed",
        f"The mail was handed over, and nobody said that it was taken ({why}).",
        hint="Look into Sent and Outbox, or ask whom it was for; it is not sent again by itself.",
    )


def unanswered(what: str) -> ToolError:
    """A change in the mailbox that may have been made; made again it is the same."""
    return ToolError(
        "mail-unconfirmed",
        f"The mailbox went away while it was to {what}.",
        hint="Look whether it is so already.",
    )


@contextmanager
def begun(what: str, refusals: tuple[type[Exception], ...] = (NotDone,)) -> Iterator[None]:
    """Where the mailbox did a part of a change already, its refusal of the rest leaves it open."""
    try:
        yield
    except refusals as error:
        raise ToolError(
            "mail-unconfirmed",
            f"The mailbox did a part of it and not the rest when it was to {what}.",
            hint="Look where the message lies; it is not tried again by itself.",
        ) from error


def unsent(where: str) -> NotDone:
    """A mail whose copy was to be kept before it went out, and nobody knows whether it was."""
    return NotDone(
        "mail-not-sent",
        "The mailbox went away before it was sent; nobody got it.",
        hint=f"Look into {where}.",
    )


def gone(id: str) -> Missing:
    """A message that is not where it was said to be."""
    return Missing(
        "mail-gone",
        f"There is no message {id[:80]!r} any more.",
        hint="List the folder again and take its new id.",
    )


def not_done(code: str, message: str, hint: str) -> NotDone:
    """Nothing happened, and why."""
    return NotDone(code, message, hint=hint)
