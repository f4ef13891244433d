"""What metrics claim of usage: running and fresh counts of tokens, by the names of known exporters."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from counterfoil.collect.otlp.allowed import IDENTITY
from counterfoil.collect.otlp.arrived import COUNTS, SCHEMA, TRIGGERS, Rows, repository_key
from counterfoil.collect.otlp.group import ABSENT, LONGEST, MOST
from counterfoil.collect.otlp.spans import TOOLS
from counterfoil.collect.otlp.walk import pairs_of
from counterfoil.terms.arrived import Rank

CUMULATIVE = 2
DAY = 86_400_000_000
"""Unit: microseconds."""
Part = Mapping[str, int]
WHOLE_PROMPT: Part = {"input_uncached": 1}
INSIDE_PROMPT: Part = {"input_uncached": -1, "cache_read": 1}
WRITTEN_INSIDE: Part = {"input_uncached": -1, "cache_write": 1}
ANSWER: Part = {"output": 1}


@dataclass(frozen=True, slots=True)
class Counter:
    """One metric: which of its points are counted as what, told apart by one attribute."""

    source: str
    by: str
    parts: Mapping[str, Part]
    tool: str = ""
    """Whose metric it is; empty where the service says."""
    in_usd: bool = False


# Source: code.claude.com monitoring-usage; openai/codex metrics of 0.169.0; docs of gemini-cli 0.61.0;
# open-telemetry/semantic-conventions-genai, old histogram and new counters (all read 2026-11-23).
COUNTERS: Mapping[str, Counter] = {
    "claude_code.token.usage": Counter(
        "claude-code",
        "type",
        {
            "input": WHOLE_PROMPT,
            "output": ANSWER,
            "cacheRead": {"cache_read": 1},
            "cacheCreation": {"cache_write": 1},
        },
        "claude-code",
    ),
    "claude_code.cost.usage": Counter("claude-code", "", {"": {"cost": 1}}, "claude-code", in_usd=True),
    "gemini_cli.token.usage": Counter(
        "gemini-cli",
        "type",
        {
            "input": WHOLE_PROMPT,
            "cache": INSIDE_PROMPT,
            "tool": WHOLE_PROMPT,
            "output": ANSWER,
            "thought": ANSWER,
        },
        "gemini-cli",
    ),
    "codex.turn.token_usage": Counter(
        "codex",
        "token_type",
        {"input": WHOLE_PROMPT, "cached_input": INSIDE_PROMPT, "output": ANSWER},
        "codex",
    ),
    "gen_ai.client.token.usage": Counter(
        "gen-ai", "gen_ai.token.type", {"input": WHOLE_PROMPT, "output": ANSWER, "completion": ANSWER}
    ),
    **{
        f"gen_ai.client.inference.usage.{name}": Counter("gen-ai", "", {"": part})
        for name, part in {
            "input_tokens": WHOLE_PROMPT,
            "cache_read.input_tokens": INSIDE_PROMPT,
            "cache_write.input_tokens": WRITTEN_INSIDE,
            "output_tokens": ANSWER,
        }.items()
    },
}
DESKS = {"cli", "claude-vscode", "claude-desktop"}


def metric_rows(requests: Sequence[Any]) -> tuple[Rows, "np.ndarray[tuple[int], np.dtype[np.int64]]"]:
    """The rows of all points that count tokens or cost, and how many points each request has.

    Shape: points (requests,).
    """
    points = np.zeros(len(requests), np.int64)
    found: list[dict[str, Any]] = []
    wrong: list[int] = []
    for number, request in enumerate(requests):
        for resource, metric, kind, point in _points(request):
            points[number] += 1
            counter = COUNTERS.get(metric.name)
            # Gemini CLI reports the same tokens under its own name as well.
            if counter is None or (
                counter.source == "gen-ai" and resource.get("service.name") == "gemini-cli"
            ):
                continue
            row = _row(counter, metric, kind, point, resource)
            if row is None:
                wrong.append(number)
            elif row:
                found.append({**row, "request": number, "place": len(found)})
    columns = {field.name: pa.array([row[field.name] for row in found], field.type) for field in SCHEMA}
    return Rows(columns, len(found), np.array(wrong, np.int64)), points


def _points(request: Any) -> Iterator[tuple[Mapping[str, Any], Any, str, Any]]:
    for part in request.resource_metrics:
        resource = dict(pairs_of(part.resource.attributes))
        for scope in part.scope_metrics:
            for metric in scope.metrics:
                kind = metric.WhichOneof("data")
                if kind in {"sum", "histogram", "exponential_histogram"}:
                    for point in getattr(metric, kind).data_points:
                        yield resource, metric, kind, point


def _row(
    counter: Counter, metric: Any, kind: str, point: Any, resource: Mapping[str, Any]
) -> dict[str, Any] | None:
    """One point as a row; nothing where it is no part of a sum, None where its value is none."""
    mine = dict(pairs_of(point.attributes))
    attributes = {**resource, **mine}
    part = counter.parts.get(str(attributes.get(counter.by, "")) if counter.by else "")
    if part is None:
        return {}
    value = _value(counter, kind, point)
    if value is None:
        return None
    running = getattr(metric, kind).aggregation_temporality == CUMULATIVE
    began, at = point.start_time_unix_nano // 1_000, point.time_unix_nano // 1_000
    series = _series(metric.name, resource, mine)
    # A running count is one row for each day; a fresh one is a row of its own.
    key = f"{series} {began} {at // DAY}" if running else f"{series} {began} {at}"
    counts = {name: part.get(name, 0) * value for name in COUNTS}
    counts |= {"reasoning": ABSENT, "cost": counts["cost"] if counter.in_usd else ABSENT}
    is_prompt = part is WHOLE_PROMPT and "histogram" in kind
    return {
        "at": at,
        "rank": int(Rank.METRIC),
        "source": counter.source,
        "key": key,
        "session": _word(attributes, "session.id") if counter.tool else "",
        "trace": "",
        "raw_identity": _word(attributes, *IDENTITY),
        "tool": counter.tool or TOOLS.get(_word(resource, "service.name"), _word(resource, "service.name")),
        "model": _word(attributes, "model", "gen_ai.response.model", "gen_ai.request.model"),
        "trigger": _trigger(attributes),
        "workload": _word(attributes, "counterfoil.workload"),
        "repository": repository_key(_word(attributes, "vcs.repository.url.full")),
        "commit": "",
        "requests": min(point.count, MOST) if is_prompt else 0,
        **counts,
        "began": began if running else 0,
    }


def _value(counter: Counter, kind: str, point: Any) -> int | None:
    """The value of a point as a whole number; None where it is none."""
    if kind != "sum":
        value: float = point.sum
    else:
        value = point.as_int if point.WhichOneof("value") == "as_int" else point.as_double
    value = value * 1e6 if counter.in_usd else value
    if not 0 <= value <= MOST or (value != int(value) and not counter.in_usd):
        return None
    return round(value)


def _trigger(attributes: Mapping[str, Any]) -> str:
    said = attributes.get("counterfoil.trigger")
    if said in TRIGGERS:
        return str(said)
    if attributes.get("query_source") in {"subagent", "auxiliary"}:
        return "agent"
    return "human" if attributes.get("app.entrypoint") in DESKS else ""


def _series(name: str, *attributes: Mapping[str, Any]) -> str:
    """What names a series: a hash over all that it is told apart by, of which nothing is kept."""
    told = repr([name, *(sorted((key, str(value)) for key, value in some.items()) for some in attributes)])
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _word(attributes: Mapping[str, Any], *keys: str) -> str:
    for key in keys:
        value = attributes.get(key)
        if isinstance(value, str) and 0 < len(value) <= LONGEST:
            return value
    return ""
