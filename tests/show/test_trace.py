"""Traced files as JSON lines and as text: origins and evidence, no author."""

import json
from typing import Any

from counterfoil.guard.own import OWN
from counterfoil.show.trace import as_json_lines, as_text
from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import CommitId
from counterfoil.terms.release import Released
from counterfoil.terms.trace import TracedFile, TracedLine

FIRST, SECOND = CommitId("a" * 40), CommitId("b" * 40)


def line(commit: CommitId, evidence: int = 0, **more: Any) -> TracedLine:
    tool: str | Unknown = "claude-code" if evidence else Unknown("no evidence names a tool")
    fields: dict[str, Any] = {"moved_from": None, "tool": tool, "landed_at": "2026-11-01T10:00:00Z"} | more
    return TracedLine(commit=commit, evidence=evidence, **fields)


def released(*files: TracedFile) -> Any:
    return Released(tuple(files), OWN)


FILE = TracedFile(
    path="src/caf\udce9.py",
    lines=[line(FIRST), line(FIRST), line(SECOND, 4, moved_from=FIRST), line(FIRST)],
)


def test_json_has_one_object_for_each_file() -> None:
    told = as_json_lines(released(FILE, TracedFile(path="empty.py", lines=[])))
    first, second = (json.loads(text) for text in told.splitlines())
    assert second == {"path": "empty.py", "lines": []}
    assert first["lines"][0] == {
        "commit": FIRST,
        "evidence": 0,
        "tool": {"unknown": "no evidence names a tool"},
        "landed_at": "2026-11-01T10:00:00Z",
    }
    assert first["lines"][2]["moved_from"] == FIRST
    assert [("moved_from" in each) for each in first["lines"]] == [False, False, True, False]


def test_text_tells_runs_of_lines_with_a_word_for_the_evidence() -> None:
    rows = as_text(released(FILE), width=120).splitlines()
    assert len(rows) == 4
    assert rows[1].split()[0] == "1-2" and rows[1].endswith("none")
    assert rows[2].split()[0] == "3" and "matched, claude-code, moved from aaaaaaaaaa" in rows[2]
    assert "\udce9" not in rows[0]


def test_text_keeps_to_the_width_and_to_plain_letters() -> None:
    rows = as_text(released(FILE), width=40, unicode=False).splitlines()
    assert all(len(row) <= 40 and row.isascii() for row in rows[1:])
    assert as_text(released()) == "No file has lines to trace.\n"
