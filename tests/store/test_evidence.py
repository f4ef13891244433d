"""The evidence store: reading twice adds nothing, nothing kept is lost, and what is forgotten is gone."""

import os
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from counterfoil.store.evidence import NOTHING, Added, Evidence, open_evidence
from counterfoil.store.memory import key_number
from counterfoil.store.recalled import merge_remembered
from counterfoil.terms.batch import batches
from counterfoil.terms.error import StoreError
from counterfoil.terms.ids import SessionId, SourceId
from counterfoil.terms.reading import Reading
from counterfoil.terms.usage import Usage

Make = Callable[..., Reading]
SOURCE = SourceId("claude-code")


def rows(reading: Reading) -> list[Usage]:
    return [row for batch in reading.usage for row in batch.rows()]


def to_the_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def test_what_is_remembered_comes_back_without_seconds_and_under_a_hash(
    evidence: Evidence, reading: Make
) -> None:
    told = reading()
    assert evidence.remember(told) == Added(sessions=2, usage=6, written=2, committed=2)
    back = evidence.recall(SOURCE)
    assert [replace(row, key="") for row in rows(back)] == [
        replace(row, key="", at=to_the_minute(row.at)) for row in rows(told)
    ]
    assert [key_number(row.key) for row in rows(back)] == [key_number(row.key) for row in rows(told)]
    assert list(back.written) == [replace(w, at=to_the_minute(w.at)) for w in told.written]
    assert list(back.committed) == [replace(c, at=to_the_minute(c.at)) for c in told.committed]
    assert list(back.sessions) == [
        replace(s, began=to_the_minute(s.began), ended=to_the_minute(s.ended)) for s in told.sessions
    ]


def test_reading_twice_adds_nothing_nor_does_reading_memory_itself(evidence: Evidence, reading: Make) -> None:
    evidence.remember(reading())
    state = evidence.state()
    assert evidence.remember(reading()) == NOTHING
    assert evidence.state() == state
    assert evidence.remember(evidence.recall(SOURCE)) == NOTHING
    assert evidence.size() == Added(sessions=2, usage=6, written=2, committed=2)


def test_each_count_only_grows(evidence: Evidence, reading: Make) -> None:
    evidence.remember(reading(output=40))
    assert evidence.remember(reading(output=90)) == NOTHING
    evidence.remember(reading(output=5))
    assert {row.output for row in rows(evidence.recall(SOURCE))} == {90}


def test_sources_are_kept_apart(evidence: Evidence, reading: Make) -> None:
    evidence.remember(reading())
    assert evidence.recall(SourceId("codex")).usage == ()


def test_deleted_logs_are_made_up_for_and_living_ones_are_not_counted_twice(
    evidence: Evidence, reading: Make
) -> None:
    whole = reading(("s0", "s1", "s2"))
    assert evidence.join(whole) == (whole, 0)
    left = reading(("s2",))
    joined, remembered = evidence.join(left)
    assert remembered == 6
    assert joined.counts == left.counts
    assert sorted(key_number(r.key) for r in rows(joined)) == sorted(key_number(r.key) for r in rows(whole))
    assert (len(joined.sessions), len(joined.written), len(joined.committed)) == (3, 3, 3)
    nothing = Reading(source=SOURCE, usage=())
    assert evidence.join(nothing)[1] == 9


def test_part_of_a_session_whose_log_is_gone_is_made_up_for(evidence: Evidence, reading: Make) -> None:
    whole = reading(("s0",))
    evidence.remember(whole)
    left = replace(whole, usage=tuple(batches(Usage, rows(whole)[2:])))
    for _ in range(2):
        joined, remembered = evidence.join(left)
        assert remembered == 2
        assert len(rows(joined)) == 3
    assert evidence.join(whole) == (whole, 0)


def test_a_request_that_two_sessions_repeat_counts_once(evidence: Evidence, reading: Make) -> None:
    first = reading(("s0",))
    copied = [replace(row, session=SessionId("s9"), output=99) for row in rows(first)]
    evidence.remember(first)
    evidence.remember(Reading(source=SOURCE, usage=tuple(batches(Usage, copied))))
    back = rows(evidence.recall(SOURCE))
    assert [(row.session, row.output) for row in back] == [("s0", 99)] * 3
    living = Reading(source=SOURCE, usage=tuple(batches(Usage, copied)))
    assert evidence.join(living)[1] == 0


def test_merging_everything_remembered_is_the_same_as_joining(evidence: Evidence, reading: Make) -> None:
    evidence.remember(reading(("s0", "s1")))
    left = reading(("s1",))
    merged, remembered = merge_remembered(left, evidence.recall(SOURCE))
    assert remembered == 3
    assert len(rows(merged)) == 6


def test_the_file_holds_no_key_of_a_request_and_is_the_owners_alone(
    evidence: Evidence, reading: Make
) -> None:
    evidence.remember(reading())
    content = Path(evidence.path).read_bytes()
    assert b"s0:1" not in content
    assert b"claude-x" in content
    assert os.stat(evidence.path).st_mode & 0o777 == 0o600


def test_a_session_named_in_broken_text_is_remembered(evidence: Evidence) -> None:
    odd = SessionId("\ud800\0x")
    usage = Usage(
        source=SOURCE,
        key="\udcff",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        session=odd,
        model="m",
        input_uncached=1,
        cache_read=0,
        cache_write=0,
        output=1,
        directory="/\udcff",
    )
    evidence.remember(Reading(source=SOURCE, usage=tuple(batches(Usage, [usage]))))
    (back,) = rows(evidence.recall(SOURCE))
    assert (back.session, back.directory) == (odd, "/\udcff")


def test_forgetting_everything_leaves_no_byte(evidence: Evidence, reading: Make) -> None:
    evidence.remember(reading(model="canary-model-name"))
    assert b"canary-model-name" in Path(evidence.path).read_bytes()
    assert evidence.forget() == Added(sessions=2, usage=6, written=2, committed=2)
    assert evidence.recall(SOURCE).usage == ()
    assert evidence.forget() == NOTHING
    left = [p.read_bytes() for p in Path(evidence.path).parent.iterdir()]
    assert not any(b"canary-model-name" in content or b"/home/a" in content for content in left)


def test_forgetting_one_session_leaves_the_others(evidence: Evidence, reading: Make) -> None:
    evidence.remember(reading(("s0", "s1")))
    assert evidence.forget(session=SessionId("s0")) == Added(sessions=1, usage=3, written=1, committed=1)
    assert {row.session for row in rows(evidence.recall(SOURCE))} == {"s1"}


def test_forgetting_what_came_before_cuts_through_a_session(evidence: Evidence, reading: Make) -> None:
    told = reading(("s0", "s1"))
    evidence.remember(told)
    cut = to_the_minute(told.sessions[1].began) + timedelta(minutes=1)
    assert evidence.forget(before=cut) == Added(sessions=1, usage=4, written=2, committed=2)
    back = evidence.recall(SOURCE)
    assert [row.at for row in rows(back)] == [cut, cut + timedelta(minutes=1)]
    assert [s.began for s in back.sessions] == [cut]
    evidence.remember(told)
    assert evidence.size().usage == 6


def test_a_store_of_a_newer_version_is_left_alone(evidence: Evidence) -> None:
    with sqlite3.connect(evidence.path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreError) as refused:
        open_evidence(evidence.path)
    assert refused.value.code == "evidence-newer"
    assert refused.value.hint == "Upgrade counterfoil; nothing was changed."


def test_a_damaged_store_is_named_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "evidence.db"
    path.write_bytes(b"no database" * 1_000)
    with pytest.raises(StoreError) as refused:
        open_evidence(str(path))
    assert refused.value.code == "evidence-broken"
    assert path.read_bytes().startswith(b"no database")


def test_a_damaged_memory_is_an_error_with_a_hint(evidence: Evidence, reading: Make) -> None:
    evidence.remember(reading())
    with sqlite3.connect(evidence.path) as db:
        db.execute("UPDATE session SET memory = substr(memory, 1, 40)")
    db.close()
    with pytest.raises(StoreError) as refused:
        evidence.recall(SOURCE)
    assert refused.value.code == "evidence-broken"


def test_the_state_is_unsure_once_another_process_wrote(evidence: Evidence, reading: Make) -> None:
    evidence.remember(reading(("s0",)))
    assert evidence.state()
    with open_evidence(evidence.path) as other:
        assert other.state() == evidence.state()
        other.remember(reading(("s1",)))
        assert other.state()
    assert evidence.state() is None
