"""Every line of the table of marks, every trap, and words from anywhere."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.collect.git.marks import AGENTS, marks_of
from counterfoil.terms.absent import Unknown
from counterfoil.terms.mark import Evidence, Mark

ROWS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "goldens" / "marks" / "marks.json").read_text("utf-8")
)
JO = "Jo Doe <jo@example.org>"


def words(mark: Mark) -> str:
    session = "" if isinstance(mark.session, Unknown) else f" {mark.session}"
    return f"{mark.tool} {mark.evidence:d} {'whole' if mark.whole else 'part'}{session}"


def person(text: str) -> tuple[str, str]:
    name, _, email = text.rpartition(" <")
    return name, email.removesuffix(">")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["row"])
@pytest.mark.parametrize("encoded", [True, False], ids=["bytes", "str"])
def test_each_row_of_the_table_is_read_as_it_says(row: dict[str, Any], encoded: bool) -> None:
    texts = [
        *person(row.get("author", JO)),
        *person(row.get("committer", JO)),
        row.get("body", ""),
    ]
    marks = marks_of(*(text.encode() for text in texts)) if encoded else marks_of(*texts)
    assert [words(m) for m in marks] == row["marks"]


def test_every_agent_of_the_table_has_a_row() -> None:
    seen = {mark.split()[0] for row in ROWS for mark in row["marks"]}
    assert seen >= set(AGENTS)


@given(st.lists(st.one_of(st.binary(max_size=80), st.text(max_size=80)), min_size=5, max_size=5))
def test_no_bytes_make_it_raise(texts: list[bytes | str]) -> None:
    assert all(mark.tool for mark in marks_of(*texts))


@given(st.text(max_size=60), st.sampled_from(["Assisted-by", "Co-authored-by", "Generated-by"]))
def test_no_words_of_a_message_become_a_tool(value: str, key: str) -> None:
    known = {*AGENTS, "gemini-code-assist", "other"}
    assert {
        m.tool for m in marks_of("Jo", "jo@example.org", "Jo", "jo@example.org", f"{key}: {value}")
    } <= known


def test_a_body_alone_never_claims_that_an_agent_signed() -> None:
    everything = "\n".join(row.get("body", "") for row in ROWS)
    marks = marks_of("Jo", "jo@example.org", "Jo", "jo@example.org", everything)
    assert marks
    assert max(m.evidence for m in marks) is Evidence.MARKED
