"""Laws of money: nothing is lost, nothing invented, every division is exact."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.measure.worth.spend import Share, spend_by_fate
from counterfoil.measure.worth.usage import Spent, divided, fold, micro, micro_parts, totals, wanted_rates
from counterfoil.terms.absent import Unknown
from counterfoil.terms.batch import batches
from counterfoil.terms.ids import PicoUsd, RepoPath, SessionId, SourceId
from counterfoil.terms.rate import Rate, RateCard, Tier
from counterfoil.terms.reading import Reading
from counterfoil.terms.usage import Usage
from counterfoil.terms.work import FateKind, SpendPart

SOURCE = SourceId("claude-code")
A, B = RepoPath("/a"), RepoPath("/b")
START = datetime(2026, 11, 1, tzinfo=UTC)


def tier(over: int, price: int) -> Tier:
    p = PicoUsd(price)
    return Tier(
        over=over, input_uncached=p, cache_read=p, cache_write=p, cache_write_1h=PicoUsd(2 * price), output=p
    )


def usage(number: int, **changes: object) -> Usage:
    fields: dict[str, object] = {
        "source": SOURCE, "key": f"k{number}", "at": START + timedelta(hours=number),
        "session": SessionId("s"),
        "model": "m", "input_uncached": 10, "cache_read": 0, "cache_write": 0, "output": 1, "directory": "/a",
    }  # fmt: skip
    return Usage(**(fields | changes))  # type: ignore[arg-type]


def reading(*rows: Usage) -> Reading:
    return Reading(source=SOURCE, usage=list(batches(Usage, rows)))


@given(st.integers(0, 10**18), st.lists(st.integers(0, 10**6), min_size=1).filter(any))
def test_a_division_sums_to_the_whole_and_is_fair_to_a_pico(pico: int, weights: list[int]) -> None:
    shares = divided(pico, weights)
    assert sum(shares) == pico
    whole = sum(weights)
    assert all(
        abs(share * whole - pico * weight) < whole for share, weight in zip(shares, weights, strict=True)
    )


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 10**15), min_size=1))
def test_rounded_parts_sum_to_the_rounded_whole(parts: dict[str, int]) -> None:
    rounded = micro_parts(parts)
    assert sum(rounded.values()) == micro(sum(parts.values()))
    assert all(abs(rounded[name] * 10**6 - parts[name]) < 10**6 for name in parts)


SPENT = st.builds(
    Spent,
    source=st.just(SOURCE),
    session=st.sampled_from([SessionId(s) for s in "stuv"]),
    directory=st.sampled_from(["/a", "/b", "/gone", "/new", Unknown("no directory")]),
    model=st.just("m"),
    day=st.just("2026-11-01"),
    requests=st.just(1),
    priced=st.just(1),
    pico=st.integers(0, 10**13),
)
SHARES = st.lists(
    st.builds(Share, change=st.integers(0, 5), weight=st.integers(1, 50), kind=st.sampled_from(FateKind)),
    max_size=4,
)


@given(
    rows=st.lists(SPENT, max_size=30),
    shares=st.dictionaries(st.sampled_from([SessionId(s) for s in "st"]), SHARES, max_size=2),
)
def test_spend_by_fate_sums_to_spend(rows: list[Spent], shares: dict[SessionId, list[Share]]) -> None:
    found = spend_by_fate(
        rows,
        roots={SessionId("v"): SessionId("s")},
        places={"/a": A, "/b": B, "/gone": Unknown("no longer there")},
        shares={A: shares},
    )
    assert sum(found.parts.values()) == sum(row.pico for row in rows)
    assert set(found.parts) == set(SpendPart)
    assert sum(micro_parts(found.parts).values()) == micro(sum(row.pico for row in rows))
    assert found.parts[SpendPart.UNKNOWN] == sum(r.pico for r in rows if isinstance(r.directory, Unknown))
    assert found.parts[SpendPart.NOT_EXAMINED] == sum(
        r.pico for r in rows if r.directory in ("/b", "/gone", "/new")
    )
    assert found.examined == sum(r.pico for r in rows if r.directory == "/a")


def test_a_subagents_spend_follows_the_session_that_started_it() -> None:
    rows = [Spent(SOURCE, SessionId("child"), "/a", "m", "2026-11-01", 1, priced=1, pico=7)]
    shares = {A: {SessionId("parent"): [Share(3, 1, FateKind.REVERTED)]}}
    found = spend_by_fate(
        rows, roots={SessionId("child"): SessionId("parent")}, places={"/a": A}, shares=shares
    )
    assert found.parts[SpendPart.REVERTED] == 7
    assert [(p.session, p.change) for p in found.paid] == [("parent", 3)]


def test_a_request_over_a_threshold_is_priced_whole_at_that_tier() -> None:
    card = RateCard(rates={("m", "2026-11-01"): Rate(tiers=(tier(0, 1), tier(200, 10)))}, basis="")
    at_line = fold([reading(usage(0, input_uncached=100, cache_read=100))], card, since=None)
    above = fold([reading(usage(0, input_uncached=101, cache_read=100))], card, since=None)
    assert [r.pico for r in at_line] == [201]
    assert [r.pico for r in above] == [2020]


def test_an_hour_of_cache_has_its_own_price_and_never_exceeds_what_was_written() -> None:
    card = RateCard(rates={("m", "2026-11-01"): Rate(tiers=(tier(0, 1),))}, basis="")
    rows = fold(
        [reading(usage(0, input_uncached=0, output=0, cache_write=10, cache_write_1h=4))], card, since=None
    )
    assert rows[0].pico == 6 + 4 * 2
    rows = fold(
        [reading(usage(0, input_uncached=0, output=0, cache_write=10, cache_write_1h=40))], card, since=None
    )
    assert rows[0].pico == 20


def test_what_has_no_price_is_counted_and_costs_nothing() -> None:
    rows = fold(
        [reading(usage(0), usage(1, model=Unknown("none")))], RateCard(rates={}, basis=""), since=None
    )
    whole = totals(rows)
    assert (whole.requests, whole.unpriced_requests, whole.list_usd) == (2, 2, 0)
    assert isinstance(whole.reasoning, Unknown)
    assert wanted_rates([reading(usage(0), usage(1, model=Unknown("none")))]) == {(SOURCE, "m", "2026-11-01")}


def test_only_requests_from_since_on_are_folded() -> None:
    rows = fold([reading(usage(0), usage(30))], RateCard(rates={}, basis=""), since=START + timedelta(days=1))
    assert [(r.day, r.requests) for r in rows] == [("2026-11-02", 1)]
