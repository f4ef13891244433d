"""A stand-in for Slack's Web API, as strict as its documents: arguments, encodings, scopes, pages, errors."""

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

PAGES = {"limit", "cursor"}
HISTORY = {"oldest", "latest", "inclusive", "include_all_metadata", *PAGES}
POSTS = {"parse", "link_names", "metadata"}
METHODS: Mapping[str, tuple[str, set[str], set[str]]] = {
    "auth.test": ("", set(), set()),
    "users.info": ("users:read", {"user"}, {"include_locale"}),
    "conversations.list": ("channels:read", set(), {"types", "exclude_archived", "team_id", *PAGES}),
    "conversations.info": ("channels:read", {"channel"}, {"include_locale", "include_num_members"}),
    "conversations.history": ("channels:history", {"channel"}, HISTORY),
    "conversations.replies": ("channels:history", {"channel", "ts"}, HISTORY),
    "conversations.open": ("im:write", {"users"}, {"return_im", "prevent_creation"}),
    "chat.postMessage": (
        "chat:write",
        {"channel", "text"},
        {"thread_ts", "unfurl_links", "unfurl_media", *POSTS},
    ),
    "chat.update": ("chat:write", {"channel", "ts", "text"}, POSTS),
    "chat.delete": ("chat:write", {"channel", "ts"}, set()),
    "reactions.add": ("reactions:write", {"channel", "name", "timestamp"}, set()),
}
"""By method: its scope, the arguments that it needs, those that it takes."""
WRITES = ("chat.postMessage", "chat.update", "chat.delete", "conversations.open", "reactions.add")
"""The only ones that take JSON; all others take a form."""
SCOPES = {scope for scope, _, _ in METHODS.values()}
MENTION = re.compile(r"<(![a-z]+|@[UW][A-Z0-9]+)>")


class Failed(Exception):
    """An error by its code."""


def a_channel(name: str, **more: Any) -> dict[str, Any]:
    """A channel of the organisation, as Slack describes one."""
    flags = {"is_ext_shared": False, "is_pending_ext_shared": False, "is_archived": False, "is_member": True}
    return {"name": name, **flags, **more}


@dataclass
class Workspace:
    """What is in one workspace, and who was ever notified."""

    url: str = ""
    token: str = "xoxb-canary-token-5d1c"
    scopes: set[str] = field(default_factory=lambda: set(SCOPES))
    channels: dict[str, dict[str, Any]] = field(default_factory=dict)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    messages: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    notified: list[str] = field(default_factory=list)
    previews: int = 0
    calls: int = 0
    clock: int = 1_795_000_000_000_000
    page: int = 200
    lock: threading.Lock = field(default_factory=threading.Lock)

    def stamp(self) -> str:
        self.clock += 1_000_000
        return f"{self.clock // 1_000_000}.{self.clock % 1_000_000:06d}"

    def say(self, channel: str, text: str, user: str = "U0PERSON", **more: Any) -> str:
        """Somebody says something."""
        said = {"type": "message", "ts": self.stamp(), "user": user, "text": text, **more}
        self.messages.setdefault(channel, []).append(said)
        return str(said["ts"])

    def call(self, method: str, given: dict[str, Any], token: str, as_json: bool) -> dict[str, Any]:
        """One call."""
        self.calls += 1
        if method not in METHODS:
            raise Failed("unknown_method")
        scope, needs, takes = METHODS[method]
        if not token:
            raise Failed("not_authed")
        if token != self.token:
            raise Failed("token_revoked" if "revoked" in token else "invalid_auth")
        if scope and scope not in self.scopes:
            raise Failed("missing_scope")
        if as_json and method not in WRITES:
            raise Failed("invalid_form_data")
        if (
            not needs <= {k for k, v in given.items() if v not in ("", None)}
            or not set(given) <= needs | takes
        ):
            raise Failed("no_text" if "text" in needs and not given.get("text") else "invalid_arguments")
        found: dict[str, Any] = getattr(self, method.replace(".", "_").lower())(given)
        return found

    def auth_test(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"url": self.url, "team_id": "T0HOME", "user_id": "U0AGENT", "bot_id": "B0AGENT"}

    def users_info(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["user"] not in self.users:
            raise Failed("user_not_found")
        return {"user": {"id": given["user"], **self.users[given["user"]]}}

    def conversations_list(self, given: dict[str, Any]) -> dict[str, Any]:
        listed = [{"id": k, **c} for k, c in self.channels.items() if k[0] in "CG"]
        return self.paged("channels", listed, given)

    def conversations_info(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"channel": {"id": given["channel"], **self.channel(given["channel"])}}

    def conversations_open(self, given: dict[str, Any]) -> dict[str, Any]:
        if given["users"] not in self.users:
            raise Failed("user_not_found")
        direct = f"D{given['users'][1:]}"
        if given.get("prevent_creation") in (True, "1", "true") and direct not in self.channels:
            raise Failed("channel_not_found")
        self.channels.setdefault(direct, {"is_im": True, "is_member": True, "is_archived": False})
        return {"channel": {"id": direct}}

    def conversations_history(self, given: dict[str, Any]) -> dict[str, Any]:
        self.channel(given["channel"])
        said = [m for m in self.messages.get(given["channel"], []) if m.get("thread_ts", m["ts"]) == m["ts"]]
        return self.paged(
            "messages", [self.shown(m, given) for m in reversed(said) if between(m, given)], given
        )

    def conversations_replies(self, given: dict[str, Any]) -> dict[str, Any]:
        self.channel(given["channel"])
        said = self.messages.get(given["channel"], [])
        one = [m for m in said if m["ts"] == given["ts"]]
        if not one:
            raise Failed("thread_not_found")
        rest = [m for m in said if m.get("thread_ts") == given["ts"] and m["ts"] != given["ts"]]
        whole = [*one, *(m for m in rest if between(m, given))]
        return self.paged("messages", [self.shown(m, given) for m in whole], given)

    def chat_postmessage(self, given: dict[str, Any]) -> dict[str, Any]:
        channel = self.writable(given["channel"])
        if len(given["text"]) > 40_000:
            raise Failed("msg_too_long")
        thread = given.get("thread_ts")
        self.notified += MENTION.findall(given["text"])
        self.previews += given.get("unfurl_links", True) is not False and "http" in given["text"]
        metadata = checked(given.get("metadata"))
        more = {"bot_id": "B0AGENT", "metadata": metadata} | ({"thread_ts": thread} if thread else {})
        stamp = self.say(given["channel"], given["text"], "U0AGENT", **more)
        for parent in self.messages[given["channel"]]:
            if parent["ts"] == thread:
                parent |= {"thread_ts": thread, "reply_count": parent.get("reply_count", 0) + 1}
        return {"channel": channel["id"], "ts": stamp, "message": {"text": given["text"], "ts": stamp}}

    def chat_update(self, given: dict[str, Any]) -> dict[str, Any]:
        message = self.own(given, "cant_update_message")
        if len(given["text"]) > 4_000:
            raise Failed("msg_too_long")
        message |= {"text": given["text"], "edited": {"user": "U0AGENT", "ts": self.stamp()}}
        if "metadata" in given:
            message["metadata"] = checked(given["metadata"])
        return {"channel": given["channel"], "ts": given["ts"], "text": given["text"]}

    def chat_delete(self, given: dict[str, Any]) -> dict[str, Any]:
        self.messages[given["channel"]].remove(self.own(given, "cant_delete_message"))
        return {"channel": given["channel"], "ts": given["ts"]}

    def reactions_add(self, given: dict[str, Any]) -> dict[str, Any]:
        self.channel(given["channel"])
        found = [m for m in self.messages[given["channel"]] if m["ts"] == given["timestamp"]]
        if not found:
            raise Failed("message_not_found")
        reactions = found[0].setdefault("reactions", [])
        if any(r["name"] == given["name"] and "U0AGENT" in r["users"] for r in reactions):
            raise Failed("already_reacted")
        reactions.append({"name": given["name"], "users": ["U0AGENT"], "count": 1})
        return {}

    def channel(self, channel: str) -> dict[str, Any]:
        if channel not in self.channels:
            raise Failed("channel_not_found")
        return self.channels[channel]

    def writable(self, channel: str) -> dict[str, Any]:
        found = self.channel(channel)
        if found["is_archived"]:
            raise Failed("is_archived")
        if not found["is_member"]:
            raise Failed("not_in_channel")
        return {"id": channel, **found}

    def own(self, given: dict[str, Any], otherwise: str) -> dict[str, Any]:
        self.channel(given["channel"])
        found = [m for m in self.messages.get(given["channel"], []) if m["ts"] == given["ts"]]
        if not found:
            raise Failed("message_not_found")
        if found[0].get("bot_id") != "B0AGENT":
            raise Failed(otherwise)
        return found[0]

    def shown(self, message: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        hidden = () if given.get("include_all_metadata") in (True, "1", "true") else ("metadata",)
        return {k: v for k, v in message.items() if k not in hidden}

    def paged(self, name: str, items: list[Any], given: dict[str, Any]) -> dict[str, Any]:
        start, size = int(given.get("cursor") or 0), min(int(given.get("limit") or 100), self.page)
        onward = str(start + size) if len(items) > start + size else ""
        more = {"has_more": bool(onward)} if name == "messages" else {}
        return {name: items[start : start + size], "response_metadata": {"next_cursor": onward}, **more}


def between(message: dict[str, Any], given: dict[str, Any]) -> bool:
    """Whether a message is between `oldest` and `latest`, themselves only where `inclusive`."""
    at, oldest, latest = message["ts"], given.get("oldest", "0"), given.get("latest", "9")
    edges = given.get("inclusive") in (True, "1", "true") and at in (oldest, latest)
    return edges or float(oldest) < float(at) < (float(latest) if "latest" in given else float("inf"))


def checked(metadata: Any) -> Any:
    """Metadata as Slack takes it."""
    if metadata is None:
        return {}
    if set(metadata) != {"event_type", "event_payload"} or not re.fullmatch(r"\w+", metadata["event_type"]):
        raise Failed("invalid_metadata_format")
    if len(json.dumps(metadata)) > 16_000:
        raise Failed("metadata_too_large")
    return metadata


class Handler(BaseHTTPRequestHandler):
    """Decodes, calls, answers."""

    workspace: Workspace
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        as_json = self.headers.get("Content-Type", "").startswith("application/json")
        given = json.loads(body) if as_json else dict(parse_qsl(body.decode(), keep_blank_values=True))
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        with self.workspace.lock:
            try:
                method = self.path.rpartition("/")[2]
                answer = {"ok": True, **self.workspace.call(method, given, token, as_json)}
            except Failed as e:
                answer = {"ok": False, "error": str(e)}
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Iterator[Workspace]:
    """A workspace with an inside channel, a shared one, and four people."""
    made = Workspace(
        channels={
            "C0OPS": a_channel("ops"),
            "C0SHARED": a_channel("with-supplier", is_ext_shared=True),
            "C0INVITED": a_channel("soon-shared", is_pending_ext_shared=True),
            "C0OLD": a_channel("old", is_archived=True),
        },
        users={
            "U0PERSON": {"team_id": "T0HOME"},
            "U0GUEST": {"team_id": "T0HOME", "is_restricted": True},
            "U0OTHER": {"team_id": "T0AWAY", "is_stranger": True},
            "U0GONE": {"team_id": "T0HOME", "deleted": True},
        },
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"workspace": made}))
    made.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
