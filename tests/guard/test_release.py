"""The one way to a figure: released, withheld, or refused with its clause, and always logged."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from counterfoil.guard.guarded import Guarded
from counterfoil.guard.late import take_late
from counterfoil.guard.outside import register_outside
from counterfoil.guard.person import own_record
from counterfoil.guard.policy import Policies
from counterfoil.guard.release import release
from counterfoil.ledger.entry import EntryKind, read_entry, told_of
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ask import Answer, Answered, Ask, Figure, Role, Viewer
from counterfoil.terms.error import LedgerBroken, StoreError
from counterfoil.terms.ids import UnitId
from counterfoil.terms.metric import Level
from counterfoil.terms.organisation import Membership, Person, Seat, Unit
from counterfoil.terms.period import Block, Period
from counterfoil.terms.release import Refuse, Released, Withheld
from guard.organisation import (
    MONDAY,
    TEAM,
    WEEK,
    ask,
    gate,
    lived,
    people_rows,
    programme,
    put,
    put_in_force,
    usage,
    viewer,
)

LEADER = Role.LEADER
COMPANY = Level.COMPANY


class Planted:
    """An organisation of 1,200 behind its gate, and what its people really used."""

    def __init__(self, g: Guarded, tokens: Any) -> None:
        self.g, self.tokens = g, tokens
        self.who = list(g.keys.pseudonyms([f"p{n:05d}" for n in range(len(tokens))]))

    def lead(self, person: int) -> Viewer:
        """The one who leads a person's team."""
        return viewer(self.who[person // TEAM * TEAM], LEADER)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """The folder of it, to be copied, and what its people really used."""
    folder = tmp_path_factory.mktemp("begun")
    with gate(folder) as g:
        tokens = lived(g, people_rows(g))
        put_in_force(g, programme())
    return folder, tokens


@pytest.fixture
def planted(begun: tuple[Path, Any], tmp_path: Path) -> Iterator[Planted]:
    folder, tokens = begun
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    with gate(tmp_path) as g:
        yield Planted(g, tokens)


def figure(answer: Answer) -> Figure:
    assert isinstance(answer.verdict, Released), answer
    return answer.verdict.answer


def near(parts: Sequence[float], whole: float) -> float:
    """A total as it is told: a multiple of what no single contribution is above, and two digits."""
    base = next(s * 10**p for p in range(20) for s in (1, 2, 5) if s * 10**p >= max(parts))
    return float(f"{round(whole / base) * base:.1e}")


def refusal(answered: Answered) -> str:
    """The clause of an answer that is one refusal, or one for every group."""
    clauses = {a.verdict.clause if isinstance(a.verdict, Refuse) else "" for a in answered.answers}
    assert len(clauses) == 1
    return clauses.pop()


def entries(g: Guarded, since: int = 0) -> list[dict[str, object]]:
    return [dict(body) for place in range(since, len(g.log)) for body in told_of(g.log.entry(place))[1]]


def test_units_are_released_with_interval_people_and_coverage(planted: Planted) -> None:
    answered = release(planted.g, ask(), planted.lead(0))
    assert [answer.group for answer in answered.answers] == [f"department-{n}" for n in range(10)]
    for answer in answered.answers:
        told = figure(answer)
        assert told.people == 120
        assert told.coverage == 1.0
        assert isinstance(told.value, float) and isinstance(told.low, float) and isinstance(told.high, float)
        assert 0.75 < told.low < told.value < told.high < 0.95
        assert told.value == round(told.value, 2)


def test_a_total_of_the_company_is_what_was_planted_to_two_digits(planted: Planted) -> None:
    (answer,) = release(planted.g, ask("tokens", COMPANY, purpose="value_reporting"), viewer()).answers
    whole = float(planted.tokens[:, 0].sum())
    told = figure(answer)
    assert told.value == near(planted.tokens[:, 0].tolist(), whole)
    assert isinstance(told.low, float) and isinstance(told.high, float)
    assert told.low < whole < told.high
    assert told.people == 1200


def test_a_unit_total_is_capped_so_that_nobody_stands_out(planted: Planted) -> None:
    answered = release(planted.g, ask("tokens", purpose="cost_control"), planted.lead(0))
    own = answered.answers[0].verdict
    assert isinstance(own, Refuse) and own.clause == "activity-of-many"
    for n, answer in list(enumerate(answered.answers))[1:]:
        raw = float(planted.tokens[n * 120 : n * 120 + 120, 0].sum())
        told = figure(answer)
        assert isinstance(told.value, float)
        assert 0.4 * raw < told.value <= 1.01 * raw


def test_a_share_of_people_is_a_band_and_what_a_timer_does_is_no_use(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 120)
        put(g, *[usage(w, output=9, trigger="human" if n < 30 else "schedule") for n, w in enumerate(who)])
        text = programme(
            ('id = "tokens"\nname = "tokens"', 'id = "weekly-use"\nname = "use"'),
            ('metrics = ["tokens"]', 'metrics = ["weekly-use"]'),
        )
        put_in_force(g, text)
        (answer,) = release(g, ask("weekly-use", COMPANY, purpose="value_reporting"), viewer()).answers
        told = figure(answer)
        assert told.says == "20 to 40 %"
        assert told.between == ""
        assert all(isinstance(value, Unknown) for value in (told.value, told.low, told.high))


@pytest.mark.parametrize(
    ("question", "clause"),
    [
        (ask(purpose="curiosity"), "unknown-purpose"),
        (ask(purpose="performance_review"), "only-what-the-programme-says"),
        (ask(purpose="replacement"), "no-jobs-below-the-company"),
        (ask(by=COMPANY, purpose="replacement"), "only-what-the-programme-says"),
        (ask("happiness"), "unknown-metric"),
        (ask("landed"), "not-measured"),
        (ask(tool="claude-code"), "unknown-filter"),
        (ask(person="p00017"), "nobody-else"),
        (ask(who="p00017", purpose="performance_review"), "no-person-for-decisions"),
        (ask(by=Level.TEAM), "only-to-whom-the-programme-says"),
        (ask(period="2026-W45"), "closed-periods"),
        (ask("tokens", period="2026-W48"), "closed-periods"),
        (ask(period="2026-W30"), "before-the-programme"),
        (ask(period="2026-09"), "closed-periods"),
        (ask("tokens", unit="team-001"), "only-to-whom-the-programme-says"),
        (ask(unit="nowhere"), "atoms"),
        (ask(by=COMPANY, unit="team-001", role="engineering"), "only-to-whom-the-programme-says"),
    ],
)  # fmt: skip
def test_a_refusal_names_its_clause_in_words_and_is_logged(
    planted: Planted, question: Ask, clause: str
) -> None:
    size = len(planted.g.log)
    answered = release(planted.g, question, planted.lead(600))
    assert refusal(answered) == clause
    (verdict,) = {a.verdict for a in answered.answers}
    assert isinstance(verdict, Refuse) and verdict.why.endswith(".")
    logged = entries(planted.g, size)
    assert logged and all((e["verdict"], e["clause"]) == ("refused", clause) for e in logged)
    assert "p00017" not in json.dumps(logged)
    assert answered.entry == size


def test_roles_are_held_or_not(planted: Planted) -> None:
    one = planted.who[1]
    for who, role in (
        (one, LEADER),
        (one, Role.COUNCIL),
        (one, Role.OPERATOR),
        (None, LEADER),
        (None, Role.DPO),
    ):
        asking = Viewer(who=who, role=role)
        assert refusal(release(planted.g, ask(), asking)) == "role-not-held"
    assert refusal(release(planted.g, ask("tokens"), viewer(one))) == "only-to-whom-the-programme-says"
    assert figure(release(planted.g, ask(), viewer(one)).answers[0])


def test_activity_of_an_own_direct_team_is_refused(tmp_path: Path) -> None:
    """Sixty people answer to one leader: they are enough, and still theirs."""
    with gate(tmp_path) as g:
        who = people_rows(g, 240)
        put(
            g, *[Membership(who=w, unit=UnitId("large"), since=MONDAY - timedelta(days=20)) for w in who[:60]]
        )
        put(g, Unit(unit=UnitId("large"), parent=UnitId("department-0"), lead=who[0]))
        lived(g, who)
        put_in_force(
            g,
            programme(
                (
                    'id = "capacity"\nmetrics = ["tokens"]\nlevel = "unit"',
                    'id = "capacity"\nmetrics = ["tokens"]\nlevel = "team"',
                )
            ),
        )
        mine = ask("tokens", Level.TEAM, unit="large")
        assert refusal(release(g, mine, viewer(who[0], LEADER))) == "activity-of-many"
        assert refusal(release(g, mine, viewer(who[60], LEADER))) == ""


def test_without_a_programme_nothing_is_answered(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        people_rows(g, 24)
        assert refusal(release(g, ask(), viewer())) == "no-programme"
        assert len(g.log) == 1


def test_what_would_leave_too_few_is_refused_for_everybody(planted: Planted) -> None:
    """Everybody in a department, then all but eight of them: the difference would be the eight."""
    put(
        planted.g,
        *[Person(who=w, role="driver", joined=MONDAY - timedelta(days=99)) for w in planted.who[:112]],
    )
    everyone = release(planted.g, ask(), planted.lead(600))
    assert figure(everyone.answers[0])
    drivers = release(planted.g, ask(role="driver"), planted.lead(0))
    assert refusal(drivers) == "atoms"
    assert refusal(release(planted.g, ask(role="driver"), viewer(planted.who[77]))) == "atoms"


def test_the_same_question_has_the_same_answer_and_two_entries(planted: Planted) -> None:
    first = release(planted.g, ask(), planted.lead(0))
    put(planted.g, *[usage(w, output=10**9) for w in planted.who])
    second = release(planted.g, ask(), planted.lead(240))
    assert [figure(a) for a in first.answers] == [figure(a) for a in second.answers]
    assert second.entry == first.entry + 1
    assert entries(planted.g, second.entry) == entries(planted.g, first.entry)[:10]


def test_late_rows_change_a_figure_only_where_many_are_late(planted: Planted) -> None:
    tokens = ask("tokens", COMPANY, purpose="value_reporting")
    before = figure(release(planted.g, tokens, viewer()).answers[0]).value
    put(planted.g, *[usage(w, output=10**6, tool="late") for w in planted.who[:20]])
    assert take_late(planted.g) == {"usage_day": 20}
    assert figure(release(planted.g, tokens, viewer()).answers[0]).value == before
    put(planted.g, *[usage(w, output=10**6, tool="late") for w in planted.who[:600]])
    assert take_late(planted.g) == {}
    after = figure(release(planted.g, tokens, viewer()).answers[0]).value
    assert isinstance(before, float) and isinstance(after, float)
    assert after > before + 5e8


def test_one_large_user_withholds_the_figure_and_gives_no_reason(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 120)
        put(g, usage(who[0], output=10**9), *[usage(w, output=10) for w in who[1:]])
        put_in_force(g, programme())
        (answer,) = release(g, ask("tokens", COMPANY, purpose="value_reporting"), viewer()).answers
        assert answer.verdict == Withheld()
        assert {name: entries(g)[-1][name] for name in ("withheld", "of")} == {"withheld": 1, "of": 1}


def test_nothing_is_read_where_the_log_can_not_be_written(
    planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "no space left on device")

    def read(*_: object, **__: object) -> None:
        raise AssertionError("rows were read")

    monkeypatch.setattr("os.fdatasync", full)
    monkeypatch.setattr("counterfoil.guard.computed.read_rows", read)
    with pytest.raises(StoreError, match="can't be written"):
        release(planted.g, ask(), planted.lead(0))


def test_policies_that_can_not_be_asked_refuse(planted: Planted, monkeypatch: pytest.MonkeyPatch) -> None:
    import cedarpy

    class Errors:
        errors = ("broken",)

    class Broken:
        diagnostics = Errors()

    monkeypatch.setattr(cedarpy, "is_authorized", lambda *_: Broken())
    assert refusal(release(planted.g, ask(), planted.lead(0))) == "policies"


def test_a_policy_that_is_gone_leaves_the_rest_refusing(planted: Planted) -> None:
    none = replace(planted.g, policies=Policies.of("forbid (principal, action, resource);"))
    assert refusal(release(none, ask(), planted.lead(0))) == "policy0"


def test_a_programme_that_is_not_the_one_in_the_log_stops_everything(planted: Planted) -> None:
    kept = planted.g.lake.registry.kept("programme", "in-force")
    assert kept is not None
    for altered in (
        kept.replace(b"outcome = 10", b"outcome = 5"),
        b"{}",
        b"no JSON",
        kept.replace(b'"entry": 0', b'"entry": 9'),
    ):
        with planted.g.lake.registry.change() as change:
            change.keep("programme", "in-force", altered)
        with pytest.raises(LedgerBroken, match="not the one that the log has"):
            release(planted.g, ask(), planted.lead(0))


def test_atoms_and_membership_survive_a_restart(begun: tuple[Path, Any], tmp_path: Path) -> None:
    folder, tokens = begun
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    with gate(tmp_path) as g:
        planted = Planted(g, tokens)
        before = release(g, ask(), planted.lead(0))
        who = planted.who
    with gate(tmp_path) as g:
        people_rows(g, 100)
        put(g, *[usage(w, output=1, tool="new") for w in who[:3]])
        again = release(g, ask(), viewer(who[0], LEADER))
        assert [a.verdict for a in again.answers] == [a.verdict for a in before.answers]


def test_an_entry_says_who_asked_what_for_and_of_whom_without_names(planted: Planted) -> None:
    size = len(planted.g.log)
    release(planted.g, ask(), planted.lead(0))
    first, *rest = entries(planted.g, size)
    assert [len(planted.g.log), len(rest)] == [size + 1, 9], "one entry, and a line of it for each group"
    said = ("role", "purpose", "metric", "by", "period", "group", "people", "verdict")
    assert {name: first[name] for name in said} == {
        "role": "leader", "purpose": "enablement", "metric": "kept", "by": "unit", "period": "2026-W37",
        "group": "department-0", "people": 120, "verdict": "permitted",
    }  # fmt: skip
    assert first["at"] == "2026-11-25T12:00Z"
    assert len(str(first["members"])) == 64
    told = json.dumps(entries(planted.g))
    assert not any(who in told for who in planted.who)


def test_a_month_is_of_the_whole_company_and_spans_blocks(planted: Planted) -> None:
    month = ask("tokens", COMPANY, "2026-09", "value_reporting")
    (answer,) = release(planted.g, month, viewer()).answers
    value = figure(answer).value
    days = {0: 4, 1: 4, 2: 4, 3: 3}
    whole = sum(
        int(planted.tokens[n, week]) for n in range(1200) for week in days
        if MONDAY + timedelta(weeks=week, days=n % 5) < MONDAY.replace(month=10, day=1)
    )  # fmt: skip
    assert value == pytest.approx(whole, rel=0.06)


def test_a_week_without_data_is_seen_in_its_coverage(planted: Planted) -> None:
    late = replace(planted.g, now=datetime(2026, 12, 30, tzinfo=UTC))
    (answer,) = release(late, ask("tokens", COMPANY, "2026-W42", "value_reporting"), viewer()).answers
    assert answer.verdict == Withheld()


def test_a_joiner_is_not_what_a_month_has_more_than_its_days(tmp_path: Path) -> None:
    """September has days of two blocks; whoever joined in between is a member of the latter alone."""
    with gate(tmp_path) as g:
        who = people_rows(g, 120)
        joiner = who[7]
        put(g, Person(who=joiner, role="office", joined=MONDAY - timedelta(days=5)))
        days = [MONDAY - timedelta(days=5) + timedelta(days=n) for n in range(26)]
        big = 10**7
        put(
            g, *[usage(w, day=day, output=1000 + n) for n, w in enumerate(who) if w != joiner for day in days]
        )
        put(g, *[usage(joiner, day=day, output=big if day < MONDAY else 1000) for day in days])
        put_in_force(g, programme())
        month = figure(release(g, ask("tokens", COMPANY, "2026-09", "value_reporting"), viewer()).answers[0])
        assert isinstance(month.value, float)
        assert month.value < 5 * big


def test_a_tool_of_few_is_not_told_and_nor_is_what_would_tell_it(tmp_path: Path) -> None:
    """Three people use a tool of their own: were all other tools told, it would be the total less these."""
    with gate(tmp_path) as g:
        who = people_rows(g, 240)
        put(g, *[usage(w, output=1000 + n) for n, w in enumerate(who)])
        put(g, *[usage(w, tool="other", output=2000 + n) for n, w in enumerate(who[:80])])
        put(g, *[usage(w, tool="rare", output=9000 + n) for n, w in enumerate(who[:3])])
        put_in_force(g, programme())

        def told(**filters: str) -> str:
            (answer,) = release(
                g, ask("tokens", COMPANY, purpose="value_reporting", **filters), viewer()
            ).answers
            return "told" if isinstance(answer.verdict, Released) else type(answer.verdict).__name__

        assert told() == "told"
        assert told(tool="rare") == "Withheld"
        assert told(tool="other") == "Withheld"
        assert told(tool="claude-code") == "told"
        assert told(tool="nothing") == "Withheld"
        assert told(tool="rare", model="opus") == "Refuse"


def test_what_few_did_is_not_told_of_a_large_group(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 240)
        put(g, *[usage(w, output=1000 + n) for n, w in enumerate(who[:6])])
        put_in_force(g, programme())
        (answer,) = release(g, ask("tokens", COMPANY, purpose="value_reporting"), viewer()).answers
        assert answer.verdict == Withheld()


def test_what_has_no_price_is_not_nothing_and_its_coverage_says_so(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 240)
        rows = [usage(w, output=1000 + n) for n, w in enumerate(who)]
        put(g, *[replace(row, cost=Unknown("no price")) if n % 4 == 0 else row for n, row in enumerate(rows)])
        text = programme(
            ('id = "tokens"\nname = "tokens"', 'id = "list-cost"\nname = "cost"'),
            ('metrics = ["tokens"]', 'metrics = ["list-cost"]'),
        )
        put_in_force(g, text)
        (answer,) = release(g, ask("list-cost", COMPANY, purpose="value_reporting"), viewer()).answers
        told = figure(answer).coverage
        assert told == pytest.approx(0.75 / 5)


def test_what_is_left_over_misses_by_as_much_as_anybody_can_have_done(tmp_path: Path) -> None:
    """One person worked on a Sunday, which is withheld; the week less its days is not what they did."""
    with gate(tmp_path) as g:
        who = people_rows(g, 120)
        weekdays = [MONDAY + timedelta(days=n) for n in range(5)]
        put(g, *[usage(w, day=day, output=20 + n % 7) for n, w in enumerate(who) for day in weekdays])
        put(g, usage(who[3], day=MONDAY + timedelta(days=6), output=97))
        put_in_force(g, programme())

        def told(period: str) -> float:
            (answer,) = release(g, ask("tokens", COMPANY, period, "value_reporting"), viewer()).answers
            found = figure(answer).value if isinstance(answer.verdict, Released) else 0.0
            assert isinstance(found, float)
            return found

        assert told("2026-09-13") == 0.0
        left = told(WEEK) - sum(told(str(day)) for day in weekdays)
        assert abs(left - 97) > 20


def test_a_company_that_is_cut_to_a_unit_is_that_unit(planted: Planted) -> None:
    """Displays are for units; a team is no unit, by whichever words it is asked."""
    one = viewer(planted.who[700])
    assert refusal(release(planted.g, ask(by=Level.TEAM), one)) == "only-to-whom-the-programme-says"
    assert (
        refusal(release(planted.g, ask(by=COMPANY, unit="team-003"), one))
        == "only-to-whom-the-programme-says"
    )
    assert refusal(release(planted.g, ask(by=COMPANY, unit="department-1"), one)) == ""


def test_whoever_led_once_does_not_lead_today(planted: Planted) -> None:
    before = planted.lead(0)
    assert figure(release(planted.g, ask(), before).answers[0])
    put(planted.g, Unit(unit=UnitId("team-000"), parent=UnitId("department-0"), lead=planted.who[5]))
    assert refusal(release(planted.g, ask(), before)) == "role-not-held"
    today = viewer(planted.who[5], LEADER)
    answers = release(planted.g, ask("tokens", purpose="cost_control"), today).answers
    assert isinstance(answers[0].verdict, Refuse)


def test_commas_in_a_filter_break_nothing_and_are_another_question(planted: Planted) -> None:
    tokens = ask("tokens", COMPANY, purpose="value_reporting", tool="claude-code,trigger=human")
    assert release(planted.g, tokens, viewer()).answers[0].verdict == Withheld()
    plain = ask("tokens", COMPANY, purpose="value_reporting", tool="claude-code")
    assert figure(release(planted.g, plain, viewer()).answers[0])
    secret = planted.g.keys.secret_of("p00003")  # type: ignore[attr-defined]
    own = own_record(planted.g, planted.who[3], secret)
    assert isinstance(own, Released)
    assert len(own.answer.part_of) == 2
    stranger = own_record(planted.g, planted.who[4], secret)
    assert isinstance(stranger, Refuse)


def test_those_who_came_late_in_one_week_are_not_hidden_among_others(planted: Planted) -> None:
    """Sixty came late in the block, and one of them in the first week: that one would be the difference."""
    for week in ("2026-W37", "2026-W38"):
        release(planted.g, ask("tokens", COMPANY, week, "value_reporting"), viewer())
    late = [usage(w, day=MONDAY + timedelta(days=7), output=5, tool="late") for w in planted.who[:60]]
    put(planted.g, usage(planted.who[0], output=5, tool="late"), *late)
    assert take_late(planted.g) == {"usage_day": 61}


SEATED = (
    ('id = "tokens"\nname = "tokens"', 'id = "seats-used"\nname = "seats"'),
    ('metrics = ["tokens"]', 'metrics = ["seats-used"]'),
)


def test_a_stock_is_told_once_a_block_of_groups_that_stayed_what_they_were(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 360)
        put(g, *[
            Seat(who=w, tool="claude-code", assigned=MONDAY - timedelta(days=90),
                 last_active=MONDAY + timedelta(days=n % 20) if n % 3 else Unknown("never"))
            for n, w in enumerate(who)
        ])  # fmt: skip
        moved = MONDAY + timedelta(weeks=3)
        put(g, Membership(who=who[0], unit=UnitId("team-029"), since=moved))
        put_in_force(g, programme(*SEATED))
        seats = ask("seats-used", period="2026-B10", purpose="capacity_planning")
        first = release(g, seats, viewer(who[300], LEADER))
        told = figure(first.answers[0])
        assert told.says == "67 %"
        assert isinstance(told.coverage, Unknown)
        assert refusal(release(g, ask("seats-used", period=WEEK), viewer())) == "stock"
        put(g, *[Seat(who=w, tool="claude-code", assigned=MONDAY, last_active=MONDAY) for w in who[:9]])
        again = release(g, seats, viewer(who[300], LEADER))
        assert [a.verdict for a in again.answers] == [a.verdict for a in first.answers]
        later = release(g, replace(seats, period=Period.parse("2026-B11")), viewer(who[300], LEADER))
        clauses = [a.verdict.clause if isinstance(a.verdict, Refuse) else "told" for a in later.answers]
        assert clauses == ["stock", "told", "activity-of-many"]
        assert g.lake.check() == []
        assert len(g.lake.rows_of(who[0])["seat"]["who"]) == 1


def test_a_figure_that_is_out_elsewhere_is_taken_into_account(planted: Planted) -> None:
    """An invoice names what team-000 used: from then on its department is told with it or not at all."""
    block = Block(2026, 10)
    done = register_outside(planted.g, "work", block, unit="team-000", says="invoice of September")
    assert isinstance(done, int)
    kind, body = read_entry(planted.g.log.entry(done))
    assert (kind, body["outside"]) == (EntryKind.OUTSIDE, "invoice of September")
    assert figure(release(planted.g, ask(), viewer(planted.who[0])).answers[0])
    nobody = register_outside(planted.g, "work", block, unit="nowhere", says="x")
    assert isinstance(nobody, Refuse)


def test_a_cohort_of_one_is_refused(planted: Planted) -> None:
    one = planted.who[5]
    put(planted.g, Person(who=one, role="captain", joined=MONDAY - timedelta(days=99)))
    alone = release(planted.g, ask(role="captain"), viewer(planted.who[700]))
    assert refusal(alone) == "floor"
    assert refusal(release(planted.g, ask(by=COMPANY, role="captain"), viewer(one))) == "floor"
