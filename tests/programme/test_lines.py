"""Each key of a TOML text is found on the line where it stands."""

import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from counterfoil.programme.lines import Places, key_lines

TRICKY = '''# [no.table]
[about]
name = "a [b] # no comment \\" = 1"
strategy = """
[fake]
key = 1
""" # after
'quoted key' = 'it''s'

[[targets]]   # first
list = [
  "]", # ]
  { x = 1 },
]
after = """one line"""
[[targets]]
raw = \'\'\'
after = 2\'\'\'
last = 1
'''.replace("'it''s'", "'it'")


def test_brackets_quotes_and_comments_in_values_are_not_tables() -> None:
    tomllib.loads(TRICKY)
    assert dict(key_lines(TRICKY)) == {
        "about": 2,
        "about.name": 3,
        "about.strategy": 4,
        "about.quoted key": 8,
        "targets[0]": 10,
        "targets[0].list": 11,
        "targets[0].after": 15,
        "targets[1]": 16,
        "targets[1].raw": 17,
        "targets[1].last": 19,
    }


def test_a_place_that_the_text_does_not_have() -> None:
    places = Places("[about]\nname = 'x'\n", {})
    assert places.line("about.ends") == 1
    assert places.line("review.use") is None
    assert places.line("about.name[3]") == 2


def test_every_key_of_the_template_is_found(passing_text: str) -> None:
    lines = passing_text.split("\n")
    found = dict(key_lines(passing_text))
    paths = list(leaves(tomllib.loads(passing_text)))
    assert len(paths) > 100
    for path in paths:
        assert lines[found[path] - 1].startswith(path.rpartition(".")[2]), path


def leaves(table: dict[str, Any]) -> Iterator[str]:
    for name, value in table.items():
        for number, entry in enumerate(value) if isinstance(value, list) else [(None, value)]:
            yield from (f"{name}{'' if number is None else f'[{number}]'}.{key}" for key in entry)


@given(st.text())
def test_no_text_stops_the_scan(text: str) -> None:
    assert all(1 <= line <= text.count("\n") + 1 for _, line in key_lines(text))
