"""Whoever is exempt is in no share of people, nobody can tell who that is or why, and no difference tells."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from counterfoil.collect.table.organisation import TableReading, open_table
from counterfoil.guard.catalogue import sizes
from counterfoil.guard.exempt import begin_taking, kinds_in_force, let_unnamed_go, people_told
from counterfoil.guard.force import loaded_text
from counterfoil.guard.guarded import Guarded
from counterfoil.guard.late import take_late
from counterfoil.guard.members import members_of
from counterfoil.guard.outside import register_outside
from counterfoil.guard.person import erase, own_record
from counterfoil.guard.release import release
from counterfoil.guard.retired import retire
from counterfoil.ledger.entry import told_of
from counterfoil.ledger.keyholder import Keyholder
from counterfoil.terms.ask import FEW_EXEMPT, NOBODY_SAID, Answered, Role, Viewer
from counterfoil.terms.ids import Pseudonym, UnitId
from counterfoil.terms.metric import Level
from counterfoil.terms.organisation import STILL_THERE, Exempt, Membership, Person, Unit
from counterfoil.terms.period import Block
from counterfoil.terms.record import OwnRecord
from counterfoil.terms.release import Refuse, Released
from guard.organisation import (
    LONG_AGO,
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

PEOPLE, LEAST = 360, 52
KINDS = '["leave", "part-time", "disability", "role"]'
USE = """
[[metrics]]
id = "weekly-use"
kind = "activity"
unit = "share of people"
level = "unit"

[[displays]]
id = "use"
metrics = ["weekly-use", "tokens"]
level = "unit"
audience = ["leaders"]

[[targets]]
id = "use"
metric = "weekly-use"
level = "company"
threshold = 0.8
exempt = %s
"""
A_BLOCK = Block.of(MONDAY)


def text(exempt: str = KINDS) -> str:
    """A programme with a target on use, which exempts for some reasons."""
    return programme() + USE % exempt


def company(
    g: Guarded, *, active: Iterable[int] = range(0, PEOPLE, 3), people: int = PEOPLE
) -> list[Pseudonym]:
    """Everybody, with those who used AI in each of two weeks, under the programme."""
    who = people_rows(g, people)
    weeks = (MONDAY, MONDAY + timedelta(weeks=1))
    put(g, *(usage(who[n], day=day, output=5) for n in active for day in weeks))
    put_in_force(g, text())
    return who


def leave_out(
    g: Guarded, who: Sequence[Pseudonym], since: date = LONG_AGO, until: date | None = None
) -> None:
    begin_taking(g, kinds_in_force(g))
    put(g, *(Exempt(who=one, since=since, until=until or STILL_THERE) for one in who))


def lead(who: Sequence[Pseudonym]) -> Viewer:
    return viewer(who[0], Role.LEADER)


def share(
    g: Guarded,
    period: str = "2026-W37",
    by: Level = Level.COMPANY,
    whoever: Viewer | None = None,
    **filters: str,
) -> Answered:
    asked = ask("weekly-use", by, period, "value_reporting", **filters)
    return release(g, asked, whoever or viewer())


def own_of(g: Guarded, who: Pseudonym) -> OwnRecord:
    assert isinstance(g.keys, Keyholder)
    number = list(g.keys.pseudonyms([f"p{n:05d}" for n in range(2)])).index(who)
    secret = g.keys.secret_of(f"p{number:05d}")
    assert secret is not None
    found = own_record(g, who, secret)
    assert isinstance(found, Released)
    return found.answer


def says(answered: Answered) -> str:
    (answer,) = answered.answers
    assert isinstance(answer.verdict, Released)
    return answer.verdict.answer.says


def test_the_exempt_are_in_neither_part_of_a_share_and_are_told_in_fifties(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = company(g)
        leave_out(g, [one for n, one in enumerate(who) if n % 3 and n % 2])
        told = share(g)
        # A third of all, and half of those who are counted.
        assert says(told) == "40 to 60 %"
        assert told.left_out == 100
        assert told.notes == [
            "Whoever is exempt is in neither part of the share: about 100 people, in fifties."
        ]
        (verdict,) = (one.verdict for one in told.answers)
        assert isinstance(verdict, Released) and verdict.answer.people == 260
        (line,) = told_of(g.log.entry(told.entry))[1]
        assert (line["exempt"], line["people"]) == (100, 360)
        # What they used is in the figures of use, which are no target's.
        tokens = release(g, ask("tokens", Level.COMPANY, purpose="value_reporting"), viewer())
        assert isinstance(tokens.answers[0].verdict, Released)
        assert tokens.answers[0].verdict.answer.people == 360
        assert tokens.left_out == NOBODY_SAID
        assert "exempt" not in {size.table for size in sizes(g)}


def test_few_exempt_are_not_told_from_none(tmp_path: Path) -> None:
    for name, exempt, expected in (
        ("few", 6, FEW_EXEMPT),
        ("none", 0, FEW_EXEMPT),
        ("unsaid", -1, NOBODY_SAID),
    ):
        (folder := tmp_path / name).mkdir()
        with gate(folder) as g:
            who = company(g)
            if exempt >= 0:
                leave_out(g, who[:exempt])
            told = share(g)
            (verdict,) = (one.verdict for one in told.answers)
            assert isinstance(verdict, Released)
            assert (told.left_out, verdict.answer.people, says(told)) == (expected, PEOPLE, "20 to 40 %")
            (line,) = told_of(g.log.entry(told.entry))[1]
            assert "exempt" not in line
    assert (people_told(360, 309), people_told(360, 308), people_told(360, 285)) == (360, 310, 260)


def test_whoever_is_exempt_in_a_whole_working_week_of_a_block_is_out_of_it(tmp_path: Path) -> None:
    first, day = A_BLOCK.since, timedelta(days=1)
    spans = [
        (first, first + 5 * day, True),  # Monday to Friday
        (first + 4 * day, first + 11 * day, False),  # Friday to Thursday
        (first + 4 * day, first + 12 * day, True),
        (A_BLOCK.until - 7 * day, None, True),
        (A_BLOCK.until - 6 * day, None, False),
        (LONG_AGO, first + 4 * day, False),
        (first, first, False),
        (A_BLOCK.until, None, False),
    ]
    with gate(tmp_path) as g:
        who = company(g)
        for one, (since, until, _) in zip(who, spans, strict=False):
            leave_out(g, [one], since, until)
        members = members_of(g.lake, A_BLOCK)
        out = set(members.who[members.left_out()])
        assert [one in out for one in who[: len(spans)]] == [is_out for _, _, is_out in spans]


def test_asking_with_and_without_somebody_exempt_gives_the_same(tmp_path: Path) -> None:
    """The subtraction attack: whoever hands the table in asks, exempts one more person, and asks again."""
    with gate(tmp_path) as g:
        # One person more or less moves this share over the edge of its band.
        who = company(g, active=range(145))
        before = [says(share(g)), share(g).left_out]
        leave_out(g, who[200:319])
        assert [says(share(g)), share(g).left_out] == before == ["40 to 60 %", NOBODY_SAID]
        # The other weeks of a block have the same people, whenever they are asked.
        assert share(g, "2026-W38").left_out == NOBODY_SAID
        assert says(share(g, "2026-W38")) == "40 to 60 %"
    (again := tmp_path / "again").mkdir()
    with gate(again) as g:
        who = company(g, active=range(145))
        # 145 of 241; of 242 it would be under 60 %.
        leave_out(g, who[200:319])
        before = [says(share(g)), share(g).left_out]
        put(g, Exempt(who=who[250], since=LONG_AGO, until=LONG_AGO))
        for week in ("2026-W37", "2026-W38"):
            assert [says(share(g, week)), share(g, week).left_out] == before == ["60 to 80 %", 100]
        frozen = members_of(g.lake, A_BLOCK)
        assert set(frozen.who[frozen.left_out()]) == set(who[200:319])


def test_no_combination_of_shares_is_of_fewer_counted_people_than_the_floor(tmp_path: Path) -> None:
    """Groups are told by all of their people, and atoms are kept by the counted ones as well."""
    rng = np.random.default_rng(5)
    with gate(tmp_path) as g:
        who = list(g.keys.pseudonyms([f"p{n}" for n in range(480)]))
        sizes_of = [53, 58, 60, 66, 70, 83, 90]
        unit = np.repeat(np.arange(len(sizes_of)), sizes_of)
        role = np.where(rng.random(480) < 0.4, "a", "b")
        put(
            g,
            *(Person(who=one, role=str(role[n]), joined=LONG_AGO) for n, one in enumerate(who)),
            *(Membership(who=w, unit=UnitId(f"u{unit[n]}"), since=LONG_AGO) for n, w in enumerate(who)),
            *(usage(one, output=5) for one in who[::2]),
            Unit(unit=UnitId("u0"), lead=who[0]),
        )
        put_in_force(g, text())
        leave_out(g, [who[n] for n in rng.choice(480, 70, replace=False)])
        members = members_of(g.lake, A_BLOCK)
        counted = np.setdiff1d(np.arange(480), members.left_out())
        told: list[frozenset[int]] = []
        refused: set[str] = set()
        cuts: list[dict[str, str]] = [{}, {"role": "a"}, {"role": "b"}]
        for by, cut in [(Level.COMPANY, c) for c in cuts] + [(Level.UNIT, c) for c in cuts]:
            groups = {group.name: group for group in members.groups(by, cut)}
            for whoever in (viewer(), lead(who)):
                for answer in share(g, by=by, whoever=whoever, **cut).answers:
                    if isinstance(answer.verdict, Refuse):
                        refused |= {answer.verdict.why} if answer.verdict.clause == "atoms" else set()
                    else:
                        told.append(frozenset(np.intersect1d(groups[answer.group].places, counted).tolist()))
        assert len(told) > 4
        cells: dict[tuple[bool, ...], int] = {}
        for place in counted.tolist():
            cell = tuple(place in group for group in told)
            cells[cell] = cells.get(cell, 0) + 1
        assert min(cells.values()) >= LEAST
        for one_group, other in combinations(set(told), 2):
            assert not 0 < len(one_group ^ other) < LEAST
        # It is not to be told whether people or the exempt among them are too few.
        assert len(refused) <= 1


def test_a_unit_of_which_too_few_are_counted_has_a_cost_and_no_share(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = company(g, people=480)
        leave_out(g, who[120:190])
        verdicts = {
            metric: {
                one.group: one.verdict
                for one in release(g, ask(metric, Level.UNIT, purpose="enablement"), lead(who)).answers
            }
            for metric in ("tokens", "weekly-use")
        }
        assert isinstance(verdicts["tokens"]["department-1"], Released)
        shared = verdicts["weekly-use"]["department-1"]
        assert isinstance(shared, Refuse) and shared.clause == "atoms"
        assert "exempt" not in shared.why
        assert isinstance(verdicts["weekly-use"]["department-2"], Released)
        # All others together would be the share that is refused.
        assert isinstance(verdicts["weekly-use"]["department-3"], Refuse)


def test_a_group_of_the_exempt_alone_is_refused_in_the_same_words(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = company(g)
        put(g, *(Person(who=one, role="driver", joined=LONG_AGO) for one in who[120:240]))
        put(g, *(Person(who=one, role="clerk", joined=LONG_AGO) for one in who[240:300]))
        leave_out(g, who[120:270])
        exempt, few = (share(g, whoever=lead(who), role=role).answers[0] for role in ("driver", "clerk"))
        assert isinstance(exempt.verdict, Refuse) and exempt.verdict == few.verdict
        assert exempt.verdict.clause == "atoms" and "fewer than" in exempt.verdict.why


def test_late_rows_wait_where_few_of_those_counted_have_them(tmp_path: Path) -> None:
    for name, exempt, waits in (("few", range(40, 120), 120), ("many", range(130, 200), 0)):
        (folder := tmp_path / name).mkdir()
        with gate(folder) as g:
            who = company(g)
            leave_out(g, [who[n] for n in exempt])
            share(g)
            put(g, *(usage(one, output=5, model="other") for one in who[:120]))
            assert take_late(g) == ({"usage_day": waits} if waits else {})


def test_a_sum_that_is_out_with_the_exempt_in_it_closes_shares_where_they_are_few(tmp_path: Path) -> None:
    for name, exempt, closed in (("few", 20, True), ("many", 60, False)):
        (folder := tmp_path / name).mkdir()
        with gate(folder) as g:
            who = company(g)
            leave_out(g, who[120 : 120 + exempt])
            register_outside(g, "usage", A_BLOCK, unit="department-1", says="the vendor's report")
            (answer,) = share(g).answers
            assert isinstance(answer.verdict, Refuse) is closed


def test_what_no_programme_names_goes_and_what_is_over_goes(tmp_path: Path) -> None:
    line = next(one for one in text().splitlines() if one.startswith("keep_raw = "))

    def rows(g: Guarded) -> int:
        return sum(part.rows for part in g.lake.registry.parts("exempt"))

    with gate(tmp_path) as g:
        who = company(g)
        leave_out(g, who[:5])
        leave_out(g, who[5:8], LONG_AGO, date(2026, 8, 31))
        put(g, Person(who=who[0], role="office", joined=LONG_AGO, left=date(2026, 9, 1)))
        share(g)
        before = members_of(g.lake, A_BLOCK)
        assert before.who[before.left_out()].tolist() == sorted(who[1:5])
        erase(g, who[2])
        left = members_of(g.lake, A_BLOCK)
        assert left.who[left.left_out()].tolist() == sorted({*who[1:5]} - {who[2]})
        put_in_force(g, text().replace(line, 'keep_raw = "30 days"'))
        assert retire(g)["exempt"] == 4
        assert rows(g) == 3
        # Of what is told no more, it is not kept who was exempt.
        assert g.lake.registry.kept("exempt", str(A_BLOCK)) is None
        erase(g, who[1])
        assert rows(g) == 2
        assert "exempt" not in retire(g)
        # What a programme no longer exempts for could be any of the rows: all of them go.
        begin_taking(g, frozenset({"leave"}))
        assert rows(g) == 0


def test_a_programme_that_exempts_for_less_lets_the_rows_go(tmp_path: Path) -> None:
    with gate(tmp_path) as g:
        who = people_rows(g, 60)
        put_in_force(g, text('["leave"]'))
        leave_out(g, who[:3])
        put_in_force(g, text('["leave", "disability"]'))
        assert g.lake.registry.parts("exempt")
    with gate(tmp_path, now=NOW + timedelta(days=1)) as g:
        let_unnamed_go(g, loaded_text(text("[]"), NOW.date()).programme)
        assert not g.lake.registry.parts("exempt")
        assert members_of(g.lake, A_BLOCK.previous).exempt is None


def test_why_somebody_is_exempt_is_read_and_written_nowhere(tmp_path: Path) -> None:
    table = tmp_path / "handed-in.csv"
    table.write_text(
        "person,kind,since,until\n"
        "p00001,disability,2026-01-05,\np00001,leave,2026-01-05,2026-02-01\np00002,role,2026-01-05,\n"
        "p00003,holiday,2026-01-05,\np00004,leave,soon,\n",
        "utf-8",
    )
    (folder := tmp_path / "data").mkdir()
    with gate(folder) as g:
        who = people_rows(g, PEOPLE)
        put_in_force(g, text('["leave", "disability"]'))
        opened = open_table(table)
        assert opened is not None and opened.form.name == "exemptions"
        reading = TableReading(file=table, form=opened.form.name)
        begin_taking(g, kinds_in_force(g))
        g.lake.append(opened.read(reading, g.keys.pseudonyms, wanted=kinds_in_force(g)))
        assert (reading.records, reading.kept, reading.not_named) == (5, 2, 1)
        assert sum(reading.skipped.values()) == 2
        # Of two reasons of one day the longer one holds.
        assert own_of(g, who[1]).rows["exempt"] == [{"who": who[1], "since": "2026-01-05", "until": ""}]
        for path in (folder / "lake").rglob("*.parquet"):
            assert not [word for word in (b"disability", b"p00001", b"holiday") if word in path.read_bytes()]
        # In the registry there are the programme's own words alone, that name no person.
        assert g.lake.registry.all_kept("exempt-kinds") == {"": b'["disability", "leave"]'}


@pytest.mark.parametrize("exempt", [True, False])
def test_somebody_exempt_is_told_of_no_share_that_they_are_not_in(tmp_path: Path, exempt: bool) -> None:
    with gate(tmp_path) as g:
        who = company(g)
        leave_out(g, who[:1] if exempt else who[1:2])
        share(g)
        release(g, ask("tokens", Level.COMPANY, purpose="value_reporting"), viewer())
        metrics = [part.metric for part in own_of(g, who[0]).part_of]
        assert metrics == (["tokens"] if exempt else ["weekly-use", "tokens"])
