"""Telemetry into a running server: real exporters, limits, who may send, and what is never kept."""

import gzip
import http.client
import json
import os
import signal
import socket
import time
import zlib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb
import pytest
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpans
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExportResult

from app.server import Served, served
from collect.otlp.exports import counter, logs, packed, plain
from collect.otlp.test_claims import CHAT, CLAUDE
from counterfoil.app.directory import opened
from counterfoil.guard.tokens import Scope, issue

PROTOBUF, JSON = "application/x-protobuf", "application/json"


def post(
    server: Served, body: bytes, path: str = "/v1/logs", kind: str = PROTOBUF, **headers: str
) -> tuple[int, bytes, Any]:
    with closing(http.client.HTTPConnection(urlsplit(server.otlp_http).netloc, timeout=30)) as connection:
        connection.request("POST", path, body, {"content-type": kind, **headers})
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers


def now() -> int:
    return time.time_ns()


def claude(*keys: str, at: int | None = None, resource: dict[str, Any] | None = None) -> bytes:
    records = [("claude_code.api_request", CLAUDE | {"request_id": key}) for key in keys]
    (body,) = packed(
        logs(*records, resource={"service.name": "claude-code", **(resource or {})}, at=at or now())
    )
    return body


def rows(data: Path, table: str, columns: str = "*") -> Sequence[Any]:
    files = [str(path) for path in (data / "lake" / table).glob("*.parquet")]
    if not files:
        return []
    with duckdb.connect() as db:
        return db.execute(f"SELECT {columns} FROM read_parquet({files})").fetchall()


def inside(data: Path, table: str, count: int, *, within: float = 15) -> None:
    """Wait until a table has so many rows."""
    until = time.monotonic() + within
    found = -1
    while time.monotonic() < until:
        try:
            found = len(rows(data, table))
        except duckdb.Error:
            continue
        if found == count:
            return
        time.sleep(0.1)
    raise AssertionError(f"{table} has {found} rows")


def test_real_exporters_over_http_and_grpc(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with served(data) as server:
        exporters = [
            HttpSpans(endpoint=f"{server.otlp_http}/v1/traces"),
            HttpSpans(endpoint=f"{server.otlp_http}/v1/traces", compression=Compression.Gzip),
            GrpcSpans(endpoint=server.otlp_grpc, insecure=True),
        ]
        for number, exporter in enumerate(exporters):
            provider = TracerProvider(resource=Resource({"service.name": "shop"}))
            provider.add_span_processor(SimpleSpanProcessor(exporter))
            with provider.get_tracer("t").start_as_current_span("chat m") as span:
                told: dict[str, Any] = {**CHAT, "gen_ai.response.id": f"r{number}"}
                mine = {"enduser.id": "ann@example.org", "gen_ai.input.messages": "SECRET-TEXT"}
                span.set_attributes({**told, **mine})
            provider.shutdown()
        inside(data, "usage", 3)
    (day,) = rows(data, "usage_day", "tool, requests, input_uncached, cache_read, cache_write, output")
    assert day == ("shop", 3, 150, 120, 30, 60)
    assert rows(data, "usage", "DISTINCT claimed, credential") == [(1, "")]


def test_json_gzip_and_chunks_are_taken_alike(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with served(data) as server:
        body = claude("a", "b")
        assert post(server, body)[:2] == (200, b"")
        assert post(server, gzip.compress(body), **{"content-encoding": "gzip"})[0] == 200
        assert post(server, zlib.compress(body), **{"content-encoding": "deflate"})[0] == 200
        record = ("claude_code.api_request", CLAUDE | {"request_id": "c"})
        status, told, headers = post(server, plain(logs(record, at=now())), kind=f"{JSON}; charset=utf-8")
        assert (status, told, headers["content-type"]) == (200, b"{}", JSON)
        with closing(http.client.HTTPConnection(urlsplit(server.otlp_http).netloc)) as connection:
            parts = iter([body[:50], body[50:]])
            connection.request("POST", "/v1/logs", parts, {"content-type": PROTOBUF}, encode_chunked=True)
            assert connection.getresponse().status == 200
        assert post(server, b"")[:2] == (200, b"")
        inside(data, "usage", 3)


def test_what_is_no_telemetry_is_told_so(tmp_path: Path) -> None:
    with served(tmp_path / "data") as server:
        assert post(server, b"\xff\xff")[0] == 400
        assert post(server, b"[]", kind=JSON)[0] == 400
        assert post(server, b"no gzip", **{"content-encoding": "gzip"})[0] == 400
        assert post(server, b"x", **{"content-encoding": "br"})[0] == 400
        assert post(server, b"", kind="text/plain")[0] == 415
        assert post(server, b"", path="/v1/profiles")[0] == 404
        bomb = gzip.compress(b"\0" * (200 * 2**20), 9)
        assert post(server, bomb, **{"content-encoding": "gzip"})[0] == 413
        assert post(server, b"", **{"content-length": str(2**30)})[0] == 413
        assert _resident(server) < 500 * 2**20


def test_a_part_that_is_wrong_is_told_and_the_rest_is_kept(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with served(data) as server:
        good = ("claude_code.api_request", CLAUDE)
        wrong = ("claude_code.api_request", CLAUDE | {"input_tokens": "many", "prompt": "SECRET"})
        status, told, _ = post(server, plain(logs(good, wrong, at=now())), kind=JSON)
        assert status == 200
        partial = json.loads(told)["partialSuccess"]
        assert partial["rejectedLogRecords"] == "1"
        assert "prompt" in partial["errorMessage"]
        old = post(server, claude("old", at=now() - 40 * 86_400 * 10**9))
        assert b"older than 27 days" in old[1]
        inside(data, "usage", 1)


def test_tokens_say_whose_usage_it_is(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with opened(data, make=True) as g:
        (ann,) = g.keys.pseudonyms(["ann@example.org"])
        hers = issue(g, Scope.INGEST, "laptop", who=ann)
        machine = issue(g, Scope.INGEST, "ci")
        other = issue(g, Scope.SCIM, "directory")
    with served(data) as server:
        mail = {"user.email": "somebody.else@example.org"}
        assert post(server, claude("a", resource=mail), authorization=f"Bearer {hers}")[0] == 200
        assert post(server, claude("b", resource=mail), authorization=f"Bearer {machine}")[0] == 200
        assert post(server, claude("c"), authorization=f"Bearer {machine}")[0] == 200
        assert post(server, claude("d"), authorization=f"Bearer {other}")[0] == 401
        assert post(server, claude("e"), authorization="Bearer nobody's")[0] == 401
        inside(data, "usage", 3)
    found = dict(rows(data, "usage", "credential || ' ' || claimed, who"))
    assert found["person 0"] == ann
    assert found["service 0"] == ""
    assert found["service 1"] not in {"", ann}


def test_beyond_this_machine_nothing_is_taken_without_a_token(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with opened(data, make=True) as g:
        machine = issue(g, Scope.INGEST, "ci")
    with served(data, "--otlp-host", "0.0.0.0", "--otlp-tokens", "required") as server:
        assert urlsplit(server.otlp_http).hostname == "0.0.0.0"
        assert post(server, claude("a"))[0] == 401
        assert post(server, claude("b"), authorization=f"Bearer {machine}")[0] == 200
        exporter = GrpcSpans(endpoint=server.otlp_grpc, insecure=True)
        assert exporter.export([]) is SpanExportResult.FAILURE
        inside(data, "usage", 1)


def test_no_byte_of_what_was_written_or_who_wrote_it_is_kept(tmp_path: Path) -> None:
    data = tmp_path / "data"
    written = {
        key: f"CANARY-{number}"
        for number, key in enumerate(
            ("prompt", "response", "body", "arguments", "tool_input", "tool_parameters", "file_path", "cwd",
             "host.name", "user.id", "user.account_uuid", "installation.id", "error", "something.new")
        )
    }  # fmt: skip
    named = {"user.email": "CANARY.mail@example.org", "host.name": "CANARY-host", "user.id": "CANARY-id"}
    with served(data) as server:
        for name in ("claude_code.api_request", "claude_code.tool_result", "claude_code.user_prompt"):
            record = (name, CLAUDE | {"request_id": name} | written)
            request = logs(record, resource=named, at=now())
            assert post(server, request.SerializeToString())[0] == 200
            assert post(server, plain(request), kind=JSON)[0] == 200
        metric = counter(
            "claude_code.token.usage", (5, {"type": "input", **written}), resource=named, until=now()
        )
        assert post(server, metric.SerializeToString(), path="/v1/metrics")[0] == 200
        inside(data, "usage", 2)
        server.process.send_signal(signal.SIGKILL)
        server.process.wait(60)
        server.process.returncode = 0
    kept = [path for path in data.rglob("*") if path.is_file() and "keys" not in path.parts]
    assert kept
    assert not [path for path in kept if b"CANARY" in path.read_bytes()]


def test_nothing_acknowledged_is_missing_after_a_kill_and_nothing_is_there_twice(tmp_path: Path) -> None:
    data = tmp_path / "data"
    rounds = int(os.environ.get("COUNTERFOIL_ROUNDS", "3"))
    acknowledged = sent = 0
    for number in range(rounds):
        with served(data, code=-signal.SIGKILL, every=0.2) as server:
            until = time.monotonic() + 1.0
            while time.monotonic() < until:
                body = claude(*(f"{number}-{sent}-{n}" for n in range(20)))
                sent += 1
                for _ in range(2):
                    acknowledged += post(server, body)[0] == 200
            server.process.send_signal(signal.SIGKILL)
    with served(data) as server:
        # Each round leaves some segments, and each is taken for itself.
        inside(data, "usage", sent * 20, within=15 + 4 * rounds)
    assert acknowledged == 2 * sent
    assert sum(requests for (requests,) in rows(data, "usage_day", "requests")) == sent * 20


def test_a_slow_sender_holds_nobody_up(tmp_path: Path) -> None:
    with served(tmp_path / "data") as server:
        where = urlsplit(server.otlp_http)
        slow = [socket.create_connection((where.hostname or "", where.port or 0)) for _ in range(50)]
        for one in slow:
            one.sendall(b"POST /v1/logs HTTP/1.1\r\nhost: x\r\ncontent-length: 100000\r\n\r\nabc")
        begun = time.monotonic()
        assert post(server, claude("a"))[0] == 200
        assert time.monotonic() - begun < 5
        for one in slow:
            one.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="fills a file system of its own")
def test_a_full_disk_is_told_and_taken_up_again(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if os.system(f"mount -t tmpfs -o size=3m tmpfs {small} 2>/dev/null"):
        pytest.skip("no file system may be mounted here")
    try:
        with served(small / "data", every=60) as server:
            ballast = small / "ballast"
            assert post(server, claude("a"))[0] == 200
            with ballast.open("wb") as file, pytest.raises(OSError, match="space"):
                while True:
                    file.write(os.urandom(65_536))
                    file.flush()
            many = claude(*map(str, range(2_000)))
            status, _, headers = post(server, many)
            assert (status, headers["retry-after"]) == (503, "5")
            ballast.unlink()
            assert post(server, many)[0] == 200
        assert sum(n for (n,) in rows(small / "data", "usage_day", "requests")) == 2_001
    finally:
        os.system(f"umount {small}")


def _resident(server: Served) -> int:
    for line in Path(f"/proc/{server.process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1_024
    return 0
