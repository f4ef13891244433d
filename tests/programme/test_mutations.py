"""One safe field of a passing programme is flipped: exactly its rule fires, with those it implies."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from counterfoil.programme.diff import diff
from counterfoil.programme.lint import fails, lint
from counterfoil.programme.load import Loaded
from counterfoil.programme.repair import repair
from counterfoil.programme.rules import RULES
from counterfoil.programme.written import written
from counterfoil.terms.finding import Direction, Finding, Severity
from counterfoil.terms.ids import RuleId

Table = dict[str, Any]
GONE = object()
Flip = tuple[str, str, object, str]
"""A passing programme, a field's path, its new value, and the rules that fire besides by definition."""

FLIPS: Mapping[str, Flip] = {
    "AP101": ("template", "targets.kept-work.metric", "tokens", ""),
    "AP102": ("output-target", "targets.kept-work.beside", [], ""),
    "AP103": ("template", "metrics.tokens.counterweights", [], ""),
    "AP104": ("narrow", "metrics.trust.dimension", "efficiency", ""),
    "AP105": ("template", "metrics.hours-saved.net_of_rework", False, ""),
    "AP106": ("template", "spending.has_budget", False, ""),
    "AP107": ("template", "metrics.tokens.owner", GONE, ""),
    "AP108": ("template", "metrics.kept.validated_until", GONE, ""),
    "AP109": ("template", "metrics.kept.captured_by", "self", ""),
    "AP110": ("template", "targets.kept-work.beside", ["corrected", "incidents"], ""),
    "AP201": ("template", "targets.kept-work.level", "person", ""),
    "AP202": ("template", "targets.kept-work.eligible", "everyone", ""),
    "AP203": ("weekly", "targets.kept-work.cliff", True, ""),
    "AP204": ("template", "targets.kept-work.exempt", ["leave", "part-time"], ""),
    "AP205": ("template", "targets.kept-work.expires", GONE, ""),
    "AP206": ("template", "targets.kept-work.tiers", ["bronze", "silver"], ""),
    "AP301": ("team-outcome", "displays.mine.ranked", True, ""),
    "AP302": ("template", "displays.capacity.ranked", True, ""),
    "AP303": ("output-board", "displays.units.rewards", ["trophy"], ""),
    "AP304": ("template", "data.raw_readers", ["self", "stewards", "leaders"], ""),
    "AP305": ("template", "displays.units.floor", 4, ""),
    "AP306": ("template", "displays.units.level", "person", "AP403"),
    "AP307": ("team-outcome", "displays.my-team.ranked", True, ""),
    "AP308": ("template", "data.own_report_demanded", True, ""),
    "AP401": ("reviewed", "review.metrics", ["tokens"], ""),
    "AP402": ("template", "review.statement", GONE, ""),
    "AP403": ("template", "review.blocked_in_code", False, ""),
    "AP404": ("template", "review.manager_goal", "team-number", "AP403"),
    "AP405": ("template", "about.purposes", ["own_insight", "any business need"], ""),
    "AP406": ("template", "review.log", "internal", "AP403"),
    "AP407": ("template", "workforce.statement", GONE, ""),
    "AP501": ("template", "notice.given_on", GONE, ""),
    "AP502": ("template", "assessments.dpia", "not-done", ""),
    "AP503": ("template", "assessments.scores_people", True, ""),
    "AP504": ("template", "data.collects", ["counts", "prompt-text"], ""),
    "AP601": ("template", "gaming.checks", [], ""),
    "AP602": ("template", "gaming.individual_action", "auto-flag", ""),
    "AP603": ("template", "gaming.screen", "volume-cut", ""),
    "AP604": ("template", "gaming.workload_register", False, ""),
    "AP605": ("template", "about.people", 900, ""),
}
MORE: list[tuple[str, str, str, object, str]] = [
    ("AP107", "template", "metrics.tokens.cached_tokens", GONE, ""),
    ("AP202", "template", "targets.kept-work.eligible", GONE, ""),
    ("AP204", "template", "targets.kept-work.exempt", [], ""),
    ("AP304", "template", "data.raw_readers", GONE, ""),
    ("AP305", "template", "displays.units.overlapping_filters", True, ""),
    ("AP305", "template", "displays.capacity.floor", 49, ""),
    ("AP305", "template", "floors.activity", 49, ""),
    ("AP305", "template", "floors.comments", 9, ""),
    ("AP305", "no-floors", "displays.units.floor", GONE, ""),
    ("AP305", "no-floors", "displays.capacity.floor", GONE, ""),
    ("AP308", "template", "data.own_report_demanded", GONE, ""),
    ("AP402", "template", "review.use", GONE, ""),
    ("AP405", "template", "about.purposes", [], ""),
    ("AP405", "template", "notice.again_on_change", False, ""),
    ("AP407", "template", "workforce.use", GONE, ""),
    ("AP501", "template", "notice.tells", ["what", "why"], ""),
    ("AP502", "template", "assessments.consultation", "planned", ""),
    ("AP504", "template", "data.keep_raw", "31 days", ""),
    ("AP504", "template", "data.step", "hour", ""),
    ("AP605", "template", "about.people", GONE, ""),
]
"""Further ways to break a rule."""

NEEDED = {"about.purposes", "gaming.checks"}
"""No purpose at all and a check that can't find anything protect nobody, whatever a comparison says."""


@pytest.fixture
def programmes(passing: Table, team_outcome: Table) -> Mapping[str, Table]:
    """Passing programmes, each with what some rule needs in order to speak at all."""
    made = {name: deepcopy(passing) for name in ("narrow", "weekly", "reviewed", "no-floors")}
    entry(made["narrow"], "metrics.tokens")["dimension"] = "performance"
    entry(made["weekly"], "targets.kept-work")["window"] = "1 week"
    made["reviewed"]["review"] |= {"use": "informs", "metrics": ["kept"], "blocked_in_code": False}
    del made["no-floors"]["floors"]
    output = deepcopy(passing)
    output["metrics"].append(
        entry(passing, "metrics.kept")
        | {"id": "made", "name": "changes", "kind": "output", "counterweights": ["corrected"]}
    )
    made["output-target"], made["output-board"] = deepcopy(output), deepcopy(output)
    entry(made["output-target"], "targets.kept-work").update(metric="made", beside=["kept"])
    entry(made["output-board"], "displays.units").update(metrics=["made"], beside=["kept"])
    return {"template": passing, "team-outcome": team_outcome, **made}


def entry(table: Table, path: str) -> Table:
    """A single table, or an entry of a list by its id."""
    name, _, key = path.partition(".")
    found: Table = table[name] if not key else next(e for e in table[name] if e["id"] == key)
    return found


def flipped(table: Table, path: str, value: object) -> Table:
    changed = deepcopy(table)
    around, _, field = path.rpartition(".")
    if value is GONE:
        del entry(changed, around)[field]
    else:
        entry(changed, around)[field] = value
    return changed


def test_every_rule_has_a_flip() -> None:
    assert set(FLIPS) == {rule.text.id for rule in RULES.values() if rule.text.severity is not Severity.INFO}
    assert len(FLIPS) == 40


def test_what_is_flipped_passes_before(
    programmes: Mapping[str, Table], find: Callable[[Table], list[Finding]]
) -> None:
    assert not {name: found for name, table in programmes.items() if (found := find(table))}


@pytest.mark.parametrize(
    ("rule", "base", "path", "value", "implied"),
    [*((rule, *flip) for rule, flip in FLIPS.items()), *MORE],
)
def test_flipping_one_safe_field_sets_off_exactly_its_rule(
    rule: str,
    base: str,
    path: str,
    value: object,
    implied: str,
    programmes: Mapping[str, Table],
    find: Callable[[Table], list[Finding]],
) -> None:
    found = find(flipped(programmes[base], path, value))
    assert {f.id for f in found} == {rule, *implied.split()}
    text = RULES[RuleId(rule)].text
    for f in found:
        assert f.message.endswith(".") and f.source and f.fix
        assert f.id != rule or (f.source, f.fix) == (text.source, text.fix)


@pytest.mark.parametrize(
    ("base", "path", "value"), [flip[:3] for flip in FLIPS.values()] + [flip[1:4] for flip in MORE]
)
def test_a_flip_is_repaired_without_weakening_anything(
    base: str,
    path: str,
    value: object,
    programmes: Mapping[str, Table],
    load_table: Callable[[Table], Loaded],
    load_text: Callable[[str], Loaded],
) -> None:
    broken = load_table(flipped(programmes[base], path, value))
    repaired = repair(broken.programme, day=broken.day)
    after = load_text(written(repaired.programme))
    assert repaired.steps and not fails(lint(after))
    weaker = [c for c in diff(broken, after) if c.direction is Direction.WEAKER]
    assert not [c for c in weaker if c.where not in NEEDED and not c.says.endswith("and is self.")]


@pytest.mark.parametrize(
    ("base", "path", "value", "rule", "severity"),
    [
        ("template", "displays.units.floor", 4, "AP305", Severity.ERROR),
        ("template", "displays.units.floor", 5, "AP305", Severity.WARNING),
        ("template", "displays.units.floor", 9, "AP305", Severity.WARNING),
        ("template", "displays.capacity.floor", 49, "AP305", Severity.ERROR),
        ("team-outcome", "displays.my-team.ranked", True, "AP307", Severity.WARNING),
        ("template", "displays.units.ranked", True, "AP307", Severity.ERROR),
        ("template", "displays.capacity.ranked", True, "AP302", Severity.WARNING),
        ("template", "displays.my-usage.ranked", True, "AP302", Severity.ERROR),
        ("template", "metrics.corrected.captured_by", "self", "AP109", Severity.WARNING),
        ("template", "metrics.kept.captured_by", "self", "AP109", Severity.ERROR),
        ("elsewhere", "notice.given_on", GONE, "AP501", Severity.WARNING),
        ("template", "notice.given_on", GONE, "AP501", Severity.ERROR),
    ],
)
def test_how_severe_a_rule_is_depends_on_what_it_finds(
    base: str,
    path: str,
    value: object,
    rule: str,
    severity: Severity,
    programmes: Mapping[str, Table],
    find: Callable[[Table], list[Finding]],
) -> None:
    elsewhere = flipped(programmes["template"], "about.jurisdictions", ["US-NY"])
    table = {**programmes, "elsewhere": elsewhere}[base]
    worst = min(list(Severity).index(f.severity) for f in find(flipped(table, path, value)) if f.id == rule)
    assert list(Severity)[worst] is severity


def test_costs_have_the_floor_of_activity_unless_finance_alone_sees_them(
    passing: Table, find: Callable[[Table], list[Finding]]
) -> None:
    entry(passing, "metrics.tokens")["kind"] = "cost"
    entry(passing, "displays.capacity")["floor"] = 10
    assert {f.id for f in find(passing)} == {"AP305"}
    entry(passing, "displays.capacity")["audience"] = ["finance"]
    assert not find(passing)


def test_an_unranked_list_of_names_is_a_look_at_single_people(
    passing: Table, find: Callable[[Table], list[Finding]]
) -> None:
    entry(passing, "displays.my-usage")["audience"] = ["self", "everyone"]
    assert {f.id for f in find(passing)} == {"AP306", "AP403"}


def test_a_notice_after_the_beginning_is_no_notice(
    passing: Table, find: Callable[[Table], list[Finding]]
) -> None:
    passing["notice"]["given_on"] = passing["about"]["ends"]
    assert {f.id for f in find(passing)} == {"AP501"}


def test_a_programme_without_a_question_to_people_sees_one_side(
    team_outcome: Table, find: Callable[[Table], list[Finding]]
) -> None:
    entry(team_outcome, "metrics.survey").update(kind="outcome", captured_by="system")
    assert {f.id for f in find(team_outcome)} == {"AP104"}


def test_a_validation_that_is_over_is_told_with_its_day(
    passing: Table, find: Callable[[Table], list[Finding]]
) -> None:
    entry(passing, "metrics.kept")["validated_until"] = date(2026, 11, 24)
    assert [(f.id, "2026-11-24" in f.message) for f in find(passing)] == [("AP108", True)]
