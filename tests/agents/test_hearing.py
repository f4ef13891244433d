"""What the server said is believed when its own key signed it, just now, and it is no older than before."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.agents import hearing as heard
from counterfoil.agents.hearing import Hearing
from counterfoil.agents.outbox import FOLDER, Outbox
from counterfoil.agents.pinned import pinned
from counterfoil.agents.wire import MOST_ROWS, OwnerState, Standing, WireError, signed_text, standing_of
from counterfoil.guard.acting.ceilings import example, read_ceilings
from counterfoil.ledger.sign import SignerKey, signed_note
from counterfoil.terms.absent import Unknown
from counterfoil.terms.agent import Ceiling, Stop
from counterfoil.terms.error import SourceError, StoreError
from counterfoil.terms.ids import Pseudonym, SessionId, SourceId
from counterfoil.terms.usage import Usage
from counterfoil.terms.work import Fate, Work, WorkFated, WorkKind

KEY, OTHER = (SignerKey.new(f"counterfoil.local/agents-{n}") for n in range(2))
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()
ANA, BEN = Pseudonym("a" * 32), Pseudonym("b" * 32)
(CEILING,) = read_ceilings(example()).ceilings


@dataclass
class Clock:
    """Both clocks: one that people set, and one that nobody does."""

    wall: float = NOW
    ticks: float = 1_000.0

    def pass_by(self, seconds: float) -> None:
        self.wall += seconds
        self.ticks += seconds


@dataclass
class Server:
    """Signs states as a server does."""

    version: int = 3
    ceilings: tuple[Ceiling, ...] = (CEILING,)
    stops: tuple[Stop, ...] = ()
    digest: str = "of these"
    at: int = int(NOW)
    key: SignerKey = KEY
    owners: dict[Pseudonym, OwnerState] = field(default_factory=lambda: {ANA: OwnerState(here=True)})

    def note(self, nonce: str, **changes: Any) -> str:
        told = Standing(
            nonce=nonce, at=self.at, version=self.version, digest=self.digest, ceilings=self.ceilings,
            stops=self.stops, owners=self.owners,
        )  # fmt: skip
        return signed_note(signed_text(msgspec.structs.replace(told, **changes)), self.key)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def new(tmp_path: Path, clock: Clock) -> Callable[[], Hearing]:
    """A process that is started, the first time or again."""

    def made() -> Hearing:
        hearing = Hearing(tmp_path, now=lambda: clock.wall, ticks=lambda: clock.ticks)
        hearing.pin(str(KEY.verifier))
        return hearing

    return made


def test_a_state_holds_for_some_seconds_from_when_it_was_asked_for(
    new: Callable[[], Hearing], clock: Clock
) -> None:
    hearing = new()
    assert (hearing.live, hearing.trouble, list(hearing.ceilings)) == (False, heard.NEVER, [])
    nonce = hearing.ask()
    clock.pass_by(1)
    hearing.hear(Server(at=int(clock.wall)).note(nonce))
    assert hearing.live
    clock.pass_by(heard.LIVE_SECONDS - 1.1)
    assert hearing.live
    clock.pass_by(0.2)
    assert (hearing.live, hearing.trouble) == (False, heard.SILENT)


WRONG: dict[str, tuple[Callable[[Server, str], str], str]] = {
    "another key": (lambda server, nonce: replace(server, key=OTHER).note(nonce), "not signed by the server"),
    "no note": (lambda server, nonce: "hello", "not signed by the server"),
    "another question": (lambda server, nonce: server.note("0" * 32), "no question of just now"),
    "an older ceiling": (
        lambda server, nonce: server.note(nonce, version=2),
        "went back from version 3 to 2",
    ),
    "none any more": (lambda server, nonce: server.note(nonce, version=0), "went back from version 3 to 0"),
    "another one of that version": (lambda server, nonce: server.note(nonce, digest="x"), "another content"),
    "an earlier time": (lambda server, nonce: server.note(nonce, at=int(NOW) - 500), heard.BACK),
    "something else that it signed": (
        lambda server, nonce: signed_note("counterfoil/consent/v1\n{}\n", KEY),
        "no state of agents",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_believed_ends_what_was(new: Callable[[], Hearing], name: str) -> None:
    hearing, server = new(), Server()
    hearing.hear(server.note(hearing.ask()))
    before = hearing.version
    told, says = WRONG[name]
    with pytest.raises(WireError, match=says):
        hearing.hear(told(server, hearing.ask()))
    assert not list(hearing.ceilings)
    assert (hearing.live, hearing.version > before) == (False, True)
    assert says in hearing.trouble
    hearing.hear(server.note(hearing.ask()))
    assert (hearing.live, hearing.trouble) == (True, "")


def test_an_answer_is_good_once_and_for_a_while(new: Callable[[], Hearing], clock: Clock) -> None:
    hearing, server = new(), Server()
    first = server.note(hearing.ask())
    hearing.hear(first)
    with pytest.raises(WireError, match="no question"):
        hearing.hear(first)
    late = hearing.ask()
    clock.pass_by(heard.LIVE_SECONDS + 1)
    hearing.ask()
    with pytest.raises(WireError, match="no question"):
        hearing.hear(server.note(late))


def test_an_old_ceiling_is_known_after_a_restart(new: Callable[[], Hearing]) -> None:
    hearing = new()
    hearing.hear(Server(version=7).note(hearing.ask()))
    hearing = new()
    with pytest.raises(WireError, match="from version 7 to 6"):
        hearing.hear(Server(version=6).note(hearing.ask()))
    assert not hearing.live


@pytest.mark.parametrize("apart", [-86_400, 86_400, 7_200])
def test_a_clock_that_is_a_day_off_is_no_effect(
    new: Callable[[], Hearing], clock: Clock, apart: float
) -> None:
    hearing = new()
    hearing.hear(Server().note(hearing.ask()))
    assert hearing.live
    clock.wall += apart
    assert (hearing.live, hearing.trouble) == (False, heard.CLOCK)
    if apart < 0:
        with pytest.raises(WireError, match=heard.BACK):
            hearing.hear(Server(at=int(clock.wall)).note(hearing.ask()))


def test_switches_and_owners_who_left_are_one_list(new: Callable[[], Hearing]) -> None:
    hearing = new()
    off = Stop(what="connector:mail", by=Pseudonym("operator"), at=datetime.fromtimestamp(NOW, UTC), why="")
    owners = {ANA: OwnerState(here=True, ceilings=("payments", "gone")), BEN: OwnerState(here=False)}
    unit = replace(CEILING, name="payments")
    whole = replace(CEILING, name="organisation")
    server = Server(stops=(off,), owners=owners, ceilings=(whole, unit))
    hearing.hear(server.note(hearing.ask()))
    assert hearing.stops == {"connector:mail", f"owner:{BEN}"}
    assert list(hearing.stops_told) == [off]
    assert list(hearing.ceilings_of(ANA)) == [whole, unit]
    assert list(hearing.ceilings_of(BEN)) == [whole]
    assert not hearing.ceilings_of(Pseudonym("c"))
    assert hearing.owners == {ANA: True, BEN: False}
    before = hearing.version
    hearing.hear(server.note(hearing.ask()))
    assert hearing.version == before
    hearing.hear(replace(server, stops=()).note(hearing.ask()))
    assert hearing.version == before + 1


def test_a_server_is_pinned_once(new: Callable[[], Hearing], tmp_path: Path) -> None:
    new()
    assert pinned(tmp_path).key == str(KEY.verifier)
    assert (tmp_path / "server.json").stat().st_mode & 0o777 == 0o600
    with pytest.raises(SourceError, match="not the server"):
        new().pin(str(OTHER.verifier))


@given(st.text(max_size=60))
def test_any_text_that_was_signed_is_answered(text: str) -> None:
    for told in (text, f"counterfoil/agents/v1\n{text}"):
        with pytest.raises(WireError):
            standing_of(told)


def used(key: str) -> Usage:
    return Usage(
        source=SourceId("agents"), key=key, at=datetime.fromtimestamp(NOW, UTC), session=SessionId("r"),
        model=Unknown("not said"), input_uncached=1, cache_read=0, cache_write=0, output=1, who=ANA,
    )  # fmt: skip


def test_rows_wait_until_the_server_has_them(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    work = Work(
        key="r:1",
        kind=WorkKind.DRAFT,
        who=ANA,
        day=datetime.fromtimestamp(NOW, UTC).date(),
        session=SessionId("r"),
    )
    fate = Fate(work=work, fate=WorkFated.CORRECTED, day=work.day)
    box.put(used("a"), work)
    box.put(fate)
    first = box.next()
    assert first is not None
    assert (first.usage, first.work, first.fates) == ((used("a"),), (work,), (fate,))
    box.put(used("b"))
    again = Outbox(tmp_path).next()
    assert again == first
    box.kept(first.number)
    second = box.next()
    assert second is not None
    assert [one.key for one in second.usage] == ["b"]
    box.kept(second.number)
    assert box.next() is None
    assert not box.waiting
    assert not list((tmp_path / FOLDER).iterdir())


def test_a_message_never_holds_too_many_rows(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    box.put(*(used(str(n)) for n in range(MOST_ROWS + 5)))
    sizes = []
    while (rows := box.next()) is not None:
        sizes.append(len(rows.usage))
        box.kept(rows.number)
    assert sizes == [MOST_ROWS, 5]


def test_a_row_that_a_crash_cut_is_passed_over(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    box.put(used("a"))
    (segment,) = (tmp_path / FOLDER).iterdir()
    segment.write_bytes(segment.read_bytes() + b'{"usage":{"source":"ag')
    rows = Outbox(tmp_path).next()
    assert rows is not None
    assert [one.key for one in rows.usage] == ["a"]


def test_an_outbox_that_can_not_be_written_says_so(tmp_path: Path) -> None:
    box = Outbox(tmp_path)
    (tmp_path / FOLDER).rmdir()
    with pytest.raises(StoreError, match="can't be kept"):
        box.put(used("a"))
