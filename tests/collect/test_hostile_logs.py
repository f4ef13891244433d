"""Whatever the bytes are, a collector counts what it can't read and raises nothing."""

import json
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.collect.codex import Codex
from counterfoil.collect.gemini_cli import GeminiCli
from counterfoil.collect.reading import decoded, encoded
from counterfoil.collect.source import USAGE_ONLY, Source, Want
from counterfoil.collect.table import Table
from counterfoil.collect.table.rows import BUCKETS
from counterfoil.terms.error import SourceError

NOW = 1_796_000_000_000
WANTS = (USAGE_ONLY, Want(b"k" * 32))
CASES: list[tuple[Source, str]] = [
    (Codex(), "sessions/a.jsonl"),
    (Codex(), "sessions/a.jsonl.zst"),
    (GeminiCli(), "tmp/p/chats/a.jsonl"),
    (GeminiCli(), "tmp/p/chats/a.json"),
    (GeminiCli(), "tmp/p/.project_root"),
    (GeminiCli(), "projects.json"),
    (Table(), "a.csv"),
    (Table(), "a.jsonl"),
]
NAMES = (
    "timestamp",
    "type",
    "payload",
    "info",
    "total_token_usage",
    "last_token_usage",
    "input_tokens",
    "output_tokens",
    "id",
    "call_id",
    "item",
    "cached_input_tokens",
    "usage",
    "thread_token_usage",
    "response_id",
    "forked_from_id",
    "source",
    "git",
    "cwd",
    "model",
    "changes",
    "name",
    "arguments",
    "output",
    "input",
    "tokens",
    "cached",
    "thoughts",
    "toolCalls",
    "args",
    "result",
    "status",
    "messages",
    "$set",
    "sessionId",
    "projects",
    "projectHash",
    "directories",
    "at",
    "session",
    "input_uncached",
    "cache_read",
    "cache_write",
)
WORDS = (
    "event_msg",
    "token_count",
    "session_meta",
    "turn_context",
    "response_item",
    "token_usage_record",
    "item_completed",
    "gemini",
    "FileChange",
    "function_call",
    "custom_tool_call",
    "apply_patch",
    "success",
    "2026-11-20T10:00:00Z",
    "user",
    "write_file",
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=12,
)
LINES = st.lists(st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=6) | VALUES, max_size=6)

COUNTER = {"input_tokens": 9, "cached_input_tokens": 2, "output_tokens": 3, "reasoning_output_tokens": 1}
PATCH = "*** Begin Patch\n*** Add File: a\n+one line\n*** End Patch"
CHANGE = {
    "type": "FileChange",
    "id": "c",
    "status": "completed",
    "changes": {"a": {"type": "add", "content": "x"}},
}
TOKENS = {"input": 9, "output": 3, "cached": 2, "thoughts": 1, "tool": 0}
CALL = {
    "id": "c",
    "name": "write_file",
    "status": "success",
    "args": {"file_path": "/w/a", "content": "one line"},
}
AT = "2026-11-20T10:00:00Z"
GOOD: list[tuple[str, Any]] = [
    (
        "session_meta",
        {"id": "s", "forked_from_id": "p", "timestamp": AT, "cwd": "/w", "git": {"branch": "b"}},
    ),
    ("turn_context", {"cwd": "/w", "model": "m"}),
    (
        "event_msg",
        {"type": "token_count", "info": {"total_token_usage": COUNTER, "last_token_usage": COUNTER}},
    ),
    ("token_usage_record", {"response_id": "r", "usage": COUNTER, "thread_token_usage": COUNTER}),
    ("response_item", {"type": "function_call", "call_id": "c", "name": "apply_patch", "arguments": PATCH}),
    ("response_item", {"type": "function_call_output", "call_id": "c", "output": "Success."}),
    ("event_msg", {"type": "item_completed", "item": CHANGE}),
]
ROLLOUT = [{"timestamp": AT, "type": kind, "payload": payload} for kind, payload in GOOD]
CHAT = [
    {"sessionId": "s", "projectHash": "h", "startTime": AT, "directories": ["/w"]},
    {"id": "m", "type": "gemini", "timestamp": AT, "model": "g", "tokens": TOKENS, "toolCalls": [CALL]},
    {"$set": {"messages": [{"id": "m", "type": "gemini", "timestamp": AT, "tokens": TOKENS}]}},
]
ROWS = [{"at": AT, "session": "s", "model": "m", "cost": 5, "key": "k"} | dict.fromkeys(BUCKETS, 4)]


def places(value: Any) -> list[tuple[Any, ...]]:
    """Every place in a nested value, as the way to it."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((name, *way) for name, part in inner for way in places(part))]


def changed(value: Any, way: tuple[Any, ...], put: Any) -> Any:
    """The value with something else in one place."""
    if not way:
        return put
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[way[0]] = changed(copy[way[0]], way[1:], put)
    return copy


def check(source: Source, path: str, content: bytes) -> None:
    seen = []
    for want in WANTS:
        try:
            reading = source.parse(path, BytesIO(content), want=want, now=NOW)
        except SourceError:
            return
        assert decoded(encoded(reading)) == reading
        made = source.merge([reading, reading], looked=())
        counts = made.counts
        assert counts.merged >= 0
        assert counts.records == counts.kept + counts.merged + counts.skipped_total
        assert counts.kept == sum(len(batch) for batch in made.usage)
        seen.append((counts.records, counts.kept, counts.skipped))
    assert seen[0] == seen[1]


@pytest.mark.parametrize(("source", "path"), CASES)
@given(content=st.binary(max_size=200))
def test_any_bytes(source: Source, path: str, content: bytes) -> None:
    check(source, path, content)


@pytest.mark.parametrize(("source", "path"), CASES)
@given(lines=LINES, cut=st.integers(0, 30))
def test_any_json_cut_anywhere(source: Source, path: str, lines: list[Any], cut: int) -> None:
    content = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    check(source, path, content[: len(content) - cut])


@pytest.mark.parametrize(
    ("source", "path", "good"),
    [
        (Codex(), "sessions/a.jsonl", ROLLOUT),
        (GeminiCli(), "tmp/p/chats/a.jsonl", CHAT),
        (Table(), "a.jsonl", ROWS),
    ],
)
@given(data=st.data())
def test_a_good_log_with_one_thing_wrong(source: Source, path: str, good: Any, data: st.DataObject) -> None:
    lines = changed(good, data.draw(st.sampled_from(places(good)[1:])), data.draw(VALUES))
    check(source, path, b"".join(json.dumps(line).encode() + b"\n" for line in lines))
