"""Microsoft Graph mail as its reference describes it, as far as a mailbox needs it; the rest it refuses."""

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import getaddresses
from typing import Any, ClassVar
from urllib.parse import quote, unquote

from agents.mail.service import Answered, Asked, Failed, Service, good, parsed

KNOWN = {
    "inbox": "Inbox",
    "drafts": "Drafts",
    "sentitems": "Sent Items",
    "outbox": "Outbox",
    "deleteditems": "Deleted Items",
    "archive": "Archive",
    "junkemail": "Junk Email",
}
FIELDS = {
    "id",
    "parentFolderId",
    "receivedDateTime",
    "isRead",
    "isDraft",
    "flag",
    "subject",
    "from",
    "toRecipients",
    "ccRecipients",
    "bccRecipients",
    "replyTo",
    "internetMessageId",
    "internetMessageHeaders",
    "conversationId",
}


def error(status: int, code: str) -> Failed:
    return Failed(status, {"error": {"code": code, "message": code}})


@dataclass
class Kept:
    raw: bytes
    folder: str
    at: datetime
    talk: str
    read: bool = False
    flagged: bool = False
    draft: bool = False
    moves: int = 0


@dataclass
class Graph(Service):
    """One mailbox."""

    prefix: ClassVar[str] = "/v1.0/me"
    mails: dict[str, Kept] = field(default_factory=dict)
    folders: dict[str, str] = field(
        default_factory=lambda: {f"F={k}": v for k, v in KNOWN.items()} | {"F=1": "Invoices"}
    )
    inside: dict[str, str] = field(default_factory=lambda: {"F=2": "F=1"})
    sends: int = 0
    forgets: bool = False
    """Whether the places in deltas that were handed out are no longer known."""

    def __post_init__(self) -> None:
        self.folders["F=2"] = "Old"

    def keep(self, raw: bytes, folder: str, **more: Any) -> str:
        id = f"AAk/{len(self.mails)}+="
        last = max((one.at for one in self.mails.values()), default=datetime.min.replace(tzinfo=UTC))
        at = max(datetime.now(UTC), last + timedelta(milliseconds=1))
        self.mails[id] = Kept(raw, folder, at, self._talk(raw) or f"talk'{len(self.mails)}", **more)
        return id

    def _talk(self, raw: bytes) -> str:
        refers = f"{parsed(raw)['References'] or ''} {parsed(raw)['In-Reply-To'] or ''}".split()
        return next((one.talk for one in self.mails.values() if parsed(one.raw)["Message-ID"] in refers), "")

    def answer(self, asked: Asked) -> Answered:
        if 'IdType="ImmutableId"' not in asked.headers.get("Prefer", ""):
            raise AssertionError("ids would change with each move")
        parts = [unquote(one) for one in asked.path.removeprefix(self.prefix).split("/") if one]
        match asked.method, parts:
            case "GET", ["mailFolders"]:
                top = [id for id in self.folders if id not in self.inside]
                return self._paged([self._folder(id) for id in top], asked, size=5)
            case "GET", ["mailFolders", id, "childFolders"]:
                return good({"value": [self._folder(one) for one, up in self.inside.items() if up == id]})
            case "GET", ["mailFolders", id]:
                return good({"id": self._place(id)})
            case "GET", ["mailFolders", id, "messages"]:
                return self._list(asked, self._place(id))
            case "GET", ["mailFolders", id, "messages", "delta"]:
                return self._delta(asked, self._place(id))
            case "GET", ["messages"]:
                return self._list(asked, "")
            case "GET", ["messages", id]:
                return good(self._shown(id, asked))
            case "GET", ["messages", id, "$value"]:
                return 200, {"Content-Type": "text/plain"}, self._mail(id).raw
            case "POST", ["messages"]:
                return self._draft(asked)
            case "POST", ["messages", id, "send"]:
                return self._send(id)
            case "POST", ["messages", id, "move"]:
                self._mail(id).folder = self._place(json.loads(asked.body)["destinationId"])
                return good({"id": id}, 201)
            case "PATCH", ["messages", id]:
                body = json.loads(asked.body)
                assert set(body) <= {"isRead", "flag"}
                self._mail(id).read = body.get("isRead", self._mail(id).read)
                if "flag" in body:
                    self._mail(id).flagged = body["flag"]["flagStatus"] == "flagged"
                return good({"id": id})
        raise error(400, "BadRequest")

    def _mail(self, id: str) -> Kept:
        if id not in self.mails:
            raise error(404, "ErrorItemNotFound")
        return self.mails[id]

    def _place(self, id: str) -> str:
        place = f"F={id}" if id in KNOWN else id
        if place not in self.folders:
            raise error(404, "ErrorItemNotFound")
        return place

    def _folder(self, id: str) -> dict[str, object]:
        inside = [one for one in self.mails.values() if one.folder == id]
        return {
            "id": id,
            "displayName": self.folders[id],
            "childFolderCount": sum(up == id for up in self.inside.values()),
            "totalItemCount": len(inside),
            "unreadItemCount": sum(not one.read for one in inside),
        }

    def _draft(self, asked: Asked) -> Answered:
        if asked.headers.get("Content-Type") != "text/plain":
            raise error(400, "ErrorInvalidRequest")
        try:
            raw = base64.b64decode(asked.body, validate=True)
        except binascii.Error:
            raise error(400, "ErrorMimeContentInvalidBase64String") from None
        return good({"id": self.keep(raw, "F=drafts", draft=True, read=True)}, 201)

    def _send(self, id: str) -> Answered:
        mail, head = self._mail(id), parsed(self._mail(id).raw)
        if not mail.draft:
            raise error(400, "ErrorInvalidOperation")
        if not [one for _, one in getaddresses([head[name] or "" for name in ("To", "Cc", "Bcc")]) if one]:
            raise error(400, "ErrorInvalidRecipients")
        self.sends += 1
        mail.folder, mail.draft = "F=sentitems", False
        return 202, {}, b""

    def _list(self, asked: Asked, folder: str) -> Answered:
        words, found = (
            asked.one("$filter"),
            {k: one for k, one in self.mails.items() if folder in {"", one.folder}},
        )
        if asked.one("$search"):
            if words or asked.one("$orderby"):
                raise error(400, "SearchWithOrderBy")
            found = {k: one for k, one in found.items() if self._searched(one, asked.one("$search"))}
        if (
            asked.one("$orderby") == "receivedDateTime desc"
            and words
            and not words.startswith("receivedDateTime")
        ):
            raise error(400, "InefficientFilter")
        for word in words.split(" and ") if words else []:
            found = {k: one for k, one in found.items() if self._filtered(one, word)}
        order = sorted(found, key=lambda id: found[id].at, reverse=True)
        return self._paged([self._shown(id, asked) for id in order], asked, size=int(asked.one("$top", "10")))

    def _paged(self, values: list[Any], asked: Asked, *, size: int) -> Answered:
        start = int(asked.one("$skip", "0"))
        said: dict[str, object] = {"value": values[start : start + size]}
        if len(values) > start + size:
            kept = "&".join(f"{k}={quote(v[0])}" for k, v in asked.query.items() if k != "$skip")
            said["@odata.nextLink"] = f"{self.url}{asked.path}?{kept}&$skip={start + size}"
        return good(said)

    def _searched(self, mail: Kept, words: str) -> bool:
        assert words[0] == words[-1] == '"'
        assert '"' not in words[1:-1]
        text = mail.raw.decode("utf-8", "replace").lower()
        return all(
            word.removeprefix("from:").lower()
            in (str(parsed(mail.raw)["From"]).lower() if "from:" in word else text)
            for word in words[1:-1].split()
            if not word.startswith("received")
        )

    def _filtered(self, mail: Kept, word: str) -> bool:
        if said := re.fullmatch(r"internetMessageId eq '(<[^']+>)'", word):
            return parsed(mail.raw)["Message-ID"] == said[1]
        if said := re.fullmatch(r"conversationId eq '((?:[^']|'')+)'", word):
            return mail.talk == said[1].replace("''", "'")
        if said := re.fullmatch(r"receivedDateTime (ge|lt) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)", word):
            return (mail.at >= datetime.fromisoformat(said[2])) is (said[1] == "ge")
        if word == "isRead eq false":
            return not mail.read
        raise error(400, "ErrorInvalidUrlQueryFilter")

    def _shown(self, id: str, asked: Asked) -> dict[str, object]:
        mail, wanted = self._mail(id), set(asked.one("$select").split(","))
        if wanted - FIELDS:
            raise error(400, "RequestBroker--ParseUri")
        head = parsed(mail.raw)
        said: dict[str, object] = {
            "parentFolderId": mail.folder,
            "receivedDateTime": mail.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "isRead": mail.read,
            "isDraft": mail.draft,
            "flag": {"flagStatus": "flagged" if mail.flagged else "notFlagged"},
            "subject": str(head["Subject"] or ""),
            "internetMessageId": head["Message-ID"],
            "conversationId": mail.talk,
        }
        for name, key in (
            ("To", "toRecipients"),
            ("Cc", "ccRecipients"),
            ("Bcc", "bccRecipients"),
            ("Reply-To", "replyTo"),
        ):
            said[key] = [
                self._person(n, a) for n, a in getaddresses([str(one) for one in head.get_all(name, [])])
            ]
        said["from"] = self._person(*getaddresses([str(head["From"] or "")])[0])
        if not mail.draft:
            said["internetMessageHeaders"] = [{"name": k, "value": str(v)} for k, v in head.items()]
        return {"id": id} | {key: value for key, value in said.items() if key in wanted}

    def _person(self, name: str, address: str) -> dict[str, object]:
        return {"emailAddress": {"name": name or address, "address": address}}

    def _delta(self, asked: Asked, folder: str) -> Answered:
        token = asked.one("$deltatoken") or asked.one("$skiptoken")
        if token:
            if self.forgets:
                self.forgets = False
                raise error(410, "syncStateNotFound")
            since, start = (int(one) for one in token.split("."))
        else:
            assert asked.one("changeType") == "created"
            words = asked.one("$filter")
            assert re.fullmatch(r"receivedDateTime ge \S+Z", words), words
            since, start = 0, 0
            first = [
                k
                for k, one in enumerate(self.mails.values())
                if one.at >= datetime.fromisoformat(words.split()[-1])
            ]
            since = first[0] if first else len(self.mails)
        ids = [id for id in list(self.mails)[since:] if self.mails[id].folder == folder]
        said: dict[str, object] = {
            "value": [
                {"id": id, "receivedDateTime": self.mails[id].at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
                for id in ids[start : start + 2]
            ]
        }
        base = f"{self.url}{asked.path}"
        more = len(ids) > start + 2
        said["@odata.nextLink" if more else "@odata.deltaLink"] = (
            f"{base}?$skiptoken={since}.{start + 2}" if more else f"{base}?$deltatoken={len(self.mails)}.0"
        )
        return good(said)
