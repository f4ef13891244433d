"""Writes invented sessions as Claude Code keeps them: one line per content block, usage repeated on each."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
    WriteFile,
    identifier,
    passage,
    stamp,
)

Record = dict[str, Any]


def write_claude(home: Path, talks: Iterable[Talk]) -> None:
    """Every session below `home/.claude/projects`, subagents in files of their own.

    Source: Claude Code 2.1.197, transcripts as written on disk (read 2026-11-23).
    """
    for talk in talks:
        folder = home / ".claude" / "projects" / re.sub(r"[^A-Za-z0-9]", "-", talk.directory or "-unknown")
        _write(folder / f"{talk.id}.jsonl", claude_records(talk))
        for agent in talk.subagents:
            below = folder / talk.id / "subagents" / f"agent-{agent.id}.jsonl"
            _write(below, claude_records(agent, inside=talk))


def claude_records(talk: Talk, *, inside: Talk | None = None) -> Iterator[Record]:
    """The lines of one transcript; `inside` is the session that a subagent works for."""
    scribe = _Scribe(talk, inside)
    for number, turn in enumerate(talk.turns):
        if isinstance(turn, Prompt):
            yield scribe.line(turn.at, "user", message={"role": "user", "content": turn.text})
        else:
            yield from _request(scribe, turn, number)


@dataclass(slots=True)
class _Scribe:
    """Knows the fields that every line of one transcript carries."""

    talk: Talk
    inside: Talk | None
    last: str | None = field(default=None)
    written: int = field(default=0)

    def line(self, at: datetime, kind: str, **more: object) -> Record:
        self.written += 1
        uuid = self.name("uuid", self.written)
        place: Record = {} if self.talk.directory is None else {"cwd": self.talk.directory}
        record: Record = {
            "parentUuid": self.last,
            "isSidechain": self.inside is not None,
            **({} if self.inside is None else {"agentId": self.talk.id}),
            "userType": "external",
            **place,
            "sessionId": (self.inside or self.talk).id,
            "version": self.talk.version,
            "gitBranch": self.talk.branch,
            "type": kind,
            **more,
            "uuid": uuid,
            "timestamp": stamp(at),
        }
        self.last = uuid
        return record

    def name(self, kind: str, number: int, part: int = 0) -> str:
        """An identifier that is the same in each writing of the same session."""
        return identifier(self.talk, kind, number, part)


def _request(scribe: _Scribe, request: Request, number: int) -> Iterator[Record]:
    """One line for each content block, then one for each call's result."""
    calls = [(scribe.name("toolu", number, i), call) for i, call in enumerate(request.calls)]
    blocks: list[Record] = [{"type": "text", "text": request.says}] if request.says else []
    blocks += [{"type": "tool_use", "id": call_id, **_tool_use(scribe, call)} for call_id, call in calls]
    for i, block in enumerate(blocks):
        last = i == len(blocks) - 1
        yield scribe.line(
            request.at + timedelta(milliseconds=300 * i),
            "assistant",
            requestId=scribe.name("req", number),
            message={
                "id": scribe.name("msg", number),
                "type": "message",
                "role": "assistant",
                "model": request.model,
                "content": [block],
                "stop_reason": ("tool_use" if calls else "end_turn") if last else None,
                "stop_sequence": None,
                "usage": _usage(request, complete=last),
            },
        )
    for i, (call_id, call) in enumerate(calls):
        result = {"type": "tool_result", "tool_use_id": call_id, "content": _result_text(call)}
        yield scribe.line(
            request.at + timedelta(seconds=2 + i),
            "user",
            message={"role": "user", "content": [result]},
            toolUseResult=_result(scribe, call),
        )


def _usage(request: Request, *, complete: bool) -> Record:
    """Usage as billed; before the last block the client has seen only the first output tokens."""
    tokens = request.tokens
    return {
        "input_tokens": tokens.input_uncached,
        "cache_creation_input_tokens": tokens.cache_write,
        "cache_read_input_tokens": tokens.cache_read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": tokens.cache_write - tokens.cache_write_1h,
            "ephemeral_1h_input_tokens": tokens.cache_write_1h,
        },
        "output_tokens": tokens.output if complete else min(tokens.output, 4),
        "service_tier": "standard",
    }


def _absolute(scribe: _Scribe, path: str) -> str:
    return f"{scribe.talk.directory}/{path}" if scribe.talk.directory else path


def _tool_use(scribe: _Scribe, call: Call) -> Record:
    match call:
        case WriteFile(path, content):
            return {"name": "Write", "input": {"file_path": _absolute(scribe, path), "content": content}}
        case EditFile(path, old, new):
            edit = {"file_path": _absolute(scribe, path), "old_string": old, "new_string": new}
            return {"name": "Edit", "input": edit}
        case EditMany(path, edits):
            many = [{"old_string": old, "new_string": new} for old, new in edits]
            return {"name": "MultiEdit", "input": {"file_path": _absolute(scribe, path), "edits": many}}
        case ReadFile(path):
            return {"name": "Read", "input": {"file_path": _absolute(scribe, path)}}
        case RunCommand(command, _):
            return {"name": "Bash", "input": {"command": command, "description": "Run a command"}}


def _result_text(call: Call) -> str:
    match call:
        case RunCommand(_, output):
            return output
        case ReadFile():
            return "     1\u2192(shortened)"
        case WriteFile(path, _):
            return f"File created successfully at: {path}"
        case _:
            return f"The file {call.path} has been updated."


def _result(scribe: _Scribe, call: Call) -> Mapping[str, object]:
    match call:
        case WriteFile(path, content):
            return {
                "type": "create",
                "filePath": _absolute(scribe, path),
                "content": content,
                "structuredPatch": [],
                "originalFile": None,
            }
        case EditFile(path, old, new):
            return {
                "filePath": _absolute(scribe, path),
                "oldString": old,
                "newString": new,
                "structuredPatch": [_patch(old, new)],
                "userModified": False,
                "replaceAll": False,
            }
        case EditMany(path, edits):
            many = [{"old_string": old, "new_string": new, "replace_all": False} for old, new in edits]
            patches = [_patch(old, new) for old, new in edits]
            return {"filePath": _absolute(scribe, path), "edits": many, "structuredPatch": patches}
        case ReadFile(path):
            return {"type": "text", "file": {"filePath": _absolute(scribe, path), "numLines": 1}}
        case RunCommand(_, output):
            return {"stdout": output, "stderr": "", "interrupted": False, "isImage": False}


def _patch(old: str, new: str) -> Record:
    marked = passage(old, new)
    return {
        "oldStart": 1,
        "oldLines": sum(sign != "+" for sign, _ in marked),
        "newStart": 1,
        "newLines": sum(sign != "-" for sign, _ in marked),
        "lines": [sign + text for sign, text in marked],
    }


def _write(file: Path, records: Iterable[Record]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(record, separators=(",", ":")) + "\n" for record in records)
