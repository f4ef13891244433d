"""Causes and rollouts from the command line."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from counterfoil.app import directory
from counterfoil.app.commands import cli

EXAMPLE = Path(__file__).parents[2] / "examples" / "cause"
UNITS = str(EXAMPLE / "units.csv")
SEEN = ("--seen-until", "2026-08-01")


def ran(*words: str, code: int = 0) -> str:
    done = CliRunner().invoke(cli, list(words), standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    assert done.return_value == code, done.output
    return done.output


def told(*words: str, code: int = 0) -> Any:
    return json.loads(ran(*words, "--json", code=code))


def test_the_example_is_found_by_both_definitions() -> None:
    text = ran("cause", UNITS, "--outcome", "undone/landed", "--outcome", "landed", *SEEN)
    assert "Treated by use" in text and "Treated by licence" in text
    assert text.count("It rose since") == 4
    assert "43 units, 29 of them treated, 15 departments, 24 weeks" in text
    assert "hand-" in text and "weeks  " not in text


def test_json_has_each_week_and_more_prints_it() -> None:
    found = told("cause", UNITS, "--outcome", "undone/landed", *SEEN)["found"]
    assert [one["treated_by"] for one in found] == ["use", "licence"]
    study = found[0]["outcomes"][0]["study"]
    assert {part["weeks"] for part in study} >= {-4, 0, 4}
    assert "+4 weeks" in ran("cause", UNITS, "--outcome", "undone/landed", *SEEN, "--more")


def test_what_is_missing_is_usage() -> None:
    for words in (["cause", "--outcome", "kept"], ["cause", UNITS, "--outcome", "/"]):
        assert CliRunner().invoke(cli, words).exit_code == 2
    for more in ([], ["--from", "2026-10", "--to", "2026-W40", "--purpose", "p"]):
        assert CliRunner().invoke(cli, ["cause", "--data", "d", "--outcome", "kept", *more]).exit_code == 2


@pytest.fixture
def data(tmp_path: Path) -> str:
    people = tmp_path / "people.csv"
    people.write_text("person,role,joined\nann,office,2020-01-01\n", "utf-8")
    ran("collect", "table", str(people), "--data", str(tmp_path / "data"))
    return str(tmp_path / "data")


def test_a_directory_without_a_programme_refuses(data: str) -> None:
    asked = ["--from", "2026-W30", "--to", "2026-W33", "--purpose", "enablement", "--data", data]
    refused = told("cause", "--outcome", "kept", *asked, code=3)
    assert refused["clause"] == "no-programme"


def test_a_rollout_from_plan_to_analysis(data: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = str(EXAMPLE / "rollout.toml")
    assert "not in the log" in ran("rollout", "plan", plan)
    planned = told("rollout", "plan", plan, "--data", data)
    assert planned["units"] == 24 and planned["seed_sha256"]
    assign = ("rollout", "assign", "assistants", "--drawn", "8f3a", "--data", data)
    assert told(*assign, code=3)["clause"] == "rollout-early"

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Later":
            return cls(2099, 2, 3, 12, tzinfo=UTC)

    monkeypatch.setattr(directory, "datetime", Later)
    assert "first, from 2099-03-02: team-" in ran(*assign)
    assert told(*assign, code=3)["clause"] == "rollout-dealt"

    rows = ["unit,week,landed,undone"]
    first = date(2098, 12, 29)
    for unit in range(24):
        name = f"team-{unit // 6 + 1}{unit % 6 + 1}"
        rows += [f"{name},{first + timedelta(weeks=n)},40,{(unit * 7 + n * 3) % 11}" for n in range(30)]
    table = tmp_path / "t.csv"
    table.write_text("\n".join(rows) + "\n", "utf-8")
    analyse = ("rollout", "analyse", "assistants", "--data", data)
    found = told(*analyse, "--table", str(table), "--seen-until", "2099-12-01")["found"]
    assert (found["units"], found["weeks"], found["look"]) == (24, 30, 1)
    assert found["judgement"] in {"no-sign", "rose", "fell"}
    again = ran(*analyse, "--table", str(table), "--seen-until", "2099-12-01")
    assert "This is look 2" in again and "effect of use unknown" in again
    missing = told(*analyse, "--table", UNITS, code=3)
    assert missing["clause"] == "units-missing"
    with pytest.raises(Exception, match="--table"):
        ran(*analyse)
