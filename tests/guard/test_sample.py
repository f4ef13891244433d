"""Works are drawn by what nobody could choose, judged by people who know nothing of use, told as rates."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from counterfoil.guard.dpia import REMEMBERED
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.person import own_record
from counterfoil.guard.retired import SAMPLE_KINDS, retire
from counterfoil.guard.sample import draw_sample, looked_over, plan_sample
from counterfoil.guard.sample_answered import enter_sheet
from counterfoil.guard.sample_frame import Cell, Line
from counterfoil.guard.sample_told import may_tell, padding_between, tell_sample
from counterfoil.ledger.entry import EntryKind, read_entry
from counterfoil.show.sample import sheet_csv, told_json, told_text
from counterfoil.show.server.log import _lines
from counterfoil.terms.absent import Unknown
from counterfoil.terms.arrived import Joined
from counterfoil.terms.ask import Role, Viewer
from counterfoil.terms.delivered import Deployment, Landing
from counterfoil.terms.error import LedgerBroken
from counterfoil.terms.ids import CommitId, Pseudonym
from counterfoil.terms.metric import Level
from counterfoil.terms.organisation import WorkFate
from counterfoil.terms.period import Block
from counterfoil.terms.release import Refuse, Released
from counterfoil.terms.sample import (
    Arm,
    DrawnSample,
    EnteredSheet,
    Judged,
    Padding,
    PlannedSample,
    SamplePlan,
    SheetLine,
    SheetReading,
    ToldSample,
)
from guard.organisation import NOW, TEAM, gate, people_rows, programme, put, put_in_force

BLOCK = Block(2026, 10)
VALUE = "b1946ac92492d2347c6235b4d2611184"
OPERATOR = Viewer(who=None, role=Role.OPERATOR)
PLAN = SamplePlan(
    name="autumn",
    says="How much of the work was needed",
    first=BLOCK,
    last=BLOCK,
    by=Level.COMPANY,
    purpose="value_reporting",
    works=300,
    controls=0.4,
    twice=0.2,
    drawn_from="the root of a public log on 26 November 2026, in hex",
    drawn_on=date(2026, 11, 26),
)
PEOPLE = 60 * TEAM
NEEDLESS = {True: 0.35, False: 0.1}


def sha(n: int) -> str:
    return hashlib.sha256(str(n).encode()).hexdigest()[:40]


def is_assisted(n: int) -> bool:
    return n % 5 < 3


def rows_of(who: Sequence[Pseudonym]) -> list[Any]:
    """Works of everybody: changes, some of them with AI, and deployments of such a change or of none."""
    rows: list[Any] = []
    for n in range(2 * len(who)):
        day = BLOCK.since + timedelta(days=n % 28)
        person, repository = who[n % len(who)], f"github.com/shop/part-{n % 4}"
        if n % 7 == 6:
            # With AI: a deployment of a change that AI had a hand in, or of a commit that a session made.
            by_change = is_assisted(n) and is_assisted(n - 1)
            if by_change:
                repository = f"github.com/shop/part-{(n - 1) % 4}"
            work, found = f"{repository}@{n}", CommitId(sha(n - 1 if by_change else n))
            rows += [
                WorkFate(who=person, kind="deployment", work=work, landed=day),
                Deployment(
                    who=person, work=work, day=day, environment="production", repository=repository,
                    sha=found, result="succeeded", unplanned=0, unplanned_by="", failed=0, failed_by="",
                ),
            ]  # fmt: skip
            commit = "" if by_change else str(found)
        else:
            work, commit = f"{repository}#{n}", sha(n)
            rows += [
                WorkFate(who=person, kind="change", work=work, landed=day),
                Landing(repository=repository, commit=CommitId(commit), work=work, day=day),
            ]
        if is_assisted(n) and commit:
            # Some tools shorten a commit, and some don't say where it is.
            said = commit[:12] if n % 2 else commit
            where = "" if n % 11 == 0 else repository
            rows.append(
                Joined(day=day, session=n, repository=where, commit=said, who=person, tool="t", path="event")
            )
    return rows


@pytest.fixture(autouse=True)
def same_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is drawn is the same each time: an interval misses the truth in one of twenty."""
    monkeypatch.setattr("counterfoil.guard.sealed.new_seed", lambda: "5e" * 32)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sampled")
    with gate(folder) as g:
        put(g, *rows_of(people_rows(g, PEOPLE)))
        put_in_force(g, programme())
    return folder


@pytest.fixture
def g(lived: Path, tmp_path: Path) -> Iterator[Guarded]:
    shutil.copytree(lived, tmp_path / "data")
    with gate(tmp_path / "data") as opened:
        yield opened


def at(g: Guarded, day: date = PLAN.drawn_on) -> Guarded:
    return replace(g, now=datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


def drawn(g: Guarded, plan: SamplePlan = PLAN) -> DrawnSample:
    assert isinstance(plan_sample(g, plan), PlannedSample)
    found = draw_sample(at(g), plan.name, VALUE, OPERATOR)
    assert isinstance(found, DrawnSample), found
    return found


def number_of(line: SheetLine) -> int:
    return int(line.work.replace("@", "#").rpartition("#")[2])


def judged(lines: Sequence[SheetLine], *, seed: int = 5, slips: float = 0.0) -> SheetReading:
    """What assessors say who see how it is, but for some slips."""
    chance = np.random.default_rng(seed)
    answers: dict[str, dict[str, str]] = {}
    for line in lines:
        needless = np.random.default_rng(number_of(line)).random() < NEEDLESS[is_assisted(number_of(line))]
        if chance.random() < slips:
            needless = not needless
        unclear = chance.random() < 0.05
        answers[line.line] = {
            Judged.CONSEQUENTIAL: "unclear" if unclear else "yes",
            Judged.CORRECT: "yes" if number_of(line) % 10 else "no",
            Judged.NEEDED: "no" if needless else "yes",
        }
    return SheetReading(answers=answers, wrong=[])


def entered(g: Guarded, found: DrawnSample) -> None:
    for lines, slips, seed in ((found.sheet, 0.0, 5), (found.second, 0.05, 6)):
        done = enter_sheet(at(g), "autumn", judged(lines, slips=slips, seed=seed))
        assert isinstance(done, EnteredSheet), done


def test_the_sheet_says_nothing_of_use_and_both_kinds_are_in_it(g: Guarded) -> None:
    found = drawn(g)
    assert len(found.sheet) == 300 and len(found.second) == 60
    assisted = [is_assisted(number_of(line)) for line in found.sheet]
    assert sum(assisted) == 180
    # The order of a sheet tells neither which of them AI had a hand in, nor what kind it is.
    assert 60 < sum(assisted[:150]) < 120
    assert {line.kind for line in found.sheet[:40]} == {"change", "deployment"}
    text = sheet_csv([*found.sheet, *found.second])
    assert text.splitlines()[0] == "line,kind,work,repository,commit,consequential,correct,needed"
    assert not [
        word for word in ("tool", "token", "session", "team-", "department", "claude") if word in text
    ]
    assert not [who for who in g.keys.pseudonyms([f"p{n:05d}" for n in range(50)]) if who in text]
    assert all(line.commit for line in found.sheet)
    assert len({line.line for line in (*found.sheet, *found.second)}) == 360
    assert {line.work for line in found.second} <= {line.work for line in found.sheet}


def test_what_is_kept_and_logged_names_nobody(g: Guarded) -> None:
    found = drawn(g)
    entered(g, found)
    kept = b"".join(v for kind in SAMPLE_KINDS for v in g.lake.registry.all_kept(kind).values()).decode()
    logged = b"".join(g.log.entry(n) for n in range(len(g.log)) if g.log.entry(n)[0] != EntryKind.PERSON_READ)
    for who in g.keys.pseudonyms([f"p{n:05d}" for n in range(PEOPLE)]):
        assert who not in kept and who.encode() not in logged
    assert b"shop/part" not in logged
    assert g.lake.registry.kinds() <= set(REMEMBERED)


def test_the_same_value_draws_the_same_and_another_one_is_refused(g: Guarded) -> None:
    found = drawn(g)
    again = draw_sample(at(g), "autumn", VALUE, OPERATOR)
    assert isinstance(again, DrawnSample) and again.sheet == found.sheet and again.second == found.second
    other = draw_sample(at(g), "autumn", "another", OPERATOR)
    assert isinstance(other, Refuse) and other.clause == "sample-drawn"
    planned = plan_sample(g, PLAN)
    assert isinstance(planned, Refuse) and planned.clause == "sample-drawn"
    assert isinstance(plan_sample(g, replace(PLAN, name="winter")), PlannedSample)
    overlapping = draw_sample(at(g), "winter", VALUE, OPERATOR)
    assert isinstance(overlapping, Refuse) and overlapping.clause == "sample-overlap"


def test_a_crash_before_works_are_kept_draws_the_same(g: Guarded) -> None:
    found = drawn(g)
    with g.lake.registry.change() as change:
        change.forget("sample-drawn", "autumn")
    again = draw_sample(at(g), "autumn", VALUE, OPERATOR)
    assert isinstance(again, DrawnSample) and again.sheet == found.sheet


def test_rates_stand_beside_controls_and_padding_is_a_lower_bound(g: Guarded) -> None:
    entered(g, drawn(g))
    told = tell_sample(at(g), "autumn", OPERATOR)
    assert isinstance(told, ToldSample)
    (group,) = told.groups
    assert group.group == "the company" and isinstance(group.verdict, Released)
    found = group.verdict.answer
    needed = {one.arm: one.rate for one in found.rates if one.question is Judged.NEEDED}
    for arm, truth in ((Arm.ASSISTED, 0.65), (Arm.CONTROL, 0.9)):
        rate = needed[arm]
        assert not isinstance(rate, Unknown) and not isinstance(rate.low, Unknown)
        assert not isinstance(rate.high, Unknown)
        assert rate.low <= truth <= rate.high and rate.n % 5 == 0
    assert isinstance(found.padding, Padding)
    assert 0.05 < found.padding.at_least <= 0.25 <= float(found.padding.excess.high)  # type: ignore[arg-type]
    kappas = {one.question: one.kappa for one in told.agreement}
    assert 0.6 < kappas[Judged.NEEDED].value < 1  # type: ignore[union-attr]
    # The list of works is gone; what was told is told once, and audit reads it again.
    assert g.lake.registry.kept("sample-drawn", "autumn") is None
    again = tell_sample(at(g), "autumn", OPERATOR)
    assert isinstance(again, Refuse) and again.clause == "sample-told"
    (kept,) = padding_between(g, date(2026, 1, 1), date(2027, 1, 1))
    assert kept.answer == found.padding
    assert not padding_between(g, date(2026, 9, 8), date(2027, 1, 1))
    text = told_text(told, width=100)
    assert "padding: At least" in text and "the company" in text
    assert json.loads(told_json(told))["groups"][0]["verdict"] == "released"
    assert "shop/part" not in text + told_json(told)


def test_everybody_finds_in_their_own_record_that_they_are_part_of_it(g: Guarded) -> None:
    entered(g, drawn(g))
    assert isinstance(tell_sample(at(g), "autumn", OPERATOR), ToldSample)
    (who,) = g.keys.pseudonyms(["p00007"])
    own = own_record(at(g), who, g.keys.secret_of("p00007"))  # type: ignore[attr-defined]
    assert isinstance(own, Released)
    # Once as it was drawn, and once as it was told.
    assert [(one.metric, one.period) for one in own.answer.part_of] == 2 * [("outcome-sample", "2026-B10")]


def test_units_below_the_floor_are_in_no_way_a_part_of_it(g: Guarded) -> None:
    plan = replace(PLAN, by=Level.UNIT, purpose="enablement", works=200)
    found = drawn(g, plan)
    assert found.left_out == 0
    entered(g, found)
    told = tell_sample(at(g), "autumn", OPERATOR)
    assert isinstance(told, ToldSample)
    assert [group.group for group in told.groups] == [f"department-{n}" for n in range(6)]
    assert all(isinstance(group.verdict, Released) for group in told.groups)
    for group in told.groups:
        assert isinstance(group.verdict, Released)
        # Of fewer than 500 people, no share of padding is told.
        assert isinstance(group.verdict.answer.padding, Unknown)
    assert not padding_between(g, date(2026, 1, 1), date(2027, 1, 1))


def test_small_units_are_left_out(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        # One full department, and another with nine people.
        who = people_rows(g, 10 * TEAM + 9)
        put(g, *rows_of([*who] * 4))
        put_in_force(g, programme())
        found = drawn(g, replace(PLAN, by=Level.UNIT, purpose="enablement", works=200))
        assert found.left_out == 1
        small = {f"{n}" for n in range(8 * len(who)) if n % len(who) >= 10 * TEAM}
        assert not [line for line in found.sheet if f"{number_of(line)}" in small]


def test_works_of_whoever_objects_are_not_drawn_from(g: Guarded) -> None:
    who = g.keys.pseudonyms([f"p{n:05d}" for n in range(PEOPLE // 2)])
    with g.lake.registry.change() as change:
        for one in who:
            change.keep("objected", one, b"1")
    found = drawn(g)
    assert all(number_of(line) % PEOPLE >= PEOPLE // 2 for line in found.sheet)


def test_works_in_which_nobody_could_find_ai_are_no_controls(g: Guarded) -> None:
    who = g.keys.pseudonyms([f"p{n:05d}" for n in range(PEOPLE)])
    tickets = [
        WorkFate(who=one, kind="ticket", work=f"t#{n}", landed=BLOCK.since) for n, one in enumerate(who)
    ]
    put(g, *tickets)
    assert all(line.commit for line in drawn(g).sheet)


def test_a_company_whose_works_have_no_commits_has_one_arm(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, PEOPLE)
        put(g, *[WorkFate(who=one, kind="ticket", work=f"t#{n}", landed=BLOCK.since)
                 for n, one in enumerate(who)])  # fmt: skip
        put_in_force(g, programme())
        entered(g, drawn(g))
        told = tell_sample(at(g), "autumn", OPERATOR)
        assert isinstance(told, ToldSample) and isinstance(told.groups[0].verdict, Released)
        found = told.groups[0].verdict.answer
        assert {one.arm for one in found.rates} == {Arm.CONTROL} and isinstance(found.padding, Unknown)


def test_one_who_made_most_of_it_keeps_it_from_being_told(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 5 * TEAM)
        put(g, *rows_of([*who, *([who[3]] * 200)]))
        put_in_force(g, programme())
        assert isinstance(plan_sample(g, PLAN), PlannedSample)
        refused = draw_sample(at(g), "autumn", VALUE, OPERATOR)
        assert isinstance(refused, Refuse) and refused.clause == "sample-few"


def test_too_few_people_or_one_person_behind_what_was_answered_keep_it_back() -> None:
    def cell(lines: int, people: int, largest: int) -> Cell:
        made = [
            Line(line=f"{n}", kind="change", work=f"{n}", repository="", commits="", stratum=0)
            for n in range(lines)
        ]
        return Cell(
            group="g", arm=Arm.CONTROL, frame=[99], people=people, largest=largest, lines=made
        )  # fmt: skip

    def answers(many: int) -> dict[str, dict[str, str]]:
        return {f"{n}": {"needed": "yes"} for n in range(many)}

    assert may_tell(cell(30, 11, 15), answers(30))
    assert not may_tell(cell(30, 11, 15), answers(29))
    assert may_tell(cell(30, 11, 3), answers(24))
    # Were the six that nobody answered six people's only ones, four would be left.
    assert not may_tell(cell(30, 10, 3), answers(24))


def test_it_waits_until_four_fifths_are_answered(g: Guarded) -> None:
    found = drawn(g)
    reading = judged(found.sheet)
    missing = [line.line for line in found.sheet if not is_assisted(number_of(line))][:50]
    enter_sheet(at(g), "autumn", replace(reading, answers={
        line: said for line, said in reading.answers.items() if line not in missing
    }))  # fmt: skip
    early = tell_sample(at(g), "autumn", OPERATOR)
    assert isinstance(early, Refuse) and early.clause == "sample-unanswered"
    enter_sheet(at(g), "autumn", judged(found.second))
    told = tell_sample(at(g), "autumn", OPERATOR)
    assert isinstance(told, ToldSample) and isinstance(told.groups[0].verdict, Released)


def test_a_sheet_goes_in_whole_or_not_at_all(g: Guarded) -> None:
    found = drawn(g)
    some = judged(found.sheet[:10])
    done = enter_sheet(at(g), "autumn", some)
    assert isinstance(done, EnteredSheet) and (done.fresh, done.left) == (10, 350)
    again = enter_sheet(at(g), "autumn", judged(found.sheet[:12]))
    assert isinstance(again, EnteredSheet) and (again.fresh, again.same) == (2, 10)
    other: dict[str, dict[str, str]] = {
        found.sheet[0].line: {Judged.NEEDED: "unclear"},
        "ffff": {Judged.NEEDED: "yes"},
    }
    refused = enter_sheet(at(g), "autumn", SheetReading(answers=other, wrong=["row 3: it names no line"]))
    assert isinstance(refused, Refuse) and refused.clause == "sample-rows"
    for words in ("row 3", "ffff is none of this sample's", "with other answers"):
        assert words in refused.why
    assert isinstance(enter_sheet(g, "nobody", some), Refuse)


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        ({"first": Block(2026, 11)}, "sample-blocks"),
        ({"first": Block(2026, 5)}, "sample-blocks"),
        ({"drawn_on": NOW.date()}, "sample-known"),
        ({"last": Block(2026, 12)}, "sample-unfinished"),
        ({"by": Level.TEAM}, "sample-of-whom"),
        ({"works": 20}, "sample-works"),
        ({"controls": 0.05}, "sample-shares"),
        ({"twice": 0.9}, "sample-shares"),
    ],
)
def test_plans_that_could_not_be_drawn_are_refused(change: dict[str, Any], clause: str) -> None:
    refused = looked_over(replace(PLAN, **change), NOW.date())
    assert isinstance(refused, Refuse) and refused.clause == clause


@pytest.mark.parametrize(
    ("change", "viewer", "clause"),
    [
        ({"purpose": "performance_review"}, OPERATOR, "only-what-the-programme-says"),
        ({"by": Level.UNIT, "purpose": "replacement"}, OPERATOR, "no-jobs-below-the-company"),
        ({}, Viewer(who=Pseudonym("x"), role=Role.LEADER), "sample-drawer"),
        ({"first": Block(2026, 9)}, OPERATOR, "before-the-programme"),
        ({}, Viewer(who=Pseudonym("x"), role=Role.COUNCIL), "role-not-held"),
    ],
)
def test_draws_that_nobody_agreed_to_are_refused_and_logged(
    g: Guarded, change: dict[str, Any], viewer: Viewer, clause: str
) -> None:
    assert isinstance(plan_sample(g, replace(PLAN, **change)), PlannedSample)
    refused = draw_sample(at(g), "autumn", VALUE, viewer)
    assert isinstance(refused, Refuse) and refused.clause == clause
    body = read_entry(g.log.entry(len(g.log) - 1))[1]
    assert (body["state"], body["clause"]) == ("refused", clause)
    assert g.lake.registry.kept("sample-drawn", "autumn") is None


def test_the_log_says_in_words_what_was_done_and_refused(g: Guarded) -> None:
    found = drawn(g)
    assert isinstance(tell_sample(at(g), "autumn", OPERATOR), Refuse)
    entered(g, found)
    assert isinstance(
        tell_sample(at(g), "autumn", Viewer(who=g.keys.pseudonyms(["p00001"])[0], role=Role.LEADER)), Refuse
    )
    assert isinstance(tell_sample(at(g), "autumn", OPERATOR), ToldSample)
    entries = [(n, read_entry(g.log.entry(n))[1]) for n in range(1, len(g.log))]
    said = [line.says for line in _lines(entries[::-1])][::-1]
    named = "The outcome sample autumn "
    assert [words.removeprefix(named) for words in said if named in words] == [
        "was planned.", "was begun to be drawn.", "was drawn by chance.", "was not told.", "got answers.",
        "got answers.", "was not told.",
    ]  # fmt: skip
    assert "asked for an outcome sample of the company, for value reporting" in said[-1]


def test_it_is_not_drawn_before_the_value_is_out_or_without_a_plan(g: Guarded, tmp_path: Path) -> None:
    assert isinstance(plan_sample(g, PLAN), PlannedSample)
    early = draw_sample(g, "autumn", VALUE, OPERATOR)
    assert isinstance(early, Refuse) and early.clause == "sample-early"
    none = draw_sample(g, "other", VALUE, OPERATOR)
    assert isinstance(none, Refuse) and none.clause == "no-sample"
    undrawn = tell_sample(g, "autumn", OPERATOR)
    assert isinstance(undrawn, Refuse) and undrawn.clause == "sample-undrawn"


@pytest.mark.parametrize("kind", ["sample", "sample-drawn", "sample-answers"])
def test_what_was_altered_breaks(g: Guarded, kind: str) -> None:
    entered(g, drawn(g))
    kept = g.lake.registry.kept(kind, "autumn") or b""
    old, new = {"sample": (b"0.4", b"0.5"), "sample-drawn": (b"change", b"ticket")}.get(kind, (b"no", b"yes"))
    with g.lake.registry.change() as change:
        change.keep(kind, "autumn", kept.replace(old, new))
    with pytest.raises(LedgerBroken):
        tell_sample(at(g), "autumn", OPERATOR)


def test_a_list_of_works_that_nobody_told_of_goes(g: Guarded) -> None:
    entered(g, drawn(g))
    retire(at(g, PLAN.drawn_on + timedelta(days=89)))
    assert g.lake.registry.kept("sample-drawn", "autumn") is not None
    later = at(g, PLAN.drawn_on + timedelta(days=90))
    retire(later)
    assert g.lake.registry.kept("sample-drawn", "autumn") is None
    assert g.lake.registry.kept("sample-answers", "autumn") is None
    states = [
        read_entry(e)[1].get("state") for n in range(len(g.log)) if (e := g.log.entry(n))[0] == EntryKind.RULE
    ]
    assert "forgotten" in states
    gone = draw_sample(later, "autumn", VALUE, OPERATOR)
    assert isinstance(gone, Refuse) and gone.clause == "retired"
