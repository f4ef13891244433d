import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.show.exported import as_json, is_money, written
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.ids import MicroUsd
from counterfoil.terms.release import Released
from counterfoil.terms.report import CostPart, Report, Totals

Make = Callable[..., Released[Report]]
KINDS = ("full", "empty", "bare")


def read(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def names(value: object, found: Any, called: str = "value") -> None:
    """Every dataclass field is in the JSON under its own name, or the one it is given, and no other."""
    if isinstance(value, Unknown):
        assert found == {"unknown": value.why}
    elif is_dataclass(value):
        told = {f.name: called if f.name == "value" else f.name for f in fields(value)}
        assert list(found) == list(told.values())
        for f in fields(value):
            names(getattr(value, f.name), found[told[f.name]], f.metadata.get("value_as", "value"))
    elif isinstance(value, Mapping):
        assert list(found) == list(value)
        for key in value:
            names(value[key], found[key])
    elif isinstance(value, tuple | list):
        assert len(found) == len(value)
        for part, other in zip(value, found, strict=True):
            names(part, other)


def test_every_field_is_exported_under_its_own_name(make: Make) -> None:
    for kind in KINDS:
        released = make(kind)
        names(released.answer, read(as_json(released)))


def test_the_promised_paths_are_there(make: Make) -> None:
    found = read(as_json(make()))
    assert set(found["usage"]["totals"]) >= {
        "requests",
        "input_uncached",
        "cache_read",
        "cache_write",
        "output",
    }
    assert set(found["usage"]["by_source"][0]) >= {"source", "files", "records", "kept", "merged", "skipped"}
    assert set(found["worth"]["spend_by_fate"]) >= {"standing", "corrected", "too_young", "unknown"}
    assert set(found["rework"]["corrective"]) >= {"share", "low", "high", "n"}
    assert set(found["detail"]["survival"]["ai"]["d7"]) >= {"value", "low", "high", "n"}
    assert set(found["rework"]["corrective"]) >= {"low", "high", "n"}


def test_money_is_dollars_with_six_decimals_and_sums_exactly(make: Make) -> None:
    released = make()
    text = as_json(released)
    found = read(text)
    assert sum(found["worth"]["spend_by_fate"].values()) == found["cost"]["list_usd"]
    assert found["cost"]["list_usd"] == Decimal(released.answer.cost.list_usd) / 10**6
    assert f'"paid_usd": {100}.000000' in text


@given(st.integers(-(10**18), 10**18))
def test_no_amount_drifts(amount: int) -> None:
    cost = CostPart(list_usd=MicroUsd(amount), paid_usd=Unknown("no plan"), basis="")
    assert read(written(cost))["list_usd"] == Decimal(amount).scaleb(-6)


def test_what_is_money_is_said_by_the_type_alone() -> None:
    assert is_money(MicroUsd | Unknown)
    assert not is_money(int | Unknown)


@given(st.text())
def test_unknown_survives_the_round_trip_and_is_never_zero(why: str) -> None:
    found = read(written(Totals(reasoning=Unknown(why))))["reasoning"]
    assert list(found) == ["unknown"]
    assert read(written(Totals()))["reasoning"] == 0


def test_paths_that_are_no_text_are_escaped_and_never_break_the_document(make: Make) -> None:
    report = make().answer
    row = replace(report.work.repos[0], path="/tmp/\udcff\x1b[2J\u2028é")
    found = read(as_json(make(work=replace(report.work, repos=(row,)))))
    assert found["work"]["repos"][0]["path"] == "/tmp/\\udcff\x1b[2J\u2028é"


def test_a_figure_that_is_no_number_is_unknown_rather_than_broken_json(make: Make) -> None:
    report: Report = make().answer
    bad = Estimate(value=float("nan"), low=0.0, high=1.0, n=0, coverage=1.0, method="ratio")
    found = read(as_json(make(coverage=replace(report.coverage, records_read=bad))))
    assert found["coverage"]["records_read"]["value"] == {"unknown": "the figure is not a finite number"}
