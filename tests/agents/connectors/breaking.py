"""A server in front of another one that breaks one kind of request in one way, and hands on the rest."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx2

CANARY = "canary-token-5d1c"
FAULTS: Sequence[tuple[str, bool, bool]] = (
    ("refused", False, True),
    ("limited", False, True),
    ("revoked", False, True),
    ("dropped", False, False),
    ("failed", False, False),
    ("lied", False, False),
    ("garbage", True, False),
    ("shapeless", True, False),
    ("silent", True, False),
)
"""Faults of a call with effect: its name, whether the effect happens all the same, and whether surely not."""


@dataclass
class Breaking:
    """Breaks requests of one method whose path has a part."""

    upstream: str
    part: str
    method: str
    lie: str
    """What it says where it did nothing and says it did."""
    fault: str = ""
    url: str = ""
    broken: int = 0
    """How many requests it broke: an effect is asked for once."""
    gone: threading.Event = field(default_factory=threading.Event)


ANSWERS: dict[str, tuple[int, str]] = {
    "limited": (429, '{"ok": false, "error": "ratelimited"}'),
    "revoked": (401, '{"ok": false, "error": "token_revoked"}'),
    "failed": (503, f"<html>{CANARY}"),
    "garbage": (200, f"<html>{CANARY}"),
    "shapeless": (200, "[[[]]]"),
}


class Handler(BaseHTTPRequestHandler):
    """Hands on, or breaks."""

    breaking: Breaking
    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        breaks = self.command == self.breaking.method and self.breaking.part in self.path
        fault = self.breaking.fault if breaks else ""
        self.breaking.broken += bool(fault)
        if fault in ("", "garbage", "shapeless", "silent"):
            kept = ("authorization", "content-type", "accept", "prefer")
            headers = {k: v for k, v in self.headers.items() if k.lower() in kept}
            said = httpx2.request(
                self.command, self.breaking.upstream + self.path, content=body, headers=headers, timeout=20
            )
        if fault == "silent":
            self.breaking.gone.wait(5)
        if fault in ("silent", "dropped"):
            self.close_connection = True
        elif not fault:
            own = said.content.replace(self.breaking.upstream.encode(), self.breaking.url.encode())
            self.answer(said.status_code, own, said.headers.get("content-type", ""))
        else:
            status, text = ANSWERS.get(fault, (200, self.breaking.lie))
            self.answer(status, text.encode(), "application/json")

    do_GET = do_POST = do_PUT = do_PATCH = handle_any

    def answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "7")
        self.send_header("Content-Type", kind)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def breaking(upstream: str, *, method: str, part: str, lie: str) -> Iterator[Breaking]:
    """Stands in front of a server."""
    made = Breaking(upstream, part, method, lie)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"breaking": made}))
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.gone.set()
        server.shutdown()
        server.server_close()
        thread.join()


def closed_port() -> str:
    """An address where nobody listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.server_close()
    return f"http://127.0.0.1:{server.server_port}"
