"""A mailbox over the Gmail API, whose folders are labels."""

import base64
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext, suppress
from datetime import UTC, date, datetime
from datetime import time as clock
from typing import Any
from urllib.parse import quote

from counterfoil.agents.connectors.connector import NotDone
from counterfoil.agents.connectors.mail.box import (
    MOST_RAW,
    Arrived,
    Flag,
    Folder,
    Kind,
    Page,
    Query,
    Stored,
    begun,
    not_done,
    unsure,
)
from counterfoil.agents.connectors.mail.cursor import Cursor, latest
from counterfoil.agents.connectors.mail.letter import HEADERS, head_from, names_ours, on_the_way
from counterfoil.agents.connectors.mail.plain import head_of, value
from counterfoil.agents.connectors.mail.web import Web
from counterfoil.agents.connectors.service import Missing
from counterfoil.terms.error import ToolError

MOST_ASKED = 60
"""Messages asked for one by one, where one of ours has to be looked for."""
MOST_FOLDERS = 100
_KINDS: Mapping[str, Kind] = {
    "TRASH": Kind.TRASH,
    "SPAM": Kind.JUNK,
    "DRAFT": Kind.DRAFTS,
    "SENT": Kind.SENT,
    "INBOX": Kind.INBOX,
}
"""In the order in which they say where a message with several labels lies."""
_LABELS = {kind: label for label, kind in _KINDS.items()}
_ARCHIVE = "Archive"
_RAW = re.compile(rb'"raw"\s*:\s*"([A-Za-z0-9_=-]*)')
_ORDER = (Kind.SENT, Kind.DRAFTS, Kind.TRASH)


class GmailBox:
    """One mailbox. Source: Gmail API reference v1, users.messages, drafts, labels, history (read 2026-11)."""

    def __init__(self, web: Web, *, address: str) -> None:
        """`web` with the base `https://gmail.googleapis.com/gmail/v1/users/me`."""
        self._web, self._address = web, address
        self._named: dict[str, str] = {}

    @property
    def address(self) -> str:
        """The owner's own address."""
        return self._address

    def folders(self) -> Sequence[Folder]:
        """Labels that hold mail, with what is in them."""
        found = []
        for id, name in list(self._labels().items())[:MOST_FOLDERS]:
            said = self._web.json("GET", f"/labels/{quote(id, safe='')}")
            found.append(
                Folder(
                    id=id,
                    name=name,
                    kind=_KINDS.get(id, Kind.OTHER),
                    messages=int(said.get("messagesTotal", 0)),
                    unseen=int(said.get("messagesUnread", 0)),
                )
            )
        return found

    def page(self, folder: str, query: Query, *, before: str, limit: int) -> Page:
        """Messages with a label."""
        asked: dict[str, Any] = {"labelIds": self._label(folder), "maxResults": limit}
        if words := _words(query):
            asked["q"] = words
        if before:
            asked["pageToken"] = before
        if folder in {"TRASH", "SPAM"}:
            asked["includeSpamTrash"] = "true"
        said = self._web.json("GET", "/messages", query=asked)
        return Page(
            tuple(self._heads(one["id"] for one in said.get("messages", ()))),
            str(said.get("nextPageToken", "")),
        )

    def fetch(self, id: str, *, head: bool = False) -> Stored:
        """One message; reading takes no label off it."""
        asked = {"format": "metadata", "metadataHeaders": list(HEADERS)}
        said = self._web.json("GET", f"/messages/{quote(id, safe='')}", query=asked)
        found = self._stored(said)
        if head:
            return found
        data, cut = self._web.start_of(
            f"/messages/{quote(id, safe='')}",
            most=MOST_RAW * 4 // 3,
            query={"format": "raw", "fields": "raw"},
        )
        text = _RAW.search(data)
        raw = (
            base64.urlsafe_b64decode(text[1][: len(text[1]) // 4 * 4] + (b"" if cut else _rest(text[1])))
            if text
            else b""
        )
        return Stored(
            id=found.id,
            folder=found.folder,
            kind=found.kind,
            at=found.at,
            flags=found.flags,
            size=found.size,
            raw=raw,
            cut=cut,
        )

    def put_draft(self, raw: bytes) -> str:
        """A draft, in the thread that it answers."""
        said = self._web.json("POST", "/drafts", body={"message": self._body(raw)})
        return str(said["message"]["id"])

    def move(self, id: str, folder: str) -> str:
        """Another label instead of the one under which it lies."""
        there, label = self.fetch(id, head=True), self._label(folder)
        path = f"/messages/{quote(id, safe='')}"
        if label == "TRASH":
            return self.put(id, Kind.TRASH)
        if there.kind is Kind.TRASH:
            self._web.json("POST", f"{path}/untrash")
        old = [] if there.folder in {_ARCHIVE, "TRASH"} else [self._label(there.folder)]
        body = {"addLabelIds": [label], "removeLabelIds": [one for one in old if one != label]}
        with begun("move a message") if there.kind is Kind.TRASH else nullcontext():
            self._web.json("POST", f"{path}/modify", body=body)
        return id

    def put(self, id: str, kind: Kind) -> str:
        """To the trash; or out of the inbox, which is Gmail's archive."""
        path = f"/messages/{quote(id, safe='')}"
        if kind is Kind.TRASH:
            self._web.json("POST", f"{path}/trash")
        else:
            self._web.json("POST", f"{path}/modify", body={"removeLabelIds": ["INBOX"]})
        return id

    def mark(self, id: str, flag: Flag, on: bool) -> None:
        """Seen is no label UNREAD; flagged is the label STARRED."""
        label, add = ("UNREAD", not on) if flag is Flag.SEEN else ("STARRED", on)
        body = {"addLabelIds" if add else "removeLabelIds": [label]}
        self._web.json("POST", f"/messages/{quote(id, safe='')}/modify", body=body)

    def submit(self, raw: bytes, recipients: Sequence[str], mid: str) -> str:
        """Send to whom the header names, where nothing with this Message-ID was sent."""
        found = self.find(mid)
        if found is not None and found.kind is Kind.SENT:
            return found.id
        body = self._body(on_the_way(raw, hidden=True))
        try:
            said = self._web.json("POST", "/messages/send", body=body)
        except NotDone:
            raise
        except ToolError as error:
            raise unsure("the service went away") from error
        return str(said.get("id", ""))

    def find(self, mid: str) -> Stored | None:
        """By Message-ID; and by our own header, since Gmail may give a mail another Message-ID."""
        asked = {"q": f"rfc822msgid:{mid.strip('<>')}", "includeSpamTrash": "true", "maxResults": 10}
        said = self._web.json("GET", "/messages", query=asked)
        heads = self._heads(one["id"] for one in said.get("messages", ()))
        for kind in _ORDER:
            if of_kind := [one for one in heads if one.kind is kind]:
                return self.fetch(of_kind[0].id)
        for kind in _ORDER[:2]:
            for one in self._newest(_LABELS[kind], ""):
                if names_ours(head_of(one.raw), mid):
                    return self.fetch(one.id)
        return None

    def recent(self, kind: Kind, since: date) -> Sequence[Stored]:
        """Headers of the newest messages with the label of a kind."""
        return self._newest(_LABELS[kind], f"after:{_epoch(since)}") if kind in _LABELS else ()

    def answers(self, sent: Stored, mid: str) -> Sequence[Stored]:
        """What came later in its thread."""
        thread = str(
            self._web.json("GET", f"/messages/{quote(sent.id, safe='')}", query={"format": "minimal"})[
                "threadId"
            ]
        )
        asked = {"format": "metadata", "metadataHeaders": list(HEADERS)}
        said = self._web.json("GET", f"/threads/{quote(thread, safe='')}", query=asked)
        found = [self._stored(one) for one in said.get("messages", ())]
        return [one for one in found if one.kind not in {Kind.SENT, Kind.DRAFTS} and one.at >= sent.at]

    def trace(self, id: str, day: date, is_it: Callable[[Stored], bool]) -> Stored | None:
        """By its id, which it keeps wherever it goes."""
        try:
            return self.fetch(id, head=True)
        except Missing:
            return None

    def arrived(self, folder: str, cursor: str) -> Arrived:
        """From the history of the mailbox; where that has been thrown away, by time of arrival."""
        then = Cursor.read(cursor)
        now = str(self._web.json("GET", "/profile")["historyId"])
        if then is None:
            return Arrived((), Cursor(now, 0, latest(self, folder)).text())
        label = self._label(folder)
        try:
            ids = self._added(then.space, label)
        except Missing:
            ids = [
                one.id for one in self._newest(label, f"after:{int(then.at.timestamp())}") if one.at > then.at
            ]
        new = sorted(self._heads(ids), key=lambda one: one.at)
        at = max([then.at, *(one.at for one in new)])
        return Arrived(tuple(one.id for one in new), Cursor(now, 0, at).text())

    def wait(self, folder: str, seconds: float) -> None:
        """Time alone: its push needs an address that Google can reach."""
        time.sleep(seconds)

    def _added(self, since: str, label: str) -> list[str]:
        asked: dict[str, Any] = {"startHistoryId": since, "historyTypes": "messageAdded", "labelId": label}
        found: dict[str, None] = {}
        while True:
            said = self._web.json("GET", "/history", query=asked)
            for entry in said.get("history", ()):
                found.update((one["message"]["id"], None) for one in entry.get("messagesAdded", ()))
            if not said.get("nextPageToken"):
                return list(found)
            asked["pageToken"] = said["nextPageToken"]

    def _newest(self, label: str, words: str) -> list[Stored]:
        asked: dict[str, Any] = {"labelIds": label, "maxResults": MOST_ASKED}
        said = self._web.json("GET", "/messages", query=asked | ({"q": words} if words else {}))
        return self._heads(one["id"] for one in said.get("messages", ()))

    def _heads(self, ids: Iterable[str]) -> list[Stored]:
        found = []
        for id in ids:
            with suppress(Missing):
                found.append(self.fetch(id, head=True))
        return found

    def _body(self, raw: bytes) -> dict[str, str]:
        body = {"raw": base64.urlsafe_b64encode(raw).decode()}
        if answered := value(head_of(raw), "In-Reply-To").strip("<>"):
            said = self._web.json("GET", "/messages", query={"q": f"rfc822msgid:{answered}", "maxResults": 1})
            for one in said.get("messages", ()):
                body["threadId"] = str(one["threadId"])
        return body

    def _labels(self, *, afresh: bool = True) -> dict[str, str]:
        """Names by id of the labels that are places; marks and categories are not."""
        if afresh or not self._named:
            said = self._web.json("GET", "/labels").get("labels", ())
            self._named = {
                one["id"]: one["name"] for one in said if one.get("type") == "user" or one["id"] in _KINDS
            }
        return self._named

    def _label(self, folder: str) -> str:
        for afresh in (False, True):
            for id, name in self._labels(afresh=afresh).items():
                if name == folder:
                    return id
        raise not_done(
            "mail-no-folder", "There is no such folder.", "List the folders, and take one of them."
        )

    def _stored(self, said: Mapping[str, Any]) -> Stored:
        labels = set(said.get("labelIds", ()))
        place = next((label for label in _KINDS if label in labels), "")
        kind, folder = (_KINDS[place], place) if place else self._own(labels)
        flags = ["seen"] if "UNREAD" not in labels else []
        flags += ["flagged"] if "STARRED" in labels else []
        flags += ["draft"] if "DRAFT" in labels else []
        return Stored(
            id=str(said["id"]),
            folder=folder,
            kind=kind,
            at=datetime.fromtimestamp(int(said.get("internalDate", 0)) / 1000, UTC),
            flags=tuple(sorted(flags)),
            size=int(said.get("sizeEstimate", 0)),
            raw=head_from((one["name"], one["value"]) for one in said.get("payload", {}).get("headers", ())),
        )

    def _own(self, labels: set[str]) -> tuple[Kind, str]:
        known = self._labels(afresh=False)
        names = sorted(known[id] for id in labels & set(known))
        return Kind.ARCHIVE, names[0] if names else _ARCHIVE


def _words(query: Query) -> str:
    """What to look for, quoted so that nothing in it is an operator."""
    said = [f'"{query.text.replace(chr(34), " ")}"'] if query.text else []
    said += [f'from:"{query.sender.replace(chr(34), " ")}"'] if query.sender else []
    said += [f"after:{_epoch(query.since)}"] if query.since else []
    said += [f"before:{_epoch(query.until) + 86400}"] if query.until else []
    said += ["is:unread"] if query.unseen else []
    return " ".join(said)


def _epoch(day: date) -> int:
    return int(datetime.combine(day, clock(), UTC).timestamp())


def _rest(text: bytes) -> bytes:
    """What a multiple of four leaves over, padded."""
    over = text[len(text) // 4 * 4 :]
    return over + b"=" * (-len(over) % 4)
