"""An outcome sample from the command line, from the plan to what is told, with the sheets in between."""

import csv
import io
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from counterfoil.app import directory, sampling
from counterfoil.app.run import run
from guard.organisation import people_rows, programme, put, put_in_force
from guard.test_sample import PEOPLE, is_assisted, rows_of

PLAN = Path(__file__).parents[2] / "examples" / "sample" / "plan.toml"


class Clock(datetime):
    """A clock that stands."""

    fixed = date(2026, 11, 25)

    @classmethod
    def now(cls, tz: Any = None) -> "Clock":
        return cls(cls.fixed.year, cls.fixed.month, cls.fixed.day, 12, tzinfo=tz)


@pytest.fixture(autouse=True)
def same_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is drawn is the same each time: an interval misses the truth in one of twenty."""
    monkeypatch.setattr("counterfoil.guard.sealed.new_seed", lambda: "5e" * 32)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(directory, "datetime", Clock)
    monkeypatch.setattr(sampling, "today", lambda: Clock.fixed)
    monkeypatch.setattr(Clock, "fixed", date(2026, 11, 25))
    monkeypatch.chdir(tmp_path)
    with directory.opened(tmp_path / "data", make=True) as g:
        put(g, *rows_of(people_rows(g, PEOPLE)))
        put_in_force(g, programme())
    text = PLAN.read_text("utf-8").replace("2026-B12", "2026-B10").replace("2099-02-02", "2026-11-26")
    Path("plan.toml").write_text(text, "utf-8")
    return tmp_path / "data"


def ran(capfd: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert run(["sample", *words]) == code
    return capfd.readouterr().out


def filled(name: str, wrong: str = "") -> None:
    """Fill in a sheet as whoever assesses the works would."""
    rows = list(csv.DictReader(io.StringIO(Path(name).read_text("utf-8"), newline="")))
    for row in rows:
        number = int(row["work"].replace("@", "#").rpartition("#")[2])
        needless = number % 4 == 0 if is_assisted(number) else number % 20 == 0
        row |= {"consequential": "yes", "correct": "no" if number % 9 == 0 else "yes"}
        row["needed"] = wrong or ("no" if needless else "yes")
    with Path(name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_a_sample_from_its_plan_to_its_telling(
    data: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    where = ("--data", str(data))
    assert "hash of the plan" in ran(capfd, "plan", "plan.toml")
    assert "then: counterfoil sample draw autumn" in ran(capfd, "plan", "plan.toml", *where)
    sheets = ("--sheet", "first.csv", "--second", "second.csv")
    draw = ("draw", "autumn", "--drawn", "8f3a41c2", *sheets, *where)
    assert "refused (sample-early)" in ran(capfd, *draw, code=3)
    monkeypatch.setattr(Clock, "fixed", date(2026, 11, 26))
    assert "200 works drawn for autumn, 40 of them twice" in ran(capfd, *draw)
    assert len(Path("first.csv").read_text("utf-8").splitlines()) == 201
    filled("first.csv", wrong="perhaps")
    assert "row 2: needed is yes, no, unclear or empty" in ran(
        capfd, "enter", "autumn", "first.csv", *where, code=3
    )
    for name in ("first.csv", "second.csv"):
        filled(name)
        ran(capfd, "enter", "autumn", name, *where)
    told = json.loads(ran(capfd, "tell", "autumn", *where, "--json"))
    (group,) = told["groups"]
    assert group["group"] == "the company" and group["verdict"] == "released"
    assert 0.02 < group["found"]["padding"]["at_least"] < 0.2
    assert told["agreement"][2]["kappa"]["value"] == 1
    again = json.loads(ran(capfd, "tell", "autumn", *where, "--json", code=3))
    assert again["clause"] == "sample-told"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("draw", "x", "--drawn", "\n", "--sheet", "a", "--second", "b"), "in one line"),
        (("draw", "x", "--drawn", "1", "--sheet", "plan.toml", "--second", "b"), "is to be a new file"),
        (("draw", "x", "--drawn", "1", "--sheet", "no/a", "--second", "b"), "is to be a new file"),
        (("draw", "x", "--drawn", "1", "--sheet", "a", "--second", "a"), "name two files"),
        (("enter", "x", "plan.toml"), "has no column"),
    ],
)
def test_what_can_not_be_is_said(
    data: Path, capfd: pytest.CaptureFixture[str], words: Any, says: str
) -> None:
    assert run(["sample", *words, "--data", str(data)]) != 0
    assert says in capfd.readouterr().err
