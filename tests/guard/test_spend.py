"""Figures of what became of the spend: of many, parted as its cost is, and kept for as long as is said."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from counterfoil.guard.guarded import Guarded
from counterfoil.guard.release import release
from counterfoil.guard.retired import retire
from counterfoil.terms.ask import Answer, Figure
from counterfoil.terms.ids import MicroUsd, Pseudonym
from counterfoil.terms.metric import Level
from counterfoil.terms.organisation import UsageDay
from counterfoil.terms.release import Refuse, Released, Withheld
from counterfoil.terms.spend import Spend
from guard.organisation import MONDAY, ask, gate, people_rows, programme, put, put_in_force, usage, viewer

FIGURES = (
    *("cost-per-standing-change", "spend-standing", "spend-undone", "spend-unknown", "spend-joined"),
    *("spend-by-path", "list-cost"),
)
PEOPLE = 240
BLOCK = "2026-B10"


def measured(*changes: tuple[str, str]) -> str:
    added = "".join(f'[[metrics]]\nid = "{name}"\nkind = "cost"\nlevel = "unit"\n\n' for name in FIGURES)
    listed = ", ".join(f'"{name}"' for name in FIGURES)
    return programme(
        ('[[metrics]]\nid = "kept"', f'{added}[[metrics]]\nid = "kept"'),
        ('metrics = ["kept", "corrected",', f'metrics = [{listed}, "kept", "corrected",'),
        *changes,
    )


def spent(who: Pseudonym, path: str, *, standing: int = 0, undone: int = 0, unknown: int = 0) -> Spend:
    return Spend(
        day=MONDAY, who=who, path=path, cost=MicroUsd(standing + undone + unknown),
        standing=MicroUsd(standing), undone=MicroUsd(undone), not_landed=MicroUsd(0), too_young=MicroUsd(0),
        not_examined=MicroUsd(0), unknown=MicroUsd(unknown), changes=int(standing > 0), requests=10,
        unpriced=int(not path),
    )  # fmt: skip


def fill(g: Guarded, text: str) -> list[Pseudonym]:
    who = people_rows(g, PEOPLE)
    found: list[Spend | UsageDay] = []
    for n, person in enumerate(who):
        dollars = 1_000_000 * (1 + n % 7)
        path = "shared" if n % 6 == 0 else "event"
        rows = [
            spent(person, path, standing=dollars, undone=dollars // 4),
            spent(person, "", unknown=dollars),
        ]
        cost = sum(row.cost for row in rows)
        found += [*rows, usage(person, output=5, cost=MicroUsd(cost))]
    put(g, *found)
    put_in_force(g, text)
    return who


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Guarded, list[Pseudonym]]]:
    with gate(tmp_path_factory.mktemp("spend")) as g:
        yield g, fill(g, measured())


def told(planted: tuple[Guarded, list[Pseudonym]], metric: str, **filters: str) -> list[Answer]:
    g, who = planted
    asked = ask(metric, by=Level.COMPANY, period=BLOCK, purpose="value_reporting", **filters)
    return list(release(g, asked, viewer(who[0])).answers)


def value(answer: Answer) -> Figure:
    assert isinstance(answer.verdict, Released)
    return answer.verdict.answer


def test_the_parts_are_those_of_the_cost_with_their_coverage(
    planted: tuple[Guarded, list[Pseudonym]],
) -> None:
    whole = sum(1 + n % 7 for n in range(PEOPLE))
    said = {name: value(told(planted, name)[0]) for name in FIGURES[:5]}
    assert said["spend-standing"].value == pytest.approx(whole, abs=25)
    assert said["spend-undone"].value == pytest.approx(whole / 4, abs=10)
    assert said["spend-joined"].value == pytest.approx(1.25 / 2.25, abs=0.006)
    assert said["cost-per-standing-change"].value == pytest.approx(1.25 * whole / PEOPLE, abs=0.06)
    # One request in twenty has no price, and of the spend four ninths have no known fate.
    assert said["spend-standing"].coverage == pytest.approx(0.05 * 0.95)
    assert said["cost-per-standing-change"].coverage == pytest.approx(0.05 * 0.95 * 0.55)


def test_a_way_that_few_are_joined_by_is_not_told(planted: tuple[Guarded, list[Pseudonym]]) -> None:
    assert [isinstance(one.verdict, Withheld) for one in told(planted, "spend-by-path", path="shared")] == [
        True
    ]
    # Nor is the rest, of which it would be the difference.
    assert [isinstance(one.verdict, Withheld) for one in told(planted, "spend-by-path", path="event")] == [
        True
    ]


def test_spend_and_cost_share_their_atoms_and_no_team_is_told(
    planted: tuple[Guarded, list[Pseudonym]],
) -> None:
    g, who = planted
    for name in FIGURES:
        told(planted, name)
        teams = release(g, ask(name, by=Level.TEAM, period=BLOCK, purpose="enablement"), viewer(who[0]))
        assert all(isinstance(one.verdict, Refuse) for one in teams.answers)
    assert {name.split("/")[0] for name in g.lake.registry.all_kept("atoms")} == {"usage"}


def test_what_became_of_it_is_kept_until_it_is_known_and_use_is_not(tmp_path: Path) -> None:
    text = measured()
    line = next(line for line in text.splitlines() if line.startswith("keep_raw = "))
    with gate(tmp_path) as opened:
        who = fill(opened, text.replace(line, 'keep_raw = "30 days"'))
        over = datetime(2026, 10, 5, 12, tzinfo=UTC)
        g = replace(opened, now=over + timedelta(days=40))
        assert retire(g) == {"usage_day": PEOPLE}
        assert isinstance(told((g, who), "spend-standing")[0].verdict, Released)
        (gone,) = told((g, who), "list-cost")
        assert isinstance(gone.verdict, Refuse) and gone.verdict.clause == "retired"
        g = replace(opened, now=over + timedelta(days=61))
        assert retire(g) == {"spend": 2 * PEOPLE}
        (over_too,) = told((g, who), "spend-undone")
        assert isinstance(over_too.verdict, Refuse) and over_too.verdict.clause == "retired"
        assert isinstance(told((g, who), "spend-standing")[0].verdict, Released)
