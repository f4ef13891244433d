"""Attacks on what is told and logged beside plain questions: spend, audits, samples, pulses, and words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from counterfoil.guard.audited import OPERATOR, audit
from counterfoil.guard.audits import kept_audits
from counterfoil.guard.event import NO_COSTS
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.incidents import incidents_linked
from counterfoil.guard.person import own_record
from counterfoil.guard.pulse import close_pulse, open_pulse
from counterfoil.guard.pulses import LastPulse, last_pulse
from counterfoil.guard.release import release
from counterfoil.guard.sample import draw_sample, plan_sample
from counterfoil.guard.workloads import declare
from counterfoil.ledger.entry import EntryKind
from counterfoil.terms.ask import Role
from counterfoil.terms.audited import AuditAsk
from counterfoil.terms.delivered import Deployment
from counterfoil.terms.ids import CommitId, MetricId, MicroUsd, UnitId, WorkloadName
from counterfoil.terms.metric import Level
from counterfoil.terms.organisation import Unit, WorkFate
from counterfoil.terms.period import Period
from counterfoil.terms.pulse import Pulse, Standing
from counterfoil.terms.release import Refuse, Released, Withheld
from counterfoil.terms.sample import DrawnSample
from counterfoil.terms.workload import Workload, WorkloadKind
from guard.audited_company import BEGINS, WEEKS, lived_for_long, with_target
from guard.organisation import (
    MONDAY,
    NOW,
    ask,
    gate,
    people_rows,
    programme,
    put,
    put_in_force,
    usage,
    viewer,
)
from guard.test_pulse import hours
from guard.test_sample import PEOPLE, PLAN, VALUE, at, rows_of
from guard.test_spend import measured, spent

SHOWN = """
[[displays]]
id = "landed"
metrics = ["tokens", "landed", "list-cost"]
level = "unit"
audience = ["leaders"]
"""
MORE = "".join(
    f'[[metrics]]\nid = "{name}"\nkind = "{kind}"\nlevel = "unit"\n\n'
    for name, kind in (("landed", "output"), ("list-cost", "cost"))
)
NAMED = "anna.smith@example.com"


def open_log(g: Guarded) -> str:
    return "\n".join(
        g.log.entry(n)[1:].decode() for n in range(len(g.log)) if g.log.entry(n)[0] != EntryKind.PERSON_READ
    )


def test_late_use_after_its_parts_were_told_is_not_the_difference_to_its_cost(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 240)
        rows: list[Any] = []
        for person in who[:60]:
            rows += [spent(person, "", unknown=1_000_000), usage(person, output=5, cost=MicroUsd(1_000_000))]
        put(g, *rows)
        put_in_force(g, measured())

        def told(name: str) -> Any:
            (one,) = release(
                g, ask(name, Level.COMPANY, "2026-W37", "value_reporting"), viewer(who[0])
            ).answers
            assert isinstance(one.verdict, Released)
            return one.verdict.answer.value

        before = told("spend-unknown")
        put(g, usage(who[100], output=5, cost=MicroUsd(1_000_000)))
        assert (before, told("list-cost")) == (60.0, 60.0)


@pytest.mark.parametrize(
    "asked",
    [
        ask(NAMED, Level.COMPANY, purpose="value_reporting"),
        ask("kept", Level.COMPANY, purpose=NAMED),
        ask("kept", Level.COMPANY, purpose="value_reporting", author=NAMED),
        ask("kept", Level.COMPANY, purpose="value_reporting", **{NAMED: "x"}),
        ask("kept", Level.COMPANY, purpose="enablement", unit=NAMED),
        ask("kept", Level.COMPANY, purpose="enablement", role=NAMED),
        ask("kept", Level.COMPANY, purpose="enablement", kind=NAMED),
        ask("kept", Level.COMPANY, purpose="enablement", unit="team-001", person=NAMED),
    ],
)
def test_a_name_in_a_question_is_not_in_the_log(tmp_path: Path, asked: Any) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 240)
        put_in_force(g, programme())
        release(g, asked, viewer(who[0]))
        assert NAMED not in open_log(g)


@pytest.mark.parametrize(
    "asked",
    [
        AuditAsk(metric=MetricId(NAMED)),
        AuditAsk(metric=MetricId("tokens"), unit=UnitId(NAMED)),
        AuditAsk(metric=MetricId("tokens"), event=NAMED),
    ],
)
def test_a_name_in_an_audit_is_not_in_the_log(tmp_path: Path, asked: AuditAsk) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 240)
        put_in_force(g, programme())
        audit(g, asked, viewer(who[0]))
        assert NAMED not in open_log(g)


def test_a_name_as_purpose_of_incidents_or_pulse_is_not_in_the_log(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 240)
        put_in_force(g, programme())
        incidents_linked(g, Period.parse("2026-W37"), NAMED, viewer(who[0]))
        last_pulse(g, NAMED, viewer(who[0]))
        assert NAMED not in open_log(g)


def test_a_floor_that_was_raised_counts_answers_and_not_their_rounding(tmp_path: Path) -> None:
    with gate(tmp_path) as opened:
        pulse = Pulse(id="a", closes=NOW.date(), keys=dict.fromkeys(Standing, "a"), eligible=100)
        open_pulse(opened, pulse)
        g = replace(opened, now=NOW + timedelta(days=1))
        who = people_rows(g, 240)
        put_in_force(g, programme(("floor = 10", "floor = 15"), ("outcome = 10", "outcome = 15")))
        close_pulse(g, pulse, hours(13))
        found = last_pulse(g, "value_reporting", viewer(who[0]))
        assert isinstance(found, LastPulse)
        assert not any(isinstance(one, Released) for some in found.figures.values() for one in some)


def test_the_works_of_a_programme_that_ended_are_not_drawn(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        put(g, *rows_of(people_rows(g, PEOPLE)))
        text = programme()
        ends = next(line for line in text.splitlines() if line.startswith("ends = "))
        put_in_force(g, text.replace(ends, "ends = 2026-11-26"))
        plan_sample(g, PLAN)
        assert isinstance(draw_sample(at(g), PLAN.name, VALUE, OPERATOR), Refuse)


def test_whoever_is_in_what_was_drawn_from_finds_it_in_their_record(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, PEOPLE)
        put(g, *rows_of(who))
        put_in_force(g, programme())
        plan_sample(g, PLAN)
        assert isinstance(draw_sample(at(g), PLAN.name, VALUE, OPERATOR), DrawnSample)
        record = own_record(g, who[0], g.keys.secret_of("p00000"))  # type: ignore[attr-defined]
        assert isinstance(record, Released)
        assert [one.metric for one in record.answer.part_of] == ["outcome-sample"]


def test_the_audit_of_a_unit_is_not_told_to_everybody_as_that_of_all(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 240)
        put(
            g,
            *(
                Unit(unit=UnitId(f"team-{n:03d}"), parent=UnitId("sales/"), lead=who[n * 12])
                for n in range(10)
            ),
        )
        put_in_force(g, with_target(('[[metrics]]\nid = "kept"', MORE + '[[metrics]]\nid = "kept"')) + SHOWN)
        lived_for_long(g, who, gamed_from=None)
        asked = AuditAsk(metric=MetricId("tokens"), unit=UnitId("sales/"))
        assert isinstance(audit(g, asked, viewer(who[132], Role.LEADER)).verdict, Released)
        assert not kept_audits(g)


def test_an_event_tells_neither_the_costs_of_ones_own_team_nor_those_of_one_person(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 480)
        text = with_target(('[[metrics]]\nid = "kept"', MORE + '[[metrics]]\nid = "kept"'))
        put_in_force(replace(g, now=datetime(2026, 6, 8, 12, tzinfo=UTC)), text + SHOWN)
        lived_for_long(g, who, gamed_from=None)
        weeks = [BEGINS + timedelta(weeks=week) for week in range(19, WEEKS)]
        put(g, *(usage(who[5], day=day, output=7, model="x", cost=MicroUsd(120_000_000)) for day in weeks))
        asked = AuditAsk(metric=MetricId("landed"), unit=UnitId("department-0"), event="programme@v1")
        said = []
        for leader in (who[0], who[120]):
            verdict = audit(g, asked, viewer(leader, Role.LEADER)).verdict
            assert isinstance(verdict, Released)
            said += [one.says for one in verdict.answer.effects if one.measure == "spend"]
        assert said[0] == NO_COSTS.says
        # It was 1 US dollar a head and week of 120 people: what that one person cost.
        assert said[1].startswith("0.00")


def test_a_part_of_the_spend_that_few_people_have_is_not_told(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 240)
        dollars = [(1 + n % 3) * 1_000_000 for n in range(240)]
        put(g, *(spent(one, "", unknown=dollars[n]) for n, one in enumerate(who)))
        put(g, *(
            spent(one, "event", standing=dollars[n], undone=dollars[n] if n < 8 else 0)
            for n, one in enumerate(who)
        ))  # fmt: skip
        put_in_force(g, measured())

        def told(name: str) -> Any:
            (one,) = release(g, ask(name, Level.COMPANY, purpose="value_reporting"), viewer(who[0])).answers
            return one.verdict

        assert isinstance(told("spend-undone"), Withheld)
        # Nor are the others of which it would be the difference.
        assert isinstance(told("spend-standing"), Withheld)
        assert isinstance(told("spend-unknown"), Released)


@pytest.mark.parametrize("name", [NAMED, "p00003", "for p00003", "bots/p00003", "0" * 32])
def test_what_is_planned_or_declared_has_no_name_of_a_person(tmp_path: Path, name: str) -> None:
    with gate(tmp_path) as g:
        people_rows(g, 240)
        put_in_force(g, programme())
        assert isinstance(plan_sample(g, replace(PLAN, name=name)), Refuse)
        says = Workload(
            name=WorkloadName("nightly"), kind=WorkloadKind.CI, says=f"run by {name}", since=NOW.date()
        )
        assert isinstance(declare(g, says), Refuse)
        assert isinstance(declare(g, replace(says, name=WorkloadName(name), says="x")), Refuse)
        assert name not in open_log(g)


@pytest.mark.parametrize("purpose", ["gaming_check", "own_insight", "performance_review", "replacement", "x"])
def test_no_works_are_drawn_for_what_the_programme_does_not_name(tmp_path: Path, purpose: str) -> None:
    with gate(tmp_path) as g:
        put(g, *rows_of(people_rows(g, PEOPLE)))
        put_in_force(g, programme())
        plan_sample(g, replace(PLAN, purpose=purpose))
        assert isinstance(draw_sample(at(g), PLAN.name, VALUE, OPERATOR), Refuse)


def test_a_late_deployment_is_not_the_difference_between_works_and_deployments(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 240)

        def deployed(n: int) -> list[Any]:
            work = f"shop@{n}"
            return [
                WorkFate(who=who[n], kind="deployment", work=work, landed=MONDAY),
                Deployment(
                    who=who[n], work=work, day=MONDAY, environment="production", repository="shop",
                    sha=CommitId("a" * 40), result="succeeded", unplanned=0, unplanned_by="", failed=0,
                    failed_by="",
                ),
            ]  # fmt: skip

        for n in range(8):
            put(g, *deployed(n))
        put(g, *(WorkFate(who=one, kind="change", work=f"c{n}", landed=MONDAY) for n, one in enumerate(who)))
        more = "".join(
            f'[[metrics]]\nid = "{name}"\nkind = "output"\nlevel = "unit"\n\n'
            for name in ("landed", "deployment-frequency")
        )
        put_in_force(g, programme(('[[metrics]]\nid = "kept"', more + '[[metrics]]\nid = "kept"')))

        def told(name: str, **chosen: str) -> Any:
            asked = ask(name, Level.COMPANY, purpose="value_reporting", **chosen)
            (one,) = release(g, asked, viewer(who[0])).answers
            assert isinstance(one.verdict, Released)
            return one.verdict.answer.value

        before = told("landed", kind="deployment")
        put(g, *deployed(100))
        assert (before, told("deployment-frequency")) == (8.0, 8.0)
