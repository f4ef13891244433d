"""A stand-in for Microsoft Graph's channels, as strict as its documents: options, bodies, pages, errors."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

TEAM = "11111111-aaaa-4aaa-8aaa-111111111111"
AGENT = "22222222-aaaa-4aaa-8aaa-222222222222"
PERSON = "33333333-aaaa-4aaa-8aaa-333333333333"
GUEST = "44444444-aaaa-4aaa-8aaa-444444444444"
HOME, AWAY = "55555555-aaaa-4aaa-8aaa-555555555555", "66666666-aaaa-4aaa-8aaa-666666666666"
OPS = "19:ops@thread.tacv2"
SHARED = "19:shared@thread.tacv2"
GUESTS = "19:guests@thread.tacv2"
CHANNEL = r"/teams/([^/]+)/channels/([^/]+)"
AT = re.compile(r'<at id="(\d+)">')


class Failed(Exception):
    """An error by its status and code."""


@dataclass
class Tenant:
    """What is in one tenant."""

    url: str = ""
    token: str = "canary-token-5d1c-graph"
    """The one that is good: each that is handed out takes the place of the one before."""
    refresh: str = "canary-lasting-5d1c-1"
    """The permission that is good, for one use; nothing where it was taken back."""
    issued: int = 0
    messages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    subscriptions: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    clock: datetime = datetime(2026, 11, 26, tzinfo=UTC)
    page: int = 50
    late: int = 0
    """How many looks at a message it takes until it shows."""
    onward: str = ""
    """Where the next page is said to be, instead of here."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> str:
        self.clock += timedelta(seconds=1)
        return self.clock.strftime("%Y-%m-%dT%H:%M:%S.123Z")

    def say(self, channel: str, content: str, who: str = PERSON, root: str | None = None, **more: Any) -> str:
        """Somebody says something."""
        at = self.now()
        made = {
            "id": str(int(self.clock.timestamp() * 1000)),
            "replyToId": root,
            "messageType": "message",
            "createdDateTime": at,
            "lastModifiedDateTime": at,
            "lastEditedDateTime": None,
            "deletedDateTime": None,
            "subject": None,
            "importance": "normal",
            "from": {"application": None, "device": None, "user": user_of(who)},
            "body": {"contentType": "text", "content": content},
            "channelIdentity": {"teamId": TEAM, "channelId": channel},
            "attachments": [],
            "mentions": [],
            "reactions": [],
            **more,
        }
        self.messages.setdefault(channel, []).append(made)
        return str(made["id"])

    def entered(self) -> dict[str, str]:
        """What an owner enters who connects it."""
        client = {"client": "counterfoil", "client_secret": "", "refresh": self.refresh}
        return {**client, "token_url": f"{self.url}/token", "url": self.url}

    def renew(self, form: dict[str, str]) -> tuple[int, Any]:
        """A short token and the next lasting permission, for the one before (RFC 6749 section 6)."""
        if form.get("grant_type") != "refresh_token" or form.get("client_id") != "counterfoil":
            return 400, {"error": "invalid_request"}
        if "offline_access" not in form.get("scope", "").split():
            return 400, {"error": "invalid_scope"}
        if not self.refresh or form.get("refresh_token") != self.refresh:
            return 400, {"error": "invalid_grant"}
        self.issued += 1
        self.token = f"canary-token-5d1c-graph-{self.issued}"
        self.refresh = f"canary-lasting-5d1c-{self.issued + 1}"
        said = {"access_token": self.token, "refresh_token": self.refresh, "expires_in": 3600}
        return 200, {**said, "token_type": "Bearer", "scope": form["scope"]}

    def call(self, method: str, target: str, body: Any) -> tuple[int, Any]:
        """One call."""
        parts = urlsplit(target)
        path, query = unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True))
        for verb, shape, options, does in ROUTES:
            found = re.fullmatch(rf"(?:/v1\.0)?{shape}", path)
            if found and verb == method:
                if not set(query) <= {*options, "$skiptoken"} or int(query.get("$top", "1")) > 50:
                    raise Failed(400, "BadRequest")
                answer: tuple[int, Any] = getattr(self, does)(body, query, path, *found.groups())
                return answer
        raise Failed(404, "UnknownError")

    def me(self, body: Any, query: dict[str, str], path: str) -> tuple[int, Any]:
        return 200, {"id": AGENT}

    def teams(self, body: Any, query: dict[str, str], path: str) -> tuple[int, Any]:
        return self.paged([{"id": TEAM, "displayName": "Platform"}], path, query)

    def channels(self, body: Any, query: dict[str, str], path: str, team: str) -> tuple[int, Any]:
        names = (OPS, SHARED, GUESTS)
        return self.paged(
            [{**channel_of(name), "createdDateTime": "2026-01-01T00:00:00Z"} for name in names], path, query
        )

    def channel(
        self, body: Any, query: dict[str, str], path: str, team: str, channel: str
    ) -> tuple[int, Any]:
        if team != TEAM or channel not in (OPS, SHARED, GUESTS):
            raise Failed(404, "NotFound")
        return 200, channel_of(channel)

    def members(
        self, body: Any, query: dict[str, str], path: str, team: str, channel: str
    ) -> tuple[int, Any]:
        here = [member_of(AGENT, "Agent"), member_of(PERSON, "Ada <b>")]
        if channel == GUESTS:
            here.append({**member_of(GUEST, "Guest"), "roles": ["guest"], "tenantId": AWAY})
        return self.paged(here, path, query)

    def roots(self, body: Any, query: dict[str, str], path: str, team: str, channel: str) -> tuple[int, Any]:
        said = [m for m in self.messages.get(channel, []) if m["replyToId"] is None]
        return self.paged(list(reversed(said)), path, query)

    def replies(
        self, body: Any, query: dict[str, str], path: str, team: str, channel: str, root: str
    ) -> tuple[int, Any]:
        said = [m for m in self.messages.get(channel, []) if m["replyToId"] == root]
        return self.paged(list(reversed(said)), path, query)

    def one(
        self, body: Any, query: dict[str, str], path: str, team: str, channel: str, *ids: str
    ) -> tuple[int, Any]:
        self.late -= 1
        if self.late >= 0:
            raise Failed(404, "NotFound")
        return 200, self.found(channel, *ids)

    def post(
        self, body: Any, query: dict[str, str], path: str, team: str, channel: str, *ids: str
    ) -> tuple[int, Any]:
        self.channel(None, {}, path, team, channel)
        root = self.found(channel, ids[0])["id"] if ids else None
        content = checked(body)
        made = self.say(channel, "", AGENT, root, **content)
        return 201, self.found(channel, *ids, made)

    def patch(
        self, body: Any, query: dict[str, str], path: str, team: str, channel: str, *ids: str
    ) -> tuple[int, Any]:
        self.own(channel, *ids).update(checked(body), lastEditedDateTime=self.now())
        return 204, None

    def delete(
        self, body: Any, query: dict[str, str], path: str, team: str, channel: str, *ids: str
    ) -> tuple[int, Any]:
        if body is not None:
            raise Failed(400, "BadRequest")
        gone = {"contentType": "html", "content": ""}
        self.own(channel, *ids).update(deletedDateTime=self.now(), body=gone, mentions=[], attachments=[])
        return 204, None

    def subscribe(self, body: Any, query: dict[str, str], path: str) -> tuple[int, Any]:
        needed = {"changeType", "notificationUrl", "resource", "expirationDateTime", "clientState"}
        if set(body) != needed or len(body["clientState"]) > 128:
            raise Failed(400, "InvalidRequest")
        self.subscriptions.append(body)
        return 201, {"id": f"subscription-{len(self.subscriptions)}", **body}

    def found(self, channel: str, *ids: str) -> dict[str, Any]:
        root = ids[0] if len(ids) == 2 else None
        for message in self.messages.get(channel, []):
            if message["id"] == ids[-1] and message["replyToId"] == root:
                return message
        raise Failed(404, "NotFound")

    def own(self, channel: str, *ids: str) -> dict[str, Any]:
        message = self.found(channel, *ids)
        if message["from"]["user"]["id"] != AGENT:
            raise Failed(403, "Forbidden")
        return message

    def paged(self, items: list[Any], path: str, query: dict[str, str]) -> tuple[int, Any]:
        start, size = int(query.get("$skiptoken") or 0), min(int(query.get("$top") or 50), self.page)
        page: dict[str, Any] = {
            "@odata.count": len(items[start : start + size]),
            "value": items[start : start + size],
        }
        if len(items) > start + size:
            page["@odata.nextLink"] = f"{self.onward or self.url}{path}?$skiptoken={start + size}"
        return 200, page


ONE, REPLY = rf"{CHANNEL}/messages/(\d+)", rf"{CHANNEL}/messages/(\d+)/replies/(\d+)"
ROUTES: list[tuple[str, str, tuple[str, ...], str]] = [
    ("GET", "/me", ("$select",), "me"),
    ("GET", "/me/joinedTeams", (), "teams"),
    ("GET", "/teams/([^/]+)/channels", ("$filter", "$select"), "channels"),
    ("GET", CHANNEL, ("$select",), "channel"),
    ("GET", rf"{CHANNEL}/members", ("$top", "$filter", "$select"), "members"),
    ("GET", rf"{CHANNEL}/messages", ("$top", "$expand"), "roots"),
    ("GET", rf"{ONE}/replies", ("$top",), "replies"),
    ("GET", ONE, (), "one"),
    ("GET", REPLY, (), "one"),
    ("POST", rf"{CHANNEL}/messages", (), "post"),
    ("POST", rf"{ONE}/replies", (), "post"),
    ("PATCH", ONE, (), "patch"),
    ("PATCH", REPLY, (), "patch"),
    ("POST", rf"{ONE}/softDelete", (), "delete"),
    ("POST", rf"{REPLY}/softDelete", (), "delete"),
    ("POST", "/subscriptions", (), "subscribe"),
]


def user_of(who: str) -> dict[str, Any]:
    return {"id": who, "displayName": "Somebody", "userIdentityType": "aadUser", "tenantId": HOME}


def member_of(who: str, name: str) -> dict[str, Any]:
    kind = {"@odata.type": "#microsoft.graph.aadUserConversationMember", "id": f"member-{who}"}
    return {**kind, "roles": [], "displayName": name, "userId": who, "tenantId": HOME}


def channel_of(channel: str) -> dict[str, Any]:
    kind = "shared" if channel == SHARED else "standard"
    return {"id": channel, "displayName": channel.split("@")[0][3:], "membershipType": kind}


def checked(body: Any) -> dict[str, Any]:
    """What a message may be made of."""
    if (
        not isinstance(body, dict)
        or not set(body) <= {"body", "mentions", "@odata.type"}
        or "body" not in body
    ):
        raise Failed(400, "BadRequest")
    content, mentions = body["body"], body.get("mentions") or []
    if content.get("contentType") not in ("text", "html") or not content.get("content"):
        raise Failed(400, "BadRequest")
    if len(content["content"].encode()) > 28_672:
        raise Failed(413, "RequestEntityTooLarge")
    if sorted(AT.findall(content["content"]) if content["contentType"] == "html" else []) != sorted(
        str(one["id"]) for one in mentions
    ):
        raise Failed(400, "BadRequest")
    kept = {k: v for k, v in content.items() if k in ("contentType", "content")}
    return {"body": kept, "mentions": mentions}


class Handler(BaseHTTPRequestHandler):
    """Decodes, calls, answers."""

    tenant: Tenant
    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, answer = 200, None
        with self.tenant.lock:
            try:
                if (self.command, self.path) == ("POST", "/token"):
                    self.answer(*self.tenant.renew(dict(parse_qsl(raw.decode()))))
                    return
                if self.headers.get("Authorization") != f"Bearer {self.tenant.token}":
                    raise Failed(401, "InvalidAuthenticationToken")
                if raw and not self.headers.get("Content-Type", "").startswith("application/json"):
                    raise Failed(415, "UnsupportedMediaType")
                body = json.loads(raw) if raw else None
                self.tenant.asked.append((self.command, unquote(self.path).removeprefix("/v1.0"), body))
                status, answer = self.tenant.call(self.command, self.path, body)
            except Failed as e:
                status, answer = e.args[0], {"error": {"code": e.args[1], "message": "No.", "innerError": {}}}
        self.answer(status, answer)

    def answer(self, status: int, answer: Any) -> None:
        content = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(status)
        if content:
            self.send_header("Content-Type", "application/json;odata.metadata=minimal;charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = handle_any

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[Tenant]:
    """A tenant with three channels."""
    made = Tenant()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"tenant": made}))
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
