"""Writes invented sessions as Claude Code exports them over OTLP, in JSON lines as a collector keeps them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from counterfoil.simulate.formats.session import (
    Call,
    Prompt,
    ReadFile,
    Request,
    RunCommand,
    Talk,
    WriteFile,
    identifier,
)

Record = dict[str, Any]
METER = "com.anthropic.claude_code"
PRICES = {"opus": (5.0, 25.0), "haiku": (1.0, 5.0), "sonnet": (3.0, 15.0)}
"""Dollars of a million tokens of input and of output, by the family in a model's name."""
CACHE_WRITE, CACHE_READ = 1.25, 0.1
INTERVAL = timedelta(seconds=60)
DELTA = 1
"""AGGREGATION_TEMPORALITY_DELTA, Claude Code's default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """Who exports, as the client says of itself."""

    user_id: str
    """Random for each installation."""
    email: str
    organization: str
    version: str


def write_otlp(path: Path, talks: Iterable[Talk], exporter: Exporter) -> None:
    """One line for each export: the log records of a session, then its metrics. No text of anybody is in it.

    Source: Claude Code documentation, monitoring usage (read 2026-08-22); OTLP 1.9, JSON encoding.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for talk in talks:
            for told in (talk, *talk.subagents):
                for line in _exports(told, exporter, main=told is talk, session=talk.id):
                    file.write(json.dumps(line, separators=(",", ":")) + "\n")


def _exports(talk: Talk, exporter: Exporter, *, main: bool, session: str) -> Iterator[Record]:
    shared, source = _shared(exporter, session), "main" if main else "subagent"
    service = {"service.name": "claude-code", "service.version": exporter.version}
    resource = {"attributes": _attributes(service)}
    logs = {"scope": _scope(exporter, ".events"), "logRecords": [*_events(talk, shared, source)]}
    yield {"resourceLogs": [{"resource": resource, "scopeLogs": [logs]}]}
    sums = {"scope": _scope(exporter), "metrics": [*_metrics(talk, shared, source)]}
    yield {"resourceMetrics": [{"resource": resource, "scopeMetrics": [sums]}]}


def _scope(exporter: Exporter, part: str = "") -> Record:
    return {"name": f"{METER}{part}", "version": exporter.version}


def _shared(exporter: Exporter, session: str) -> Mapping[str, object]:
    return {
        "user.id": exporter.user_id,
        "user.email": exporter.email,
        "organization.id": exporter.organization,
        "session.id": session,
        "app.version": exporter.version,
        "terminal.type": "xterm",
    }


def _events(talk: Talk, shared: Mapping[str, object], source: str) -> Iterator[Record]:
    sequence = 0
    for number, turn in enumerate(talk.turns):
        for name, more in _told(talk, turn, number, source):
            own = {
                "event.name": name,
                "event.timestamp": turn.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "event.sequence": sequence,
            }
            sequence += 1
            yield {
                "timeUnixNano": _nano(turn.at),
                "observedTimeUnixNano": _nano(turn.at),
                "body": {"stringValue": f"claude_code.{name}"},
                "attributes": _attributes({**shared, **own, **more}),
            }


def _told(
    talk: Talk, turn: Prompt | Request, number: int, source: str
) -> Iterator[tuple[str, Mapping[str, object]]]:
    if isinstance(turn, Prompt):
        yield "user_prompt", {"prompt_length": len(turn.text)}
        return
    yield (
        "api_request",
        {
            "model": turn.model,
            "cost_usd_micros": micro_usd(turn),
            "duration_ms": 900 + turn.tokens.output,
            "input_tokens": turn.tokens.input_uncached,
            "output_tokens": turn.tokens.output,
            "cache_read_tokens": turn.tokens.cache_read,
            "cache_creation_tokens": turn.tokens.cache_write,
            "request_id": identifier(talk, "req", number),
            "query_source": source,
        },
    )
    for place, call in enumerate(turn.calls):
        yield (
            "tool_result",
            {
                "tool_name": _tool(call),
                "tool_use_id": identifier(talk, "toolu", number, place),
                "success": "true",
                "duration_ms": 40,
                "tool_result_size_bytes": 1_000,
            },
        )


def _metrics(talk: Talk, shared: Mapping[str, object], source: str) -> Iterator[Record]:
    """Sums over the session by model: tokens of each type and cost; and that it began."""
    began, ended = talk.began, talk.turns[-1].at + INTERVAL
    if source == "main":
        point = _point(began, ended, {**shared, "start_type": "fresh"}, asInt="1")
        yield _sum("claude_code.session.count", "", [point])
    tokens, cost = [], []
    for model in sorted({request.model for request in talk.requests}):
        mine = [request for request in talk.requests if request.model == model]
        said = {**shared, "model": model, "query_source": source}
        for kind, of in (
            ("input", "input_uncached"),
            ("output", "output"),
            ("cacheRead", "cache_read"),
            ("cacheCreation", "cache_write"),
        ):
            total = sum(getattr(request.tokens, of) for request in mine)
            tokens.append(_point(began, ended, {**said, "type": kind}, asInt=str(total)))
        dollars = sum(micro_usd(request) for request in mine) / 1e6
        cost.append(_point(began, ended, said, asDouble=dollars))
    yield _sum("claude_code.token.usage", "tokens", tokens)
    yield _sum("claude_code.cost.usage", "USD", cost)


def _sum(name: str, unit: str, points: list[Record]) -> Record:
    kept = {"aggregationTemporality": DELTA, "isMonotonic": True, "dataPoints": points}
    return {"name": name, "unit": unit, "sum": kept}


def _point(began: datetime, ended: datetime, said: Mapping[str, object], **value: object) -> Record:
    return {
        "attributes": _attributes(said),
        "startTimeUnixNano": _nano(began),
        "timeUnixNano": _nano(ended),
        **value,
    }


def micro_usd(request: Request) -> int:
    """List price of a request, as the client estimates it.

    Unit: millionths of a dollar.
    """
    inward, outward = next(price for family, price in PRICES.items() if family in request.model)
    t = request.tokens
    billed = t.input_uncached + CACHE_WRITE * t.cache_write + CACHE_READ * t.cache_read
    return round(inward * billed + outward * t.output)


def _attributes(values: Mapping[str, object]) -> list[Record]:
    """Key and value as OTLP has them; whole numbers travel as text."""
    return [
        {"key": key, "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value}}
        for key, value in values.items()
    ]


def _tool(call: Call) -> str:
    match call:
        case WriteFile():
            return "Write"
        case ReadFile():
            return "Read"
        case RunCommand():
            return "Bash"
        case _:
            return "Edit"


def _nano(at: datetime) -> str:
    return str(round(at.timestamp() * 1e6) * 1_000)
