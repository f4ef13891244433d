"""A programme as the text of a programme file, with what each section and field means above it."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import Field, fields
from datetime import date, timedelta
from typing import Any

from counterfoil.programme.meaning import field_means, section_means
from counterfoil.terms.absent import Unknown
from counterfoil.terms.programme import Programme

WIDTH = 100
HEAD = """# An AI programme, in words that Counterfoil can check and hold.
#
# Every line after a # is an explanation. A line that is missing counts as "the programme does not say",
# never as "no". Check it with: counterfoil programme check FILE
"""
PARTS = {
    "metrics": "What is measured",
    "targets": "What is asked of people",
    "displays": "What is shown, and to whom",
    "floors": "What is promised",
    "suppress": "What is accepted for a time",
}
"""Lines that part the file, above the section with which each begins."""
MINUTES = {"week": 10_080, "day": 1_440, "hour": 60, "minute": 1, "month": 43_200, "year": 525_600}
MOST_UNITS = 9_999
"""What a length of time can count in a file."""
ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def written(programme: Programme) -> str:
    """The text of its file; loading it gives the same programme."""
    lines = [HEAD.rstrip()]
    for section in fields(Programme):
        value = getattr(programme, section.name)
        listed = isinstance(value, tuple)
        head = f"[[{section.name}]]" if listed else f"[{section.name}]"
        body = [line for table in _tables(head, value if listed else [value]) for line in table]
        if section.name in PARTS and (body or section.name == "floors"):
            lines += ["", "", f"# ---- {PARTS[section.name]} ".ljust(WIDTH, "-")]
        lines += body
    return "\n".join(lines) + "\n"


def _tables(head: str, nouns: Sequence[Any]) -> Iterator[list[str]]:
    """The lines of each table of a section; a field is explained where it stands first."""
    told: set[str] = set()
    for number, noun in enumerate(nouns):
        said = [field for field in fields(noun) if _is_said(field, getattr(noun, field.name))]
        if not said:
            continue
        lines = [""]
        if not number:
            lines += _comment(section_means(type(noun)))
        lines.append(head)
        kind: type = type(noun)
        means = field_means(kind)
        for field in said:
            if field.name not in told:
                lines += _comment(means[field.name])
            told.add(field.name)
            lines.append(f"{field.name} = {value_text(getattr(noun, field.name))}")
        yield lines


def _is_said(field: "Field[Any]", value: object) -> bool:
    """Whether a line is needed: a list that is empty by default, or an absence, is said by silence."""
    return not isinstance(value, Unknown) and not (value == () == field.default)


def value_text(value: Any) -> str:
    r"""A plain value as TOML.

    Example:
    >>> value_text(True), value_text(timedelta(days=28)), value_text(("a", 'b"c'))
    ('true', '"4 weeks"', '["a", "b\\"c"]')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, timedelta):
        return f'"{_span(value)}"'
    if isinstance(value, tuple):
        return f"[{', '.join(value_text(entry) for entry in value)}]"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return repr(value)
    return f'"{"".join(_escaped(letter) for letter in str(value))}"'


def _escaped(letter: str) -> str:
    if letter in ESCAPED:
        return ESCAPED[letter]
    return f"\\u{ord(letter):04x}" if ord(letter) < 0x20 or ord(letter) == 0x7F else letter


def _span(length: timedelta) -> str:
    """A length of time in the largest unit that a file can count it in.

    Example:
    >>> _span(timedelta(days=30)), _span(timedelta(minutes=240)), _span(timedelta(days=365 * 9_999))
    ('30 days', '4 hours', '9999 years')
    """
    minutes = round(length.total_seconds() / 60)
    for unit, size in MINUTES.items():
        if minutes % size == 0 and minutes // size <= MOST_UNITS:
            number = minutes // size
            return f"{number} {unit}{'s' if number > 1 else ''}"
    raise ValueError(f"no unit counts {length}")


def _comment(words: str) -> list[str]:
    return textwrap.wrap(words, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)
