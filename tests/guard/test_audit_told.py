"""What may be told of what the tests found: rounded, of many people, as far as the programme checks it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from counterfoil.guard.audit_told import told_of
from counterfoil.guard.event import NO_COSTS, effects_of, in_words, past_of
from counterfoil.guard.examined import panel_of, watched_from
from counterfoil.guard.launched import Past, launch_of, redefined
from counterfoil.guard.outlooks import SIZES, outlooks
from counterfoil.guard.panel import TOLD, Seen
from counterfoil.guard.rehearsed import Rehearsal, rehearsed, repaired
from counterfoil.programme.load import loaded
from counterfoil.programme.rules import RULES
from counterfoil.programme.template import template
from counterfoil.terms.absent import Unknown
from counterfoil.terms.audit import Verdict
from counterfoil.terms.audited import AuditAsk
from counterfoil.terms.ids import MetricId, UnitId
from counterfoil.terms.programme import Programme

MONDAY = date(2026, 1, 5)
UNITS, WEEKS = 60, 40
WEEKLY, TOKENS = AuditAsk(metric=MetricId("weekly-use")), AuditAsk(metric=MetricId("tokens"))
METRIC = """
[[metrics]]
id = "weekly-use"
kind = "activity"
unit = "active days"
level = "person"
version = "1"
"""


def target(metric: str, level: str, threshold: float) -> str:
    return (
        f'\n[[targets]]\nid = "{metric}"\nmetric = "{metric}"\nlevel = "{level}"\nthreshold = {threshold}\n'
    )


def read(text: str, *changes: tuple[str, str]) -> Programme:
    today = date(2026, 11, 25)
    whole = template(today) + METRIC + text
    for old, new in changes:
        assert old in whole
        whole = whole.replace(old, new)
    return loaded(whole, name="t", today=today, rules=RULES).programme


def past(*programmes: Programme, weeks: int = 20) -> list[Past]:
    return [
        Past(number=n, on=MONDAY + timedelta(weeks=weeks * (n - 1)), programme=one)
        for n, one in enumerate(programmes, 1)
    ]


def histogram(bunched: int) -> np.ndarray[Any, Any]:
    """How many people have so many prompts; some of those just below ten moved to it."""
    counts = np.round(300 * np.exp(-np.arange(40) / 8)).astype(int)
    counts[9] -= bunched
    counts[10] += bunched
    return counts


def seen(*, people: int = 3_000, bunched: int = 40, **changes: Any) -> Seen:
    """Units whose use goes with their work, with how many were active on how many days."""
    rng = np.random.default_rng(5)
    busy = rng.normal(0, 0.5, (UNITS, WEEKS))
    sums = {name: np.full((UNITS, WEEKS), 10.0) for name in TOLD}
    sums |= {
        "heads": np.full((UNITS, WEEKS), 12.0),
        "tokens": np.exp(10 + busy),
        "landed": np.exp(3 + busy) + 2,
        "kept": np.exp(3 + busy),
        "standing": np.exp(3 + busy),
        "declared": np.zeros((UNITS, WEEKS)),
        "cost": np.exp(14 + busy),
        "capped": np.exp(14 + busy),
        "reverted": np.full((UNITS, WEEKS), 2.0),
    }
    weeks = [MONDAY + timedelta(weeks=n) for n in range(WEEKS)]
    bins: list[Mapping[str, Any]] = [
        {
            "days": np.array([900, 800, 700, 600, 500, 400, 20, 7]),
            "prompts": histogram(0 if n < 20 else bunched),
            "tokens": np.arange(120) + 100,
            "weekdays": np.array([50, 50, 50, 50, 50, 10, 9]),
        }
        for n in range(WEEKS)
    ]
    found = Seen(
        weeks=weeks,
        units=[f"u{n}" for n in range(UNITS)],
        above=[(f"u{n}", "pilot" if n % 2 else "rest") for n in range(UNITS)],
        people=people,
        sums=sums,
        known=weeks,
        bins=bins,
    )
    return replace(found, **changes)


def test_many_who_stand_at_a_line_are_told_by_bin_and_few_in_a_bin_are_not() -> None:
    none, lined = read(""), read(target("weekly-use", "person", 10))
    found = told_of(seen(), WEEKLY, past(none, lined), lined)
    by_day = {one.at: one for one in found.bins}
    assert list(by_day)[:15] == list(range(15))
    assert 15 not in by_day or 16 not in by_day, "where few stand, bins are told as one"
    assert max(by_day) < 35
    assert [at for at, one in by_day.items() if one.window] == [10]
    assert all(one.count % 5 == 0 and one.count >= 50 for one in found.bins)
    assert by_day[10].count == 125
    assert found.bins_of == "prompts in the last week"
    assert {sign.test for sign in found.signs} >= {"come-apart", "adjacent-bins", "excess-mass", "last-day"}
    assert found.verdict in {Verdict.RESPONDS, Verdict.IMPROVED}
    assert found.levers[0].field == "targets.weekly-use"


def test_of_fewer_than_two_thousand_nothing_at_a_line_is_told() -> None:
    lined = read(target("weekly-use", "person", 10))
    found = told_of(seen(people=1_900), WEEKLY, past(lined), lined)
    assert not found.bins
    at_a_line = [sign for sign in found.signs if sign.test in {"adjacent-bins", "excess-mass"}]
    assert at_a_line
    assert {(sign.says, sign.speaks) for sign in at_a_line} == {("can't tell", False)}


def test_tokens_of_people_are_counted_by_powers_of_ten() -> None:
    lined = read(target("tokens", "person", 1_000))
    panel = panel_of(seen(), TOKENS, past(lined), lined)
    assert not isinstance(panel.target, Unknown)
    assert panel.target.threshold == 3
    found = told_of(seen(), TOKENS, past(lined), lined)
    assert [one.at for one in found.bins if one.window] == [3.0]


def test_a_share_that_units_are_asked_for_is_looked_at_by_unit() -> None:
    lined = read(target("weekly-use", "team", 0.8))
    panel = panel_of(seen(), WEEKLY, past(lined), lined)
    assert panel.met is not None
    assert panel.members is not None
    assert not told_of(seen(), WEEKLY, past(lined), lined).bins
    unchecked = read(target("weekly-use", "team", 0.8), ('"decoupling", "bunching"', '"decoupling"'))
    assert panel_of(seen(), WEEKLY, past(unchecked), unchecked).met is None


def test_what_the_programme_does_not_have_checked_is_not_told() -> None:
    lined = read(target("weekly-use", "person", 10), ('"decoupling", "bunching"', '"bunching"'))
    found = told_of(seen(), WEEKLY, past(read(""), lined), lined)
    assert found.verdict in {Verdict.RESPONDS, Verdict.IMPROVED}
    assert "come-apart" not in {sign.test for sign in found.signs}
    calm = told_of(seen(bunched=0), WEEKLY, past(read(""), lined), lined)
    assert (calm.verdict, calm.levers) == (Verdict.CANT_TELL, [])
    assert "does not have it checked" in calm.says


def test_how_much_is_made_up_is_not_told_without_a_screen_or_of_few() -> None:
    checked = read("", ('"decoupling", "bunching"', '"decoupling", "prevalence"'))
    for people, words in ((3_000, "screen whose errors"), (400, "takes 500 people")):
        signs = told_of(seen(people=people), TOKENS, past(checked), checked).signs
        assert [words in sign.why for sign in signs if sign.test == "prevalence"] == [True]


def test_declared_workloads_are_told_as_a_share_and_left_out() -> None:
    whole = seen()
    sums = {**whole.sums, "declared": whole.sums["tokens"] / 4}
    found = told_of(replace(whole, sums=sums), TOKENS, past(read("")), read(""))
    assert found.declared == "Declared workloads did about 20 % of it, and are left out."


def test_nobody_on_the_last_day_and_no_launch_are_taken_as_they_are() -> None:
    whole, plain = seen(), read("")
    bins = [{**one, "weekdays": np.array([9, 9, 9, 9, 9, 0, 0])} for one in whole.bins]
    asked_of = replace(whole, bins=bins)
    shown_to_none = replace(plain, displays=())
    panel = panel_of(asked_of, TOKENS, past(shown_to_none), shown_to_none)
    assert panel.by_day is None
    assert isinstance(panel.launched, Unknown)
    assert told_of(asked_of, TOKENS, past(shown_to_none), shown_to_none).usual
    short = replace(asked_of, weeks=asked_of.weeks[:9])
    assert watched_from(short, MONDAY) == MONDAY + timedelta(weeks=8)


def test_a_launch_is_the_first_of_an_unbroken_line_and_a_new_definition_is_known() -> None:
    none, lined = (replace(read(text), displays=()) for text in ("", target("weekly-use", "person", 10)))
    anew = replace(lined, metrics=tuple(replace(m, version="2") for m in lined.metrics))
    told = past(lined, none, lined, anew)
    assert launch_of(told, MetricId("weekly-use")) == told[2].on
    assert launch_of(told[:1], MetricId("weekly-use")) == lined.about.begins
    assert redefined(told, MetricId("weekly-use")) == [told[3].on]


def test_where_nobody_lands_changes_any_work_that_stands_is_what_came_of_it() -> None:
    whole, plain = seen(), read("")
    panel = panel_of(whole, TOKENS, past(plain), plain)
    assert panel.outcomes is whole.sums["standing"]
    drafts = replace(whole, sums={**whole.sums, "standing": np.zeros((UNITS, WEEKS))})
    assert panel_of(drafts, TOKENS, past(plain), plain).outcomes is whole.sums["kept"]


def test_an_event_is_told_against_units_without_it_or_not_at_all() -> None:
    none, lined = read(""), read(target("tokens", "unit", 3))
    told = past(none, lined, read(target("tokens", "unit", 4)), none)
    assert [past_of(told, name) for name in ("v2", "programme@v5")] == [None, None]
    said = [in_words(told, one, MetricId("tokens")) for one in told]
    assert [words.rpartition("and ")[2] for words in said] == [
        "asked for nothing else.", "launched a target.", "changed the target.", "removed the target.",
    ]  # fmt: skip
    part = replace(TOKENS, unit=UnitId("pilot"), event="programme@v2")
    effects = {one.measure: one for one in effects_of(seen(), part, told[1], costs=True)}
    assert effects["rework"].known
    assert "points of landed work" in effects["rework"].says
    assert "US dollars a head and week" in effects["spend"].says
    assert not effects["errors"].known
    assert effects["errors"].says == "can't tell, because it never moved."
    assert {"failures", "needless effects"} <= set(effects)
    kept_back = {one.measure: one for one in effects_of(seen(), part, told[1], costs=False)}
    assert kept_back == {**effects, "spend": NO_COSTS}


def test_an_invented_company_is_audited_by_the_same_tests() -> None:
    whole, programme = seen(), read("")
    one = Rehearsal(
        usage=whole.sums["tokens"],
        outcomes=whole.sums["kept"],
        heads=whole.sums["heads"],
        registered=whole.sums["declared"],
        first=MONDAY,
        at=20,
    )
    found = rehearsed(one, programme)
    assert found.clause == "invented"
    assert found.answer.verdict is Verdict.NO_SIGN
    touched = np.arange(UNITS) % 2 == 0
    effects = repaired(found, one, touched).answer.effects
    assert {one.measure for one in effects if one.known} == {"tokens", "tokens a change", "changes"}


@pytest.mark.parametrize("size", SIZES)
def test_what_could_be_seen_is_said_for_each_size(size: int) -> None:
    (told,) = outlooks([size])
    assert told.people == told.simulated == size
