"""Tables of an organisation: every row is kept, not yet, or counted, and nobody is named in what leaves."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.collect.table.forms import FORMS, form_of
from counterfoil.collect.table.organisation import TableReading, open_table
from counterfoil.terms.absent import SkipReason, Unknown
from counterfoil.terms.error import SourceError
from counterfoil.terms.ids import Pseudonym

DOC = Path(__file__).parents[2] / "docs" / "reference" / "organisation.md"


def hidden(identities: Sequence[str]) -> list[Pseudonym]:
    return [Pseudonym(f"#{identity[::-1]}") for identity in identities]


def read(path: Path, text: str) -> tuple[TableReading, list[Any]]:
    """What a table says."""
    path.write_text(text, "utf-8", errors="surrogateescape")
    table = open_table(path)
    assert table is not None
    reading = TableReading(file=path, form=table.form.name, unread=table.unread)
    rows = [row for batch in table.read(reading, hidden) for row in batch.rows()]
    assert reading.records == reading.kept + reading.not_yet + sum(reading.skipped.values())
    return reading, rows


CHANGES = "work,who,landed_at,reverted_at,corrected_at\n"


def test_a_change_lands_and_is_undone_on_the_first_day_of_either(tmp_path: Path) -> None:
    reading, rows = read(
        tmp_path / "c.csv",
        CHANGES
        + "1,ann,2026-09-29T04:33:04Z,2026-10-09T00:00:00Z,2026-10-02\n2,ann,,,\n3,ben,2026-09-30,,\n",
    )
    assert [(row.who, row.work, str(row.landed), str(row.undone)[:10]) for row in rows] == [
        ("#nna", "1", "2026-09-29", "2026-10-02"),
        ("#neb", "3", "2026-09-30", "Unknown(wh"),
    ]
    assert (reading.records, reading.kept, reading.not_yet) == (3, 2, 1)


def test_reviews_and_comments_of_a_change_are_kept_where_they_were_counted(tmp_path: Path) -> None:
    text = CHANGES.replace("\n", ",reviews,comments\n") + "1,a,2026-09-29,,,2,7\n2,a,2026-09-29,,,,\n"
    _, rows = read(tmp_path / "c.csv", text)
    assert (rows[0].reviews, rows[0].comments) == (2, 7)
    assert isinstance(rows[1].reviews, Unknown)
    assert isinstance(read(tmp_path / "d.csv", CHANGES + "1,a,2026-09-29,,\n")[1][0].reviews, Unknown)


def test_of_deployments_drafts_and_tickets_what_landed_is_kept(tmp_path: Path) -> None:
    deployments = (
        "work,who,at,result,rolled_back_at\n1,a,2026-09-01,succeeded,2026-09-03\n2,a,2026-09-01,failed,\n"
    )
    drafts = "work,who,form,sent_at\n1,a,mail,2026-09-01\n2,a,mail,\n"
    tickets = "work,who,closed_at,reopened_at\n1,a,2026-09-01,2026-09-02\n2,a,,\n"
    for text, kind in ((deployments, "deployment"), (drafts, "draft"), (tickets, "ticket")):
        reading, rows = read(tmp_path / "t.csv", text)
        assert [(row.kind, row.work) for row in rows] == [(kind, "1")]
        assert reading.not_yet == 1


def test_nobody_is_named_and_the_same_person_is_the_same(tmp_path: Path) -> None:
    _, rows = read(tmp_path / "o.csv", "unit,parent,lead\nteam,dept,ann\ndept,,\n")
    assert [(row.unit, row.parent, row.lead) for row in rows] == [
        ("team", "dept", "#nna"),
        ("dept", Unknown("it is the uppermost"), Unknown("nobody leads it")),
    ]


USAGE = "day,who,tool,model,requests,input_uncached,cache_read,cache_write,output,cost,sessions\n"


@pytest.mark.parametrize(
    "row",
    [
        "2026-09-01,,t,m,1,1,1,1,1,1,1",
        "2026-13-01,a,t,m,1,1,1,1,1,1,1",
        "1789-01-01,a,t,m,1,1,1,1,1,1,1",
        "2026-09-01x,a,t,m,1,1,1,1,1,1,1",
        "2026-09-01,a,t,m,-1,1,1,1,1,1,1",
        "2026-09-01,a,t,m,1.5,1,1,1,1,1,1",
        "2026-09-01,a,t,m,٣,1,1,1,1,1,1",
        "2026-09-01,a,t,m,99999999999999999999,1,1,1,1,1,1",
        "2026-09-01,a,t\x1b,m,1,1,1,1,1,1,1",
        "2026-09-01,a," + "t" * 201 + ",m,1,1,1,1,1,1,1",
        "2026-09-01,a,t,m,1,1",
        "2026-09-01,a,t,m,1,1,1,1,1,1,1,1",
        '2026-09-01,a,"t"x,m,1,1,1,1,1,1,1',
    ],
)
def test_a_row_that_can_not_be_read_is_counted_and_the_others_stay(tmp_path: Path, row: str) -> None:
    good = "2026-09-01,ann,claude-code,opus,3,1,2,3,4,,2\n"
    reading, rows = read(tmp_path / "u.csv", USAGE + good + row + "\n" + good)
    assert len(rows) == 2
    assert reading.skipped == {SkipReason.WRONG_SHAPE: 1}
    assert isinstance(rows[0].cost, Unknown)
    assert reading.unread == 1


def test_a_table_is_known_by_its_columns_and_not_by_its_name(tmp_path: Path) -> None:
    for form in FORMS:
        assert form_of([*form.needed, *form.optional, "more"]) is form
        assert form_of(form.needed[1:]) is not form
    (tmp_path / "people.csv").write_text("a,b\n1,2\n")
    assert open_table(tmp_path / "people.csv") is None
    (tmp_path / "empty.csv").write_text("")
    assert open_table(tmp_path / "empty.csv") is None
    with pytest.raises(SourceError, match="can't be read"):
        open_table(tmp_path / "nowhere.csv")


def test_every_column_is_documented() -> None:
    page = DOC.read_text("utf-8")
    for form in FORMS:
        section = page.split(f"## {form.name}\n")[1].split("\n## ")[0]
        assert all(f"`{column}`" in section for column in (*form.needed, *form.optional)), form.name


@given(text=st.text(max_size=200), head=st.sampled_from([f.needed for f in FORMS]))
def test_whatever_stands_in_a_table_is_counted(
    text: str, head: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = text.encode("utf-8", "replace").decode()
    read(tmp_path_factory.mktemp("t") / "t.csv", ",".join(head) + "\n" + text)
