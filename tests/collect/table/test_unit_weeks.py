"""Tables of units by week and plans of rollouts: what is read, what is counted, and what is refused."""

from collections.abc import Collection
from datetime import date
from pathlib import Path

import pytest

from counterfoil.collect.rollout import read_rollout
from counterfoil.collect.table.unit_weeks import UnitReading, read_unit_facts, read_unit_weeks
from counterfoil.terms.absent import Unknown
from counterfoil.terms.cause import Outcome, UnitTable
from counterfoil.terms.error import SourceError
from counterfoil.terms.rollout import NOTHING_GIVEN, Rollout

EXAMPLE = Path(__file__).parents[3] / "examples" / "cause"


def read(folder: Path, text: str, figures: Collection[str] = ("kept",)) -> tuple[UnitReading, UnitTable]:
    path, reading = folder / "t.csv", UnitReading()
    path.write_text(text, "utf-8")
    table = read_unit_weeks(path, figures, reading)
    assert reading.records == reading.kept + reading.again + sum(reading.skipped.values())
    assert len(table.weeks) == reading.kept
    return reading, table


def test_a_row_is_a_unit_and_week(tmp_path: Path) -> None:
    reading, table = read(
        tmp_path,
        "unit,week,kept,exposure,licence,department,people,pilot,colour\n"
        "b,2026-W40,0.7,0.5,2026-09-30,d1,12,no,red\n"
        "b,2026-10-07,,,2026-09-01,d2,11,yes,red\n"
        "a,2026-W40,0.1,,,,,,\n",
    )
    a, first, second = table.weeks
    assert (a.unit, a.week, a.figures["kept"]) == ("a", date(2026, 9, 28), 0.1)
    assert isinstance(a.people, Unknown) and isinstance(a.exposure, Unknown)
    assert (first.exposure, first.people) == (0.5, 12)
    assert second.week == date(2026, 10, 5) and isinstance(second.figures["kept"], Unknown)
    of_a, of_b = table.units
    # The first department that was stated, and the earliest licence.
    assert (of_b.department, of_b.licensed, of_b.is_pilot) == ("d1", date(2026, 9, 1), True)
    assert isinstance(of_a.department, Unknown) and isinstance(of_a.licensed, Unknown)
    assert table.has_licences and reading.kept == 3


def test_the_later_of_two_rows_holds(tmp_path: Path) -> None:
    reading, table = read(tmp_path, "unit,week,kept\na,2026-W40,1\na,2026-W40,2\n")
    assert (reading.again, reading.kept, table.weeks[0].figures["kept"]) == (1, 1, 2.0)


@pytest.mark.parametrize(
    "row",
    [
        "a,2026-W40,x,,",
        "a,2026-10,1,,",
        "a,soon,1,,",
        ",2026-W40,1,,",
        "a,2026-W40,nan,,",
        "a,2026-W40,1,1.2,",
        "a,2026-W40,1,,yesterday",
        "a,2026-W40,1",
        "a,2026-W40,1,,,,",
    ],
)
def test_what_can_not_be_read_is_counted_and_the_rest_stays(tmp_path: Path, row: str) -> None:
    text = f"unit,week,kept,exposure,licence\n{row}\nb,2026-W40,1,,\n"
    reading, table = read(tmp_path, text)
    assert sum(reading.skipped.values()) == 1
    assert [unit.unit for unit in table.units] == ["b"]


@pytest.mark.parametrize("column", ["person", "who", "e-mail", "user_id", "Author", "login", "full name"])
def test_a_table_that_names_people_is_refused(tmp_path: Path, column: str) -> None:
    for read_it in (lambda p: read_unit_weeks(p, (), UnitReading()), read_unit_facts):
        path = tmp_path / "t.csv"
        path.write_text(f"unit,week,{column}\na,2026-W40,ann\n", "utf-8")
        with pytest.raises(SourceError, match="has a column"):
            read_it(path)


def test_a_file_that_is_no_such_table_says_why(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="has no column kept"):
        read(tmp_path, "unit,week\na,2026-W40\n")
    with pytest.raises(SourceError, match="can't be read"):
        read_unit_weeks(tmp_path / "none.csv", (), UnitReading())
    path = tmp_path / "facts.csv"
    path.write_text("unit,licence\na,soon\n", "utf-8")
    with pytest.raises(SourceError, match="has a row that is no unit"):
        read_unit_facts(path)
    with pytest.raises(SourceError, match="can't be read"):
        read_unit_facts(tmp_path / "none.csv")


def test_facts_of_units(tmp_path: Path) -> None:
    path = tmp_path / "facts.csv"
    path.write_text("unit,licence,pilot\na,2026-10-01,\nb,,yes\n", "utf-8")
    facts = read_unit_facts(path)
    assert (facts["a"].licensed, facts["b"].is_pilot) == (date(2026, 10, 1), True)


@pytest.mark.parametrize("text", ["", "/landed", "undone/"])
def test_an_outcome_is_a_column_or_a_rate(text: str) -> None:
    with pytest.raises(ValueError, match="events/work"):
        Outcome.parse(text)


def plan(folder: Path, *changes: tuple[str, str]) -> Rollout:
    text = (EXAMPLE / "rollout.toml").read_text("utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = folder / "plan.toml"
    path.write_text(text, "utf-8")
    return read_rollout(path)


def test_the_example_of_a_plan(tmp_path: Path) -> None:
    read_one = plan(tmp_path)
    assert (read_one.begins, read_one.first_start) == (date(2098, 12, 29), date(2099, 3, 2))
    assert [wave.name for wave in read_one.waves] == ["first", "second", "later"]
    assert read_one.waves[2].starts == NOTHING_GIVEN
    assert (len(read_one.units), read_one.units[0].people) == (24, 9)


WRONG = [
    (('name = "assistants"', ""), "name is a text"),
    (('begins = "2099-W01"', 'begins = "2099-01"'), "begins is a week"),
    (("drawn_on = 2099-02-02", 'drawn_on = "soon"'), "drawn_on is a day"),
    (("people = 9", "people = true"), "how many people"),
    (('pilots = ["team-01", "team-08"]', "pilots = 3"), "pilots is a list"),
    (('name = "assistants"', 'name = "a"\nowner = "x"'), "owner means nothing"),
    (('outcome = "undone/landed"', 'outcome = "/"'), "events/work"),
]


@pytest.mark.parametrize(("change", "words"), WRONG)
def test_a_plan_that_is_wrong_says_where(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    with pytest.raises(SourceError, match=words):
        plan(tmp_path, change)


def test_a_plan_that_is_no_toml_or_has_no_units(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text("= = =", "utf-8")
    with pytest.raises(SourceError, match="as TOML"):
        read_rollout(path)
    whole = (EXAMPLE / "rollout.toml").read_text("utf-8")
    path.write_text(whole[: whole.index("[[unit]]")], "utf-8")
    with pytest.raises(SourceError, match=r"there is no \[\[unit\]\]"):
        read_rollout(path)
