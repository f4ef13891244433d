"""Writes invented sessions as Codex keeps them: rollouts whose token counts only ever add up."""

import json
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from counterfoil.simulate.formats.session import (
    Call,
    EditFile,
    EditMany,
    Prompt,
    ReadFile,
    Request,
    RunCommand,
    Talk,
    Tokens,
    WriteFile,
    passage,
    stamp,
)
from counterfoil.terms.ids import SessionId

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

Record = dict[str, Any]
COUNTERS = (
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
    "total_tokens",
)
WINDOW = 272_000
RECORDS_SINCE = (0, 160)
"""Clients of this version and later also write one `token_usage_record` for each response."""


def write_codex(home: Path, talks: Iterable[Talk], *, compressed: Collection[SessionId] = ()) -> None:
    """Every session below `home/.codex/sessions`, some compressed.

    Source: Codex CLI 0.169.0, rollouts as written on disk (read 2026-11-23).
    """
    for talk in talks:
        began = talk.began
        folder = home / ".codex" / "sessions" / began.strftime("%Y/%m/%d")
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"rollout-{began:%Y-%m-%dT%H-%M-%S}-{talk.id}.jsonl"
        lines = (json.dumps(record, separators=(",", ":")) + "\n" for record in codex_records(talk))
        text = "".join(lines).encode()
        if talk.id in compressed:
            file.with_suffix(".jsonl.zst").write_bytes(zstd.compress(text))
        else:
            file.write_bytes(text)


def codex_records(talk: Talk) -> Iterator[Record]:
    """The lines of one rollout; a fork begins with its parent's past, told again at once."""
    scribe = _Scribe(talk)
    yield scribe.line(talk.began, "session_meta", _meta(talk))
    if talk.parent is not None:
        for record in codex_records(talk.parent):
            yield record | {"timestamp": stamp(talk.began)}
        for request in talk.parent.requests:
            scribe.spend(request.tokens)
    for number, turn in enumerate(talk.turns):
        if isinstance(turn, Prompt):
            yield from _prompt(scribe, turn, number)
        else:
            yield from _request(scribe, turn, number)


@dataclass(slots=True)
class _Scribe:
    """Knows the session and its running totals."""

    talk: Talk
    total: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTERS, 0))
    turn: str = field(default="")

    def line(self, at: datetime, kind: str, payload: Record) -> Record:
        return {"timestamp": stamp(at), "type": kind, "payload": payload}

    def spend(self, tokens: Tokens) -> dict[str, int]:
        """Add one request to the running totals; its own counts."""
        own = _counts(tokens)
        self.total = {name: self.total[name] + own[name] for name in COUNTERS}
        return own

    def name(self, kind: str, number: int) -> str:
        return f"{kind}_{sha256(f'{kind} {self.talk.id} {number}'.encode()).hexdigest()[:20]}"


def _counts(tokens: Tokens) -> dict[str, int]:
    """As Codex counts: input holds what was cached, output holds the reasoning."""
    read = tokens.input_uncached + tokens.cache_read + tokens.cache_write
    numbers = (read, tokens.cache_read, tokens.output, tokens.reasoning, read + tokens.output)
    return dict(zip(COUNTERS, numbers, strict=True))


def _meta(talk: Talk) -> Record:
    fork: Record = {} if talk.parent is None else {"forked_from_id": talk.parent.id}
    return {
        "id": talk.id,
        **fork,
        "timestamp": stamp(talk.began),
        "cwd": talk.directory,
        "originator": "codex_cli_rs",
        "cli_version": talk.version,
        "source": "cli",
        "model_provider": "openai",
        "git": {"branch": talk.branch},
    }


def _prompt(scribe: _Scribe, prompt: Prompt, number: int) -> Iterator[Record]:
    talk = scribe.talk
    scribe.turn = scribe.name("turn", number)
    model = next((r.model for r in talk.requests if r.at >= prompt.at), talk.requests[-1].model)
    context = {"turn_id": scribe.turn, "cwd": talk.directory, "approval_policy": "on-request", "model": model}
    yield scribe.line(prompt.at, "turn_context", context)
    content = [{"type": "input_text", "text": prompt.text}]
    yield scribe.line(prompt.at, "response_item", {"type": "message", "role": "user", "content": content})
    yield scribe.line(prompt.at, "event_msg", {"type": "user_message", "message": prompt.text})


def _request(scribe: _Scribe, request: Request, number: int) -> Iterator[Record]:
    if request.says:
        content = [{"type": "output_text", "text": request.says}]
        message = {"type": "message", "role": "assistant", "content": content}
        yield scribe.line(request.at, "response_item", message)
    for i, call in enumerate(request.calls):
        call_id = scribe.name("call", number * 100 + i)
        at = request.at + timedelta(seconds=1 + i)
        asked, answered = _call(call, call_id)
        yield scribe.line(at, "response_item", asked)
        yield scribe.line(at + timedelta(milliseconds=400), "response_item", answered)
    yield from _token_lines(scribe, request, number)


def _token_lines(scribe: _Scribe, request: Request, number: int) -> Iterator[Record]:
    """The count after a request; every seventh is told twice, as the client does when limits change."""
    own = scribe.spend(request.tokens)
    at = request.at + timedelta(seconds=1 + len(request.calls))
    if tuple(int(n) for n in scribe.talk.version.split(".")[:2]) >= RECORDS_SINCE:
        record = {
            "thread_id": scribe.talk.id,
            "turn_id": scribe.turn,
            "session_id": scribe.talk.id,
            "response_id": scribe.name("resp", number),
            "usage": own,
            "thread_token_usage": scribe.total,
        }
        yield scribe.line(at, "token_usage_record", record)
    info = {"total_token_usage": scribe.total, "last_token_usage": own, "model_context_window": WINDOW}
    count = {"type": "token_count", "info": info, "rate_limits": None}
    yield scribe.line(at, "event_msg", count)
    if number % 7 == 0:
        yield scribe.line(at + timedelta(milliseconds=50), "event_msg", count)


def _call(call: Call, call_id: str) -> tuple[Record, Record]:
    """A call and its answer, as response items."""
    match call:
        case ReadFile(path):
            return _command(f"sed -n 1,200p {path}", "(shortened)", call_id)
        case RunCommand(command, output):
            return _command(command, output, call_id)
        case _:
            asked = {
                "type": "custom_tool_call",
                "status": "completed",
                "call_id": call_id,
                "name": "apply_patch",
                "input": patch_text(call),
            }
            done = json.dumps({"output": f"Success. Updated {call.path}\n", "metadata": {"exit_code": 0}})
            return asked, {"type": "custom_tool_call_output", "call_id": call_id, "output": done}


def _command(command: str, output: str, call_id: str) -> tuple[Record, Record]:
    asked = {
        "type": "function_call",
        "name": "exec_command",
        "arguments": json.dumps({"cmd": command}),
        "call_id": call_id,
    }
    told = f"Wall time: 0.1 seconds\nProcess exited with code 0\nOutput:\n{output}\n"
    return asked, {"type": "function_call_output", "call_id": call_id, "output": told}


def patch_text(call: WriteFile | EditFile | EditMany) -> str:
    """The patch by which Codex makes an edit."""
    match call:
        case WriteFile(path, content):
            body = [f"*** Add File: {path}", *(f"+{line}" for line in content.splitlines())]
        case EditFile(path, old, new):
            body = [f"*** Update File: {path}", *_hunk(old, new)]
        case EditMany(path, edits):
            body = [f"*** Update File: {path}", *(line for old, new in edits for line in _hunk(old, new))]
    return "\n".join(["*** Begin Patch", *body, "*** End Patch"]) + "\n"


def _hunk(old: str, new: str) -> list[str]:
    return ["@@", *(sign + text for sign, text in passage(old, new))]
