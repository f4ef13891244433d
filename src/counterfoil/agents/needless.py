"""Says when an effect would only say the same again."""

import json
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection

from counterfoil.agents.written import canonical
from counterfoil.store.agents.database import locked
from counterfoil.store.agents.effects import same_said
from counterfoil.terms.effect import Call
from counterfoil.terms.tool import ArgumentRole, EffectClass

SPOKEN = frozenset({EffectClass.POST, EffectClass.SEND, EffectClass.PAY})
"""What people get, and would get twice."""
WINDOW = timedelta(hours=24)
DUPLICATE = "duplicate"


def content_of(call: Call) -> str:
    """A digest of what is said and to whom; empty where saying it again would be another thing.

    The order of destinations, spaces around words and their case make no other message.
    """
    if call.tool.effect not in SPOKEN:
        return ""
    said = sorted((a.name, _plain(a.json, a.role)) for a in call.arguments)
    return sha256(canonical([call.tool.id, said]).encode()).hexdigest()


def said_before(db: Connection, call: Call, content: str, now: datetime) -> str:
    """The effect by which this agent said the same a short while ago, in whichever process; else nothing."""
    if not content:
        return ""
    locked(db, f"{call.agent}:{content}")
    return same_said(db, call.agent, content, now - WINDOW, call.key)


def _plain(written: str, role: ArgumentRole) -> object:
    value = json.loads(written)
    if role is ArgumentRole.DESTINATION and isinstance(value, list):
        return sorted(str(one).casefold() for one in value)
    return " ".join(value.casefold().split()) if isinstance(value, str) else value
