"""Audits behind the gate: judged, logged, over kept sums of units; what follows, and what is never told."""

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from counterfoil.guard.audited import OPERATOR, Audited, audit, audits_due, follows
from counterfoil.guard.audits import kept_audits
from counterfoil.guard.force import version
from counterfoil.guard.guarded import KEYS_AWAY, Guarded
from counterfoil.guard.partition import named
from counterfoil.guard.person import own_record
from counterfoil.guard.release import release
from counterfoil.guard.retired import retire
from counterfoil.guard.weekly import LEAST_UNIT, reduce_weeks, unit_weeks
from counterfoil.guard.workloads import declare
from counterfoil.ledger.entry import Body, EntryKind, read_entry
from counterfoil.ledger.keyholder import Keyholder
from counterfoil.measure.cohort.metric import Fact
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Role
from counterfoil.terms.audit import Verdict
from counterfoil.terms.audited import AuditAsk, AuditTold
from counterfoil.terms.delivered import Deployment
from counterfoil.terms.error import StoreError
from counterfoil.terms.ids import CommitId, MetricId, Pseudonym, UnitId, WorkloadName
from counterfoil.terms.metric import Level
from counterfoil.terms.organisation import Membership, Person, WorkFate
from counterfoil.terms.period import Block
from counterfoil.terms.release import Refuse, Released
from counterfoil.terms.workload import Workload, WorkloadKind
from guard.audited_company import BEGINS, WEEKS, lived_for_long, with_target
from guard.organisation import (
    LONG_AGO,
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

TOKENS = AuditAsk(metric=MetricId("tokens"))
PEOPLE, GAMED_FROM = 480, 20
DISPLAY = """
[[displays]]
id = "tokens"
metrics = ["tokens"]
level = "unit"
audience = ["leaders"]
"""


def told(answered: Audited) -> AuditTold:
    assert isinstance(answered.verdict, Released), answered.verdict
    return answered.verdict.answer


def entries(g: Guarded) -> Iterator[tuple[int, Body]]:
    """The entries that everybody can read, each with its place."""
    for place in range(len(g.log)):
        if (entry := g.log.entry(place))[0] != EntryKind.PERSON_READ:
            yield place, read_entry(entry)[1]


def refused(answered: Audited) -> str:
    assert isinstance(answered.verdict, Refuse), answered.verdict
    return answered.verdict.clause


@dataclass
class Company:
    g: Guarded
    who: Sequence[Pseudonym]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company whose tokens have come apart from its work, once audited."""
    with gate(tmp_path_factory.mktemp("company")) as g:
        who = people_rows(g, PEOPLE)
        put_in_force(g, with_target() + DISPLAY)
        lived_for_long(g, who, gamed_from=GAMED_FROM)
        audit(g, TOKENS, OPERATOR)
        yield Company(g, who)


def test_a_number_that_has_come_apart_is_said_since_when_and_what_it_points_at(company: Company) -> None:
    before = len(company.g.log)
    answered = audit(company.g, TOKENS, viewer(company.who[1]))
    found = told(answered)
    assert list(audits_due(company.g)) == [TOKENS]
    assert found.verdict is Verdict.APART
    weeks = [one.week for one in found.weeks]
    assert GAMED_FROM - 2 <= weeks.index(found.since) <= GAMED_FROM + 3
    assert found.says.startswith("Has come apart from outcomes since week")
    assert ("targets.tokens", "AP101") in [(one.field, one.rule) for one in found.levers]
    assert (found.people, found.units) == (PEOPLE, PEOPLE // 12)
    assert answered.entry == found.entry == before
    kind, body = read_entry(company.g.log.entry(before))
    assert (kind, body["metric"], body["purpose"], body["verdict"]) == (
        EntryKind.RELEASE, "tokens", "gaming_check", "permitted",
    )  # fmt: skip
    assert max(one.alarm for one in found.weeks if isinstance(one.alarm, float)) > 5


def test_it_is_withdrawn_before_anybody_is_told_and_everything_of_it_is_refused(company: Company) -> None:
    g = company.g
    kept = kept_audits(g)[MetricId("tokens")].answer
    assert "withdraws its target and display until a new version" in kept.follows
    place, body = next((n, body) for n, body in entries(g) if body.get("rule") == "suspended")
    assert body["of"] == "tokens"
    asked = ask("tokens", Level.COMPANY, "2026-W30", "value_reporting")
    (answer,) = release(g, asked, viewer(company.who[1])).answers
    assert isinstance(answer.verdict, Refuse)
    assert answer.verdict.clause == "suspended"
    assert f"entry {place} of the log" in answer.verdict.why


def test_an_audit_is_the_same_whoever_asks_and_parts_no_atoms(company: Company) -> None:
    g = company.g
    atoms = g.lake.registry.all_kept("atoms")
    one, other = (told(audit(g, TOKENS, asker)) for asker in (OPERATOR, viewer(company.who[7])))
    assert replace(one, entry=0) == replace(other, entry=0)
    assert g.lake.registry.all_kept("atoms") == atoms
    assert not g.lake.registry.sealed("usage_day")


def test_what_a_blind_sample_found_stands_beside_it(company: Company) -> None:
    g = company.g
    share = {"value": 0.3, "low": 0.2, "high": 0.4, "n": 120, "coverage": 0.1, "method": "outcome-sample"}
    kept = {
        **dict.fromkeys(("assisted", "controls", "excess"), share), "group": "the company",
        "first": "2026-B08", "last": "2026-B09", "at_least": 0.08, "sample": "autumn",
    }  # fmt: skip
    with g.lake.registry.change() as change:
        change.keep("sample-told", "autumn", json.dumps([kept]).encode())
    sign = told(audit(g, TOKENS, OPERATOR)).signs[-1]
    assert (sign.test, sign.speaks) == ("outcome-sample", True)
    assert sign.says.startswith("At least 8 % of the work with AI evidence was needless")
    with g.lake.registry.change() as change:
        change.forget("sample-told", "autumn")
    assert told(audit(g, TOKENS, OPERATOR)).signs[-1].test != "outcome-sample"


def test_no_question_can_name_what_an_audit_is_for(company: Company) -> None:
    asked = ask("kept", Level.COMPANY, "2026-W30", "gaming_check")
    (answer,) = release(company.g, asked, viewer(company.who[1])).answers
    assert isinstance(answer.verdict, Refuse)
    assert answer.verdict.clause == "unknown-purpose"


def test_a_unit_is_audited_for_those_who_see_its_number_and_parts_the_atoms_as_it_would(
    company: Company,
) -> None:
    g, who = company.g, company.who
    asked = AuditAsk(metric=MetricId("tokens"), unit=UnitId("department-3"))
    assert refused(audit(g, asked, viewer(who[1]))) == "only-to-whom-the-programme-says"
    assert refused(audit(g, asked, OPERATOR)) == "only-to-whom-the-programme-says"
    assert refused(audit(g, asked, viewer(who[360], Role.LEADER))) == "activity-of-many"
    team, leader = replace(asked, unit=UnitId("team-003")), viewer(who[0], Role.LEADER)
    assert refused(audit(g, team, leader)) == "only-to-whom-the-programme-says"
    found = told(audit(g, asked, leader))
    with g.lake.registry.change() as change:
        change.keep("erased-of", named(Fact.WORK, Block.of(BEGINS)), b"1")
    assert refused(audit(g, replace(asked, unit=UnitId("department-2")), leader)) == "erased"
    with g.lake.registry.change() as change:
        change.forget("erased-of", named(Fact.WORK, Block.of(BEGINS)))
    assert found.verdict is Verdict.CANT_TELL
    assert "units are too few" in found.says
    assert g.lake.registry.kept("atoms", named(Fact.USAGE, Block.of(BEGINS))) is not None
    assert found.follows == "", "a part of the company suspends nothing"


@pytest.mark.parametrize(
    ("asked", "clause"),
    [
        (AuditAsk(metric=MetricId("kept")), "not-audited"),
        (AuditAsk(metric=MetricId("landed")), "not-measured"),
        (AuditAsk(metric=MetricId("tokens"), since=date(2026, 11, 2)), "closed-periods"),
        (AuditAsk(metric=MetricId("tokens"), event="programme@v9"), "no-event"),
    ],
)
def test_what_can_not_be_audited_is_refused_and_logged(
    company: Company, asked: AuditAsk, clause: str
) -> None:
    answered = audit(company.g, asked, OPERATOR)
    assert refused(answered) == clause
    assert read_entry(company.g.log.entry(answered.entry))[1]["clause"] == clause


def test_an_event_is_held_against_units_without_it(company: Company) -> None:
    g, leader = company.g, viewer(company.who[0], Role.LEADER)
    whole = told(audit(g, replace(TOKENS, event="programme@v1"), OPERATOR))
    assert "launched a target" in whole.event
    assert [one.known for one in whole.effects] == [False]
    assert "--unit" in whole.effects[0].says
    part = replace(TOKENS, event="programme@v1", unit=UnitId("department-3"))
    effects = {one.measure: one for one in told(audit(g, part, leader)).effects}
    assert set(effects) == {"rework", "errors", "spend", "needless effects"}


def test_no_person_and_no_small_unit_is_in_what_is_kept_told_or_logged(company: Company) -> None:
    g = company.g
    names = set(company.who) | {f"p{n:05d}" for n in range(PEOPLE)}
    texts = [json.dumps(asdict(one.answer), default=str) for one in kept_audits(g).values()]
    texts += [json.dumps(body) for _, body in entries(g)]
    texts += [zlib.decompress(kept).decode() for kept in g.lake.registry.all_kept("unit-week").values()]
    for text in texts:
        assert not [name for name in names if name in text]
    for fact in (Fact.USAGE, Fact.WORK):
        for week in unit_weeks(g, fact):
            assert min(week.sums["heads"]) >= LEAST_UNIT
            assert all(counts[-1] == 0 or counts[-1] >= LEAST_UNIT for counts in week.bins.values())


def test_sums_outlive_the_rows_and_never_change(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 48)
        put(g, Person(who=Pseudonym("alone"), role="office", joined=LONG_AGO))
        put(g, Membership(who=Pseudonym("alone"), unit=UnitId("of-one"), since=LONG_AGO))
        text = with_target().replace('keep_raw = "900 days"', 'keep_raw = "30 days"')
        put_in_force(g, text)
        put(g, *(usage(one, day=BEGINS, output=100, workload="ci/nightly") for one in who[:24]))
        put(g, *(usage(one, day=BEGINS, output=10) for one in [*who, Pseudonym("alone")]))
        ci = Workload(name=WorkloadName("ci"), kind=WorkloadKind.CI, says="reviews", since=BEGINS)
        assert declare(g, ci) is None
        assert "usage_day" in retire(g)
        (week, *_) = unit_weeks(g, Fact.USAGE)
        assert "of-one" not in week.units
        assert (week.sums["tokens"].sum(), week.sums["declared"].sum()) == (480, 2_400)
        assert week.sums["active"].sum() == 48
        assert week.people == 49
        put(g, usage(who[0], day=BEGINS, output=999_999))
        assert reduce_weeks(g) == 0
        assert unit_weeks(g, Fact.USAGE)[0].sums["tokens"].sum() == 480


def test_a_deployment_of_what_runs_already_is_needless(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 24)
        put_in_force(g, with_target())
        # The second puts out the first anew; the fourth takes back the third, and is not needless.
        for n, (sha, failed, environment) in enumerate([
            ("a", 0, "production"), ("a", 0, "production"), ("b", 1, "production"),
            ("a", 0, "production"), ("a", 0, "staging"),
        ]):  # fmt: skip
            day = BEGINS + timedelta(days=n // 2)
            put(
                g,
                Deployment(
                    who=who[n], work=f"h/a/b@{n + 9}", day=day, environment=environment, repository="h/a/b",
                    sha=CommitId(sha * 40), result="succeeded", unplanned=0, unplanned_by="", failed=failed,
                    failed_by="incident" if failed else "",
                ),
            )  # fmt: skip
        assert reduce_weeks(g) > 0
        (week, *_) = unit_weeks(g, Fact.DEPLOYMENT)
        assert [week.sums[name].sum() for name in ("deployed", "failed", "needless")] == [4, 1, 1]


def test_without_checks_nothing_is_kept_and_nothing_is_audited(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        assert refused(audit(g, TOKENS, OPERATOR)) == "no-programme"
        assert not audits_due(g)
        people_rows(g, 24)
        put_in_force(g, programme(('checks = ["decoupling", "bunching"]', "checks = []")))
        assert reduce_weeks(g) == 0
        assert not audits_due(g)
        assert refused(audit(g, TOKENS, OPERATOR)) == "no-checks"


def test_what_is_told_of_a_number_that_is_not_withdrawn(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 264)
        put_in_force(g, with_target(('on_break = "suspend"', 'on_break = "tell"')))
        lived_for_long(g, who, gamed_from=GAMED_FROM, share=0.4)
        found = told(audit(g, TOKENS, OPERATOR))
        assert found.verdict is Verdict.APART
        assert "this is told" in found.follows
        force = version(g)
        assert force is not None
        quiet = replace(force, text=force.text.replace('on_break = "tell"', 'on_break = "nothing"'))
        assert follows(g, quiet, found) == "The programme says that nothing follows."
        assert not g.lake.registry.all_kept("suspended")


def test_an_honest_company_is_told_no_sign_and_few_people_nothing(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 264)
        put_in_force(g, with_target())
        lived_for_long(g, who, gamed_from=None)
        # One huge person moves nothing.
        mondays = [BEGINS + timedelta(weeks=n) for n in range(WEEKS)]
        put(g, *(usage(who[5], day=day, output=10**9, tool="x") for day in mondays))
        found = told(audit(g, TOKENS, OPERATOR))
        assert found.verdict is Verdict.NO_SIGN
        assert not found.follows
        later = told(audit(g, replace(TOKENS, since=BEGINS + timedelta(weeks=30)), OPERATOR))
        assert later.verdict is Verdict.CANT_TELL
        assert "weeks are missing" in later.says
    folder = tmp_path / "small"
    folder.mkdir()
    with gate(folder) as g:
        who = people_rows(g, 36)
        put_in_force(g, with_target())
        put(g, *(usage(one, day=BEGINS, output=1) for one in who))
        assert refused(audit(g, TOKENS, OPERATOR)) == "closed-periods"
        put(g, *(WorkFate(who=one, kind="change", work=one, landed=BEGINS) for one in who))
        found = told(audit(g, TOKENS, OPERATOR))
        assert (found.verdict, found.says) == (
            Verdict.CANT_TELL,
            "Can't tell, because 35 people are too few: it takes 50.",
        )


def test_ones_own_record_says_which_audits_one_was_part_of(company: Company) -> None:
    keys = company.g.keys
    assert isinstance(keys, Keyholder)
    own = own_record(company.g, company.who[9], keys.secret_of("p00009"))
    assert isinstance(own, Released)
    audits = [one for one in own.answer.part_of if one.purpose == "gaming_check"]
    assert audits
    assert {(one.metric, one.group) for one in audits} >= {("tokens", "the company")}


class Away:
    """Keys that can't be reached."""

    def name(self) -> str:
        """Say nothing."""
        raise StoreError("keyholder-down", "it can't be reached", hint="start it")


def test_while_the_keys_are_away_nothing_is_read_or_declared(company: Company) -> None:
    away: Any = replace(company.g, keys=Away())  # type: ignore[arg-type]
    assert refused(audit(away, TOKENS, OPERATOR)) == KEYS_AWAY.clause
    ci = Workload(name=WorkloadName("ci"), kind=WorkloadKind.CI, says="reviews", since=BEGINS)
    assert declare(away, ci) == KEYS_AWAY


def test_a_programme_that_has_ended_is_not_audited(company: Company) -> None:
    later = replace(company.g, now=NOW + timedelta(days=900))
    assert refused(audit(later, TOKENS, OPERATOR)) == "programme-ended"
    assert not audits_due(later)


def test_who_holds_no_such_role_and_whom_nobody_is_in_are_refused(company: Company) -> None:
    g = company.g
    assert refused(audit(g, TOKENS, viewer(company.who[1], Role.FINANCE))) == "role-not-held"
    nowhere = replace(TOKENS, unit=UnitId("nowhere"))
    assert refused(audit(g, nowhere, OPERATOR)) == "atoms"


def test_a_week_that_is_missing_is_a_gap(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        assert not kept_audits(g)
        who = people_rows(g, 96)
        put_in_force(g, with_target())
        for week in (0, 12):
            day = BEGINS + timedelta(weeks=week)
            put(g, *(usage(one, day=day, output=9) for one in who))
            put(g, *(WorkFate(who=one, kind="change", work=f"{week}{one}", landed=day) for one in who))
        found = told(audit(g, TOKENS, OPERATOR))
        assert found.verdict is Verdict.CANT_TELL
        assert len(found.weeks) == 16
        assert [one.week for one in found.weeks if not isinstance(one.together, Unknown)] == []
        with g.lake.registry.change() as change:
            for name in g.lake.registry.all_kept("past"):
                change.forget("past", name)
        again = told(audit(g, replace(TOKENS, event="programme@v1"), OPERATOR))
        assert "launched a target" in again.event


def test_what_can_not_be_logged_is_not_read(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the sums is laid side by side before the log has the entry."""
    looked: list[bool] = []
    monkeypatch.setattr("counterfoil.guard.audited.seen", lambda *_: looked.append(True))
    full = StoreError("ledger-unwritable", "there is no room", hint="make some")

    def append(_: Sequence[bytes]) -> int:
        raise full

    monkeypatch.setattr(company.g.log, "append", append)
    with pytest.raises(StoreError, match="no room"):
        audit(company.g, TOKENS, OPERATOR)
    assert not looked
