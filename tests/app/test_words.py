"""What a wrong command line is told: one line of error, one line of what to do, never a traceback."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

USAGE, OPERATOR = 2, 4
PLACES = {
    "gone": "nowhere",
    "plain": "plain",
    "empty": "empty",
    "shop": "code/shop",
    "text": "plain/words.txt",
    "page": "nowhere/page.html",
}
WRONG = [
    (OPERATOR, ["report", "{plain}"]),
    (OPERATOR, ["report", "{gone}"]),
    (OPERATOR, ["report", "{empty}"]),
    (OPERATOR, ["report", "--home", "{gone}"]),
    (OPERATOR, ["collect", "--home", "{gone}"]),
    (OPERATOR, ["trace", "{shop}", "--home", "{gone}"]),
    (OPERATOR, ["report", "--since", "soon"]),
    (OPERATOR, ["report", "--since", ""]),
    (OPERATOR, ["report", "--since", "99999999d"]),
    (OPERATOR, ["report", "--since", "9999-01-01"]),
    (OPERATOR, ["report", "--plan", "cheap"]),
    (OPERATOR, ["report", "--plan", "-5"]),
    (OPERATOR, ["report", "--plan", "NaN"]),
    (OPERATOR, ["report", "--plan", "1e400"]),
    (OPERATOR, ["report", "--rates", "{gone}"]),
    (OPERATOR, ["report", "--rates", "{text}"]),
    (OPERATOR, ["report", "--bill", "{gone}"]),
    (OPERATOR, ["report", "--bill", "{text}"]),
    (OPERATOR, ["report", "--table", "{gone}"]),
    (OPERATOR, ["report", "--table", "{text}"]),
    (OPERATOR, ["report", "--html", "{page}"]),
    (OPERATOR, ["trace", "{plain}"]),
    (OPERATOR, ["trace", "{empty}"]),
    (OPERATOR, ["trace", "{shop}", "missing.py"]),
    (OPERATOR, ["trace", "{shop}", "--at", "no-such-branch"]),
    (OPERATOR, ["trace", "{shop}", "--at", "--help"]),
    (OPERATOR, ["forget", "--before", "soon", "--yes"]),
    (USAGE, ["rapport"]),
    (USAGE, ["report", "--mode", "sideways"]),
    (USAGE, ["report", "--seed", "x"]),
    (USAGE, ["report", "--no-such-option"]),
    (USAGE, ["report", "--since"]),
    (USAGE, ["report", "--html", "{plain}"]),
    (USAGE, ["report", "--only", "lines"]),
    (USAGE, ["trace"]),
]


@pytest.fixture
def places(machine: Any) -> dict[str, str]:
    """The machine's folders and files by the names that the table uses."""
    machine.commit("feat: begin", {"a.py": "first = 1\n"}, days_ago=3)
    found = {name: str(machine.root / below) for name, below in PLACES.items()}
    (machine.root / "plain").mkdir()
    (machine.root / "empty").mkdir()
    Path(found["text"]).write_bytes(b"[[[ \xff no such form\n")
    machine.git("init", "-q", cwd=machine.root / "empty")
    return found


def test_each_wrong_command_line_is_told_in_two_lines(machine: Any, places: dict[str, str]) -> None:
    for code, words in WRONG:
        done = machine.run(*(word.format(**places) for word in words), code=code, cwd=machine.root / "plain")
        lines = done.stderr.splitlines()
        assert [line.split(": ")[0] for line in lines] == ["error", "hint"], (words, done.stderr)
        assert all(len(line) > len("error: ") for line in lines), (words, lines)
        assert done.stdout == "", words


def test_a_wrong_command_line_is_told_as_json_too(machine: Any) -> None:
    for code, words, name in (
        (OPERATOR, ["report", "--since", "soon", "--json"], "no-such-period"),
        (USAGE, ["trace", "--json"], "usage"),
    ):
        done = machine.run(*words, code=code)
        assert json.loads(done.stdout)["error"]["code"] == name
        assert done.stderr.startswith("error: ")


def test_a_shallow_clone_is_read_and_said_to_be_one(machine: Any) -> None:
    for day in (9, 6, 3):
        machine.commit(f"feat: {day}", {"a.py": "x = 1\n" * (10 - day)}, days_ago=day)
    machine.git("clone", "-q", "--depth", "1", f"file://{machine.repo}", str(machine.root / "shallow"))
    shutil.rmtree(machine.repo)
    repo = str(machine.root / "shallow")
    assert "shallow" in machine.run("trace", repo, "--json").stderr
    assert "shallow" in machine.run("report", repo, "--more").stdout
    assert "shallow" in json.dumps(machine.report(repo))
