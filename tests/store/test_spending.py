"""What became of the spend: its parts are all of it, however it is split, joined late or counted again."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.store.engine import FACTS
from counterfoil.store.lake import Appended, Lake
from counterfoil.store.spending import READ, recount
from counterfoil.store.tables import BY_NAME
from counterfoil.terms.absent import Unknown
from counterfoil.terms.arrived import Joined, SessionCost
from counterfoil.terms.batch import batches
from counterfoil.terms.delivered import Landing, PushedMark
from counterfoil.terms.ids import CommitId, MicroUsd, Pseudonym
from counterfoil.terms.organisation import STILL_STANDS, UsageDay, WorkFate
from counterfoil.terms.period import Period

TODAY = date(2026, 11, 25)
DAY = date(2026, 10, 5)
FATES = ("standing", "undone", "not_landed", "too_young", "not_examined", "unknown")
ANN, BEN = Pseudonym("ann"), Pseudonym("ben")
SHOP, SITE = "forge.test/acme/shop", "forge.test/acme/site"
Row = Mapping[str, Any]


def sha(number: int) -> CommitId:
    return CommitId(f"{number:07x}".ljust(40, "e"))


@dataclass
class World:
    """Sessions, the changes that they made, and what became of those."""

    spent: list[tuple[Pseudonym, date, int, int]] = field(default_factory=list)
    """Who, when, session, micro-dollars."""
    joins: list[Joined] = field(default_factory=list)
    landings: list[Landing] = field(default_factory=list)
    fates: list[WorkFate] = field(default_factory=list)
    marks: list[PushedMark] = field(default_factory=list)
    elsewhere: int = 0
    """What a day costs that no session tells of."""

    def session(self, number: int, cost: int, *, who: Pseudonym = ANN, day: date = DAY) -> None:
        self.spent.append((who, day, number, cost))

    def join(
        self, session: int, commit: str, *, who: Pseudonym = ANN, repository: str = SHOP, path: str = "event"
    ) -> None:
        self.joins.append(
            Joined(
                day=DAY,
                session=session,
                repository=repository,
                commit=commit,
                who=who,
                tool="claude-code",
                path=path,
            )
        )

    def mark(
        self,
        head: CommitId,
        *,
        who: Pseudonym = ANN,
        day: date = DAY,
        tool: str = "claude-code",
        repository: str = SHOP,
        session: int = 0,
    ) -> None:
        self.marks.append(
            PushedMark(
                day=day,
                who=who,
                tool=tool,
                repository=repository,
                commit=head,
                head=head,
                evidence=2,
                session=session,
            )
        )

    def land(
        self,
        commit: CommitId,
        work: str,
        *,
        day: date = DAY,
        undone: date | Unknown = STILL_STANDS,
        repository: str = SHOP,
    ) -> None:
        self.landings.append(Landing(repository=repository, commit=commit, work=work, day=day))
        if not any(fate.work == work for fate in self.fates):
            self.fates.append(WorkFate(who=BEN, kind="change", work=work, landed=day, undone=undone))

    def rows(self) -> Iterator[Any]:
        days: dict[tuple[Pseudonym, date], int] = defaultdict(int)
        for who, day, number, cost in self.spent:
            yield SessionCost(
                day=day, who=who, tool="claude-code", session=number, requests=1, unpriced=0,
                cost=MicroUsd(cost),
            )  # fmt: skip
            days[who, day] += cost
        for (who, day), cost in days.items():
            yield UsageDay(
                who=who, day=day, tool="claude-code", model="m", trigger="human", credential="", workload="",
                requests=2, input_uncached=1, cache_read=0, cache_write=0, output=1,
                cost=MicroUsd(cost + self.elsewhere),
            )  # fmt: skip
        yield from (*self.joins, *self.marks, *self.landings, *self.fates)


@contextmanager
def lake_of(*rows: Any) -> Iterator[Lake]:
    with TemporaryDirectory() as place, Lake(Path(place), write=True) as lake:
        put(lake, rows)
        yield lake


def put(lake: Lake, rows: Sequence[Any]) -> None:
    nouns: dict[type, list[Any]] = defaultdict(list)
    for row in rows:
        nouns[type(row)].append(row)
    lake.append(batch for noun, mine in nouns.items() for batch in batches(noun, mine))


def told(lake: Lake, *, today: date = TODAY, count: bool = True) -> Mapping[str, Row]:
    """Each person's parts, of all days."""
    if count:
        recount(lake, today)
    values = {"since": DAY - timedelta(days=400), "until": today + timedelta(days=1), "path": None}
    columns = lake.run("spend", ["spend"], values)
    names = list(columns)
    rows = [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    for row in rows:
        assert sum(row[name] for name in FATES) == row["cost"]
    return {str(row["who"]): row for row in rows}


def counted(world: World) -> Mapping[str, Row]:
    """Each person's parts as the query alone counts them, of tables in memory."""
    query = (FACTS / "spend_counted.sql").read_text("utf-8")
    with duckdb.connect() as db:
        for name in READ:
            table = BY_NAME[name]
            columns = ", ".join(f'"{column}" {kind}' for column, kind in table.columns().items())
            db.execute(f"CREATE TABLE {name} ({columns})")
            rows = [row for row in world.rows() if type(row) is table.noun]
            if rows:
                places = ", ".join("?" * len(table.columns()))
                told = [[_stored(getattr(row, column)) for column in table.columns()] for row in rows]
                db.executemany(f"INSERT INTO {name} VALUES ({places})", told)
        found = db.execute(query, {"since": DAY, "today": TODAY, "told": ""}).fetchall()
    sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys((*FATES, "cost", "changes"), 0))
    for row in found:
        named = dict(zip(BY_NAME["spend"].columns(), row, strict=True))
        assert sum(named[name] for name in FATES) == named["cost"] >= 0
        for name in sums[named["who"]]:
            sums[named["who"]][name] += named[name]
    return sums


def _stored(value: Any) -> Any:
    return None if isinstance(value, Unknown) else value


def of(world: World) -> Row:
    return counted(world)["ann"]


def test_each_fate_gets_what_its_session_cost() -> None:
    world = World(elsewhere=1_000_000)
    week = timedelta(days=7)
    world.land(sha(1), "w1")
    world.land(sha(2), "w2", undone=DAY + week)
    world.land(sha(3), "w3", day=TODAY - week)
    world.land(sha(9), "w9", undone=DAY + timedelta(days=31))
    for number in (1, 2, 3, 9):
        world.join(number, sha(number)[:9])
    world.join(4, sha(4))
    world.join(5, sha(5), repository=SITE)
    for number in (1, 2, 3, 4, 5, 6, 9):
        world.session(number, 10**number)
    row = of(world)
    assert {name: row[name] for name in FATES} == {
        "standing": 10 + 10**9, "undone": 100, "too_young": 1_000, "not_landed": 10_000,
        "not_examined": 100_000, "unknown": 2_000_000,
    }  # fmt: skip
    assert row["changes"] == 2


def test_a_session_is_split_over_its_changes_to_the_micro_dollar() -> None:
    world = World()
    world.session(1, 11)
    for number in (1, 2, 3):
        world.land(sha(number), f"w{number}", undone=DAY if number == 1 else STILL_STANDS)
        world.join(1, sha(number))
    row = of(world)
    assert (row["undone"], row["standing"]) == (4, 7)


def test_a_commit_without_a_repository_is_one_that_no_two_have() -> None:
    world = World()
    world.session(1, 10)
    world.join(1, sha(1)[:7], repository="")
    world.land(sha(1), "w1")
    assert of(world)["standing"] == 10
    world.land(CommitId(sha(1)[:-1] + "f"), "w2", repository=SITE)
    row = of(world)
    assert (row["standing"], row["not_examined"]) == (0, 10)


def test_nobody_else_can_claim_what_somebody_spent() -> None:
    world = World()
    world.session(1, 10)
    world.session(2, 10, who=BEN)
    world.land(sha(1), "w1")
    world.join(1, sha(1), who=BEN)
    assert of(world)["unknown"] == 10


def test_a_session_without_a_name_is_joined_to_nothing() -> None:
    world = World()
    world.session(0, 10)
    world.land(sha(1), "w1")
    world.join(0, sha(1))
    assert of(world)["unknown"] == 10


def test_a_change_of_several_sessions_counts_once_on_the_first_of_their_days() -> None:
    world = World()
    world.session(1, 10, who=BEN, day=DAY + timedelta(days=1))
    world.session(2, 20)
    world.session(2, 30, day=DAY + timedelta(days=3))
    world.land(sha(1), "w1")
    world.join(1, sha(1), who=BEN)
    world.join(2, sha(1))
    rows = counted(world)
    assert {who: (row["changes"], row["standing"]) for who, row in rows.items()} == {
        "ann": (1, 50), "ben": (0, 10),
    }  # fmt: skip


def test_a_join_that_comes_late_moves_the_spend_and_does_not_double_it() -> None:
    world = World(elsewhere=5)
    world.session(1, 100)
    world.session(2, 50)
    world.land(sha(1), "w1")
    with lake_of(*world.rows()) as lake:
        before = told(lake)["ann"]
        assert before["unknown"] == 155
        world.join(1, sha(1), path="shared")
        put(lake, world.joins)
        after = told(lake)["ann"]
        assert (after["standing"], after["unknown"], after["cost"]) == (100, 55, 155)
        world.join(1, sha(1)[:8])
        put(lake, world.joins)
        assert told(lake)["ann"] == after
        assert recount(lake, TODAY).changed == 0
        (paths,) = lake.run("spend_values", ["spend"], {"since": DAY, "until": TODAY}).values()
        assert set(paths.tolist()) == {"event", "shared"}


def test_what_was_told_stays_and_moves_only_with_the_cost_itself() -> None:
    world = World()
    world.session(1, 100)
    world.session(2, 70, who=BEN)
    world.land(sha(1), "w1", day=TODAY - timedelta(days=15))
    world.join(1, sha(1))
    with lake_of(*world.rows()) as lake:
        assert told(lake)["ann"]["too_young"] == 100
        with lake.registry.change() as change:
            change.seal("spend", Period.parse("2026-W41").weeks())
        later = recount(lake, TODAY + timedelta(days=20))
        assert (later.new, later.changed, later.late) == (0, 0, 0)
        more = World()
        more.session(2, 90, who=BEN)
        put(lake, list(more.rows()))
        later = recount(lake, TODAY + timedelta(days=20))
        assert (later.new, later.changed, later.late) == (0, 0, 1)
        assert told(lake, count=False)["ben"]["cost"] == 70
        lake.restate("spend", "2026-B11")
        assert told(lake, count=False)["ben"]["cost"] == 90


def test_fates_are_followed_when_rows_of_use_are_gone_already() -> None:
    world = World(elsewhere=9)
    world.session(1, 100)
    world.land(sha(1), "w1", day=TODAY - timedelta(days=15))
    world.join(1, sha(1))
    with lake_of(*world.rows()) as lake:
        before = told(lake)["ann"]
        for part in lake.registry.parts("usage_day"):
            lake.retire(part)
        after = told(lake, today=TODAY + timedelta(days=20))["ann"]
    assert (before["too_young"], after["standing"]) == (100, 100)
    assert (after["cost"], after["unknown"], after["requests"]) == (109, 9, before["requests"])


def test_sessions_of_which_the_day_knows_less_have_no_more_than_the_day() -> None:
    world = World()
    for number in (1, 2):
        world.session(number, 100 * number)
        world.land(sha(number), f"w{number}")
        world.join(number, sha(number))
    rows = [replace(r, cost=MicroUsd(31)) if isinstance(r, UsageDay) else r for r in world.rows()]
    with lake_of(*rows) as lake:
        row = told(lake)["ann"]
    assert (row["standing"], row["unknown"], row["cost"]) == (30, 1, 31)


worlds = st.fixed_dictionaries(
    {
        "spent": st.lists(
            st.tuples(
                st.sampled_from([ANN, BEN]),
                st.integers(0, 40).map(lambda n: DAY + timedelta(days=n)),
                st.integers(0, 4),
                st.integers(0, 10**7),
            ),
            max_size=8,
            unique_by=lambda row: row[:3],
        ),
        "joins": st.lists(
            st.tuples(
                st.sampled_from([ANN, BEN]),
                st.integers(0, 4),
                st.integers(1, 4),
                st.sampled_from(["", SHOP, SITE]),
                st.sampled_from(["event", "span", "shared"]),
                st.integers(7, 40),
            ),
            max_size=8,
            unique_by=lambda row: (row[1], row[3], row[2], row[5]),
        ),
        "lands": st.lists(
            st.tuples(
                st.integers(1, 4),
                st.integers(1, 3),
                st.sampled_from([SHOP, SITE]),
                st.integers(0, 45),
                st.none() | st.integers(0, 40),
            ),
            max_size=5,
            unique_by=lambda row: (row[0], row[2]),
        ),
        "elsewhere": st.integers(0, 10**6),
    }
)


def world_of(drawn: dict[str, Any]) -> World:
    world = World(spent=list(drawn["spent"]), elsewhere=drawn["elsewhere"])
    for who, session, commit, repository, path, length in drawn["joins"]:
        world.join(session, sha(commit)[:length], who=who, repository=repository, path=path)
    for commit, work, repository, after, undone in drawn["lands"]:
        day = DAY + timedelta(days=after)
        gone = STILL_STANDS if undone is None else day + timedelta(days=undone)
        world.land(sha(commit), f"w{work}", day=day, undone=gone, repository=repository)
    return world


def expected(world: World) -> Mapping[str, Mapping[str, int]]:
    """The same, worked out one session after the other."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(FATES, 0))
    forges = {landing.repository for landing in world.landings}
    fates = {fate.work: fate for fate in world.fates}
    for who, _, number, cost in world.spent:
        mine = [j for j in world.joins if j.session == number and number and j.who == who]
        works: set[str] = set()
        for join in mine:
            hits = [
                land
                for land in world.landings
                if land.commit.startswith(join.commit) and join.repository in {"", land.repository}
            ]
            if len({land.repository for land in hits}) == 1:
                works |= {land.work for land in hits}
        names = [_fate(fates[work]) for work in sorted(works)]
        if mine and not works:
            names = ["not_landed" if any(join.repository in forges for join in mine) else "not_examined"]
        for place, name in enumerate(names or ["unknown"]):
            count = len(names) or 1
            found[who][name] += cost // count + (place < cost % count)
    for who, _ in {(who, day) for who, day, _, _ in world.spent}:
        found[who]["unknown"] += world.elsewhere
    return found


def _fate(fate: WorkFate) -> str:
    month = fate.landed + timedelta(days=30)
    if isinstance(fate.undone, date) and fate.undone <= month:
        return "undone"
    return "standing" if month <= TODAY else "too_young"


@settings(max_examples=25, deadline=None)
@given(worlds)
def test_the_parts_are_all_of_the_cost_and_those_that_one_works_out(drawn: dict[str, Any]) -> None:
    world = world_of(drawn)
    rows = counted(world)
    listed: dict[str, int] = defaultdict(int)
    for row in world.rows():
        if isinstance(row, UsageDay):
            listed[row.who] += int(str(row.cost))
    assert {who: row["cost"] for who, row in rows.items()} == listed
    assert {who: {n: row[n] for n in FATES} for who, row in rows.items()} == expected(world)
    standing = {fate.work for fate in world.fates if _fate(fate) == "standing"}
    assert sum(row["changes"] for row in rows.values()) <= len(standing)


@settings(max_examples=10, deadline=None)
@given(worlds, st.integers(2, 4))
def test_a_change_that_is_split_costs_what_it_cost(drawn: dict[str, Any], pieces: int) -> None:
    world = world_of(drawn | {"lands": [(1, 1, SHOP, 0, None)]})
    split = world_of(drawn | {"lands": []})
    split.joins = [replace(join, commit=join.commit[:39]) for join in split.joins]
    for piece in range(pieces):
        split.land(CommitId(sha(1)[:39] + str(piece)), f"w1 part {piece}")
    whole, parts = counted(world), counted(split)
    for who, row in whole.items():
        assert {n: row[n] for n in (*FATES, "cost")} == {n: parts[who][n] for n in (*FATES, "cost")}


def test_nothing_comes_of_an_empty_lake() -> None:
    with lake_of() as lake:
        assert recount(lake, TODAY) == Appended()
        assert told(lake) == {}
