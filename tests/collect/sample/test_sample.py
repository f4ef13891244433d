"""A plan and a sheet are read, or what is wrong is said in words that quote nothing."""

from datetime import date
from pathlib import Path

import pytest

from counterfoil.collect.sample import read_sample, read_sheet
from counterfoil.terms.error import SourceError
from counterfoil.terms.metric import Level
from counterfoil.terms.period import Block
from counterfoil.terms.sample import SamplePlan

EXAMPLE = Path(__file__).parents[3] / "examples" / "sample" / "plan.toml"
HEAD = "line,kind,work,repository,commit,consequential,correct,needed"


def test_the_example_is_a_plan_and_comes_back_from_its_text() -> None:
    plan = read_sample(EXAMPLE)
    assert (plan.first, plan.last, plan.by) == (Block(2026, 10), Block(2026, 12), Level.COMPANY)
    assert plan.drawn_on == date(2099, 2, 2) and plan.works == 200
    assert [str(block) for block in plan.blocks] == ["2026-B10", "2026-B11", "2026-B12"]
    assert SamplePlan.read(plan.written()) == plan


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('by = "company"', 'by = "team"', "company or unit"),
        ('first = "2026-B10"', 'first = "2026-W40"', "first is a block"),
        ("works = 200", 'works = "many"', "works is a number"),
        ("works = 200", "works = -1", "works is a number"),
        ("drawn_on = 2099-02-02", 'drawn_on = "soon"', "drawn_on is a day"),
        ("purpose =", "purpos =", "purpos means nothing here"),
        ('name = "', 'name = "\\n', "name is a text of one line"),
        ("works = 200", "works = ", "can't be read"),
    ],
)
def test_what_is_wrong_with_a_plan_is_said(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = EXAMPLE.read_text("utf-8")
    assert old in text
    file = tmp_path / "plan.toml"
    file.write_text(text.replace(old, new), "utf-8")
    with pytest.raises(SourceError, match=says):
        read_sample(file)


def sheet(folder: Path, *rows: str, head: str = HEAD) -> Path:
    file = folder / "sheet.csv"
    file.write_bytes("\r\n".join([head, *rows, ""]).encode("utf-8-sig"))
    return file


def test_answers_are_read_however_a_spreadsheet_wrote_them(tmp_path: Path) -> None:
    found = read_sheet(sheet(tmp_path, "a1,change,w,r,c,Yes,no, ? ", "b2,change,w,r,c,,,"))
    assert found.answers == {"a1": {"consequential": "yes", "correct": "no", "needed": "unclear"}, "b2": {}}
    assert not found.wrong
    semicolons = sheet(tmp_path, "a1;change;w;r;c;y;n;unclear", head=HEAD.replace(",", ";"))
    assert read_sheet(semicolons).answers == {"a1": found.answers["a1"]}


def test_each_row_that_is_wrong_is_named_and_not_quoted(tmp_path: Path) -> None:
    rows = ("a1,c,w,r,c,yes,no,secret", ",c,w,r,c,yes,no,no", "b2,c,w,r,c,yes,,", "b2,c,w,r,c,no,,")
    found = read_sheet(sheet(tmp_path, *rows, "c3,c,w,r,c,yes,no,no,more"))
    assert found.wrong == [
        "row 2: needed is yes, no, unclear or empty",
        "row 3: it names no line",
        "row 5: its line is in the sheet twice",
        "row 6: it has more cells than the sheet has columns",
    ]
    assert "secret" not in " ".join(found.wrong)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"line,work\r\n", "no column consequential"),
        (b"\xff\xfe\x00", "as text"),
        (b'line,"a', "sheet|column"),
    ],
)
def test_what_is_no_sheet_is_said(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "sheet.csv"
    file.write_bytes(content)
    with pytest.raises(SourceError, match=says):
        read_sheet(file)
    with pytest.raises(SourceError, match="as text"):
        read_sheet(tmp_path / "none.csv")
