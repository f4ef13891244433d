"""Reads `agents/*.toml` and says what is wrong: the field, what it says, and what to do."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec

from counterfoil.agents.definition.sound import unsound
from counterfoil.agents.definition.written import (
    BudgetTable,
    Definition,
    GrantTable,
    LimitsTable,
    Table,
    TriggerTable,
)
from counterfoil.agents.definition.wrong import Wrong
from counterfoil.terms.error import SourceError

MOST_BYTES = 256 * 1024
"""Of a definition; more is none."""
INNER: Mapping[str, type[Table]] = {
    "grants": GrantTable,
    "triggers": TriggerTable,
    "budget": BudgetTable,
    "limits": LimitsTable,
}
_PATH = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file holds: a definition, or what keeps it from being one."""

    definition: Definition | None
    wrong: tuple[Wrong, ...]


def check(path: Path) -> Checked:
    """A definition's file, with all that is wrong with it. Nothing is wrong with one that can be run.

    Raises: SourceError where the file can't be read at all.
    """
    try:
        raw = path.read_bytes()
    except OSError as gone:
        hint = "name a file that is there"
        raise SourceError("agent-unreadable", f"{path}: {gone.strerror}", hint=hint) from gone
    if len(raw) > MOST_BYTES:
        return _only("", "is larger than any definition", "put instructions only, no data")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return _only("", "is not UTF-8", "save it as UTF-8")
    return checked(text, name=path.stem)


def checked(text: str, *, name: str = "") -> Checked:
    """A definition's text; `name` is that of its file, where it has one."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        return _only("", f"is not TOML: {broken}", "see docs/reference/agents.md for a whole example")
    wrong = [*_strangers(table, Definition, "")]
    for field, inner in INNER.items():
        for where, each in _tables(table, field):
            wrong += _strangers(each, inner, f"{where}.")
    if wrong:
        return Checked(None, tuple(wrong))
    try:
        definition = msgspec.convert(table, Definition, strict=True)
    except msgspec.ValidationError as odd:
        return Checked(None, (_converted(str(odd)),))
    return Checked(definition, tuple(unsound(definition, file=name)))


def definition_of(text: str) -> Definition:
    """A definition that was checked before.

    Raises: SourceError where it is none after all.
    """
    found = checked(text)
    if found.definition is None or found.wrong:
        first = found.wrong[0]
        raise SourceError("agent-wrong", f"{first.where} {first.says}".strip(), hint=first.hint)
    return found.definition


def still_made(text: str) -> Definition | None:
    """A definition that was kept; None where it is none any more, as after an upgrade."""
    found = checked(text)
    return None if found.wrong else found.definition


def _tables(table: Mapping[str, Any], field: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    value = table.get(field)
    if isinstance(value, dict):
        yield field, value
    elif isinstance(value, list):
        yield from ((f"{field}[{n}]", each) for n, each in enumerate(value) if isinstance(each, dict))


def _strangers(table: Mapping[str, Any], noun: type[Table], before: str) -> Iterator[Wrong]:
    known = noun.__struct_fields__
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"write `{near[0]}`" if near else f"take it out; known are {', '.join(known)}"
            yield Wrong(f"{before}{key}", "means nothing here", hint)


def _converted(says: str) -> Wrong:
    """What msgspec said, in words of ours."""
    found = _PATH.search(says)
    where = found["path"] if found else ""
    says = _PATH.sub("", says)
    if missing := re.match(r"Object missing required field `(\w+)`", says):
        where = f"{where}.{missing[1]}".lstrip(".")
        return Wrong(where, "is missing", f"add `{missing[1]} = ...`")
    return Wrong(where, f"does not fit: {says[:1].lower()}{says[1:]}", "see docs/reference/agents.md")


def _only(where: str, says: str, hint: str) -> Checked:
    return Checked(None, (Wrong(where, says, hint),))
