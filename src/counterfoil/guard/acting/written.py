"""Writes ceilings and grants as rules that anybody can read, and that Cedar asks."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from counterfoil.terms.agent import Ceiling, Grant

EPOCH = date(1970, 1, 1)
MODEL = "model"
"""The connector that models are; where they run is a destination like any other."""


@cache
def shipped() -> str:
    """The rules that hold whatever is granted."""
    return _read("acting.cedar")


@cache
def schema_text() -> str:
    """What the rules may look at."""
    return _read("acting.cedarschema")


def rules_of(ceilings: Sequence[Ceiling], grants: Iterable[Grant]) -> str:
    """All rules for the agents of some grants. A ceiling only ever forbids, so that one more is stricter."""
    return "\n".join([shipped(), *map(_ceiling, ceilings), *map(_grant, grants)])


def day_of(day: date) -> int:
    """Days since 1970, as the rules count them."""
    return (day - EPOCH).days


def matches(pattern: str, name: str) -> bool:
    """Whether a name is one of a pattern, in which `*` stands for anything, as Cedar's `like` has it."""
    first, *rest = pattern.split("*")
    if not rest:
        return name == pattern
    if not name.startswith(first):
        return False
    at = len(first)
    for piece in rest[:-1]:
        found = name.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return len(name) - at >= len(rest[-1]) and name.endswith(rest[-1])


def quoted(text: str) -> str:
    """A text as Cedar writes it; what is no plain letter stays part of it."""
    kept = "".join(c if c.isprintable() and c not in '"\\' else f"\\u{{{ord(c):x}}}" for c in text)
    return f'"{kept}"'


def _ceiling(ceiling: Ceiling) -> str:
    kinds = [
        f"(resource in Connector::{quoted(connector)} && action in [{', '.join(map(_action, effects))}])"
        for connector, effects in sorted(ceiling.connectors.items())
        if effects and connector != MODEL
    ]
    models = [
        f"context.destination like {quoted(f'{MODEL}:{model}@{region}')}"
        for model in ceiling.models
        for region in ceiling.regions
    ]
    asked = f"(resource in Connector::{quoted(MODEL)} && action == {_action('ask')} && ({_any(models)}))"
    says = f"The ceiling of {ceiling.name} does not let any agent do this."
    return (
        f"@id({quoted(f'ceiling:{ceiling.name}')})\n@says({quoted(says)})\n"
        f"forbid (principal, action, resource)\nunless {{ {_any([*kinds, asked])} }};\n"
    )


def _grant(grant: Grant) -> str:
    where = _any([f"context.destination like {quoted(to)}" for to in grant.to])
    nowhere = 'context.destination == ""'
    until = "" if grant.until is None else f" && context.day <= {day_of(grant.until)}"
    return (
        f"@id({quoted(f'grant:{grant.agent}:{grant.tool}')})\n"
        f"permit (principal == Agent::{quoted(grant.agent)}, action, "
        f"resource == Tool::{quoted(grant.tool)})\n"
        f"when {{ context.tool_hash == {quoted(grant.digest)} && ({nowhere} || {where}){until} }};\n"
    )


def _action(effect: str) -> str:
    return f"Action::{quoted(effect)}"


def _any(clauses: Sequence[str]) -> str:
    return " || ".join(clauses) if clauses else "false"


def _read(name: str) -> str:
    return (Path(__file__).parent / name).read_text("utf-8")
