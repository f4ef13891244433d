"""Reads plans from TOML, and says what of one can't be read.

Written against TOML 1.0.0, read 2026-11-26.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from counterfoil.terms.error import SourceError

LONGEST = 300
Plan = TypeVar("Plan")


def read_plan(path: Path, kind: str, plan: Callable[[Mapping[str, Any]], Plan]) -> Plan:
    """A plan of a kind from its file.

    Raises: SourceError where it can't be read, or a field is missing, unknown or no such thing.
    """
    hint = f"see docs/reference/{kind}.md for a plan to begin with"
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(f"{kind}-unreadable", f"{path} can't be read as TOML", hint=hint) from error
    try:
        return plan(told)
    except ValueError as error:
        raise SourceError(f"{kind}-wrong", f"{path}: {error}", hint=hint) from error


def only(told: Mapping[str, Any], known: Sequence[str], where: str) -> None:
    """Stop at a field that means nothing.

    Raises: ValueError.
    """
    if strange := sorted(set(told) - set(known)):
        raise ValueError(f"{where}{strange[0]} means nothing here")


def word(told: Mapping[str, Any], name: str) -> str:
    """The text of a field.

    Raises: ValueError where it is none of one line.
    """
    return checked(told.get(name), name)


def checked(value: object, name: str) -> str:
    """A text of one line.

    Raises: ValueError where it is none.
    """
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST or not value.isprintable():
        raise ValueError(f"{name} is a text of one line")
    return value


def day(told: Mapping[str, Any], name: str) -> date:
    """The day of a field.

    Raises: ValueError where it is none.
    """
    value = told.get(name)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError(f"{name} is a day, such as 2026-12-01")  # noqa: TRY004 (said to whoever wrote it)
    return value
