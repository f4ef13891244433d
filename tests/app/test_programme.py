"""The commands on a programme, from the command line."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples" / "programmes"
AMAZON, TEMPLATE = str(EXAMPLES / "amazon-2026.toml"), str(EXAMPLES / "template.toml")


def test_the_first_programme_passes(machine: Any) -> None:
    path = str(machine.root / "p.toml")
    done = machine.run("programme", "new", path)
    assert done.stdout == "" and "wrote" in done.stderr
    assert machine.run("programme", "new").stdout == Path(path).read_text("utf-8")
    assert machine.run("programme", "check", path).stdout == "No finding at error or warning.\n"
    assert machine.run("programme", "new", path, code=4).stderr.startswith("error: ")
    assert json.loads(machine.run("programme", "new", "--json").stdout)["text"].startswith(
        "# An AI programme"
    )


def test_findings_in_every_form_end_with_1(machine: Any) -> None:
    text = machine.run("programme", "check", AMAZON, code=1)
    said = json.loads(machine.run("programme", "check", AMAZON, "--json", code=1).stdout)
    assert said == json.loads(machine.run("programme", "check", AMAZON, "--format", "json", code=1).stdout)
    sarif = json.loads(machine.run("programme", "check", AMAZON, "--format", "sarif", code=1).stdout)
    assert [r["ruleId"] for r in sarif["runs"][0]["results"]] == [f["id"] for f in said]
    assert all(f["id"] in text.stdout for f in said)
    assert text.stderr == ""
    assert "\x1b" not in text.stdout


def test_a_list_of_people_tells_how_many_units_are_hidden_and_names_nobody(machine: Any) -> None:
    people = machine.root / "people.csv"
    rows = [f"canary-{n},unit-{n % 9}" for n in range(95)]
    people.write_text("person,unit\n" + "\n".join(rows), "utf-8")
    said = json.loads(machine.run("programme", "check", TEMPLATE, "--org", str(people), "--json").stdout)
    hidden = {f["where"]: f["message"] for f in said if f["id"] == "AP002"}
    assert "9 of 9 units are hidden" in hidden["floors.activity"]
    assert "0 of 9 units are hidden from people outside them, 4 from their own" in hidden["floors.outcome"]
    for form in ("text", "json", "sarif"):
        done = machine.run("programme", "check", TEMPLATE, "--org", str(people), "--format", form)
        assert "canary" not in done.stdout + done.stderr
        assert "unit-" not in done.stdout + done.stderr


def test_says_diff_and_rules(machine: Any) -> None:
    assert "You are ranked by tokens" in machine.run("programme", "says", AMAZON).stdout
    said = json.loads(machine.run("programme", "says", AMAZON, "--json").stdout)
    assert {tuple(entry) for entry in said} == {("where", "says")}
    assert "weaker" in machine.run("programme", "diff", TEMPLATE, AMAZON, code=1).stdout
    found = json.loads(machine.run("programme", "diff", TEMPLATE, AMAZON, "--json", code=1).stdout)
    assert {tuple(entry) for entry in found} == {("where", "direction", "whom", "says")}
    assert machine.run("programme", "diff", AMAZON, AMAZON).stdout == "No difference.\n"
    assert len(json.loads(machine.run("programme", "rules", "--json").stdout)) == 44
    assert "What to do" in machine.run("programme", "rules", "AP301").stdout
    assert [r["id"] for r in json.loads(machine.run("programme", "rules", "ap301", "--json").stdout)] == [
        "AP301"
    ]


def test_a_repaired_programme_passes_and_says_what_is_to_do(machine: Any) -> None:
    done = machine.run("programme", "repair", AMAZON)
    path = machine.root / "repaired.toml"
    path.write_text(done.stdout, "utf-8")
    assert "No finding at error or warning." in machine.run("programme", "check", str(path)).stdout
    assert "AP304 data.raw_readers (to do)" in done.stderr
    assert done.stderr.endswith("11 changes, 4 of them to do before launch.\n")
    said = json.loads(machine.run("programme", "repair", AMAZON, "--json").stdout)
    assert said["text"] == done.stdout and {s["rule"] for s in said["steps"]} >= {"AP301", "AP403"}
    again = machine.run("programme", "repair", str(path))
    assert again.stdout == done.stdout and again.stderr == "Nothing to repair: it passes.\n"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (4, ["check", "gone.toml"]),
        (2, ["check", "."]),
        (4, ["check", TEMPLATE, "--org", "gone.csv"]),
        (4, ["check", TEMPLATE, "--org", TEMPLATE]),
        (4, ["says", "gone.toml"]),
        (4, ["diff", TEMPLATE, "gone.toml"]),
        (4, ["repair", "gone.toml"]),
        (4, ["new", "gone/p.toml"]),
        (4, ["rules", "AP999"]),
        (2, ["check"]),
        (2, ["check", TEMPLATE, "--format", "xml"]),
        (2, ["diff", TEMPLATE]),
        (2, ["lint"]),
        (2, []),
    ],
)
def test_a_wrong_command_line_is_told_in_two_lines(code: int, words: list[str], machine: Any) -> None:
    done = machine.run("programme", *words, code=code)
    assert [line.split(": ")[0] for line in done.stderr.splitlines()] == ["error", "hint"]
    assert done.stdout == ""


def test_a_wrong_programme_is_told_as_json_too(machine: Any) -> None:
    done = machine.run("programme", "check", "gone.toml", "--json", code=4)
    assert json.loads(done.stdout)["error"]["code"] == "programme-missing"


def test_checking_needs_click_and_the_standard_library_alone() -> None:
    script = (
        "import sys\n"
        "from counterfoil.app.run import run\n"
        f"run(['programme', 'check', {TEMPLATE!r}])\n"
        "names = {name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)\n"
        "print(sorted(names - {'__main__', '__mp_main__'}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True
    ).stdout
    loaded = set(eval(done.splitlines()[-1]))
    assert {name for name in loaded if not name.startswith(("_", "sitecustomize"))} <= {
        "counterfoil",
        "click",
    }


def test_a_forecast_says_what_it_is_not_and_is_the_same_each_time(machine: Any) -> None:
    page = machine.run("programme", "simulate", AMAZON).stdout
    assert page.startswith("A model, not a measurement.")
    assert "nearest passing" in page
    said = json.loads(machine.run("programme", "simulate", AMAZON, "--json").stdout)
    assert said == json.loads(machine.run("programme", "simulate", AMAZON, "--json").stdout)
    shares = {f["name"]: f["programme"]["value"] for f in said["foreseen"]}
    assert 0.03 < shares["tokenmaxxing"] < 0.06 < shares["padding"]
    assert "nearest passing" not in machine.run("programme", "simulate", TEMPLATE).stdout


def test_a_forecast_of_a_wrong_file_or_seed_is_told(machine: Any) -> None:
    assert "there is no file" in machine.run("programme", "simulate", "none.toml", code=4).stderr
    assert "hint:" in machine.run("programme", "simulate", AMAZON, "--seed", "-1", code=2).stderr
