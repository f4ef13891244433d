"""Codex rollouts: every trap of their counters, forks, frames and patches, in invented sessions."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from backports import zstd

from counterfoil.collect.codex import Codex
from counterfoil.collect.lines import LineHasher
from counterfoil.collect.scan import read
from counterfoil.collect.source import USAGE_ONLY, Want
from counterfoil.terms.absent import SkipReason, Unknown
from counterfoil.terms.reading import Reading
from counterfoil.terms.usage import Usage

KEY = b"k" * 32
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
Lines = list[dict[str, Any]]


def at(second: float) -> str:
    return f"2026-11-20T10:{int(second) // 60:02}:{int(second) % 60:02}.{round(second % 1 * 1000):03}Z"


def line(second: float, kind: str, **payload: Any) -> dict[str, Any]:
    return {"timestamp": at(second), "type": kind, "payload": payload}


def meta(second: float = 0, name: str = "s1", **more: Any) -> dict[str, Any]:
    about = {"id": name, "timestamp": at(second), "cwd": "/w/p", "originator": "codex_cli_rs"}
    return line(second, "session_meta", **about | {"cli_version": "0.50.0"} | more)


def turn(second: float = 0, model: str = "gpt-5-codex") -> dict[str, Any]:
    return line(second, "turn_context", cwd="/w/p", model=model)


def tokens(n: int, cached: int = 0, output: int = 0, reasoning: int = 0) -> dict[str, int]:
    stated = {"input_tokens": n, "cached_input_tokens": cached, "output_tokens": output}
    return stated | {"reasoning_output_tokens": reasoning, "total_tokens": n + output}


def count(second: float, total: dict[str, int], last: dict[str, int] | None = None) -> dict[str, Any]:
    info = {"total_token_usage": total, "last_token_usage": last or total}
    return line(second, "event_msg", type="token_count", info=info, rate_limits={})


def record(second: float, name: str, usage: dict[str, int], total: dict[str, int]) -> dict[str, Any]:
    return line(second, "token_usage_record", response_id=name, usage=usage, thread_token_usage=total)


def raw(lines: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(each).encode() + b"\n" for each in lines)


def session(home: Path, name: str, content: bytes | Lines, folder: str = "sessions/2026/11/20") -> None:
    place = home / ".codex" / folder
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(content if isinstance(content, bytes) else raw(content))


def reading(home: Path, want: Want = USAGE_ONLY) -> Reading:
    made = read(Codex(), homes=[home], want=want, now=NOW, jobs=1)
    assert made.counts.records == made.counts.kept + made.counts.merged + made.counts.skipped_total
    return made


def rows(made: Reading) -> list[Usage]:
    return sorted((row for batch in made.usage for row in batch.rows()), key=lambda row: row.at)


def inputs(made: Reading) -> list[tuple[int, int, int]]:
    return [(row.input_uncached, row.cache_read, row.output) for row in rows(made)]


def test_a_request_is_what_came_on_top_and_a_repeated_total_is_none(tmp_path: Path) -> None:
    first, second = tokens(100, 40, 10, 4), tokens(250, 100, 30, 9)
    lines = [
        meta(),
        turn(),
        count(5, first),
        count(6, first),
        turn(7, "gpt-6"),
        count(9, second),
        count(9, second),
    ]
    session(tmp_path, "rollout-a.jsonl", lines)
    made = reading(tmp_path)
    assert inputs(made) == [(60, 40, 10), (90, 60, 20)]
    assert [row.model for row in rows(made)] == ["gpt-5-codex", "gpt-6"]
    assert [row.reasoning for row in rows(made)] == [4, 5]
    assert (made.counts.kept, made.counts.merged, made.counts.other) == (2, 2, 3)


def test_a_counter_that_fell_began_anew(tmp_path: Path) -> None:
    lines = [meta(), count(5, tokens(900, 0, 90)), count(9, tokens(70, 0, 7), tokens(50, 20, 5))]
    session(tmp_path, "rollout-a.jsonl", lines)
    assert inputs(reading(tmp_path)) == [(900, 0, 90), (30, 20, 5)]


def test_cached_tokens_never_exceed_the_input(tmp_path: Path) -> None:
    session(tmp_path, "rollout-a.jsonl", [meta(), count(5, tokens(100, 400, 10))])
    assert inputs(reading(tmp_path)) == [(0, 100, 10)]


def test_cache_writes_are_a_part_of_the_input(tmp_path: Path) -> None:
    stated = tokens(100, 40, 10) | {"cache_write_input_tokens": 25}
    session(tmp_path, "rollout-a.jsonl", [meta(), count(5, stated)])
    (row,) = rows(reading(tmp_path))
    assert (row.input_uncached, row.cache_read, row.cache_write) == (35, 40, 25)


def test_a_usage_record_and_its_counter_are_one_request(tmp_path: Path) -> None:
    one, two = tokens(100, 0, 10), tokens(200, 0, 20)
    lines = [
        meta(),
        record(5, "r1", one, one),
        count(5.1, one),
        record(8, "r2", one, two),
        count(8.1, two, one),
    ]
    session(tmp_path, "rollout-a.jsonl", lines)
    made = reading(tmp_path)
    assert [row.key for row in rows(made)] == ["s1:r1", "s1:r2"]
    assert (made.counts.kept, made.counts.merged) == (2, 2)


def test_a_lost_usage_record_is_made_good_by_its_counter(tmp_path: Path) -> None:
    one, two = tokens(100, 0, 10), tokens(200, 0, 20)
    torn = raw([record(8, "r2", one, two)])[:80] + b"\n"
    session(
        tmp_path,
        "a.jsonl",
        raw([meta(), record(5, "r1", one, one), count(5, one)]) + torn + raw([count(8, two, one)]),
    )
    made = reading(tmp_path)
    assert inputs(made) == [(100, 0, 10), (100, 0, 10)]
    assert made.counts.skipped == {SkipReason.TRUNCATED: 1}


def test_names_that_a_provider_repeats_are_told_apart(tmp_path: Path) -> None:
    one, two = tokens(100, 0, 10), tokens(200, 0, 20)
    session(tmp_path, "a.jsonl", [meta(), record(5, "r", one, one), record(6, "r", one, two)])
    assert reading(tmp_path).counts.kept == 2


PARENT = [
    meta(),
    turn(),
    count(5, tokens(100, 0, 10)),
    count(9, tokens(200, 0, 20)),
    count(90, tokens(999, 0, 99)),
]


def child(**more: Any) -> Lines:
    copied = [count(60.1, tokens(100, 0, 10)), count(60.2, tokens(200, 0, 20), tokens(100, 0, 10))]
    own = count(70, tokens(260, 0, 26), tokens(60, 0, 6))
    return [meta(60, "s2", **more), meta(60), turn(60), *copied, own]


@pytest.mark.parametrize(
    "origin",
    [{"forked_from_id": "s1"}, {"source": {"subagent": {"thread_spawn": {"parent_thread_id": "s1"}}}}],
)
def test_a_fork_counts_only_what_its_parent_does_not(tmp_path: Path, origin: dict[str, Any]) -> None:
    session(tmp_path, "rollout-s1.jsonl", PARENT)
    session(tmp_path, "rollout-s2.jsonl", child(**origin))
    made = reading(tmp_path)
    assert [row.input_uncached for row in rows(made) if row.session == "s2"] == [60]
    assert [row.parent_session for row in rows(made) if row.session == "s2"] == ["s1"]
    assert (made.counts.kept, made.counts.merged) == (4, 2)


def test_a_fork_whose_parent_is_gone_leaves_out_what_was_written_at_once(tmp_path: Path) -> None:
    session(tmp_path, "rollout-s2.jsonl", child(forked_from_id="s1"))
    made = reading(tmp_path)
    assert inputs(made) == [(60, 0, 6)]
    assert made.counts.skipped == {SkipReason.NO_PARENT: 2}
    assert [skipped.where.line for skipped in made.skipped] == [4, 5]


def test_a_fork_that_refers_to_its_parent_repeats_nothing(tmp_path: Path) -> None:
    own = count(60.2, tokens(260, 0, 26), tokens(60, 0, 6))
    session(
        tmp_path, "s2.jsonl", [meta(60, "s2", forked_from_id="s1", history_base={"thread_id": "s1"}), own]
    )
    assert inputs(reading(tmp_path)) == [(60, 0, 6)]


def test_equal_counts_of_unrelated_sessions_stay_apart(tmp_path: Path) -> None:
    for name in ("s1", "s2"):
        session(tmp_path, f"rollout-{name}.jsonl", [meta(0, name), count(5, tokens(100, 0, 10))])
    assert reading(tmp_path).counts.kept == 2


def test_without_its_first_line_a_session_bears_its_files_name(tmp_path: Path) -> None:
    session(tmp_path, "found-it.jsonl", [count(5, tokens(100, 0, 10))])
    (row,) = rows(reading(tmp_path))
    assert row.session == "found-it"
    assert isinstance(row.model, Unknown)


def test_of_two_copies_the_plain_and_the_active_one_are_read(tmp_path: Path) -> None:
    lines = [meta(), count(5, tokens(100, 0, 10))]
    session(tmp_path, "rollout-a.jsonl", lines)
    session(tmp_path, "rollout-a.jsonl.zst", zstd.compress(raw(lines)))
    session(tmp_path, "rollout-a.jsonl", lines, "archived_sessions")
    session(tmp_path, "rollout-b.jsonl", [meta(0, "s2"), *lines[1:]], "archived_sessions")
    made = reading(tmp_path)
    assert (made.counts.files, made.counts.records) == (2, 2)


def test_a_frame_is_read_as_far_as_it_reaches(tmp_path: Path) -> None:
    lines = [meta(), *(count(n, tokens(100 * n, 0, 10 * n)) for n in range(1, 50))]
    whole = zstd.compress(raw(lines[:20])) + zstd.compress(raw(lines[20:]))
    session(tmp_path, "a.jsonl.zst", whole)
    assert reading(tmp_path).counts.kept == 49
    session(tmp_path, "a.jsonl.zst", zstd.compress(raw(lines[:20])) + zstd.compress(raw(lines[20:]))[:40])
    made = reading(tmp_path)
    assert made.counts.kept == 19
    assert made.counts.skipped[SkipReason.BROKEN_FRAME] == 1


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (count(5, tokens(-1)), SkipReason.ABSURD_COUNT),
        (count(5, tokens(10**12)), SkipReason.ABSURD_COUNT),
        (count(5, tokens(7)) | {"timestamp": None}, SkipReason.NO_TIME),
        (count(5, tokens(7)) | {"timestamp": "2031-01-01T00:00:00Z"}, SkipReason.FUTURE_TIME),
    ],
)
def test_a_record_that_no_client_writes_is_left_out(
    tmp_path: Path, bad: dict[str, Any], why: SkipReason
) -> None:
    session(tmp_path, "a.jsonl", [meta(), bad, count(6, tokens(100, 0, 10))])
    made = reading(tmp_path)
    assert made.counts.skipped == {why: 1}
    assert inputs(made) == [(100, 0, 10)]


def call(second: float, call_id: str, kind: str = "custom_tool_call", **more: Any) -> dict[str, Any]:
    return line(second, "response_item", type=kind, call_id=call_id, **more)


PATCH = """*** Begin Patch
*** Update File: old.py
*** Move to: new.py
@@ def f
 context line
-first old line
+first new line
*** Add File: made.py
+made by hand
*** End Patch
"""
DONE = "Exit code: 0\nOutput:\nSuccess. Updated the following files:\nM new.py\n"


def written(home: Path, lines: Lines) -> list[tuple[str, tuple[int, ...], tuple[int, ...]]]:
    session(home, "a.jsonl", [meta(), *lines])
    return [(w.path, tuple(w.added), tuple(w.removed)) for w in reading(home, Want(KEY)).written]


def keys(text: str) -> tuple[int, ...]:
    return LineHasher(KEY).keys_of(text)


EXPECTED = [
    ("made.py", keys("made by hand"), ()),
    ("new.py", keys("first new line"), keys("first old line")),
]


@pytest.mark.parametrize(
    "asked",
    [
        call(5, "c1", name="apply_patch", input=PATCH),
        call(
            5,
            "c1",
            "function_call",
            name="exec_command",
            arguments=json.dumps({"cmd": f"apply_patch <<'E'\n{PATCH}E\n"}),
        ),
        call(
            5, "c1", "function_call", name="shell", arguments=json.dumps({"command": ["apply_patch", PATCH]})
        ),
    ],
)
def test_a_patch_in_every_form_is_read_once(tmp_path: Path, asked: dict[str, Any]) -> None:
    answer = call(6, "c1", "custom_tool_call_output", output=DONE)
    assert sorted(written(tmp_path, [asked, answer])) == EXPECTED


def test_an_event_that_states_a_change_stands_for_its_call(tmp_path: Path) -> None:
    update = {
        "type": "update",
        "unified_diff": "@@ -1 +1 @@\n-first old line\n+first new line\n",
        "move_path": "/w/p/new.py",
    }
    changes = {"/w/p/old.py": update, "/w/p/made.py": {"type": "add", "content": "made by hand\n"}}
    item = {"type": "FileChange", "id": "c1", "changes": changes, "status": "completed"}
    asked = call(5, "c1", name="apply_patch", input=PATCH)
    got = written(tmp_path, [asked, line(6, "event_msg", type="item_completed", item=item)])
    assert sorted(got) == [(f"/w/p/{path}", added, removed) for path, added, removed in EXPECTED]


@pytest.mark.parametrize(
    "output",
    [
        "apply_patch verification failed: x",
        "Exit code: 1\nOutput:\nno",
        '{"output":"x","metadata":{"exit_code":1}}',
    ],
)
def test_a_patch_that_failed_wrote_nothing(tmp_path: Path, output: str) -> None:
    lines = [
        call(5, "c1", name="apply_patch", input=PATCH),
        call(6, "c1", "custom_tool_call_output", output=output),
    ]
    assert written(tmp_path, lines) == []


def test_commits_are_named_as_git_printed_them(tmp_path: Path) -> None:
    asked = call(5, "c1", "function_call", name="exec_command", arguments='{"cmd": "git commit -m secret"}')
    output = "Process exited with code 0\nOutput:\n[main 0534761] secret\n 1 file changed\n"
    failed = call(7, "c2", "function_call", name="exec_command", arguments='{"cmd": "git commit -m x"}')
    refused = call(
        8, "c2", "function_call_output", output="Process exited with code 1\nOutput:\n[main 1234567] x\n"
    )
    lines = [meta(), asked, call(6, "c1", "function_call_output", output=output), failed, refused]
    session(tmp_path, "a.jsonl", lines)
    made = reading(tmp_path, Want(KEY))
    assert [committed.commit for committed in made.committed] == ["0534761"]
    assert "secret" not in repr(made)


def test_a_forks_copied_work_stays_its_parents(tmp_path: Path) -> None:
    work = [
        call(5, "c1", name="apply_patch", input=PATCH),
        call(6, "c1", "custom_tool_call_output", output=DONE),
    ]
    session(tmp_path, "s1.jsonl", [meta(), *work])
    session(tmp_path, "s2.jsonl", [meta(60, "s2", forked_from_id="s1"), *work])
    assert {w.session for w in reading(tmp_path, Want(KEY)).written} == {"s1"}
