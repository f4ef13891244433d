"""Answers what came over the socket by a method of the office, each argument held to its type."""

import inspect
from collections.abc import Mapping
from functools import cache
from typing import Any, get_type_hints

import msgspec

from counterfoil.agents.wire import Asked, raw
from counterfoil.terms.error import SourceError

HINT = "let the server and the agents' process be of one version of counterfoil"


def answer(office: object, asked: Asked) -> msgspec.Raw:
    """What a method of an office says to a question.

    Raises: SourceError where there is no such question; CounterfoilError as the method does.
    """
    kind: Any = type(office)
    known = questions(kind)
    if asked.name not in known:
        raise SourceError("no-such-question", "the agents' process does not know this question", hint=HINT)
    types = known[asked.name]
    if asked.arguments.keys() - types.keys():
        raise SourceError("no-such-question", "the question has parts that nobody knows", hint=HINT)
    try:
        given = {
            name: msgspec.json.decode(value, type=types[name]) for name, value in asked.arguments.items()
        }
    except (msgspec.DecodeError, ValueError) as error:
        raise SourceError("question-malformed", "a part of the question can't be read", hint=HINT) from error
    return raw(getattr(office, asked.name)(asked.asker, **given))


@cache
def questions(office: Any) -> Mapping[str, Mapping[str, Any]]:
    """What can be asked: each public method that takes who asks, with the types of what else it takes."""
    found = {}
    for name, method in inspect.getmembers(office, inspect.isfunction):
        names = list(inspect.signature(method).parameters)[1:]
        if not name.startswith("_") and names[:1] == ["asker"]:
            hints = get_type_hints(method)
            found[name] = {one: hints[one] for one in names[1:]}
    return found
