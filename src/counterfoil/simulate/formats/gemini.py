"""Writes invented sessions as Gemini CLI keeps them: a message with calls stands twice under one id."""

import json
from collections.abc import Iterable, Iterator
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
    WriteFile,
    stamp,
)

Record = dict[str, Any]


def write_gemini(home: Path, talks: Iterable[Talk]) -> None:
    """Every session below `home/.gemini/tmp`, one folder for each project.

    Source: Gemini CLI 0.61.0, chats as written on disk (read 2026-11-23).
    """
    for talk in talks:
        folder = home / ".gemini" / "tmp" / project_hash(talk)
        chats = folder / "chats"
        chats.mkdir(parents=True, exist_ok=True)
        if talk.directory is not None:
            (folder / ".project_root").write_text(talk.directory, encoding="utf-8")
        file = chats / f"session-{talk.began:%Y-%m-%dT%H-%M}-{talk.id[:8]}.jsonl"
        lines = (json.dumps(record, separators=(",", ":")) + "\n" for record in gemini_records(talk))
        file.write_text("".join(lines), encoding="utf-8")


def project_hash(talk: Talk) -> str:
    """The name Gemini CLI gives a project's folder."""
    return sha256((talk.directory or talk.id).encode()).hexdigest()


def gemini_records(talk: Talk) -> Iterator[Record]:
    """The lines of one chat."""
    began = stamp(talk.began)
    yield {
        "sessionId": talk.id,
        "projectHash": project_hash(talk),
        "startTime": began,
        "lastUpdated": began,
        "kind": "main",
    }
    for number, turn in enumerate(talk.turns):
        name = _message_id(talk, number)
        if isinstance(turn, Prompt):
            text = [{"text": turn.text}]
            yield {"id": name, "timestamp": stamp(turn.at), "type": "user", "content": text}
        else:
            yield from _request(talk, turn, name)
        yield {"$set": {"lastUpdated": stamp(turn.at)}}


def _message_id(talk: Talk, number: int) -> str:
    text = sha256(f"{talk.id} {number}".encode()).hexdigest()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}"


def _request(talk: Talk, request: Request, name: str) -> Iterator[Record]:
    tokens = request.tokens
    read = tokens.input_uncached + tokens.cache_read
    said = tokens.output - tokens.reasoning
    message: Record = {
        "id": name,
        "timestamp": stamp(request.at),
        "type": "gemini",
        "content": request.says,
        "thoughts": [],
        "tokens": {
            "input": read,
            "output": said,
            "cached": tokens.cache_read,
            "thoughts": tokens.reasoning,
            "tool": 0,
            "total": read + tokens.output,
        },
        "model": request.model,
    }
    yield message
    if request.calls:
        calls = [_call(talk, call, f"{name}_{i}", request.at) for i, call in enumerate(request.calls)]
        yield message | {"toolCalls": calls}


def _call(talk: Talk, call: Call, call_id: str, at: datetime) -> Record:
    name, args, output = _named(talk, call)
    answer = {"id": call_id, "name": name, "response": {"output": output}}
    return {
        "id": call_id,
        "name": name,
        "args": args,
        "result": [{"functionResponse": answer}],
        "status": "success",
        "timestamp": stamp(at + timedelta(seconds=1)),
    }


def _named(talk: Talk, call: Call) -> tuple[str, Record, str]:
    """The tool's name, its arguments and what it answered."""

    def absolute(path: str) -> str:
        return f"{talk.directory}/{path}" if talk.directory else path

    match call:
        case WriteFile(path, content):
            args = {"file_path": absolute(path), "content": content}
            return "write_file", args, f"Successfully created and wrote to new file: {absolute(path)}."
        case EditFile(path, old, new):
            args = {"file_path": absolute(path), "old_string": old, "new_string": new}
            return "replace", args, f"Successfully modified file: {absolute(path)} (1 replacements)."
        case EditMany():
            raise ValueError("Gemini CLI has no call that edits several passages")
        case ReadFile(path):
            return "read_file", {"absolute_path": absolute(path)}, "(shortened)"
        case RunCommand(command, output):
            return "run_shell_command", {"command": command}, f"Command: {command}\nOutput: {output}\n"
