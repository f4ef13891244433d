"""Copilot seats from a server that speaks GitHub's shapes: paged, mapped, merged, ended, and never leaked."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from counterfoil.app.directory import opened
from counterfoil.app.run import run
from counterfoil.guard.seats import _seats
from counterfoil.terms.absent import Unknown


class GitHub(ThreadingHTTPServer):
    """The seats of one organisation, two on a page."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Pages)
        self.seats: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str | None]] = []
        self.status = 200
        self.next_at: str | None = None
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Pages(BaseHTTPRequestHandler):
    server: GitHub

    def do_GET(self) -> None:
        at = self.server
        at.asked.append((self.path, self.headers["Authorization"]))
        page = int(parse_qs(urlsplit(self.path).query).get("page", ["1"])[0])
        part = at.seats[2 * page - 2 : 2 * page]
        content = json.dumps({"total_seats": len(at.seats), "seats": part}).encode()
        self.send_response(at.status)
        if at.status == 302:
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        if 2 * page < len(at.seats):
            path = urlsplit(self.path).path
            follows = at.next_at or f"{at.url}{path}?per_page=100&page={page + 1}"
            self.send_header("Link", f'<{at.url}{path}?page=9>; rel="last", <{follows}>; rel="next"')
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


@contextmanager
def github() -> Iterator[GitHub]:
    with GitHub() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def seat(login: str, created: str = "2026-01-05", active: str | None = "2026-09-01") -> dict[str, Any]:
    used = None if active is None else f"{active}T10:20:30Z"
    return {"assignee": {"login": login}, "created_at": f"{created}T08:00:00Z", "last_activity_at": used}


class Collected:
    """The command over one data directory."""

    def __init__(self, folder: Path, server: GitHub, capsys: pytest.CaptureFixture[str]) -> None:
        self.data, self.server, self.capsys = folder / "data", server, capsys
        self.identities = folder / "identities.csv"
        self.map(ann="ann@x.org", ben="ben@x.org", bot="")

    def map(self, **logins: str) -> None:
        rows = "".join(f"{login},{identity}\n" for login, identity in logins.items())
        self.identities.write_text(f"login,identity\n{rows}", "utf-8")

    def run(self, *options: str, code: int = 0) -> Any:
        command = ["collect", "copilot-seats", "--org", "big co", "--identities", str(self.identities)]
        url = () if "--url" in options else ("--url", self.server.url)
        assert run([*command, *url, "--data", str(self.data), "--json", *options]) == code
        told = json.loads(self.capsys.readouterr().out)
        return told["error"] if code else told

    def seats(self) -> dict[str, Any]:
        with opened(self.data) as g:
            names = {who: name for name in ("ann@x.org", "ben@x.org") for who in g.keys.pseudonyms([name])}
            return {names[found.who]: found for found in _seats(g)}


@pytest.fixture
def collected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Collected]:
    monkeypatch.setenv("COUNTERFOIL_GITHUB_TOKEN", "ghp_canary")
    with github() as server:
        yield Collected(tmp_path, server, capsys)


def test_every_page_is_read_grants_to_one_person_are_one_seat_and_nobody_is_dropped_in_silence(
    collected: Collected,
) -> None:
    collected.map(ann="ann@x.org", ann2="ann@x.org", ben="ben@x.org", bot="")
    collected.server.seats = [
        seat("Ann", "2026-02-01", "2026-03-01"), seat("ben", active=None), seat("ann", "2026-01-01", None),
        seat("ann2", "2026-04-01", "2026-08-09"), seat("bot"), seat("stranger"), {"assignee": None},
    ]  # fmt: skip
    told = collected.run("--cost", "19")
    assert told["seat"] == {"new": 2, "changed": 0, "same": 0, "late": 0, "settled": 0}
    counts = ("kept", "merged", "unmapped", "nobodys", "erased")
    assert [told[name] for name in counts] == [2, 2, 1, 1, 0]
    assert told["records"] == 7 == sum(told[name] for name in counts) + sum(told["skipped"].values())
    seats = collected.seats()
    assert (str(seats["ann@x.org"].assigned), str(seats["ann@x.org"].last_active)) == (
        "2026-01-01",
        "2026-08-09",
    )
    assert seats["ann@x.org"].cost == 19_000_000
    assert isinstance(seats["ben@x.org"].last_active, Unknown)
    assert len(collected.server.asked) == 4
    assert collected.server.asked[0] == (
        "/orgs/big%20co/copilot/billing/seats?per_page=100",
        "Bearer ghp_canary",
    )
    outside = [p for p in collected.data.rglob("*") if p.is_file() and "keys" not in p.parts]
    assert not [p for p in outside for word in (b"ghp_canary", b"ann", b"stranger") if word in p.read_bytes()]


def test_a_seat_that_is_no_longer_listed_has_ended_where_every_other_is_known(collected: Collected) -> None:
    collected.server.seats = [seat("ann"), seat("ben", active="2026-05-01")]
    collected.run("--cost", "19")
    collected.server.seats = [seat("ben", active="2026-10-01"), seat("stranger")]
    assert collected.run()["ended_told"] is False
    assert isinstance(collected.seats()["ann@x.org"].ended, Unknown)
    collected.server.seats = [seat("ben", active="2026-10-01"), seat("bot")]
    assert collected.run()["ended_told"] is True
    seats = collected.seats()
    assert not isinstance(seats["ann@x.org"].ended, Unknown)
    # When it was first used, and what it costs, is kept from before.
    assert (str(seats["ben@x.org"].activated), seats["ben@x.org"].cost) == ("2026-05-01", 19_000_000)
    collected.server.seats = [seat("ann"), seat("ben")]
    collected.run()
    assert isinstance(collected.seats()["ann@x.org"].ended, Unknown)


@pytest.mark.parametrize(
    ("status", "hint"),
    [(401, "new one"), (403, "read:org"), (404, "organisation"), (500, "later"), (302, "later")],
)
def test_a_server_that_refuses_is_told_with_what_to_do(collected: Collected, status: int, hint: str) -> None:
    collected.server.seats, collected.server.status = [seat("ann")], status
    told = collected.run(code=4)
    assert told["code"] == "seats-refused"
    assert hint in told["hint"]


def test_the_token_goes_to_one_address_and_over_https_alone(collected: Collected) -> None:
    collected.server.seats = [seat("ann"), seat("ben"), seat("bot")]
    for elsewhere in ("http://127.0.0.1:9/x", "https://elsewhere.example/x", "//elsewhere.example/"):
        collected.server.next_at = elsewhere
        assert collected.run(code=4)["code"] == "seats-unreadable"
    assert collected.run("--url", "http://api.github.example", code=4)["code"] == "seats-no-https"
    assert collected.run("--url", "http://127.0.0.1:9", code=4)["code"] == "seats-unreadable"


def test_without_a_token_or_identities_nothing_is_asked(
    collected: Collected, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected.identities.write_text("name,mail\n", "utf-8")
    assert collected.run(code=4)["code"] == "identities-columns"
    collected.identities.unlink()
    assert collected.run(code=4)["code"] == "identities-unreadable"
    collected.map(ann="ann@x.org")
    assert collected.run("--cost", "much", code=2)["code"] == "usage"
    for name in ("COUNTERFOIL_GITHUB_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    assert collected.run(code=4)["code"] == "no-github-token"
    assert collected.server.asked == []
