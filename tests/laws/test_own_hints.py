"""What somebody may want to look at in their own rows: no other door has it, and nothing keeps it."""

import ast
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from hypothesis import given, settings
from hypothesis import strategies as st

from app.standing import Standing, standing
from counterfoil.app.server.site import MACHINES, PAGES
from counterfoil.guard.hints import own_hints
from counterfoil.guard.person import own_record
from counterfoil.ledger.keyholder import Keyholder
from counterfoil.terms.arrived import KeptUsage
from counterfoil.terms.ids import Pseudonym
from counterfoil.terms.record import OwnRecord
from counterfoil.terms.release import Released
from guard.organisation import MONDAY, put, usage

SRC = Path(__file__).parents[2] / "src" / "counterfoil"
SAID = ("runaway", "exactly the same size", "your use was one request")
MINE, OTHER = 3, 4


def request(who: Pseudonym, n: int, *, day: date = MONDAY, band: int = 1, **changes: object) -> KeptUsage:
    fields = {
        "day": day, "key": n, "band": band, "who": who, "claimed": 0, "source": "s", "rank": 1, "tool": "t",
        "model": "m", "trigger": "", "credential": "", "workload": "", "session": 7, "trace": 0, "series": 0,
        "requests": 1, "input_uncached": 900 + n, "cache_read": 0, "cache_write": 0, "output": 5, **changes,
    }  # fmt: skip
    return KeptUsage(**fields)  # type: ignore[arg-type]


def told(*rows: KeptUsage) -> list[str]:
    return list(own_hints({"usage": [
        {name: str(getattr(row, name)) for name in row.__slots__} for row in rows
    ]}))  # fmt: skip


ME = Pseudonym("me")


def run(bands: list[int], many: int = 200, **changes: object) -> list[KeptUsage]:
    """A session over some parts of days, counted from the first Monday."""
    found = []
    for n in range(many):
        day, band = divmod(bands[n % len(bands)], 4)
        found.append(request(ME, n, day=MONDAY + timedelta(days=day), band=band, **changes))
    return found


def test_a_session_that_goes_on_through_a_night_by_itself_is_worth_a_look() -> None:
    (hint,) = told(*run([2, 3, 4]))
    assert "looked runaway on one night (from 2026-09-07)" in hint and "nobody else is told" in hint
    more = run([2, 3, 4]) + run([30, 31, 32], session=8)
    assert "on 2 nights (from 2026-09-14, 2026-09-07)" in told(*more)[0]


@pytest.mark.parametrize(
    "rows",
    [
        run([2, 3]),
        run([2, 3, 5, 6]),
        run([2, 3, 4], many=199),
        [*run([2, 3, 4]), request(ME, 999, trigger="human")],
        run([2, 3, 4], session=0),
    ],
    ids=["short", "with a pause", "few", "asked by somebody", "of no session"],
)
def test_what_is_not_long_many_or_by_itself_is_not(rows: list[KeptUsage]) -> None:
    assert told(*rows) == []


def test_requests_of_one_size_and_days_of_one_request_are_worth_a_look() -> None:
    (hint,) = told(*run([1], many=50, input_uncached=1_000))
    assert hint.startswith("On one day (last 2026-09-07) up to 50 of your requests")
    assert told(*run([1], many=49, input_uncached=1_000)) == []
    days = [{"day": f"2026-09-{n:02d}", "requests": "1", "trigger": "human", "cost": "1"} for n in (7, 8, 9)]
    (hint,) = own_hints({"usage_day": days})
    assert hint.startswith("On 3 days your use was one request (last 2026-09-09, 2026-09-08, 2026-09-07).")
    assert list(own_hints({"usage_day": [*days[:2], {**days[2], "requests": "2"}]})) == []


@settings(max_examples=25)
@given(bands=st.lists(st.integers(0, 60), min_size=1, max_size=6), many=st.integers(1, 260))
def test_size_alone_is_never_a_hint(bands: list[int], many: int) -> None:
    """However much somebody asks, by hand and of any size, there is nothing to look at."""
    assert told(*run(bands, many=many, trigger="human", requests=10_000)) == []


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    with standing(tmp_path_factory.mktemp("hints")) as found:
        mine = found.who[MINE]
        rows = [
            request(mine, n, day=MONDAY + timedelta(days=(2 + n % 3) // 4), band=(2 + n % 3) % 4,
                    input_uncached=1_000)
            for n in range(240)
        ]  # fmt: skip
        put(found.g, *rows, *[usage(mine, day=MONDAY + timedelta(days=n), output=1) for n in range(4)])
        yield found


def own(stand: Standing, person: int) -> OwnRecord:
    assert isinstance(stand.g.keys, Keyholder)
    released = own_record(stand.g, stand.who[person], stand.g.keys.secret_of(f"p{person:05d}"))
    assert isinstance(released, Released)
    return released.answer


def test_they_are_in_ones_own_record_and_in_nobody_elses(stand: Standing) -> None:
    hints = " ".join(own(stand, MINE).hints)
    assert all(words in hints for words in SAID)
    assert not own(stand, OTHER).hints
    assert all(words in stand.inside(MINE).get("/me").text for words in SAID)


def test_no_other_page_or_program_has_them(stand: Standing) -> None:
    routes = {
        route.path
        for make in (*PAGES, *MACHINES)
        for route in make(stand.desk).routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    }
    assert {"/", "/me", "/units"} <= routes
    other, mine = stand.inside(OTHER), stand.inside(MINE)
    for path in sorted(routes):
        filled = path.replace("{table}", "usage")
        assert not [words for words in SAID if words in other.get(filled).text], path
        if path != "/me":
            assert not [words for words in SAID if words in mine.get(filled).text], path


def test_nothing_keeps_or_logs_them(stand: Standing) -> None:
    own(stand, MINE)
    files = [path for path in stand.g.lake.data.rglob("*") if path.is_file()]
    assert len(files) > 5
    for path in files:
        held = path.read_bytes()
        assert not [words for words in SAID if words.encode() in held], path
    assert not [n for n in range(len(stand.g.log)) if b"hint" in stand.g.log.entry(n)]


def test_they_are_worked_out_in_one_place_and_shown_by_one_door() -> None:
    def users(matches: object) -> set[str]:
        assert callable(matches)
        return {
            str(path.relative_to(SRC))
            for path in SRC.rglob("*.py")
            if any(matches(node) for node in ast.walk(ast.parse(path.read_text("utf-8"))))
        }

    def calls(name: str) -> object:
        return lambda node: isinstance(node, ast.Call) and getattr(node.func, "id", "") == name

    assert users(calls("own_hints")) == {"guard/person.py"}
    assert users(calls("OwnRecord")) == {"guard/person.py"}
    assert users(calls("own_record")) == {"app/own.py", "app/server/pages_record.py"}
    reads = users(lambda node: isinstance(node, ast.Attribute) and node.attr == "hints")
    assert reads == {"show/record.py", "show/server/mine.py"}
