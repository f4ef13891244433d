"""How a server is kept up: nobody waits for long, health says what is wrong, counts are not of people."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.standing import Standing, standing
from app.test_api import KEPT, as_of, holds
from counterfoil.app.server import desk as desks
from counterfoil.app.server import upkeep
from counterfoil.app.server.desk import Busy
from counterfoil.guard.tokens import Scope, issue
from counterfoil.ledger.log import Log
from counterfoil.terms.error import StoreError
from deadline import ended, until


@pytest.fixture(scope="module")
def s(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    with standing(tmp_path_factory.mktemp("api"), people=1200, full=True) as found:
        yield found


@pytest.fixture
def api(s: Standing) -> TestClient:
    return s.browser()


def test_whoever_waits_too_long_at_the_desk_is_sent_away(
    s: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, shown = s.browser(), as_of(s, 2)
    monkeypatch.setattr(s.desk, "within", 0.05)
    monkeypatch.setattr(desks, "MOST_WAITING", 2)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with s.desk.open():
            held.set()
            done.wait(20)

    holding = threading.Thread(target=hold)
    holding.start()
    held.wait(20)
    try:
        with pytest.raises(Busy), s.desk.open(within=0.01):
            pass
        answer = api.get("/api/v1/ask", params=KEPT, headers=shown)
        assert answer.status_code == 503
        assert holds(api, "/api/v1/ask", answer)["error"]["code"] == "busy"
        assert int(answer.headers["retry-after"]) > 0
        assert api.get("/healthz").text == "ok\n", "health waits for nobody"
        page = s.browser()
        page.cookies.set("counterfoil", s.sessions.begin(s.who[0]), domain="127.0.0.1")
        away = page.get("/role")
        assert away.status_code == 503 and "just now" in away.text and away.headers["retry-after"]
        waiting = [threading.Thread(target=_waits, args=(s,)) for _ in range(2)]
        for one in waiting:
            one.start()
        until(lambda: s.desk._waiting >= 2, what="two who wait at the desk")
        with pytest.raises(Busy), s.desk.open(within=60):
            pass
    finally:
        done.set()
        ended([holding])
    ended(waiting)
    assert api.get("/api/v1/ask", params=KEPT, headers=shown).status_code == 200


def _waits(s: Standing) -> None:
    with s.desk.open(within=20):
        pass


def test_health_says_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "LOOKED_SECONDS", -1)
    with standing(tmp_path) as s:
        api = s.browser()
        assert (api.get("/healthz").status_code, api.get("/healthz").text) == (200, "ok\n")

        def away() -> str:
            raise StoreError("keyholder-down", "whoever holds the keys can't be reached", hint="start it")

        with monkeypatch.context() as patched:
            patched.setattr(s.g.keys, "name", away)
            answer = api.get("/healthz")
            assert answer.status_code == 503 and answer.text.startswith("keyholder-down: ")
            assert answer.headers["retry-after"]
            form = api.get("/sign-in").text
            assert "Sign in" in form
        with monkeypatch.context() as patched:
            patched.setattr(s.g.log, "_folder", tmp_path / "gone")
            assert api.get("/healthz").text.startswith("ledger-unwritable: ")
        with monkeypatch.context() as patched:
            patched.setattr(Log, "is_usable", False)
            assert api.get("/healthz").text.startswith("ledger-unwritable: ")
        hung = threading.Event()
        with monkeypatch.context() as patched:
            patched.setattr(upkeep, "LOOK_SECONDS", 0.05)
            patched.setattr(s.g.keys, "name", lambda: str(hung.wait(20)))
            assert api.get("/healthz").text.startswith("no-answer: ")
            hung.set()
        assert api.get("/healthz").status_code == 200


def test_keys_that_are_away_stop_a_question_and_a_sign_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with standing(tmp_path, full=True, people=120) as s:
        shown = as_of(s, 0)

        def away(*_: object) -> str:
            raise StoreError("keyholder-down", "whoever holds the keys can't be reached", hint="start it")

        for name in ("name", "whose"):
            monkeypatch.setattr(s.g.keys, name, away)
        answer = s.browser().get("/api/v1/ask", params=KEPT, headers=shown)
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "keyholder-down")
        assert answer.headers["retry-after"]
        page = s.signs_in(s.browser(), 1)
        assert page.status_code == 503 and "just now" in page.text


def test_counts_of_the_server_have_nothing_of_people(s: Standing, api: TestClient) -> None:
    token = issue(s.g, Scope.METRICS, "prometheus")
    assert api.get("/metrics").status_code == 401
    assert api.get("/metrics", headers=as_of(s, None)).status_code == 401
    s.inside(3).get("/role")
    assert api.get("/api/v1/ask", params=KEPT, headers=as_of(s, 0)).status_code == 200
    s.desk.counters.count("counterfoil_batches_total", source='a "source"\\')
    answer = api.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = answer.text.splitlines()
    assert f"counterfoil_ledger_entries {len(s.g.log)}" in lines
    assert any(one.startswith('counterfoil_lake_rows{table="person"} ') for one in lines)
    assert 'counterfoil_batches_total{source="a \\"source\\"\\\\"} 1' in lines
    requests = [one for one in lines if one.startswith("counterfoil_requests_total")]
    assert any('route="/api/v1/ask",status="200"' in one for one in requests)
    assert any('route="pages"' in one for one in requests)
    assert not any("/role" in one or "sign-in" in one for one in requests), "which page is nobody's business"
    assert any(one.startswith("process_resident_memory_bytes ") for one in lines)
    assert not any(str(who) in answer.text for who in s.who[:50])


def test_labels_are_bounded(s: Standing) -> None:
    for n in range(500):
        s.desk.counters.count("counterfoil_bounded_total", name=str(n))
        s.desk.counters.observe("counterfoil_bounded_seconds", 0.1, name=str(n))
    lines = list(s.desk.counters.written())
    assert 'counterfoil_bounded_total{name="other"} 300' in lines
    assert sum(one.startswith("counterfoil_bounded_total") for one in lines) == 201
