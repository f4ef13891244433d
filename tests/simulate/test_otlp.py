"""What is exported over OTLP is what the protocol's own messages take, and its metrics come to its events."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from counterfoil.simulate.company.cases import AMAZON
from counterfoil.simulate.company.live import live
from counterfoil.simulate.company.parameters import FITTED
from counterfoil.simulate.company.people import invent
from counterfoil.simulate.company.tactics import TACTICS
from counterfoil.simulate.machines.trick import TRICKS
from counterfoil.simulate.machines.write import write_machines

Lines = list[dict[str, Any]]


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Lines:
    folder = tmp_path_factory.mktemp("otlp")
    people = invent(200, seed=3, weeks=3)
    weeks = [*live(people, AMAZON, FITTED, weeks=3, seed=3, began=26)]
    began = datetime(2026, 11, 2, tzinfo=UTC)
    write_machines(folder, people, weeks, days=21, seed=3, count=4, began=began)
    texts = [path.read_text("utf-8") for path in folder.rglob("otlp.jsonl")]
    return [json.loads(line) for text in texts for line in text.splitlines()]


def test_each_line_is_a_message_of_the_protocol(lines: Lines) -> None:
    """Unknown fields, wrong types and wrong enumerations are errors."""
    from google.protobuf.json_format import ParseDict
    from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
    from opentelemetry.proto.metrics.v1.metrics_pb2 import MetricsData

    kinds: dict[str, Any] = {"resourceLogs": LogsData, "resourceMetrics": MetricsData}
    seen = set()
    for line in lines:
        (kind,) = line
        message = ParseDict(line, kinds[kind]())
        assert message.ByteSize() > 100
        seen.add(kind)
    assert seen == set(kinds)


def values(attributes: Lines) -> dict[str, Any]:
    return {a["key"]: next(iter(a["value"].values())) for a in attributes}


def test_metrics_come_to_their_events(lines: Lines) -> None:
    events = [
        values(record["attributes"])
        for line in lines
        for resource in line.get("resourceLogs", [])
        for record in resource["scopeLogs"][0]["logRecords"]
    ]
    points = [
        (metric["name"], values(point["attributes"]), point)
        for line in lines
        for resource in line.get("resourceMetrics", [])
        for metric in resource["scopeMetrics"][0]["metrics"]
        for point in metric["sum"]["dataPoints"]
    ]
    requests = [event for event in events if event["event.name"] == "api_request"]
    for kind, field in (
        ("input", "input_tokens"),
        ("output", "output_tokens"),
        ("cacheRead", "cache_read_tokens"),
        ("cacheCreation", "cache_creation_tokens"),
    ):
        summed = sum(
            int(point["asInt"])
            for name, said, point in points
            if name == "claude_code.token.usage" and said["type"] == kind
        )
        assert summed == sum(int(event[field]) for event in requests)
    dollars = sum(point["asDouble"] for name, _, point in points if name == "claude_code.cost.usage")
    assert dollars == pytest.approx(sum(int(event["cost_usd_micros"]) for event in requests) / 1e6)
    begun = {event["session.id"] for event in events}
    assert sum(int(p["asInt"]) for name, _, p in points if name == "claude_code.session.count") == len(begun)


def test_each_event_can_be_told_from_every_other(lines: Lines) -> None:
    """Re-sent records are known by session, sequence and time."""
    keys = [
        (said["session.id"], said["event.sequence"], record["timeUnixNano"], said["event.name"])
        for line in lines
        for resource in line.get("resourceLogs", [])
        for record in resource["scopeLogs"][0]["logRecords"]
        for said in [values(record["attributes"])]
    ]
    assert len(set(keys)) == len(keys)


def test_every_tactic_has_its_trick() -> None:
    assert set(TRICKS) == {tactic.name for tactic in TACTICS}
    for tactic in TACTICS:
        trick = TRICKS[tactic.name]
        assert trick.alone or tactic.human_turns > 0 or len(set(trick.asks)) == 1
        if tactic.metronomic:
            assert trick.jitter < 0.05
        assert not trick.daily or tactic.daily
        if tactic.tool_calls == 0:
            assert not trick.calls
