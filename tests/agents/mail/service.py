"""What stand-ins of mail services share: a token endpoint that can revoke, faults, and JSON over HTTP."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from counterfoil.agents.connectors.mail.box import signed_out
from counterfoil.agents.connectors.oauth import Tokens

Answered = tuple[int, dict[str, str], bytes]
OWNER = "ann@example.org"


class Failed(Exception):
    """An answer that is not 2xx."""

    def __init__(self, status: int, body: object = None, headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers or {}


def good(body: object = None, status: int = 200) -> Answered:
    return (
        status,
        {"Content-Type": "application/json"},
        b"" if body is None else json.dumps(body).encode(),
    )


@dataclass
class Asked:
    """One request."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Any
    body: bytes

    def one(self, name: str, otherwise: str = "") -> str:
        return self.query.get(name, [otherwise])[0]


@dataclass
class Service:
    """Hands out tokens at /token, says at /introspect whether one is valid, and answers the rest itself."""

    url: str = ""
    refresh: str = "lasting-1"
    rotates: bool = False
    issued: int = 0
    active: set[str] = field(default_factory=set)
    faults: list[Failed] = field(default_factory=list)
    """Answers to the next requests with a token, instead of what was asked."""
    silent: int = 0
    """Of how many changes the answer is lost after they were made."""
    seen: list[Asked] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    prefix: ClassVar[str] = "/none"

    def answer(self, asked: Asked) -> Answered:
        raise Failed(404)

    def revoke(self) -> None:
        """The owner, or an administrator, takes the permission back."""
        self.refresh, self.active = "", set()

    def expire(self) -> None:
        """What was handed out runs out early; the permission stays."""
        self.active = set()

    def tokens(self, **more: Any) -> Tokens:
        return Tokens(
            url=f"{self.url}/token",
            client="counterfoil",
            secret="s3",
            refresh="lasting-1",
            system="mail",
            over=partial(signed_out, OWNER),
            **more,
        )

    def take(self, asked: Asked) -> Answered:
        with self.lock:
            self.seen.append(asked)
            if asked.path == "/token":
                return self._token({name: said[0] for name, said in parse_qs(asked.body.decode()).items()})
            if asked.path == "/introspect":
                known = asked.one("token") in self.active
                return good({"active": True, "email": OWNER} if known else {"active": False})
            if asked.headers.get("Authorization", "").removeprefix("Bearer ") not in self.active:
                raise Failed(401, {"error": {"code": 401, "status": "UNAUTHENTICATED"}})
            if self.faults:
                raise self.faults.pop(0)
            return self.answer(asked)

    def _token(self, form: dict[str, str]) -> Answered:
        if form.get("grant_type") != "refresh_token" or form.get("client_id") != "counterfoil":
            raise Failed(400, {"error": "invalid_request"})
        if not self.refresh or form.get("refresh_token") != self.refresh:
            raise Failed(400, {"error": "invalid_grant"})
        self.issued += 1
        token = f"short-{self.issued}"
        self.active.add(token)
        said: dict[str, object] = {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}
        if self.rotates:
            self.refresh = f"lasting-{self.issued + 1}"
            said["refresh_token"] = self.refresh
        return good(said)


@contextmanager
def served(service: Service) -> Iterator[None]:
    """The service on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def _do(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.command, parts.path, parse_qs(parts.query), self.headers, body)
            try:
                status, headers, data = service.take(asked)
                if service.silent and self.command != "GET" and parts.path != "/token":
                    service.silent -= 1
                    self.close_connection = True
                    return
            except Failed as failed:
                status, headers = failed.status, {"Content-Type": "application/json", **failed.headers}
                data = json.dumps(failed.body or {"error": {"code": status}}).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PATCH = _do

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def parsed(raw: bytes) -> Message:
    return BytesParser().parsebytes(raw, headersonly=True)
