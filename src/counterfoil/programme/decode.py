"""Turns a TOML table into the nouns of a programme, and collects everything that is wrong with it."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from types import UnionType
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

from counterfoil.terms.absent import Unknown
from counterfoil.terms.ids import RuleId

MOST_TEXT = 10_000
MOST_NUMBER = 1_000_000_000_000
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_DAYS = {"minute": 1 / 1440, "hour": 1 / 24, "day": 1, "week": 7, "month": 30, "year": 365}
_SPAN = re.compile(rf"([0-9]{{1,4}}) ({'|'.join(_DAYS)})s?")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a field can't be taken as it is."""

    where: str
    says: str
    hint: str


@dataclass(frozen=True, slots=True)
class Stranger:
    """A key that means nothing, with the nearest that does."""

    where: str
    nearest: str
    """Empty where nothing is near."""


class Wrong(Exception):
    """A value that is not what its field asks for."""

    def __init__(self, says: str, hint: str) -> None:
        super().__init__(says)
        self.says, self.hint = says, hint


class Decoder:
    """Decodes tables by the types of the nouns' fields."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.strangers: list[Stranger] = []

    def noun(self, kind: type, table: Mapping[str, Any], where: str) -> Any:
        """A noun from a table; None where a problem was noted."""
        before = len(self.problems)
        known = _types(kind)
        values = {
            name: self._field(known[name], raw, _below(where, name))
            for name, raw in table.items()
            if name in known
        }
        for name in sorted(set(table) - set(known)):
            self.strangers.append(Stranger(_below(where, name), nearest(name, known)))
        for field in fields(kind):
            if field.name not in table and field.default is MISSING and field.default_factory is MISSING:
                hint = f"add {field.name}; `counterfoil programme new` shows it in use"
                self.problems.append(Problem(_below(where, field.name), "is missing", hint))
        return kind(**values) if len(self.problems) == before else None

    def _field(self, kind: Any, raw: Any, where: str) -> Any:
        try:
            return self._value(kind, raw, where)
        except Wrong as wrong:
            self.problems.append(Problem(where, wrong.says, wrong.hint))
            return None

    def _value(self, kind: Any, raw: Any, where: str) -> Any:
        if get_origin(kind) in {Union, UnionType}:
            (kind,) = (part for part in get_args(kind) if part is not Unknown)
        if get_origin(kind) is tuple:
            return self._list(get_args(kind)[0], raw, where)
        if is_dataclass(kind) and isinstance(kind, type):
            if not isinstance(raw, dict):
                hint = f"write it as a table that begins with [{where}]"
                raise Wrong(f"is {_shown(raw)}, and has to be a table", hint)
            return self.noun(kind, raw, where)
        return plain(kind, raw)

    def _list(self, kind: Any, raw: Any, where: str) -> tuple[Any, ...]:
        if not isinstance(raw, list):
            tables = is_dataclass(kind)
            hint = (
                f"begin each with [[{where}]]"
                if tables
                else 'write a list in brackets, such as ["one", "two"]'
            )
            raise Wrong(f"is {_shown(raw)}, and has to be a list", hint)
        return tuple(self._field(kind, item, f"{where}[{n}]") for n, item in enumerate(raw))


def plain(kind: Any, raw: Any) -> Any:
    """A value that has no parts.

    Raises: Wrong where it is of another kind or out of its range.
    """
    if isinstance(kind, NewType):
        return kind(_text(raw) if kind is RuleId else _name(raw))
    if issubclass(kind, StrEnum):
        return _choice(kind, raw)
    return _PLAIN[kind](raw)


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise Wrong(f"is {_shown(raw)}, and has to be a text", 'write it in quotes, such as "like this"')
    if not raw.strip():
        raise Wrong("is an empty text", "write what it says, or leave the line out")
    if len(raw) > MOST_TEXT:
        raise Wrong(f"is longer than {MOST_TEXT:,} characters", "write it shorter")
    return raw.strip()


def _name(raw: Any) -> str:
    text = _text(raw)
    if len(text) > 60 or not _NAME.fullmatch(text):
        raise Wrong(f"is {_shown(raw)}, and has to be a short name", "use small letters, digits and hyphens")
    return text


def _choice(kind: type[StrEnum], raw: Any) -> StrEnum:
    words = [str(word) for word in kind]
    if raw not in words:
        near = nearest(raw, words) if isinstance(raw, str) else ""
        meant = f"did you mean {near}? " if near else ""
        raise Wrong(
            f"is {_shown(raw)}, which is none of its words", f"{meant}write one of: {', '.join(words)}"
        )
    return kind(raw)


def _flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise Wrong(f"is {_shown(raw)}, and has to be true or false", "write true or false, without quotes")
    return raw


def _count(raw: Any) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise Wrong(f"is {_shown(raw)}, and has to be a whole number", "write digits alone, such as 50")
    if not 1 <= raw <= MOST_NUMBER:
        raise Wrong("is out of range", f"write a number from 1 to {MOST_NUMBER:,}")
    return raw


def _number(raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise Wrong(f"is {_shown(raw)}, and has to be a number", "write a number such as 0.8, without quotes")
    if not (math.isfinite(raw) and 0 <= raw <= MOST_NUMBER):
        raise Wrong("is out of range", f"write a number from 0 to {MOST_NUMBER:,}")
    return float(raw)


def _day(raw: Any) -> date:
    if isinstance(raw, datetime) or not isinstance(raw, date):
        hint = "write it as 2027-01-31, without quotes and without a time"
        raise Wrong(f"is {_shown(raw)}, and has to be a day", hint)
    return raw


def _span(raw: Any) -> timedelta:
    """A length of time in words.

    Example:
    >>> _span("4 weeks").days, _span("1 month").days
    (28, 30)
    """
    match = _SPAN.fullmatch(raw.strip().lower()) if isinstance(raw, str) else None
    if match is None:
        raise Wrong(
            f"is {_shown(raw)}, and has to be a length of time", 'write "4 weeks", "30 days" or alike'
        )
    if not int(match[1]):
        raise Wrong("is out of range", 'write at least one, such as "1 day"')
    return timedelta(days=int(match[1]) * _DAYS[match[2]])


_PLAIN = {str: _text, bool: _flag, int: _count, float: _number, date: _day, timedelta: _span}


def nearest(word: str, words: Iterable[str]) -> str:
    """The word that a misspelt one was meant to be; empty where none is near.

    Example:
    >>> nearest("thresholds", ["threshold", "window"])
    'threshold'
    """
    return next(iter(get_close_matches(word, list(words), n=1)), "")


@cache
def _types(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _below(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _shown(raw: Any) -> str:
    """A value as its writer would know it again, cut short."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int) and abs(raw) > MOST_NUMBER:
        return "a very large number"
    if isinstance(raw, dict | list):
        return "a table" if isinstance(raw, dict) else "a list"
    text = f'"{raw}"' if isinstance(raw, str) else str(raw)
    return text if len(text) <= 40 else f"{text[:40]}..."
