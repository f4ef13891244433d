"""Server and agents' process: what holds is heard, what was done arrives once, nothing else comes in."""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.agents_place import Office, Place, greeted, place
from counterfoil.agents import hearing as heard
from counterfoil.agents.process import opened
from counterfoil.agents.wire import RELEASE, Asked, Asker, Beat, Failed, Hello, Rows, read, written
from counterfoil.app.server.agents import rows
from counterfoil.app.server.agents.talk import AgentsAway
from counterfoil.app.server.compacting import Compactor
from counterfoil.guard.acting import stops
from counterfoil.guard.acting.ceilings import example, read_ceilings
from counterfoil.guard.acting.force import sign
from counterfoil.ledger.entry import read_entry
from counterfoil.ledger.sign import SignerKey
from counterfoil.terms.ask import Role, Viewer
from counterfoil.terms.error import SourceError, StoreError
from counterfoil.terms.ids import MicroUsd, Pseudonym, SessionId, SourceId
from counterfoil.terms.usage import Trigger, Usage
from counterfoil.terms.work import Fate, Work, WorkFated, WorkKind
from deadline import until

NOW = datetime.now(UTC)
SOMEBODY = Asker(who=Pseudonym("x"))


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place(tmp_path_factory.mktemp("p") / "") as found, found.server():
        yield found


def used(who: Pseudonym, key: str, *, at: datetime = NOW, output: int = 10) -> Usage:
    return Usage(
        source=SourceId("agents"), key=key, at=at, session=SessionId("run-1"), model="claude-x", who=who,
        input_uncached=100, cache_read=0, cache_write=0, output=output, cost=MicroUsd(500),
        trigger=Trigger.AGENT,
    )  # fmt: skip


def made(who: Pseudonym, key: str, **more: Any) -> Work:
    return Work(key=key, kind=WorkKind.MAIL, who=who, day=NOW.date(), session=SessionId("run-1"), **more)


def columns(place: Place, table: str) -> list[dict[str, Any]]:
    """What the lake has of the owners that the tests are about."""
    found = []
    for who in place.who[:2]:
        told = place.g.lake.rows_of(who)[table]
        found += [dict(zip(told, row, strict=True)) for row in zip(*told.values(), strict=True)]
    return found


def test_what_holds_is_heard(here: Place, tmp_path: Path) -> None:
    with here.agents("heard") as process:
        hearing = process.hearing
        until(lambda: hearing.live and hearing.owners.get(here.who[0]))
        assert [ceiling.name for ceiling in hearing.ceilings] == ["organisation"]
        assert [ceiling.name for ceiling in hearing.ceilings_of(here.who[0])] == ["organisation"]
        assert not hearing.ceilings_of(Pseudonym("nobody"))
        assert (hearing.trouble, hearing.ceiling_version) == ("", 1)
        assert process.link.same_user
        assert list(process.link.pseudonyms(["p00000", "nobody"])) == [here.who[0], ""]
    assert not hearing.stops


def test_pages_ask_the_office_and_are_told_its_errors(here: Place) -> None:
    with pytest.raises(AgentsAway):
        here.talk.ask(Office.doubled, SOMEBODY, 4)
    with here.agents("asked"):
        until(lambda: here.talk.is_there)
        assert here.talk.ask(Office.doubled, SOMEBODY, 4) == 8
        assert here.talk.ask(Office.doubled, SOMEBODY, 4, times=5) == 20
        assert here.talk.ask(Office.doubled, Asker(who=None), 4) == -1
        with pytest.raises(SourceError) as refused:
            here.talk.ask(Office.refused, SOMEBODY)
        assert (refused.value.code, refused.value.hint) == ("not-yours", "ask them")
        with pytest.raises(StoreError, match="no space left"):
            here.talk.ask(Office.full, SOMEBODY)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("close", {}),
        ("_doubled", {}),
        ("doubled", {"many": 1}),
        ("doubled", {"number": "x"}),
        ("doubled", {}),
    ],
)
def test_a_question_that_is_none_is_answered_with_an_error(
    here: Place, name: str, arguments: dict[str, Any]
) -> None:
    with here.agents("odd"), closing(greeted(here.path)) as stream:
        until(lambda: here.talk.is_there)
        given = {key: msgspec.Raw(msgspec.json.encode(value)) for key, value in arguments.items()}
        stream.sendall(written(Asked(number=7, name=name, asker=SOMEBODY, arguments=given)))
        told = read(stream)
        assert isinstance(told, Failed)
        assert told.number == 7


def test_a_switch_is_off_within_a_moment_also_while_the_desk_is_taken(here: Place) -> None:
    with here.agents("stopped") as process, closing(greeted(here.path)) as stream:
        until(lambda: process.hearing.live)
        entries, before = len(here.g.log), process.hearing.version
        words = {"what": msgspec.Raw(b'"everything"'), "why": msgspec.Raw(b'"odd mails"')}
        with here.desk.hold():
            stream.sendall(written(Asked(number=1, name="stop", asker=SOMEBODY, arguments=words)))
            until(lambda: "everything" in process.hearing.stops, 3)
            assert len(here.g.log) == entries
        read(stream)
        assert process.hearing.version > before
        (off,) = process.hearing.stops_told
        assert (off.why, off.by, off.at.second) == ("odd mails", "operator", 0)
        assert read_entry(here.g.log.entry(entries))[1]["did"] == "stopped"
        stream.sendall(written(Asked(number=2, name="resume", asker=SOMEBODY, arguments=words)))
        until(lambda: not process.hearing.stops, 3)
        assert not stops.stops(here.g.lake.registry)


def test_the_command_line_is_believed_by_its_secret_alone(here: Place) -> None:
    claims = Asker(who=here.who[3], roles=(Role.DPO,))
    words = {"what": msgspec.Raw(b'"everything"')}
    with closing(greeted(here.path)) as stream:
        for secret in ("nonsense", "counterfoil-secret-1:" + "A" * 43 + "="):
            stream.sendall(
                written(Asked(number=1, name="stop", asker=claims, arguments=words, secret=secret))
            )
            told = read(stream)
            assert isinstance(told, Failed)
            assert told.code in {"no-secret", "unknown-secret"}
    assert not stops.stops(here.g.lake.registry)


def test_what_agents_did_arrives_once(here: Place) -> None:
    mine, other = here.who[0], here.who[1]
    with here.agents("rows") as process:
        work = made(mine, "run-1:3")
        process.outbox.put(used(mine, "a"), used(mine, "a"), used(other, "b", output=7), work)
        process.outbox.put(used(mine, "old", at=NOW - timedelta(days=40)), used(mine, ""))
        process.outbox.put(made(other, "run-2:1"), Fate(work=work, fate=WorkFated.REVERTED, day=NOW.date()))
        until(lambda: process.outbox.next() is None)
    again = Rows(
        number=1, usage=(used(mine, "a"),), fates=(Fate(work=work, fate=WorkFated.REVERTED, day=NOW.date()),)
    )
    assert rows.take(here.desk, here.log, again, NOW) == 0
    Compactor(here.desk, here.log).once()
    days = columns(here, "usage_day")
    assert sorted((day["trigger"], day["credential"], day["requests"], day["output"]) for day in days) == [
        ("agent", "service", 1, 7),
        ("agent", "service", 1, 10),
    ]
    fates = {row["work"]: row for row in columns(here, "work_fate")}
    assert {row["kind"] for row in fates.values()} == {"agent-mail"}
    assert fates["run-2:1"]["undone"] is None or str(fates["run-2:1"]["undone"]) == "NaT"
    assert str(fates["run-1:3"]["undone"])[:10] == str(NOW.date())


def test_rows_of_nobody_and_of_tomorrow_are_left_out(here: Place) -> None:
    tomorrow = msgspec.structs.replace(Rows(number=1), work=(made(here.who[0], "x"),))
    late = Work(
        key="y",
        kind=WorkKind.POST,
        who=here.who[0],
        day=NOW.date() + timedelta(days=9),
        session=SessionId("r"),
    )
    told = Rows(
        number=1, work=(late,), usage=(used(here.who[0], "k" * 400), used(here.who[0], "n", output=-1))
    )
    assert rows.take(here.desk, here.log, told, NOW) == 3
    assert rows.take(here.desk, here.log, tomorrow, NOW) == 0


def test_one_agents_process_at_a_time(here: Place) -> None:
    with here.agents("one") as first:
        until(lambda: first.hearing.live)
        with pytest.raises(StoreError, match="another process lives in"), here.agents("one"):
            pass
        with here.agents("two") as second:
            until(lambda: second.link.refused is not None)
            assert second.link.refused is not None
            assert second.link.refused.code == "agents-taken"
            assert not second.hearing.live
            assert first.hearing.live


GARBAGE = {
    "a frame of a gigabyte": struct.pack(">I", 2**30) + b"x" * 1000,
    "nothing": struct.pack(">I", 0),
    "no JSON": struct.pack(">I", 3) + b"abc",
    "no message": struct.pack(">I", 2) + b"{}",
    "nested": struct.pack(">I", 90_000) + b"[" * 90_000,
    "HTTP": b"GET / HTTP/1.1\r\n\r\n",
    "another release": written(Hello(release=RELEASE + 1, part="agents")),
    "another part": written(Hello(release=RELEASE, part="root")),
    "a beat before a greeting": written(Beat(nonce="x")),
    "rows of the command line": written(Hello(release=RELEASE, part="console")) + written(Rows(number=1)),
    "half a frame": struct.pack(">I", 900) + b"x",
}


def test_garbage_ends_its_own_connection_and_nothing_else(here: Place) -> None:
    with here.agents("garbage") as process:
        until(lambda: process.hearing.live)
        for name, data in GARBAGE.items():
            with closing(socket.socket(socket.AF_UNIX)) as stream:
                stream.connect(str(here.path))
                stream.settimeout(5)
                stream.sendall(data)
                stream.shutdown(socket.SHUT_WR)
                # What it did not read it throws away, which the other side is told.
                with suppress(ConnectionResetError):
                    while stream.recv(65_536):
                        pass
                assert process.hearing.live, name
        assert process.hearing.live
        refused = "counterfoil_agents_refused_total"
        assert here.desk.counters.total(refused, why="garbage") == len(GARBAGE) - 1
        assert here.desk.counters.total(refused, why="another-version") == 1


def test_the_socket_is_for_its_user_and_group(here: Place) -> None:
    assert here.path.stat().st_mode & 0o777 == 0o660
    assert (here.folder / "agents.key").stat().st_mode & 0o777 == 0o600


def test_without_a_server_nothing_is_live_and_after_it_comes_back_all_goes_on(tmp_path: Path) -> None:
    with place(tmp_path) as found:
        with found.agents() as process:
            hearing = process.hearing
            with found.server():
                until(lambda: hearing.live)
            process.outbox.put(used(found.who[0], "while it was away"))
            until(lambda: not hearing.live, heard.LIVE_SECONDS + 2)
            assert hearing.trouble == heard.SILENT
            assert process.outbox.waiting == 1
            with found.server():
                until(lambda: hearing.live and not process.outbox.waiting)
        signer = SignerKey.new("counterfoil.local/agents-other")
        (found.folder / "agents.key").unlink()
        with found.server(), found.agents() as process:
            until(lambda: process.link.refused is not None)
            assert process.link.refused is not None
            assert process.link.refused.code == "another-server"
            assert not process.hearing.live
        with pytest.raises(SourceError, match="not the server"), found.agents(key=str(signer.verifier)):
            pass


def test_a_broken_promise_of_the_server_is_no_effect(tmp_path: Path) -> None:
    with place(tmp_path) as found, found.server(), found.agents() as process:
        until(lambda: process.hearing.live)
        with found.g.lake.registry.change() as change:
            change.keep("agent-ceiling", "in-force", b"{}")
        until(lambda: found.desk.broken is not None)
        until(lambda: not process.hearing.live, heard.LIVE_SECONDS + 2)


def test_a_ceiling_of_a_unit_is_over_its_own_people_alone(tmp_path: Path) -> None:
    text = example() + '[unit."team-000"]\nmodels = []\n'
    with place(tmp_path, ceiling=text) as found, found.server(), found.agents() as process:
        until(lambda: process.hearing.owners.get(found.who[0]))
        over = process.hearing.ceilings_of(found.who[0])
        assert [ceiling.name for ceiling in over] == ["organisation", "team-000"]
        sign(found.g, read_ceilings(text.replace("50.00", "9.00")), Viewer(who=None, role=Role.OPERATOR))
        until(lambda: process.hearing.ceiling_version == 2)
        assert process.hearing.ceilings[0].budget.month == 9_000_000


def test_the_folder_of_agents_is_theirs_alone(tmp_path: Path) -> None:
    folder = tmp_path / "agents"
    folder.mkdir(mode=0o755)
    with pytest.raises(StoreError, match="others may look in"), opened(folder, tmp_path / "s", _never):
        pass
    os.chmod(folder, 0o700)
    (folder / "server.json").write_text("{")
    with pytest.raises(StoreError, match="can't be read"), opened(folder, tmp_path / "s", _never):
        pass


def _never(*_: object) -> Any:
    raise AssertionError
