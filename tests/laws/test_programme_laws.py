"""Laws of the linter: the order of tables and unknown keys never change what it finds."""

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.programme.lint import lint
from counterfoil.programme.load import loaded
from counterfoil.programme.rules import RULES
from counterfoil.programme.rules.note import unknown_key
from counterfoil.terms.error import CounterfoilError
from counterfoil.terms.finding import Finding

CASES = sorted((Path(__file__).parents[2] / "examples" / "programmes").glob("*.toml"))
TODAY = date(2026, 11, 25)
UNKNOWN = st.from_regex(r"x_[a-z]{1,8}", fullmatch=True)


def found(text: str) -> list[Finding]:
    return list(lint(loaded(text, name="p.toml", today=TODAY, rules=RULES)))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
@given(data=st.data())
@settings(max_examples=15, deadline=None)
def test_order_and_unknown_keys_change_nothing(case: Path, data: st.DataObject) -> None:
    head, *blocks = re.split(r"(?m)^(?=\[)", case.read_text("utf-8"))
    shuffled = data.draw(st.permutations(blocks))
    strangers = data.draw(st.dictionaries(st.integers(0, len(blocks) - 1), UNKNOWN, max_size=4))
    for number, name in strangers.items():
        shuffled[number] += f'\n{name} = "anything"\n'
    table = data.draw(UNKNOWN)
    said = found(f"{head}{''.join(shuffled)}\n[{table}]\nuse = 1\n")
    assert [f for f in said if f.id != unknown_key.text.id] == found(case.read_text("utf-8"))
    assert len(said) == len(found(case.read_text("utf-8"))) + len(strangers) + 1


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_programme_is_judged_or_refused_in_words(data: st.DataObject) -> None:
    """Whatever a line says instead, nothing but a word of ours comes back."""
    lines = data.draw(st.sampled_from(CASES)).read_text("utf-8").split("\n")
    place = data.draw(st.integers(0, len(lines) - 1))
    key = lines[place].partition("=")[0]
    value = data.draw(
        st.sampled_from(
            ["[]", "{}", "-1", "1e999", '""', "[[1]]", "{a = 1}", "2026-01-01", "07:30:00", "true"]
        )
        | st.text(max_size=20).map(lambda text: f"'''{text}'''")
    )
    lines[place] = f"{key}= {value}" if "=" in lines[place] else str(value)
    try:
        assert all(f.message and f.where for f in found("\n".join(lines)))
    except CounterfoilError as error:
        assert error.message and error.hint
