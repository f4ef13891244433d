"""A model server on loopback: speaks three vendors' streaming protocols, remembers what it served."""

import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from conftest import alone
from realclients.agents import CACHE, INSTALL, PACKAGES, ROOT, Desk, program_of

Call = tuple[str, dict[str, Any]]
"""A tool's name and its arguments; `{"input": text}` alone is a freeform call where a protocol has one."""


@dataclass(frozen=True)
class Served:
    """The tokens of one answer, in buckets that exclude each other; `reasoning` is a part of `output`."""

    input_uncached: int
    cache_read: int
    cache_write: int
    output: int
    reasoning: int


@dataclass
class StandIn:
    """Answers with the next of `calls`, then with words; which one, the tool results sent to it tell."""

    calls: Sequence[Call]
    served: list[Served] = field(default_factory=list)
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next(self, *, results: int, cache_writes: bool, reasoning: bool) -> tuple[Call | None, Served, int]:
        """The call to make, the tokens to bill (other ones for every request) and the request's number."""
        with self.lock:
            n = len(self.served) + 1
            thought = 5 + n if reasoning else 0
            served = Served(
                900 + 17 * n, 200 + 3 * n, 40 + n if cache_writes else 0, 33 + 2 * n + thought, thought
            )
            self.served.append(served)
        return (self.calls[results] if results < len(self.calls) else None), served, n


def anthropic(stand_in: StandIn, body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Messages: input excludes what the cache read and wrote; output includes thinking."""
    blocks = [b for m in body["messages"] if isinstance(m["content"], list) for b in m["content"]]
    results = sum(b["type"] == "tool_result" for b in blocks)
    call, served, n = stand_in.next(results=results, cache_writes=True, reasoning=False)
    usage = {"input_tokens": served.input_uncached, "cache_read_input_tokens": served.cache_read}
    usage |= {"cache_creation_input_tokens": served.cache_write, "output_tokens": 1}
    message = {
        "id": f"msg_{n}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [],
    }
    yield "message_start", {"message": message | {"stop_reason": None, "stop_sequence": None, "usage": usage}}
    if call:
        block: dict[str, Any] = {"type": "tool_use", "id": f"toolu_{n}", "name": call[0], "input": {}}
        delta = {"type": "input_json_delta", "partial_json": json.dumps(call[1])}
    else:
        block, delta = {"type": "text", "text": ""}, {"type": "text_delta", "text": "Done."}
    yield "content_block_start", {"index": 0, "content_block": block}
    yield "content_block_delta", {"index": 0, "delta": delta}
    yield "content_block_stop", {"index": 0}
    stop = {"stop_reason": "tool_use" if call else "end_turn", "stop_sequence": None}
    yield "message_delta", {"delta": stop, "usage": {"output_tokens": served.output}}
    yield "message_stop", {}


def openai(stand_in: StandIn, body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Responses: input includes what the cache read; output includes reasoning."""
    results = sum(item.get("type", "").endswith("call_output") for item in body["input"])
    call, served, n = stand_in.next(results=results, cache_writes=False, reasoning=True)
    item: dict[str, Any]
    if call is None:
        content = [{"type": "output_text", "text": "Done.", "annotations": []}]
        item = {"type": "message", "role": "assistant", "id": f"msg_{n}", "content": content}
    elif set(call[1]) == {"input"}:
        item = {
            "type": "custom_tool_call",
            "id": f"ctc_{n}",
            "call_id": f"call_{n}",
            "name": call[0],
            **call[1],
        }
    else:
        item = {"type": "function_call", "id": f"fc_{n}", "call_id": f"call_{n}", "name": call[0]}
        item["arguments"] = json.dumps(call[1])
    read = served.input_uncached + served.cache_read
    usage = {"input_tokens": read, "input_tokens_details": {"cached_tokens": served.cache_read}}
    usage |= {"output_tokens": served.output, "output_tokens_details": {"reasoning_tokens": served.reasoning}}
    response = {"id": f"resp_{n}", "object": "response", "model": body["model"]}
    yield "response.created", {"response": response | {"status": "in_progress", "output": []}}
    yield "response.output_item.added", {"output_index": 0, "item": item | {"status": "in_progress"}}
    yield "response.output_item.done", {"output_index": 0, "item": item | {"status": "completed"}}
    usage["total_tokens"] = read + served.output
    yield (
        "response.completed",
        {"response": response | {"status": "completed", "output": [item], "usage": usage}},
    )


def gemini(stand_in: StandIn, body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """streamGenerateContent: prompt includes what the cache read; candidates exclude thoughts."""
    results = sum("functionResponse" in part for c in body["contents"] for part in c.get("parts", []))
    call, served, _ = stand_in.next(results=results, cache_writes=False, reasoning=True)
    part = {"functionCall": {"name": call[0], "args": call[1]}} if call else {"text": "Done."}
    read = served.input_uncached + served.cache_read
    usage = {"promptTokenCount": read, "cachedContentTokenCount": served.cache_read}
    usage |= {
        "candidatesTokenCount": served.output - served.reasoning,
        "thoughtsTokenCount": served.reasoning,
    }
    usage["totalTokenCount"] = read + served.output
    candidate = {"content": {"role": "model", "parts": [part]}, "finishReason": "STOP", "index": 0}
    yield "", {"candidates": [candidate], "usageMetadata": usage, "modelVersion": "gemini-2.5-flash"}


def as_events(events: Iterable[tuple[str, Any]]) -> bytes:
    """Server-sent events as the vendors write them."""
    lines = []
    for name, data in events:
        lines.append(f"event: {name}\n" if name else "")
        lines.append(f"data: {json.dumps({'type': name} | data if name else data)}\n\n")
    return "".join(lines).encode()


class Handler(BaseHTTPRequestHandler):
    """Routes by path; whatever is no model request is answered with an empty object."""

    stand_in: StandIn
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.split("?")[0]
        if path.endswith("/messages"):
            self.answer(as_events(anthropic(self.stand_in, json.loads(body))))
        elif path.endswith("/responses"):
            self.answer(as_events(openai(self.stand_in, json.loads(body))))
        elif path.endswith(":streamGenerateContent"):
            self.answer(as_events(gemini(self.stand_in, json.loads(body))))
        else:
            self.answer(b"{}", "application/json")

    def do_GET(self) -> None:
        self.answer(b'{"models": [], "data": []}', "application/json")

    do_HEAD = do_GET

    def answer(self, body: bytes, kind: str = "text/event-stream") -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing; what was served is in `StandIn.served`."""


@contextmanager
def standing_in(calls: Sequence[Call]) -> Iterator[StandIn]:
    """A running stand-in, stopped on the way out."""
    stand_in = StandIn(calls)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"stand_in": stand_in}))
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def serve() -> Callable[[Sequence[Call]], AbstractContextManager[StandIn]]:
    """Starts a stand-in with its script."""
    return standing_in


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path / "home", tmp_path / "project")
    made.home.mkdir()
    made.project.mkdir()
    made.run("git", "init", "-q", "-b", "main")
    made.run("git", "config", "user.name", "someone")
    made.run("git", "config", "user.email", "someone@example.org")
    return made


@pytest.fixture(scope="session")
def client(need: Callable[[str, bool, str], None]) -> Callable[[str], Path]:
    """The program of a client, installed on first use."""

    def program(tool: str) -> Path:
        with alone(CACHE):
            found = program_of(tool)
            if found is None and shutil.which("npm"):
                command = [*INSTALL.split(), PACKAGES[tool]]
                subprocess.run(command, cwd=ROOT, capture_output=True, timeout=540, check=False)
                found = program_of(tool)
        need(tool, found is not None, f"{INSTALL} {PACKAGES[tool]}")
        if tool == "gemini-cli":
            need("node", shutil.which("node") is not None, "apt-get install nodejs")
        assert found is not None
        return found

    return program
