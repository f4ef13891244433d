"""Deliveries of both forges through their door: known to be theirs, taken once, kept under pseudonyms."""

import base64
import hashlib
import hmac
import json
import re
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from fastapi import FastAPI
from starlette.testclient import TestClient

from collect.forge.payloads import (
    ANN,
    BOB,
    CYD,
    FORGES,
    LOGINS,
    MARK,
    NOW,
    TRAILERS,
    GitHub,
    at,
    sha,
    story,
    written,
)
from counterfoil.app import hook_secrets
from counterfoil.app.commands import cli
from counterfoil.app.door.deliveries import Forge
from counterfoil.app.server import hooks as door
from counterfoil.app.server.delivered import Deliveries, Taken
from counterfoil.app.server.desk import Desk
from counterfoil.collect.forge import state
from counterfoil.collect.forge.fold import take
from counterfoil.guard import aliases
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.person import erase
from counterfoil.ledger.entry import read_entry
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import Pseudonym
from deadline import until
from guard.organisation import gate

OLD, NEW = "an-older-secret-of-ours", "a-newer-secret-of-ours"
WHSEC = "whsec_" + base64.b64encode(bytes(range(32))).decode()
Rows = list[dict[str, Any]]


def rows_of(g: Guarded, table: str, tmp_path: Path) -> Rows:
    """Every row of a table, in the order of its key."""
    import duckdb

    files = [str(tmp_path / "lake" / part.file) for part in g.lake.registry.parts(table)]
    if not files:
        return []
    with duckdb.connect() as db:
        found = db.execute(f"SELECT * FROM read_parquet({files}) ORDER BY ALL")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


class Place:
    """A directory with its door open."""

    def __init__(self, g: Guarded, folder: Path) -> None:
        self.g, self.folder, self.now = g, folder, NOW - timedelta(days=30)
        self.restart()

    def restart(self) -> None:
        """Begin again with nothing in memory."""
        self.deliveries = Deliveries(Desk(self.g), lambda: self.now)

    def deliver(self, forge: str, event: str, body: Any, delivery: str = "") -> Taken:
        raw = body if isinstance(body, bytes) else written(body)
        told = re.findall(rb"2026-\d\d-\d\d[T ]\d\d:\d\d:\d\d", raw)
        latest = max(
            (datetime.fromisoformat(at.decode()).replace(tzinfo=UTC) for at in told), default=self.now
        )
        self.now = max(self.now, latest + timedelta(seconds=5))
        return self.deliveries.take(Forge(forge), event, delivery, raw)

    def tell(self, forge: str) -> None:
        for event, body in story(FORGES[forge]):
            assert self.deliver(forge, event, body) is not Taken.SKIPPED, (event, body)

    def rows(self, table: str) -> Rows:
        return rows_of(self.g, table, self.folder)

    def who(self, forge: str, login: str) -> Pseudonym:
        (who,) = self.g.keys.pseudonyms([f"{forge}:{login}"])
        return who


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    with gate(tmp_path, now=datetime.now(UTC)) as g:
        yield Place(g, tmp_path)


@contextmanager
def opened(place: Place) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(door.hooks(Desk(place.g), lambda: NOW))
    with TestClient(app) as client:
        yield client


def github(raw: bytes, secret: str, event: str = "pull_request", delivery: str = "d-1") -> dict[str, str]:
    signed = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return {
        "X-GitHub-Event": event, "X-GitHub-Delivery": delivery, "X-Hub-Signature-256": f"sha256={signed}"
    }  # fmt: skip


def standard(raw: bytes, key: bytes, *, late: timedelta = timedelta(), id: str = "m-1") -> dict[str, str]:
    when = str(int((NOW + late).timestamp()))
    signed = hmac.new(key, f"{id}.{when}.".encode() + raw, hashlib.sha256).digest()
    signature = f"v1a,x v1,{base64.b64encode(signed).decode()}"
    return {"webhook-id": id, "webhook-timestamp": when, "webhook-signature": signature}


@pytest.mark.parametrize("forge", FORGES)
@pytest.mark.parametrize("restarts", [False, True])
def test_a_story_comes_to_its_rows(place: Place, forge: str, *, restarts: bool) -> None:
    if restarts:
        for event, body in story(FORGES[forge]):
            place.deliver(forge, event, body)
            place.restart()
    else:
        place.tell(forge)
        assert sum(place.deliveries.taken.values()) == len(story(FORGES[forge]))
    ann, bob, cyd = (place.who(forge, login) for login in LOGINS)
    mark = FORGES[forge].mark
    twelve, thirteen, fourteen = (f"acme/shop{mark}{n}" for n in (12, 13, 14))
    fates = {row["work"]: row for row in place.rows("work_fate")}
    day = date(2026, 11, 4)
    told = {work: (row["who"], row["undone"], row["reverted"], row["reviews"], row["comments"])
            for work, row in fates.items()}  # fmt: skip
    assert told == {
        twelve: (ann, None, None, 2, 1),
        thirteen: (bob, day, day, 0, 0),
        fourteen: (cyd, None, None, 0, 0),
        "acme/shop@1": (ann, None, None, None, None),
        "acme/shop@3": (bob, day, day, None, None),
        "acme/shop@4": (cyd, None, None, None, None),
    }
    assert {row["environment"] for row in place.rows("deployment")} == {"production", "development"}
    deployed = {
        row["work"]: (row["who"], row["result"], row["unplanned_by"], row["failed_by"], row["recovery"])
        for row in place.rows("deployment")
        if row["environment"] == "production"
    }
    assert deployed == {
        "acme/shop@1": (ann, "succeeded", "", "", None),
        "acme/shop@3": (bob, "succeeded", "", "incident", 120),
        "acme/shop@4": (cyd, "succeeded", "revert", "", None),
        "acme/shop@5": (cyd, "failed", "", "", None),
    }
    # Exact times live in memory alone: after a restart a duration is reckoned from the middle of an hour.
    took = {row["work"]: (row["who"], row["minutes"]) for row in place.rows("delivery")}
    assert took == {twelve: (ann, 1_440), thirteen: (bob, 240 - 120 * restarts), fourteen: (cyd, 60)}
    (broke,) = place.rows("incident")
    assert (broke["deployment"], broke["link_method"]) == ("acme/shop@3", "sha")
    assert broke["minutes"] == 120 - 60 * restarts
    checks = {row["work"]: row["green"] for row in place.rows("check_run")}
    assert checks == {twelve: 0, thirteen: 1}
    reviews = {row["who"]: (row["rounds"], row["comments"]) for row in place.rows("review")}
    assert reviews == {bob: (1, 1), cyd: (1, 0), "": (0, 1)}
    waited = {row["who"]: row["waiting"] for row in place.rows("review")}
    assert waited == {bob: 120 - 60 * restarts, cyd: 720, "": None}
    landings = {(row["commit"], row["work"]) for row in place.rows("landing")}
    assert landings >= {(sha("landed-12"), twelve), (sha("head-12"), twelve), (sha("head-14"), fourteen)}


@pytest.mark.parametrize("forge", FORGES)
def test_nothing_of_a_delivery_is_anywhere_but_with_the_keys(place: Place, forge: str) -> None:
    place.tell(forge)
    for message in TRAILERS.values():
        place.deliver(forge, *FORGES[forge].pushed(message, hours=90.25, branch="topic"))
    marks = place.rows("pushed_mark")
    assert [(row["tool"], row["who"], str(row["day"])) for row in marks] == [
        (tool, place.who(forge, BOB), "2026-11-06") for tool in ("claude-code", "copilot")
    ]
    aliases.add(place.g, [(f"{forge}:{ANN}", "ann@acme.example")])
    times = [at(hours)[:16] for hours in (53.5, 20, 90.25)]
    secret = [MARK, *LOGINS, ANN.title(), "example.org", "ann@acme.example", *times, "Claude ", "0f8fad5b"]
    for path in place.folder.rglob("*"):
        if path.is_file() and "keys" not in path.relative_to(place.folder).parts:
            found = [word for word in secret if word.encode() in path.read_bytes()]
            assert not found, (path, found)


def test_a_second_delivery_of_the_same_does_nothing(place: Place) -> None:
    event, body = FORGES["github"].opened(1, hours=0)
    _, more = FORGES["github"].commented(1, BOB, hours=1)
    assert place.deliver("github", event, body, "one") is Taken.KEPT
    assert place.deliver("github", "pull_request_review_comment", more, "two") is Taken.KEPT
    before = dict(place.g.lake.registry.all_kept("forge"))
    for body_again, number in ((more, "two"), (more, "three"), (more, ""), (body, "two")):
        assert place.deliver("github", "pull_request_review_comment", body_again, number) is Taken.MERGED
    assert place.g.lake.registry.all_kept("forge") == before
    _, closed = FORGES["github"].merged(1, opened=0, hours=2, merged=False)
    assert place.deliver("github", "pull_request", closed, "four") is Taken.KEPT
    (review,) = place.rows("review")
    assert (review["rounds"], review["comments"]) == (0, 1)


def test_what_was_taken_is_remembered_for_its_time_and_no_longer(place: Place) -> None:
    place.tell("github")
    registry = place.g.lake.registry
    assert registry.all_kept("forge")
    later = NOW + state.KEPT_FOR + timedelta(days=1)
    place.deliveries = Deliveries(Desk(place.g), lambda: later)
    event, body = story(FORGES["github"])[8]
    # By now nothing of it is known: told again it would be a change that nothing ever undid.
    assert place.deliver("github", event, body) is Taken.MERGED
    assert not registry.all_kept("forge")
    assert not registry.all_kept("delivered")


def test_an_alias_makes_a_login_somebody_and_an_erasure_reaches_them(place: Place) -> None:
    g = place.g
    (ann,) = g.keys.pseudonyms(["ann@acme.example"])
    assert aliases.add(g, [("github:octo-ann", "ann@acme.example")]) == 1
    assert aliases.add(g, [("github:octo-ann", "ann@acme.example")]) == 0
    place.tell("github")
    assert {row["who"] for row in place.rows("delivery")} >= {ann}
    erase(g, ann)
    assert ann not in {row["who"] for table in ("delivery", "work_fate") for row in place.rows(table)}
    assert not any(ann.encode() in kept for kept in g.lake.registry.all_kept("forge").values())
    event, body = FORGES["github"].merged(77, ANN, opened=0, hours=100)
    place.deliver("github", event, body)
    assert not [row for row in place.rows("work_fate") if row["work"] == "acme/shop#77"]
    assert aliases.withdraw(g, "github:octo-bob") is False


def test_a_rollback_an_older_commit_and_an_open_incident_make_a_deployment_unplanned(place: Place) -> None:
    forge = GitHub()
    for event, body in (
        forge.merged(1, ANN, opened=0, hours=1),
        forge.deployed(1, sha("landed-1"), hours=2),
        forge.merged(2, BOB, opened=2, hours=3),
        forge.deployed(2, sha("landed-2"), hours=4),
        forge.broke(9, opened=5),
        forge.deployed(3, sha("landed-1"), hours=5.5, by=CYD),
        forge.deployed(4, sha("x"), hours=6, by=CYD),
        forge.broke(9, opened=5, over=7),
        forge.deployed(5, sha("y"), hours=8, by=CYD, ref="hotfix/x"),
    ):
        place.deliver("github", event, body)
    told = {
        row["work"]: (row["unplanned_by"], row["failed_by"], row["recovery"])
        for row in place.rows("deployment")
    }
    assert told == {
        "acme/shop@1": ("", "", None),
        "acme/shop@2": ("", "incident", 60),
        "acme/shop@3": ("rollback", "incident", 30),
        "acme/shop@4": ("incident", "branch", 120),
        "acme/shop@5": ("branch", "", None),
    }
    (broke,) = place.rows("incident")
    assert (broke["deployment"], broke["link_method"], broke["minutes"]) == ("acme/shop@2", "rollback", 120)


def test_a_delivery_is_known_by_its_signature(place: Place) -> None:
    _, body = FORGES["github"].opened(1, hours=0)
    raw = written(body)
    with opened(place) as client:
        # Without a secret nothing is taken, whatever it is signed with.
        assert client.post("/hooks/github", content=raw, headers=github(raw, "")).status_code == 403
        hook_secrets.keep(place.g, place.folder, Forge.GITHUB, OLD)
        assert client.post("/hooks/github", content=raw).status_code == 403
        assert client.post("/hooks/github", content=raw, headers=github(raw, NEW)).status_code == 403
        assert client.post("/hooks/github", content=raw + b" ", headers=github(raw, OLD)).status_code == 403
        hook_secrets.keep(place.g, place.folder, Forge.GITHUB, NEW)
        for secret, taken in ((NEW, "kept"), (OLD, "merged")):
            answer = client.post("/hooks/github", content=raw, headers=github(raw, secret))
            assert (answer.status_code, answer.json()) == (200, {"taken": taken})
        answer = client.post("/hooks/github", content=b"{", headers=github(b"{", NEW, delivery="d-2"))
        assert answer.json() == {"taken": "skipped"}
        # A secret of one forge opens nothing of the other.
        assert client.post("/hooks/gitlab", content=raw, headers={"X-Gitlab-Token": NEW}).status_code == 403


def test_gitlab_sends_a_token_or_signs(place: Place) -> None:
    _, body = FORGES["gitlab"].opened(1, hours=0)
    raw = written(body)
    hook_secrets.keep(place.g, place.folder, Forge.GITLAB, OLD)
    hook_secrets.keep(place.g, place.folder, Forge.GITLAB, WHSEC)
    key = bytes(range(32))

    def status(headers: dict[str, str], content: bytes = raw) -> int:
        return client.post("/hooks/gitlab", content=content, headers=headers).status_code

    with opened(place) as client:
        assert status({"X-Gitlab-Token": NEW}) == 403
        assert status({"X-Gitlab-Token": WHSEC}) == 403
        assert status({"X-Gitlab-Token": OLD}) == 200
        assert status(standard(raw, key)) == 200
        assert status(standard(raw, key, late=timedelta(minutes=4))) == 200
        for late in (timedelta(minutes=6), timedelta(minutes=-6)):
            assert status(standard(raw, key, late=late)) == 403
        assert status({**standard(raw, key), "webhook-id": "m-2"}) == 403
        assert status(standard(raw, key), raw + b" ") == 403
        assert status({**standard(raw, key), "webhook-timestamp": "soon"}) == 403
        # A signature that is there has to hold, whatever comes beside it.
        assert status({**standard(raw, bytes(32)), "X-Gitlab-Token": OLD}) == 403
        assert status(standard(raw, OLD.encode())) == 200


def test_a_body_has_a_limit_that_holds_while_it_is_read(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook_secrets.keep(place.g, place.folder, Forge.GITHUB, OLD)
    monkeypatch.setattr(door, "MOST_BODY", 1_000)
    raw = b"x" * 1_001
    with opened(place) as client:
        assert client.post("/hooks/github", content=raw, headers=github(raw, OLD)).status_code == 413
        parts = iter([raw[:500], raw[500:]])
        assert client.post("/hooks/github", content=parts, headers=github(raw, OLD)).status_code == 413
        parts = iter([raw[:500], raw[500:1_000]])
        signed = github(raw[:1_000], OLD)
        assert client.post("/hooks/github", content=parts, headers=signed).json() == {"taken": "skipped"}


def test_garbage_is_no_error_and_keys_that_are_away_are_no_answer(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook_secrets.keep(place.g, place.folder, Forge.GITHUB, OLD)
    with opened(place) as client:
        for raw in (b"", b"\xff\x00", b'{"a":' * 5_000, b"null", b"{}", b'{"action":1}'):
            for event in ("pull_request", "issues", "push", "", "\x7f"):
                answer = client.post("/hooks/github", content=raw, headers=github(raw, OLD, event, ""))
                assert answer.status_code == 200
        _, body = FORGES["github"].opened(1, hours=0)
        raw = written(body)
        monkeypatch.setattr(place.g.keys, "name", lambda: "others")
        answer = client.post("/hooks/github", content=raw, headers=github(raw, OLD))
        assert (answer.status_code, answer.json()) == (503, {"error": "keys-lost"})
        assert answer.headers["retry-after"]


def test_those_that_wait_together_are_taken_together_and_one_that_fails_fails_alone(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    forge, appended = FORGES["github"], []
    told = [forge.merged(n, ANN, opened=0, hours=n / 10) for n in range(1, 41)]
    append, real = place.g.lake.append, take

    def counted(rows: Any) -> Any:
        appended.append(1)
        return append(rows)

    def failing(fold: Any, event: Any) -> None:
        real(fold, event)
        if getattr(event, "work", "") == "acme/shop#7":
            raise ZeroDivisionError

    monkeypatch.setattr(place.g.lake, "append", counted)
    monkeypatch.setattr("counterfoil.app.server.delivered.take", failing)
    place.deliveries = Deliveries(place.deliveries.desk, lambda: NOW)
    with ThreadPoolExecutor(42) as pool, place.deliveries.desk.open():
        came = [
            pool.submit(place.deliveries.take, Forge.GITHUB, event, "", written(body)) for event, body in told
        ]
        came += [pool.submit(place.deliveries.take, Forge.GITHUB, told[0][0], "", written(told[0][1]))]
        until(lambda: len(place.deliveries._waiting) >= len(came), 60, what="every delivery")
    failed = [one for one in came if one.exception() is not None]
    assert [type(one.exception()) for one in failed] == [ZeroDivisionError]
    outcomes = sorted(str(one.result()) for one in came if one not in failed)
    assert outcomes == ["kept"] * 39 + ["merged"]
    assert len(appended) == 1
    monkeypatch.undo()
    assert {row["work"] for row in place.rows("work_fate")} == {
        f"acme/shop#{n}" for n in range(1, 41) if n != 7
    }
    assert place.deliver("github", *told[6]) is Taken.KEPT


def test_secrets_lie_in_a_file_of_their_own_and_their_change_in_the_log(place: Place) -> None:
    g, folder = place.g, place.folder
    first = hook_secrets.keep(g, folder, Forge.GITHUB, None)
    second = hook_secrets.keep(g, folder, Forge.GITHUB, OLD)
    file = folder / hook_secrets.FILE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(SourceError, match="secrets already"):
        hook_secrets.keep(g, folder, Forge.GITHUB, NEW)
    with pytest.raises(SourceError, match="16"):
        hook_secrets.keep(g, folder, Forge.GITLAB, "short")
    assert hook_secrets.withdraw(g, folder, first.name)
    assert not hook_secrets.withdraw(g, folder, first.name)
    assert [one.name for one in hook_secrets.kept_secrets(folder)] == [second.name]
    said = [read_entry(g.log.entry(n))[1] for n in range(len(g.log))]
    assert [(one["did"], one["forge"]) for one in said] == [
        ("kept", "github"), ("kept", "github"), ("withdrawn", "github")
    ]  # fmt: skip
    for path in folder.rglob("*"):
        if path.is_file() and path != file:
            assert not any(one.encode() in path.read_bytes() for one in (OLD, first.secret))


def test_the_commands_keep_list_and_withdraw(tmp_path: Path) -> None:
    data, file, table = tmp_path / "data", tmp_path / "secret", tmp_path / "logins.csv"
    file.write_text(f"{OLD}\n")
    table.write_text("login,person\ngithub:Ann,ann@acme.example\ngitlab:bob,bob@acme.example\n,\n")

    def run(*words: str, given: str | None = None) -> Result:
        return CliRunner().invoke(cli, [*words, "--data", str(data), "--json"], input=given)

    def made(result: Result) -> Any:
        return json.loads(result.stdout)

    assert len(made(run("hook", "secret", "github"))["secret"]) > 40
    name = made(run("hook", "secret", "github", "--file", str(file)))["name"]
    assert made(run("hook", "secret", "gitlab", "--file", "-", given=NEW))["secret"] is None
    told = run("hook", "list")
    assert {one["forge"] for one in made(told)} == {"github", "gitlab"}
    assert OLD not in told.stdout
    assert made(run("hook", "withdraw", name)) == {"withdrawn": name}
    assert made(run("alias", "add", "github:ann", "ann@acme.example")) == {"added": 1}
    assert made(run("alias", "add", "--file", str(table))) == {"added": 1}
    assert made(run("alias", "remove", "github:ANN")) == {"withdrawn": True}
    assert isinstance(run("alias", "add", "ann", "ann@acme.example").exception, SourceError)
