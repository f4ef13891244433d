"""Arguments in the one form in which they are judged and sent, and what is none of what it is given as."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from counterfoil.terms.tool import ArgumentRole, Tool

SMALL_LETTERS = frozenset({"mail", "host"})
CLOSED = re.compile(r"[\w.:+/-]{1,64}")
"""What a typed argument may be: a word without spaces carries no sentence."""


def small(tool: Tool, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """Arguments as they will be sent: where case does not count in a name, in small letters."""
    if not any(spec.kind in SMALL_LETTERS for spec in tool.arguments.values()):
        return arguments

    def smaller(value: Any) -> Any:
        if isinstance(value, list):
            return [smaller(one) for one in value]
        return value.lower() if isinstance(value, str) else value

    return {
        name: smaller(value)
        if name in tool.arguments and tool.arguments[name].kind in SMALL_LETTERS
        else value
        for name, value in arguments.items()
    }


def is_strange(tool: Tool, arguments: Mapping[str, Any]) -> bool:
    """Whether something given as destinations is not plainly one name each."""
    for name, spec in tool.arguments.items():
        if spec.role is ArgumentRole.DESTINATION and name in arguments:
            value = arguments[name]
            names: Sequence[Any] = value if isinstance(value, list) else [value]
            if strange(names, spec.kind):
                return True
    return False


def is_closed(value: Any) -> bool:
    """Whether a value is a number, a flag, a date or a word, or a list of such."""
    if isinstance(value, list):
        return len(value) <= 100 and all(not isinstance(one, list) and is_closed(one) for one in value)
    if isinstance(value, str):
        return value == "" or CLOSED.fullmatch(value) is not None
    return value is None or isinstance(value, bool | int | float)


def strange(names: Sequence[Any], kind: str) -> bool:
    """Whether something given as destinations could be read as another one, or as several."""
    unfit = r"[\s,;<>\"\\]" if kind == "mail" else r"[\x00-\x1f\x7f]"
    return any(not isinstance(name, str) or re.search(unfit, name) for name in names)
