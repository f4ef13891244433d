"""Gemini CLI chats: both forms, copies, directories and evidence, in invented sessions."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from counterfoil.collect.gemini_cli import GeminiCli
from counterfoil.collect.lines import LineHasher
from counterfoil.collect.scan import read
from counterfoil.collect.source import USAGE_ONLY, Want
from counterfoil.terms.absent import SkipReason, Unknown
from counterfoil.terms.reading import Reading
from counterfoil.terms.usage import Usage

KEY = b"k" * 32
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PROJECT = "/w/p"
HASH = sha256(PROJECT.encode()).hexdigest()
ABOUT = {"sessionId": "s1", "projectHash": HASH, "startTime": "2026-11-20T10:00:00.000Z", "kind": "main"}
Record = dict[str, Any]


def message(name: str, tokens: Any = None, **more: Any) -> Record:
    made = {"id": name, "timestamp": "2026-11-20T10:00:05.000Z", "type": "gemini", "model": "gemini-2.5-pro"}
    return made | ({} if tokens is None else {"tokens": tokens}) | more


def tokens(prompt: int, answer: int, cached: int = 0, thoughts: int = 0, tool: int = 0) -> dict[str, int]:
    stated = {"input": prompt, "output": answer, "cached": cached, "thoughts": thoughts, "tool": tool}
    return stated | {"total": prompt + answer + thoughts + tool}


def chat(home: Path, content: bytes | list[Record], name: str = "session-1.jsonl", folder: str = "p") -> Path:
    place = home / ".gemini" / "tmp" / folder / "chats" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    lines = (
        content if isinstance(content, bytes) else b"".join(json.dumps(x).encode() + b"\n" for x in content)
    )
    place.write_bytes(lines)
    return place


def reading(home: Path, want: Want = USAGE_ONLY) -> Reading:
    made = read(GeminiCli(), homes=[home], want=want, now=NOW, jobs=1)
    assert made.counts.records == made.counts.kept + made.counts.merged + made.counts.skipped_total
    return made


def rows(made: Reading) -> list[Usage]:
    return [row for batch in made.usage for row in batch.rows()]


def test_cached_is_inside_input_and_thoughts_and_tool_results_are_beside(tmp_path: Path) -> None:
    chat(tmp_path, [ABOUT, message("m1", tokens(100, 10, cached=40, thoughts=7, tool=5))])
    (row,) = rows(reading(tmp_path))
    assert (row.input_uncached, row.cache_read, row.output, row.reasoning) == (65, 40, 17, 7)


def test_a_message_written_again_is_one_request(tmp_path: Path) -> None:
    again = {"$set": {"messages": [message("m1", tokens(100, 10)), message("m2", tokens(50, 5))]}}
    lines = [ABOUT, message("m1", tokens(100, 4)), message("m1", tokens(100, 10)), again, {"$rewindTo": "m1"}]
    chat(tmp_path, lines)
    made = reading(tmp_path)
    assert sorted(row.output for row in rows(made)) == [5, 10]
    assert (made.counts.records, made.counts.merged, made.counts.other) == (4, 2, 2)


def test_an_old_chat_and_the_new_one_it_was_resumed_as_are_one(tmp_path: Path) -> None:
    old = ABOUT | {"messages": [message("m1", tokens(100, 10)), {"id": "u", "type": "user"}]}
    chat(tmp_path, json.dumps(old, indent=2).encode(), "session-1.json")
    chat(tmp_path, [ABOUT, message("m1", tokens(100, 10)), message("m2", tokens(70, 7))])
    made = reading(tmp_path)
    assert (made.counts.files, made.counts.kept, made.counts.merged) == (2, 2, 1)
    assert {row.session for row in rows(made)} == {"s1"}


def test_a_subagents_chat_names_its_parent(tmp_path: Path) -> None:
    chat(tmp_path, [ABOUT | {"sessionId": "s2"}, message("m1", tokens(9, 1))], "s2.jsonl", "p")
    chat(tmp_path, [ABOUT | {"sessionId": "s3"}, message("m2", tokens(9, 1))], "s1/s3.jsonl", "p")
    assert {(row.session, str(row.parent_session)) for row in rows(reading(tmp_path))} >= {("s3", "s1")}


@pytest.mark.parametrize("told", ["marker", "registry", "hash", "call", "nowhere"])
def test_the_directory_is_found_where_anything_tells_it(tmp_path: Path, told: str) -> None:
    folder = HASH if told == "hash" else "p"
    called = [
        {"id": "c", "name": "read_file", "args": {"file_path": f"{PROJECT}/a/b.py"}, "status": "success"}
    ]
    more = {"toolCalls": called} if told == "call" else {}
    place = chat(tmp_path, [ABOUT, message("m1", tokens(9, 1), **more)], folder=folder)
    if told == "marker":
        (place.parents[1] / ".project_root").write_text(PROJECT)
    if told in ("registry", "hash"):
        slug = "p" if told == "registry" else "another"
        (tmp_path / ".gemini" / "projects.json").write_text(json.dumps({"projects": {PROJECT: slug}}))
    made = reading(tmp_path)
    (row,) = rows(made)
    assert isinstance(row.directory, Unknown) if told == "nowhere" else row.directory == PROJECT
    assert made.counts.files == 1


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (message("m", tokens(-1, 2)), SkipReason.ABSURD_COUNT),
        (message("m", tokens(10**12, 2)), SkipReason.ABSURD_COUNT),
        (message("m", "many"), SkipReason.WRONG_SHAPE),
        (message("m", tokens(1, 2), timestamp=None), SkipReason.NO_TIME),
        (message("m", tokens(1, 2), timestamp="2040-01-01T00:00:00Z"), SkipReason.FUTURE_TIME),
    ],
)
def test_a_record_that_no_client_writes_is_left_out(tmp_path: Path, bad: Record, why: SkipReason) -> None:
    chat(tmp_path, [ABOUT, bad, message("ok", tokens(9, 1))])
    made = reading(tmp_path)
    assert made.counts.skipped == {why: 1}
    assert made.counts.kept == 1


@pytest.mark.parametrize("name", ["session-1.jsonl", "session-1.json"])
def test_a_chat_cut_off_is_one_record_left_out(tmp_path: Path, name: str) -> None:
    chat(tmp_path, json.dumps(ABOUT | {"messages": [message("m1", tokens(9, 1))]}).encode()[:-30], name)
    assert reading(tmp_path).counts.skipped == {SkipReason.TRUNCATED: 1}


def call(name: str, status: str = "success", output: str = "", **arguments: str) -> Record:
    result = [{"functionResponse": {"response": {"output": output}}}]
    return {
        "id": f"{name}-{status}-{output}",
        "name": name,
        "args": arguments,
        "status": status,
        "result": result,
    }


def test_what_calls_wrote_and_committed_is_kept_as_hashes_and_names(tmp_path: Path) -> None:
    calls = [
        call("write_file", file_path=f"{PROJECT}/a.py", content="secret one\n"),
        call("replace", file_path=f"{PROJECT}/a.py", old_string="secret one", new_string="secret two"),
        call("replace", "error", file_path=f"{PROJECT}/a.py", old_string="never", new_string="happened"),
        call("run_shell_command", output="Output: [main 0534761] secret\n", command="git commit -m secret"),
        call(
            "run_shell_command", output="Output: [main 1111111] x\nExit Code: 1\n", command="git commit -m x"
        ),
    ]
    again = message("m1", tokens(9, 1), toolCalls=calls)
    spoken = {"id": "u1", "type": "user", "timestamp": ABOUT["startTime"], "content": "secret"}
    chat(tmp_path, [ABOUT, spoken, again, again])
    made = reading(tmp_path, Want(KEY))
    keys = LineHasher(KEY).keys_of
    assert sorted((w.added, w.removed) for w in made.written) == sorted(
        [(keys("secret one"), ()), (keys("secret two"), keys("secret one"))]
    )
    assert [(c.commit, c.directory) for c in made.committed] == [("0534761", PROJECT)]
    assert [session.human_turns for session in made.sessions] == [1]
    assert "secret" not in repr(made)


@pytest.mark.parametrize(
    ("settings", "days"),
    [("{}", 30), ('{"general": {"sessionRetention": {"maxAge": "2w"}}}', 14), ("no json", 30)],
)
def test_retention_is_what_the_settings_say(tmp_path: Path, settings: str, days: int) -> None:
    chat(tmp_path, [ABOUT])
    (tmp_path / ".gemini" / "settings.json").write_text(settings)
    assert reading(tmp_path).retention_days == days
