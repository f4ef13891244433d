"""What messages say of other commits: a row per form, per trap, and words from anywhere."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.collect.git.says import says_of
from counterfoil.terms.history import Cause, Says

ROWS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "goldens" / "marks" / "says.json").read_text("utf-8")
)


def expected(row: dict[str, Any]) -> Says:
    reverted = row.get("reverts_subject")
    return Says(
        cause=Cause(row["cause"]),
        reverts=tuple(row.get("reverts", ())),
        reverts_requests=tuple(row.get("reverts_requests", ())),
        reverts_subject=None if reverted is None else hash(reverted.encode()),
        fixes=tuple(row.get("fixes", ())),
        request=row.get("request"),
        subject=hash(row.get("plain", row["subject"]).encode()),
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['row']}: {row['subject']}")
@pytest.mark.parametrize("encoded", [True, False], ids=["bytes", "str"])
def test_each_message_says_what_the_row_says(row: dict[str, Any], encoded: bool) -> None:
    subject, body = row["subject"], row.get("body", "")
    says = says_of(subject.encode(), body.encode()) if encoded else says_of(subject, body)
    assert says == expected(row)


@pytest.mark.parametrize("title", ["Add a cache", "feat: add a cache", "Merge branch 'x'"])
@pytest.mark.parametrize("number", ["", " (#12)"])
def test_a_revert_names_the_subject_of_what_it_reverts(title: str, number: str) -> None:
    reverted = says_of(f'Revert "{title}{number}" (#99)', "")
    assert reverted.reverts_subject == says_of(title + number, "").subject
    assert reverted.reverts_requests == ((12,) if number else ())


@given(st.one_of(st.binary(max_size=120), st.text(max_size=120)), st.one_of(st.binary(), st.text()))
def test_no_bytes_make_it_raise(subject: bytes | str, body: bytes | str) -> None:
    says = says_of(subject, body)
    assert (says.reverts_subject is None and not says.reverts) or says.cause is Cause.CORRECTIVE


PIECES = st.sampled_from(
    [
        'Revert "',
        '"',
        "fix",
        ":",
        "(",
        ")",
        "#1",
        "!2",
        "This reverts commit ",
        "abcdef12",
        "* ",
        "\n",
        "Merge ",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join), st.lists(PIECES, max_size=20).map("".join))
def test_broken_forms_give_whole_names_or_none(subject: str, body: str) -> None:
    says = says_of(subject, body)
    assert all(7 <= len(name) <= 64 for name in (*says.reverts, *says.fixes))


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        (b"Add a thing (#" + b"9" * 5_000 + b")", b""),
        (b"Merge pull request #" + b"9" * 5_000 + b" from a/b", b""),
        (b"Merge branch 'a'", b"See merge request a/b!" + b"9" * 5_000),
        (b"Merge pull request #1 from a/revert-" + b"9" * 5_000 + b"-b", b""),
        (b'Revert "Add a thing"', b"Reverts a/b#" + b"9" * 5_000),
    ],
)
def test_a_number_no_forge_gives_is_no_request(subject: bytes, body: bytes) -> None:
    said = says_of(subject, body)
    assert said.request in (None, 1)
    assert not said.reverts_requests
