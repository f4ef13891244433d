"""What arrived is in the lake once: re-sent, repeated by parents, and told of by several signals at once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from counterfoil.store.batches import NUMBERS, SCHEMA, TEXTS, BatchLog, Waiting, frames
from counterfoil.store.compaction import compact
from counterfoil.store.lake import Lake
from counterfoil.terms.arrived import Rank
from counterfoil.terms.ids import PicoUsd
from counterfoil.terms.rate import Rate, Tier

DAY = date(2026, 11, 20)
MORNING = int(datetime(2026, 11, 20, 9, tzinfo=UTC).timestamp() * 1e6)
A_DAY = 86_400_000_000
PLAIN: dict[str, Any] = {
    **dict.fromkeys(TEXTS, ""), **dict.fromkeys(NUMBERS, 0), "at": MORNING, "rank": Rank.EVENT, "source": "s",
    "who": "w", "tool": "t", "model": "m", "trigger": "human", "session": "one", "requests": 1, "cost": -1,
    "reasoning": -1,
}  # fmt: skip


def batch(*rows: dict[str, Any]) -> Waiting:
    """Rows; what they have from the plain one stands there once."""
    full = [PLAIN | row for row in rows]
    told = {name for row in rows for name in row} | {"at"}
    return Waiting.of(
        {
            field.name: pa.array([row[field.name] for row in full], field.type)
            if field.name in told
            else PLAIN[field.name]
            for field in SCHEMA
        }
    )


@contextmanager
def place(folder: Path) -> Iterator[tuple[Lake, BatchLog]]:
    with Lake(folder, write=True) as lake, BatchLog(folder) as log:
        yield lake, log


def taken(folder: Path, *batches: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each batch, compacted one after the other, leaves of use by day; days of nothing left out."""
    with place(folder) as (lake, log):
        for rows in batches:
            log.append(batch(*rows))
            for segment in log.roll():
                compact(lake, segment)
        columns = lake.run("every_day", ["usage_day"], {})
    names = list(columns)
    found = [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return [row for row in found if row["requests"] or row["output"] or row["input_uncached"]]


@pytest.fixture(autouse=True)
def every_day(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A fact that shows the whole table, for these tests alone."""
    from counterfoil.store import engine

    folder = tmp_path / "facts"
    folder.mkdir()
    for path in engine.FACTS.glob("*.sql"):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "every_day.sql").write_text("SELECT * FROM usage_day ORDER BY day, who, tool, model, trigger")
    (folder / "every_session.sql").write_text(
        "SELECT session, requests, unpriced, cost FROM session_cost ORDER BY ALL"
    )
    monkeypatch.setattr(engine, "FACTS", folder)


def test_the_same_request_is_counted_once_however_often_it_comes(tmp_path: Path) -> None:
    rows = [{"key": "a", "output": 5}, {"key": "b", "output": 7}]
    (row,) = taken(tmp_path, rows, rows, [rows[0], {"key": "c", "output": 1}])
    assert (row["requests"], row["output"]) == (3, 13)


def test_of_one_session_the_nearest_signal_counts(tmp_path: Path) -> None:
    event = {"key": "a", "output": 5}
    metric = {"key": "m", "rank": Rank.METRIC, "requests": 0, "output": 5}
    other = {"key": "n", "rank": Rank.METRIC, "requests": 0, "output": 9, "session": "another"}
    (row,) = taken(tmp_path / "", [event, metric, other])
    assert row["output"] == 14


def test_a_metric_that_came_first_gives_way_to_the_events_that_come_after(tmp_path: Path) -> None:
    metric = {"key": "m", "rank": Rank.METRIC, "requests": 0, "output": 5, "model": "as the metric says"}
    (row,) = taken(tmp_path, [metric], [{"key": "a", "output": 5}])
    assert (row["output"], row["model"]) == (5, "m")


def test_a_metric_without_a_session_stands_in_where_nothing_nearer_tells_of_the_day(tmp_path: Path) -> None:
    metric = {"key": "m", "rank": Rank.METRIC, "session": "", "requests": 2, "output": 5}
    rows = taken(tmp_path, [metric, metric | {"key": "n", "who": "v"}, {"key": "a", "output": 4}])
    assert [(row["who"], row["output"]) for row in rows] == [("v", 5), ("w", 4)]


def test_a_parent_that_repeats_its_children_is_not_counted_and_stands_in_without_them(tmp_path: Path) -> None:
    child = {"key": "a", "rank": Rank.SPAN, "session": "conversation", "trace": "t1", "output": 4}
    parent = {"key": "p", "rank": Rank.AGENT_SPAN, "session": "t1", "trace": "t1", "output": 4}
    alone = {"key": "q", "rank": Rank.AGENT_SPAN, "session": "t2", "trace": "t2", "output": 6}
    (row,) = taken(tmp_path, [parent, child, alone])
    assert (row["requests"], row["output"]) == (2, 10)


def test_a_running_count_is_its_growth_day_by_day(tmp_path: Path) -> None:
    def running(value: int, *, day: int = 0) -> dict[str, Any]:
        return {
            "rank": Rank.METRIC, "session": "", "requests": 0, "output": value, "began": MORNING,
            "key": f"series {MORNING} {day}", "at": MORNING + day * A_DAY,
        }  # fmt: skip

    rows = taken(tmp_path, [running(5)], [running(9)], [running(9), running(7)], [running(12, day=1)])
    assert [(row["day"].item().date(), row["output"]) for row in rows] == [(DAY, 9), (date(2026, 11, 21), 3)]


def test_costs_that_nobody_stated_are_absent_and_not_nothing(tmp_path: Path) -> None:
    rows = taken(tmp_path, [{"key": "a", "output": 1}, {"key": "b", "output": 1, "model": "n", "cost": 7}])
    assert [row["cost"] for row in rows] == [None, 7]


def test_rows_of_the_erased_go_no_further(tmp_path: Path) -> None:
    with place(tmp_path) as (lake, log):
        log.append(batch({"key": "a", "output": 1}, {"key": "b", "who": "v", "output": 2}))
        for segment in log.roll():
            compact(lake, segment, gone={"w"})
        assert lake.run("every_day", ["usage_day"], {})["who"].tolist() == ["v"]


def test_the_lake_has_days_and_hours_and_no_text_of_an_id(tmp_path: Path) -> None:
    with place(tmp_path) as (lake, log):
        log.append(batch({"key": "req_SECRET", "session": "SECRET-session", "trace": "SECRET", "output": 1}))
        for segment in log.roll():
            compact(lake, segment)
        assert log.waiting == 0
    assert not any(b"SECRET" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_frame_has_nothing_of_what_stands_beside_its_rows_in_memory(tmp_path: Path) -> None:
    key = pa.array(["SECRET", "a", "SECRET"]).slice(1, 1)
    with BatchLog(tmp_path) as log:
        log.append(Waiting.of({**PLAIN, "at": pa.array([MORNING]), "key": key}))
        (segment,) = log.roll()
    assert [rows.column("key").to_pylist() for rows in frames(segment)] == [["a"]]
    assert b"SECRET" not in segment.read_bytes()


def test_a_frame_that_was_damaged_costs_itself_and_none_after_it(tmp_path: Path) -> None:
    with BatchLog(tmp_path) as log:
        for key in "abc":
            log.append(batch({"key": key}))
        (segment,) = log.roll()
    whole = bytearray(segment.read_bytes())
    whole[len(whole) // 2] ^= 0xFF
    segment.write_bytes(whole)
    assert [b.column("key").to_pylist() for b in frames(segment)] == [["a"], ["c"]]


def test_a_frame_that_is_half_written_was_never_there(tmp_path: Path) -> None:
    with BatchLog(tmp_path) as log:
        log.append(batch({"key": "a"}))
        log.append(batch({"key": "b"}))
        (segment,) = log.roll()
    whole = segment.read_bytes()
    ends = [sum(len(b) for b in frames(segment))]
    for cut in range(len(whole)):
        segment.write_bytes(whole[:cut])
        ends.append(sum(len(b) for b in frames(segment)))
    assert sorted(set(ends)) == [0, 1, 2]
    assert ends[1:] == sorted(ends[1:])


def prices(wanted: Iterable[tuple[str, str, str]]) -> Mapping[tuple[str, str], Rate]:
    """Two tiers of one model, and nothing of any other."""
    low, high = (
        Tier(
            over=over,
            input_uncached=PicoUsd(times * 1_250_000),
            cache_read=PicoUsd(times * 125_000),
            cache_write=PicoUsd(times * 1_250_000),
            cache_write_1h=PicoUsd(times * 1_250_000),
            output=PicoUsd(times * 10_000_000),
        )
        for over, times in ((0, 1), (200_000, 2))
    )
    return {(model, day): Rate(tiers=(low, high)) for _, model, day in wanted if model == "listed"}


def costs(folder: Path, *rows: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """What each day and each session cost, with the list prices at hand."""
    with place(folder) as (lake, log):
        for row in rows:
            log.append(batch(row))
            for segment in log.roll():
                compact(lake, segment, rates=prices)
        found = lake.run("every_day", ["usage_day"], {})["cost"].tolist()
        sessions = lake.run("every_session", ["session_cost"], {})
        return found, list(zip(*(c.tolist() for c in sessions.values()), strict=True))


def test_what_states_no_cost_has_its_list_price_and_an_unknown_model_none(tmp_path: Path) -> None:
    short = {"key": "a", "model": "listed", "input_uncached": 199_000, "cache_read": 1_000, "output": 100}
    long = {"key": "b", "model": "listed", "input_uncached": 200_000, "cache_read": 1, "output": 100}
    strange = {"key": "c", "model": "strange", "output": 5}
    found, sessions = costs(tmp_path, short, long, strange)
    assert found == [248_750 + 125 + 1_000 + 500_000 + 2_000, None]
    assert [row[1:] for row in sessions] == [(3, 1, 751_875)]


def test_what_a_source_states_is_never_priced_again(tmp_path: Path) -> None:
    tokens = {"key": "t", "rank": Rank.METRIC, "requests": 0, "model": "listed", "output": 50}
    cost = {"key": "c", "rank": Rank.METRIC, "requests": 0, "model": "other", "cost": 7}
    found, sessions = costs(tmp_path, tokens, cost)
    assert (found, [row[3] for row in sessions]) == ([None, 7], [7])


def test_a_session_that_is_no_longer_told_of_costs_nothing(tmp_path: Path) -> None:
    metric = {"key": "m", "rank": Rank.METRIC, "session": "", "requests": 2, "cost": 5}
    found, sessions = costs(tmp_path, metric, {"key": "a", "output": 4, "cost": 9})
    assert sum(found) == 9
    assert sorted(row[1:] for row in sessions) == [(0, 0, 0), (1, 0, 9)]
