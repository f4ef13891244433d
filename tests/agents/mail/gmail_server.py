"""The Gmail API as its reference describes it, as far as a mailbox needs it; the rest it refuses."""

import base64
import re
import time
from dataclasses import dataclass, field
from email.utils import getaddresses
from typing import Any, ClassVar

from agents.mail.service import Answered, Asked, Failed, Service, good, parsed

SYSTEM = ("INBOX", "SENT", "DRAFT", "TRASH", "SPAM", "UNREAD", "STARRED", "IMPORTANT", "CATEGORY_UPDATES")
FIXED = {"SENT", "DRAFT"}
_WORD = re.compile(r'(?:(\w+):)?(?:"([^"]*)"|(\S+))')


@dataclass
class Kept:
    raw: bytes
    labels: set[str]
    thread: str
    at: int


@dataclass
class Gmail(Service):
    """One mailbox."""

    prefix: ClassVar[str] = "/gmail/v1/users/me"
    mails: dict[str, Kept] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=lambda: {"Label_1": "Invoices"})
    history: list[tuple[int, str]] = field(default_factory=list)
    oldest: int = 0
    sends: int = 0
    renames: bool = False
    """Whether a mail that is sent gets a Message-ID of the service."""

    def keep(self, raw: bytes, labels: set[str], thread: str = "") -> str:
        number = len(self.mails) + 0x1000
        id = f"{number:016x}"
        at = max([int(time.time() * 1000), *(one.at + 1 for one in self.mails.values())])
        self.mails[id] = Kept(raw, set(labels), thread or self._thread(raw) or id, at)
        self.history.append((len(self.history) + 1, id))
        return id

    def _thread(self, raw: bytes) -> str:
        refers = f"{parsed(raw)['References'] or ''} {parsed(raw)['In-Reply-To'] or ''}"
        return next(
            (
                one.thread
                for one in self.mails.values()
                if str(parsed(one.raw)["Message-ID"]) in refers.split()
            ),
            "",
        )

    def answer(self, asked: Asked) -> Answered:
        path = asked.path.removeprefix(self.prefix)
        if path == asked.path:
            raise Failed(404)
        match asked.method, [one for one in path.split("/") if one]:
            case "GET", ["profile"]:
                return good({"emailAddress": "ann@example.org", "historyId": str(len(self.history))})
            case "GET", ["labels"]:
                system = [{"id": one, "name": one, "type": "system"} for one in SYSTEM]
                return good(
                    {
                        "labels": [
                            *system,
                            *({"id": k, "name": v, "type": "user"} for k, v in self.labels.items()),
                        ]
                    }
                )
            case "GET", ["labels", id]:
                inside = [one for one in self.mails.values() if id in one.labels]
                return good(
                    {
                        "id": id,
                        "messagesTotal": len(inside),
                        "messagesUnread": sum("UNREAD" in one.labels for one in inside),
                    }
                )
            case "GET", ["messages"]:
                return self._list(asked)
            case "GET", ["messages", id]:
                return good(self._shown(self._mail(id), id, asked))
            case "GET", ["threads", id]:
                found = {k: one for k, one in self.mails.items() if one.thread == id}
                return good({"id": id, "messages": [self._shown(one, k, asked) for k, one in found.items()]})
            case "GET", ["history"]:
                return self._history(asked)
            case "POST", ["drafts"]:
                raw, thread = self._raw(self._json(asked)["message"])
                id = self.keep(raw, {"DRAFT"}, thread)
                return good({"id": f"r{id}", "message": {"id": id, "threadId": self.mails[id].thread}})
            case "POST", ["messages", "send"]:
                return self._send(asked)
            case "POST", ["messages", id, deed]:
                return self._change(self._mail(id), id, deed, asked)
        raise Failed(404)

    def _mail(self, id: str) -> Kept:
        if id not in self.mails:
            raise Failed(404, {"error": {"code": 404, "message": "Requested entity was not found."}})
        return self.mails[id]

    def _json(self, asked: Asked) -> Any:
        import json

        if asked.headers.get("Content-Type") != "application/json":
            raise Failed(400)
        return json.loads(asked.body)

    def _raw(self, body: dict[str, str]) -> tuple[bytes, str]:
        if set(body) - {"raw", "threadId"} or not re.fullmatch(r"[A-Za-z0-9_-]*={0,2}", body["raw"]):
            raise Failed(400, {"error": {"code": 400, "message": "Invalid value for ByteString"}})
        thread = body.get("threadId", "")
        if thread and thread not in {one.thread for one in self.mails.values()}:
            raise Failed(404)
        return base64.urlsafe_b64decode(body["raw"]), thread

    def _send(self, asked: Asked) -> Answered:
        raw, thread = self._raw(self._json(asked))
        head = parsed(raw)
        if not [one for _, one in getaddresses([head[name] or "" for name in ("To", "Cc", "Bcc")]) if one]:
            raise Failed(400, {"error": {"code": 400, "message": "Recipient address required"}})
        self.sends += 1
        if self.renames:
            raw = re.sub(rb"(?m)^Message-ID: .*", b"Message-ID: <CA+%d@mail.gmail.com>" % self.sends, raw)
        id = self.keep(raw, {"SENT"}, thread)
        return good({"id": id, "threadId": self.mails[id].thread, "labelIds": ["SENT"]})

    def _change(self, mail: Kept, id: str, deed: str, asked: Asked) -> Answered:
        if deed == "trash":
            mail.labels = (mail.labels - {"INBOX"}) | {"TRASH"}
        elif deed == "untrash":
            mail.labels -= {"TRASH"}
        elif deed == "modify":
            body = self._json(asked)
            add, remove = set(body.get("addLabelIds", ())), set(body.get("removeLabelIds", ()))
            unknown = (add | remove) - set(SYSTEM) - set(self.labels)
            if unknown or (add | remove) & FIXED or set(body) - {"addLabelIds", "removeLabelIds"}:
                raise Failed(400, {"error": {"code": 400, "message": "Invalid label"}})
            mail.labels = (mail.labels | add) - remove
        else:
            raise Failed(404)
        return good({"id": id, "labelIds": sorted(mail.labels)})

    def _list(self, asked: Asked) -> Answered:
        wanted, words = asked.query.get("labelIds", []), asked.one("q")
        if any(one not in SYSTEM and one not in self.labels for one in wanted):
            raise Failed(400, {"error": {"code": 400, "message": "Invalid label"}})
        bins = set() if asked.one("includeSpamTrash") == "true" or "TRASH" in wanted else {"TRASH", "SPAM"}
        found = [
            (id, one)
            for id, one in self.mails.items()
            if set(wanted) <= one.labels and not one.labels & bins and self._finds(one, words)
        ]
        found.sort(key=lambda each: -each[1].at)
        start, most = int(asked.one("pageToken", "0")), min(int(asked.one("maxResults", "100")), 500)
        page = found[start : start + most]
        said: dict[str, object] = {"resultSizeEstimate": len(found)}
        if page:
            said["messages"] = [{"id": id, "threadId": one.thread} for id, one in page]
        if len(found) > start + most:
            said["nextPageToken"] = str(start + most)
        return good(said)

    def _finds(self, mail: Kept, words: str) -> bool:
        head = parsed(mail.raw)
        for name, quoted, plain in _WORD.findall(words):
            text = quoted or plain
            match name:
                case "":
                    hit = text.lower() in mail.raw.decode("utf-8", "replace").lower()
                case "rfc822msgid":
                    hit = f"<{text}>" == head["Message-ID"]
                case "from":
                    hit = text.lower() in (head["From"] or "").lower()
                case "after":
                    hit = mail.at / 1000 > int(text)
                case "before":
                    hit = mail.at / 1000 < int(text)
                case "is":
                    hit = text == "unread" and "UNREAD" in mail.labels
                case _:
                    raise AssertionError(f"{name}: is not an operator that it uses")
            if not hit:
                return False
        return True

    def _shown(self, mail: Kept, id: str, asked: Asked) -> dict[str, object]:
        form = asked.one("format", "full")
        raw = base64.urlsafe_b64encode(mail.raw).decode()
        if form == "raw" and asked.one("fields") == "raw":
            return {"raw": raw}
        said: dict[str, object] = {
            "id": id,
            "threadId": mail.thread,
            "labelIds": sorted(mail.labels),
            "internalDate": str(mail.at),
            "sizeEstimate": len(mail.raw),
        }
        if form == "metadata":
            wanted = {name.lower() for name in asked.query.get("metadataHeaders", [])}
            said["payload"] = {
                "headers": [
                    {"name": name, "value": str(value)}
                    for name, value in parsed(mail.raw).items()
                    if name.lower() in wanted
                ]
            }
        return said

    def _history(self, asked: Asked) -> Answered:
        since = int(asked.one("startHistoryId"))
        if since < self.oldest:
            raise Failed(404, {"error": {"code": 404, "message": "Requested entity was not found."}})
        label = asked.one("labelId")
        new = [(n, id) for n, id in self.history if n > since and label in self.mails[id].labels]
        start = int(asked.one("pageToken", "0"))
        said: dict[str, object] = {"historyId": str(len(self.history))}
        if new:
            said["history"] = [
                {"id": str(n), "messagesAdded": [{"message": {"id": id}}]} for n, id in new[start : start + 2]
            ]
        if len(new) > start + 2:
            said["nextPageToken"] = str(start + 2)
        return good(said)
