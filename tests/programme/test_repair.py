"""The nearest passing programme: each case gets there, nothing weakens, nothing is claimed as done."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from counterfoil.programme.change import changed
from counterfoil.programme.diff import diff
from counterfoil.programme.lint import fails, lint
from counterfoil.programme.load import Loaded, load
from counterfoil.programme.repair import repair
from counterfoil.programme.repairs import REPAIRS
from counterfoil.programme.rules import RULES
from counterfoil.programme.written import written
from counterfoil.terms.aim import Audience
from counterfoil.terms.finding import Direction, Severity
from counterfoil.terms.ids import DisplayId, RuleId
from counterfoil.terms.metric import NOT_SAID, Level
from counterfoil.terms.programme import Suppression
from counterfoil.terms.promise import Assessed, Check, ManagerGoal, ReadLog, Use

CASES = sorted((Path(__file__).parents[2] / "examples" / "programmes").glob("*.toml"))
PASSING = {"template", "dora-team-outcome"}
FOLLOWS = {"AP403"}
"""Where reviews no longer look at anything, something has to hold that."""
LoadText = Callable[[str], Loaded]


def case(name: str, today: date) -> Loaded:
    return load(next(path for path in CASES if path.stem == name), today=today, rules=RULES)


def test_every_rule_that_can_fail_a_check_has_its_repair() -> None:
    assert set(REPAIRS) == {name for name, rule in RULES.items() if rule.text.severity is not Severity.INFO}


@pytest.mark.parametrize("name", [path.stem for path in CASES])
def test_a_case_is_repaired_and_nothing_in_it_gets_weaker(
    name: str, today: date, load_text: LoadText
) -> None:
    before = case(name, today)
    repaired = repair(before.programme, day=before.day)
    after = load_text(written(repaired.programme))
    assert after.programme == repaired.programme
    assert not fails(lint(after))
    assert not repair(repaired.programme, day=before.day).steps
    assert {s.rule for s in repaired.steps} <= {f.id for f in lint(before) if fails([f])} | FOLLOWS
    weaker = [c for c in diff(before, after) if c.direction is Direction.WEAKER]
    assert not [c for c in weaker if not c.says.endswith("and is self.")]
    if name in PASSING:
        assert repaired.programme == before.programme and not repaired.steps


def test_the_board_of_people_becomes_a_view_of_ones_own(today: date) -> None:
    before = case("amazon-2026", today)
    repaired = repair(before.programme, day=before.day)
    said = {step.rule: step.says for step in repaired.steps}
    assert said[RuleId("AP301")] == "The board of people is gone; each person sees their own tokens."
    board = next(d for d in repaired.programme.displays if d.id == "board")
    assert board.is_own_view and not board.ranked and not board.rewards
    managers = next(d for d in repaired.programme.displays if d.id == "managers")
    assert (managers.level, managers.audience) == (Level.UNIT, (Audience.LINE_MANAGERS,))
    assert not repaired.programme.targets
    assert repaired.programme.metrics[2:] == before.programme.metrics[2:]
    assert repaired.programme.data.collects == before.programme.data.collects


def test_a_list_of_names_becomes_a_view_of_ones_own_or_one_of_units(
    passing_text: str, load_text: LoadText, today: date
) -> None:
    p = load_text(passing_text).programme
    for audience, where, value in (
        ((Audience.SELF, Audience.LEADERS), "audience", (Audience.SELF,)),
        ((Audience.LEADERS,), "level", Level.UNIT),
    ):
        peeked = changed(p, "displays.my-usage", audience=audience)
        (display, *_) = repair(peeked, day=today).programme.displays
        assert getattr(display, where) == value


def test_nobody_gets_the_same_view_of_their_own_twice(
    passing_text: str, load_text: LoadText, today: date
) -> None:
    p = load_text(passing_text).programme
    own = next(d for d in p.displays if d.id == "my-usage")
    board = replace(own, id=DisplayId("board"), audience=(Audience.EVERYONE,), ranked=True)
    repaired = repair(replace(p, displays=(*p.displays, board)), day=today)
    assert repaired.programme == p and [step.rule for step in repaired.steps] == ["AP301"]


def test_what_nobody_can_know_is_told_as_something_to_do(passing_text: str, load_text: LoadText) -> None:
    p = load_text(passing_text.replace('dpia = "done"', 'dpia = "planned"')).programme
    (step,) = repair(p, day=date(2026, 11, 25)).steps
    assert step.to_do and step.says == (
        "Carry out a data protection impact assessment before launch; the file now says done, "
        "which must be true by then."
    )
    assert repair(p, day=date(2026, 11, 25)).programme.assessments.dpia is Assessed.DONE


def test_what_the_parties_accepted_stays(passing_text: str, load_text: LoadText, today: date) -> None:
    p = changed(load_text(passing_text).programme, "gaming", workload_register=False)
    accepted = Suppression(
        rule=RuleId("AP604"), reason="The register opens in spring.", until=today + timedelta(days=90)
    )
    assert not repair(replace(p, suppress=(accepted,)), day=today).steps
    over = replace(accepted, until=today - timedelta(days=1))
    assert [s.rule for s in repair(replace(p, suppress=(over,)), day=today).steps] == ["AP604"]


def test_a_promise_that_an_accepted_finding_contradicts_is_made_good(
    passing_text: str, load_text: LoadText, today: date
) -> None:
    p = load_text(passing_text).programme
    p = changed(p, "review", manager_goal=ManagerGoal.TEAM_NUMBER, log=ReadLog.INTERNAL)
    p = changed(p, "displays.capacity", level=Level.PERSON)
    until = today + timedelta(days=90)
    accepted = tuple(
        Suppression(rule=RuleId(rule), reason="For now.", until=until) for rule in ("AP306", "AP404", "AP406")
    )
    repaired = repair(replace(p, suppress=accepted), day=today)
    assert {step.rule for step in repaired.steps} == {"AP403"}
    assert repaired.programme.review.log is ReadLog.STAFF


@pytest.mark.parametrize(
    ("people", "checks", "targets", "rules"),
    [
        (5_000, (Check.DECOUPLING, Check.BUNCHING), 1, []),
        (900, (Check.DECOUPLING,), 1, ["AP605"]),
        (49, (), 0, ["AP605", "AP605", "AP601"]),
    ],
)
def test_an_organisation_too_small_for_its_checks_relies_on_none_of_them(
    people: int,
    checks: tuple[Check, ...],
    targets: int,
    rules: list[str],
    passing_text: str,
    load_text: LoadText,
    today: date,
) -> None:
    p = changed(load_text(passing_text).programme, "about", people=people)
    repaired = repair(p, day=today)
    assert repaired.programme.gaming.checks == checks
    assert len(repaired.programme.targets) == targets
    assert {step.rule for step in repaired.steps} == set(rules)


def test_a_list_of_people_counts_where_the_programme_is_silent(
    passing_text: str, load_text: LoadText, today: date
) -> None:
    p = changed(load_text(passing_text).programme, "about", people=NOT_SAID)
    (unknown,) = repair(p, day=today).steps
    assert unknown.to_do and "2,000 people" in unknown.says
    assert repair(p, day=today, people=900).programme.gaming.checks == (Check.DECOUPLING,)


def test_what_is_over_goes_and_nothing_is_prolonged(load_text: LoadText, today: date) -> None:
    p = load(next(p for p in CASES if p.stem == "template"), today=today, rules=RULES).programme
    late = today + timedelta(days=500)
    repaired = repair(p, day=late)
    assert not repaired.programme.targets and not repaired.programme.displays
    assert [s.where for s in repaired.steps if s.rule == "calendar"] == [
        "targets.kept-work.expires",
        "displays.my-usage.ends",
        "displays.units.ends",
        "displays.capacity.ends",
        "about.ends",
    ]
    assert repaired.programme.about.begins == late + timedelta(days=30)


def test_people_are_told_before_it_begins_even_where_it_has_begun(
    passing_text: str, load_text: LoadText, today: date
) -> None:
    p = load_text(passing_text).programme
    begun = changed(p, "about", begins=today - timedelta(days=40), ends=today + timedelta(days=5))
    repaired = repair(changed(begun, "notice", given_on=NOT_SAID), day=today)
    assert repaired.programme.notice.given_on == today
    assert repaired.programme.about.begins == today
    assert repaired.programme.about.ends == today + timedelta(days=5)


def test_a_metric_that_people_answer_is_asked_and_not_rewarded(
    passing_text: str, load_text: LoadText, today: date
) -> None:
    p = changed(load_text(passing_text).programme, "targets.kept-work", metric="trust")
    p = changed(p, "review", use=Use.INFORMS, blocked_in_code=False, metrics=("trust", "kept"))
    repaired = repair(p, day=today)
    assert not repaired.programme.targets
    assert repaired.programme.review.metrics == ("kept",)


def test_wants_of_a_bare_programme_are_all_met(load_text: LoadText, today: date) -> None:
    p = load_text('[about]\nname = "bare"\njurisdictions = ["DE"]\n').programme
    repaired = repair(p, day=today)
    assert not fails(lint(load_text(written(repaired.programme))))
    assert {m.id for m in repaired.programme.metrics} == {"trust", "hours-saved", "corrected"}
    assert all(m.level is not Level.PERSON for m in repaired.programme.metrics)
