"""A model server that is none: it speaks as OpenAI and Anthropic do, and can be down, slow or mad."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class StandIn:
    """What it does, and what it was asked."""

    mode: str = "call"
    """`call` a tool and then say something, `endless`, `garbage`, `strange`, `slow`, or a status.

    `dropped`: the line is cut before the answer; `broken`: in the midst of it.
    """
    asked: list[dict[str, Any]] = field(default_factory=list)
    fails: int = 0
    """How many questions are answered with the status before it recovers."""
    seconds: float = 0.0
    url: str = ""

    def answer(self, body: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
        """Text, or a call, by how often it was asked."""
        results = sum(
            1
            for message in body["messages"]
            if (message["role"] == "tool" and "Unknown tool" not in message["content"])
            or any(isinstance(p, dict) and p.get("type") == "tool_result" for p in message["content"] or ())
        )
        match self.mode:
            case "endless":
                return "", {"name": "mail__list", "arguments": {}}
            case "strange":
                return "", {"name": "mail__shred", "arguments": {}}
            case "slow":
                time.sleep(self.seconds)
        if results == 0:
            return "", {
                "name": "mail__send",
                "arguments": {"to": "ann@example.org", "text": "something came"},
            }
        return "Told.", None


def openai(text: str, call: dict[str, Any] | None) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": text or None}
    if call is not None:
        function = {"name": call["name"], "arguments": json.dumps(call["arguments"])}
        message["tool_calls"] = [{"id": "same-id", "type": "function", "function": function}]
    return {
        "id": "c1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-4o-mini",
        "choices": [
            {"index": 0, "message": message, "finish_reason": "stop" if call is None else "tool_calls"}
        ],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100},
    }


def anthropic(text: str, call: dict[str, Any] | None) -> dict[str, Any]:
    content: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
    if call is not None:
        content.append({"type": "tool_use", "id": "t1", "name": call["name"], "input": call["arguments"]})
    return {
        "id": "m1",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-5",
        "content": content,
        "stop_reason": "end_turn" if call is None else "tool_use",
        "stop_sequence": None,
        "usage": {"input_tokens": 1000, "output_tokens": 100},
    }


@contextmanager
def standing_in(**more: Any) -> Iterator[StandIn]:
    """A server on a port of its own."""
    state = StandIn(**more)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            state.asked.append(body)
            form = anthropic if self.path.endswith("/messages") else openai
            status, data = 200, b""
            if state.mode == "dropped":
                return
            if state.mode.isdigit() and (not state.fails or len(state.asked) <= state.fails):
                status, data = int(state.mode), b'{"error": {"message": "canary-of-the-server"}}'
            elif state.mode == "garbage":
                data = b'{"choices": "canary-of-the-server", "content": 7}'
            else:
                data = json.dumps(form(*state.answer(body))).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(data[:40] if state.mode == "broken" else data)

        def log_message(self, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
