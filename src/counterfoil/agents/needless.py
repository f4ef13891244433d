"""Says when an effect would only say the same again."""

import json
import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection

from counterfoil.agents.written import canonical
from counterfoil.guard.acting.plain import folded
from counterfoil.store.agents.database import locked
from counterfoil.store.agents.effects import same_said
from counterfoil.terms.effect import Call
from counterfoil.terms.tool import Argument, ArgumentRole, EffectClass

SPOKEN = frozenset({EffectClass.POST, EffectClass.SEND, EffectClass.PAY})
"""What people get, and would get twice."""
WINDOW = timedelta(hours=24)
DUPLICATE = "duplicate"
TO = ArgumentRole.DESTINATION


def content_of(call: Call) -> str:
    """A digest of what is said and to whom; empty where saying it again would be another thing.

    The order of destinations and where they stand, spaces, case, width and letters that nobody sees make no
    other message, and neither does an argument that says nothing.
    """
    if call.tool.effect not in SPOKEN:
        return ""
    whom = {name for argument in call.arguments if argument.role is TO for name in _whom(argument)}
    words = [(a.name, _plain(json.loads(a.json))) for a in call.arguments if a.role is not TO]
    said = [
        sorted(whom),
        sorted([name, canonical(value)] for name, value in words if value not in ("", None, [], {})),
    ]
    return sha256(canonical([call.tool.id, said]).encode()).hexdigest()


def said_before(db: Connection, call: Call, content: str, now: datetime) -> str:
    """The effect by which this agent said the same a short while ago, in whichever process; else nothing."""
    if not content:
        return ""
    locked(db, f"{call.agent}:{content}")
    return same_said(db, call.agent, content, now - WINDOW, call.key)


def _whom(argument: Argument) -> Sequence[str]:
    value = json.loads(argument.json)
    names = value if isinstance(value, list) else [value]
    return [f"{argument.kind}:{folded(str(name)).strip()}" for name in names if name not in ("", None)]


def _plain(value: object) -> object:
    """What is said in it, however it is written."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, str):
        return value
    seen = "".join(letter for letter in value if unicodedata.category(letter) != "Cf")
    return " ".join(folded(seen).split())
