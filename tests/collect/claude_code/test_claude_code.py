"""What Claude Code transcripts say: requests once, absurd ones counted, written lines as hashes."""

import json
from io import BytesIO
from typing import Any

from counterfoil.collect.claude_code import ClaudeCode
from counterfoil.collect.reading import encoded
from counterfoil.collect.source import Want
from counterfoil.terms.absent import SkipReason
from counterfoil.terms.reading import Reading

NOW = 1_790_000_000_000
FULL = Want(b"k" * 32)


def line(message: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {
        "type": "assistant",
        "timestamp": "2026-03-01T10:00:00.000Z",
        "sessionId": "s",
        "cwd": "/home/dev/shop",
        "version": "2.1.197",
        "message": message,
    } | given


def used(name: str, output: Any, **given: Any) -> dict[str, Any]:
    usage = {"input_tokens": 10, "output_tokens": output}
    return {"id": name, "model": "claude-sonnet-4-5", "stop_reason": "end_turn", "usage": usage} | given


def content(*lines: Any) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in lines)


def read(*lines: Any) -> Reading:
    source = ClaudeCode()
    return source.merge([source.parse("p/s.jsonl", BytesIO(content(*lines)), want=FULL, now=NOW)], looked=())


def test_a_streamed_message_is_one_request_with_its_largest_output() -> None:
    reading = read(line(used("m", 1)), line(used("m", 57)), line(used("m", 57)))
    assert (reading.counts.records, reading.counts.kept, reading.counts.merged) == (3, 1, 2)
    assert list(reading.usage[0].columns["output"]) == [57]


def test_absurd_counts_are_left_out_and_counted() -> None:
    reading = read(*(line(used(f"m{n}", count)) for n, count in enumerate((-1, 1.5, "7", True, 10**12))))
    assert reading.counts.skipped == {SkipReason.ABSURD_COUNT: 5}
    assert reading.counts.kept == 0


def test_a_message_the_client_made_up_claims_no_usage() -> None:
    reading = read(line(used("m", 0, model="<synthetic>")))
    assert (reading.counts.records, reading.counts.other) == (0, 1)


def test_an_advisor_is_a_request_under_its_own_model() -> None:
    message = used("m", 5)
    message["usage"]["iterations"] = [
        {"type": "advisor_message", "model": "claude-opus-4-5", "input_tokens": 3, "output_tokens": 4}
    ]
    reading = read(line(message))
    assert reading.usage[0].columns["model"] == ["claude-sonnet-4-5", "claude-opus-4-5"]
    assert reading.counts.records == reading.counts.kept == 2


def test_edits_are_hashes_and_failed_ones_are_taken_back() -> None:
    edit = {
        "file_path": "/a.py",
        "old_string": "CANARY kept\nCANARY old",
        "new_string": "CANARY kept\nCANARY new",
    }
    calls = [{"type": "tool_use", "id": name, "name": "Edit", "input": edit} for name in ("good", "bad")]
    failed = {"type": "tool_result", "tool_use_id": "bad", "is_error": True, "content": "CANARY"}
    lines = (line(used("m", 5, content=calls)), line({"role": "user", "content": [failed]}, type="user"))
    (written,) = read(*lines).written
    assert (len(written.added), len(written.removed)) == (1, 1)
    reading = ClaudeCode().parse("p/s.jsonl", BytesIO(content(*lines)), want=FULL, now=NOW)
    assert b"CANARY" not in encoded(reading)


def test_a_commit_is_known_by_the_name_git_printed() -> None:
    call = {"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": "git commit -m x"}}
    result = {"type": "tool_result", "tool_use_id": "t", "content": "[main 0534761] x"}
    reading = read(
        line({"role": "user", "content": "please"}, type="user", uuid="u"),
        line(used("m", 5, content=[call])),
        line({"role": "user", "content": [result]}, type="user"),
    )
    assert [made.commit for made in reading.committed] == ["0534761"]
    assert reading.sessions[0].human_turns == 1
