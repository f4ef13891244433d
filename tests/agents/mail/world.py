"""A mailbox with its owner and strangers, the same for every way in which it is reached."""

import smtplib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from itertools import count
from typing import Any, Protocol

from imapclient import IMAPClient  # type: ignore[import-untyped]

from agents.mail.gmail_server import Gmail
from agents.mail.graph_server import Graph
from counterfoil.agents.connectors.connector import Answer
from counterfoil.agents.connectors.mail.box import Box
from counterfoil.agents.connectors.mail.mail import Mail
from counterfoil.terms.agent import AgentId, Cause, CauseKind
from counterfoil.terms.effect import Effect, EffectFate, EffectState, Followed
from counterfoil.terms.ids import Pseudonym

OWNER = "ann@example.org"
SECRET = b"the key of the hashes"
NUMBERS = count(1)


class World(Protocol):
    """What people and servers do, beside the agent."""

    box: Box
    inbox: str
    invoices: str
    sent: str
    drafts: str

    def arrive(self, raw: bytes) -> None:
        """A mail from outside."""

    def person_sends(self, raw: bytes) -> None:
        """The owner's own program sends something, and keeps a copy."""

    def person_moves(self, id: str, folder: str) -> None:
        """The owner moves a message."""

    def person_empties_drafts(self) -> None:
        """The owner deletes every draft for good."""


def letter(
    subject: str,
    body: str = "Good morning",
    *,
    sender: str = "Bob <bob@example.com>",
    to: str = OWNER,
    mid: str = "",
    **headers: str,
) -> bytes:
    """A plain mail of somebody."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Message-ID"] = mid or f"<{next(NUMBERS)}@elsewhere.example>"
    for name, said in headers.items():
        message[name.replace("_", "-")] = said
    message.set_content(body)
    return message.as_bytes()


@dataclass
class ImapWorld:
    """On a real IMAP server."""

    box: Box
    port: int
    user: str
    password: str
    sent: str
    lmtp: int = 0
    inbox: str = "INBOX"
    invoices: str = "Invoices"
    drafts: str = "Drafts"

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        client = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=20)
        client.login(self.user, self.password)
        yield client
        client.logout()

    def arrive(self, raw: bytes) -> None:
        if self.lmtp:
            with smtplib.LMTP("127.0.0.1", self.lmtp) as server:
                server.sendmail("bounce@example.com", [self.user], raw)
        else:
            with self.client() as client:
                client.append("INBOX", raw)

    def person_sends(self, raw: bytes) -> None:
        with self.client() as client:
            client.append(self.sent, raw, flags=[b"\\Seen"])

    def person_moves(self, id: str, folder: str) -> None:
        _, uid, name = id.split(".", 2)
        with self.client() as client:
            client.select_folder(name)
            client.move([int(uid)], folder)

    def person_empties_drafts(self) -> None:
        self.emptied("Drafts")

    def emptied(self, *folders: str) -> None:
        with self.client() as client:
            for folder in folders:
                client.select_folder(folder)
                if uids := client.search("ALL"):
                    client.delete_messages(uids)
                    client.expunge()


@dataclass
class GmailWorld:
    """On the stand-in of Gmail."""

    box: Box
    service: Gmail
    inbox: str = "INBOX"
    invoices: str = "Invoices"
    sent: str = "SENT"
    drafts: str = "DRAFT"

    def arrive(self, raw: bytes) -> None:
        self.service.keep(raw, {"INBOX", "UNREAD"})

    def person_sends(self, raw: bytes) -> None:
        self.service.keep(raw, {"SENT"})

    def person_moves(self, id: str, folder: str) -> None:
        label = {"Invoices": "Label_1"}.get(folder, folder)
        mail = self.service.mails[id]
        mail.labels = (mail.labels - {"INBOX", "TRASH", "Label_1"}) | {label}

    def person_empties_drafts(self) -> None:
        self.service.mails = {k: one for k, one in self.service.mails.items() if "DRAFT" not in one.labels}


@dataclass
class GraphWorld:
    """On the stand-in of Graph."""

    box: Box
    service: Graph
    inbox: str = "Inbox"
    invoices: str = "Invoices"
    sent: str = "Sent Items"
    drafts: str = "Drafts"

    def arrive(self, raw: bytes) -> None:
        self.service.keep(raw, "F=inbox")

    def person_sends(self, raw: bytes) -> None:
        self.service.keep(raw, "F=sentitems")

    def person_moves(self, id: str, folder: str) -> None:
        self.service.mails[id].folder = next(k for k, name in self.service.folders.items() if name == folder)

    def person_empties_drafts(self) -> None:
        for id in [k for k, one in self.service.mails.items() if one.folder == "F=drafts"]:
            del self.service.mails[id]


@dataclass
class Hand:
    """An agent's hand on a mailbox: each call with a key of its own, unless one is given."""

    world: World
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    mail: Mail = field(init=False)

    def __post_init__(self) -> None:
        self.mail = Mail(self.world.box, secret=SECRET)

    def do(self, tool: str, key: str = "", /, **arguments: Any) -> Answer:
        return self.mail.do(tool, arguments, key or f"run:{next(NUMBERS)}")

    def inbox(self, subject: str = "") -> list[dict[str, Any]]:
        found = self.do("messages", folder=self.world.inbox).value["messages"]
        return [one for one in found if subject in one["subject"]]

    def the(self, subject: str) -> str:
        (one,) = self.inbox(subject)
        return str(one["id"])

    def in_folder(self, folder: str, subject: str) -> list[dict[str, Any]]:
        found = self.do("messages", folder=folder).value["messages"]
        return [one for one in found if one["subject"] == subject]

    def became(self, tool: str, answer: Answer, *, days: float = 0) -> Followed:
        """What followed, seen so many days later."""
        from datetime import timedelta

        now = datetime.now(UTC)
        return self.mail.follow(effect(tool, answer.ref, now), now + timedelta(days=days, seconds=5))

    def fate(self, tool: str, answer: Answer, *, days: float = 0) -> EffectFate:
        return self.became(tool, answer, days=days).fate


def effect(tool: str, ref: str, at: datetime) -> Effect:
    return Effect(
        key="run:1",
        agent=AgentId("triage"),
        owner=Pseudonym("p-1"),
        tool=f"mail/{tool}",
        cause=Cause(CauseKind.MAIL, "1"),
        at=at,
        state=EffectState.DONE,
        to=(),
        ref=ref,
    )
