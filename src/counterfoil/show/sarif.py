"""Findings of the linter in SARIF, which code hosts and editors read.

Source: OASIS, Static Analysis Results Interchange Format (SARIF) Version 2.1.0, Errata 01.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from counterfoil.show.findings import Line
from counterfoil.terms.finding import Finding, RuleText, Severity
from counterfoil.terms.ids import RuleId

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def as_sarif(
    findings: Sequence[Finding], texts: Mapping[RuleId, RuleText], line: Line, *, file: str, version: str
) -> str:
    """One run of the linter on one file."""
    order = {name: number for number, name in enumerate(texts)}
    rules = [_rule(text) for text in texts.values()]
    driver = {"name": "counterfoil", "semanticVersion": version, "rules": rules}
    results = [_result(f, order[f.id], line(f.where), file) for f in findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(text: RuleText) -> dict[str, Any]:
    return {
        "id": text.id,
        "name": text.name,
        "shortDescription": {"text": text.flags},
        "fullDescription": {"text": f"{text.why} Source: {text.source}"},
        "help": {"text": text.fix},
        "defaultConfiguration": {"level": LEVELS[text.severity]},
    }


def _result(f: Finding, index: int, line: int | None, file: str) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(file.replace("\\", "/"))}}
    if line is not None:
        place["region"] = {"startLine": line}
    return {
        "ruleId": f.id,
        "ruleIndex": index,
        "level": LEVELS[f.severity],
        "message": {"text": f"{f.message} {f.fix}"},
        "locations": [
            {"physicalLocation": place, "logicalLocations": [{"fullyQualifiedName": f.where}]},
        ],
    }
