"""Every engine and the lake: rows merge by key, late ones wait, nothing acknowledged is lost."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.store.engine import DuckEngine, Engine
from counterfoil.store.lake import Appended, Lake
from counterfoil.terms.absent import Unknown
from counterfoil.terms.batch import batches
from counterfoil.terms.error import StoreError
from counterfoil.terms.ids import MicroUsd, Pseudonym, UnitId
from counterfoil.terms.organisation import Membership, Person, Unit, UsageDay, WorkFate
from counterfoil.terms.period import Block, Period
from store.conftest import RegistryOf

MONDAY = date(2026, 9, 7)
WEEK = Period.parse("2026-W37")
ALL = {"tool": None, "model": None, "trigger": None}


@pytest.fixture(params=[DuckEngine], ids=["duckdb"])
def lake(request: pytest.FixtureRequest, tmp_path: Path, registry_of: RegistryOf) -> Iterator[Lake]:
    """A lake to write to, on each engine, with its registry on each database."""
    engine: Engine = request.param()
    registry_of(tmp_path)
    with Lake(tmp_path, write=True, engine=engine) as opened:
        yield opened


def usage(who: str = "ann", day: date = MONDAY, *, output: int = 10, **changes: Any) -> UsageDay:
    plain = UsageDay(
        who=Pseudonym(who), day=day, tool="claude-code", model="opus", trigger="human", credential="person",
        workload="", requests=2, input_uncached=5, cache_read=0, cache_write=0, output=output,
        cost=MicroUsd(7),
    )  # fmt: skip
    return replace(plain, **changes)


def put(lake: Lake, *rows: Any) -> Appended:
    nouns: dict[type, list[Any]] = {}
    for row in rows:
        nouns.setdefault(type(row), []).append(row)
    told = lake.append(batch for noun, mine in nouns.items() for batch in batches(noun, mine))
    return sum(told.values(), Appended())


def sums(lake: Lake, period: Period = WEEK, **chosen: str) -> dict[str, dict[str, int]]:
    found = lake.run("usage", ["usage_day"], {"since": period.since, "until": period.until, **ALL, **chosen})
    names = [name for name in found if name != "who"]
    return {who: {name: int(found[name][place]) for name in names} for place, who in enumerate(found["who"])}


def tokens(lake: Lake, period: Period = WEEK, **chosen: str) -> dict[str, int]:
    return {who: told["tokens"] for who, told in sums(lake, period, **chosen).items()}


def test_reading_twice_adds_nothing_and_the_later_row_holds(lake: Lake) -> None:
    assert put(lake, usage(), usage("ben")) == Appended(new=2)
    assert put(lake, usage(), usage("ben", output=20)) == Appended(same=1, changed=1)
    assert tokens(lake) == {"ann": 15, "ben": 25}
    assert put(lake, usage(output=1), usage(output=2)) == Appended(changed=1)
    assert tokens(lake)["ann"] == 7


def test_only_what_a_person_set_off_makes_them_active(lake: Lake) -> None:
    put(
        lake,
        usage("cron", trigger="schedule"),
        usage("agent", trigger="agent"),
        usage("ann"),
        usage("idle", requests=0),
    )
    assert {who: told["active"] for who, told in sums(lake).items()} == {
        "cron": 0, "agent": 0, "ann": 1, "idle": 0,
    }  # fmt: skip


def test_an_unknown_cost_is_counted_and_never_free(lake: Lake) -> None:
    put(lake, usage("ann", cost=Unknown("not stated")), usage("ann", model="sonnet"))
    assert sums(lake)["ann"] | {"tokens": 0} == {
        "tokens": 0, "cost": 7, "unpriced": 2, "requests": 4, "active": 1,
    }  # fmt: skip


def test_a_period_has_its_days_and_no_others(lake: Lake) -> None:
    days = [MONDAY + timedelta(days=n) for n in (-1, 0, 6, 7)]
    put(lake, *[usage(day=day, output=10**place) for place, day in enumerate(days)])
    assert tokens(lake)["ann"] == 10 + 100 + 2 * 5
    assert tokens(lake, model="nothing") == {}
    assert tokens(lake, model="opus") == tokens(lake)


def test_late_rows_wait_until_they_are_taken_in(lake: Lake) -> None:
    put(lake, usage(), usage("ben"))
    with lake.registry.change() as change:
        change.seal("usage_day", WEEK.weeks())
    assert put(
        lake, usage("ben", output=99), usage("cy"), usage(), usage("dee", MONDAY + timedelta(7))
    ) == Appended(new=1, same=1, late=2)
    assert tokens(lake) == {"ann": 15, "ben": 15}
    assert sorted(lake.late_people("usage_day", WEEK.weeks())) == ["ben", "cy"]
    assert not len(lake.late_people("usage_day", Period.parse("2026-W38").weeks()))
    lake.restate("usage_day", "2026-B10")
    assert tokens(lake) == {"ann": 15, "ben": 104, "cy": 15}
    assert lake.restate("usage_day", "2026-B10") == Appended()
    assert not len(lake.late_people("usage_day", WEEK.weeks()))
    assert lake.check() == []


def test_work_counts_as_kept_for_thirty_days(lake: Lake) -> None:
    ends: list[date | Unknown] = [Unknown("stands"), *(MONDAY + timedelta(days=n) for n in (30, 31, 0))]
    rows = [
        WorkFate(who=Pseudonym("ann"), kind="change", work=str(n), landed=MONDAY, undone=undone)
        for n, undone in enumerate(ends)
    ]
    put(lake, *rows)
    found = lake.run("work", ["work_fate"], {"since": WEEK.since, "until": WEEK.until, "kind": None})
    assert (found["landed"].tolist(), found["kept"].tolist()) == ([4], [2])


def test_members_are_those_who_were_there_that_day(lake: Lake) -> None:
    ann, ben, cy = (
        Person(who=Pseudonym(who), role="engineering", joined=date(2020, 1, 1))
        for who in ("ann", "ben", "cy")
    )
    put(
        lake,
        ann,
        replace(ben, left=MONDAY),
        replace(cy, joined=MONDAY),
        Person(who=Pseudonym("dee"), role="office", joined=MONDAY + timedelta(1)),
        Membership(who=ann.who, unit=UnitId("old"), since=date(2020, 1, 1), until=MONDAY),
        Membership(who=ann.who, unit=UnitId("new"), since=MONDAY),
    )
    found = lake.run("members", ["person", "membership"], {"day": MONDAY})
    told = list(zip(*(found[name].tolist() for name in ("who", "role", "unit")), strict=True))
    assert told == [("ann", "engineering", "new"), ("cy", "engineering", "")]


def test_a_person_is_erased_from_every_file_and_every_byte(lake: Lake, tmp_path: Path) -> None:
    secret = "zzzz-pseudonym-zzzz"
    put(
        lake,
        usage(secret),
        usage("ann"),
        usage(secret, MONDAY + timedelta(weeks=5)),
        Person(who=Pseudonym(secret), role="office", joined=MONDAY),
        WorkFate(who=Pseudonym(secret), kind="change", work="1", landed=MONDAY),
        WorkFate(who=Pseudonym("ann"), kind="change", work="2", landed=MONDAY),
        Unit(unit=UnitId("one"), lead=Pseudonym(secret)),
        Unit(unit=UnitId("two"), lead=Pseudonym("ann")),
    )
    assert {name: len(rows["who"]) for name, rows in lake.rows_of(secret).items() if len(rows["who"])} == {
        "person": 1, "usage_day": 2, "work_fate": 1,
    }  # fmt: skip
    assert lake.without(secret) == 5
    assert all(not len(rows["who"]) for rows in lake.rows_of(secret).values())
    assert tokens(lake) == {"ann": 15}
    assert lake.check() == []
    with duckdb.connect() as db:
        for path in (tmp_path / "lake").rglob("*.parquet"):
            assert secret not in str(db.read_parquet(str(path)).fetchall())
        (unit,) = (tmp_path / "lake" / "unit").iterdir()
        assert sorted(db.read_parquet(str(unit)).fetchall()) == [("one", None, None), ("two", None, "ann")]


def test_one_process_writes(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="only one can write it"):
        Lake(tmp_path, write=True)
    put(lake, usage())
    with Lake(tmp_path) as reader:
        assert tokens(reader) == {"ann": 15}


def test_what_is_altered_or_gone_is_found(lake: Lake, tmp_path: Path) -> None:
    put(lake, usage(), Person(who=Pseudonym("ann"), role="office", joined=MONDAY))
    (person,), (days,) = ((tmp_path / "lake" / name).iterdir() for name in ("person", "usage_day"))
    person.write_bytes(person.read_bytes() + b"x")
    days.unlink()
    assert sorted(lake.check()) == [f"person/{person.name} was altered", f"usage_day/{days.name} is gone"]
    with pytest.raises(StoreError, match="can't be read"):
        tokens(lake)


def test_a_registry_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    with Lake(tmp_path, write=True) as lake, lake.registry.change() as change:
        from counterfoil.store.shape import STATE

        change.db.execute(STATE.update().values(value="2"))
    with pytest.raises(StoreError, match="version 2"):
        Lake(tmp_path)


def test_a_folder_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="No such file"):
        Lake(tmp_path / "nowhere", write=True)
    (tmp_path / "registry.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match="registry can't be used"):
        Lake(tmp_path)


DYING = """
import os, sys
from pathlib import Path
import counterfoil.store.lake as lake
from store.test_lake import MONDAY, put, usage
step, at = sys.argv[2], 0
def dying(real):
    def call(*arguments, **named):
        global at
        at += 1
        if at == int(step):
            os._exit(9)
        return real(*arguments, **named)
    return call
for owner, name in ((lake, "sync_file"), (lake.Path, "unlink"), (lake, "let_go"), (lake.Lake, "_take"),
                    (lake.Staged, "write"), (lake.Staged, "add"), (lake.shutil, "rmtree")):
    setattr(owner, name, staticmethod(dying(getattr(owner, name))) if owner is lake.Staged and name == "write"
            else dying(getattr(owner, name)))
with lake.Lake(Path(sys.argv[1]), write=True) as opened:
    put(opened, usage("ann", output=100), usage("ben", MONDAY.replace(month=10)))
print("done")
"""


def died(folder: Path, step: int) -> bool:
    paths = [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    done = subprocess.run(
        [sys.executable, "-c", DYING, str(folder), str(step)], capture_output=True, text=True, env=environment
    )
    assert done.returncode in (0, 9), done.stderr
    return done.returncode == 9


def test_an_append_is_there_whole_or_not_at_all_wherever_it_is_killed(tmp_path: Path) -> None:
    """Killed at each call that touches the disk, in turn; each row ends in full verification."""
    step, seen = 1, set()
    while True:
        folder = tmp_path / str(step)
        folder.mkdir()
        with Lake(folder, write=True) as before:
            put(before, usage("ann"))
        ended = not died(folder, step)
        with Lake(folder, write=True) as after:
            october = tokens(after, Period.parse("2026-10"))
            told = (tokens(after)["ann"], october.get("ben", 0))
            assert told in {(15, 0), (105, 15)}
            assert after.check() == []
            files = {str(path.relative_to(folder / "lake")) for path in (folder / "lake").rglob("*.parquet")}
            assert files == after.registry.files()
        seen.add(told)
        if ended:
            break
        step += 1
    assert told == (105, 15)
    assert len(seen) == 2
    assert step > 8


rows = st.builds(
    usage,
    st.sampled_from(["ann", "ben", "cy"]),
    st.integers(0, 60).map(lambda n: MONDAY + timedelta(days=n)),
    output=st.integers(0, 50),
)


@settings(max_examples=25, deadline=None)
@given(appends=st.lists(st.lists(rows, min_size=1, max_size=8), min_size=1, max_size=4))
def test_any_appends_come_to_the_last_row_of_each_key(
    appends: Sequence[Sequence[UsageDay]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    last: dict[tuple[str, date], UsageDay] = {}
    with Lake(tmp_path_factory.mktemp("lake"), write=True) as lake:
        for some in appends:
            before = dict(last)
            last |= {(row.who, row.day): row for row in some}
            told = put(lake, *some)
            assert told.new == len(last) - len(before)
            assert told.changed == sum(last[key] != row for key, row in before.items())
        for week in {day - timedelta(days=day.weekday()) for _, day in last}:
            period = Period("w", WEEK.span, week, week + timedelta(days=7))
            wanted: dict[str, int] = {}
            for (who, day), row in last.items():
                if period.since <= day < period.until:
                    wanted[who] = wanted.get(who, 0) + row.output + row.input_uncached
            assert tokens(lake, period) == wanted
        assert {Block.of(day) for _, day in last} == {
            Block(int(p.block[:4]), int(p.block[-2:])) for p in lake.registry.parts("usage_day")
        }
