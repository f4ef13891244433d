"""Lists of people and units: only the sizes of units are kept."""

from pathlib import Path

import pytest

from counterfoil.collect.headcount import read_headcount
from counterfoil.terms.error import SourceError
from counterfoil.terms.programme import Headcount


def listed(folder: Path, text: str, encoding: str = "utf-8") -> Headcount:
    path = folder / "people.csv"
    path.write_bytes(text.encode(encoding))
    return read_headcount(path)


@pytest.mark.parametrize(
    "text",
    [
        "person,unit\nann,a\nbob,a\ncid,b\n",
        "person id;unit\r\nann;a\r\nbob;a\r\ncid;b\r\n",
        "Unit\tPerson_ID\tplace\na\tann\tx\na\tbob\tx\nb\tcid\tx\n",
        '"person","unit"\nann," a "\n" ann",a\n\nbob,a\ncid,b\n',
        "team,id\na,ann\na,bob\nb,cid\n",
    ],
)
def test_units_are_counted_and_nobody_is_kept(text: str, tmp_path: Path) -> None:
    assert listed(tmp_path, text) == Headcount(people=3, sizes=(1, 2))
    assert listed(tmp_path, text, "utf-8-sig") == Headcount(people=3, sizes=(1, 2))


def test_lines_without_a_person_or_a_unit_are_counted_apart(tmp_path: Path) -> None:
    text = "person,unit\nann,a\n,b\nann,\nshort\n"
    assert listed(tmp_path, text) == Headcount(people=1, sizes=(1,), skipped=3)


def test_a_person_in_two_units_counts_in_both_and_once_in_all(tmp_path: Path) -> None:
    assert listed(tmp_path, "person,unit\nann,a\nann,b\n") == Headcount(people=1, sizes=(1, 1))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "headcount-lacks-column"),
        ("name,unit\nann,a\n", "headcount-lacks-column"),
        ("person,place\nann,a\n", "headcount-lacks-column"),
        ("person,unit\n", "headcount-empty"),
        ("person,unit\n,\n", "headcount-empty"),
        ('person,unit\n"' + "x" * 200_000, "headcount-unreadable"),
    ],
)
def test_a_list_that_is_none_is_refused_in_words(text: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError) as told:
        listed(tmp_path, text)
    assert told.value.code == code
    assert "ann" not in told.value.message


def test_a_list_that_can_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_bytes(b"person,unit\n\xff,a\n")
    for path in (tmp_path / "gone.csv", tmp_path, tmp_path / "bad.csv"):
        with pytest.raises(SourceError) as told:
            read_headcount(path)
        assert told.value.code == "headcount-unreadable"
