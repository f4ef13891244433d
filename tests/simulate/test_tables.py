"""The tables of an invented company agree with each other, with their page, and with what was planted."""

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from statistics import mean

import numpy as np
import pytest

from counterfoil.collect.headcount import read_headcount
from counterfoil.simulate.company.cases import AMAZON
from counterfoil.simulate.company.design import Design
from counterfoil.simulate.tables.company import Company, company, write_company
from counterfoil.simulate.tables.folder import whole_folder
from counterfoil.terms.error import StoreError

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "simulated-company.md"
FIRST, DAYS = date(2026, 9, 7), 38
END = datetime(2026, 9, 7, tzinfo=UTC) + timedelta(days=DAYS)
EAGER = replace(AMAZON, clarity=0.2, transparency=0.0)
Rows = list[dict[str, str]]


def write(folder: Path, *, people: int, seed: int, design: Design = EAGER) -> Company:
    folder.mkdir()
    made = company(people, design, days=DAYS, seed=seed, first=FIRST)
    rows = write_company(folder, made, programme="version = 1\n", progress=lambda *_: None)
    for name, count in rows.items():
        assert len(read(folder / name)) == count
    return made


def read(path: Path) -> Rows:
    with path.open(encoding="ascii", newline="") as file:
        return list(csv.DictReader(file, strict=True))


class Tables:
    """Everything that was written."""

    def __init__(self, folder: Path, made: Company) -> None:
        self.folder, self.made = folder, made
        self._read: dict[str, Rows] = {}

    def __getitem__(self, name: str) -> Rows:
        if name not in self._read:
            self._read[name] = read(self.folder / f"{name}.csv")
        return self._read[name]

    def fate(self, kind: str) -> Mapping[str, dict[str, str]]:
        return {row["work"]: row for row in self["truth/work"] if row["kind"] == kind}


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    folder = tmp_path_factory.mktemp("company") / "of"
    return Tables(folder, write(folder, people=6_000, seed=3))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_every_file_and_column_is_described(tables: Tables) -> None:
    described = {
        section.split("`", 1)[0]: re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
        for section in PAGE.read_text("utf-8").split("\n## What is assumed")[0].split("## `")[1:]
    }
    written = {
        str(path.relative_to(tables.folder)): path.read_text("ascii").split("\n", 1)[0].split(",")
        for path in tables.folder.rglob("*.csv")
    }
    assert {name: described[name] for name in written} == written
    words = PAGE.read_text("utf-8")
    assert all(f"`{path.name}`" in words for path in tables.folder.glob("*.t*"))
    assert "nobody in it exists" in (tables.folder / "README.txt").read_text("utf-8")


def test_the_same_arguments_write_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("one", 1), ("two", 1), ("other", 2)):
        write(tmp_path / name, people=150, seed=seed)
    files = sorted(p.relative_to(tmp_path / "one") for p in (tmp_path / "one").rglob("*.*"))
    same = [(tmp_path / "one" / f).read_bytes() == (tmp_path / "two" / f).read_bytes() for f in files]
    assert all(same)
    other = [
        f.name for f in files if (tmp_path / "one" / f).read_bytes() != (tmp_path / "other" / f).read_bytes()
    ]
    assert set(other) == {f.name for f in files} - {"programme.toml"}


def test_usage_comes_to_what_was_planted(tables: Tables) -> None:
    used: dict[tuple[str, str], int] = defaultdict(int)
    seen = set()
    for row in tables["usage_days"]:
        monday = date.fromisoformat(row["day"])
        monday -= timedelta(days=monday.weekday())
        buckets = ("input_uncached", "cache_read", "cache_write", "output")
        used[row["who"], monday.isoformat()] += sum(int(row[b]) for b in buckets)
        seen.add(tuple(row[c] for c in ("day", "who", "model", "trigger", "credential", "workload")))
        assert 1 <= int(row["sessions"]) <= int(row["requests"])
    assert len(seen) == len(tables["usage_days"])
    for row in tables["truth/weeks"]:
        planted = int(row["tokens_needed"]) + int(row["tokens_not_needed"])
        assert used.pop((row["person"], row["week"]), 0) == planted
    assert not used


def test_nobody_works_before_joining_on_leave_or_after_leaving(tables: Tables) -> None:
    employed = {row["person"]: (row["joined"], row["left"] or "9999") for row in tables["people"]}
    away = {row["person"]: (row["since"], row["until"]) for row in tables["leave"]}
    assert len(away) == len(tables["leave"])
    for row in tables["usage_days"]:
        joined, left = employed[row["who"]]
        assert joined <= row["day"] < left
        since, until = away.get(row["who"], ("", ""))
        assert not since <= row["day"] < until
    for name in ("changes", "deployments", "drafts", "tickets"):
        assert {row["who"] for row in tables[name]} <= employed.keys()


def test_everybody_is_in_one_unit_at_a_time(tables: Tables) -> None:
    spans: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in tables["membership"]:
        spans[row["person"]].append(row)
    last = (FIRST + timedelta(days=DAYS - 1)).isoformat()
    units = {row["person"]: row["unit"] for row in tables["units"]}
    for row in tables["people"]:
        own = spans.pop(row["person"])
        assert own[0]["since"] == row["joined"]
        assert own[-1]["until"] == row["left"]
        assert all(before["until"] == after["since"] for before, after in pairwise(own))
        assert all(before["unit"] != after["unit"] for before, after in pairwise(own))
        assert all(span["since"] < (span["until"] or "9999") for span in own)
        there = not row["left"] or row["left"] > last
        assert (units.get(row["person"]) == own[-1]["unit"]) == there
    assert not spans
    assert len(tables["membership"]) > len(tables["people"]) > len(tables["units"])


def test_a_programme_can_be_checked_against_its_units(tables: Tables) -> None:
    counted = read_headcount(tables.folder / "units.csv")
    assert (counted.people, counted.skipped) == (len(tables["units"]), 0)
    assert 4 < mean(counted.sizes) < 13


def test_a_seat_was_last_active_when_its_tool_was_last_used(tables: Tables) -> None:
    used: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in tables["usage_days"]:
        used[row["who"], row["tool"]].append(row["day"])
    for row in tables["seats"]:
        days = used.pop((row["person"], row["tool"]), [])
        assert row["last_active"] == max(days, default="")
        assert row["assigned"] <= min(days, default="9999")
    assert not used
    assert {row["last_active"] == "" for row in tables["seats"]} == {True, False}


def test_nothing_is_told_that_the_last_day_had_not_seen(tables: Tables) -> None:
    for name in ("changes", "deployments", "drafts", "tickets"):
        assert len({row["work"] for row in tables[name]}) == len(tables[name])
        for row in tables[name]:
            later = [at(value) for key, value in row.items() if key.endswith("_at") and value]
            assert all(at(row["at"]) <= moment < END for moment in later)
            assert END - timedelta(days=DAYS + 1) < at(row["at"]) < END + timedelta(days=1)


def test_changes_end_as_planted(tables: Tables) -> None:
    fates = tables.fate("change")
    shown: dict[str, int] = defaultdict(int)
    for row in tables["changes"]:
        planted = fates[row["work"]]
        undone = {"reverted": row["reverted_at"], "corrected": row["corrected_at"]}
        told = {fate for fate, moment in undone.items() if moment}
        assert told <= {planted["fate"]}
        assert not told or row["landed_at"] < min(moment for moment in undone.values() if moment)
        assert not (row["landed_at"] and row["closed_at"])
        assert not row["landed_at"] or planted["fate"] != "discarded"
        assert int(row["marked_lines"]) <= int(row["lines"])
        shown[planted["fate"]] += bool(told or row["closed_at"])
        if planted["tactic"] == "discarded":
            gone = row["closed_at"] or row["reverted_at"]
            assert not gone or at(gone) - at(row["at"]) < timedelta(hours=26)
    assert all(shown[fate] > 50 for fate in ("reverted", "corrected", "discarded"))


def test_only_empty_deployments_put_in_place_what_runs_already(tables: Tables) -> None:
    fates = tables.fate("deployment")
    runs: dict[str, str] = {}
    for row in sorted(tables["deployments"], key=lambda row: (row["at"], row["work"])):
        empty = row["tree_before"] == row["tree_after"]
        assert empty == (fates[row["work"]]["tactic"] == "empty-deployment")
        assert re.fullmatch("[0-9a-f]{40}", row["tree_after"])
        assert runs.get(row["service"], row["tree_before"]) == row["tree_before"]
        planted = fates[row["work"]]["fate"]
        assert (row["result"] == "failed") == (planted == "failed")
        lasts = planted == "deployed"
        runs[row["service"]] = row["tree_after"] if lasts else row["tree_before"]
    assert sum(not int(row["needed"]) for row in fates.values()) > 50


def test_documents_that_nobody_reads_are_never_opened(tables: Tables) -> None:
    fates = tables.fate("draft")
    unread = [row for row in tables["drafts"] if fates[row["work"]]["tactic"] == "unread-documents"]
    assert len(unread) > 50
    assert not any(row["opened_at"] or row["sent_at"] or row["edited"] for row in unread)
    honest = [row for row in tables["drafts"] if fates[row["work"]]["needed"] == "1"]
    assert mean(bool(row["opened_at"]) for row in honest) == pytest.approx(0.95, abs=0.02)
    assert all(bool(row["sent_at"]) == bool(row["edited"]) for row in tables["drafts"])


def behaviours(tables: Tables) -> Callable[[dict[str, str]], str]:
    """What the maker of a work did in its week, as the truth has it."""
    weeks = {(row["person"], row["week"]): row["behaviour"] for row in tables["truth/weeks"]}
    zone = {row["person"]: int(row["zone"]) for row in tables["people"]}

    def told(row: dict[str, str]) -> str:
        day = (at(row["at"]) + timedelta(hours=zone[row["who"]])).date()
        return weeks[row["who"], (day - timedelta(days=day.weekday())).isoformat()]

    return told


def test_work_goes_worse_where_somebody_games_and_is_rewritten_where_they_resist(tables: Tables) -> None:
    behaviour, fates = behaviours(tables), tables.fate("change")
    bad: dict[bool, list[bool]] = {True: [], False: []}
    for row in tables["changes"]:
        if fates[row["work"]]["needed"] == "1":
            gaming = behaviour(row) in {"pad", "maximise"}
            bad[gaming].append(fates[row["work"]]["fate"] != "standing")
    assert mean(bad[True]) > 1.1 * mean(bad[False])
    assert 0.2 < mean(bad[False]) < 0.4
    edited: dict[bool, list[float]] = {True: [], False: []}
    for row in tables["drafts"]:
        if row["edited"]:
            edited[behaviour(row) == "resist"].append(float(row["edited"]))
    assert mean(edited[True]) == pytest.approx(0.8, abs=0.03)
    assert mean(edited[False]) == pytest.approx(0.29, abs=0.03)


def test_what_nobody_needed_was_made_by_those_who_gamed_or_resisted(tables: Tables) -> None:
    kinds = {row["work"]: row for row in tables["truth/work"]}
    assert {row["needed"] == "1" for row in kinds.values() if not row["tactic"]} == {True}
    assert {row["needed"] for row in kinds.values() if row["tactic"]} == {"0"}
    tactic = {(row["person"], row["tactic"]) for row in tables["truth/weeks"]}
    for name in ("changes", "deployments", "drafts", "tickets"):
        for row in tables[name]:
            planted = kinds[row["work"]]["tactic"]
            assert not planted or (row["who"], planted) in tactic


def test_all_triggers_and_both_credentials_occur(tables: Tables) -> None:
    rows = tables["usage_days"]
    assert {row["trigger"] for row in rows} == {"human", "schedule", "event", "agent"}
    assert all((row["credential"] == "service") == bool(row["workload"]) for row in rows)
    assert {row["workload"].split("-")[0] for row in rows} == {"", "evaluation", "pipeline", "migration"}


def test_a_folder_is_whole_or_not_there(tmp_path: Path) -> None:
    out = tmp_path / "of"
    with pytest.raises(KeyboardInterrupt), whole_folder(out) as folder:
        (folder / "some.csv").write_text("a")
        raise KeyboardInterrupt
    assert not list(tmp_path.iterdir())
    with pytest.raises(StoreError, match="no room"), whole_folder(out) as folder:
        (folder / "some.csv").write_text("a")
        raise OSError(28, "No space left on device")
    assert not list(tmp_path.iterdir())
    with pytest.raises(StoreError, match="is not empty"), whole_folder(out) as folder:
        out.mkdir()
        (out / "mine").write_text("a")
    assert [path.name for path in tmp_path.rglob("*")] == ["of", "mine"]


def test_an_empty_folder_is_taken_and_a_full_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "of").mkdir()
    with whole_folder(tmp_path / "of") as folder:
        (folder / "some.csv").write_text("a")
    assert [path.name for path in (tmp_path / "of").iterdir()] == ["some.csv"]
    for out in (tmp_path / "of", tmp_path / "of" / "some.csv"):
        with pytest.raises(StoreError, match="is there already"), whole_folder(out):
            pass
    for out in (tmp_path / "no" / "where", tmp_path / "of" / "some.csv" / "x"):
        with pytest.raises(StoreError, match="there is no folder"), whole_folder(out):
            pass


def test_the_smallest_company_is_written_too(tmp_path: Path) -> None:
    (tmp_path / "of").mkdir()
    made = company(1, AMAZON, days=1, seed=9, first=FIRST)
    rows = write_company(tmp_path / "of", made, programme="", progress=lambda *_: None)
    assert rows["people.csv"] == 1
    assert np.isfinite(made.days.tokens).all()
