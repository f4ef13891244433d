"""Says whether the arguments of a call are what they seem: one name each, and values that can be sent."""

import json
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from counterfoil.terms.effect import Call
from counterfoil.terms.release import Refuse
from counterfoil.terms.tool import Argument, ArgumentRole, EffectClass

MOST_LETTERS = 1_000_000
"""In the arguments of one call; nobody reads more before saying yes."""
MOST_DEEP = 32
"""Levels of lists and tables in one argument."""
HIDING = frozenset(
    (
        *(0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF),
        *(*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xE0000, 0xE0080)),
    )
)
"""Characters that turn a name around, or that nobody sees in it."""
SEVERAL = re.compile(r"[\s,;<>\"\\]")
"""What makes two addresses of one, or another one of it."""
ODD = Refuse("strange-destination", "A destination in it is not plainly one name.")
NOWHERE = Refuse("no-destination", "It does not say where it goes.")
UNFIT = Refuse("strange-value", "A value in it is no text and no number that could be sent.")
TOO_LONG = Refuse("too-long", f"Its arguments have more than {MOST_LETTERS:,} characters.")
_UNSEEN = ("Cc", "Cs", "Zl", "Zp")
_NUMBERS = re.compile(r"NaN|Infinity")


def unfit(call: Call) -> Refuse | None:
    """Why a call can't be judged by what it seems to say; None where it can."""
    if sum(len(argument.json) for argument in call.arguments) > MOST_LETTERS:
        return TOO_LONG
    if not all(_can_be_sent(argument) for argument in call.arguments):
        return UNFIT
    where = [argument for argument in call.arguments if argument.role is ArgumentRole.DESTINATION]
    names = [_given(json.loads(argument.json)) for argument in where]
    if any(
        not is_one(name, argument.kind)
        for argument, given in zip(where, names, strict=True)
        for name in given
    ):
        return ODD
    return None


def is_one(name: Any, kind: str) -> bool:
    """Whether a destination is plainly one name, to a person and to whatever it is sent to."""
    if not isinstance(name, str) or not name or name != name.strip():
        return False
    if any(ord(letter) in HIDING or unicodedata.category(letter) in _UNSEEN for letter in name):
        return False
    return kind != "mail" or (SEVERAL.search(name) is None and name.count("@") <= 1)


def has_to_go_somewhere(call: Call) -> bool:
    """Whether it does something where its manifest says that it has to be told where."""
    if call.tool.effect in (EffectClass.READ, EffectClass.DRAFT):
        return False
    return any(
        spec.role is ArgumentRole.DESTINATION and not spec.may_be_empty
        for spec in call.tool.arguments.values()
    )


def folded(name: str) -> str:
    """A name as systems have it in which neither case nor width counts."""
    return unicodedata.normalize("NFKC", name).casefold()


def _given(value: Any) -> Sequence[Any]:
    """The names in an argument; what is empty names nothing."""
    if value is None or value == "":
        return ()
    return value if isinstance(value, list) else (value,)


def _can_be_sent(argument: Argument) -> bool:
    """Whether it is JSON as everybody reads it: no half letters, and no number that is none."""
    try:
        argument.json.encode()
        if _NUMBERS.search(argument.json):
            json.loads(argument.json, parse_constant=_none)
        return argument.json.count("[") + argument.json.count("{") <= MOST_DEEP or _is_shallow(argument.json)
    except (ValueError, RecursionError):
        return False


def _is_shallow(written: str) -> bool:
    """Whether values lie in each other no deeper than anybody means it; the rest would break who reads it."""
    level = [json.loads(written)]
    for _ in range(MOST_DEEP):
        inner = [one for one in level if isinstance(one, list | dict)]
        level = [value for one in inner for value in (one.values() if isinstance(one, dict) else one)]
    return not level


def _none(said: str) -> None:
    raise ValueError(said)
