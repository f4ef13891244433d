"""The report as JSON: every field under its own name, money to the micro-dollar, Unknown never zero."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from json.encoder import encode_basestring_ascii
from typing import Any, get_args, get_type_hints

from counterfoil.show.words import dollars_exact
from counterfoil.terms.absent import Unknown
from counterfoil.terms.estimate import Estimate
from counterfoil.terms.ids import MicroUsd
from counterfoil.terms.release import Released
from counterfoil.terms.report import Report

NOT_FINITE = Unknown("the figure is not a finite number")
STEP = "  "


def as_json(released: Released[Report]) -> str:
    """The released report as one JSON document, in ASCII, with a final line feed."""
    return written(released.answer) + "\n"


def written(value: object) -> str:
    """Any noun as JSON text.

    Example:
    >>> print(written(Unknown("no logs")))
    {"unknown": "no logs"}
    """
    pieces: list[str] = []
    _write(pieces, value, money=False, margin="\n")
    return "".join(pieces)


def is_money(annotation: object) -> bool:
    """Whether a field is in dollars, by its type: `MicroUsd`, alone or inside a union or mapping.

    Example:
    >>> is_money(MicroUsd), is_money(Mapping[str, MicroUsd]), is_money(int)
    (True, True, False)
    """
    return annotation is MicroUsd or any(is_money(part) for part in get_args(annotation))


@cache
def _plan(noun: type) -> tuple[tuple[str, str, bool, str], ...]:
    """Each field's name, its JSON key text, whether it is money, and what its estimate calls its value."""
    hints = get_type_hints(noun)
    return tuple(
        (f.name, f'"{f.name}": ', is_money(hints[f.name]), f.metadata.get("value_as", "value"))
        for f in fields(noun)
    )


def _called(value: Any, name: str) -> Any:
    """An estimate as a mapping with its value under another name; anything else as it is."""
    if name == "value" or not isinstance(value, Estimate):
        return value
    return {name if f.name == "value" else f.name: getattr(value, f.name) for f in fields(value)}


def _write(pieces: list[str], value: Any, *, money: bool, margin: str) -> None:
    """Add the JSON text of a value; rows of plain values stay on one line."""
    plain = _plain(value, money)
    if plain is not None:
        pieces.append(plain)
        return
    if is_dataclass(value) and not isinstance(value, type):
        plan = _plan(type(value))
        pairs = [(key, _called(getattr(value, name), called), dear) for name, key, dear, called in plan]
        brackets = "{}"
    elif isinstance(value, Mapping):
        pairs = [(f"{encode_basestring_ascii(_name(k))}: ", v, money) for k, v in value.items()]
        brackets = "{}"
    elif isinstance(value, Sequence):
        pairs = [("", v, money) for v in value]
        brackets = "[]"
    else:
        raise TypeError(f"no JSON form for {type(value).__name__}")
    row = [_plain(v, dear) for _, v, dear in pairs]
    if None not in row:
        texts = ", ".join([f"{key}{text}" for (key, _, _), text in zip(pairs, row, strict=True)])
        pieces.append(f"{brackets[0]}{texts}{brackets[1]}")
        return
    inner = margin + STEP
    pieces.append(brackets[0])
    for i, ((key, v, dear), text) in enumerate(zip(pairs, row, strict=True)):
        pieces.append(f"{',' if i else ''}{inner}{key}{text or ''}")
        if text is None:
            _write(pieces, v, money=dear, margin=inner)
    pieces.append(margin + brackets[1])


def _plain(value: Any, money: bool) -> str | None:
    """JSON text of a value that has no parts; None where it has."""
    if isinstance(value, str):
        return encode_basestring_ascii(_text(value))
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return dollars_exact(MicroUsd(value)) if money else str(int(value))
    if isinstance(value, float):
        return repr(float(value)) if math.isfinite(value) else _plain(NOT_FINITE, money)
    if isinstance(value, Unknown):
        return f'{{"unknown": {encode_basestring_ascii(_text(value.why))}}}'
    return None


def _name(key: object) -> str:
    return _text(str(key.value if isinstance(key, Enum) else key))


def _text(text: str) -> str:
    """Text that every JSON reader accepts: an undecodable byte of a path becomes a backslash escape."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")
