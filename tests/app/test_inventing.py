"""`counterfoil simulate`, from the command line."""

import csv
import json
import re
import shlex
import signal
import subprocess
import sys
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from deadline import until

ROOT = Path(__file__).parents[2]
PROGRAMME = str(ROOT / "examples" / "programmes" / "amazon-2026.toml")


def test_a_company_is_written_and_counted(machine: Any) -> None:
    out = machine.root / "of"
    words = ("simulate", "--people", "120", "--days", "9", "--programme", PROGRAMME, "--out")
    done = machine.run(*words, str(out), "--json")
    assert done.stderr.startswith("Everything in ")
    assert "is invented" in done.stderr.splitlines()[0]
    assert "MB" in done.stderr.splitlines()[0]
    said = json.loads(done.stdout)
    for name, rows in said["rows"].items():
        assert (out / name).read_text("ascii").count("\n") == rows + 1
    assert set(said["rows"]) == {str(p.relative_to(out)) for p in out.rglob("*.csv")}
    first = date.fromisoformat(said["from"])
    assert first.weekday() == 0
    assert 0 <= (datetime.now(UTC).date() - first - timedelta(days=9)).days < 7
    assert (out / "programme.toml").read_bytes() == Path(PROGRAMME).read_bytes()
    assert len([*(out / "machines").iterdir()]) == 12
    page = (ROOT / "docs" / "reference" / "simulated-company.md").read_text("utf-8")
    assert set(re.findall(r"^## `(\S+)`", page, re.MULTILINE)) == set(said["rows"])
    listed = machine.run(*words, str(machine.root / "other"), "--from", said["from"])
    assert all(f"{rows:,} rows" in listed.stdout for rows in said["rows"].values())
    for path in out.rglob("*.csv"):
        assert path.read_bytes() == (machine.root / "other" / path.relative_to(out)).read_bytes()
    again = machine.run(*words, str(out), code=4)
    assert "is there already" in again.stderr
    assert "hint: " in again.stderr
    assert again.stdout == ""


def test_the_report_reads_a_machine_as_its_truth_has_it(machine: Any) -> None:
    """The logs name the place where the company lies in the end, so that everything finds itself."""
    out = machine.root / "company"
    words = ("simulate", "--people", "150", "--days", "35", "--machines", "3", "--programme", PROGRAMME)
    machine.run(*words, "--out", str(out))
    with (out / "truth" / "machines.csv").open(encoding="ascii") as file:
        logged = [row for row in csv.DictReader(file) if row["part"] == "logged"]
    assert len(logged) == 3
    for row in logged:
        home, code = out / "machines" / row["person"] / "home", out / "repositories" / row["unit"]
        report = json.loads(machine.run("report", "--home", str(home), str(code), "--json").stdout)
        totals = report["usage"]["totals"]
        assert [totals[name] for name in ("requests", "output")] == [int(row["requests"]), int(row["output"])]


def test_no_machine_is_written_where_none_is_asked_for(machine: Any) -> None:
    out = machine.root / "company"
    words = ("simulate", "--people", "20", "--days", "7", "--machines", "0", "--programme", PROGRAMME)
    machine.run(*words, "--out", str(out))
    assert not (out / "machines").exists()
    assert not (out / "repositories").exists()


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--people", "0"), 2, "0 is not in the range"),
        (("--people", "9", "--days", "0"), 2, "0 is not in the range"),
        (("--people", "99999999"), 2, "is not in the range"),
        (("--people", "1000000", "--days", "366"), 2, "ask for fewer"),
        (("--people", "9", "--from", "2026-11-24"), 2, "weeks begin on a Monday"),
        (("--people", "9", "--from", "1215-06-15"), 2, "too far away"),
        (("--people", "9", "--from", "monday"), 2, "'monday'"),
        ((), 2, "--people"),
        (("--people", "9", "--programme", __file__), 4, "is not TOML"),
        (("--people", "9", "--programme", "nowhere.toml"), 4, "there is no file"),
        (("--people", "9", "--out", "no/where"), 4, "there is no folder"),
        (("--people", "9", "--out", "/proc/nowhere"), 4, "can't write /proc/nowhere"),
    ],
)
def test_wrong_arguments_are_told_and_write_nothing(
    machine: Any, words: tuple[str, ...], code: int, says: str
) -> None:
    before = sorted(machine.root.iterdir())
    done = machine.run("simulate", "--programme", PROGRAMME, "--out", "of", *words, code=code)
    assert says in done.stderr
    assert "hint: " in done.stderr
    assert sorted(machine.root.iterdir()) == before


def test_a_full_disk_leaves_nothing_behind(machine: Any) -> None:
    """A limit on the size of files stands for a full disk."""
    command = [sys.executable, "-m", "counterfoil", "simulate", "--people", "2000", "--days", "14",
               "--programme", PROGRAMME, "--out", "of"]  # fmt: skip
    before = sorted(machine.root.iterdir())
    done = subprocess.run(
        ["bash", "-c", f"ulimit -f 300; exec {shlex.join(command)}"],
        cwd=machine.root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 4, done.stderr
    assert "there is no room for of; nothing was left behind" in done.stderr
    assert sorted(machine.root.iterdir()) == before


def test_whoever_stops_it_leaves_nothing_behind(machine: Any) -> None:
    command = [sys.executable, "-m", "counterfoil", "simulate", "--people", "85000",
               "--programme", PROGRAMME, "--out", "of"]  # fmt: skip
    before = sorted(machine.root.iterdir())
    with subprocess.Popen(command, cwd=machine.root, stderr=subprocess.PIPE, text=True) as running:
        tables = ".of.partial-*/*.csv"
        until(lambda: any(machine.root.glob(tables)) or running.poll() is not None, 120, what="a table")
        # A first Ctrl-C was now and then lost while modules were imported (why is not known): press again,
        # but not while what the first one set off may still be clearing up.
        for _ in range(12):
            running.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                running.wait(5)
                break
        _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert said.endswith("stopped\n")
    assert sorted(machine.root.iterdir()) == before
