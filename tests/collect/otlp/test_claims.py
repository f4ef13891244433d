"""What each exporter's records come to: the billed buckets exclude each other, whatever the convention."""

from typing import Any

import pytest

from collect.otlp.exports import counter, histogram, listed, logs, packed, spans
from counterfoil.collect.otlp.read import Arrived, Signal, read
from counterfoil.terms.arrived import Rank

COUNTS = ("input_uncached", "cache_read", "cache_write", "output", "reasoning", "cost")
CLAUDE = {
    "session.id": "one", "model": "opus", "input_tokens": 1200, "output_tokens": 57, "cache_read_tokens": 900,
    "cache_creation_tokens": 300, "cost_usd_micros": 5850, "request_id": "req_1",
}  # fmt: skip
CODEX = {
    "event.kind": "response.completed", "conversation.id": "two", "model": "gpt", "input_token_count": "1500",
    "cached_token_count": "600", "output_token_count": "64", "reasoning_token_count": "16",
    "event.timestamp": "2026-11-23T02:39:13.865Z", "originator": "codex-tui",
}  # fmt: skip
GEMINI = {
    "session.id": "three", "model": "flash", "input_token_count": 1100, "output_token_count": 33,
    "cached_content_token_count": 200, "thoughts_token_count": 7, "tool_token_count": 5, "interactive": True,
    "prompt_id": "p", "event.timestamp": "2026-11-23T02:40:19.420Z",
}  # fmt: skip
CHAT = {
    "gen_ai.operation.name": "chat", "gen_ai.request.model": "asked", "gen_ai.response.model": "answered",
    "gen_ai.response.id": "resp_1", "gen_ai.usage.input_tokens": 100, "gen_ai.usage.output_tokens": 20,
    "gen_ai.usage.cache_read.input_tokens": 40, "gen_ai.usage.cache_creation.input_tokens": 10,
    "gen_ai.usage.reasoning.output_tokens": 5,
}  # fmt: skip


def of_logs(*records: tuple[str, dict[str, Any]], **resource: Any) -> Arrived:
    return read(Signal.LOGS, packed(logs(*records, resource=resource)), as_json=False)


def of_spans(*records: tuple[str, str, dict[str, Any]], **resource: Any) -> Arrived:
    return read(Signal.TRACES, packed(spans(*records, resource=resource)), as_json=False)


def of_metrics(request: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = listed(read(Signal.METRICS, packed(request), as_json=False))
    return found


def counts(row: dict[str, Any]) -> tuple[int, ...]:
    return tuple(row[name] for name in COUNTS)


def test_claude_codes_input_excludes_its_caches() -> None:
    (row,) = listed(of_logs(("claude_code.api_request", CLAUDE)))
    assert counts(row) == (1200, 900, 300, 57, -1, 5850)
    assert (row["tool"], row["key"], row["session"], row["rank"]) == (
        "claude-code",
        "req_1",
        "one",
        Rank.EVENT,
    )


@pytest.mark.parametrize(
    ("said", "trigger"),
    [
        ({"app.entrypoint": "cli"}, "human"),
        ({"app.entrypoint": "cli", "query_source": "sdk"}, ""),
        ({"app.entrypoint": "cli", "query_source": "subagent"}, "agent"),
        ({"app.entrypoint": "sdk-py"}, ""),
        ({}, ""),
        ({"counterfoil.trigger": "schedule", "app.entrypoint": "cli"}, "schedule"),
        ({"counterfoil.trigger": "whim"}, ""),
    ],
)
def test_a_trigger_is_known_or_unknown_and_never_guessed(said: dict[str, Any], trigger: str) -> None:
    (row,) = listed(of_logs(("claude_code.api_request", CLAUDE | said)))
    assert row["trigger"] == trigger


def test_a_request_without_a_name_is_named_by_its_place() -> None:
    plain = {key: value for key, value in CLAUDE.items() if key != "request_id"}
    found = of_logs(*(("claude_code.api_request", plain | {"event.sequence": n}) for n in range(3)))
    assert len({row["key"] for row in listed(found)}) == 3


def test_codex_counts_cached_tokens_inside_and_reasoning_inside() -> None:
    (row,) = listed(
        of_logs(
            ("codex.sse_event", {"event.name": "codex.sse_event", "event.kind": "response.created"}),
            ("", {"event.name": "codex.sse_event", **CODEX}),
        )
    )
    assert counts(row) == (900, 600, 0, 64, 16, -1)
    assert (row["tool"], row["trigger"]) == ("codex", "human")


def test_gemini_counts_cached_inside_and_thoughts_beside() -> None:
    details = {"gen_ai.usage.input_tokens": 1100, "gen_ai.usage.output_tokens": 33, "session.id": "three"}
    found = of_logs(
        ("gemini_cli.api_response", GEMINI),
        ("gen_ai.client.inference.operation.details", details),
        **{"service.name": "gemini-cli"},
    )
    (row,) = listed(found)
    assert counts(row) == (905, 200, 0, 40, 7, -1)
    assert row["trigger"] == "human"
    assert found.records.tolist() == [2]


def test_any_instrumentation_in_new_and_old_names() -> None:
    old = {
        "gen_ai.operation.name": "chat", "gen_ai.request.model": "m",
        "gen_ai.usage.prompt_tokens": 9, "gen_ai.usage.completion_tokens": 3,
    }  # fmt: skip
    first, second = listed(of_spans(("aa", "01", CHAT), ("bb", "02", old), **{"service.name": "shop"}))
    assert counts(first) == (50, 40, 10, 20, 5, -1)
    assert (first["model"], first["key"], first["tool"]) == ("answered", "resp_1", "shop")
    assert counts(second) == (9, 0, 0, 3, -1, -1)
    assert (second["key"], second["session"]) == ("bb-02", "bb")


def test_only_listed_operations_count_and_an_agents_own_span_ranks_below() -> None:
    found = listed(
        of_spans(
            ("aa", "01", CHAT | {"gen_ai.operation.name": "invoke_agent"}),
            ("aa", "02", CHAT),
            ("aa", "03", CHAT | {"gen_ai.operation.name": "execute_tool"}),
            ("aa", "04", {"gen_ai.operation.name": "chat"}),
            ("aa", "05", {"http.request.method": "GET"}),
        )
    )
    assert sorted(row["rank"] for row in found) == [Rank.SPAN, Rank.AGENT_SPAN]


def test_openinference() -> None:
    spoken = {
        "llm.model_name": "m", "llm.token_count.prompt": 10, "llm.token_count.completion": 4,
        "llm.token_count.prompt_details.cache_read": 6, "llm.cost.total": 0.5,
    }  # fmt: skip
    (row,) = listed(
        of_spans(
            ("aa", "01", {"openinference.span.kind": "LLM", **spoken}),
            ("aa", "02", {"openinference.span.kind": "CHAIN", **spoken}),
        )
    )
    assert counts(row) == (4, 6, 0, 4, -1, 500_000)


@pytest.mark.parametrize(
    "wrong",
    [
        {"input_tokens": "many"},
        {"input_tokens": -1},
        {"output_tokens": 2**60},
        {"output_tokens": 1.5},
        {"cache_read_tokens": True},
    ],
)
def test_a_count_that_is_none_is_rejected_and_counted(wrong: dict[str, Any]) -> None:
    found = of_logs(("claude_code.api_request", CLAUDE), ("claude_code.api_request", CLAUDE | wrong))
    assert len(listed(found)) == 1
    assert found.wrong.tolist() == [1]


def test_more_cached_than_all_is_rejected() -> None:
    found = of_logs(("", {"event.name": "codex.sse_event", **CODEX, "cached_token_count": 9_999}))
    assert (len(listed(found)), found.wrong.tolist()) == (0, [1])


def test_a_commit_is_its_name_and_nothing_else() -> None:
    told = '{"full_command": "git commit -m SECRET", "git_commit_id": "0123456789abcdef"}'
    found = of_logs(
        ("claude_code.tool_result", {"session.id": "one", "tool_name": "Bash", "tool_parameters": told}),
        ("claude_code.tool_result", {"session.id": "one", "tool_name": "Write"}),
        (
            "claude_code.tool_result",
            {"session.id": "one", "vcs.ref.head.revision": "a" * 40, "success": "true"},
        ),
        ("claude_code.tool_result", {"session.id": "one", "vcs.ref.head.revision": "SECRET"}),
        **{"vcs.repository.url.full": "git@GitHub.com:Acme/Shop.git"},
    )
    rows = listed(found)
    assert [row["commit"] for row in rows] == ["0123456789abcdef", "a" * 40]
    assert {row["repository"] for row in rows} == {"github.com/acme/shop"}
    assert {row["rank"] for row in rows} == {Rank.COMMIT}
    assert "SECRET" not in str(rows)


def test_content_is_named_to_its_sender_and_dropped() -> None:
    found = of_logs(("claude_code.user_prompt", {"prompt": "SECRET"}), ("claude_code.api_request", CLAUDE))
    assert found.content == {0: "prompt"}
    assert "SECRET" not in str(listed(found))


def test_claude_codes_metrics_exclude_each_other() -> None:
    kinds = {"input": 3600, "output": 171, "cacheRead": 2700, "cacheCreation": 900}
    points = [(value, {"session.id": "one", "model": "opus", "type": kind}) for kind, value in kinds.items()]
    rows = of_metrics(counter("claude_code.token.usage", *points))
    assert [sum(row[name] for row in rows) for name in COUNTS[:4]] == [3600, 2700, 900, 171]
    assert {row["rank"] for row in rows} == {Rank.METRIC}
    (cost,) = of_metrics(counter("claude_code.cost.usage", (0.01755, {"session.id": "one", "model": "opus"})))
    assert counts(cost) == (0, 0, 0, 0, -1, 17550)


def test_geminis_metrics_leave_what_was_cached_out_of_the_input() -> None:
    kinds = {"input": 2200, "output": 66, "cache": 400, "thought": 14, "tool": 10}
    points = [(value, {"model": "flash", "type": kind}) for kind, value in kinds.items()]
    rows = of_metrics(counter("gemini_cli.token.usage", *points, temporality=2))
    assert [sum(row[name] for row in rows) for name in COUNTS[:4]] == [1810, 400, 0, 80]
    assert all(row["began"] for row in rows)


def test_histograms_of_tokens_count_their_requests_once() -> None:
    points = [(3, 300.0, {"gen_ai.token.type": "input"}), (3, 30.0, {"gen_ai.token.type": "output"})]
    rows = of_metrics(histogram("gen_ai.client.token.usage", *points, resource={"service.name": "shop"}))
    assert [(row["requests"], row["input_uncached"], row["output"]) for row in rows] == [
        (3, 300, 0),
        (0, 0, 30),
    ]
    assert (
        of_metrics(histogram("gen_ai.client.token.usage", *points, resource={"service.name": "gemini-cli"}))
        == []
    )


def test_counters_of_the_newest_conventions() -> None:
    name = "gen_ai.client.inference.usage."
    told = {
        "input_tokens": 100,
        "cache_read.input_tokens": 60,
        "cache_write.input_tokens": 10,
        "output_tokens": 7,
    }
    rows = [row for part, value in told.items() for row in of_metrics(counter(name + part, (value, {})))]
    assert [sum(row[name] for row in rows) for name in COUNTS[:4]] == [30, 60, 10, 7]
    assert of_metrics(counter(name + "reasoning.output_tokens", (3, {}))) == []
