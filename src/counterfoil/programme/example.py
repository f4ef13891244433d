"""The programme of an invented company: the template, usage beside it, and a target that earns findings."""

from datetime import date, timedelta
from pathlib import Path
from string import Template

from counterfoil.programme.template import template

LASTS, NOTICE = timedelta(days=365), timedelta(days=14)
CHANGED = (
    ('keep_raw = "30 days"', 'keep_raw = "400 days"'),
    ('name = "AI at work"', 'name = "AI at work (example)"'),
    ("people = 2400", "people = $people"),
)
"""Rows are kept for longer than the template would, so that an example has a past to stand against."""


def example(today: date, *, begins: date, people: int) -> str:
    """The text of a programme that began some time ago."""
    text = template(today)
    dated = {"begins": begins, "given_on": begins - NOTICE}
    lines = {name: next(n for n in text.splitlines() if n.startswith(f"{name} = ")) for name in dated}
    changes = [*CHANGED, *((lines[name], f"{name} = {day}") for name, day in dated.items())]
    for old, new in changes:
        text = text.replace(old, Template(new).substitute(people=people))
    added = Path(__file__).with_suffix(".toml").read_text("utf-8")
    return text + Template(added).substitute(in_a_year=today + LASTS, in_a_quarter=today + LASTS / 4)
