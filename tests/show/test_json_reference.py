"""The reference of the JSON export is generated from the fields' own words, and is current."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from counterfoil.show.exported import is_money
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.report import Report

Words = Callable[[type], Mapping[str, str]]
"""Each field of a dataclass with the string below it."""
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "report-json.md"
HEAD = """# The report as JSON

`counterfoil report --json` prints one object. Generated from the fields' own words; `make goldens` renews it.

- **Unknown** is `{"unknown": "why"}`, never zero and never null.
- An **estimate** is `{"value", "low", "high", "n", "coverage", "method"}`: a value with its 95 % interval,
  the number of units it rests on, the share of what should have been seen that was seen, and the page under
  `docs/methods` that says how it was computed. `low`, `high` and `coverage` can be unknown.
- **Money** ends in `_usd`, or stands in an object of dollars, with six decimals, exact to the micro-dollar.
- Days are UTC. Paths that are not UTF-8 are escaped.

| Field | Type | Meaning |
|---|---|---|
"""
ISSUED = (
    "usage.totals.requests",
    "usage.totals.input_uncached",
    "usage.totals.cache_read",
    "usage.totals.cache_write",
    "usage.totals.output",
    "usage.totals.reasoning",
    "usage.totals.unpriced_requests",
    "usage.by_source[].source",
    "usage.by_source[].files",
    "usage.by_source[].records",
    "usage.by_source[].kept",
    "usage.by_source[].merged",
    "usage.by_source[].skipped",
    "usage.by_source[].other",
    "usage.by_day[]",
    "usage.by_model[]",
    "usage.by_repo[]",
    "usage.by_session[]",
    "cost.list_usd",
    "cost.paid_usd",
    "cost.basis",
    "work.repos[].path",
    "work.repos[].commits",
    "work.repos[].changes",
    "work.repos[].landed_lines",
    "work.repos[].landed_by_tier",
    "worth.spend_by_fate",
    "worth.cost_per_standing_change_usd",
    "rework.corrective",
    "rework.adaptive",
    "rework.unknown",
    "rework.spend_on_replaced_usd",
    "rework.cost_of_redo_usd",
    "detail.survival",
    "coverage",
)
"""What others rely on."""


def kind(hint: Any) -> str:
    """A type in a reader's words."""
    origin, args = get_origin(hint), get_args(hint)
    if is_money(hint) and origin is None:
        return "dollars"
    if origin in (Union, UnionType):
        return " or ".join(kind(arg) for arg in args)
    if origin is not None and issubclass(origin, Mapping):
        return f"object of {kind(args[1])}"
    if origin is not None and issubclass(origin, Sequence | tuple):
        return f"list of {kind(args[0])}" if origin is not tuple else "list of numbers"
    if hint is Unknown:
        return "unknown"
    if hint is Estimate:
        return "estimate"
    return {str: "text", int: "number", float: "number", bool: "true or false"}.get(hint, "object")


def rows(noun: type, words: Words, path: str = "") -> Iterator[tuple[str, str, str]]:
    hints = get_type_hints(noun)
    for field in fields(noun):
        hint = hints[field.name]
        many = (
            get_origin(hint) is not None
            and get_origin(hint) not in (Union, UnionType)
            and not issubclass(get_origin(hint), Mapping)
        )
        name = f"{path}{field.name}" + ("[]" if many else "")
        said = words(noun)[field.name]
        if field.metadata:
            said += f" The value is called `{field.metadata['value_as']}`."
        yield name, kind(hint), said
        inner = get_args(hint)[0] if many else hint
        if isinstance(inner, type) and is_dataclass(inner) and inner not in (Estimate, Unknown):
            yield from rows(inner, words, f"{name}.")


def reference(words: Words) -> str:
    return HEAD + "".join(f"| `{name}` | {kind} | {said} |\n" for name, kind, said in rows(Report, words))


def test_golden_reference_is_current(field_words: Words) -> None:
    if os.environ.get("COUNTERFOIL_GOLDENS") == "write":
        REFERENCE.write_text(reference(field_words), encoding="utf-8")
    assert REFERENCE.read_text("utf-8") == reference(field_words)


def test_every_field_that_others_rely_on_is_documented(field_words: Words) -> None:
    documented = {name for name, _, _ in rows(Report, field_words)}
    assert not [name for name in ISSUED if name not in documented]
