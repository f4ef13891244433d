"""A promise that is broken ends everything alike, wherever it shows; a clock that is put right does not."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from app.server import served
from app.test_serve import got
from counterfoil.app.directory import opened
from counterfoil.app.door.session import COOKIE, Sessions
from counterfoil.app.run import run
from counterfoil.app.server.desk import Desk
from counterfoil.app.server.site import Site
from counterfoil.guard.tokens import Scope, issue
from counterfoil.terms.error import LedgerBroken
from guard.organisation import NOW, gate, programme, put_in_force

HOST = "testserver"


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Desk, Clock]]:
    with gate(tmp_path) as g:
        put_in_force(g, programme())
        clock = Clock()
        yield Desk(g, clock), clock


def test_a_clock_that_is_put_right_by_a_minute_stays_where_it_was(place: tuple[Desk, Clock]) -> None:
    desk, clock = place
    clock.now = NOW + timedelta(minutes=5)
    with desk.open() as g:
        issue(g, Scope.READ, "n")
    clock.now -= timedelta(seconds=90)
    with desk.open() as g:
        assert g.now == NOW + timedelta(minutes=5)
    assert desk.broken is None
    clock.now += timedelta(minutes=10)
    with desk.open() as g:
        assert g.now == clock.now


@pytest.mark.parametrize("first", ["/", "/api/v1/ask", "/scim/v2/Users"])
def test_whoever_sees_it_first_all_are_told_and_the_server_ends(
    place: tuple[Desk, Clock], first: str
) -> None:
    desk, clock = place
    sessions, ended = Sessions(), list[str]()
    desk.ended = lambda: ended.append(first)
    with desk.open() as g:
        tokens = {scope: issue(g, scope, "n") for scope in (Scope.READ, Scope.SCIM)}
    site = Site(desk, sessions, hosts={HOST})
    browser = TestClient(site, cookies={COOKIE: sessions.begin(None)})
    ask = "?metric=kept&by=unit&period=2026-W37&purpose=enablement"
    asked: dict[str, Callable[[], tuple[int, str]]] = {
        "/": lambda: told(browser, "/"),
        "/api/v1/ask": lambda: told(browser, f"/api/v1/ask{ask}", tokens[Scope.READ]),
        "/scim/v2/Users": lambda: told(browser, "/scim/v2/Users", tokens[Scope.SCIM]),
    }
    clock.now -= timedelta(days=1)
    for path in (first, *asked, first):
        status, text = asked[path]()
        assert status == 503 and "lock is before the log" in text, path
    clock.now = NOW + timedelta(days=1)
    with pytest.raises(LedgerBroken), desk.open():
        pass
    assert set(ended) == {first} and desk.broken is not None


def told(browser: TestClient, path: str, token: str = "") -> tuple[int, str]:
    answer = browser.get(path, headers={"Authorization": f"Bearer {token}"} if token else {})
    return answer.status_code, answer.text


COMMANDS = (
    ("token", "list"),
    ("role", "give", "council", "p"),
    ("hook", "secret", "github"),
    ("alias", "add", "github:ann", "p"),
    ("lake", "compact"),
    ("lake", "vacuum"),
)


def test_a_server_keeps_commands_out_in_plain_words_and_ends_where_its_log_was_altered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    with opened(data, make=True) as g:
        token = issue(g, Scope.METRICS, "monitor")
    with served(data, every=3600, code=4) as server:
        for words in COMMANDS:
            code, said = run([*words, "--data", str(data)]), capsys.readouterr().err
            assert code == 4, (words, said)
            assert f"the server or another command has {data} open" in said, words
            assert "hint: stop the server" in said, words
        with (data / "ledger" / "entries").open("r+b") as log:
            log.seek(20)
            log.write(b"?")
        assert got(server.address, "/metrics", Authorization=f"Bearer {token}").status == 503
        assert server.process.wait(20) == 4
