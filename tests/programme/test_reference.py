"""The references of the programme file and of the rules are generated, and are current."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from counterfoil.programme.rules import RULES
from counterfoil.terms.absent import Unknown
from counterfoil.terms.programme import Programme

Words = Callable[[type], Mapping[str, str]]
DOCS = Path(__file__).parents[2] / "docs" / "reference"
FILE_HEAD = """# The programme file

What `counterfoil programme` reads: TOML, at most a million bytes. Generated from the fields' own words;
`make goldens` renews it. `counterfoil programme new` prints a file that passes.

A field that is missing counts as "the programme does not say", never as "no" and never as zero. Names are
short, in small letters, digits and hyphens. Days are written `2027-01-31`, lengths of time `"4 weeks"`.
A key that is not listed here is a note of the linter, and means nothing.

"""
RULES_HEAD = """# What the linter flags

Generated from the rules' own words; `make goldens` renews it. `counterfoil programme rules AP301` prints one.
An error or a warning fails a check, an info does not. Sources named as press reports were read in
excerpts, and copies of them hold errors; nothing here is legal advice.

"""
NAMES = {str: "text", bool: "true or false", int: "whole number", float: "number", date: "day"}


def kind(hint: Any) -> str:
    """A type in a reader's words."""
    parts = [part for part in get_args(hint) if part not in (Unknown, Ellipsis)]
    if get_origin(hint) is tuple:
        return f"list of {kind(parts[0])}"
    if parts:
        return kind(parts[0])
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return ", ".join(f"`{word}`" for word in hint)
    return "length of time" if hint is timedelta else NAMES.get(hint, "name")


def needed(field: "Field[Any]") -> str:
    return "yes" if field.default is MISSING and field.default_factory is MISSING else ""


def sections(words: Words) -> Iterator[str]:
    for name, hint in get_type_hints(Programme).items():
        (noun,) = [part for part in (*get_args(hint), hint) if isinstance(part, type) and is_dataclass(part)]
        title = f"[[{name}]]" if get_origin(hint) is tuple else f"[{name}]"
        said = (noun.__doc__ or "").split("\n")[0]
        yield f"## {title}\n\n{said}\n\n| Field | Needed | Type | Meaning |\n|---|---|---|---|\n"
        types = get_type_hints(noun)
        for field in fields(noun):
            meaning = words(noun)[field.name]
            yield f"| `{field.name}` | {needed(field)} | {kind(types[field.name])} | {meaning} |\n"
        yield "\n"


def file_reference(words: Words) -> str:
    return (FILE_HEAD + "".join(sections(words))).rstrip() + "\n"


def rules_reference(_: Words) -> str:
    texts = (rule.text for rule in RULES.values())
    return RULES_HEAD + "\n".join(
        f"## {text.id} {text.name}\n\n{str(text.severity).capitalize()}. {text.flags}\n\n- Why: {text.why}\n"
        f"- Do: {text.fix}\n- Source: {text.source}\n"
        for text in texts
    )


@pytest.mark.parametrize(("name", "made"), [("programme.md", file_reference), ("rules.md", rules_reference)])
def test_golden_reference_is_current(name: str, made: Callable[[Words], str], field_words: Words) -> None:
    if os.environ.get("COUNTERFOIL_GOLDENS") == "write":
        (DOCS / name).write_text(made(field_words), encoding="utf-8")
    assert (DOCS / name).read_text("utf-8") == made(field_words)


def test_every_field_says_what_it_is(field_words: Words) -> None:
    assert "|  |\n" not in file_reference(field_words)
