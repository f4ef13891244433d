"""A mailbox over Microsoft Graph, with ids that stay when a message moves."""

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
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
    not_done,
    unsent,
    unsure,
)
from counterfoil.agents.connectors.mail.cursor import Cursor, latest
from counterfoil.agents.connectors.mail.letter import head_from, names_ours, on_the_way
from counterfoil.agents.connectors.mail.plain import head_of
from counterfoil.agents.connectors.mail.web import Web
from counterfoil.agents.connectors.service import Missing
from counterfoil.terms.error import ToolError

PREFER = {"Prefer": 'IdType="ImmutableId"'}
MOST_PAGES = 20
_KNOWN: Mapping[Kind, str] = {
    Kind.INBOX: "inbox",
    Kind.DRAFTS: "drafts",
    Kind.SENT: "sentitems",
    Kind.OUTBOX: "outbox",
    Kind.TRASH: "deleteditems",
    Kind.ARCHIVE: "archive",
    Kind.JUNK: "junkemail",
}
_FIELDS = (
    "id,parentFolderId,receivedDateTime,isRead,isDraft,flag,subject,from,toRecipients,ccRecipients,bccRecipients,"
    "replyTo,internetMessageId,internetMessageHeaders,conversationId"
)
_ORDER = (Kind.SENT, Kind.OUTBOX, Kind.DRAFTS, Kind.TRASH)
_PEOPLE = {"To": "toRecipients", "Cc": "ccRecipients", "Bcc": "bccRecipients", "Reply-To": "replyTo"}


class GraphBox:
    """One mailbox. Source: Microsoft Graph v1.0, message, mailFolder, delta, immutable ids (read 2026-11)."""

    def __init__(self, web: Web, *, address: str) -> None:
        """`web` with the base `https://graph.microsoft.com/v1.0/me`, and `PREFER` as headers."""
        self._web, self._address = web, address
        self._places: dict[str, tuple[str, Kind]] = {}

    @property
    def address(self) -> str:
        """The owner's own address."""
        return self._address

    def folders(self) -> Sequence[Folder]:
        """Every folder, those inside others by both names."""
        known = {}
        for kind, name in _KNOWN.items():
            with suppress(Missing):
                said = self._web.json("GET", f"/mailFolders/{name}", query={"$select": "id"})
                known[str(said["id"])] = kind
        found = list(self._below("/mailFolders", "", known))
        self._places = {one.id: (one.name, one.kind) for one in found}
        return found

    def page(self, folder: str, query: Query, *, before: str, limit: int) -> Page:
        """Messages of a folder; a search in words is ordered by the service itself."""
        if before:
            said = self._web.json("GET", self._web.onward(before))
        else:
            asked = {"$top": limit, "$select": _FIELDS, **_asked(query)}
            said = self._web.json(
                "GET", f"/mailFolders/{quote(self._folder(folder), safe='')}/messages", query=asked
            )
        found = [self._stored(one) for one in said.get("value", ())]
        shown = [one for one in found if not (query.unseen and "seen" in one.flags)]
        return Page(tuple(shown), str(said.get("@odata.nextLink", "")))

    def fetch(self, id: str, *, head: bool = False) -> Stored:
        """One message; reading does not mark it as read."""
        found = self._stored(self._web.json("GET", _at(id), query={"$select": _FIELDS}))
        if head:
            return found
        raw, cut = self._web.start_of(f"{_at(id)}/$value", most=MOST_RAW)
        return Stored(
            id=found.id,
            folder=found.folder,
            kind=found.kind,
            at=found.at,
            flags=found.flags,
            size=None if cut else len(raw),
            raw=raw,
            cut=cut,
        )

    def put_draft(self, raw: bytes) -> str:
        """A draft from its MIME form."""
        said = self._web.json("POST", "/messages", body=base64.b64encode(raw))
        return str(said["id"])

    def move(self, id: str, folder: str) -> str:
        """Move to a folder by name."""
        return self._move(id, self._folder(folder))

    def put(self, id: str, kind: Kind) -> str:
        """Move to the well-known folder of a kind."""
        return self._move(id, _KNOWN[kind])

    def mark(self, id: str, flag: Flag, on: bool) -> None:
        """Set a flag, or take it off."""
        flagged = {"flag": {"flagStatus": "flagged" if on else "notFlagged"}}
        self._web.json("PATCH", _at(id), body={"isRead": on} if flag is Flag.SEEN else flagged)

    def submit(self, raw: bytes, recipients: Sequence[str], mid: str) -> str:
        """Lay it as a draft and send that: a draft of an earlier try is never sent again by itself."""
        found = self.find(mid)
        if found is not None and found.kind is Kind.SENT:
            return found.id
        if found is not None and found.kind is not Kind.TRASH:
            raise unsure("it lies in Drafts or Outbox since an earlier try")
        try:
            id = self.put_draft(on_the_way(raw, hidden=True))
        except NotDone:
            raise
        except ToolError as error:
            raise unsent("Drafts") from error
        try:
            self._web.json("POST", f"{_at(id)}/send")
        except NotDone:
            with suppress(ToolError):
                self.put(id, Kind.TRASH)
            raise
        except ToolError as error:
            raise unsure("the service went away") from error
        return id

    def find(self, mid: str) -> Stored | None:
        """By Message-ID, and by our own header among the newest."""
        asked = {"$filter": f"internetMessageId eq '{mid}'", "$select": _FIELDS, "$top": 10}
        heads = [
            self._stored(one) for one in self._web.json("GET", "/messages", query=asked).get("value", ())
        ]
        for kind in _ORDER:
            if of_kind := [one for one in heads if one.kind is kind]:
                return self.fetch(of_kind[0].id)
        for kind in (Kind.SENT, Kind.DRAFTS):
            for one in self._newest(kind, ""):
                if names_ours(head_of(one.raw), mid):
                    return self.fetch(one.id)
        return None

    def recent(self, kind: Kind, since: date) -> Sequence[Stored]:
        """Headers of the newest messages in the well-known folder of a kind."""
        return self._newest(kind, f"receivedDateTime ge {since.isoformat()}T00:00:00Z")

    def answers(self, sent: Stored, mid: str) -> Sequence[Stored]:
        """What came later in its conversation."""
        talk = str(self._web.json("GET", _at(sent.id), query={"$select": "conversationId"})["conversationId"])
        asked = {
            "$filter": f"conversationId eq '{talk.replace(chr(39), chr(39) * 2)}'",
            "$select": _FIELDS,
            "$top": 50,
        }
        found = [
            self._stored(one) for one in self._web.json("GET", "/messages", query=asked).get("value", ())
        ]
        return [
            one
            for one in found
            if one.kind not in {Kind.SENT, Kind.DRAFTS, Kind.OUTBOX} and one.at >= sent.at
        ]

    def trace(self, id: str, day: date, is_it: Callable[[Stored], bool]) -> Stored | None:
        """By its id, which it keeps wherever it goes."""
        try:
            return self.fetch(id, head=True)
        except Missing:
            return None

    def arrived(self, folder: str, cursor: str) -> Arrived:
        """From the folder's delta; where that was thrown away, by time of arrival."""
        then = Cursor.read(cursor)
        start = f"/mailFolders/{quote(self._folder(folder), safe='')}/messages/delta"
        at = then.at if then else latest(self, folder)
        fresh = {
            "changeType": "created",
            "$select": "receivedDateTime",
            "$filter": f"receivedDateTime ge {at.isoformat(timespec='seconds').replace('+00:00', 'Z')}",
        }
        try:
            found, link = (
                self._delta(self._web.onward(then.space), None) if then else self._delta(start, fresh)
            )
        except Missing:
            found, link = self._delta(start, fresh)
            found = {id: when for id, when in found.items() if when > at}
        if then is None:
            return Arrived((), Cursor(link, 0, at).text())
        new = sorted(found, key=lambda id: found[id])
        return Arrived(tuple(new), Cursor(link, 0, max([at, *found.values()])).text())

    def wait(self, folder: str, seconds: float) -> None:
        """Time alone: its notifications need an address that Microsoft can reach."""
        time.sleep(seconds)

    def _delta(self, path: str, query: Mapping[str, str] | None) -> tuple[dict[str, datetime], str]:
        found: dict[str, datetime] = {}
        while True:
            said = self._web.json("GET", path, query=query)
            for one in said.get("value", ()):
                if "@removed" not in one and "receivedDateTime" in one:
                    found[str(one["id"])] = _when(one["receivedDateTime"])
            if link := str(said.get("@odata.deltaLink", "")):
                return found, link
            path, query = self._web.onward(str(said.get("@odata.nextLink", ""))), None

    def _below(self, path: str, above: str, known: Mapping[str, Kind]) -> Iterator[Folder]:
        query: dict[str, Any] | None = {"$top": 100}
        for _ in range(MOST_PAGES):
            said = self._web.json("GET", path, query=query)
            for one in said.get("value", ()):
                name = above + str(one["displayName"])
                yield Folder(
                    id=str(one["id"]),
                    name=name,
                    kind=known.get(str(one["id"]), Kind.OTHER),
                    messages=int(one.get("totalItemCount", 0)),
                    unseen=int(one.get("unreadItemCount", 0)),
                )
                if one.get("childFolderCount") and above.count("/") < MOST_PAGES:
                    yield from self._below(
                        f"/mailFolders/{quote(one['id'], safe='')}/childFolders", f"{name}/", known
                    )
            if not said.get("@odata.nextLink"):
                return
            path, query = self._web.onward(str(said["@odata.nextLink"])), None

    def _newest(self, kind: Kind, words: str) -> list[Stored]:
        asked = {"$top": 100, "$select": _FIELDS, "$orderby": "receivedDateTime desc"}
        path = f"/mailFolders/{_KNOWN[kind]}/messages"
        said = self._web.json("GET", path, query=asked | ({"$filter": words} if words else {}))
        return [self._stored(one) for one in said.get("value", ())]

    def _move(self, id: str, to: str) -> str:
        said = self._web.json("POST", f"{_at(id)}/move", body={"destinationId": to})
        return str(said.get("id", id))

    def _folder(self, name: str) -> str:
        for again in (False, True):
            if again or not self._places:
                self.folders()
            for id, (its, _) in self._places.items():
                if its == name:
                    return id
        raise not_done(
            "mail-no-folder", "There is no such folder.", "List the folders, and take one of them."
        )

    def _stored(self, said: Mapping[str, Any]) -> Stored:
        place = str(said.get("parentFolderId", ""))
        if place not in self._places:
            self.folders()
        folder, kind = self._places.get(place, ("", Kind.OTHER))
        flags = ["seen"] if said.get("isRead") else []
        flags += ["flagged"] if (said.get("flag") or {}).get("flagStatus") == "flagged" else []
        flags += ["draft"] if said.get("isDraft") else []
        return Stored(
            id=str(said["id"]),
            folder=folder,
            kind=kind,
            at=_when(said.get("receivedDateTime") or "1970-01-01T00:00:00Z"),
            flags=tuple(sorted(flags)),
            size=None,
            raw=head_from(_headers(said)),
        )


def _headers(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Headers as they came, and what the service says beside them where it keeps none."""
    given = [(str(one["name"]), str(one["value"])) for one in said.get("internetMessageHeaders") or ()]
    yield from given
    have = {name.lower() for name, _ in given}
    beside = {
        "Subject": str(said.get("subject") or ""),
        "Message-ID": str(said.get("internetMessageId") or ""),
    }
    beside["From"] = _person(said.get("from") or {})
    beside |= {
        name: ", ".join(_person(one) for one in said.get(field) or ()) for name, field in _PEOPLE.items()
    }
    for name, text in beside.items():
        if text and name.lower() not in have:
            yield name, text


def _person(said: Mapping[str, Any]) -> str:
    each = said.get("emailAddress") or {}
    name, address = str(each.get("name") or ""), str(each.get("address") or "")
    return f"{json.dumps(name, ensure_ascii=False)} <{address}>" if name and name != address else address


def _asked(query: Query) -> dict[str, str]:
    """A search in words where there are words, for then nothing else may stand beside it; else a filter."""
    if query.text or query.sender:
        said = [query.text] if query.text else []
        said += [f"from:{query.sender}"] if query.sender else []
        said += [f"received>={query.since.isoformat()}"] if query.since else []
        said += [f"received<={query.until.isoformat()}"] if query.until else []
        return {
            "$search": json.dumps(" ".join(said).replace('"', " ").replace("\\", " "), ensure_ascii=False)
        }
    said = ["receivedDateTime ge 1970-01-01T00:00:00Z"]
    said += [f"receivedDateTime ge {query.since.isoformat()}T00:00:00Z"] if query.since else []
    said += (
        [f"receivedDateTime lt {(query.until + timedelta(days=1)).isoformat()}T00:00:00Z"]
        if query.until
        else []
    )
    said += ["isRead eq false"] if query.unseen else []
    return {"$orderby": "receivedDateTime desc", "$filter": " and ".join(said)}


def _at(id: str) -> str:
    return f"/messages/{quote(id, safe='')}"


def _when(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
