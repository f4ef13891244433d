"""What moves rows into the lake says what keeps it from that, and ends where nothing may go on."""

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from app.test_intake import claude, now
from collect.otlp.exports import logs, packed
from collect.otlp.test_claims import CLAUDE
from counterfoil.app.directory import opened
from counterfoil.app.intake.senders import Sender, Senders
from counterfoil.app.intake.taking import Export, Intake
from counterfoil.app.server.compacting import FAILED, Compactor
from counterfoil.app.server.counters import RECORDS
from counterfoil.app.server.desk import Desk
from counterfoil.collect.otlp.read import Signal
from counterfoil.store.batches import BatchLog
from counterfoil.store.compaction import compact
from counterfoil.terms.error import LedgerBroken, StoreError
from deadline import ended


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[Desk, BatchLog]]:
    with opened(tmp_path / "data", make=True) as g, BatchLog(tmp_path / "data") as log:
        desk = Desk(g)
        Intake(log, Senders(desk, need_token=False)).work(
            [Export(Signal.LOGS, False, claude("a", "b"), Sender())]
        )
        yield desk, log


def test_what_came_in_is_counted(place: tuple[Desk, BatchLog]) -> None:
    desk, _ = place
    assert [desk.counters.total(RECORDS, outcome=o) for o in ("read", "kept", "rejected")] == [2, 2, 0]


def test_what_can_not_be_done_now_is_said_once_and_done_later(
    place: tuple[Desk, BatchLog], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk, log = place
    compactor = Compactor(desk, log)

    def full(*_: object, **__: object) -> None:
        raise StoreError("lake-unusable", "the disk is full", hint="make room on it")

    with monkeypatch.context() as patched:
        patched.setattr("counterfoil.app.server.compacting.compact", full)
        compactor.once()
        compactor.once()
    assert capsys.readouterr().err == "what arrived waits: the disk is full\nhint: make room on it\n"
    assert desk.counters.total(FAILED, code="lake-unusable") == 2
    assert log.waiting
    compactor.once()
    assert not log.waiting


def test_a_broken_promise_ends_it(place: tuple[Desk, BatchLog], monkeypatch: pytest.MonkeyPatch) -> None:
    desk, log = place

    def broken(*_: object, **__: object) -> None:
        raise LedgerBroken("clock-back", "the clock went back", hint="set it right")

    monkeypatch.setattr("counterfoil.app.server.compacting.compact", broken)
    with pytest.raises(LedgerBroken):
        Compactor(desk, log).once()


def test_two_who_compact_at_once_do_it_one_after_the_other(
    place: tuple[Desk, BatchLog], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As at the end of a server, whose last look at what arrived begins while the one before goes on."""
    desk, log = place
    compactor = Compactor(desk, log)

    def slowly(*arguments: Any, **named: Any) -> None:
        time.sleep(0.1)
        compact(*arguments, **named)

    monkeypatch.setattr("counterfoil.app.server.compacting.compact", slowly)
    both = [Thread(target=compactor.once) for _ in range(2)]
    for one in both:
        one.start()
    ended(both)
    assert capsys.readouterr().err == ""
    assert not log.waiting


def test_what_stood_beside_a_text_that_is_kept_is_not_kept_with_it(tmp_path: Path) -> None:
    written = {"tool_parameters": "CANARY", "prompt": "CANARY", "user.email": "CANARY@example.org"}
    records = [
        ("claude_code.api_request", {**written, **CLAUDE, "request_id": key, **written}) for key in "ab"
    ]
    with opened(tmp_path / "data", make=True) as g, BatchLog(tmp_path / "data") as log:
        intake = Intake(log, Senders(Desk(g), need_token=False))
        for some in (records, [*records, ("claude_code.user_prompt", written)]):
            (body,) = packed(logs(*some, at=now()))
            intake.work([Export(Signal.LOGS, False, body, Sender())])
        kept = [path.read_bytes() for path in log.roll()]
    assert b"claude-code" in kept[0]
    assert b"CANARY" not in kept[0]
