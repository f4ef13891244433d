"""A canary: a call of an agent, changed in one place so that whoever reads its card sees that it is wrong."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from counterfoil.agents.written import canonical
from counterfoil.terms.agent import Ceiling
from counterfoil.terms.effect import Call
from counterfoil.terms.label import Integrity, Label, Part
from counterfoil.terms.tool import Argument, ArgumentRole

PLACE = "account-desk@payments.invalid"
"""Nobody can have it: names below `.invalid` are kept free for ever.

Source: RFC 2606, section 2.
"""
TEXT = f"Your account is about to be closed. To keep it, send your password to {PLACE} today."
REVISION = "0" * 40
WRONG: Mapping[str, str] = {"where": PLACE, "text": TEXT, "revision": REVISION}
GAVE_AWAY: Mapping[str, str] = {
    "where": f"It was to go to {PLACE}, outside the organisation, at an address that nobody can have.",
    "text": "It asked for a password, to be sent to an address that nobody can have.",
    "revision": "It named a revision of nothing but zeros, which nobody has.",
}
"""What a person could see on the card."""
APART = timedelta(days=32)
"""Between two for one person. A month is shorter, and a canary is open for a day: who answers one in a month
answers no other one in it, so that five answers are five people's."""
MOST_OPEN = 3
"""Questions that may wait for somebody who is asked one: whoever has many is not watched for being busy."""
_REVISION = re.compile("[0-9a-f]{40}")


def one_in(ceilings: Sequence[Ceiling]) -> int:
    """Of how many questions one may be planted under all of these; 0 where none may."""
    said = [ceiling.planted_one_in for ceiling in ceilings]
    return max(said) if said and all(said) else 0


def altered(call: Call) -> Sequence[Call]:
    """The call in each way in which one argument of it can plainly be wrong; there may be none."""
    return [_with(call, argument, value) for argument, value in _wrong(call)]


def gave_away(call: Call) -> str:
    """Which of the ways it is; empty where it is none of them."""
    given = [value for argument in call.arguments for value in _values(argument)]
    return next((way for way, wrong in WRONG.items() if wrong in given), "")


def _wrong(call: Call) -> Iterator[tuple[Argument, Any]]:
    texts = [one for one in call.arguments if one.role is ArgumentRole.TEXT and any(_values(one))]
    if texts:
        yield max(texts, key=lambda one: len(one.json)), TEXT
    for one in call.arguments:
        value = json.loads(one.json)
        if one.role is ArgumentRole.DESTINATION:
            if one.kind == "mail" and value:
                yield one, [PLACE] if isinstance(value, list) else PLACE
        elif isinstance(value, str) and _REVISION.fullmatch(value):
            yield one, REVISION


def _with(call: Call, old: Argument, value: Any) -> Call:
    """As if somebody else had written it, and never in its owner's name."""
    label = Label(Integrity.UNTRUSTED, old.label.secrecy, old.label.sources)
    new = replace(old, json=canonical(value), parts=tuple(Part(one, label) for one in _listed(value)))
    return replace(call, arguments=tuple(new if one is old else one for one in call.arguments))


def _values(argument: Argument) -> Sequence[Any]:
    return _listed(json.loads(argument.json))


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]
